"""What a server answers to MLflow's clients about experiments and runs, asked as they ask."""

from __future__ import annotations

import json

import pytest

from asking import HttpWriter, ask
from marigram.model import ProjectName, project_run_id
from operations import create, floats, put
from running_server import RunningServer
from speaking_mlflow import CREATED_AT, Speaking, metric, pairs

LARGEST = 1.7976931348623157e308


@pytest.fixture(scope="module")
def mlflow(shared_server: RunningServer) -> Speaking:
    return Speaking(shared_server.url)


def test_an_experiment_is_made_found_renamed_tagged_deleted_and_restored(mlflow: Speaking) -> None:
    made = mlflow.post("experiments/create", name="My exp / 1", tags=pairs(team="a"))["experiment_id"]
    assert made.isdigit()
    assert len(made) <= 18
    found = mlflow.get("experiments/get", experiment_id=made)["experiment"]
    assert (found["name"], found["lifecycle_stage"], found["tags"]) == ("My exp / 1", "active", pairs(team="a"))
    assert found["artifact_location"] == f"mlflow-artifacts:/{made}"
    assert mlflow.get("experiments/get-by-name", experiment_name="My exp / 1")["experiment"] == found
    again = mlflow.refused("experiments/create", name="My exp / 1")
    assert again == (400, "RESOURCE_ALREADY_EXISTS", "Experiment(name=My exp / 1) already exists.")

    mlflow.post("experiments/update", experiment_id=made, new_name="renamed")
    assert mlflow.get("experiments/get-by-name", experiment_name="renamed")["experiment"]["experiment_id"] == made
    gone = mlflow.refused("experiments/get-by-name", "GET", experiment_name="My exp / 1")
    assert gone == (404, "RESOURCE_DOES_NOT_EXIST", "Could not find experiment with name 'My exp / 1'")
    other = mlflow.experiment("My exp / 1")
    assert other != made
    taken = mlflow.refused("experiments/update", experiment_id=other, new_name="renamed")
    assert taken.code == "RESOURCE_ALREADY_EXISTS"

    mlflow.post("experiments/set-experiment-tag", experiment_id=made, key="k", value="v")
    mlflow.post("experiments/delete-experiment-tag", experiment_id=made, key="team")
    assert mlflow.get("experiments/get", experiment_id=made)["experiment"]["tags"] == pairs(k="v")
    no_tag = mlflow.refused("experiments/delete-experiment-tag", experiment_id=made, key="team")
    assert no_tag.code == "RESOURCE_DOES_NOT_EXIST"

    run = mlflow.run(made)
    mlflow.post("experiments/delete", experiment_id=made)
    assert mlflow.get("experiments/get", experiment_id=made)["experiment"]["lifecycle_stage"] == "deleted"
    assert mlflow.get("runs/get", run_id=run)["run"]["info"]["lifecycle_stage"] == "deleted"
    assert "must be in the 'active' state" in mlflow.refused("runs/create", experiment_id=made).message
    assert "deleted" in mlflow.refused("experiments/create", name="renamed").message
    mlflow.post("experiments/restore", experiment_id=made)
    assert mlflow.get("runs/get", run_id=run)["run"]["info"]["lifecycle_stage"] == "active"


def test_experiments_are_projects_and_projects_are_experiments(mlflow: Speaking) -> None:
    assert mlflow.get("experiments/get", experiment_id="0")["experiment"]["name"] == "Default"
    made = mlflow.experiment("vision/cats")
    run = mlflow.run(made, run_name="whiskers", tags=pairs(**{"mlflow.note.content": "Soft."}))
    seen = ask(mlflow.url, f"/api/v1/runs/{run}").json()
    assert (seen["project"], seen["name"], seen["status"]) == ("vision/cats", "whiskers", "running")
    assert mlflow.get("experiments/get-by-name", experiment_name="vision/cats")["experiment"]["experiment_id"] == made
    described = ask(mlflow.url, f"/api/v1/runs/{run}/attribute", path="sys/description").json()
    assert described["value"] == "Soft."


