"""Scenarios of runs: their life, parameters, tags, datasets, families."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from bench import Bench, refused
from mlflow.entities import Metric, Param, RunStatus, RunTag

PROJECT = """
name: small
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.1}
    command: "PYTHON train.py {alpha}"
"""

TRAIN = """
import sys, mlflow
with mlflow.start_run() as run:
    mlflow.log_param("alpha", sys.argv[1])
    mlflow.log_metric("score", 0.75)
"""

ALONE = """
import sys, mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("score", 0.5)
print(run.info.run_id)
"""


def a_run_is_made_named_changed_and_ended(bench: Bench) -> dict[str, Any]:
    client, experiment = bench.client, bench.experiment()
    made = client.create_run(experiment, start_time=1_700_000_000_123, tags={"a": "1"}, run_name="first try")
    run_id = made.info.run_id
    assert len(run_id) == 32
    assert made.info.status == "RUNNING"
    assert made.info.run_name == "first try"
    assert made.data.tags["mlflow.runName"] == "first try"
    found = client.get_run(run_id)
    assert found.info.start_time == 1_700_000_000_123
    assert found.info.end_time is None
    assert found.info.artifact_uri.endswith(f"/{run_id}/artifacts")
    client.update_run(run_id, name="second try")
    assert client.get_run(run_id).data.tags["mlflow.runName"] == "second try"
    client.set_tag(run_id, "mlflow.runName", "third try")
    assert client.get_run(run_id).info.run_name == "third try"
    client.set_tag(run_id, "mlflow.note.content", "It *works*.")
    client.set_terminated(run_id, status="FAILED", end_time=1_700_000_001_456)
    found = client.get_run(run_id)
    assert (found.info.status, found.info.end_time) == ("FAILED", 1_700_000_001_456)
    assert found.data.tags["mlflow.note.content"] == "It *works*."
    others = {}
    for status in ("FINISHED", "KILLED", "SCHEDULED", "RUNNING"):
        other = client.create_run(experiment).info
        assert other.run_name, "a name is invented"
        client.update_run(other.run_id, status=status)
        assert client.get_run(other.run_id).info.status in {status, "RUNNING" if status == "SCHEDULED" else status}
        others[status] = other.run_id
    refused("RESOURCE_DOES_NOT_EXIST", "Run with id=" + "0" * 32 + " not found", client.get_run, "0" * 32)
    refused("RESOURCE_DOES_NOT_EXIST", "", client.create_run, "987654321")
    return {"run": run_id, "others": others}


def a_run_of_the_fluent_interface_says_who_and_what(bench: Bench) -> dict[str, Any]:
    mlflow.set_experiment(bench.called())
    with mlflow.start_run(run_name="fluent", description="words", tags={"x": "y"}, log_system_metrics=False) as run:
        assert mlflow.active_run().info.run_id == run.info.run_id
        mlflow.log_params({"lr": 0.1, "layers": [1, 2]})
        assert mlflow.log_param("seed", 7) in {7, "7"}
        mlflow.log_metrics({"loss": 0.5, "accuracy": 0.75}, step=3)
        mlflow.set_tags({"stage": "try", "n": 1})
        mlflow.set_tag("gone", "soon")
        mlflow.delete_tag("gone")
        assert mlflow.get_artifact_uri("x").endswith("/artifacts/x")
    found = mlflow.get_run(run.info.run_id)
    assert mlflow.last_active_run().info.run_id == run.info.run_id
    assert found.info.status == "FINISHED"
    assert found.info.end_time >= found.info.start_time
    assert found.data.params == {"lr": "0.1", "layers": "[1, 2]", "seed": "7"}
    assert found.data.metrics == {"loss": 0.5, "accuracy": 0.75}
    tags = found.data.tags
    assert (tags["stage"], tags["n"], tags["x"], tags["mlflow.note.content"]) == ("try", "1", "y", "words")
    assert "gone" not in tags
    assert tags["mlflow.source.type"] == "LOCAL"
    assert tags["mlflow.user"] == found.info.user_id
    refused("RESOURCE_DOES_NOT_EXIST", "", bench.client.delete_tag, run.info.run_id, "gone")
    failed = mlflow.start_run()
    with suppress(KeyError), failed:
        raise KeyError
    assert mlflow.get_run(failed.info.run_id).info.status == "FAILED"
    with mlflow.start_run(run_id=run.info.run_id):
        assert mlflow.get_run(run.info.run_id).info.status == "RUNNING"
        mlflow.log_metric("later", 1.0)
    assert mlflow.get_run(run.info.run_id).info.status == "FINISHED"
    return {"run": run.info.run_id, "failed": failed.info.run_id}


def params_and_tags_keep_their_limits(bench: Bench) -> dict[str, Any]:
    client = bench.client
    run = client.create_run(bench.experiment()).info.run_id
    client.log_param(run, "p", 1)
    client.log_param(run, "p", 1)
    changed = (
        f"Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='{run}'"
    )
    refused("INVALID_PARAMETER_VALUE", changed, client.log_param, run, "p", 2)
    refused("INVALID_PARAMETER_VALUE", "", client.log_batch, run, params=[Param("p", "3"), Param("q", "1")])
    refused("INVALID_PARAMETER_VALUE", "", client.log_batch, run, params=[Param("d", "3"), Param("d", "4")])
    client.log_param(run, "long", "x" * 6000)
    client.set_tag(run, "long", "ü" * 5000)
    client.set_tag(run, "empty", "")
    client.log_param(run, "folder/deep.x y-z:1", "fine")
    for bad in ("a//b", "/a", "../a", "a/./b", "a" * 251, "a?b"):
        refused("INVALID_PARAMETER_VALUE", "", client.log_param, run, bad, "x")
        refused("INVALID_PARAMETER_VALUE", "", client.set_tag, run, bad, "x")
        refused("INVALID_PARAMETER_VALUE", "", client.log_metric, run, bad, 1.0)
    batch = [Param(f"many/{place:03}", str(place)) for place in range(100)]
    client.log_batch(run, params=batch, tags=[RunTag("t", "1"), RunTag("t2", "2")], metrics=[Metric("m", 1.0, 5, 0)])
    path = "/api/2.0/mlflow/runs/log-batch"
    too_many = {"params": [{"key": f"n/{place}", "value": "1"} for place in range(101)]}
    answer = bench.ask("POST", path, json={"run_id": run, **too_many})
    assert answer.status_code == 400
    assert "at most 100 params. Got 101 params." in answer.json()["message"]
    too_many = {"metrics": [{"key": "m", "value": 1, "timestamp": place, "step": 1} for place in range(1001)]}
    answer = bench.ask("POST", path, json={"run_id": run, **too_many})
    assert answer.json() == {
        **answer.json(),
        "error_code": "INVALID_PARAMETER_VALUE",
        "message": "A batch logging request can contain at most 1000 metrics. Got 1001 metrics. Please split up metrics"
        " across multiple requests and try again.",
    }
    answer = bench.ask("POST", "/api/2.0/mlflow/runs/log-parameter", json={"key": "x", "value": "1"})
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters."
    )
    params = client.get_run(run).data.params
    assert len(params) == 103
    assert len(params["long"]) == 6000
    return {"run": run}


def runs_are_deleted_and_restored(bench: Bench) -> dict[str, Any]:
    client, experiment = bench.client, bench.experiment()
    first, second = (client.create_run(experiment).info.run_id for _ in range(2))
    client.log_param(first, "p", "kept")
    client.delete_run(first)
    assert client.get_run(first).info.lifecycle_stage == "deleted"
    refused("INVALID_PARAMETER_VALUE", "must be in the 'active' state", client.log_metric, first, "m", 1.0)
    refused("INVALID_PARAMETER_VALUE", "must be in the 'active' state", client.log_param, first, "q", 1)
    refused("INVALID_PARAMETER_VALUE", "must be in the 'active' state", client.set_tag, first, "q", 1)
    assert [run.info.run_id for run in client.search_runs([experiment])] == [second]
    mlflow.delete_run(second)
    assert client.search_runs([experiment]) == []
    client.restore_run(first)
    found = client.get_run(first)
    assert (found.info.lifecycle_stage, found.data.params) == ("active", {"p": "kept"})
    client.log_metric(first, "m", 1.0)
    refused("RESOURCE_DOES_NOT_EXIST", "", client.delete_run, "0" * 32)
    refused("RESOURCE_DOES_NOT_EXIST", "", client.restore_run, "0" * 32)
    return {"restored": first, "deleted": second}


def nested_runs_know_their_parent(bench: Bench) -> dict[str, Any]:
    experiment = mlflow.set_experiment(bench.called()).experiment_id
    with mlflow.start_run(run_name="parent") as parent:
        children = []
        for place in range(3):
            with mlflow.start_run(run_name=f"child {place}", nested=True) as child:
                mlflow.log_metric("score", place)
                children.append(child.info.run_id)
    found = bench.client.search_runs(
        [experiment], f"tags.mlflow.parentRunId = '{parent.info.run_id}'", order_by=["metrics.score"]
    )
    assert [run.info.run_id for run in found] == children
    assert mlflow.get_parent_run(children[1]).info.run_id == parent.info.run_id
    assert mlflow.get_parent_run(parent.info.run_id) is None
    return {"parent": parent.info.run_id, "children": children}


def datasets_are_noted_and_found(bench: Bench) -> dict[str, Any]:
    client = bench.client
    experiment = mlflow.set_experiment(bench.called()).experiment_id
    table = pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    with mlflow.start_run() as run:
        dataset = mlflow.data.from_pandas(table, source="s3://bucket/table.csv", name="table", targets="y")
        mlflow.log_input(dataset, context="training", tags={"split": "a"})
        mlflow.log_input(dataset, context="training")
        mlflow.log_input(mlflow.data.from_numpy(np.arange(4.0), name="array"), context="testing")
    inputs = {entry.dataset.name: entry for entry in client.get_run(run.info.run_id).inputs.dataset_inputs}
    assert set(inputs) == {"table", "array"}
    kept = inputs["table"].dataset
    assert (kept.digest, kept.source_type, kept.source) == (dataset.digest, "s3", '{"uri": "s3://bucket/table.csv"}')
    assert kept.schema == dataset.to_dict()["schema"]
    tags = {tag.key: tag.value for tag in inputs["table"].tags}
    assert tags["mlflow.data.context"] == "training"
    for one in (
        "name = 'table'",
        f"digest = '{dataset.digest}'",
        "context = 'testing'",
        "name LIKE 'tab%'",
        "name IN ('array', 'z')",
    ):
        found = client.search_runs([experiment], f"datasets.{one}")
        assert [entry.info.run_id for entry in found] == [run.info.run_id], one
    assert client.search_runs([experiment], "dataset.name = 'nothing'") == []
    path = "/ajax-api/2.0/mlflow/experiments/search-datasets"
    answer = bench.ask("POST", path, json={"experiment_ids": [experiment]})
    assert answer.status_code == 200, answer.text
    summaries = answer.json()["dataset_summaries"]
    assert {(each["name"], each.get("context")) for each in summaries} == {("table", "training"), ("array", "testing")}
    return {"run": run.info.run_id, "digest": dataset.digest}


def a_project_runs_with_the_environment_that_mlflow_run_gives_it(bench: Bench) -> dict[str, Any]:
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    bench.file("project/MLproject", PROJECT.replace("PYTHON", python).encode())
    folder = str(Path(bench.file("project/train.py", TRAIN.encode())).parent)
    done = mlflow.projects.run(
        folder,
        experiment_name=bench.called(),
        parameters={"alpha": 0.25},
        env_manager="local",
        synchronous=True,
        run_name="by mlflow run",
    )
    assert done.get_status() == RunStatus.to_string(RunStatus.FINISHED)
    run = mlflow.get_run(done.run_id)
    assert run.data.metrics == {"score": 0.75}
    assert run.data.params["alpha"] == "0.25"
    assert run.info.run_name == "by mlflow run"
    assert run.data.tags["mlflow.project.entryPoint"] == "main"
    assert run.info.status == "FINISHED"
    return {"run": done.run_id}


def the_environment_names_the_experiment(bench: Bench) -> dict[str, Any]:
    script = bench.file("alone.py", ALONE.encode())
    environment = {**os.environ, "MLFLOW_EXPERIMENT_NAME": bench.called()}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True)
    run = mlflow.get_run(done.stdout.split()[-1])
    assert mlflow.get_experiment(run.info.experiment_id).name == bench.called()
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"score": 0.5})
    return {"run": run.info.run_id}
