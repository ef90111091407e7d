"""Scenarios of logged models: the models that MLflow 3 knows beside runs, and how each client loads one."""

from __future__ import annotations

from typing import Any

import mlflow
import numpy as np
import pandas as pd
from bench import Bench, refused, since
from mlflow.entities import Metric
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression

REQUIREMENTS = ["scikit-learn"]
"""Given, so that the client does not start a process to find them out."""


def _trained() -> tuple[LinearRegression, pd.DataFrame]:
    table = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0]})
    return LinearRegression().fit(table, 2 * table["x"] + 1), table


def a_model_is_logged_and_loaded_by_run(bench: Bench) -> dict[str, Any]:
    mlflow.set_experiment(bench.called())
    model, table = _trained()
    signature = infer_signature(table, model.predict(table))
    arguments = {"signature": signature, "input_example": table.head(2), "pip_requirements": REQUIREMENTS}
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(model, "model", **arguments)
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert np.allclose(loaded.predict(table), [1, 3, 5, 7])
    assert loaded.metadata.signature == signature
    assert np.allclose(mlflow.sklearn.load_model(info.model_uri).predict(table), [1, 3, 5, 7])
    described = mlflow.models.get_model_info(f"runs:/{run.info.run_id}/model")
    assert set(described.flavors) == {"python_function", "sklearn"}
    return {"run": run.info.run_id, "model": getattr(info, "model_id", None), "version": mlflow.__version__}


@since(3)
def a_logged_model_is_made_described_and_finished(bench: Bench) -> dict[str, Any]:
    client = bench.client
    experiment = mlflow.set_experiment(bench.called()).experiment_id
    with mlflow.start_run() as run:
        made = mlflow.initialize_logged_model(
            name="net", model_type="agent", params={"depth": "3"}, tags={"by": "hand"}
        )
        assert made.status == "PENDING"
        assert made.model_id.startswith("m-")
        mlflow.log_metric("accuracy", 0.5, step=1, model_id=made.model_id)
        client.log_batch(run.info.run_id, metrics=[Metric("accuracy", 0.75, 2, 2, model_id=made.model_id)])
        client.log_model_params(made.model_id, {"width": "4"})
        client.set_logged_model_tags(made.model_id, {"stage": "try", "gone": "soon"})
        client.delete_logged_model_tag(made.model_id, "gone")
        client.log_model_artifact(made.model_id, bench.file("weights.bin", b"weights"))
        client.log_model_artifacts(made.model_id, str(bench.folder))
        done = mlflow.finalize_logged_model(made.model_id, "READY")
    assert done.status == "READY"
    found = mlflow.get_logged_model(made.model_id)
    assert (found.name, found.model_type, found.source_run_id) == ("net", "agent", run.info.run_id)
    assert found.params == {"depth": "3", "width": "4"}
    assert {key: found.tags[key] for key in ("by", "stage")} == {"by": "hand", "stage": "try"}
    assert "gone" not in found.tags
    assert found.experiment_id == experiment
    last = {metric.key: metric.value for metric in found.metrics}
    assert last == {"accuracy": 0.75} or {(m.key, m.value) for m in found.metrics} >= {("accuracy", 0.75)}
    assert found.last_updated_timestamp >= found.creation_timestamp > 0
    assert [item.path for item in client.list_logged_model_artifacts(made.model_id)] == ["weights.bin"]
    path = f"/api/2.0/mlflow/logged-models/{made.model_id}/artifacts/directories"
    listed = bench.ask("GET", path).json()
    assert [(file["path"], file["is_dir"]) for file in listed["files"]] == [("weights.bin", False)]
    assert mlflow.artifacts.load_text(f"{found.artifact_location}/weights.bin") == "weights"
    failed = client.create_logged_model(experiment, name="bad")
    assert client.finalize_logged_model(failed.model_id, "FAILED").status == "FAILED"
    client.delete_logged_model(failed.model_id)
    refused("RESOURCE_DOES_NOT_EXIST", "", client.get_logged_model, failed.model_id)
    refused("RESOURCE_DOES_NOT_EXIST", "", client.get_logged_model, "m-" + "0" * 32)
    assert mlflow.last_logged_model() is not None
    outside = mlflow.create_external_model(name="outside", params={"a": "1"})
    assert (
        mlflow.set_active_model(model_id=outside.model_id).model_id == mlflow.get_active_model_id() == outside.model_id
    )
    mlflow.clear_active_model()
    assert mlflow.get_active_model_id() is None
    assert mlflow.get_logged_model(outside.model_id).status == "READY"
    return {"run": run.info.run_id, "model": made.model_id}


@since(3)
def logged_models_are_searched(bench: Bench) -> dict[str, Any]:
    client = bench.client
    experiment = mlflow.set_experiment(bench.called()).experiment_id
    models = {}
    with mlflow.start_run() as run:
        for place, letter in enumerate("abcd"):
            made = client.create_logged_model(
                experiment,
                name=f"net-{letter}",
                source_run_id=run.info.run_id,
                params={"depth": str(place)},
                tags={"half": "ab" if place < 2 else "cd"},
            )
            client.log_metric(run.info.run_id, "score", place / 2, model_id=made.model_id)
            models[letter] = made.model_id
        client.finalize_logged_model(models["d"], "READY")
        client.log_outputs(run.info.run_id, [mlflow.entities.LoggedModelOutput(models["a"], 0)])
        client.log_inputs(run.info.run_id, models=[mlflow.entities.LoggedModelInput(models["b"])])
    letters = {model: letter for letter, model in models.items()}

    def find(filter_string: str | None = None, **arguments: Any) -> str:
        arguments.setdefault("order_by", [{"field_name": "name", "ascending": True}])
        found = client.search_logged_models([experiment], filter_string, **arguments)
        return "".join(letters[model.model_id] for model in found)

    wanted = {
        "name = 'net-a'": "a",
        "name LIKE 'net-%'": "abcd",
        "name != 'net-a'": "bcd",
        "params.depth = '1'": "b",
        "tags.half = 'cd'": "cd",
        "metrics.score >= 0.5 AND tags.half = 'ab'": "b",
        f"source_run_id = '{run.info.run_id}'": "abcd",
        f"model_id = '{models['c']}'": "c",
        "creation_timestamp > 0": "abcd",
    }
    wrong = {text: find(text) for text, letters in wanted.items() if find(text) != letters}
    assert wrong == {}
    assert find(order_by=[{"field_name": "metrics.score", "ascending": False}]) == "dcba"
    page = client.search_logged_models([experiment], max_results=3, order_by=[{"field_name": "name"}])
    assert len(page) == 3
    rest = client.search_logged_models(
        [experiment], max_results=3, order_by=[{"field_name": "name"}], page_token=page.token
    )
    assert len(rest) == 1
    assert len(mlflow.search_logged_models([experiment], output_format="list")) == 4
    refused("INVALID_PARAMETER_VALUE", "", client.search_logged_models, [experiment], "nothing = '1'")
    found = client.get_run(run.info.run_id)
    assert [output.model_id for output in found.outputs.model_outputs] == [models["a"]]
    assert [entry.model_id for entry in found.inputs.model_inputs] == [models["b"]]
    return {"models": models}
