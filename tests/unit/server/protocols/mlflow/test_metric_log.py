"""All values of a step are kept, what comes again is dropped, and the order of arrival does not matter."""

from __future__ import annotations

import asyncio
import math
import random

import pytest

from doors import Doors
from marigram.server.protocols.mlflow.errors import MlflowError
from marigram.server.protocols.mlflow.messages.runs import KeyValue, Metric
from marigram.server.protocols.mlflow.run_writing import RunWriter
from marigram.server.protocols.mlflow.steps import PLACES
from operations import RUN, create, put

Point = tuple[int, int, float]
"""Step, time, value."""


class Logged:
    """A run that is written to as MLflow's clients do."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        doors.write(create())
        self.start_anew()

    def start_anew(self) -> None:
        """Forget what was remembered, as a server that was started again has."""
        self.writer = RunWriter(ingest=self.doors.ingest, query=self.doors.query, clock_ms=self.doors.clock)

    def log(self, *points: Point, key: str = "loss") -> None:
        metrics = [Metric(key=key, value=value, timestamp=time, step=step) for step, time, value in points]
        asyncio.run(self.writer.log(RUN, metrics=metrics))

    def rows(self, key: str = "loss") -> list[Point]:
        points = self.doors.query.floats(RUN, f"metrics/{key}", first_step=-math.inf, last_step=math.inf)
        rows = zip(points.steps, points.times, points.values, strict=True)
        return [(math.floor(place), int(time), float(value)) for place, time, value in rows]

    def stored(self) -> int:
        """How many points have been written, those too that a later one replaced."""
        tally = self.doors.points.tally(RUN, "mlflow")
        return 0 if tally is None else tally.points_stored


@pytest.fixture
def logged(doors: Doors) -> Logged:
    return Logged(doors)


def test_values_of_one_step_are_all_kept_in_order_of_time(logged: Logged) -> None:
    for time, value in enumerate([0.5, 0.5, 0.1]):
        logged.log((0, time, value))
    logged.log((1, 9, 7.0))
    assert logged.rows() == [(0, 0, 0.5), (0, 1, 0.5), (0, 2, 0.1), (1, 9, 7.0)]
    places = logged.doors.query.floats(RUN, "metrics/loss", first_step=-1.0, last_step=5.0).steps
    assert [float(place) for place in places] == [0.0, 1 / PLACES, 2 / PLACES, 1.0]


def test_a_point_that_comes_again_is_dropped_whenever_it_comes(logged: Logged) -> None:
    points = [(step, 100 + step, step / 2) for step in range(5)]
    logged.log(*points)
    before = logged.stored()
    for point in points:
        logged.log(point)
    logged.log(*points)
    logged.start_anew()
    logged.log(*reversed(points))
    assert logged.rows() == points
    assert logged.stored() == before


def test_points_that_differ_in_one_thing_are_both_kept(logged: Logged) -> None:
    points = [(1, 1, 1.0), (1, 1, 2.0), (1, 2, 1.0), (2, 1, 1.0)]
    logged.log(*points)
    assert logged.rows() == points


def test_numbers_that_json_has_not_come_again_too(logged: Logged) -> None:
    points = [(0, 1, -math.inf), (0, 1, math.inf), (0, 1, math.nan)]
    for _ in range(2):
        logged.log(*points)
        logged.start_anew()
    assert [repr(row) for row in logged.rows()] == [repr(point) for point in points]


def test_a_step_from_before_is_put_where_it_belongs_and_the_newest_stays_the_newest(logged: Logged) -> None:
    logged.log((5, 50, 5.0), (9, 90, 9.0))
    logged.log((7, 70, 7.0))
    logged.log((5, 40, 4.0))
    logged.log((9, 91, 9.5))
    logged.log((9, 89, 8.5), (10, 100, 10.0))
    expected = [(5, 40, 4.0), (5, 50, 5.0), (7, 70, 7.0), (9, 89, 8.5), (9, 90, 9.0), (9, 91, 9.5), (10, 100, 10.0)]
    assert logged.rows() == expected


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrival_in_any_batches_leads_to_the_same_points(doors: Doors, seed: int) -> None:
    chance = random.Random(seed)
    values = [0.0, 1.0, math.nan, math.inf]
    points: list[Point] = [(chance.randrange(-2, 3), chance.randrange(3), chance.choice(values)) for _ in range(40)]
    logged = Logged(doors)
    arriving = [*points, *chance.sample(points, 15)]
    chance.shuffle(arriving)
    while arriving:
        count = chance.randrange(1, 8)
        part, arriving = arriving[:count], arriving[count:]
        logged.log(*part)
        if chance.random() < 0.3:
            logged.start_anew()
    # As texts, because NaN is not itself.
    expected = {repr(point): (point[0], point[1], math.isnan(point[2]), point[2]) for point in points}
    assert [repr(row) for row in logged.rows()] == sorted(expected, key=lambda text: expected[text])


def test_a_thousand_metrics_of_one_call_are_one_operation(logged: Logged) -> None:
    metrics = [Metric(key=f"m{number}", value=1.0, timestamp=1) for number in range(1000)]
    asyncio.run(logged.writer.log(RUN, metrics=metrics, params=[KeyValue(key="p", value="1")]))
    assert logged.doors.ingest.durable_seq(RUN, "mlflow") == 2
    assert len(logged.doors.query.series_paths(RUN)) == 1000


def test_where_the_run_has_something_else_no_metric_goes_and_nothing_of_the_call(logged: Logged) -> None:
    logged.doors.write(put("metrics/taken", 5))
    with pytest.raises(MlflowError, match="no metric can be logged there"):
        asyncio.run(
            logged.writer.log(
                RUN,
                metrics=[Metric(key=key, value=1.0, timestamp=1) for key in ("fine", "taken")],
                tags=[KeyValue(key="t", value="v")],
            )
        )
    assert logged.doors.values() == {"metrics/taken": 5}


def test_far_steps_have_one_value_and_the_newest_of_it_stays(logged: Logged) -> None:
    logged.log((2**40, 1, 1.0))
    logged.log((2**40, 2, 2.0))
    assert logged.rows() == [(2**40, 2, 2.0)]
