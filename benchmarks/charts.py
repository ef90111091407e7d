"""How fast long series become charts: buckets, zooms and disk use of the point store, beside NumPy on plain arrays.

Two stores are filled with losses that were born as float32, with times in milliseconds: one run of many points, and
many runs of fewer. Then the query door is asked as a chart asks it, in the same process. NumPy's share is the minimum
and the maximum of the same stretches of the same arrays, which stand ready in memory; its arrays cannot be asked for
anything else. Medians; other programs on the machine make all of it slower.

again: the same question as before, whose answer the store remembers. anew: questions that were not asked before, each
of another number of buckets. cut: each without other points at both ends. first: the first question after the store was
opened. half: the middle half of the steps, each time a ten-thousandth of all steps further. zoom: 2,000 points as they
are, of one run. live: one run, with 300,000 points that are not yet in blocks.

    python benchmarks/charts.py [--points 10000000] [--runs 100] [--points-per-run 100000] [--buckets 1000] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from marigram.model import Append, Batch, CreateRun, FloatPoints, ProjectName, parse_path
from marigram.server.query.charts import Charts, StepRange
from marigram.server.query.series import WholeSeries
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.batch import PointBatch, WritePoints
from marigram.server.store.points.embedded import EmbeddedPointStore

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATH = "train/loss"
ROUNDS = 15
POINTS_PER_BATCH = 50_000
ZOOM_POINTS = 2_000
TAIL_POINTS = 300_000
FIRST_TIME = 1_750_000_000_000
MS_PER_STEP = 40


def losses(count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return steps, times in milliseconds and losses of a training: float32 with noise, a clock that jitters."""
    random = np.random.default_rng(seed)
    steps = np.arange(count, dtype=np.float64)
    values = 0.4 + 2.0 * np.exp(-steps / (count / 5)) + random.normal(0.0, 0.05, count)
    times = FIRST_TIME + np.cumsum(MS_PER_STEP + random.integers(-3, 4, count))
    return steps, times, values.astype(np.float32).astype(np.float64)


class Filled:
    """A server's stores in a folder, filled with one loss per run; `arrays` keeps the losses in RAM for NumPy."""

    def __init__(self, folder: Path, runs: int, points: int) -> None:
        self.run_ids = [f"{number:032x}" for number in range(1, runs + 1)]
        self.points_per_run = points
        self.path = folder / "points.db"
        self.meta: MetaStore = SqliteMetaStore(folder / "meta.db")
        self.store = EmbeddedPointStore(self.path)
        self.store.start()
        self.attribute = 0
        self.arrays: list[NDArray[np.float64]] = []
        began = time.perf_counter()
        for number, run_id in enumerate(self.run_ids):
            self._fill(run_id, *losses(points, number))
        self.store.flush()
        self.filled_s = time.perf_counter() - began

    def _fill(
        self, run_id: str, steps: NDArray[np.float64], times: NDArray[np.int64], values: NDArray[np.float64]
    ) -> None:
        first = FloatPoints(steps=[0.0], times=[FIRST_TIME], values=[0.0])
        operations = (
            CreateRun(project=ProjectName("bench/charts"), created_at=FIRST_TIME),
            Append(path=parse_path(PATH), points=first),
        )
        self.meta.commit(
            [Batch(run_id=run_id, writer="w", first_seq=1, last_seq=2, operations=operations)], heard_at=FIRST_TIME
        )
        self.attribute = self.meta.cells([run_id], [PATH])[run_id, PATH].id
        self.arrays.append(values)
        for seq, start in enumerate(range(0, len(steps), POINTS_PER_BATCH), start=1):
            some = slice(start, start + POINTS_PER_BATCH)
            self.write(len(self.arrays) - 1, seq, steps[some], times[some], values[some])

    def write(
        self,
        run: int,
        seq: int,
        steps: NDArray[np.float64],
        times: NDArray[np.int64],
        values: NDArray[np.float64],
    ) -> None:
        """Commit points of one of the runs."""
        points = FloatPoints(
            steps=steps,  # pyright: ignore[reportArgumentType] arrays are allowed by its docstring
            times=times,  # pyright: ignore[reportArgumentType]
            values=values,  # pyright: ignore[reportArgumentType]
        )
        writes = (WritePoints(attribute=self.attribute, points=points),)
        self.store.commit([PointBatch(run_id=self.run_ids[run], writer="w", last_seq=seq, writes=writes)])

    def reopen(self) -> None:
        """Open the store anew, so that the next question finds nothing prepared."""
        self.store.close()
        self.store = EmbeddedPointStore(self.path)
        self.store.start()

    def charts(self) -> Charts:
        """Return the part of the query door that charts ask."""
        return Charts(meta=self.meta, points=WholeSeries(meta=self.meta, points=self.store))

    def bytes_per_point(self) -> tuple[float, float]:
        """Return what the file takes per point, and how much of that is rollups."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            used = connection.execute("PRAGMA page_count").fetchone()[0]
            free = connection.execute("PRAGMA freelist_count").fetchone()[0]
            size = connection.execute("PRAGMA page_size").fetchone()[0]
            rollups = connection.execute("SELECT total(length(body)) FROM rollup_cells").fetchone()[0]
        points = self.points_per_run * len(self.run_ids)
        return (used - free) * size / points, rollups / points


def milliseconds(ask: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of a call."""
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    return median(taken)


def by_numpy(arrays: Sequence[NDArray[np.float64]], width: int) -> None:
    """Find the minimum and the maximum of stretches of `width` values."""
    for values in arrays:
        starts = np.arange(0, len(values), width)
        np.minimum.reduceat(values, starts)
        np.maximum.reduceat(values, starts)


