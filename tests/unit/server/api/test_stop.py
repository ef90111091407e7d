"""Stopping a run from outside, as the server sees it: asked for here, waited for there."""

from __future__ import annotations

import contextlib
import json
import threading
from http.client import HTTPException
from typing import Any

import pytest

from asking import Answer, HttpWriter, ask
from marigram.model import CreateRun, ProjectName, RunStatus, SetStatus
from operations import CREATED_AT, RUN
from running_server import RunningServer


def stop(server: RunningServer, run: str = RUN, *, headers: dict[str, str] | None = None, **wish: Any) -> Answer:
    return ask(
        server.url,
        f"/api/v1/runs/{run}/stop",
        method="POST",
        body=json.dumps(wish).encode(),
        headers={"content-type": "application/json", **(headers or {})},
    )


def commands(server: RunningServer, **question: Any) -> Any:
    return ask(server.url, f"/api/native/v1/runs/{RUN}/commands", **question).json()["stop"]


@pytest.fixture
def running(server: RunningServer) -> RunningServer:
    """A server with one run."""
    HttpWriter(server.url).write(CreateRun(project=ProjectName("lab/cats"), created_at=CREATED_AT))
    return server


def test_a_request_is_shown_by_the_run_and_by_who_waits_for_it_at_once(running: RunningServer) -> None:
    heard: list[Any] = []
    waiting = threading.Thread(target=lambda: heard.append(commands(running, after=0, wait_s=30)))
    waiting.start()
    answer = stop(running, how="abort", grace_s=4.5, requested_by="Ada")
    assert answer.status == 202
    waiting.join(10)
    [command] = heard
    number = answer.json()["number"]
    assert (command["number"], command["how"], command["grace_s"]) == (number, "abort", 4.5)
    assert 0 <= command["age_s"] < 10
    shown = ask(running.url, f"/api/v1/runs/{RUN}").json()["stop"]
    assert (shown["how"], shown["requested_by"], shown["delivered_at"]) == ("abort", "Ada", None)
    assert commands(running, after=number, wait_s=0) is None


def test_a_delivery_is_shown_by_the_run(running: RunningServer) -> None:
    number = stop(running).json()["number"]
    said = ask(running.url, f"/api/native/v1/runs/{RUN}/commands/{number}/delivered", method="POST")
    assert said.status == 204
    shown = ask(running.url, f"/api/v1/runs/{RUN}").json()["stop"]
    assert (shown["how"], shown["requested_at"] <= shown["delivered_at"]) == ("graceful", True)


def test_a_request_outlives_the_server(running: RunningServer) -> None:
    number = stop(running, how="kill").json()["number"]
    running.kill()
    running.restart()
    assert commands(running, after=0)["number"] == number


def test_only_a_run_that_is_there_and_runs_can_be_stopped(running: RunningServer) -> None:
    assert stop(running, "0" * 32).json()["code"] == "not_found"
    writer = HttpWriter(running.url, writer="other")
    writer.write(
        CreateRun(project=ProjectName("lab/cats"), created_at=CREATED_AT),
        SetStatus(status=RunStatus.FINISHED, at=CREATED_AT),
    )
    refused = stop(running)
    assert (refused.status, refused.json()["code"]) == (409, "run_ended")


def test_a_wish_that_cannot_be_is_refused(running: RunningServer) -> None:
    assert stop(running, how="gently").status == 400
    assert stop(running, grace_s=-1).status == 400
    assert commands(running, after=0) is None


def test_a_page_of_elsewhere_stops_nothing(running: RunningServer) -> None:
    assert stop(running, headers={"origin": "http://elsewhere.example"}).status == 403
    assert commands(running, after=0) is None


def test_who_waits_does_not_hold_up_the_end_of_the_server(running: RunningServer) -> None:
    def wait() -> None:
        # Answered with nothing, or cut off if the server had not read the question yet.
        with contextlib.suppress(OSError, HTTPException):
            assert commands(running, after=0, wait_s=60) is None

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert ask(running.url, "/health").status == 200
    assert running.stop() == 0
    waiting.join(20)
    assert not waiting.is_alive()
