"""When the last run has been synced, no thread and no process of ours is left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from running_server import RunningServer
from waiting import wait_until

SCRIPT = """
import contextlib, sys, threading, time
import psutil, marigram

def ours():
    left = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended just now
            left.append(f"{child.pid} {child.status()}")
    return left

before = ours()
for round in range(2):
    first = marigram.init_run(project="lab/left", name="first")
    second = marigram.init_run(project="lab/left", name="second")
    for step in range(100):
        first["loss"].append(step * 1.0)
        second["loss"].append(step * 2.0)
    first.stop()
    second.stop()
deadline = time.monotonic() + 30
while ours() != before and time.monotonic() < deadline:
    time.sleep(0.05)
print("LEFT", ours())
last = marigram.init_run(project="lab/left", name="last")
last["loss"].append(1.0)
"""


@pytest.mark.slow
def test_nothing_of_ours_is_left_when_the_last_run_has_been_synced(server: RunningServer, tmp_path: Path) -> None:
    script = tmp_path / "two_at_once.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "MARIGRAM_URL": server.url}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0, done.stderr
    assert "LEFT []" in done.stdout
    home = os.environ["MARIGRAM_HOME"]

    def of_this_home() -> list[list[str]]:
        processes = psutil.process_iter(["cmdline"])
        return [process.info["cmdline"] for process in processes if home in " ".join(process.info["cmdline"] or [])]

    wait_until(lambda: not of_this_home(), "the end of the last run's syncer")
    assert list((Path(home) / "queue").iterdir()) == []
