"""A commit that has returned survives `kill -9`, whole and once, wherever the flusher was at that moment."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.testing.point_builders import EVERYWHERE, RUN, series, text

COMMITTING = Path(__file__).with_name("committing.py")
KILLS_PER_SEED = 4


def _committing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("committing", COMMITTING)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _commit_until_killed(path: Path, lines: int) -> int:
    """Return the last number that was said; the process is killed as soon as it has said `lines` of them."""
    process = subprocess.Popen([sys.executable, str(COMMITTING), str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process, process.stdout as said:
        heard = [said.readline() for _ in range(lines)]
        process.kill()
        # What it said between our last look and its end was committed too; a line may have been cut off.
        heard += said.readlines()
    return max(int(line) for line in heard if line.endswith("\n"))


def _check(path: Path, said: int, committing: ModuleType) -> int:
    store = EmbeddedPointStore(path, flush_points=committing.FLUSH_POINTS)
    store.start()
    try:
        newest = store.writer_seq(RUN, "w")
        assert newest >= said
        assert newest - said <= 1
        per_batch = committing.POINTS_PER_BATCH
        expected = {float(step): step * 0.5 for step in range(per_batch, per_batch * (newest + 1))}
        assert series(store, committing.COUNTED) == expected
        assert series(store, committing.REPLACED) == {0.0: newest}
        assert text(store, committing.LINES) == [f"line {seq}" for seq in range(1, newest + 1)]
        since = newest - newest % committing.DROP_EVERY or 1
        assert series(store, committing.DROPPED) == {float(seq): seq for seq in range(since, newest + 1)}
        summary = store.summaries([RUN], [committing.COUNTED])[RUN, committing.COUNTED]
        values = np.array(list(expected.values()))
        assert (summary.count, summary.last, summary.max) == (len(values), values[-1], values.max())
        assert summary.variance == pytest.approx(values.var(), rel=1e-9)
        buckets = store.downsample(RUN, committing.COUNTED, **EVERYWHERE, max_buckets=10)
        assert buckets.count.sum() == len(values)
        return newest
    finally:
        store.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_what_was_committed_is_there_once_after_a_kill(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / "points.db"
    committing = _committing()
    newest = 0
    for _ in range(KILLS_PER_SEED):
        said = _commit_until_killed(path, chance.randrange(1, 120))
        assert said > newest
        newest = _check(path, said, committing)
