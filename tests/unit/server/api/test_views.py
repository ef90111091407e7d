"""Saved views of a project, and the runs of all projects, over real HTTP."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from asking import Answer, HttpWriter, ask
from marigram.model import RunStatus, SetStatus
from operations import CREATED_AT, create, put
from running_server import RunningServer

VIEWS = "/api/v1/projects/lab/cats/views"
FIRST, SECOND, THIRD = "1" * 32, "2" * 32, "3" * 32


def save(
    server: RunningServer,
    name: str,
    content: object,
    *,
    kind: str = "table",
    project: str = "cats",
    instead_of: int | None = None,
) -> Answer:
    text = content if isinstance(content, str) else json.dumps(content)
    return ask(
        server.url,
        f"/api/v1/projects/lab/{project}/views/{kind}/{quote(name)}",
        method="PUT",
        body=json.dumps({"content": text, "instead_of": instead_of}).encode(),
        headers={"content-type": "application/json"},
    )


def names(server: RunningServer, kind: str = "table") -> list[str]:
    return [view["name"] for view in ask(server.url, f"{VIEWS}/{kind}").json()["views"]]


def test_a_view_is_saved_replaced_read_after_a_restart_and_removed(server: RunningServer) -> None:
    HttpWriter(server.url, FIRST).write(create())
    assert save(server, "best runs?", {"address": "sort=lr"}).status == 200
    assert save(server, "best runs?", {"address": "sort=-lr"}).json()["name"] == "best runs?"
    assert save(server, "best runs?", {"panels": []}, kind="dashboard").status == 200
    server.restart()
    [view] = ask(server.url, f"{VIEWS}/table").json()["views"]
    assert json.loads(view.pop("content")) == {"address": "sort=-lr"}
    assert (view["kind"], view["name"], view["saved_at"] > 0) == ("table", "best runs?", True)
    for _ in range(2):
        assert ask(server.url, f"{VIEWS}/table/best%20runs%3F", method="DELETE").status == 204
    assert (names(server), names(server, "dashboard")) == ([], ["best runs?"])


def test_of_two_who_change_a_view_the_second_hears_of_the_first(shared_server: RunningServer) -> None:
    HttpWriter(shared_server.url, "4" * 32).write(create())
    read_by_both = save(shared_server, "both", {"n": 0}).json()["saved_at"]
    first = save(shared_server, "both", {"n": 1}, instead_of=read_by_both)
    assert (first.status, first.json()["saved_at"] > read_by_both) == (200, True)
    second = save(shared_server, "both", {"n": 2}, instead_of=read_by_both)
    assert (second.status, second.json()["code"]) == (409, "view_changed")
    assert "saved again" in second.json()["message"]
    assert save(shared_server, "both", {"n": 3}, instead_of=first.json()["saved_at"]).status == 200
    ask(shared_server.url, f"{VIEWS}/table/both", method="DELETE")
    gone = save(shared_server, "both", {"n": 4}, instead_of=first.json()["saved_at"])
    assert (gone.status, "removed" in gone.json()["message"]) == (409, True)
    assert "both" not in names(shared_server)


@pytest.mark.parametrize("content", ["", "[]", "{", "3", '{"x": "%s"}' % ("y" * 32_768)])
def test_what_is_no_object_or_too_long_is_refused(shared_server: RunningServer, content: str) -> None:
    HttpWriter(shared_server.url, "4" * 32).write(create())
    answer = save(shared_server, "a", content)
    assert (answer.status, answer.json()["code"]) == (400, "view_refused")


def test_a_view_has_a_name_a_kind_and_a_project(shared_server: RunningServer) -> None:
    HttpWriter(shared_server.url, "4" * 32).write(create())
    assert save(shared_server, "x" * 81, {}).status == 400
    assert save(shared_server, "..", {}).status >= 400
    assert save(shared_server, "a\tb", {}).status == 400
    assert save(shared_server, "a", {}, kind="chart").status >= 400
    missing = save(shared_server, "a", {}, project="dogs")
    assert (missing.status, missing.json()["code"]) == (404, "not_found")


def test_another_page_of_the_browser_cannot_save_a_view(shared_server: RunningServer) -> None:
    HttpWriter(shared_server.url, "4" * 32).write(create())
    headers = {"content-type": "application/json", "origin": "http://elsewhere.example"}
    assert (
        ask(shared_server.url, f"{VIEWS}/table/a", method="PUT", body=b'{"content":"{}"}', headers=headers).status
        == 403
    )


def test_so_many_views_are_enough(shared_server: RunningServer) -> None:
    HttpWriter(shared_server.url, "4" * 32).write(create())
    for number in range(100):
        assert save(shared_server, f"{number}", {}).status == 200
    refused = save(shared_server, "one more", {})
    assert (refused.status, refused.json()["code"]) == (400, "view_refused")
    assert save(shared_server, "7", {"again": True}).status == 200


def test_runs_of_all_projects_are_listed_by_age_by_end_and_by_words(shared_server: RunningServer) -> None:
    done = SetStatus(status=RunStatus.FAILED, at=CREATED_AT + 5)
    HttpWriter(shared_server.url, FIRST).write(create(project="zoo/apes"), put("sys/name", "baseline"), done)
    HttpWriter(shared_server.url, SECOND).write(create(project="zoo/bats", at=CREATED_AT + 1))
    HttpWriter(shared_server.url, THIRD).write(create(project="zoo/apes", at=CREATED_AT + 2))

    def found(search: str = "zoo", **question: object) -> list[str]:
        return [run["key"] for run in ask(shared_server.url, "/api/v1/runs", search=search, **question).json()["runs"]]

    assert found() == ["APES-2", "BATS-1", "APES-1"]
    assert found(limit=1) == ["APES-2"]
    assert found(ended="true") == ["APES-1"]
    assert found("apes base") == ["APES-1"]
    # Runs that nothing was heard of for long are shown as stalled, and still belong to those that go on.
    assert found(ended="false") == ["APES-2", "BATS-1"]
    assert ask(shared_server.url, "/api/v1/runs", limit=101).status == 400
