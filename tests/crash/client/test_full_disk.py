"""On a full disk points are dropped, values a little later, nothing that was taken is lost, and nobody dies of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crash.seeds import seeds

SCRIPT = Path(__file__).parent / "full_disk.py"
OWN_MOUNTS = ("unshare", "--user", "--map-root-user", "--mount")


def can_mount(folder: Path) -> bool:
    """Whether a process may have mounts of its own here, as most systems let it."""
    if shutil.which("unshare") is None:
        return False
    command = [*OWN_MOUNTS, "mount", "-t", "tmpfs", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(5))
def test_what_was_taken_before_the_disk_was_full_is_there(tmp_path: Path, seed: int) -> None:
    if not can_mount(tmp_path):
        pytest.skip("this system lets nobody mount a small disk of his own")
    folder = tmp_path / "disk"
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(SCRIPT.parents[2])}
    command = [*OWN_MOUNTS, sys.executable, str(SCRIPT), str(folder), str(seed)]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["signal"] == signal.SIGKILL, "it wrote on until it was killed, and died of nothing else"
    for name in ("loss", "at"):
        told, found = said["told"][name], said["found"][name]
        assert found[: len(told)] == told
        assert len(found) <= len(told) + 1
    assert said["told"]["loss"][-1] < said["told"]["at"][-1], "points stop before values"
