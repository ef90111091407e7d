"""Groups of runs and orders of several keys, over real HTTP."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from asking import HttpWriter
from marigram.model import Operation
from one_of_everything import Api
from operations import CREATED_AT, create, edit, floats, put

PROJECT = "/projects/lab/grouped"
EACH: list[list[Operation]] = [
    [put("opt", "adam"), floats("loss", [1, 2], [1.0, 3.0])],
    [put("opt", "sgd"), floats("loss", [1], [2.0]), edit("sys/tags", add=["b", "a"])],
    [put("opt", "adam"), floats("loss", [1], [2.0])],
]
"""What each of three runs has."""


@pytest.fixture
def runs(api: Api) -> Api:
    """Give three runs in two groups."""
    for number, operations in enumerate(EACH):
        writer = HttpWriter(api.url, f"{number + 0xA0:032x}")
        writer.write(create("lab/grouped", at=CREATED_AT + number), *operations)
    return api


def test_groups_tell_keys_counts_and_measures(runs: Api) -> None:
    answer = runs.get(f"{PROJECT}/groups?by=opt&measure=loss&measure=min(loss)&measure=first(loss)").json()
    assert (answer["total"], answer["run_count"], answer["cursor"]) == (2, 3, None)
    first, second = answer["groups"]
    assert (first["keys"], first["run_count"]) == (["adam"], 2)
    assert first["measures"] == [
        {"count": 2, "mean": 2.5, "min": 2.0, "max": 3.0},
        {"count": 2, "mean": 1.5, "min": 1.0, "max": 2.0},
        {"count": 2, "mean": 1.5, "min": 1.0, "max": 2.0},
    ]
    assert (second["keys"], second["run_count"]) == (["sgd"], 1)


def test_runs_are_grouped_by_what_stands_for_a_series_one_inside_another(api: Api) -> None:
    own = "/projects/lab/standing"
    for number, operations in enumerate([*EACH, [put("loss", 2)]]):
        writer = HttpWriter(api.url, f"{number + 0xC0:032x}")
        writer.write(create("lab/standing", at=CREATED_AT + number), *operations)
    first, by_best = quote("first(loss)"), quote("loss@max(loss)")
    answer = api.get(f"{own}/groups?by={first}&sort=key&measure=loss").json()
    assert [(group["keys"], group["run_count"]) for group in answer["groups"]] == [([1], 1), ([2], 2), ([None], 1)]
    assert answer["groups"][2]["measures"] == [{"count": 1, "mean": 2.0, "min": 2.0, "max": 2.0}]
    within = quote('["first(loss)", 2.0]')
    inside = api.get(f"{own}/groups?by=opt&within={within}&sort=key").json()
    assert [group["keys"] for group in inside["groups"]] == [["adam"], ["sgd"]]
    both = api.get(f"{own}/groups?by={first}&by={by_best}&by=opt&sort=key").json()
    assert [group["keys"] for group in both["groups"]] == [[1, 3, "adam"], [2, 2, "adam"], [2, 2, "sgd"], [None] * 3]
    rows = api.get(f"{own}/runs?within={within}&sort=opt").json()["rows"]
    assert [row["run"]["key"][-1] for row in rows] == ["3", "2"]
    counted = api.get(f"{own}/groups?by={quote('count(loss)')}&sort=key").json()
    assert [(group["keys"], group["run_count"]) for group in counted["groups"]] == [([1], 2), ([2], 1), ([None], 1)]
    query = quote("first(loss) NOT EXISTS")
    assert [row["run"]["key"][-1] for row in api.get(f"{own}/runs?query={query}").json()["rows"]] == ["4"]


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
    assert keys("sort=first(loss)&limit=2") == ["1", "3"]
    assert keys("sort=-loss@max(loss)&sort=sys/id") == ["1", "2", "3"]
    assert keys("sort=loss@min(none)&sort=sys/id") == ["1", "2", "3"]
    assert keys(f"query={quote('loss@max(loss) > 2 OR first(loss) > 2')}") == ["1"]
    wrong = runs.get(f"{PROJECT}/runs?query={quote('loss@best(loss) > 2')}")
    assert (wrong.status, wrong.json()["position"]) == (400, 4)


def test_pages_of_an_order_by_points_go_on_behind_their_last_run(api: Api) -> None:
    def add(number: int, first_loss: float) -> None:
        points = floats("loss", [1, 2], [first_loss, 0.5])
        HttpWriter(api.url, f"{number + 0xB0:032x}").write(create("lab/paged", at=CREATED_AT + number), points)

    for number, first_loss in enumerate((1.0, 2.0, 2.0)):
        add(number, first_loss)
    path = f"/projects/lab/paged/runs?sort={quote('-first(loss)')}&limit=2"
    first = api.get(path).json()
    assert ([row["run"]["key"][-1] for row in first["rows"]], first["total"]) == (["3", "2"], 3)
    add(3, 9.0)
    second = api.get(f"{path}&cursor={quote(first['cursor'])}").json()
    assert ([row["run"]["key"][-1] for row in second["rows"]], second["total"], second["cursor"]) == (["1"], 4, None)
    assert api.get(path).json()["rows"][0]["run"]["key"][-1] == "4"
    refused = api.get(f"/projects/lab/paged/runs?sort=loss&cursor={quote(first['cursor'])}")
    assert (refused.status, "another order" in refused.json()["message"]) == (400, True)


def test_points_that_stand_for_series_are_picked_as_they_are_asked_for(runs: Api) -> None:
    picks = "&".join(f"pick={quote(each)}" for each in ("first(loss)", "loss@max(loss)", "loss@min(none)"))
    rows = runs.get(f"{PROJECT}/runs?{picks}&sort=sys/creation_time").json()["rows"]
    assert [row["picked"] for row in rows] == [
        {"first(loss)": 1.0, "loss@max(loss)": 3.0},
        {"first(loss)": 2.0, "loss@max(loss)": 2.0},
        {"first(loss)": 2.0, "loss@max(loss)": 2.0},
    ]
    assert runs.get(f"{PROJECT}/runs").json()["rows"][0]["picked"] == {}
    for text in ("loss", "loss@best(loss)", "first()", "min(loss)"):
        answer = runs.get(f"{PROJECT}/runs?pick={quote(text)}")
        assert (answer.status, "first(loss)" in answer.json()["message"]) == (400, True)


def inside(runs: Api, *groups: list[object]) -> list[str]:
    within = "&".join(f"within={quote(json.dumps(group))}" for group in groups)
    return [row["run"]["key"] for row in runs.get(f"{PROJECT}/runs?{within}").json()["rows"]]


def test_what_is_inside_a_group_is_asked_for_by_the_key_as_it_was_written(runs: Api) -> None:
    within = quote('["opt", "adam"]')
    answer = runs.get(f"{PROJECT}/groups?by=loss&within={within}&sort=key").json()
    assert [(group["keys"], group["run_count"]) for group in answer["groups"]] == [([2], 1), ([3], 1)]
    keys = [row["run"]["key"] for row in runs.get(f"{PROJECT}/runs").json()["rows"]]
    assert inside(runs, ["opt", "adam"]) == [keys[0], keys[2]]
    assert inside(runs, ["opt", "adam"], ["loss", 3.0]) == [keys[2]]
    assert inside(runs, ["sys/tags", ["a", "b"]]) == [keys[1]]
    assert inside(runs, ["sys/tags", ["a"]]) == []
    assert inside(runs, ["sys/tags", None]) == [keys[0], keys[2]]
    assert inside(runs, ["sys/trashed", False]) == keys
    assert inside(runs, ["sys/trashed", 0]) == []


def test_what_names_no_group_is_refused_with_an_example(runs: Api) -> None:
    for text in ("opt", '["opt"]', '["", 1]', '[1, "opt"]'):
        answer = runs.get(f"{PROJECT}/runs?within={quote(text)}")
        assert answer.status == 400
        assert '["opt", "adam"]' in answer.json()["message"]
