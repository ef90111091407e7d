"""Groups of runs and orders of several keys, over real HTTP."""

from __future__ import annotations

import pytest

from asking import HttpWriter
from marigram.model import Operation
from one_of_everything import Api
from operations import CREATED_AT, create, edit, floats, put

PROJECT = "/projects/lab/grouped"


@pytest.fixture
def runs(api: Api) -> Api:
    """Give three runs in two groups."""
    each: list[list[Operation]] = [
        [put("opt", "adam"), floats("loss", [1, 2], [1.0, 3.0])],
        [put("opt", "sgd"), floats("loss", [1], [2.0]), edit("sys/tags", add=["b", "a"])],
        [put("opt", "adam"), floats("loss", [1], [2.0])],
    ]
    for number, operations in enumerate(each):
        writer = HttpWriter(api.url, f"{number + 0xA0:032x}")
        writer.write(create("lab/grouped", at=CREATED_AT + number), *operations)
    return api


def test_groups_tell_keys_counts_and_measures(runs: Api) -> None:
    answer = runs.get(f"{PROJECT}/groups?by=opt&measure=loss&measure=min(loss)").json()
    assert (answer["total"], answer["run_count"], answer["cursor"]) == (2, 3, None)
    first, second = answer["groups"]
    assert (first["keys"], first["run_count"]) == (["adam"], 2)
    assert first["measures"] == [
        {"count": 2, "mean": 2.5, "min": 2.0, "max": 3.0},
        {"count": 2, "mean": 1.5, "min": 1.0, "max": 2.0},
    ]
    assert (second["keys"], second["run_count"]) == (["sgd"], 1)


def test_groups_are_filtered_sorted_and_paged(runs: Api) -> None:
    path = f"{PROJECT}/groups?by=sys/tags&by=opt&sort=key&limit=1"
    first = runs.get(path).json()
    assert first["groups"] == [{"keys": [["a", "b"], "sgd"], "run_count": 1, "measures": []}]
    rest = runs.get(f"{path}&cursor={first['cursor']}").json()
    assert rest["groups"] == [{"keys": [None, "adam"], "run_count": 2, "measures": []}]
    assert runs.get(f"{PROJECT}/groups?by=opt&query=loss%3D2").json()["run_count"] == 2


def test_a_sort_that_groups_do_not_have_is_refused_with_those_they_have(runs: Api) -> None:
    answer = runs.get(f"{PROJECT}/groups?by=opt&sort=size")
    assert answer.status == 400
    assert "count, key, mean, min, max" in answer.json()["message"]


def test_the_table_sorts_by_several_keys_and_by_aggregates(runs: Api) -> None:
    def keys(order: str) -> list[str]:
        rows = runs.get(f"{PROJECT}/runs?{order}").json()["rows"]
        return [row["run"]["key"][-1] for row in rows]

    assert keys("sort=opt&sort=loss") == ["3", "1", "2"]
    assert keys("sort=-opt&sort=-loss") == ["2", "1", "3"]
    assert keys("sort=min(loss)") == ["1", "3", "2"]