def test_experiments_are_searched(mlflow: Speaking) -> None:
    ids = [mlflow.experiment(f"searched {letter}") for letter in "abc"]
    mlflow.post("experiments/set-experiment-tag", experiment_id=ids[1], key="team", value="Blue")
    mlflow.post("experiments/delete", experiment_id=ids[2])

    def names(**message: object) -> list[str]:
        found = mlflow.post("experiments/search", max_results=1000, **message)
        return [each["name"] for each in found.get("experiments", []) if each["name"].startswith("searched")]

    assert sorted(names()) == ["searched a", "searched b"]
    assert names(view_type="DELETED_ONLY") == ["searched c"]
    assert names(view_type="ALL", order_by=["name DESC"]) == ["searched c", "searched b", "searched a"]
    assert names(filter="name LIKE 'searched%' AND tags.team ILIKE 'blue'") == ["searched b"]
    assert names(filter="creation_time > 99999999999999") == []
    first = mlflow.post("experiments/search", max_results=1, order_by=["name"], filter="name LIKE 'searched%'")
    second = mlflow.post(
        "experiments/search",
        max_results=1,
        order_by=["name"],
        filter="name LIKE 'searched%'",
        page_token=first["next_page_token"],
    )
    assert [each["name"] for each in second["experiments"]] == ["searched b"]
    assert "next_page_token" not in second
    for message in ({"filter": "nope = 1"}, {"order_by": ["nope"]}, {"view_type": "SOME"}, {"max_results": 0}):
        assert mlflow.refused("experiments/search", **message).code == "INVALID_PARAMETER_VALUE"


def test_a_run_lives_as_mlflow_has_it(mlflow: Speaking) -> None:
    experiment = mlflow.experiment("lives")
    tags = pairs(**{"mlflow.user": "ada", "mlflow.runName": "first"})
    made = mlflow.post("runs/create", experiment_id=experiment, user_id="ada", start_time=CREATED_AT, tags=tags)
    info = made["run"]["info"]
    run = info["run_id"]
    assert info == {
        "run_id": run,
        "run_uuid": run,
        "run_name": "first",
        "experiment_id": experiment,
        "user_id": "ada",
        "status": "RUNNING",
        "start_time": CREATED_AT,
        "artifact_uri": f"mlflow-artifacts:/{experiment}/{run}/artifacts",
        "lifecycle_stage": "active",
    }
    assert mlflow.data(run)["tags"] == {"mlflow.user": "ada", "mlflow.runName": "first"}

    for status in ("FAILED", "FINISHED", "KILLED", "SCHEDULED", "RUNNING", "FINISHED"):
        said = mlflow.post("runs/update", run_id=run, status=status, end_time=CREATED_AT + 5)["run_info"]
        expected = "RUNNING" if status == "SCHEDULED" else status
        assert said["status"] == expected
        assert said.get("end_time") == (None if expected == "RUNNING" else CREATED_AT + 5)
    assert mlflow.post("runs/update", run_id=run, run_name="second")["run_info"]["run_name"] == "second"
    assert mlflow.data(run)["tags"]["mlflow.runName"] == "second"
    mlflow.post("runs/set-tag", run_id=run, key="mlflow.runName", value="third")
    assert mlflow.get("runs/get", run_id=run)["run"]["info"]["run_name"] == "third"

    mlflow.post("runs/delete", run_id=run)
    deleted = mlflow.refused("runs/log-metric", run_id=run, key="x", value=1, timestamp=1)
    expected = f"The run {run} must be in the 'active' state. Current state is deleted."
    assert deleted == (400, "INVALID_PARAMETER_VALUE", expected)
    assert ask(mlflow.url, f"/api/v1/runs/{run}").json()["trashed_at"] is not None
    mlflow.post("runs/restore", run_id=run)
    mlflow.post("runs/log-metric", run_id=run, key="x", value=1, timestamp=1)

    invented = mlflow.post("runs/create", experiment_id=experiment)["run"]
    assert invented["info"]["run_name"].count("-") == 2
    assert invented["data"]["tags"] == pairs(**{"mlflow.runName": invented["info"]["run_name"]})
    both = mlflow.refused("runs/create", experiment_id=experiment, run_name="a", tags=pairs(**{"mlflow.runName": "b"}))
    assert "different values" in both.message


