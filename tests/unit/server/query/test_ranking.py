"""Which parameters explain a result: the measure itself, and what is asked of the door out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from doors import Doors
from marigram.model import Operation, Path, Value
from marigram.server.query import Aggregate, BadQuestion, Importance, ImportanceAnswer, ImportanceQuestion, Measure
from marigram.server.query.importance import importance_of, ranks
from operations import CREATED_AT, PROJECT, create, floats, put


def explained(parameter: Sequence[Value | None], target: Sequence[float]) -> Importance:
    values = sorted({each for each in parameter if each is not None}, key=lambda each: (str(type(each)), each))
    places = np.array([len(values) if each is None else values.index(each) for each in parameter])
    found = importance_of("p", places, values, np.array(target, dtype=float))
    assert found is not None
    return found


def test_a_parameter_that_orders_the_target_explains_all_of_it() -> None:
    found = explained(["a"] * 20 + ["b"] * 20, [*range(20), *range(100, 120)])
    assert found.importance == pytest.approx(0.75, abs=0.02)
    assert found.correlation is None
    assert [(group.low, group.run_count, group.median) for group in found.groups] == [("a", 20, 9.5), ("b", 20, 109.5)]
    steps = explained([step // 10 for step in range(60)], [float(step // 10) for step in range(60)])
    assert steps.importance == pytest.approx(1.0)
    assert steps.correlation == pytest.approx(1.0)


def test_a_parameter_that_says_nothing_explains_nothing_however_many_values_it_has() -> None:
    chance = np.random.default_rng(3)
    target = chance.normal(size=400).tolist()
    for parameter in (chance.normal(size=400).tolist(), chance.integers(0, 40, 400).astype(str).tolist()):
        found = explained(parameter, target)
        assert found.importance is not None
        assert found.importance < 0.06


def test_a_best_value_in_the_middle_is_seen_where_a_correlation_is_blind() -> None:
    parameter = [step / 100 for step in range(201)]
    found = explained(parameter, [(each - 1) ** 2 for each in parameter])
    assert found.importance is not None
    assert found.importance > 0.8
    assert abs(found.correlation or 0) < 0.05
    assert len(found.groups) == 6
    assert sum(group.run_count for group in found.groups) == 201


def test_one_diverged_run_does_not_change_what_the_others_say() -> None:
    parameter = [each // 10 for each in range(50)]
    target = [float(each // 10) for each in range(50)]
    assert explained(parameter, [*target[:-1], 1e300]).importance == pytest.approx(1, abs=0.05)


def test_runs_without_the_parameter_or_a_finite_target_do_not_count() -> None:
    found = explained([1, 1, 2, 2, None, 3], [1.0, 1.0, 2.0, 2.0, 9.0, math.nan])
    assert (found.run_count, found.distinct) == (4, 2)
    assert importance_of("p", np.zeros(5, dtype=np.int64), [1], np.arange(5.0)) is None


def test_a_name_that_each_run_has_alone_is_not_called_important() -> None:
    found = explained([f"run {each}" for each in range(30)], [float(each) for each in range(30)])
    assert (found.importance, found.groups) == (None, ())


def test_equal_numbers_share_their_mean_rank() -> None:
    assert ranks(np.array([5.0, 1.0, 5.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]


def asked(doors: Doors, target: str, aggregate: Aggregate = Aggregate.LAST, **which: object) -> ImportanceAnswer:
    question = ImportanceQuestion(target=Measure(path=Path(target), aggregate=aggregate), **which)  # type: ignore[arg-type]
    return doors.query.ranker.importance(PROJECT, question)


def test_parameters_of_the_wanted_runs_are_ranked_by_what_they_explain(doors: Doors) -> None:
    for number in range(24):
        rate, noise = number % 4, (number * 7) % 5
        operations: list[Operation] = [
            put("parameters/rate", rate),
            put("parameters/net", "abc"[noise % 3]),
            put("parameters/same", 1),
            put("result/other", rate),
            put("sys/hostname", f"host {rate}"),
            put("use", number % 2 == 0),
            floats("loss", [1, 2], [float(rate), float(noise)]),
        ]
        doors.write(create(at=CREATED_AT + number), *operations, run=f"{number:032x}")
    lowest = asked(doors, "loss", Aggregate.MIN)
    assert lowest.parameters[0].path == "parameters/rate"
    assert {each.path for each in lowest.parameters} == {"parameters/rate", "parameters/net", "use"}
    assert (lowest.run_count, lowest.measured_count) == (24, 24)
    last = asked(doors, "loss")
    assert last.parameters[0].path == "parameters/net"
    half = asked(doors, "loss", query="use = true")
    assert (half.run_count, "use" in {each.path for each in half.parameters}) == (12, False)
    few = asked(doors, "loss", run_ids=[f"{number:032x}" for number in (0, 1, 2, 3, 4, 99)])
    assert few.run_count == 5
    nothing = asked(doors, "nowhere")
    assert (nothing.parameters, nothing.measured_count) == ([], 0)


def test_too_many_named_runs_are_refused(doors: Doors) -> None:
    doors.write(create())
    with pytest.raises(BadQuestion, match="query"):
        asked(doors, "loss", run_ids=["x"] * 1001)
