"""Runs are rewound, forked and given histograms by the client, and a real server shows what that means."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import pytest

import marigram
from marigram import Histogram, Run
from running_server import RunningServer

PROJECT = "team/history"


@pytest.fixture(autouse=True)
def url(shared_server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MARIGRAM_URL", shared_server.url)
    return shared_server.url


def started(**arguments: Any) -> Run:
    return marigram.init_run(
        project=PROJECT,
        capture_stdout=False,
        capture_stderr=False,
        capture_hardware_metrics=False,
        source_files=[],
        git_ref=False,
        **arguments,
    )


def ask(url: str, run: Run | str, what: str, **question: object) -> Any:
    run_id = run if isinstance(run, str) else run.id
    with urllib.request.urlopen(f"{url}/api/v1/runs/{run_id}{what}?{urlencode(question)}") as answer:
        return json.load(answer)


def points(url: str, run: Run | str, path: str) -> dict[float, Any]:
    return {row["step"]: row["value"] for row in ask(url, run, "/points", path=path)["points"]}


def trained(steps: int, **arguments: Any) -> Run:
    run = started(**arguments)
    for step in range(steps):
        run["train/loss"].append(float(step), step=step)
    run["notes"].extend(["a", "b", "c"], steps=[1, 5, 9])
    run["params/lr"] = 0.1
    assert run.sync()
    return run


def test_a_rewound_run_loses_what_came_after_the_step_and_counts_on_from_it(url: str) -> None:
    first = trained(10)
    first["monitoring/cpu"].append(1.0, step=100)
    first.stop()
    run = started(with_id=first.id, rewind_to=4)
    run["train/loss"].append(50.0)
    run["train/loss"].append(60.0)
    run["notes"].append("again")
    run.stop()
    assert points(url, run, "train/loss") == {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 50, 6: 60}
    assert points(url, run, "notes") == {1: "a", 5: "again"}
    assert points(url, run, "monitoring/cpu") == {100: 1}
    assert ask(url, run, "/attribute", path="params/lr")["value"] == 0.1


def test_what_an_earlier_process_left_in_its_queue_comes_before_the_rewind(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = trained(3)
    first.stop()
    monkeypatch.setenv("MARIGRAM_MODE", "offline")
    second = started(with_id=first.id)
    for step in range(3, 10):
        second["train/loss"].append(float(step), step=step)
    second.stop()
    monkeypatch.delenv("MARIGRAM_MODE")
    run = started(with_id=first.id, rewind_to=6)
    run["train/loss"].append(70.0)
    run.stop()
    assert points(url, run, "train/loss") == {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 70}


def test_a_fork_has_its_parents_history_up_to_the_step_and_goes_on(url: str) -> None:
    parent = trained(10)
    child = started(fork_run_id=parent.id, fork_step=4)
    child["train/loss"].append(50.0)
    child["params/lr"] = 0.2
    assert child.sync()
    grandchild = started(fork_run_id=child.id, fork_step=5)
    grandchild["train/loss"].append(600.0)
    grandchild.stop()
    child.stop()
    parent["train/loss"].append(-1.0, step=2)
    parent.stop()
    assert points(url, child, "train/loss") == {0: 0, 1: 1, 2: -1, 3: 3, 4: 4, 5: 50}
    assert points(url, grandchild, "train/loss") == {0: 0, 1: 1, 2: -1, 3: 3, 4: 4, 5: 50, 6: 600}
    assert points(url, grandchild, "notes") == {1: "a"}
    assert points(url, parent, "train/loss") == {**{step: step for step in range(10)}, 2: -1}
    assert ask(url, child, "/attribute", path="train/loss")["series"]["last"] == 50
    shown = ask(url, child, "")
    assert shown["fork"] == {"run_id": parent.id, "step": 4}
    key = ask(url, parent, "")["key"]
    assert ask(url, child, "/attribute", path="sys/forking/parent")["value"] == key
    assert ask(url, child, "/attribute", path="sys/forking/step")["value"] == 4
    by_key = started(fork_run_id=key, fork_step=1)
    by_key.stop()
    assert points(url, by_key, "train/loss") == {0: 0, 1: 1}


def test_a_rewound_fork_keeps_less_of_its_history_and_its_parent_all(url: str) -> None:
    parent = trained(10)
    parent.stop()
    child = started(fork_run_id=parent.id, fork_step=7)
    child["train/loss"].append(80.0)
    child.stop()
    again = started(with_id=child.id, rewind_to=2)
    again["train/loss"].append(30.0)
    again.stop()
    assert points(url, child, "train/loss") == {0: 0, 1: 1, 2: 2, 3: 30}
    assert len(points(url, parent, "train/loss")) == 10


def test_buckets_and_the_runs_table_show_inherited_points(url: str) -> None:
    parent = trained(10)
    parent.stop()
    child = started(fork_run_id=parent.id, fork_step=6)
    child.stop()
    question = urlencode({"run": child.id, "path": "train/loss", "max_buckets": 100})
    with urllib.request.urlopen(f"{url}/api/v1/series/buckets?{question}") as answer:
        series = json.load(answer)["series"]
    assert series[0]["last"] == [0, 1, 2, 3, 4, 5, 6]
    with urllib.request.urlopen(f"{url}/api/v1/projects/{PROJECT}/runs?column=train/loss") as answer:
        rows = json.load(answer)["rows"]
    last = {row["run"]["id"]: row["cells"].get("train/loss", {}).get("series", {}).get("last") for row in rows}
    assert last[child.id] == 6


def test_histograms_are_logged_and_read_back(url: str) -> None:
    run = started()
    run["weights"].append(Histogram(edges=[0, 1, 2], counts=[3, 4.5]))
    run["weights"].extend([Histogram.from_values([0.0, 1.0, 1.0, float("nan")], bins=2)], steps=[5])
    read = run["weights"].fetch_values()["value"]
    assert [value.counts for value in read] == [(3, 4.5), (1, 2)]
    run.stop()
    page = ask(url, run, "/points", path="weights")
    assert page["kind"] == "histogram_series"
    assert [(row["step"], row["histogram"]) for row in page["points"]] == [
        (0, {"edges": [0, 1, 2], "counts": [3, 4.5]}),
        (5, {"edges": [0, 0.5, 1], "counts": [1, 2]}),
    ]
    info = ask(url, run, "/attribute", path="weights")
    assert (info["series"]["count"], info["series"]["last"]) == (2, None)


def test_a_parent_is_kept_for_as_long_as_a_fork_needs_it(url: str) -> None:
    parent = trained(10)
    parent.stop()
    child = started(fork_run_id=parent.id, fork_step=4)
    child["train/loss"].append(50.0)
    child.stop()
    assert told(url, parent, "trash") == HTTPStatus.OK
    assert told(url, parent, "delete") == HTTPStatus.CONFLICT
    assert points(url, child, "train/loss") == {**dict(enumerate(range(5))), 5: 50}
    assert ask(url, child, "")["fork"] == {"run_id": parent.id, "step": 4}
    for run in (child, parent):
        assert told(url, run, "trash") == HTTPStatus.OK
        assert told(url, run, "delete") == HTTPStatus.OK


def told(url: str, run: marigram.Run, what: str) -> int:
    """Tell the server to do something with a run; return its status."""
    request = urllib.request.Request(f"{url}/api/v1/runs/{run.id}/{what}", method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return HTTPStatus.OK if answer.status < HTTPStatus.MULTIPLE_CHOICES else answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_run_or_parent_that_does_not_exist_is_said_at_the_start() -> None:
    with pytest.raises(marigram.NotFoundError, match="NOPE-7"):
        started(fork_run_id="NOPE-7", fork_step=1)
    with pytest.raises(marigram.NotFoundError, match="NOPE-7"):
        started(with_id="NOPE-7", rewind_to=1)
