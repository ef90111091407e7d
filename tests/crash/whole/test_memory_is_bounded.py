"""Client, syncer and server do not grow with what is logged: the short form of benchmarks/soak.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parents[3] / "benchmarks" / "soak.py"
MINUTES = 2
RATE = 20_000


@pytest.mark.soak
@pytest.mark.slow
def test_the_memory_of_all_three_processes_is_bounded() -> None:
    command = [sys.executable, str(SOAK), "--minutes", str(MINUTES), "--rate", str(RATE), "--json"]
    environment = {name: value for name, value in os.environ.items() if name != "MARIGRAM_RERAISE"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    assert said["memory"].keys() == {"client", "syncer", "server"}
    assert said["wrong"] == []
    assert done.returncode == 0, done.stderr
    # It logs what is due by the clock, so also a slow machine comes near; one that did not has proved little.
    assert said["points"] >= MINUTES * 60 * RATE * 0.5
