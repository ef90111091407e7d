"""Models are logged and registered as MLflow's clients expect it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from asking import ask
from marigram.model import project_run_id
from mlflow_asking import API, Mlflow
from running_server import RunningServer


@pytest.fixture(scope="module")
def mlflow(shared_server: RunningServer) -> Mlflow:
    """Give a client of a server that the tests of this file share."""
    return Mlflow(shared_server.url)


@pytest.fixture
def name(mlflow: Mlflow) -> str:
    """Give the name of a registered model of the test's own."""
    name = f"cats {uuid.uuid4().hex}"
    mlflow.call("POST", "registered-models/create", name=name, description="finds cats", tags=[tag("team", "vision")])
    return name


def tag(key: str, value: str) -> dict[str, str]:
    """Return a tag as messages write it."""
    return {"key": key, "value": value}


def add(mlflow: Mlflow, name: str, source: str = "s3://bucket/model", **message: Any) -> dict[str, Any]:
    """Register a version and return it."""
    return mlflow.call("POST", "model-versions/create", name=name, source=source, **message)["model_version"]


def test_a_logged_model_has_a_life_of_its_own(mlflow: Mlflow) -> None:
    experiment = mlflow.experiment("lab/logged")
    run = mlflow.run(experiment)
    info = mlflow.logged_model(
        experiment,
        name="model",
        model_type="classifier",
        source_run_id=run["run_id"],
        params=[tag("lr", "0.1")],
        tags=[tag("a", "1")],
    )
    path = f"logged-models/{info['model_id']}"
    assert info["artifact_uri"] == f"mlflow-artifacts:/{experiment}/models/{info['model_id']}/artifacts"
    assert (info["status"], info["name"], info["model_type"]) == ("LOGGED_MODEL_PENDING", "model", "classifier")
    mlflow.put(info["artifact_uri"], "MLmodel", b"flavors: {}")
    mlflow.put(info["artifact_uri"], "data/weights", b"123")
    done = mlflow.call("PATCH", path, status="LOGGED_MODEL_READY")["model"]
    assert done["info"]["status"] == "LOGGED_MODEL_READY"
    assert done["data"] == {"params": [tag("lr", "0.1")]}
    mlflow.call("PATCH", f"{path}/tags", tags=[tag("b/c", "2"), tag("a", "3")])
    mlflow.call("DELETE", f"{path}/tags/b/c")
    mlflow.call("POST", f"{path}/params", params=[tag("depth", "4")])
    found = mlflow.call("GET", path)["model"]
    assert found["info"]["tags"] == [tag("a", "3")]
    assert found["data"]["params"] == [tag("depth", "4"), tag("lr", "0.1")]
    listed = mlflow.call("GET", f"{path}/artifacts/directories")
    assert [each["path"] for each in listed["files"]] == ["MLmodel", "data"]
    below = mlflow.call("GET", f"{path}/artifacts/directories", artifact_directory_path="data")
    assert below["files"] == [{"path": "data/weights", "is_dir": False, "file_size": 3}]
    mlflow.call("DELETE", path)
    assert mlflow.code("GET", path) == "RESOURCE_DOES_NOT_EXIST"
    assert mlflow.get(info["artifact_uri"], "MLmodel").status == 404


def test_what_was_measured_of_a_logged_model_is_kept_once_with_it_and_with_the_run(mlflow: Mlflow) -> None:
    experiment = mlflow.experiment("lab/measured")
    run_id = mlflow.run(experiment)["run_id"]
    model_id = mlflow.logged_model(experiment, name="model", source_run_id=run_id)["model_id"]
    point = {"key": "acc", "value": 0.5, "timestamp": 7, "step": 3, "model_id": model_id}
    for _ in range(2):
        mlflow.call("POST", "runs/log-metric", run_id=run_id, dataset_name="test", dataset_digest="d", **point)
    mlflow.call("POST", "runs/log-batch", run_id=run_id, metrics=[{**point, "step": 4, "value": "NaN"}])
    metrics = mlflow.call("GET", f"logged-models/{model_id}")["model"]["data"]["metrics"]
    assert [(each["step"], each["value"], each.get("dataset_name")) for each in metrics] == [
        (3, 0.5, "test"),
        (4, "NaN", None),
    ]
    assert {each["run_id"] for each in metrics} == {run_id}
    history = mlflow.call("GET", "runs/get", run_id=run_id)["run"]["data"]["metrics"]
    assert [each["key"] for each in history] == ["acc"]
    unknown = {**point, "model_id": f"m-{'f' * 32}"}
    assert mlflow.code("POST", "runs/log-metric", run_id=run_id, **unknown) == "RESOURCE_DOES_NOT_EXIST"


