"""However a program ends, it ends: nothing of ours hangs or complains, and what was logged arrives, however late."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from unit.client.fake_server import FakeServer
from waiting import wait_until

BEGINNING = """
import atexit, os, signal, sys, threading
import marigram

run = marigram.init_run(project="team/end", source_files=[], git_ref=False, dependencies=None,
                        capture_hardware_metrics=False)
print("run", run.id, file=sys.__stdout__, flush=True)

def log(number):
    run["loss"].append(number * 0.5, step=number)
    os.write(1, f"kept {number}\\n".encode())

for number in range(10):
    log(number)
"""


class End(NamedTuple):
    """A way to end.

    Attributes:
        code: the exit code of the program without us.
        status: the run's.
        corrected: Python told us of a good end, and the exit code showed later that it was none.
        kept: how many points it must have at least, beside those that the program says have been kept.
        complains: what Python prints about it without us.
    """

    script: str
    code: int
    status: str
    kept: int = 10
    complains: str = ""
    corrected: bool = False


ENDS = {
    "an exit handler that runs before ours": End("atexit.register(log, 10)\n", 0, "finished", 11),
    "an exit handler of weakref": End(
        "import weakref\nclass Trainer: pass\ntrainer = Trainer()\nweakref.finalize(trainer, log, 10)\n",
        0,
        "finished",
    ),
    "__del__ when modules are torn down": End(
        "class Trainer:\n"
        "    def __del__(self, log=log):\n"
        "        log(10)\n"
        "sys.modules['trainer'] = Trainer()\n"
        "builtins = __import__('builtins')\n"
        "builtins.kept_alive = Trainer()\n",
        0,
        "finished",
    ),
    "a daemon thread that logs on": End(
        "def on():\n"
        "    number = 9\n"
        "    while True:\n"
        "        number += 1\n"
        "        log(number)\n"
        "threading.Thread(target=on, daemon=True).start()\n"
        "import time\n"
        "while not run._recorder.sink.last_seq > 200: time.sleep(0.01)\n",
        0,
        "finished",
        100,
    ),
    "a thread that is not a daemon and logs on after the last line": End(
        "def on():\n"
        "    threading.main_thread().join()\n"
        "    for number in range(10, 100):\n"
        "        log(number)\n"
        "threading.Thread(target=on).start()\n",
        0,
        "finished",
        100,
    ),
    "sys.exit in a thread, which ends the thread alone": End(
        "thread = threading.Thread(target=sys.exit, args=(3,))\nthread.start()\nthread.join()\nlog(10)\n",
        0,
        "finished",
        11,
    ),
    "sys.excepthook replaced after us": End(
        "sys.excepthook = lambda kind, error, trace: print('mine', kind.__name__, file=sys.stderr)\nraise ValueError\n",
        1,
        "failed",
        complains="mine ValueError",
        corrected=True,
    ),
    "an exception": End("raise ValueError('no')\n", 1, "failed", complains="ValueError: no"),
    "an exception in an exit handler": End(
        "@atexit.register\ndef late():\n    log(10)\n    raise ValueError('late')\n",
        0,
        "finished",
        11,
        complains="ValueError: late",
    ),
    "KeyboardInterrupt": End("os.kill(os.getpid(), signal.SIGINT)\n", -2, "stopped", complains="KeyboardInterrupt"),
    "an interrupt that is caught": End(
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\nexcept KeyboardInterrupt:\n    log(10)\n", 0, "finished", 11
    ),
    "sys.exit with a sentence": End("sys.exit('no data')\n", 1, "failed", complains="no data", corrected=True),
    "os._exit": End("os._exit(7)\n", 7, "crashed"),
    "abort": End("os.abort()\n", -6, "crashed"),
    "SIGTERM": End("os.kill(os.getpid(), signal.SIGTERM)\n", -15, "stopped"),
    "no standard streams any more": End("sys.stdout.close()\nsys.stderr.close()\n", 0, "finished"),
    "execv, after which the process is another program": End(
        "os.execv(sys.executable, [sys.executable, '-c', 'pass'])\n", 0, "crashed"
    ),
}

CODES_OF_INTERRUPT = {-2, 130}


AT_ONCE = 4
"""Each program waits more than it works."""


class Ended(NamedTuple):
    """Where the programs have logged to, and what each has left."""

    fake: FakeServer
    queue: Path
    done: dict[str, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    folder = tmp_path_factory.mktemp("ends")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MARIGRAM_")}

    def run(number: int, end: End) -> subprocess.CompletedProcess[str]:
        script = folder / f"ends{number}.py"
        script.write_text(BEGINNING + end.script)
        command = [sys.executable, str(script)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=180)

    with FakeServer() as fake, ThreadPoolExecutor(AT_ONCE) as pool:
        environment |= {
            "MARIGRAM_URL": fake.url,
            "MARIGRAM_HOME": str(folder / "home"),
            "MARIGRAM_SYNC_PATIENCE_S": "60",
        }
        done = dict(zip(ENDS, pool.map(run, range(len(ENDS)), ENDS.values()), strict=True))
        yield Ended(fake, folder / "home" / "queue", done)


@pytest.mark.parametrize("name", ENDS)
def test_a_program_ends_as_it_would_without_us_and_loses_nothing(ended: Ended, name: str) -> None:
    end, done, fake = ENDS[name], ended.done[name], ended.fake
    if end.code == -2:
        assert done.returncode in CODES_OF_INTERRUPT
    else:
        assert done.returncode == end.code, done.stderr
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("marigram:")]
    assert end.complains in done.stderr
    assert not any("src/marigram" in line or "marigram/client" in line for line in complaints), done.stderr
    if not end.complains:
        assert complaints == []
    run_id = done.stdout.split()[1]
    said = [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("kept ")]
    wait_until(lambda: fake.has_status(end.status, run_id), f"the run {end.status}", within_s=60)
    wait_until(lambda: not (ended.queue / run_id).exists(), "an empty queue", within_s=60)
    statuses = [status.status.value for status in fake.statuses(run_id)]
    assert statuses == ["running", *(["finished"] if end.corrected else []), end.status]
    points = fake.series("loss", run_id)
    assert len(points) >= end.kept
    assert points == [(float(number), number * 0.5) for number in range(len(points))]
    assert len(points) <= max(said) + 2, "at most the call that was cut off is there too"
