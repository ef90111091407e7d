"""Points that stand for series: the first one, and the one at the best step of another series."""

from __future__ import annotations

import math

import pytest

from doors import Doors
from marigram.model import Operation, Path
from marigram.server.query import AtBest, BadQuestion, Best, Pick
from operations import create, floats, put

LOSS, ACCURACY = Path("loss"), Path("accuracy")
AT_LEAST = Pick(path=ACCURACY, at=AtBest(best=Best.MIN, of=LOSS))
AT_MOST = Pick(path=ACCURACY, at=AtBest(best=Best.MAX, of=LOSS))
FIRST = Pick(path=LOSS)


def written(doors: Doors, *each: list[Operation]) -> list[str]:
    ids = [f"{number:032x}" for number in range(len(each))]
    for run_id, operations in zip(ids, each, strict=True):
        doors.write(create(), *operations, run=run_id)
    return ids


def test_the_value_at_the_best_step_of_another_series_is_that_step_or_the_one_before(doors: Doors) -> None:
    ids = written(
        doors,
        [floats("loss", [1, 2, 3, 4], [3.0, 1.0, 1.0, 5.0]), floats("accuracy", [1, 2, 3], [0.1, 0.2, 0.3])],
        [floats("loss", [10, 20, 30], [3.0, 2.0, 1.0]), floats("accuracy", [15, 25], [0.5, 0.75])],
        [floats("loss", [1], [2.0]), floats("accuracy", [5], [0.5])],
    )
    assert doors.query.picker.values(ids, [AT_LEAST, AT_MOST]) == [[0.2, 0.75, None], [0.3, None, None]]


def test_the_first_value_is_that_of_the_smallest_step_however_many_there_are(doors: Doors) -> None:
    steps = [float(step) for step in range(3000, 0, -1)]
    ids = written(
        doors, [floats("loss", steps, [step / 2 for step in steps])], [floats("loss", [-7, 0], [math.nan, 1])]
    )
    first, nan = doors.query.picker.values(ids, [FIRST])[0]
    assert first == 0.5
    assert nan is not None
    assert math.isnan(nan)


def test_runs_without_a_series_or_without_the_other_have_nothing(doors: Doors) -> None:
    ids = written(
        doors,
        [put("loss", 1.0), floats("accuracy", [1], [0.5])],
        [floats("accuracy", [1], [0.5])],
        [floats("loss", [1], [math.nan]), floats("accuracy", [1], [0.5])],
        [],
    )
    assert doors.query.picker.values(ids, [AT_LEAST]) == [[None] * 4]
    assert doors.query.picker.values(ids, [Pick(path=ACCURACY), FIRST])[0] == [0.5, 0.5, 0.5, None]
    assert doors.query.picker.values([], [FIRST]) == [[]]


def test_more_points_than_a_page_needs_are_refused(doors: Doors) -> None:
    with pytest.raises(BadQuestion, match="at most 20"):
        doors.query.picker.values([], [FIRST] * 21)
