"""`import marigram` stays light: it runs in every training process, next to libraries that are heavy enough."""

from __future__ import annotations

import json
import subprocess
import sys

TRIES = 7
TIMES_MSGSPEC = 8.0
"""Two to four times, as machines differ; with NumPy or pandas it would be ten times and more."""

NEVER = (
    "marigram.server",
    "marigram.cli",
    "marigram.testing",
    "numpy",
    "pandas",
    "PIL",
    "pcodec",
    "litestar",
    "uvicorn",
    "typer",
    "rich",
    "lightgbm",
    # What the first run, the syncer or a command loads when it needs it.
    "marigram.client.backlog",
    "marigram.client.project",
    "marigram.client.tracking",
    "marigram.client.transport",
    "asyncio",
    "ctypes",
    "dataclasses",
    "email",
    "http",
    "logging",
    "multiprocessing",
    "platformdirs",
    "psutil",
    "pynvml",
    "sqlite3",
    "ssl",
    "subprocess",
    "urllib3",
    "zstandard",
)

MEASURE = """
import json, sys, time
began = time.process_time()
import msgspec
between = time.process_time()
import marigram
ended = time.process_time()
print(json.dumps({"below": between - began, "own": ended - between, "modules": sorted(sys.modules)}))
"""


def test_importing_marigram_loads_nothing_of_the_server_and_nothing_heavy() -> None:
    loaded = _import_in_a_fresh_process()["modules"]
    assert "marigram" in loaded
    assert [name for name in loaded if name in NEVER or name.startswith(tuple(f"{never}." for never in NEVER))] == []


def test_importing_marigram_takes_little_more_than_what_it_stands_on() -> None:
    # The quickest of several: other work makes an import slower, nothing makes it quicker.
    tries = [_import_in_a_fresh_process() for _ in range(TRIES)]
    assert min(each["own"] for each in tries) < TIMES_MSGSPEC * min(each["below"] for each in tries)


def _import_in_a_fresh_process() -> dict:
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