def test_parameters_tags_and_metrics_are_logged_and_read_back(mlflow: Speaking) -> None:
    run = mlflow.run(run_name="r")
    mlflow.post("runs/log-parameter", run_id=run, key="lr", value="0.1")
    mlflow.post("runs/log-parameter", run_id=run, key="lr", value="0.1")
    changed = mlflow.refused("runs/log-parameter", run_id=run, key="lr", value="0.2")
    assert changed.message == (
        f"Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for run "
        f"ID='{run}'. Attempted logging new value '0.2'."
    )
    mlflow.post("runs/set-tag", run_id=run, key="t", value="1")
    mlflow.post("runs/set-tag", run_id=run, key="t", value="2")
    mlflow.post("runs/set-tag", run_id=run, key="gone", value="x")
    mlflow.post("runs/delete-tag", run_id=run, key="gone")
    assert mlflow.refused("runs/delete-tag", run_id=run, key="gone").code == "RESOURCE_DOES_NOT_EXIST"
    long = "x" * 10_000
    mlflow.post(
        "runs/log-batch",
        run_id=run,
        metrics=[metric("a/b c", 1.5, 3), metric("nan", "NaN"), metric("inf", "Infinity"), metric("low", "-Infinity")],
        params=pairs(long=long, empty=""),
        tags=pairs(u="ü"),
    )
    mlflow.post("runs/log-metric", run_id=run, key="system/cpu", value=7, timestamp="5", step="2")
    assert mlflow.data(run) == {
        "params": {"lr": "0.1", "long": long, "empty": ""},
        "tags": {"t": "2", "u": "ü", "mlflow.runName": "r"},
        "metrics": {
            "a/b c": (1.5, CREATED_AT, 3),
            "nan": ("NaN", CREATED_AT, 0),
            "inf": (LARGEST, CREATED_AT, 0),
            "low": (-LARGEST, CREATED_AT, 0),
            "system/cpu": (7, 5, 2),
        },
    }
    stored = ask(mlflow.url, f"/api/v1/runs/{run}/attributes", limit=1000).json()["attributes"]
    paths = {each["path"] for each in stored}
    assert {"metrics/a/b c", "monitoring/cpu", "params/lr", "tags/t", "sys/client"} <= paths


def test_a_call_that_is_refused_in_part_changes_nothing(mlflow: Speaking) -> None:
    run = mlflow.run()
    mlflow.post("runs/log-parameter", run_id=run, key="p", value="1")
    message = {"metrics": [metric("m", 1.0)], "params": pairs(q="1", p="2"), "tags": pairs(t="1")}
    assert mlflow.refused("runs/log-batch", run_id=run, **message).code == "INVALID_PARAMETER_VALUE"
    found = mlflow.data(run)
    assert (found["metrics"], found["params"], "t" in found["tags"]) == ({}, {"p": "1"}, False)


def test_a_request_that_is_sent_again_changes_nothing(mlflow: Speaking) -> None:
    run = mlflow.run()
    message = {
        "metrics": [metric("m", value, step, CREATED_AT + step) for step in (0, 0, 1) for value in (1.0, 2.0)],
        "params": pairs(p="1"),
        "tags": pairs(t="1"),
    }
    for _ in range(3):
        mlflow.post("runs/log-batch", run_id=run, **message)
        mlflow.post("runs/log-metric", run_id=run, **metric("single", 1.0, 4))
    assert mlflow.history(run, "m") == [(step, CREATED_AT + step, value) for step in (0, 1) for value in (1.0, 2.0)]
    assert mlflow.history(run, "single") == [(4, CREATED_AT, 1.0)]


