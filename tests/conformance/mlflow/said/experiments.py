"""Scenarios of experiments."""

from __future__ import annotations

from typing import Any

import mlflow
from bench import Bench, all_pages, refused
from mlflow.entities import ViewType


def an_experiment_is_made_found_renamed_and_tagged(bench: Bench) -> dict[str, Any]:
    client, name = bench.client, bench.called("first")
    assert client.get_experiment_by_name(name) is None
    made = client.create_experiment(name, tags={"team": "vision"})
    found = client.get_experiment(made)
    assert (found.experiment_id, found.name, found.lifecycle_stage) == (made, name, "active")
    assert found.artifact_location
    assert made.isdecimal()
    assert len(made) <= 18
    assert found.tags["team"] == "vision"
    assert 0 < found.creation_time <= found.last_update_time
    assert client.get_experiment_by_name(name).experiment_id == made
    refused("RESOURCE_ALREADY_EXISTS", "already exists", client.create_experiment, name)
    refused("INVALID_PARAMETER_VALUE", "", client.create_experiment, "")
    refused("RESOURCE_DOES_NOT_EXIST", "987654321", client.get_experiment, "987654321")
    client.set_experiment_tag(made, "mlflow.note.content", "About **cats**.")
    client.set_experiment_tag(made, "team", "speech")
    renamed = bench.called("second")
    client.rename_experiment(made, renamed)
    found = client.get_experiment(made)
    assert found.name == renamed
    assert found.tags == {"mlflow.note.content": "About **cats**.", "team": "speech", **_added_by(found.tags)}
    assert client.get_experiment_by_name(name) is None
    assert mlflow.set_experiment(renamed).experiment_id == made
    mlflow.set_experiment_tags({"a": "1", "b": "2"})
    tags = client.get_experiment(made).tags
    assert (tags["a"], tags["b"]) == ("1", "2")
    if hasattr(client, "delete_experiment_tag"):
        client.delete_experiment_tag(made, "a")
        assert "a" not in client.get_experiment(made).tags
    answer = bench.ask("POST", "/api/2.0/mlflow/experiments/delete-experiment-tag", json=_tag(made, "team"))
    assert answer.status_code == 200, answer.text
    assert "team" not in client.get_experiment(made).tags
    with mlflow.start_run() as run:
        pass
    assert run.info.experiment_id == made
    return {"name": renamed, "id": made, "run": run.info.run_id}


def _tag(experiment: str, key: str) -> dict[str, str]:
    return {"experiment_id": experiment, "key": key}


def _added_by(tags: dict[str, str]) -> dict[str, str]:
    """Newer servers add tags of their own."""
    return {key: value for key, value in tags.items() if key.startswith("mlflow.") and key != "mlflow.note.content"}


def an_experiment_is_deleted_and_restored(bench: Bench) -> dict[str, Any]:
    client, name = bench.client, bench.called()
    made = bench.experiment()
    run = client.create_run(made).info.run_id
    client.delete_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "deleted"
    assert client.get_experiment_by_name(name).lifecycle_stage == "deleted"
    assert client.get_run(run).info.lifecycle_stage == "deleted"
    refused("RESOURCE_ALREADY_EXISTS", "", client.create_experiment, name)
    refused("INVALID_PARAMETER_VALUE", "must be in the 'active' state", client.create_run, made)
    refused("INVALID_PARAMETER_VALUE", "", mlflow.set_experiment, name)
    client.restore_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "active"
    assert client.get_run(run).info.lifecycle_stage == "active"
    refused("RESOURCE_DOES_NOT_EXIST", "", client.delete_experiment, "987654321")
    refused("RESOURCE_DOES_NOT_EXIST", "", client.restore_experiment, "987654321")
    return {"name": name, "run": run}


def experiments_are_searched_ordered_and_paged(bench: Bench) -> None:
    client = bench.client
    letters = "abcde"
    made = [client.create_experiment(bench.called(f"{x}-Cats"), tags={"place": x}) for x in letters]
    client.delete_experiment(made[4])
    mine = f"name LIKE '{bench.name}-%'"

    def names(filter_string: str = mine, **arguments: Any) -> str:
        found = client.search_experiments(filter_string=filter_string, **arguments)
        return "".join(experiment.name.removeprefix(f"{bench.name}-")[0] for experiment in found)

    assert names(order_by=["name ASC"]) == "abcd"
    assert names(order_by=["name DESC"]) == "dcba"
    times = [experiment.creation_time for experiment in client.search_experiments(filter_string=mine)]
    assert times == sorted(times, reverse=True), "the newest first"
    assert names(view_type=ViewType.DELETED_ONLY) == "e"
    assert names(view_type=ViewType.ALL, order_by=["name"]) == "abcde"
    assert names(f"{mine} AND tags.place = 'b'") == "b"
    assert names(f"{mine} AND tags.place != 'b'", order_by=["name"]) == "acd"
    assert names(f"name ILIKE '{bench.name}-%-CATS'", order_by=["name"]) == "abcd"
    assert names(f"name LIKE '{bench.name}-%-CATS'") == ""
    assert names(f"{mine} AND creation_time > 0 AND last_update_time > 0", order_by=["name"]) == "abcd"
    assert names(f"name = '{bench.called('c-Cats')}'") == "c"
    pages = all_pages(client.search_experiments, filter_string=mine, order_by=["name"], max_results=3)
    assert [len(page) for page in pages] == [3, 1]
    refused("INVALID_PARAMETER_VALUE", "", client.search_experiments, filter_string="name ~ 'x'")
    refused("INVALID_PARAMETER_VALUE", "", client.search_experiments, filter_string="metrics.x > 1")
    refused("INVALID_PARAMETER_VALUE", "", client.search_experiments, order_by=["nonsense"])
    refused("INVALID_PARAMETER_VALUE", "", client.search_experiments, max_results=50_001)
    raw = bench.ask("GET", "/api/2.0/mlflow/experiments/search", params={"max_results": 1, "view_type": "ALL"})
    assert len(raw.json()["experiments"]) == 1


def the_default_experiment_is_there(bench: Bench) -> dict[str, Any]:
    client = bench.client
    assert client.get_experiment("0").name == "Default"
    assert client.get_experiment_by_name("Default").experiment_id == "0"
    run = client.create_run("0").info
    assert run.experiment_id == "0"
    client.set_terminated(run.run_id)
    return {"run": run.run_id}


def an_experiment_named_like_a_project_is_that_project(bench: Bench) -> dict[str, Any]:
    mlflow.set_experiment("vision/cats-and-dogs")
    with mlflow.start_run(run_name="first") as run:
        mlflow.log_metric("loss", 0.5)
    assert mlflow.get_experiment_by_name("vision/cats-and-dogs").experiment_id == run.info.experiment_id
    assert bench.client.get_experiment(run.info.experiment_id).name == "vision/cats-and-dogs"
    return {"run": run.info.run_id}
