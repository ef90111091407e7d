"""Two stories of users, told with the real libraries: what they have logged is in a run, and the models are there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.mlflow.conftest import CLIENTS, Conversation
from conformance.native.answers import Answers, ask
from running_server import RunningServer

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("client", CLIENTS)
def test_lightgbm_logs_by_itself_and_its_model_is_loaded_also_in_spark(conversation: Conversation, client: str) -> None:
    server = conversation.server
    facts = facts_of(conversation, client, "lightgbm_logs_by_itself_and_its_model_is_loaded_also_in_spark")
    run = Answers(server, facts["run"])
    assert (run.run()["name"], run.run()["status"]) == ("boosted", "finished")
    assert set(facts["logged"]) == {"binary_logloss", "auc"}
    for name, values in facts["logged"].items():
        assert run.points(f"metrics/valid-{name}") == [(step, value) for step, value in enumerate(values)]
    assert run.value("params/learning_rate") == "0.1"
    assert run.value("params/num_boost_round") == str(facts["rounds"])
    assert run.value("params/objective") == "binary"
    for kind, values in facts["importance"].items():
        kept = json.loads(run.file(f"artifacts/feature_importance_{kind}.json"))
        assert kept == {f"f{place}": pytest.approx(value) for place, value in enumerate(values)}
        assert run.file(f"artifacts/feature_importance_{kind}.png").startswith(b"\x89PNG")
    assert "MLmodel" in model_files(server, facts["run"], client)
    assert ("in spark" in facts) == (client == "mlflow-3")


@pytest.mark.parametrize("client", CLIENTS)
def test_scikit_learn_logs_by_itself_beside_figures_tables_and_dictionaries(
    conversation: Conversation, client: str
) -> None:
    server = conversation.server
    facts = facts_of(conversation, client, "scikit_learn_logs_by_itself_beside_figures_tables_and_dictionaries")
    run = Answers(server, facts["run"])
    assert (run.run()["name"], run.run()["status"]) == ("forest", "finished")
    assert facts["metrics"]["training_score"] > 0.9
    for name, value in facts["metrics"].items():
        assert [point[1] for point in run.points(f"metrics/{name}")] == [value]
    assert facts["params"]["n_estimators"] == "8"
    for name, value in facts["params"].items():
        assert run.value(f"params/{name}") == value
    assert run.value("tags/estimator_name") == "RandomForestClassifier"
    assert run.file("artifacts/figures/importance.png").startswith(b"\x89PNG")
    assert run.file("artifacts/training_confusion_matrix.png").startswith(b"\x89PNG")
    table = json.loads(run.file("artifacts/tables/predictions.json"))
    assert table["columns"] == ["true", "predicted"]
    assert len(table["data"]) == facts["rows"]
    assert json.loads(run.file("artifacts/classes.json")) == {"classes": ["setosa", "versicolor", "virginica"]}
    assert "MLmodel" in model_files(server, facts["run"], client)


def facts_of(conversation: Conversation, client: str, scenario: str) -> dict[str, Any]:
    told = conversation.told[client][scenario]
    if told.facts is None:
        pytest.fail(told.error or "nothing was said", pytrace=False)
    return told.facts


def model_files(server: RunningServer, run_id: str, client: str) -> set[str]:
    """Return the names of the files of the run's model: MLflow 3 keeps it beside runs, 2 in the run."""
    if client == "mlflow-2":
        listed = ask(server, f"/api/v1/runs/{run_id}/attributes?prefix=artifacts/model&limit=100")["attributes"]
        return {each["path"].removeprefix("artifacts/model/") for each in listed}
    outputs = ask(server, f"/api/2.0/mlflow/runs/get?run_id={run_id}")["run"]["outputs"]["model_outputs"]
    question = f"/api/2.0/mlflow/logged-models/{outputs[0]['model_id']}/artifacts/directories"
    return {each["path"].rpartition("/")[2] for each in ask(server, question)["files"]}
