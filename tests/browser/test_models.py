"""Models: the registry, a model's page, and what the page of a run of MLflow's client says and cannot do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from looking import Look
from mlflow_asking import Mlflow
from running_server import RunningServer

MODEL_FILE = b"""artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
    loader_module: mlflow.sklearn
    python_version: 3.11.7
  sklearn:
    code: null
    serialization_format: skops
    sklearn_version: 1.7.1
mlflow_version: 3.3.0
saved_input_example_info:
  artifact_path: input_example.json
  type: ndarray
signature:
  inputs: '[{"type": "double", "name": "petal length", "required": true}, {"type":
    "double", "name": "petal width", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
utc_time_created: '2026-11-22 05:24:36'
"""
EXAMPLE = b'{"columns": ["petal length", "petal width"], "data": [[5.1, 1.8]]}'


@pytest.fixture(scope="module")
def logged(shared_server: RunningServer) -> dict[str, Any]:
    """A run of MLflow's client that goes on, with a model that is registered twice and one of the old kind."""
    mlflow = Mlflow(shared_server.url)
    experiment = mlflow.experiment("vision/irises")
    run = mlflow.run(experiment)
    model = mlflow.logged_model(experiment, name="classifier", source_run_id=run["run_id"], model_type="sklearn")
    mlflow.put(model["artifact_uri"], "MLmodel", MODEL_FILE)
    mlflow.put(model["artifact_uri"], "input_example.json", EXAMPLE)
    mlflow.call("PATCH", f"logged-models/{model['model_id']}", status="LOGGED_MODEL_READY")
    mlflow.call("POST", "runs/outputs", run_id=run["run_id"], models=[{"model_id": model["model_id"], "step": 0}])
    mlflow.put(run["artifact_uri"], "old model/MLmodel", MODEL_FILE)
    point = {"key": "accuracy", "value": 0.97, "timestamp": 1, "step": 3, "model_id": model["model_id"]}
    mlflow.call("POST", "runs/log-metric", run_id=run["run_id"], dataset_name="test", **point)
    tags = [{"key": "team", "value": "botany"}, {"key": "mlflow.internal", "value": "x"}]
    mlflow.call("POST", "registered-models/create", name="irises", description="Tells irises apart.", tags=tags)
    for source in (f"runs:/{run['run_id']}/old model", f"models:/{model['model_id']}", "s3://elsewhere/model"):
        mlflow.call("POST", "model-versions/create", name="irises", source=source, run_id=None)
    mlflow.call("POST", "registered-models/alias", name="irises", alias="champion", version="2")
    stage = {"name": "irises", "version": "1", "stage": "Production"}
    mlflow.call("POST", "model-versions/transition-stage", **stage)
    return {"url": shared_server.url, "run": run, "model": model["model_id"]}


@pytest.mark.slow
def test_the_registry_leads_to_a_model_its_versions_and_the_run_that_made_it(
    logged: dict[str, Any], page: Page
) -> None:
    page.goto(logged["url"])
    page.get_by_role("link", name="Models", exact=True).click()
    row = page.get_by_test_id("model-row")
    expect(row).to_have_count(1)
    for text in ("irises", "Tells irises apart.", "Version 3", "of 3", "@champion → 2", "team: botany"):
        expect(row).to_contain_text(text)
    expect(row).not_to_contain_text("mlflow.internal")
    row.get_by_role("link", name="irises").click()
    versions = page.get_by_test_id("version-row")
    expect(versions).to_have_count(3)
    expect(versions.nth(1)).to_contain_text("@champion")
    expect(versions.nth(2)).to_contain_text("Production")
    expect(page.get_by_text("Its files are not on this server")).to_be_visible()
    versions.nth(1).get_by_role("link", name="Version 2").click()
    expect(page.get_by_test_id("model-loading")).to_contain_text('mlflow.sklearn.load_model("models:/irises/2")')
    columns = page.get_by_test_id("model-columns")
    expect(columns.first).to_contain_text("petal widthdoubleoptional")
    expect(columns.nth(1)).to_contain_text("tensor of int64 (-1)")
    expect(page.get_by_test_id("model-example")).to_contain_text("[[5.1, 1.8]]")
    expect(page.get_by_test_id("model-flavour")).to_have_count(2)
    expect(page.get_by_test_id("model-flavour").nth(1)).to_contain_text("sklearn_version1.7.1")
    versions.nth(1).get_by_role("link", name="IRIS-1").click()
    expect(page).to_have_url(re.compile("/vision/irises/runs/IRIS-1$"))


@pytest.mark.slow
def test_the_page_of_a_run_leads_to_its_models_and_says_what_its_client_cannot_do(
    logged: dict[str, Any], page: Page
) -> None:
    address = f"{logged['url']}/vision/irises/runs/{logged['run']['run_id']}"
    page.goto(f"{address}?tab=console")
    expect(page.get_by_text("This client sends no console")).to_be_visible()
    stop = page.get_by_test_id("no-stop")
    expect(stop).to_have_attribute("aria-disabled", "true")
    stop.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("it can't be stopped from here")
    models = page.get_by_test_id("models-of-run")
    expect(models).to_contain_text("classifieririses v2")
    expect(models).to_contain_text("old modelirises v1")
    models.get_by_role("link", name="old model").click()
    expect(page.get_by_test_id("model-loading")).to_contain_text(
        f'mlflow.pyfunc.load_model("runs:/{logged["run"]["run_id"]}/old model")'
    )
    page.go_back()
    models.get_by_role("link", name="classifier").click()
    shown = page.get_by_test_id("logged-model")
    expect(shown).to_contain_text("irises version 2")
    expect(shown.get_by_role("row", name="accuracy")).to_contain_text("accuracy0.973test")
    expect(page.get_by_test_id("model-loading")).to_contain_text(f'load_model("models:/{logged["model"]}")')


@pytest.mark.slow
def test_the_address_that_mlflows_client_prints_leads_to_the_run(logged: dict[str, Any], page: Page) -> None:
    run = logged["run"]
    page.goto(f"{logged['url']}/#/experiments/{run['experiment_id']}/runs/{run['run_id']}")
    expect(page).to_have_url(re.compile("/vision/irises/runs/IRIS-1$"))
    expect(page.get_by_test_id("no-stop")).to_be_visible()


@pytest.mark.slow
def test_pages_about_models_fit_the_window_and_are_accessible(logged: dict[str, Any], look: Look) -> None:
    page, url = look.page, logged["url"]
    page.goto(f"{url}/models")
    expect(page.get_by_test_id("model-row")).to_be_visible()
    look.at("models")
    page.goto(f"{url}/models?name=irises&version=2")
    expect(page.get_by_test_id("model-example")).to_be_visible()
    look.at("model")
    page.goto(f"{url}/models?logged={logged['model']}")
    expect(page.get_by_test_id("model-example")).to_be_visible()
    look.at("logged-model")
    page.goto(f"{url}/vision/irises/runs/{logged['run']['run_id']}?tab=console")
    expect(page.get_by_text("This client sends no console")).to_be_visible()
    expect(page.get_by_test_id("models-of-run")).to_be_visible()
    look.at("mlflow-run")
    page.goto(f"{url}/connect")
    expect(page.get_by_test_id("connect")).to_contain_text(f"export MLFLOW_TRACKING_URI={url}")
    look.at("connect-mlflow")
    assert not look.faults, look.faults
