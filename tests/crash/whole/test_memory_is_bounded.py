"""Client, syncer and server do not grow with what is logged: a short form of benchmarks/soak.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parents[3] / "benchmarks" / "soak.py"
SECONDS = 20
RATE = 20_000
GROWTH_MIB = {"client": 30, "syncer": 100, "server": 150}
"""What may come on top of the first reading. The syncer is read first when it has just been started, and the server
keeps the newest points in memory until it writes them out."""


@pytest.mark.slow
def test_the_memory_of_all_three_processes_is_bounded() -> None:
    command = [sys.executable, str(SOAK), "--seconds", str(SECONDS), "--rate", str(RATE), "--json"]
    environment = {name: value for name, value in os.environ.items() if name != "MARIGRAM_RERAISE"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["points"] >= SECONDS * RATE * 0.9
    assert said["memory"].keys() == GROWTH_MIB.keys()
    for name, numbers in said["memory"].items():
        assert numbers["peak_mib"] - numbers["start_mib"] < GROWTH_MIB[name], name