def test_logged_models_are_searched_ordered_and_paged(mlflow: Mlflow) -> None:
    experiment = mlflow.experiment("lab/searched")
    run_id = mlflow.run(experiment)["run_id"]
    for at, value in enumerate([0.9, 0.5, None]):
        model = mlflow.logged_model(experiment, name=f"model-{at}", source_run_id=run_id, params=[tag("lr", f"0.{at}")])
        if value is not None:
            point = {"key": "acc", "value": value, "timestamp": 7, "model_id": model["model_id"], "dataset_name": "t"}
            mlflow.call("POST", "runs/log-metric", run_id=run_id, **point)

    def found(filter_text: str | None = None, **message: Any) -> list[str]:
        asked = {"experiment_ids": [experiment], "filter": filter_text, **message}
        page = mlflow.call("POST", "logged-models/search", **asked)
        return [each["info"]["name"] for each in page.get("models", [])]

    by_name = [{"field_name": "name"}]
    assert sorted(found()) == ["model-0", "model-1", "model-2"]
    assert found("metrics.acc > 0.6") == ["model-0"]
    assert found("params.lr = '0.1' AND name LIKE 'model%'") == ["model-1"]
    of_run = f"source_run_id = '{run_id}' AND status = 'PENDING'"
    assert found(of_run, max_results=2, order_by=by_name) == ["model-0", "model-1"]
    assert sorted(found(datasets=[{"dataset_name": "t"}])) == ["model-0", "model-1"]
    assert found(order_by=[{"field_name": "metrics.acc"}]) == ["model-1", "model-0", "model-2"]
    assert found(order_by=[{"field_name": "metrics.acc", "ascending": False}]) == ["model-0", "model-1", "model-2"]
    falling = {"experiment_ids": [experiment], "order_by": [{"field_name": "name", "ascending": False}]}
    first = mlflow.call("POST", "logged-models/search", max_results=2, **falling)
    second = mlflow.call("POST", "logged-models/search", page_token=first["next_page_token"], **falling)
    assert [each["info"]["name"] for each in first["models"] + second["models"]] == ["model-2", "model-1", "model-0"]
    assert "next_page_token" not in second
    for bad in ("nothing = 'x'", "metrics.acc LIKE 'x'", "params.lr > 1", "name = ", "spam.x = '1'"):
        asked = {"experiment_ids": [experiment], "filter": bad}
        assert mlflow.code("POST", "logged-models/search", **asked) == "INVALID_PARAMETER_VALUE"


def test_a_registered_model_is_described_renamed_and_deleted(mlflow: Mlflow, name: str) -> None:
    model = mlflow.call("GET", "registered-models/get", name=name)["registered_model"]
    assert (model["description"], model["tags"]) == ("finds cats", [tag("team", "vision")])
    assert "latest_versions" not in model
    assert mlflow.code("POST", "registered-models/create", name=name) == "RESOURCE_ALREADY_EXISTS"
    mlflow.call("PATCH", "registered-models/update", name=name, description="finds all cats")
    mlflow.call("POST", "registered-models/set-tag", name=name, key="a", value="1")
    mlflow.call("DELETE", "registered-models/delete-tag", name=name, key="team")
    add(mlflow, name)
    renamed = mlflow.call("POST", "registered-models/rename", name=name, new_name=f"{name}!")["registered_model"]
    assert (renamed["description"], renamed["tags"]) == ("finds all cats", [tag("a", "1")])
    assert [(each["name"], each["version"]) for each in renamed["latest_versions"]] == [(f"{name}!", "1")]
    assert mlflow.code("GET", "registered-models/get", name=name) == "RESOURCE_DOES_NOT_EXIST"
    mlflow.call("DELETE", "registered-models/delete", name=f"{name}!")
    assert mlflow.code("DELETE", "registered-models/delete", name=f"{name}!") == "RESOURCE_DOES_NOT_EXIST"


def test_aliases_stand_for_versions(mlflow: Mlflow, name: str) -> None:
    for _ in range(2):
        add(mlflow, name)
    mlflow.call("POST", "registered-models/alias", name=name, alias="champion", version="1")
    version = mlflow.call("GET", "registered-models/alias", name=name, alias="champion")["model_version"]
    assert (version["version"], version["aliases"]) == ("1", ["champion"])
    latest = mlflow.call("GET", "registered-models/alias", name=name, alias="latest")["model_version"]
    assert latest["version"] == "2"
    assert (
        mlflow.code("POST", "registered-models/alias", name=name, alias="x", version="9") == "RESOURCE_DOES_NOT_EXIST"
    )
    for bad in ("latest", "v3", "a b", ""):
        code = mlflow.code("POST", "registered-models/alias", name=name, alias=bad, version="1")
        assert code == "INVALID_PARAMETER_VALUE"
    mlflow.call("DELETE", "registered-models/alias", name=name, alias="champion")
    assert mlflow.code("GET", "registered-models/alias", name=name, alias="champion") == "INVALID_PARAMETER_VALUE"


