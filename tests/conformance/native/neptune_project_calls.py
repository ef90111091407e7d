"""What is called on a project, on tables of runs, on models, and what manages projects."""

from __future__ import annotations

from typing import Any

import pytest

import marigram
import marigram.management
from conformance.native.answers import ask
from conformance.native.neptune_table import Bench, Section
from marigram.types import File
from waiting import wait_until

PROJECT = Section("`neptune.init_project` and `Project`")
TABLE = Section("Tables of runs")
MODELS = Section("Models")
MANAGEMENT = Section("`neptune.management`")

NAME = "team/table"
NO_REGISTRY = "there is no model registry yet; it says so, and what to do instead"
NO_MEMBERS = "there are tokens (`marigram token`), but no members yet"


def open_project(bench: Bench, **arguments: Any) -> marigram.Project:
    return marigram.init_project(NAME, url=bench.server.url, **arguments)


def a_run(bench: Bench, **values: object) -> marigram.Run:
    run = bench.start(project=NAME)
    run.assign(values)
    run.stop()
    assert bench.read_of(run).run()["status"] == "finished"
    return run


def runs(bench: Bench, **question: str) -> set[str]:
    where = "&".join(f"{name}={value}" for name, value in question.items())
    return {row["run"]["id"] for row in ask(bench.server, f"/api/v1/projects/{NAME}/runs?{where}")["rows"]}


@PROJECT.same("init_project(project=, mode=, flush_period=, api_token=)")
def init_project(bench: Bench) -> None:
    with open_project(bench, flush_period=0.2) as project:
        project["project/about"] = "cats"
        assert project.wait()
    with open_project(bench, mode="read-only") as project:
        assert project["project/about"].fetch() == "cats"
    assert NAME in [row["name"] for row in ask(bench.server, "/api/v1/projects")["projects"]]


@PROJECT.same("init_project(proxies=)", "or MARIGRAM_PROXY")
def init_project_by_a_proxy(bench: Bench) -> None:
    with open_project(bench, mode="read-only", proxies={"https": "http://127.0.0.1:9"}) as project:
        assert len(project.fetch_runs_table()) >= 0
    with pytest.raises(marigram.UnreachableError):
        open_project(bench, mode="read-only", proxies={"http": "http://127.0.0.1:9"})


@PROJECT.missing(
    "init_project(async_lag_callback=, async_lag_threshold=, async_no_progress_callback=, "
    "async_no_progress_threshold=)",
    "those of `init_run` are there; what is said of a project is little",
)
def init_project_callbacks(bench: Bench) -> None:
    with pytest.raises(TypeError, match="async_lag_callback"):
        open_project(bench, async_lag_callback=print)


@PROJECT.same("the calls of a run", "assign, append, upload, fetch, exists, sync, wait, stop …")
def project_calls(bench: Bench) -> None:
    with open_project(bench) as project:
        project["project/score"].append(1.0)
        project["project/tags"].add("a")
        project["project/data"].upload(File.from_content("text"))
        assert project.exists("project/score")
        assert project["project/tags"].fetch() == {"a"}
        assert project.get_state() == "started"
        assert project.get_structure()["project"]["data"] == "file"
    assert project.get_state() == "stopped"


@PROJECT.same(
    "fetch_runs_table(query=, id=, state=, owner=, tag=, columns=, trashed=, limit=, sort_by=, ascending=, "
    "progress_bar=)",
    "`id=` takes keys; `state=` also our words; all runs, not the first 10,000",
)
def fetch_runs_table(bench: Bench) -> None:
    low, high = a_run(bench, **{"fetched/x": 1.0}), a_run(bench, **{"fetched/x": 2.0})
    with open_project(bench, mode="read-only") as project:
        both = project.fetch_runs_table(
            query="`fetched/x`:float > 0", columns=["fetched/x"], sort_by="fetched/x", ascending=True, state="inactive"
        )
        one = project.fetch_runs_table(query="`fetched/x` > 1", limit=1, progress_bar=False)
    assert [row.run.id for row in both] == [low.id, high.id]
    assert [row.run.id for row in one] == [high.id]
    assert {low.id, high.id} <= runs(bench)


@PROJECT.missing("fetch_models_table(…)", NO_REGISTRY)
def fetch_models_table(bench: Bench) -> None:
    with open_project(bench, mode="read-only") as project, pytest.raises(marigram.MarigramError, match="registry"):
        project.fetch_models_table()


@TABLE.same("table.to_pandas(), table.to_rows(), for row in table", "also `to_polars()` and `len(table)`")
def to_pandas(bench: Bench) -> None:
    run = a_run(bench, **{"pandas/x": 3, "pandas/tags": {"b", "a"}})
    with open_project(bench, mode="read-only") as project:
        table = project.fetch_runs_table(query="`pandas/x` = 3", columns=["pandas/x", "pandas/tags"])
    frame = table.to_pandas()
    assert frame["pandas/x"].tolist() == [bench.read_of(run).value("pandas/x")]
    assert [row.run.id for row in table.to_rows()] == [row.run.id for row in table] == [run.id]


@TABLE.same("row[path].get(), row.get_attribute_value(path)")
def row_value(bench: Bench) -> None:
    run = a_run(bench, **{"row/x": 0.5})
    with open_project(bench, mode="read-only") as project:
        (row,) = project.fetch_runs_table(query="`row/x` = 0.5", columns=["row/x"])
    assert row["row/x"].get() == row.get_attribute_value("row/x") == bench.read_of(run).value("row/x")


