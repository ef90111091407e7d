"""What a deletion costs: the time until a run is gone, until the disk is free, and what commits wait for meanwhile.

    python benchmarks/deletion.py --points 100000000

Two runs are written to an empty store; one is deleted while small batches of the other are committed. The store is
opened again before, with a full log, which shows how long a start takes at this size. Commits are timed without a
purge, too.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from marigram.model import FloatPoints
from marigram.server.store.points.batch import PointBatch, WritePoints
from marigram.server.store.points.embedded import EmbeddedPointStore

DELETED, KEPT = "a" * 32, "b" * 32
BATCH_POINTS = 500_000
SERIES = 10
SMALL = 100
LOG_BATCHES = 15_000
"""A million and a half of points; at two millions they are moved to blocks."""

REST_S = 0.002
"""Between two commits, as a busy server has it; without, the commits alone would fill the disk's queue."""


def points(start: int, count: int, seed: int) -> FloatPoints:
    """Return losses as float32 has them, at one step after the other, a second apart."""
    steps = np.arange(start, start + count, dtype=np.float64)
    noise = np.random.default_rng(seed).normal(scale=0.01, size=count)
    values = (1 / (1 + steps / 1000) + noise).astype(np.float32).astype(np.float64)
    times = 1_700_000_000_000 + (steps * 1000).astype(np.int64)
    # Columns are sequences of numbers to whoever reads them; the store takes arrays as they are.
    columns: Any = (steps, times, values)
    return FloatPoints(steps=columns[0], times=columns[1], values=columns[2])


def size_of(path: Path) -> int:
    """Return what the file and SQLite's own log take."""
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))


def fill(store: EmbeddedPointStore, run_id: str, total: int) -> None:
    """Write a run with ten series, and move it to blocks."""
    seq = 0
    for start in range(0, total // SERIES, BATCH_POINTS):
        count = min(BATCH_POINTS, total // SERIES - start)
        for attribute in range(1, SERIES + 1):
            seq += 1
            write = WritePoints(attribute=attribute, points=points(start, count, seq))
            store.commit([PointBatch(run_id=run_id, writer="w", last_seq=seq, writes=(write,))])
    store.flush()


def in_log(store: EmbeddedPointStore) -> None:
    """Write what has to be read back from the log at the next start: nearly as much as ever gathers there."""
    for seq in range(1, LOG_BATCHES + 1):
        write = WritePoints(attribute=98, points=points(seq * SMALL, SMALL, seq))
        store.commit([PointBatch(run_id=KEPT, writer="log", last_seq=seq, writes=(write,))])


def commits(store: EmbeddedPointStore, seq: int, *, until: float | None) -> tuple[int, list[float]]:
    """Commit small batches until a time, or until nothing is left of what was deleted; return what each took."""
    took: list[float] = []
    while time.perf_counter() < until if until is not None else not store.wait_for_room(timeout_s=0):
        seq += 1
        write = WritePoints(attribute=99, points=points(seq * SMALL, SMALL, seq))
        began = time.perf_counter()
        store.commit([PointBatch(run_id=KEPT, writer="other", last_seq=seq, writes=(write,))])
        took.append(time.perf_counter() - began)
        time.sleep(REST_S)
    return seq, took


def opened(path: Path) -> tuple[EmbeddedPointStore, float]:
    """Open the store and return how long that took, in seconds."""
    began = time.perf_counter()
    store = EmbeddedPointStore(path)
    store.start()
    return store, time.perf_counter() - began


def milliseconds(took: list[float], percent: float) -> float:
    """Return a percentile in milliseconds."""
    return round(float(np.percentile(took, percent)) * 1000, 2)


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description="Measure what a deletion costs.")
    parser.add_argument("--points", type=int, default=10_000_000, help="points of the run that is deleted")
    parser.add_argument("--folder", type=Path, help="where the file is made [default: a temporary folder]")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = Path(folder) / "points.db"
        store, _ = opened(path)
        fill(store, KEPT, arguments.points // 10)
        small = size_of(path)
        began = time.perf_counter()
        fill(store, DELETED, arguments.points)
        filled_s = time.perf_counter() - began
        in_log(store)
        store.close()
        full = size_of(path)
        store, reopened_s = opened(path)
        seq, quiet = commits(store, 0, until=time.perf_counter() + 5.0)
        began = time.perf_counter()
        store.delete_run(DELETED)
        gone_s = time.perf_counter() - began
        _, busy = commits(store, seq, until=None)
        freed_s = time.perf_counter() - began
        kept = store.summaries([KEPT], [1])[KEPT, 1].count
        store.close()
        print(
            json.dumps(
                {
                    "points": arguments.points,
                    "filled_s": round(filled_s, 1),
                    "reopened_s": round(reopened_s, 3),
                    "bytes_before_the_run": small,
                    "bytes_with_the_run": full,
                    "bytes_after_its_deletion": size_of(path),
                    "gone_after_s": round(gone_s, 4),
                    "disk_free_after_s": round(freed_s, 2),
                    "commits_meanwhile": len(busy),
                    "commit_p50_ms": {"before": milliseconds(quiet, 50), "meanwhile": milliseconds(busy, 50)},
                    "commit_p99_ms": {"before": milliseconds(quiet, 99), "meanwhile": milliseconds(busy, 99)},
                    "commit_max_ms": {"before": milliseconds(quiet, 100), "meanwhile": milliseconds(busy, 100)},
                    "kept_points_of_another_run": kept * SERIES,
                },
                indent=2,
            )
        )


if __name__ == "__main__":
    main()