def test_stages_move_and_archive(mlflow: Mlflow, name: str) -> None:
    for number in ("1", "2"):
        add(mlflow, name)
        moved = mlflow.call(
            "POST",
            "model-versions/transition-stage",
            name=name,
            version=number,
            stage="production",
            archive_existing_versions=True,
        )
        assert moved["model_version"]["current_stage"] == "Production"
    add(mlflow, name)
    latest = mlflow.call("POST", "registered-models/get-latest-versions", name=name)["model_versions"]
    assert {(each["version"], each["current_stage"]) for each in latest} == {
        ("3", "None"),
        ("2", "Production"),
        ("1", "Archived"),
    }
    some = mlflow.call("POST", "registered-models/get-latest-versions", name=name, stages=["Production"])
    assert [each["version"] for each in some["model_versions"]] == ["2"]
    for stage, archive in (("none", True), ("somewhere", False)):
        message = {"name": name, "version": "1", "stage": stage, "archive_existing_versions": archive}
        assert mlflow.code("POST", "model-versions/transition-stage", **message) == "INVALID_PARAMETER_VALUE"


def test_a_version_is_described_tagged_and_deleted(mlflow: Mlflow, name: str) -> None:
    version = add(mlflow, name, description="first", tags=[tag("a", "1")], run_link="https://example.com")
    assert (version["version"], version["status"], version["current_stage"]) == ("1", "READY", "None")
    mlflow.call("PATCH", "model-versions/update", name=name, version="1", description="changed")
    mlflow.call("POST", "model-versions/set-tag", name=name, version="1", key="b", value="2")
    mlflow.call("DELETE", "model-versions/delete-tag", name=name, version="1", key="a")
    found = mlflow.call("GET", "model-versions/get", name=name, version="1")["model_version"]
    assert (found["description"], found["tags"]) == ("changed", [tag("b", "2")])
    mlflow.call("DELETE", "model-versions/delete", name=name, version="1")
    assert mlflow.code("GET", "model-versions/get", name=name, version="1") == "RESOURCE_DOES_NOT_EXIST"
    assert mlflow.code("GET", "model-versions/get", name=name, version="one") == "INVALID_PARAMETER_VALUE"
    assert add(mlflow, name)["version"] == "2"


def test_sources_of_all_kinds_are_found(mlflow: Mlflow, name: str) -> None:
    experiment = mlflow.experiment(f"lab/{uuid.uuid4().hex}")
    run = mlflow.run(experiment)
    mlflow.put(run["artifact_uri"], "model/MLmodel", b"flavors: {}")
    logged = mlflow.logged_model(experiment, name="model", source_run_id=run["run_id"])

    def uri_of(version: dict[str, Any]) -> str:
        asked = {"name": name, "version": version["version"]}
        return mlflow.call("GET", "model-versions/get-download-uri", **asked)["artifact_uri"]

    of_run = add(mlflow, name, f"runs:/{run['run_id']}/model")
    of_store = add(mlflow, name, f"{run['artifact_uri']}/model", run_id=run["run_id"])
    of_model = add(mlflow, name, f"models:/{logged['model_id']}")
    mlflow.call("POST", "registered-models/alias", name=name, alias="best", version=of_model["version"])
    copies = [add(mlflow, name, f"models:/{name}/{of_store['version']}"), add(mlflow, name, f"models:/{name}@best")]
    for version in (of_run, of_store, of_model, *copies):
        assert version["run_id"] == run["run_id"]
    assert (of_model["model_id"], copies[1]["model_id"]) == (logged["model_id"], logged["model_id"])
    assert copies[1]["source"] == f"models:/{name}/{of_model['version']}"
    assert uri_of(of_run) == f"runs:/{run['run_id']}/model"
    assert uri_of(of_store) == uri_of(copies[0]) == f"{run['artifact_uri']}/model"
    assert uri_of(of_model) == uri_of(copies[1]) == logged["artifact_uri"]
    assert uri_of(add(mlflow, name, "s3://bucket/x")) == "s3://bucket/x"
    refused = {
        "": "INVALID_PARAMETER_VALUE",
        "/tmp/model": "INVALID_PARAMETER_VALUE",
        "file:///tmp/model": "INVALID_PARAMETER_VALUE",
        "s3://bucket/../x": "INVALID_PARAMETER_VALUE",
        "models:/": "INVALID_PARAMETER_VALUE",
        f"models:/{name}": "INVALID_PARAMETER_VALUE",
        f"models:/{name}/99": "RESOURCE_DOES_NOT_EXIST",
        f"models:/m-{'f' * 32}": "RESOURCE_DOES_NOT_EXIST",
        f"runs:/{'f' * 32}/model": "RESOURCE_DOES_NOT_EXIST",
    }
    for source, code in refused.items():
        assert mlflow.code("POST", "model-versions/create", name=name, source=source) == code, source
    other = {"source": f"runs:/{run['run_id']}/model", "run_id": "f" * 32}
    assert mlflow.code("POST", "model-versions/create", name=name, **other) == "INVALID_PARAMETER_VALUE"
    assert mlflow.code("POST", "model-versions/create", name="nobody", source="s3://x") == "RESOURCE_DOES_NOT_EXIST"


