"""Scenarios of the model registry: models, versions, aliases, tags, stages, and how they are loaded."""

from __future__ import annotations

from typing import Any

import mlflow
import numpy as np
from bench import Bench, all_pages, refused
from models import REQUIREMENTS, _trained


def a_model_is_registered_described_renamed_and_deleted(bench: Bench) -> dict[str, Any]:
    client, name = bench.client, bench.called("first")
    made = client.create_registered_model(name, tags={"team": "vision"}, description="About cats.")
    assert (made.name, made.tags, made.description) == (name, {"team": "vision"}, "About cats.")
    refused(
        "RESOURCE_ALREADY_EXISTS",
        f"Registered Model (name={name}) already exists",
        client.create_registered_model,
        name,
    )
    refused("INVALID_PARAMETER_VALUE", "", client.create_registered_model, "")
    client.update_registered_model(name, "About dogs.")
    client.set_registered_model_tag(name, "stage", "try")
    client.set_registered_model_tag(name, "gone", "soon")
    client.delete_registered_model_tag(name, "gone")
    found = client.get_registered_model(name)
    assert found.description == "About dogs."
    assert found.tags == {"team": "vision", "stage": "try"}
    assert 0 < found.creation_timestamp <= found.last_updated_timestamp
    renamed = bench.called("second")
    client.rename_registered_model(name, renamed)
    refused(
        "RESOURCE_DOES_NOT_EXIST", f"Registered Model with name={name} not found", client.get_registered_model, name
    )
    assert client.get_registered_model(renamed).tags == {"team": "vision", "stage": "try"}
    other = bench.called("other")
    client.create_registered_model(other)
    refused("RESOURCE_ALREADY_EXISTS", "", client.rename_registered_model, other, renamed)
    client.delete_registered_model(other)
    refused("RESOURCE_DOES_NOT_EXIST", "", client.get_registered_model, other)
    refused("RESOURCE_DOES_NOT_EXIST", "", client.delete_registered_model, other)
    return {"name": renamed}


def versions_are_made_staged_named_and_deleted(bench: Bench) -> dict[str, Any]:
    client, name = bench.client, bench.called()
    run = client.create_run(bench.experiment()).info
    client.log_text(run.run_id, "weights", "model/weights.txt")
    client.create_registered_model(name)
    source = f"{run.artifact_uri}/model"
    for place in range(3):
        made = client.create_model_version(
            name, source, run.run_id, tags={"place": str(place)}, description=f"v{place}"
        )
        assert made.version in {str(place + 1), place + 1}
        assert made.status == "READY"
    version = client.get_model_version(name, "2")
    assert (version.source, version.run_id, version.description, version.tags) == (
        source,
        run.run_id,
        "v1",
        {"place": "1"},
    )
    assert version.current_stage == "None"
    assert client.get_model_version_download_uri(name, "2") == source
    client.update_model_version(name, "2", "changed")
    client.set_model_version_tag(name, "2", "good", "yes")
    client.set_model_version_tag(name, "2", "gone", "soon")
    client.delete_model_version_tag(name, "2", "gone")
    version = client.get_model_version(name, "2")
    assert (version.description, version.tags) == ("changed", {"place": "1", "good": "yes"})
    client.set_registered_model_alias(name, "champion", "2")
    client.set_registered_model_alias(name, "first", "1")
    client.set_registered_model_alias(name, "champion", "3")
    assert str(client.get_model_version_by_alias(name, "champion").version) == "3"
    assert {alias: str(number) for alias, number in client.get_registered_model(name).aliases.items()} == {
        "champion": "3",
        "first": "1",
    }
    assert list(client.get_model_version(name, "1").aliases) == ["first"]
    client.delete_registered_model_alias(name, "first")
    refused(
        "INVALID_PARAMETER_VALUE",
        "Registered model alias first not found",
        client.get_model_version_by_alias,
        name,
        "first",
    )
    for alias in ("latest", "v1", "a b", "x" * 256):
        refused("INVALID_PARAMETER_VALUE", "", client.set_registered_model_alias, name, alias, "1")
    assert client.transition_model_version_stage(name, "1", "Production").current_stage == "Production"
    assert (
        client.transition_model_version_stage(name, "2", "production", archive_existing_versions=True).current_stage
        == "Production"
    )
    assert client.get_model_version(name, "1").current_stage == "Archived"
    refused("INVALID_PARAMETER_VALUE", "", client.transition_model_version_stage, name, "1", "Nowhere")
    latest = {version.current_stage: str(version.version) for version in client.get_latest_versions(name)}
    assert latest == {"None": "3", "Production": "2", "Archived": "1"}
    assert [str(version.version) for version in client.get_latest_versions(name, ["Production"])] == ["2"]
    assert client.get_model_version_stages(name, "1") == ["None", "Staging", "Production", "Archived"]
    client.delete_model_version(name, "3")
    refused(
        "RESOURCE_DOES_NOT_EXIST",
        f"Model Version (name={name}, version=3) not found",
        client.get_model_version,
        name,
        "3",
    )
    refused("RESOURCE_DOES_NOT_EXIST", "", client.create_model_version, bench.called("nobody"), source, run.run_id)
    refused("INVALID_PARAMETER_VALUE", "", client.get_model_version, name, "x")
    refused("RESOURCE_DOES_NOT_EXIST", "", client.get_model_version, name, "9")
    return {"name": name, "run": run.run_id}


