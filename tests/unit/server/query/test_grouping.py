"""Groups of runs, through the door out: keys of every kind, numbers over them, order and pages."""

from __future__ import annotations

import math

import pytest

from doors import Doors
from marigram.model import Operation, Path, RunStatus, SetStatus, Value
from marigram.server.query import (
    Aggregate,
    BadQuestion,
    GroupKey,
    GroupQuestion,
    GroupSort,
    Measure,
    RunGroupsAnswer,
    Within,
)
from marigram.server.query.finding import STALLED_AFTER_MS
from operations import CREATED_AT, PROJECT, create, edit, floats, put


def written(doors: Doors, *each: list[Operation]) -> None:
    for number, operations in enumerate(each):
        doors.write(create(at=CREATED_AT + number), *operations, run=f"{number:032x}")


def asked(doors: Doors, *by: str, cursor: str | None = None, limit: int = 50, **how: object) -> RunGroupsAnswer:
    question = GroupQuestion(by=[GroupKey(path=Path(each)) for each in by], **how)  # type: ignore[arg-type]
    return doors.query.groups(PROJECT, question, cursor=cursor, limit=limit)


def counts(answer: RunGroupsAnswer) -> list[tuple[tuple[Value | None, ...], int]]:
    return [(group.keys, group.run_count) for group in answer.groups]


def test_runs_are_counted_by_what_they_have_the_largest_group_first(doors: Doors) -> None:
    written(doors, [put("opt", "sgd")], [put("opt", "adam")], [], [put("opt", "adam")])
    answer = asked(doors, "opt")
    assert counts(answer) == [(("adam",), 2), (("sgd",), 1), ((None,), 1)]
    assert (answer.total, answer.run_count, answer.cursor) == (3, 4, None)


def test_values_of_every_kind_are_keys_in_order_of_truths_numbers_and_texts(doors: Doors) -> None:
    values: list[Value] = ["b", "A", 2**60, 0.5, 1, 1.0, True, False, math.nan, frozenset({"x"}), frozenset({"x"})]
    written(doors, *([put("x", value)] for value in values))
    answer = asked(doors, "x", sort=GroupSort.KEY, descending=False)
    keys = [group.keys[0] for group in answer.groups]
    assert keys[:4] == [False, True, 0.5, 1]
    assert isinstance(keys[4], float)
    assert math.isnan(keys[4])
    assert keys[5:] == [2**60, "A", "b", frozenset({"x"})]
    assert [group.run_count for group in answer.groups] == [1, 1, 1, 2, 1, 1, 1, 1, 2]


def test_each_group_has_mean_and_extremes_of_a_measure_over_the_runs_that_have_it(doors: Doors) -> None:
    written(
        doors,
        [put("opt", "a"), floats("loss", [1, 2], [0.25, 4.0])],
        [put("opt", "a"), floats("loss", [1], [2.0])],
        [put("opt", "a")],
        [put("opt", "b"), put("loss", 1)],
        [put("opt", "c")],
    )
    measures = [Measure(path=Path("loss")), Measure(path=Path("loss"), aggregate=Aggregate.MIN)]
    answer = asked(doors, "opt", measures=measures, sort=GroupSort.MEAN, descending=False)
    assert [group.keys[0] for group in answer.groups] == ["b", "a", "c"]
    last, lowest = answer.groups[1].numbers
    assert (last.count, last.mean, last.min, last.max) == (2, 3.0, 2.0, 4.0)
    assert (lowest.count, lowest.mean, lowest.min, lowest.max) == (2, 1.125, 0.25, 2.0)
    nothing = answer.groups[2].numbers[0]
    assert (nothing.count, nothing.mean, nothing.min, nothing.max) == (0, None, None, None)


def test_several_paths_make_one_group_for_each_combination_of_the_runs_that_are_wanted(doors: Doors) -> None:
    written(
        doors,
        [put("opt", "a"), put("lr", 1)],
        [put("opt", "a"), put("lr", 2)],
        [put("opt", "b"), put("lr", 1)],
        [put("opt", "a"), put("lr", 1)],
        [put("opt", "a"), put("lr", 1), put("left_out", True)],
    )
    answer = asked(doors, "opt", "lr", query="left_out NOT EXISTS")
    assert counts(answer) == [(("a", 1), 2), (("a", 2), 1), (("b", 1), 1)]


def test_states_are_those_that_are_shown(doors: Doors) -> None:
    written(doors, [], [SetStatus(status=RunStatus.FINISHED, at=CREATED_AT)], [])
    doors.clock.now += STALLED_AFTER_MS + 1
    doors.ingest.hear(f"{2:032x}")
    answer = asked(doors, "sys/state", sort=GroupSort.KEY, descending=False)
    assert counts(answer) == [(("finished",), 1), (("running",), 1), (("stalled",), 1)]


def test_sets_and_the_trash_can_be_grouped_by(doors: Doors) -> None:
    written(doors, [edit("sys/tags", add=["x"])], [edit("sys/tags", add=["x", "y"])], [])
    doors.ingest.trash(f"{0:032x}")
    assert counts(asked(doors, "sys/tags")) == [((frozenset({"x", "y"}),), 1), ((None,), 1)]
    assert counts(asked(doors, "sys/trashed", query="`sys/trashed` EXISTS")) == [((False,), 2), ((True,), 1)]


def test_groups_come_in_pages(doors: Doors) -> None:
    written(doors, *([put("n", number)] for number in range(5)))
    first = asked(doors, "n", limit=2)
    second = asked(doors, "n", limit=2, cursor=first.cursor)
    third = asked(doors, "n", limit=2, cursor=second.cursor)
    assert [counts(page)[0][0] for page in (first, second, third)] == [(0,), (2,), (4,)]
    assert (first.total, third.cursor) == (5, None)


def test_what_cannot_be_grouped_is_a_bad_question(doors: Doors) -> None:
    written(doors, [])
    with pytest.raises(BadQuestion, match="1 to 5 paths"):
        asked(doors)
    with pytest.raises(BadQuestion, match="Name a measure"):
        asked(doors, "x", sort=GroupSort.MAX)
    with pytest.raises(BadQuestion, match="not a cursor"):
        asked(doors, "x", cursor="here")
    assert counts(asked(doors, "nowhere")) == [((None,), 1)]


def test_the_groups_and_the_runs_inside_a_group_are_asked_for_by_its_key(doors: Doors) -> None:
    written(doors, [put("opt", "a"), put("lr", 1)], [put("opt", "a"), put("lr", 2)], [put("opt", "b"), put("lr", 1)])
    inside = [Within(key=GroupKey(path=Path("opt")), wants=lambda value: value == "a")]
    assert counts(asked(doors, "lr", within=inside, sort=GroupSort.KEY, descending=False)) == [((1,), 1), ((2,), 1)]
    deeper = [*inside, Within(key=GroupKey(path=Path("lr")), wants=lambda value: value == 2)]
    assert asked(doors, "sys/state", within=deeper).run_count == 1
    found = doors.query.runs(PROJECT, text="", sort=[], paths=[], cursor=None, limit=10, within=deeper)
    assert [run.id for run in found.runs] == [f"{1:032x}"]
