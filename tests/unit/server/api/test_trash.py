"""The query language, the order of the table, edits and the trash over real HTTP."""

from __future__ import annotations

import json

from asking import Answer, HttpWriter, ask
from marigram.model import RunStatus, SetStatus
from operations import CREATED_AT, create, floats, put
from running_server import RunningServer

RUNS = "/api/v1/projects/lab/cats/runs"
FIRST, SECOND = "1" * 32, "2" * 32


def keys(server: RunningServer, **question: object) -> list[str]:
    answer = ask(server.url, RUNS, **question)
    assert answer.status == 200, answer.body
    return [row["run"]["key"] for row in answer.json()["rows"]]


def two_runs(server: RunningServer) -> None:
    done = SetStatus(status=RunStatus.FINISHED, at=CREATED_AT)
    HttpWriter(server.url, FIRST).write(create(), put("lr", 0.1), floats("loss", [1, 2], [3.0, 1.0]), done)
    HttpWriter(server.url, SECOND).write(create(), put("lr", 0.2), floats("loss", [1, 2], [2.0, 4.0]), done)


def test_a_query_narrows_the_table_and_an_error_says_where_it_is(server: RunningServer) -> None:
    two_runs(server)
    assert keys(server, query="`lr`:float > 0.15") == ["CATS-2"]
    assert keys(server, query="min(loss) < 1.5 AND NOT lr = 0.2") == ["CATS-1"]
    assert keys(server, query="sys/state = finished", search="cats-2") == ["CATS-2"]
    answer = ask(server.url, RUNS, query="lr >> 1")
    assert (answer.status, answer.json()["code"], answer.json()["position"]) == (400, "bad_query", 4)
    assert answer.json()["message"].endswith("\n  lr >> 1\n      ^")


def test_a_run_is_trashed_restored_and_deleted(server: RunningServer) -> None:
    two_runs(server)
    path = f"/api/v1/runs/{FIRST}"
    assert ask(server.url, f"{path}/delete", method="POST").json()["code"] == "run_kept"
    trashed = ask(server.url, f"{path}/trash", method="POST")
    assert (trashed.status, trashed.json()["trashed_at"] > 0) == (200, True)
    assert (keys(server), keys(server, trashed=True)) == (["CATS-2"], ["CATS-1"])
    assert ask(server.url, f"{path}/restore", method="POST").json()["trashed_at"] is None
    assert keys(server) == ["CATS-2", "CATS-1"]
    ask(server.url, f"{path}/trash", method="POST")
    server.restart()
    assert ask(server.url, f"{path}/delete", method="POST").status == 204
    assert ask(server.url, path).status == 404
    assert (keys(server), keys(server, trashed=True)) == (["CATS-2"], [])
    missing = ask(server.url, f"{path}/trash", method="POST")
    assert (missing.status, missing.json()["code"]) == (404, "not_found")


def test_rows_are_sorted_by_several_keys_and_by_what_stands_for_a_series(server: RunningServer) -> None:
    two_runs(server)
    assert keys(server, sort=["sys/state", "lr"]) == ["CATS-1", "CATS-2"]
    assert keys(server, sort=["sys/state", "-lr"]) == ["CATS-2", "CATS-1"]
    assert keys(server, sort="min(loss)") == ["CATS-1", "CATS-2"]
    assert keys(server, sort="max(loss)") == ["CATS-1", "CATS-2"]
    assert keys(server, sort="-max(loss)") == ["CATS-2", "CATS-1"]
    assert ask(server.url, RUNS, sort=["lr"] * 9).json()["code"] == "bad_question"


def edit(server: RunningServer, run: str, headers: dict[str, str] | None = None, **change: object) -> Answer:
    sent = {"content-type": "application/json", **(headers or {})}
    return ask(server.url, f"/api/v1/runs/{run}", method="PATCH", body=json.dumps(change).encode(), headers=sent)


def test_a_run_is_edited_and_the_edit_lasts(server: RunningServer) -> None:
    two_runs(server)
    answer = edit(server, FIRST, name="nice", add_tags=["best"], notes="a note")
    assert (answer.status, answer.json()["name"], answer.json()["tags"]) == (200, "nice", ["best"])
    server.restart()
    assert edit(server, FIRST, remove_tags=["best"]).json()["tags"] == []
    assert ask(server.url, f"/api/v1/runs/{FIRST}").json()["name"] == "nice"
    assert keys(server, query="`sys/description` CONTAINS note") == ["CATS-1"]
    assert edit(server, "f" * 32, name="x").status == 404
    assert edit(server, FIRST, name="x" * 1001).status == 400
    assert edit(server, FIRST, {"origin": "http://elsewhere.example"}, name="x").status == 403