def the_registry_is_searched(bench: Bench) -> dict[str, Any]:
    client = bench.client
    run = client.create_run(bench.experiment()).info
    names = [bench.called(f"{letter}-Net") for letter in "abc"]
    for place, name in enumerate(names):
        client.create_registered_model(name, tags={"place": str(place)})
        for number in range(2):
            client.create_model_version(name, f"{run.artifact_uri}/{place}", run.run_id, tags={"n": str(number)})
    mine = f"name LIKE '{bench.name}%'"

    def models(filter_string: str = mine, **arguments: Any) -> str:
        found = client.search_registered_models(filter_string, **arguments)
        return "".join(model.name.removeprefix(f"{bench.name}-")[0] for model in found)

    assert models() == "abc"
    assert models(order_by=["name DESC"]) == "cba"
    newest = client.search_registered_models(mine, order_by=["last_updated_timestamp DESC"])
    times = [model.last_updated_timestamp for model in newest]
    assert times == sorted(times, reverse=True)
    assert models(f"{mine} AND tags.place = '1'") == "b"
    assert models(f"name ILIKE '{bench.name}%-NET'") == "abc"
    assert models(f"name = '{names[2]}'") == "c"
    pages = all_pages(client.search_registered_models, filter_string=mine, max_results=2)
    assert [len(page) for page in pages] == [2, 1]

    def versions(filter_string: str, **arguments: Any) -> list[str]:
        found = client.search_model_versions(filter_string, **arguments)
        return [f"{version.name.removeprefix(f'{bench.name}-')[0]}{version.version}" for version in found]

    assert sorted(versions(f"name = '{names[0]}'")) == ["a1", "a2"]
    assert sorted(versions(f"run_id = '{run.run_id}'")) == ["a1", "a2", "b1", "b2", "c1", "c2"]
    assert sorted(versions(f"run_id = '{run.run_id}' AND tags.n = '1'")) == ["a2", "b2", "c2"]
    assert sorted(versions(f"run_id IN ('{run.run_id}')")) == ["a1", "a2", "b1", "b2", "c1", "c2"]
    assert sorted(versions(f"{mine} AND version_number = 1")) == ["a1", "b1", "c1"]
    assert versions(f"source_path = '{run.artifact_uri}/2'", order_by=["version_number DESC"]) == ["c2", "c1"]
    pages = all_pages(client.search_model_versions, filter_string=mine, max_results=4)
    assert [len(page) for page in pages] == [4, 2]
    assert len(mlflow.search_registered_models(filter_string=mine)) == 3
    assert len(mlflow.search_model_versions(filter_string=mine)) == 6
    refused("INVALID_PARAMETER_VALUE", "", client.search_registered_models, "nothing = '1'")
    refused("INVALID_PARAMETER_VALUE", "", client.search_model_versions, "nothing = '1'")
    client.delete_registered_model(names[0])
    assert versions(f"name = '{names[0]}'") == []
    return {"names": names}


def a_registered_model_is_loaded_by_version_alias_and_stage(bench: Bench) -> dict[str, Any]:
    client, name = bench.client, bench.called("net")
    mlflow.set_experiment(bench.called())
    model, table = _trained()
    with mlflow.start_run() as run:
        mlflow.sklearn.log_model(
            model, "model", registered_model_name=name, input_example=table.head(1), pip_requirements=REQUIREMENTS
        )
    again = mlflow.register_model(f"runs:/{run.info.run_id}/model", name, tags={"again": "yes"})
    assert str(again.version) == "2"
    assert again.tags["again"] == "yes"
    client.set_registered_model_alias(name, "champion", "1")
    client.transition_model_version_stage(name, "2", "Production")
    for uri in (
        f"models:/{name}/1",
        f"models:/{name}@champion",
        f"models:/{name}/Production",
        f"models:/{name}/latest",
    ):
        assert np.allclose(mlflow.pyfunc.load_model(uri).predict(table), [1, 3, 5, 7]), uri
    assert client.get_model_version(name, "1").run_id == run.info.run_id
    copy = client.copy_model_version(f"models:/{name}@champion", bench.called("copy"))
    assert np.allclose(mlflow.sklearn.load_model(f"models:/{copy.name}/1").predict(table), [1, 3, 5, 7])
    return {"name": name, "run": run.info.run_id}
