"""`import marigram` stays light: it runs in every training process, next to libraries that are heavy enough."""

from __future__ import annotations

import json
import subprocess
import sys

LIMIT_MS = 150
TRIES = 7
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
)

MEASURE = """
import json, sys, time
began = time.perf_counter()
import marigram
took = time.perf_counter() - began
print(json.dumps({"ms": took * 1000, "modules": sorted(sys.modules)}))
"""


def test_importing_marigram_loads_nothing_of_the_server_and_nothing_heavy() -> None:
    loaded = _import_in_a_fresh_process()["modules"]
    assert "marigram" in loaded
    assert [name for name in loaded if name in NEVER or name.startswith(tuple(f"{never}." for never in NEVER))] == []


def test_importing_marigram_takes_less_than_150_milliseconds() -> None:
    # The quickest of several: a busy machine makes an import slower, nothing makes it quicker.
    assert min(_import_in_a_fresh_process()["ms"] for _ in range(TRIES)) < LIMIT_MS


def _import_in_a_fresh_process() -> dict:
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
