"""Laws of rollups: whatever was written in whatever order, a chart shows what all points together would show."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marigram.model import Ancestor, FloatPoints
from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.batch import PointWrite
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.embedded.block import BlockStyle
from marigram.server.store.points.embedded.cells import (
    FINEST,
    NEVER,
    buckets,
    cells_of,
    fitting_exponent,
    joined_cells,
    loose_exponent,
    meetings,
)
from marigram.server.store.points.embedded.columns import Columns, between, overlaid, up_to
from marigram.server.store.points.embedded.rollup import RollupStyle, decode_cells, encode_cells
from marigram.server.store.points.embedded.tables import cells_in
from marigram.testing.point_builders import OTHER_RUN, RUN, batch, bits, cut, drop, write

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
STYLE = BlockStyle(points=300, slab_points=40, rollups=RollupStyle(points_per_cell=8, least_points=32, least_cells=4))
any_step = st.floats(allow_nan=False, allow_infinity=False).map(lambda step: step + 0.0)


def cell(step: float, exponent: int) -> int:
    numerator, denominator = step.as_integer_ratio()
    return (numerator << max(-exponent, 0)) // (denominator << max(exponent, 0))


@MODEST
@given(st.lists(any_step | st.integers(-20, 20).map(float), min_size=2, max_size=30).map(sorted))
def test_neighbours_share_a_cell_from_the_exponent_on_at_which_they_meet(steps: list[float]) -> None:
    for low, high, met in zip(steps, steps[1:], meetings(np.array(steps)).tolist(), strict=False):
        if low == high:
            assert met < FINEST
        elif (low < 0) != (high < 0):
            assert met == NEVER
        else:
            assert cell(low, met) == cell(high, met)
            assert cell(low, met - 1) != cell(high, met - 1)


@MODEST
@given(st.lists(any_step | st.integers(-20, 20).map(float), min_size=1, max_size=60, unique=True), st.integers(2, 20))
def test_the_fitting_exponent_is_the_smallest_that_fits_and_the_loose_one_fits_too(
    steps: list[float], most: int
) -> None:
    ordered = np.array(sorted(steps))
    exponent = fitting_exponent(ordered, most)
    assert len({cell(step, exponent) for step in steps}) <= most
    if len(steps) > most:
        assert len({cell(step, exponent - 1) for step in steps}) > most
        loose = loose_exponent(float(ordered[0]), float(ordered[-1]), most)
        assert len({cell(step, loose) for step in steps}) <= most


def drawn_steps(kind: str, count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return steps of one of the kinds that trainings and sensors have."""
    if kind == "counted":
        return np.arange(count, dtype=np.float64) * float(random.choice([1, 10, 0.125])) + float(
            random.integers(-500, 500)
        )
    if kind == "sparse":
        return np.cumsum(random.exponential(1.0, count) * 10.0 ** random.integers(-3, 4, count), dtype=np.float64)
    if kind == "clustered":
        return (
            np.repeat(random.normal(0, 1e6, count // 50 + 1), 50)[:count] + np.tile(np.arange(50) * 1e-3, count)[:count]
        )
    if kind == "seconds":
        return 1.75e9 + np.arange(count) * 0.1 + random.normal(0, 0.02, count)
    raw = random.integers(-(2**63), 2**63, count, dtype=np.int64).view(np.float64)
    raw[~np.isfinite(raw)] = 1.0
    return raw + 0.0


def drawn_values(count: int, random: np.random.Generator) -> NDArray[np.float64]:
    values = random.normal(size=count)
    if random.random() < 0.5:
        values = values.astype(np.float32).astype(np.float64)
    if random.random() < 0.5:
        values[random.random(count) < 0.1] = np.nan
        values[random.random(count) < 0.1] = np.inf
        values[random.random(count) < 0.1] = -np.inf
    return values


def written(columns: Columns) -> PointWrite:
    points: Any = FloatPoints(steps=columns.steps, times=columns.times, values=columns.values)  # pyright: ignore[reportArgumentType] arrays are allowed by its docstring
    return write(1, points)


class Run:
    """A run in the store, and beside it the plain points that it should have."""

    def __init__(self, run_id: str, store: EmbeddedPointStore, random: np.random.Generator) -> None:
        self.run_id = run_id
        self.store = store
        self.random = random
        self.seq = 0
        self.points = Columns(np.empty(0), np.empty(0, dtype=np.int64), np.empty(0))

    def commit(self, made: PointWrite) -> None:
        self.seq += 1
        self.store.commit([batch(self.seq, made, run_id=self.run_id)])

    def log(self, steps: NDArray[np.float64]) -> None:
        columns = Columns(
            steps + 0.0, self.random.integers(-(2**40), 2**40, len(steps)), drawn_values(len(steps), self.random)
        )
        self.commit(written(columns))
        self.points = overlaid([self.points, columns])

    def delete(self) -> None:
        """Delete the run; what it logs next is that of a new one with the same id."""
        self.store.delete_run(self.run_id)
        self.points = self.points.cut(0, 0)

    def act(self, kind: str) -> None:
        """Do one of the things that happen to a series."""
        doing = self.random.choice(["goes on", "goes on", "goes on", "late", "again", "cut", "drop", "flush", "flush"])
        count = int(self.random.integers(1, 900))
        if doing == "flush":
            self.store.flush()
        elif doing == "drop" and self.random.random() < 0.3:
            self.commit(drop(1))
            self.points = self.points.cut(0, 0)
        elif doing == "cut" and len(self.points):
            after = float(self.random.choice(self.points.steps))
            self.commit(cut(1, after))
            self.points = up_to(self.points, after)
        elif doing == "again" and len(self.points):
            self.log(self.random.choice(self.points.steps, min(count, 40)))
        else:
            steps = drawn_steps(kind, count, self.random)
            if doing == "goes on" and len(self.points) and kind in {"counted", "sparse"}:
                steps = steps - steps[0] + self.points.steps[-1] + 1.0
            self.log(steps)


def assert_same(found: BucketColumns, expected: BucketColumns) -> None:
    for name in ("step_first", "step_last", "time_first", "time_last", "count", "nan_count", "inf_count"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    assert (bits(found.first), bits(found.last)) == (bits(expected.first), bits(expected.last))
    np.testing.assert_array_equal(found.min, expected.min)
    np.testing.assert_array_equal(found.max, expected.max)
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-9, atol=1e-9)


@MODEST
@given(st.integers(0, 2**32), st.sampled_from(["counted", "sparse", "clustered", "seconds", "any"]), st.integers(1, 14))
def test_buckets_from_rollups_are_those_of_the_points(seed: int, kind: str, actions: int) -> None:
    random = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedPointStore(Path(folder) / "points.db", flush_points=1_500, style=STYLE)
        store.start()
        try:
            runs = [Run(RUN, store, random), Run(OTHER_RUN, store, random)]
            for _ in range(actions):
                runs[int(random.integers(2))].act(kind)
                check(runs, random)
            store.flush()
            check(runs, random)
            check(runs, random)
        finally:
            store.close()


def check(runs: list[Run], random: np.random.Generator) -> None:
    """Ask for both runs at once, the first with the second as its ancestor, in some range."""
    ends = np.concatenate([[-math.inf, math.inf, 0.0], *(run.points.steps for run in runs)])
    first, last = (-math.inf, math.inf) if random.random() < 0.5 else sorted(random.choice(ends, 2).tolist())
    fork = float(random.choice(ends))
    most = int(random.choice([2, 3, 10, 50, 400]))
    store = runs[0].store
    one, two = store.downsample_many([(RUN, 1), (OTHER_RUN, 1)], first_step=first, last_step=last, max_buckets=most)
    [forked] = store.downsample_many(
        [(RUN, 1)],
        first_step=first,
        last_step=last,
        max_buckets=most,
        ancestors={(RUN, 1): [Ancestor(run_id=OTHER_RUN, last_step=fork)]},
    )
    own, other = (run.points for run in runs)
    assert_same(one, buckets(between(own, first, last), most))
    assert_same(two, buckets(between(other, first, last), most))
    history = overlaid([up_to(other, fork), own])
    assert_same(forked, buckets(between(history, first, last), most))


def looked_over(runs: list[Run], random: np.random.Generator) -> None:
    """Ask for stretches of both runs as one who zooms and pans does, each more than once and in little else."""
    store = runs[0].store
    every = np.unique(np.concatenate([run.points.steps for run in runs]))
    if not len(every):
        return
    for _ in range(3):
        place = int(random.integers(len(every)))
        first, last = every[place], every[min(place + int(random.integers(1, 400)), len(every) - 1)]
        for shift in (0.0, 0.0, float(random.choice([-3.0, 0.5, 7.0]))):
            most = int(random.choice([4, 20, 90]))
            found = store.downsample_many(
                [(run.run_id, 1) for run in runs], first_step=first + shift, last_step=last + shift, max_buckets=most
            )
            for run, own in zip(runs, found, strict=True):
                assert_same(own, buckets(between(run.points, first + shift, last + shift), most))


@MODEST
@given(st.integers(0, 2**32), st.sampled_from(["counted", "counted", "sparse", "seconds"]), st.integers(1, 8))
def test_what_was_looked_at_before_hides_nothing_that_was_written_since(seed: int, kind: str, actions: int) -> None:
    random = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedPointStore(Path(folder) / "points.db", flush_points=1_500, style=STYLE)
        store.start()
        try:
            runs = [Run(RUN, store, random), Run(OTHER_RUN, store, random)]
            for _ in range(actions):
                run = runs[int(random.integers(2))]
                run.act(kind)
                looked_over(runs, random)
                if random.random() < 0.15:
                    run.delete()
                    looked_over(runs, random)
            store.flush()
            looked_over(runs, random)
        finally:
            store.close()


@MODEST
@given(st.integers(0, 2**32), st.integers(1, 40), st.sampled_from([-60, -3, 0, 4, 900]))
def test_cells_come_back_from_bytes_as_they_were(seed: int, count: int, exponent: int) -> None:
    random = np.random.default_rng(seed)
    rows: list[BucketColumns] = []
    for _ in range(3):
        steps = np.unique(drawn_steps(str(random.choice(["counted", "sparse", "any"])), count, random))
        far = int(random.choice([0, 2**33, 2**62]))
        times = random.integers(-(2**20) - far, 2**20 + far, len(steps))
        rows.append(cells_of(Columns(steps, times, drawn_values(len(steps), random)), exponent))
    starts = np.cumsum([0, *(len(row.count) for row in rows[:-1])])
    table, places = decode_cells(encode_cells(joined_cells(rows), starts))
    cells = cells_in(table)
    for row, (start, stop) in zip(rows, places, strict=True):
        for name in BucketColumns.__struct_fields__:
            assert bits(getattr(cells, name)[start:stop]) == bits(getattr(row, name)), name


@MODEST
@given(
    st.lists(st.integers(-30_000, 30_000), min_size=1, max_size=400, unique=True).map(sorted),
    st.sampled_from([2.0**-5, 0.1, 5e-324, 1e-310, 2.0**900]),
    st.integers(-3, 14),
)
def test_cells_of_many_points_begin_where_a_count_of_widths_says(steps: list[int], scale: float, wide: int) -> None:
    column = np.array(steps) * scale
    exponent = max(math.frexp(scale)[1] + wide, FINEST + 1)
    found = cells_of(Columns(column, np.arange(len(column)), column), exponent)
    numbers = [cell(step, exponent) for step in column.tolist()]
    expected = [place for place in range(len(steps)) if not place or numbers[place] != numbers[place - 1]]
    assert found.time_first.tolist() == expected
