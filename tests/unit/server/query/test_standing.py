"""Order, filters and groups by points and extremes of series, beside a plain look at all points of every run."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from random import Random

import pytest

from doors import Doors
from marigram.model import Ancestor, CreateRun, Fork, Operation, Path, Value
from marigram.server.query import (
    Aggregate,
    AtBest,
    Best,
    GroupKey,
    GroupQuestion,
    GroupSort,
    Measure,
    Pick,
    RunSort,
    Within,
)
from marigram.server.store.points.answers import FloatColumn
from marigram.server.store.points.port import NO_ANCESTORS
from operations import CREATED_AT, PROJECT, create, delete, floats, put, rewind

LOSS, ACCURACY = Path("loss"), Path("accuracy")
AT_LEAST = AtBest(best=Best.MIN, of=LOSS)
RUNS = 24


def name(run: int) -> str:
    return f"{run:032x}"


def points(doors: Doors, run: int, path: Path) -> dict[float, float]:
    found = doors.values(name(run)).get(path)
    return {step: float(value) for step, _, value in found} if isinstance(found, list) else {}


def reference(doors: Doors, run: int, measure: Measure) -> float | None:
    """Return what stands for a series of a run, by its definition."""
    own = points(doors, run, measure.path)
    if not own:
        return None
    if measure.aggregate is Aggregate.FIRST:
        return own[min(own)]
    if not isinstance(measure.aggregate, AtBest):
        finite = {step: value for step, value in own.items() if math.isfinite(value)}
        least = min(finite.values(), default=None)
        if least is None or measure.aggregate is Aggregate.MIN:
            return least
        assert measure.aggregate is Aggregate.MIN_STEP
        return min(step for step, value in finite.items() if value == least)
    of = {step: value for step, value in points(doors, run, measure.aggregate.of).items() if math.isfinite(value)}
    if not of:
        return None
    best = (min if measure.aggregate.best is Best.MIN else max)(of.values())
    step = min(step for step, value in of.items() if value == best)
    before = [each for each in own if each <= step]
    return own[max(before)] if before else None


def found(doors: Doors, *, sort: RunSort, query: str = "", limit: int = 7) -> list[int]:
    """Return the runs of all pages."""
    ids: list[int] = []
    cursor = None
    while True:
        page = doors.query.runs(PROJECT, text="", sort=sort, paths=[], cursor=cursor, limit=limit, query=query)
        ids += [int(run.id, 16) for run in page.runs]
        cursor = page.cursor
        if cursor is None:
            assert len(ids) == page.total
            return ids


def agree(doors: Doors, runs: list[int], measure: Measure, written: str, pick: Pick) -> None:
    """Check order, filters, cells and groups against the reference."""
    expected = {run: reference(doors, run, measure) for run in runs}
    [cells] = doors.query.picker.values([name(run) for run in runs], [pick])
    assert repr(cells) == repr(list(expected.values()))
    numbers = {run: value for run, value in expected.items() if value is not None and not math.isnan(value)}
    for descending in (False, True):
        # The newest run is first where values are equal, and where there are none.
        order = sorted(numbers, key=lambda run: (-numbers[run] if descending else numbers[run], -run))
        order += sorted(set(expected) - set(numbers), reverse=True)
        sort = RunSort(path=measure.path, descending=descending, aggregate=measure.aggregate)
        assert found(doors, sort=sort) == order
    by_number = partial(found, doors, sort=RunSort(path=Path("sys/id"), descending=False))
    assert by_number(query=f"{written} < 0.5") == sorted(run for run, value in numbers.items() if value < 0.5)
    assert by_number(query=f"NOT {written} >= 0.5") == sorted(
        run for run in expected if run not in numbers or numbers[run] < 0.5
    )
    assert by_number(query=f"{written} = nan") == sorted(
        run for run, value in expected.items() if value is not None and math.isnan(value)
    )
    by = GroupQuestion(by=[GroupKey(path=Path("sys/state"))], measures=[measure], sort=GroupSort.KEY)
    [group] = doors.query.groups(PROJECT, by, cursor=None, limit=10).groups
    assert (group.run_count, group.numbers[0].count) == (len(expected), len(numbers))
    assert group.numbers[0].max == (max(numbers.values()) if numbers else None)


def agree_on_groups(doors: Doors, runs: list[int], measure: Measure, written: str) -> None:
    """Check groups by what stands for a series, what is inside them, and the queries that find it."""
    expected = {run: reference(doors, run, measure) for run in runs}
    outer = {run: next(iter(points(doors, run, LOSS)), None) is not None for run in runs}
    key = GroupKey(path=measure.path, aggregate=measure.aggregate)
    by_first_loss = GroupKey(path=LOSS, aggregate=Aggregate.FIRST)
    count_loss = Measure(path=LOSS, aggregate=Aggregate.FIRST)
    by = GroupQuestion(by=[key], measures=[count_loss], sort=GroupSort.KEY, descending=False)
    groups = doors.query.groups(PROJECT, by, cursor=None, limit=100).groups
    keys = [group.keys[0] for group in groups]
    # Numbers rise, then comes what is none, then nothing.
    numbers = sorted({value for value in expected.values() if value is not None and not math.isnan(value)})
    assert [each for each in keys if isinstance(each, (int, float)) and not math.isnan(each)] == numbers
    assert Counter(map(repr_of, expected.values())) == {repr_of(group.keys[0]): group.run_count for group in groups}
    by_number = RunSort(path=Path("sys/id"), descending=False)
    for group in groups:
        value = group.keys[0]
        mine = [run for run in runs if repr_of(expected[run]) == repr_of(value)]
        assert group.numbers[0].count == sum(
            outer[run] and not math.isnan(reference(doors, run, count_loss) or 0.0) for run in mine
        )
        within = [Within(key=key, wants=partial(is_same, value))]
        page = doors.query.runs(PROJECT, text="", sort=by_number, paths=[], cursor=None, limit=100, within=within)
        assert [int(run.id, 16) for run in page.runs] == mine
        query = f"{written} NOT EXISTS" if value is None else f"{written} = {value!r}"
        assert found(doors, sort=by_number, query=query) == mine
        inside = GroupQuestion(by=[by_first_loss], within=within, sort=GroupSort.KEY, descending=False)
        deeper = doors.query.groups(PROJECT, inside, cursor=None, limit=100)
        assert Counter(repr_of(reference(doors, run, count_loss)) for run in mine) == {
            repr_of(each.keys[0]): each.run_count for each in deeper.groups
        }


def repr_of(value: Value | None) -> str:
    return "nothing" if value is None else repr(float(value) + 0.0) if isinstance(value, (int, float)) else "no number"


def is_same(value: Value | None, other: Value | None) -> bool:
    return repr_of(value) == repr_of(other)


def change(random: Random) -> Operation:
    path = random.choice([LOSS, LOSS, ACCURACY, ACCURACY, ACCURACY])
    steps = [random.randrange(12) / 2 for _ in range(random.choice([1, 1, 2, 6]))]
    values = [random.choice([0.25, 0.5, 0.75, 1.0, random.random(), math.nan, math.inf, -2.0]) for _ in steps]
    return random.choice(
        [*[floats(path, steps, values)] * 8, rewind(random.randrange(5), path), delete(path), put(path, 0.125)]
    )


@pytest.mark.parametrize("seed", range(4))
def test_order_and_filters_by_points_are_those_of_a_look_at_all_points(doors: Doors, seed: int) -> None:
    random = Random(seed)
    for run in range(RUNS):
        doors.write(create(at=CREATED_AT + run), *[change(random) for _ in range(random.randrange(5))], run=name(run))
    heirs = [RUNS, RUNS + 1]
    for heir in heirs:
        fork = Fork(run_id=name(random.randrange(RUNS)), step=random.randrange(6))
        doors.write(CreateRun(project=PROJECT, created_at=CREATED_AT + heir, fork=fork), run=name(heir))
    asked = [
        (Measure(path=ACCURACY, aggregate=Aggregate.FIRST), "first(accuracy)", Pick(path=ACCURACY)),
        (Measure(path=ACCURACY, aggregate=AT_LEAST), "accuracy@min(loss)", Pick(path=ACCURACY, at=AT_LEAST)),
        *(
            (Measure(path=LOSS, aggregate=at), f"`loss`@max(`{of}`)", Pick(path=LOSS, at=at))
            for of in (ACCURACY, LOSS)
            for at in [AtBest(best=Best.MAX, of=of)]
        ),
    ]
    runs = list(range(RUNS + len(heirs)))
    for by in range(4):
        for measure, written, pick in asked:
            agree(doors, runs, measure, written, pick)
        agree_on_groups(doors, runs, *asked[by][:2])
        aggregate = Aggregate.MIN if by % 2 else Aggregate.MIN_STEP
        agree_on_groups(doors, runs, Measure(path=ACCURACY, aggregate=aggregate), f"{aggregate.value}(accuracy)")
        for run in random.sample(runs, 5):
            doors.write(create(at=CREATED_AT + run), change(random), run=name(run))


def test_a_page_goes_on_behind_its_last_run_while_points_change(doors: Doors) -> None:
    for run in range(6):
        own = [floats("loss", [1, 2], [1.0, 0.5]), floats("accuracy", [1, 2], [0.1, run / 10])]
        doors.write(create(at=CREATED_AT + run), *own, run=name(run))
    sort = RunSort(path=ACCURACY, descending=True, aggregate=AT_LEAST)

    def page(cursor: str | None) -> tuple[list[int], int, str | None]:
        answer = doors.query.runs(PROJECT, text="", sort=sort, paths=[], cursor=cursor, limit=2)
        return [int(run.id, 16) for run in answer.runs], answer.total, answer.cursor

    first, total, cursor = page(None)
    assert (first, total) == ([5, 4], 6)
    # The best step of this run becomes another one, where it is the most accurate of all.
    doors.write(floats("accuracy", [3], [0.99]), floats("loss", [3], [0.125]), run=name(0))
    # And this run has no loss any more.
    doors.write(delete("loss"), run=name(2))
    second, total, cursor = page(cursor)
    assert (second, total) == ([3, 1], 6)
    assert page(cursor)[0] == [2]
    assert page(None)[0] == [0, 5]


def test_what_is_written_while_points_are_looked_up_is_not_missed_and_keeps_nobody_waiting(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run in range(3):
        own = [floats("loss", [1, 2, 3], [1.0, 0.5, 2.0]), floats("accuracy", [1, 2, 3, 4], [0.9, 0.2, 0.1, 0.3])]
        doors.write(create(at=CREATED_AT + run), *own, run=name(run))
    read = doors.points.values_at
    looked: list[int] = []
    answers: list[list[int]] = []

    def late(
        run_ids: Sequence[str],
        attribute: int,
        steps: Sequence[float],
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> FloatColumn:
        answer = read(run_ids, attribute, steps, ancestors=ancestors)
        looked.append(len(run_ids))
        if len(looked) == 1:
            doors.write(floats("loss", [3.5], [0.25]), run=name(1))
            doors.write(create(), floats("loss", [1], [0.0]), floats("accuracy", [1], [0.8]), run=name(9))
            by_loss = RunSort(path=LOSS, descending=False)
            other = threading.Thread(target=lambda: answers.append(found(doors, sort=by_loss)))
            other.start()
            other.join(30)
        return answer

    monkeypatch.setattr(doors.points, "values_at", late)
    sort = RunSort(path=ACCURACY, descending=True, aggregate=AT_LEAST)
    assert found(doors, sort=sort) == [9, 2, 0, 1]
    assert answers == [[9, 1, 2, 0]]
    doors.write(floats("accuracy", [2], [0.7]), run=name(0))
    assert found(doors, sort=sort) == [9, 0, 2, 1]
    # The run that was written to is looked at alone, and the newest one not at all: its summary tells its only point.
    assert looked == [3, 1, 1]


def test_a_value_does_not_stand_for_a_point(doors: Doors) -> None:
    doors.write(create(), put("loss", 0.1), run=name(0))
    doors.write(create(), floats("loss", [1, 2], [0.5, 0.25]), run=name(1))
    doors.write(create(), floats("loss", [1], [0.75]), run=name(2))
    for descending in (False, True):
        sort = RunSort(path=LOSS, descending=descending, aggregate=Aggregate.FIRST)
        assert found(doors, sort=sort) == ([2, 1, 0] if descending else [1, 2, 0])
    nobody = RunSort(path=Path("none"), descending=True, aggregate=Aggregate.FIRST)
    assert found(doors, sort=nobody, query="loss EXISTS") == [2, 1, 0]
    assert found(doors, sort=nobody, query="first(loss) > 0") == [2, 1]