def test_a_logged_model_that_is_registered_keeps_its_files_when_it_is_deleted(mlflow: Mlflow, name: str) -> None:
    experiment = mlflow.experiment(f"lab/{uuid.uuid4().hex}")
    info = mlflow.logged_model(experiment, name="model")
    mlflow.put(info["artifact_uri"], "MLmodel", b"flavors: {}")
    add(mlflow, name, f"models:/{info['model_id']}")
    mlflow.call("DELETE", f"logged-models/{info['model_id']}")
    assert mlflow.code("GET", f"logged-models/{info['model_id']}") == "RESOURCE_DOES_NOT_EXIST"
    assert mlflow.get(info["artifact_uri"], "MLmodel").body == b"flavors: {}"


def test_the_registry_is_searched(mlflow: Mlflow, name: str) -> None:
    run = mlflow.run()
    for _ in range(3):
        add(mlflow, name, f"runs:/{run['run_id']}/model")
    mlflow.call("POST", "model-versions/set-tag", name=name, version="2", key="good", value="yes")
    prompt = f"prompt {name}"
    mlflow.call("POST", "registered-models/create", name=prompt, tags=[tag("mlflow.prompt.is_prompt", "true")])

    def models(filter_text: str, **message: Any) -> list[str]:
        found = mlflow.call("GET", "registered-models/search", filter=filter_text, **message)
        return [each["name"] for each in found.get("registered_models", [])]

    def versions(filter_text: str, **message: Any) -> list[str]:
        found = mlflow.call("GET", "model-versions/search", filter=f"name = '{name}' AND {filter_text}", **message)
        return [each["version"] for each in found.get("model_versions", [])]

    assert models(f"name = '{name}'") == models(f"name ILIKE '{name.upper()}%'") == [name]
    assert models(f"name LIKE '%{name}' AND tags.team = 'vision'") == [name]
    assert models(f"name IN ('{name}', 'x') AND tag.`mlflow.prompt.is_prompt` != 'true'") == [name]
    assert models(f"name = '{prompt}'") == []
    assert models(f"name = '{prompt}' AND tags.`mlflow.prompt.is_prompt` = 'true'") == [prompt]
    assert versions("version_number > 0", order_by="version_number ASC") == ["1", "2", "3"]
    assert versions(f"run_id = '{run['run_id']}' AND version_number <= 2", order_by="version_number DESC") == ["2", "1"]
    assert versions("tags.good = 'yes'") == ["2"]
    assert versions("source_path LIKE 'runs:%'", max_results=1, order_by="version_number") == ["1"]
    for bad in ("stage = 'x'", "name > 'x'", "name = 3", "name = 'x' OR name = 'y'", "run_id"):
        assert mlflow.code("GET", "registered-models/search", filter=bad) == "INVALID_PARAMETER_VALUE", bad
    for wrong in ({"max_results": 0}, {"max_results": 5000}, {"page_token": "?"}, {"order_by": "x"}):
        assert mlflow.code("GET", "registered-models/search", **wrong) == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a:b", ".."])
def test_a_name_that_would_not_fit_into_a_uri_is_refused(mlflow: Mlflow, name: str) -> None:
    for method, path in (("POST", "registered-models/create"), ("GET", "registered-models/get")):
        assert mlflow.code(method, path, name=name) == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize("body", [b'"\xff', b'{"name": "\xff"}', b'"x"', b"[" * 100_000, b"{", b"null", b"\xff"])
def test_a_body_that_is_no_message_is_refused_in_mlflows_words(mlflow: Mlflow, body: bytes) -> None:
    answer = ask(mlflow.url, f"{API}/registered-models/create", method="POST", body=body)
    assert (answer.status, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_logged_models_live_in_the_run_that_holds_what_is_said_of_their_project(mlflow: Mlflow) -> None:
    experiment = mlflow.experiment("lab/own")
    info = mlflow.logged_model(experiment, name="model")
    mlflow.put(info["artifact_uri"], "MLmodel", b"x")
    unknown = mlflow.get(f"mlflow-artifacts:/{experiment}/{project_run_id('lab/own')}/artifacts", "MLmodel")  # pyright: ignore[reportArgumentType] a project's name
    assert unknown.status == 404
    assert mlflow.get(info["artifact_uri"], "MLmodel").body == b"x"
