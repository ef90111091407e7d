"""Two hundred processes are killed in the middle of their work on a store; each time all that was promised is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crash.seeds import seeds

HERE = Path(__file__).parent
TESTS = HERE.parents[1]
KILLS = {
    "write": 60,
    "thin": 20,
    "purge": 30,
    "migrate": 30,
    "backup": 20,
    "first_backup": 15,
    "restore": 15,
    "sweep": 10,
}
"""Writing is committing, flushing, merging and making rollups; sweeping is uploading, naming and removing blobs."""


def test_there_are_two_hundred_kills() -> None:
    assert sum(KILLS.values()) == 200


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(1))
@pytest.mark.parametrize("scenario", list(KILLS))
def test_what_was_promised_is_there_whenever_the_process_was_killed(tmp_path: Path, scenario: str, seed: int) -> None:
    paths = os.pathsep.join([str(TESTS), str(TESTS / "crash" / "store")])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([paths, os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, str(HERE / "moments.py"), scenario, str(tmp_path), str(seed), str(KILLS[scenario])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    kills = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(kills) == KILLS[scenario]
    assert len({kill["moment"] for kill in kills}) > len(kills) // 4