@TABLE.same("row.get_attribute_type(path)", "our kinds, such as `float_series`")
def row_type(bench: Bench) -> None:
    run = a_run(bench, **{"row_type/x": True})
    with open_project(bench, mode="read-only") as project:
        (row,) = project.fetch_runs_table(query="`row_type/x` = true", columns=["row_type/x"])
    assert row.get_attribute_type("row_type/x") == bench.read_of(run).attribute("row_type/x")["kind"] == "bool"


@TABLE.other(
    "row.download_file_attribute(path, destination)",
    "row[path].download(destination)",
    "as `row[path]` has it there too",
)
def row_download(bench: Bench) -> None:
    run = a_run(bench, **{"row_file/x": File.from_content("text"), "row_file/y": 1})
    with open_project(bench, mode="read-only") as project:
        (row,) = project.fetch_runs_table(query="`row_file/y` = 1", columns=["row_file/x"])
    assert row["row_file/x"].download("saved.txt").read_bytes() == b"text" == bench.read_of(run).file("row_file/x")
    assert not hasattr(row, "download_file_attribute")


@TABLE.missing("row.download_file_set_attribute(path, destination)", 'open the run: `run[path].download("folder")`')
def row_download_set(bench: Bench) -> None:
    a_run(bench, **{"row_set/x": 1})
    with open_project(bench, mode="read-only") as project:
        (row,) = project.fetch_runs_table(query="`row_set/x` = 1")
    assert not hasattr(row, "download_file_set_attribute")


@MODELS.missing("init_model(…), Model", NO_REGISTRY)
def init_model(bench: Bench) -> None:
    with pytest.raises(marigram.MarigramError, match="registry"):
        marigram.init_model(key="MOD")
    with pytest.raises(marigram.MarigramError, match="registry"):
        marigram.Model()
    assert bench.run.id


@MODELS.missing("init_model_version(…), ModelVersion", NO_REGISTRY)
def init_model_version(bench: Bench) -> None:
    with pytest.raises(marigram.MarigramError, match="registry"):
        marigram.init_model_version(model="MOD")
    with pytest.raises(marigram.MarigramError, match="registry"):
        marigram.ModelVersion()
    assert bench.run.id


@MODELS.missing("Model.fetch_model_versions_table(…), ModelVersion.change_stage(…)", NO_REGISTRY)
def model_calls(bench: Bench) -> None:
    assert not hasattr(marigram.Model, "fetch_model_versions_table")
    assert not hasattr(marigram.ModelVersion, "change_stage")
    assert bench.run.id


@MANAGEMENT.same("get_project_list(api_token=)", "also `url=`")
def get_project_list(bench: Bench) -> None:
    listed = marigram.management.get_project_list(url=bench.server.url)
    assert set(listed) == {row["name"] for row in ask(bench.server, "/api/v1/projects")["projects"]}


@MANAGEMENT.same("create_project(name, …)", "`workspace/name`; without key, visibility and description")
def create_project(bench: Bench) -> None:
    assert marigram.management.create_project("team/created", url=bench.server.url) == "team/created"
    assert "team/created" in [row["name"] for row in ask(bench.server, "/api/v1/projects")["projects"]]


@MANAGEMENT.same("trash_objects(project, ids)", "runs; `Project.restore_runs` brings them back")
def trash_objects(bench: Bench) -> None:
    run = a_run(bench)
    marigram.management.trash_objects(NAME, run.id, url=bench.server.url)
    assert run.id not in runs(bench)
    assert run.id in runs(bench, trashed="true")
    with open_project(bench) as project:
        project.restore_runs(run.id)
    assert run.id in runs(bench)


@MANAGEMENT.same("delete_objects_from_trash(project, ids)")
def delete_objects_from_trash(bench: Bench) -> None:
    run = a_run(bench)
    marigram.management.trash_objects(NAME, [run.id], url=bench.server.url)
    marigram.management.delete_objects_from_trash(NAME, [run.id], url=bench.server.url)
    assert run.id not in runs(bench, trashed="true")


@MANAGEMENT.same("clear_trash(project)")
def clear_trash(bench: Bench) -> None:
    run = a_run(bench)
    marigram.management.trash_objects(NAME, run.id, url=bench.server.url)
    marigram.management.clear_trash(NAME, url=bench.server.url)
    wait_until(lambda: not runs(bench, trashed="true"), "an empty trash")


def absent(*names: str) -> Any:
    def check(bench: Bench) -> None:
        assert not [name for name in names if hasattr(marigram.management, name)]
        assert bench.run.id

    return check


MANAGEMENT.missing("delete_project(…)", "delete its runs; an empty project costs nothing")(absent("delete_project"))
MEMBERS = ("get_project_member_list", "add_project_member", "remove_project_member")
MANAGEMENT.missing(f"{', '.join(MEMBERS)}", NO_MEMBERS)(absent(*MEMBERS))
SERVICES = ("get_project_service_account_list", "add_project_service_account", "remove_project_service_account")
MANAGEMENT.missing(f"{', '.join(SERVICES)}", NO_MEMBERS)(absent(*SERVICES))
WORKSPACE = (
    "get_workspace_member_list",
    "get_workspace_service_account_list",
    "invite_to_workspace",
    "get_workspace_status",
)
MANAGEMENT.missing(f"{', '.join(WORKSPACE)}", NO_MEMBERS)(absent(*WORKSPACE))
ROLES = ("MemberRole", "WorkspaceMemberRole", "ProjectVisibility")
MANAGEMENT.missing(f"{', '.join(ROLES)}", NO_MEMBERS)(absent(*ROLES))