def checked(found: BucketColumns, values: NDArray[np.float64]) -> int:
    """Return the width of the buckets of a whole series, after a look at whether they are right."""
    starts = found.step_first.astype(np.int64)
    right = (
        int(found.count.sum()) == len(values)
        and np.array_equal(found.min, np.minimum.reduceat(values, starts))
        and np.array_equal(found.max, np.maximum.reduceat(values, starts))
        and np.array_equal(found.last, values[np.append(starts[1:], len(values)) - 1])
    )
    if not right:
        message = "The buckets are not those of the points. Run the tests of the point store."
        raise RuntimeError(message)
    return int(found.count[0])


def anew(ask: Callable[[int], object], largest: int, rounds: int) -> float:
    """Return the median time of a question that is another one each time, so that no answer to it is remembered.

    It is asked with each whole number below the largest.
    """
    fewer = iter(range(largest - 1, largest - 1 - rounds, -1))
    return milliseconds(lambda: ask(next(fewer)), rounds)


def live(filled: Filled, max_buckets: int, rounds: int) -> float:
    """Return the median time of a chart of the first run when its newest points are still in memory."""
    steps, times, values = losses(TAIL_POINTS, 0)
    last_seq = filled.store.writer_seq(filled.run_ids[0], "w")
    for at in range(rounds):
        some = slice(at * TAIL_POINTS // rounds, (at + 1) * TAIL_POINTS // rounds)
        filled.write(0, last_seq + 1 + at, steps[some] + filled.points_per_run, times[some], values[some])
    charts = filled.charts()
    return milliseconds(lambda: charts.buckets(filled.run_ids[:1], [PATH], max_buckets=max_buckets), rounds)


def measured(filled: Filled, max_buckets: int, rounds: int) -> dict[str, float]:
    """Ask for charts of all runs at once; return milliseconds and sizes by name."""
    filled.reopen()
    charts = filled.charts()
    began = time.perf_counter()
    answers = charts.buckets(filled.run_ids, [PATH], max_buckets=max_buckets)
    first = 1000 * (time.perf_counter() - began)
    width = checked(answers[-1].buckets, filled.arrays[-1])
    middle = filled.points_per_run // 2
    zoomed = StepRange(first=middle + 0.5, last=middle + ZOOM_POINTS + 0.5)
    shift = filled.points_per_run // 10_000

    def ask_half(number: int) -> object:
        first = middle / 2 + 0.5 + shift * number
        steps = StepRange(first=first, last=first + middle)
        return charts.buckets(filled.run_ids, [PATH], max_buckets=max_buckets, steps=steps)

    def ask_cut(number: int) -> object:
        steps = StepRange(first=number + 0.5, last=filled.points_per_run - number - 1.5)
        return charts.buckets(filled.run_ids, [PATH], max_buckets=max_buckets, steps=steps)

    again = milliseconds(lambda: charts.buckets(filled.run_ids, [PATH], max_buckets=max_buckets), rounds)
    new = anew(lambda most: charts.buckets(filled.run_ids, [PATH], max_buckets=most), max_buckets, rounds)
    cut_first = milliseconds(lambda: ask_cut(rounds), 1)
    cut = anew(ask_cut, rounds, rounds)
    half_first = milliseconds(lambda: ask_half(rounds), 1)
    half = anew(ask_half, rounds, rounds)
    numpy = milliseconds(lambda: by_numpy(filled.arrays, width), rounds)
    per_point, in_rollups = filled.bytes_per_point()
    run_id = filled.run_ids[len(filled.run_ids) // 2]
    return {
        "buckets": len(answers[0].buckets.count),
        "again ms": again,
        "anew ms": new,
        "numpy ms": numpy,
        "again : numpy": again / numpy,
        "anew : numpy": new / numpy,
        "first ms": first,
        "cut, anew ms": cut,
        "cut : numpy": cut / numpy,
        "cut, first ms": cut_first,
        "half, anew ms": half,
        "half, first ms": half_first,
        "zoom ms": milliseconds(
            lambda: filled.store.floats(run_id, filled.attribute, first_step=zoomed.first, last_step=zoomed.last),
            rounds,
        ),
        "bytes per point": per_point,
        "of these rollups": in_rollups,
        "filled s": filled.filled_s,
        "live ms": live(filled, max_buckets, rounds),
    }


def main() -> None:
    """Fill, ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10_000_000, help="of the one long run")
    parser.add_argument("--runs", type=int, default=100, help="that are drawn together")
    parser.add_argument("--points-per-run", type=int, default=100_000, help="of each of these")
    parser.add_argument("--buckets", type=int, default=1_000, help="most buckets per series")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="whose median is printed")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    for runs, points in ((1, options.points), (options.runs, options.points_per_run)):
        with tempfile.TemporaryDirectory() as folder:
            filled = Filled(Path(folder), runs, points)
            results[f"{runs:,} x {points:,}"] = measured(filled, options.buckets, options.rounds)
            filled.store.close()
    if options.json:
        print(json.dumps(results))
        return
    load = os.getloadavg()[0]
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load:.1f}, medians in milliseconds")
    names = list(results)
    print(f"{'':<18}" + "".join(f"{name:>20}" for name in names))
    for key in results[names[0]]:
        print(f"{key:<18}" + "".join(f"{results[name][key]:>20.2f}" for name in names))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"Ratios below 1 are faster than NumPy. Peak memory {peak:.0f} MiB, NumPy's arrays included.")


if __name__ == "__main__":
    main()
