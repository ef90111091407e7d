"""Runs are found, ordered and paged as MLflow's clients expect it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from running_server import RunningServer
from speaking_mlflow import CREATED_AT, Speaking, metric, pairs


class Seeded(NamedTuple):
    """A server with five runs, a to e, the newest last."""

    mlflow: Speaking
    home: str
    ids: dict[str, str]

    def names(self, filter_string: str = "", **message: object) -> str:
        """Return the names of the runs that are found, as one word."""
        return "".join(self.mlflow.names(self.home, filter=filter_string, **message))


@pytest.fixture(scope="module")
def seeded(shared_server: RunningServer) -> Seeded:
    mlflow = Speaking(shared_server.url)
    home = mlflow.experiment("searched")
    ids: dict[str, str] = {}
    accuracies = {"a": 0.1, "b": 0.2, "c": "NaN", "d": 0.2}
    for at, name in enumerate("abcde"):
        run = ids[name] = mlflow.run(home, at=CREATED_AT + at, run_name=name, user_id="ada" if at < 2 else "bob")
        metrics = [metric("acc", accuracies[name])] if name in accuracies else []
        mlflow.post(
            "runs/log-batch",
            run_id=run,
            metrics=[*metrics, metric("loss", 9.0, 1), metric("loss", float(at), 2), metric("old", 1.0, 0)],
            params=pairs(lr=f"0.{at}", long="x" * 300 + name),
            tags=pairs(model="CNN" if at % 2 else "mlp", **({"only here": "yes"} if name == "c" else {})),
        )
    mlflow.post("runs/update", run_id=ids["a"], status="FINISHED", end_time=CREATED_AT + 100)
    mlflow.post("runs/update", run_id=ids["b"], status="FAILED", end_time=CREATED_AT + 50)
    return Seeded(mlflow, home, ids)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", "edcba"),
        ("metrics.acc > 0.1", "db"),
        ("metrics.acc >= 0.1 and metric.acc <= 0.1", "a"),
        ("metrics.acc != 0.2", "ca"),
        ("METRICS.loss < 2 AND metrics.`loss` >= 1e0", "b"),
        ("params.lr = '0.3'", "d"),
        ('parameters."lr" != "0.3"', "ecba"),
        ("param.lr LIKE '0.%'", "edcba"),
        ("params.long LIKE '%xc'", "c"),
        ("params.long LIKE 'X%'", ""),
        ("params.long ILIKE 'X%B'", "b"),
        ("tags.model = 'CNN'", "db"),
        ("tags.model ILIKE 'cnn'", "db"),
        ("tags.model LIKE 'c_n'", ""),
        ("tags.`only here` = 'yes'", "c"),
        ("tags.`only here` != 'no'", "c"),
        ("tags.`only here` IS NULL", "edba"),
        ("params.lr IS NOT NULL AND tags.`only here` is not null", "c"),
        ("tags.mlflow.runName = 'd'", "d"),
        ("attributes.status = 'FINISHED'", "a"),
        ("status != 'RUNNING'", "ba"),
        ("status LIKE 'F%'", "ba"),
        ("attribute.run_name ILIKE 'B'", "b"),
        ("run.`run name` = 'c'", "c"),
        ("user_id = 'ada'", "ba"),
        (f"start_time >= {CREATED_AT + 3}", "ed"),
        (f"created < {CREATED_AT + 1}", "a"),
        (f"attributes.end_time < {CREATED_AT + 60}", "b"),
        ("artifact_uri LIKE 'mlflow-artifacts:/%/artifacts'", "edcba"),
        ("metrics.none = 1", ""),
        ("dataset.name = 'cats'", ""),
    ],
)
def test_a_filter_finds_what_mlflow_finds(seeded: Seeded, wanted: str, found: str) -> None:
    assert seeded.names(wanted) == found


def test_runs_are_found_by_their_ids(seeded: Seeded) -> None:
    a, b, c = (seeded.ids[name] for name in "abc")
    assert seeded.names(f"run_id = '{a}'") == "a"
    assert seeded.names(f"attributes.run_id IN ('{c}', '{a}')") == "ca"
    assert seeded.names(f"run_id NOT IN ('{c}', '{a}', '{b}')") == "ed"
    assert seeded.names(f"run_id != '{a}' AND run_id LIKE '{b[:20]}%'") == "b"
    assert seeded.names(f"artifact_uri = 'mlflow-artifacts:/{seeded.home}/{a}/artifacts'") == "a"


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (["metrics.acc"], "adbce"),
        (["metrics.acc DESC"], "dbace"),
        (["metrics.acc desc", "start_time asc"], "bdace"),
        (["metrics.loss"], "abcde"),
        (["params.lr"], "abcde"),
        (["params.`lr` DESC"], "edcba"),
        (["tags.model ASC", "attributes.start_time ASC"], "bdace"),
        (["tags.`only here`"], "cedba"),
        (["attributes.end_time"], "baedc"),
        (["end_time DESC"], "abedc"),
        (["run_name DESC"], "edcba"),
        (["status", "run_name"], "bacde"),
        (["user_id DESC", "run_name"], "cdeab"),
        (["metrics.none"], "edcba"),
    ],
)
def test_an_order_is_that_of_mlflow_with_nan_after_numbers_and_nothing_last(
    seeded: Seeded, order: list[str], found: str
) -> None:
    assert seeded.names(order_by=order) == found


def test_pages_follow_each_other_and_the_last_one_has_no_token(seeded: Seeded) -> None:
    message = {"experiment_ids": [seeded.home], "order_by": ["params.lr"], "max_results": 2}
    found, token, pages = "", None, 0
    while pages == 0 or token:
        page = seeded.mlflow.post("runs/search", **message, **({"page_token": token} if token else {}))
        found += "".join(run["info"]["run_name"] for run in page["runs"])
        token, pages = page.get("next_page_token"), pages + 1
    assert (found, pages) == ("abcde", 3)


def test_runs_of_several_experiments_are_in_one_order_and_an_unknown_one_has_none(seeded: Seeded) -> None:
    other = seeded.mlflow.experiment("another")
    run = seeded.mlflow.run(other, at=CREATED_AT + 2, run_name="x")
    seeded.mlflow.post("runs/log-batch", run_id=run, metrics=[metric("acc", 0.15)])
    both = [seeded.home, other, "12345", seeded.home]
    assert "".join(seeded.mlflow.names(*both, order_by=["metrics.acc"])) == "axdbce"
    assert "".join(seeded.mlflow.names(*both, filter="metrics.acc < 0.2")) == "xa"
    assert seeded.mlflow.names() == []


def test_what_is_deleted_is_found_only_if_it_is_asked_for(seeded: Seeded) -> None:
    home = seeded.mlflow.experiment("deleted ones")
    kept, gone = (seeded.mlflow.run(home, run_name=name) for name in ("kept", "gone"))
    seeded.mlflow.post("runs/delete", run_id=gone)
    assert seeded.mlflow.names(home) == ["kept"]
    assert seeded.mlflow.names(home, run_view_type="DELETED_ONLY") == ["gone"]
    assert sorted(seeded.mlflow.names(home, run_view_type="ALL")) == ["gone", "kept"]
    assert seeded.mlflow.names(home, run_view_type=2) == ["gone"]
    assert kept != gone


def test_an_answer_holds_whole_runs_with_the_newest_point_of_each_metric(seeded: Seeded) -> None:
    found = seeded.mlflow.post("runs/search", experiment_ids=[seeded.home], filter="run_name = 'c'")["runs"]
    assert found == [seeded.mlflow.get("runs/get", run_id=seeded.ids["c"])["run"]]
    metrics = {each["key"]: (each["value"], each["step"]) for each in found[0]["data"]["metrics"]}
    assert metrics == {"acc": ("NaN", 0), "loss": (2.0, 2), "old": (1.0, 0)}


@pytest.mark.parametrize(
    "message",
    [
        {"filter": "metrics.acc = 'x'"},
        {"filter": "params.lr > 3"},
        {"filter": "params.lr = 3"},
        {"filter": "metrics.acc >"},
        {"filter": "metrics.acc > 0 OR metrics.acc < 1"},
        {"filter": "(metrics.acc > 0)"},
        {"filter": "nope.acc = 1"},
        {"filter": "attributes.nope = 'x'"},
        {"filter": "start_time > 'x'"},
        {"filter": "status IN ('FINISHED')"},
        {"filter": "metrics.acc IS NULL"},
        {"filter": "dataset.nope = 'x'"},
        {"order_by": ["nope"]},
        {"order_by": ["metrics.acc UPWARDS"]},
        {"order_by": ["metrics.acc", "metric.acc DESC"]},
        {"order_by": [""]},
        {"max_results": 0},
        {"max_results": 50_001},
        {"page_token": "nobody's"},
        {"run_view_type": "SOME"},
    ],
)
def test_what_makes_no_sense_is_refused(seeded: Seeded, message: dict[str, object]) -> None:
    refused = seeded.mlflow.refused("runs/search", experiment_ids=[seeded.home], **message)
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