def test_a_history_keeps_all_values_of_a_step_and_comes_in_pages(mlflow: Speaking) -> None:
    run = mlflow.run()
    points = [metric("loss", at / 10, at // 7, CREATED_AT + at) for at in range(50)]
    mlflow.post("runs/log-batch", run_id=run, metrics=points)
    expected = [(at // 7, CREATED_AT + at, at / 10) for at in range(50)]
    assert mlflow.history(run, "loss") == expected
    found, token, pages = [], "", 0
    while pages == 0 or token:
        question = {"run_id": run, "metric_key": "loss", "max_results": 20, **({"page_token": token} if token else {})}
        page = mlflow.get("metrics/get-history", **question)
        found += [(each["step"], each["timestamp"], each["value"]) for each in page["metrics"]]
        token, pages = page.get("next_page_token", ""), pages + 1
    assert (found, pages) == (expected, 3)
    assert mlflow.get("metrics/get-history", run_id=run, metric_key="none") == {}
    assert mlflow.refused("metrics/get-history", "GET", run_id=run, metric_key="loss", page_token="x").status == 400
    assert mlflow.refused("metrics/get-history", "GET", run_id=run).message.startswith(
        "Missing value for required parameter 'metric_key'."
    )


def test_histories_of_many_runs_come_in_one_answer(mlflow: Speaking) -> None:
    runs = sorted(mlflow.run() for _ in range(2))
    for run in runs:
        mlflow.post("runs/log-batch", run_id=run, metrics=[metric("m", at, at, CREATED_AT + at) for at in range(100)])

    def rows(path: str, **question: object) -> list[tuple[str, int]]:
        found = mlflow.get(f"metrics/{path}", metric_key="m", **question).get("metrics", [])
        return [(each["run_id"], each["step"]) for each in found]

    everything = [(run, step) for run in runs for step in range(100)]
    assert rows("get-history-bulk", run_id=runs[::-1]) == everything
    assert rows("get-history-bulk", run_id=runs, max_results=130) == everything[:130]
    sampled = rows("get-history-bulk-interval", run_ids=runs, max_results=5)
    assert sampled == [(run, step) for run in runs for step in (0, 24, 49, 74, 99)]
    assert rows("get-history-bulk-interval", run_ids=[runs[0]], start_step=97, end_step=98) == [
        (runs[0], 97),
        (runs[0], 98),
    ]
    for question in ({"start_step": 1}, {"start_step": 2, "end_step": 1}, {"max_results": 2501}):
        path = "metrics/get-history-bulk-interval"
        assert mlflow.refused(path, "GET", run_ids=runs, metric_key="m", **question).status == 400
    assert mlflow.refused("metrics/get-history-bulk", "GET", metric_key="m", run_id=["a"] * 101).status == 400


def test_data_sets_and_models_of_a_run_are_kept_and_searched(mlflow: Speaking) -> None:
    experiment = mlflow.experiment("data")
    run = mlflow.run(experiment, run_name="trained")
    mlflow.run(experiment, run_name="other")
    dataset = {"name": "cats", "digest": "d1", "source_type": "local", "source": "{}", "schema": "s", "profile": "p"}
    given = {"dataset": dataset, "tags": pairs(**{"mlflow.data.context": "train"})}
    for _ in range(2):
        mlflow.post("runs/log-inputs", run_id=run, datasets=[given], models=[{"model_id": "m-1"}])
    mlflow.post("runs/outputs", run_id=run, models=[{"model_id": "m-2", "step": 3}])
    found = mlflow.get("runs/get", run_id=run)["run"]
    assert found["inputs"] == {"dataset_inputs": [given], "model_inputs": [{"model_id": "m-1"}]}
    assert found["outputs"] == {"model_outputs": [{"model_id": "m-2", "step": 3}]}
    assert mlflow.names(experiment, filter="dataset.name = 'cats' AND datasets.context IN ('train', 'x')") == [
        "trained"
    ]
    assert mlflow.names(experiment, filter="dataset.digest LIKE 'e%'") == []
    summary = {"experiment_id": experiment, "name": "cats", "digest": "d1", "context": "train"}
    assert mlflow.post("experiments/search-datasets", experiment_ids=[experiment]) == {"dataset_summaries": [summary]}
    assert mlflow.refused("experiments/search-datasets", experiment_ids=[]).status == 400

    model = {"run_id": run, "artifact_path": "model", "flavors": {}, "utc_time_created": "now"}
    for _ in range(2):
        mlflow.post("runs/log-model", run_id=run, model_json=json.dumps(model))
    assert json.loads(mlflow.data(run)["tags"]["mlflow.log-model.history"]) == [model, model]
    assert mlflow.refused("runs/log-model", run_id=run, model_json="{}").code == "INVALID_PARAMETER_VALUE"


def test_limits_are_mlflows_and_are_named_as_mlflow_names_them(mlflow: Speaking) -> None:
    run = mlflow.run()

    def refusal(**message: object) -> str:
        found = mlflow.refused("runs/log-batch", run_id=run, **message)
        assert (found.status, found.code) == (400, "INVALID_PARAMETER_VALUE")
        return found.message

    assert refusal(metrics=[metric(f"m{at}", 1.0) for at in range(1001)]) == (
        "A batch logging request can contain at most 1000 metrics. Got 1001 metrics. Please split up metrics across "
        "multiple requests and try again."
    )
    assert "at most 100 params" in refusal(params=[{"key": f"p{at}", "value": ""} for at in range(101)])
    assert "at most 100 tags" in refusal(tags=[{"key": f"t{at}", "value": ""} for at in range(101)])
    many = [metric(f"m{at}", 1.0) for at in range(950)]
    assert "metrics, params, and tags" in refusal(metrics=many, params=[{"key": f"p{at}"} for at in range(51)])
    assert "Duplicate parameter keys" in refusal(params=[{"key": "p", "value": "1"}, {"key": "p", "value": "2"}])
    assert "Names may only contain alphanumerics" in refusal(metrics=[metric("a*b", 1.0)])
    for key in ("../x", "/x", "a//b", "a/", "."):
        assert "must not resolve to other names" in refusal(tags=[{"key": key, "value": ""}])
    assert "250 characters" in refusal(params=[{"key": "k" * 251, "value": ""}])
    assert refusal(metrics=[{"key": "m", "value": 1.0}]).startswith("Missing value for required parameter 'metrics")
    assert "timestamp" in refusal(metrics=[metric("m", 1.0, time=10**18)])
    assert "step" in refusal(metrics=[metric("m", 1.0, step=2**70)])
    assert mlflow.data(run)["metrics"] == {}
    dataset = {"name": "n", "digest": "d", "source_type": "t", "source": "s"}
    for wrong, said in (
        ({"datasets": [{"dataset": {**dataset, "name": ""}}]}, "datasets[0].dataset.name"),
        ({"datasets": [{"dataset": {**dataset, "digest": "d" * 37}}]}, "36 characters"),
        ({"datasets": [{"dataset": dataset, "tags": pairs(**{"a//b": "x"})}]}, "must not resolve"),
        ({"datasets": [{"dataset": dataset}] * 1001}, "at most 1000"),
        ({"models": [{"model_id": "a/b"}]}, "models[0].model_id"),
    ):
        assert said in mlflow.refused("runs/log-inputs", run_id=run, **wrong).message
    assert mlflow.refused("runs/outputs", run_id=run, models=[{"model_id": "", "step": 1}]).status == 400
    assert "inputs" not in mlflow.get("runs/get", run_id=run)["run"]


def test_what_is_wrong_with_a_request_is_said_as_mlflow_says_it(mlflow: Speaking) -> None:
    missing = mlflow.refused("runs/log-parameter", key="a", value="b")
    assert missing.message == (
        "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters."
    )
    wrong = mlflow.refused("runs/search", experiment_ids="0")
    assert wrong.message == (
        "Invalid value \"0\" for parameter 'experiment_ids' supplied: Hint: Value was of type 'str'. See the API docs "
        "for more information about request parameters."
    )
    unknown = mlflow.refused("runs/get", "GET", run_id="0" * 32)
    assert unknown == (404, "RESOURCE_DOES_NOT_EXIST", f"Run with id={'0' * 32} not found")
    assert mlflow.refused("experiments/get", "GET", experiment_id="5").message == "No Experiment with id=5 exists"
    for body in (b"{", b"[]", b'"x"', b"\xff", b'{"experiment_id": 1}', b"null"):
        answer = mlflow.raw("POST", "runs/create", body)
        assert (answer.status, set(answer.json())) == (400, {"error_code", "message"}), body
    assert mlflow.post("runs/create", experiment_id="0", nobody_knows_this={"a": [1]})["run"]["info"]["run_id"]


def test_what_is_not_spoken_is_refused_in_mlflows_shape_and_logged_once(
    mlflow: Speaking, shared_server: RunningServer
) -> None:
    for _ in range(3):
        answer = mlflow.refused("traces/unheard-of", "GET")
        assert (answer.status, answer.code) == (404, "ENDPOINT_NOT_FOUND")
    assert mlflow.refused("runs/create", "GET").code == "ENDPOINT_NOT_FOUND"
    assert mlflow.refused("runs/create", "DELETE").code == "ENDPOINT_NOT_FOUND"
    assert shared_server.log_tail(1000).count("traces/unheard-of") == 1


@pytest.mark.parametrize("prefix", ["/api/2.0/mlflow", "/ajax-api/2.0/mlflow", "/api/3.0/mlflow"])
def test_every_prefix_that_clients_use_is_answered(mlflow: Speaking, prefix: str) -> None:
    assert Speaking(mlflow.url, prefix=prefix).get("experiments/get", experiment_id="0")
    assert Speaking(mlflow.url, prefix=prefix).get("server-info")["workspaces_enabled"] is False


def test_the_version_says_that_traces_are_not_taken(mlflow: Speaking) -> None:
    answer = ask(mlflow.url, "/version")
    assert answer.headers["content-type"].startswith("text/plain")
    major, minor, _ = (int(part) for part in answer.body.decode().split("."))
    assert (3, 0) <= (major, minor) < (3, 4)


def test_runs_of_a_native_client_are_seen_too(mlflow: Speaking) -> None:
    run = "ab" * 16
    HttpWriter(mlflow.url, run=run).write(
        create("lab/native"),
        put("model/depth", 6),
        put("params/lr", 0.5),
        put("sys/tags", frozenset({"x"})),
        floats("train/loss", [1.0, 2.5], [0.5, 0.25]),
    )
    found = mlflow.data(run)
    assert found["params"] == {"model/depth": "6", "lr": "0.5"}
    assert found["metrics"] == {"train/loss": (0.25, CREATED_AT + 1, 2)}
    experiment = mlflow.get("experiments/get-by-name", experiment_name="lab/native")["experiment"]["experiment_id"]
    for wanted in ("metrics.`train/loss` < 0.3", "params.lr = '0.5'", "params.`model/depth` = '6'"):
        assert len(mlflow.names(experiment, filter=wanted)) == 1, wanted
    assert mlflow.history(run, "train/loss") == [(1, CREATED_AT, 0.5), (2, CREATED_AT + 1, 0.25)]


def test_no_run_is_what_is_said_of_a_project(mlflow: Speaking) -> None:
    mlflow.experiment("vision/own")
    hidden = mlflow.refused("runs/get", "GET", run_id=project_run_id(ProjectName("vision/own")))
    assert hidden.code == "RESOURCE_DOES_NOT_EXIST"
