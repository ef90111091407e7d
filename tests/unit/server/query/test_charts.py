"""Groups of runs, series over series, and stretches of time, against what NumPy says of the same points."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doors import Doors
from marigram.model import Append, FloatPoints, Path
from marigram.server.query import BadQuestion, Beside, StepRange, TimeRange
from marigram.server.query.alignment import aligned
from marigram.server.query.comparison import crossed, group_of
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.batch import PointBatch, WritePoints
from marigram.server.store.points.memory import MemoryPointStore
from operations import CREATED_AT, create, floats

MINUTE_MS = 60_000
BANDS = FilePath(__file__).parents[4] / "web" / "src" / "base" / "run-band.cases.json"
"""Runs and what they are as a group, for the browser too."""


def run_id(number: int) -> str:
    return f"{number:032x}"


RUN_ID = run_id(0)


@pytest.fixture
def doors() -> Doors:
    found = Doors(MemoryMetaStore(), MemoryPointStore())
    found.ingest.start()
    return found


def buckets_of(steps: Sequence[float], values: Sequence[float], max_buckets: int = 1000) -> BucketColumns:
    store = MemoryPointStore()
    points = FloatPoints(steps=list(steps), times=[CREATED_AT] * len(steps), values=list(values))
    writes = (WritePoints(attribute=1, points=points),)
    store.commit([PointBatch(run_id=run_id(0), writer="w", last_seq=1, writes=writes)])
    return store.downsample(run_id(0), 1, first_step=-math.inf, last_step=math.inf, max_buckets=max_buckets)


def test_runs_at_the_same_steps_make_the_mean_and_deviation_of_their_values() -> None:
    values = np.random.default_rng(1).normal(size=(5, 50))
    group = group_of([buckets_of(range(50), row.tolist()) for row in values], 1000)
    assert group.step.tolist() == list(range(50))
    assert group.runs.tolist() == [5] * 50
    np.testing.assert_allclose(group.mean, values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(group.deviation, values.std(axis=0, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(group.error, values.std(axis=0, ddof=1) / math.sqrt(5), rtol=1e-12)
    np.testing.assert_array_equal(group.min, values.min(axis=0))
    np.testing.assert_array_equal(group.max, values.max(axis=0))


def test_a_run_counts_between_its_steps_with_a_straight_line_and_not_beyond_its_ends() -> None:
    often = buckets_of(range(31), [float(step) for step in range(31)])
    seldom = buckets_of([3, 10, 17, 24], [13.0, 20.0, 27.0, 34.0])
    group = group_of([often, seldom], 1000)
    assert group.runs.tolist() == [1] * 3 + [2] * 22 + [1] * 6
    np.testing.assert_allclose(group.mean, [step + 5.0 * (3 <= step <= 24) for step in range(31)])
    np.testing.assert_allclose(group.deviation[3:25], math.sqrt(50))
    assert group.deviation[:3].tolist() == [0, 0, 0]


def test_each_run_counts_once_however_often_it_logs() -> None:
    group = group_of([buckets_of(range(100_000), [1.0] * 100_000, 300), buckets_of([0, 99_999], [3.0, 3.0])], 300)
    assert len(group.step) <= 300
    np.testing.assert_allclose(group.mean, 2.0)
    assert set(group.runs.tolist()) == {2}


def test_values_that_are_not_finite_do_not_count_and_hide_nothing() -> None:
    group = group_of([buckets_of(range(4), [1.0, math.nan, math.inf, 4.0]), buckets_of([0, 3], [1.0, 4.0])], 10)
    np.testing.assert_allclose(group.mean, [1, 4])
    assert group_of([buckets_of([0, 1], [math.nan, -math.inf])], 10).step.size == 0
    assert group_of([], 10).step.size == 0


def test_huge_values_have_a_mean() -> None:
    group = group_of([buckets_of([0, 1], [1.7e308, 1.7e308], 2), buckets_of([0, 1], [1.7e308, 1.7e308], 2)], 2)
    np.testing.assert_allclose(group.mean, 1.7e308)


@pytest.mark.parametrize("case", json.loads(BANDS.read_text()), ids=lambda case: case["name"])
def test_runs_are_put_together_as_the_browser_does_it_for_expressions(case: dict[str, Any]) -> None:
    def columns(of: dict[str, Any]) -> dict[str, Any]:
        return {name: np.array(numbers, np.float64) for name, numbers in of.items()}  # None becomes NaN

    def buckets(run: dict[str, Any]) -> BucketColumns:
        # What the file leaves out plays no part.
        rest = {name: np.zeros(len(run["mean"])) for name in BucketColumns.__struct_fields__}
        return BucketColumns(**rest | columns(run))

    group = group_of([buckets(run) for run in case["runs"]], case["max_cells"])
    for name, expected in columns(case["group"]).items():
        np.testing.assert_allclose(getattr(group, name), expected, rtol=1e-12, atol=1e-12)


steps_of = st.lists(
    st.floats(allow_nan=False, allow_infinity=False, width=64).map(lambda step: step + 0.0),
    min_size=1,
    max_size=60,
    unique=True,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(steps_of, min_size=1, max_size=5), st.integers(2, 40), st.integers(2, 40), st.integers(0, 2**32 - 1))
def test_no_grid_hides_an_extreme_or_loses_a_point(
    runs: list[list[float]], max_buckets: int, max_cells: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    values = [chance.uniform(-1, 1, len(steps)).tolist() for steps in runs]
    series = [buckets_of(steps, row, max_buckets) for steps, row in zip(runs, values, strict=True)]
    cells = aligned(series, max_cells)
    assert len(np.unique(np.concatenate([each.number for each in cells]))) <= max_cells
    for each, row in zip(cells, values, strict=True):
        assert int(each.count.sum()) == len(row)
        assert (each.min.min(), each.max.max()) == (min(row), max(row))
        assert bool(np.all(np.diff(each.number) > 0))
        assert bool(np.all((each.min <= each.mean + 1e-12) & (each.mean <= each.max + 1e-12)))
        assert float((each.mean * each.count).sum()) == pytest.approx(math.fsum(row), abs=1e-9)
    group = group_of(series, max_cells)
    assert (group.min.min(), group.max.max()) == (min(map(min, values)), max(map(max, values)))


def test_a_series_over_another_takes_its_axis_between_the_steps_of_that() -> None:
    epoch, loss = buckets_of([0, 10, 20], [0.0, 1.0, 2.0]), buckets_of([0, 5, 10, 25], [9.0, 8.0, 7.0, 6.0])
    found = crossed(epoch, loss, 100)
    assert found.x.tolist() == [0.0, 0.5, 1.0]
    assert found.mean.tolist() == [9.0, 8.0, 7.0]
    assert found.step.tolist() == [0, 5, 10]


def minutes(path: str, count: int) -> Append:
    """One point a minute, from the first minute on."""
    times = [CREATED_AT + MINUTE_MS * (at + 1) for at in range(count)]
    return Append(
        path=Path(path), points=FloatPoints(steps=[float(at) for at in range(count)], times=times, values=times)
    )


def test_the_door_answers_a_stretch_of_time_as_finely_as_one_of_steps(doors: Doors) -> None:
    doors.write(create(), minutes("loss", 5000), run=RUN_ID)
    wanted = TimeRange(first=100 * MINUTE_MS, last=150 * MINUTE_MS, since_creation=True)
    [found] = doors.query.charts.buckets([RUN_ID], ["loss"], max_buckets=60, times=wanted)
    assert found.buckets.step_first.tolist() == [float(step) for step in range(99, 150)]
    since_1970 = TimeRange(first=CREATED_AT + 100 * MINUTE_MS, last=CREATED_AT + 150 * MINUTE_MS)
    [same] = doors.query.charts.buckets([RUN_ID], ["loss"], max_buckets=60, times=since_1970)
    assert same.buckets.step_first.tolist() == found.buckets.step_first.tolist()
    [none] = doors.query.charts.buckets([RUN_ID], ["loss"], max_buckets=60, times=TimeRange(last=0))
    assert none.buckets.count.size == 0


def test_runs_are_asked_for_a_stretch_of_time_together_as_if_each_were_alone(doors: Doors) -> None:
    runs = [run_id(at) for at in range(4)]
    for at, run in enumerate(runs):
        doors.write(create(at=CREATED_AT + 700 * MINUTE_MS * at), minutes("loss", 900 * at), run=run)
    for since_creation, there in ((False, [False, True, True, True]), (True, [False, False, False, True])):
        base = 0 if since_creation else CREATED_AT
        wanted = TimeRange(first=base + 500 * MINUTE_MS, last=base + 1000 * MINUTE_MS, since_creation=since_creation)
        together = doors.query.charts.buckets(runs, ["loss"], max_buckets=30, times=wanted)
        for answer in together:
            [alone] = doors.query.charts.buckets([answer.run_id], ["loss"], max_buckets=30, times=wanted)
            assert answer.buckets.step_first.tolist() == alone.buckets.step_first.tolist()
            assert answer.buckets.count.tolist() == alone.buckets.count.tolist()
        assert [answer.run_id for answer in together] == runs
        assert [answer.buckets.count.size > 0 for answer in together] == there


def test_the_door_groups_the_runs_that_have_the_series_and_crosses_two_of_a_run(doors: Doors) -> None:
    for at in range(3):
        extra = [minutes("epoch", 10)] if at else []
        doors.write(create(), minutes("loss", 10), *extra, run=run_id(at))
    runs = [run_id(at) for at in range(4)]
    loss, epoch = doors.query.charts.groups(runs, ["loss", "epoch", "nothing"], max_buckets=100)
    assert (loss.path, loss.run_ids) == ("loss", tuple(runs[:3]))
    assert (epoch.path, epoch.run_ids) == ("epoch", tuple(runs[1:3]))
    assert loss.columns.runs.tolist() == [3] * 10
    found = doors.query.charts.crossings(runs, ["loss"], over="epoch", max_buckets=100)
    assert [each.run_id for each in found] == runs[1:3]
    assert found[0].columns.x.tolist() == found[0].columns.mean.tolist()
    with pytest.raises(BadQuestion, match="NaN is no step"):
        StepRange(first=math.nan)


def test_a_group_has_as_many_runs_as_one_selects(doors: Doors) -> None:
    runs = [f"{number:032x}" for number in range(1, 302)]
    for number, run in enumerate(runs):
        doors.write(create(), floats("loss", [0, 1], [number, -number]), run=run)
    [group] = doors.query.charts.groups(runs, ["loss"], max_buckets=100)
    assert len(group.run_ids) == 301
    assert group.columns.runs.tolist() == [301, 301]
    assert group.columns.mean.tolist() == pytest.approx([150, -150])
    with pytest.raises(BadQuestion, match="at most 1024"):
        doors.query.charts.groups(runs[:1] * 1025, ["loss"], max_buckets=100)


def test_a_stretch_comes_with_the_points_beside_it(doors: Doors) -> None:
    steps = np.arange(0.0, 1000.0, 10.0)
    points = FloatPoints(
        steps=steps.tolist(), times=[CREATED_AT + int(step) for step in steps], values=(2 * steps).tolist()
    )
    doors.write(create(), Append(path=Path("loss"), points=points), run=RUN_ID)

    def steps_of(stretch: StepRange | None, times: TimeRange | None = None, **beside: int) -> list[tuple[float, float]]:
        [answer] = doors.query.charts.buckets(
            [RUN_ID], ["loss"], max_buckets=1000, steps=stretch or StepRange(), times=times, beside=Beside(**beside)
        )
        found = answer.buckets
        assert (found.mean == found.step_first + found.step_last).all()
        return list(zip(found.step_first.tolist(), found.step_last.tolist(), strict=True))

    within = StepRange(first=495, last=515)
    assert steps_of(within) == [(500, 500), (510, 510)]
    assert steps_of(within, before=1, after=1) == [(490, 490), (500, 500), (510, 510), (520, 520)]
    assert steps_of(within, before=3) == [(470, 470), (480, 480), (490, 490), (500, 500), (510, 510)]
    # Of a stretch without a point, those around it; of one at an end, what there is.
    assert steps_of(StepRange(first=501, last=509), before=1, after=1) == [(500, 500), (510, 510)]
    assert steps_of(StepRange(last=5), before=4, after=1) == [(0, 0), (10, 10)]
    moments = TimeRange(first=CREATED_AT + 495, last=CREATED_AT + 515)
    assert steps_of(None, moments, before=1, after=1) == steps_of(within, before=1, after=1)
    assert steps_of(None, TimeRange(first=CREATED_AT + 10**9), before=1, after=1) == []
