"""The read API shows the registry and what runs have logged."""

from __future__ import annotations

from typing import Any

import pytest

from asking import ask
from mlflow_asking import Mlflow
from running_server import RunningServer


@pytest.fixture(scope="module")
def mlflow(shared_server: RunningServer) -> Mlflow:
    """Give a client of a server that the tests of this file share."""
    return Mlflow(shared_server.url)


def shown(mlflow: Mlflow, path: str) -> Any:
    """Return what the read API answers."""
    return ask(mlflow.url, f"/api/v1/{path}").json()


def test_models_of_a_run_are_shown_with_what_they_are_registered_as(mlflow: Mlflow) -> None:
    experiment = mlflow.experiment("lab/shown")
    run = mlflow.run(experiment)
    run_id = run["run_id"]
    ids = [mlflow.logged_model(experiment, name=name, source_run_id=run_id)["model_id"] for name in ("one", "two")]
    mlflow.call("POST", "runs/outputs", run_id=run_id, models=[{"model_id": each, "step": 0} for each in ids])
    for path in ("old/MLmodel", "deep/er/MLmodel", "MLmodel.txt"):
        mlflow.put(run["artifact_uri"], path, b"flavors: {}")
    point = {"key": "acc", "value": "NaN", "timestamp": 7, "model_id": ids[0]}
    mlflow.call("POST", "runs/log-metric", run_id=run_id, **point)
    mlflow.call("POST", "registered-models/create", name="a model", tags=[{"key": "a", "value": "1"}])
    for source in (f"models:/{ids[0]}", f"runs:/{run_id}/old", "s3://elsewhere"):
        mlflow.call("POST", "model-versions/create", name="a model", source=source)

    found = shown(mlflow, f"runs/{run_id}/models")["models"]
    assert {each["name"] for each in found} == {"one", "two", "old", "er"}
    by_name = {each["name"]: each for each in found}
    assert [each["number"] for each in by_name["one"]["versions"]] == [1]
    assert [each["number"] for each in by_name["old"]["versions"]] == [2]
    assert (by_name["two"]["versions"], by_name["er"]["files"]["path"]) == ([], "artifacts/deep/er")
    assert {each["run"]["key"] for each in found} == {"SHOW-1"}
    logged = shown(mlflow, f"logged-models/{ids[0]}")
    assert (logged["status"], logged["metrics"][0]["value"], logged["id"]) == ("pending", "NaN", ids[0])

    [model] = shown(mlflow, "models")["models"]
    assert (model["version_count"], model["latest"]["number"], model["latest_run"]) == (3, 3, None)
    page = shown(mlflow, "models/a%20model")
    assert [(each["version"]["number"], each["run"] and each["run"]["key"]) for each in page["versions"]] == [
        (3, None),
        (2, "SHOW-1"),
        (1, "SHOW-1"),
    ]
    for path in ("models/nothing", "logged-models/m-1", f"runs/{'f' * 32}/models"):
        assert shown(mlflow, path)["code"] == "not_found"
