"""The query language and the trash over real HTTP."""

from __future__ import annotations

from asking import HttpWriter, ask
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
