"""A project against a real server: its metadata, its runs as a table, the trash."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import marigram
from asking import HttpWriter
from marigram import management
from marigram.client.runs_table import wanted_query
from marigram.model import RunStatus, SetStatus
from marigram.server.store.meta.sqlite import SqliteMetaStore
from operations import CREATED_AT, attach, batch_of, create, edit, file_of, floats, put
from running_server import RunningServer
from waiting import wait_until

PROJECT = "lab/cats"


@pytest.fixture
def url(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MARIGRAM_URL", server.url)
    return server.url


def write_runs(url: str, count: int = 3) -> None:
    """Run `n` has lr = n / 10, and a loss that ends at n."""
    for number in range(1, count + 1):
        HttpWriter(url, f"{number:032x}").write(
            create(at=CREATED_AT + number),
            put("lr", number / 10),
            floats("loss", [1, 2], [0.0, float(number)]),
            edit("sys/tags", add=["odd" if number % 2 else "even", "all"]),
            SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + number + 2000),
        )


def keys(project: marigram.Project, **question: object) -> list[str]:
    return [row.id for row in project.fetch_runs_table(**question)]  # type: ignore[arg-type]


def test_metadata_of_a_project_comes_back_and_is_no_run(url: str, tmp_path: Path) -> None:
    write_runs(url, 1)
    (tmp_path / "data.csv").write_text("a,b\n")
    with marigram.init_project(PROJECT) as project:
        project["dataset/name"] = "cats"
        project["dataset/file"].upload(str(tmp_path / "data.csv"))
        project["visits"].append(1.0)
        project.wait()
        assert project["dataset/name"].fetch() == "cats"
    with marigram.init_project(PROJECT) as again:
        again["visits"].append(2.0)
        again.wait()
        assert list(again["visits"].fetch_values(include_timestamp=False)["step"]) == [0.0, 1.0]
        assert again.exists("dataset/file")
        assert keys(again) == ["CATS-1"]
        assert again.fetch_runs_table().columns.count("dataset/name") == 0


def test_a_project_that_is_only_read_queues_nothing_and_starts_nothing(url: str, tmp_path: Path) -> None:
    write_runs(url, 1)
    project = marigram.init_project(PROJECT)
    assert keys(project) == ["CATS-1"]
    project.stop()
    assert not (tmp_path / "home" / "queue").exists()


@pytest.mark.usefixtures("url")
def test_a_project_in_sync_mode_returns_after_the_receipt_and_its_queue_goes(tmp_path: Path) -> None:
    project = marigram.init_project(PROJECT, mode="sync")
    project["about"] = "cats"
    reader = marigram.init_project(PROJECT, mode="read-only")
    assert reader["about"].fetch() == "cats"
    reader["about"] = "dogs"
    project.stop()
    assert reader["about"].fetch() == "cats"
    queue = tmp_path / "home" / "queue" / project.id
    wait_until(lambda: not queue.exists(), "the syncer to remove the queue")


def test_a_table_is_narrowed_sorted_and_cut(url: str) -> None:
    write_runs(url, 4)
    project = marigram.init_project(PROJECT, mode="read-only")
    assert keys(project) == ["CATS-4", "CATS-3", "CATS-2", "CATS-1"]
    assert keys(project, query="loss > 1.5 AND lr < 0.35", ascending=True) == ["CATS-2", "CATS-3"]
    assert keys(project, tag="odd", sort_by="loss") == ["CATS-3", "CATS-1"]
    assert keys(project, tag=["odd", "even"]) == []
    assert keys(project, id=["CATS-1", "CATS-4"], state="finished") == ["CATS-4", "CATS-1"]
    assert keys(project, state="active") == []
    assert keys(project, limit=2) == ["CATS-4", "CATS-3"]
    with pytest.raises(marigram.SettingError, match=r"value is missing[^^]*\^"):
        project.fetch_runs_table(query="lr >")
    with pytest.raises(marigram.SettingError, match="owner must be a str"):
        project.fetch_runs_table(owner=3)  # type: ignore[arg-type]


def test_a_table_gives_rows_and_frames(url: str, tmp_path: Path) -> None:
    write_runs(url, 2)
    writer = HttpWriter(url, "a" * 32)
    writer.upload(file_of(b"text").sha256, b"text")
    writer.write(create(), attach("notes", file_of(b"text")), put("lr", "auto"))
    project = marigram.init_project(PROJECT, mode="read-only")
    table = project.fetch_runs_table(columns=["lr", "loss", "notes", "sys/tags", "sys/running_time", "sys/state"])
    row = next(row for row in table if row.id == "CATS-3")
    assert row["lr"].get() == row.get_attribute_value("lr") == "auto"
    assert "loss" not in row
    with pytest.raises(marigram.NotFoundError, match="columns="):
        row["loss"].get()
    assert row["notes"].download(str(tmp_path / "notes.txt")).read_text() == "text"
    first = next(row for row in table.to_rows() if row.id == "CATS-1")
    assert first.get_attribute_type("loss") == "float_series"
    assert (first["loss"].get(), first["sys/state"].get()) == (1.0, "finished")
    assert first["sys/running_time"].get() == 2.0
    frame = table.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["sys/id", "lr", "loss", "notes", "sys/tags", "sys/running_time", "sys/state"]
    assert sorted(frame["sys/tags"].dropna()) == ["all,even", "all,odd"]
    polars = table.to_polars()
    assert isinstance(polars, pl.DataFrame)
    assert polars["loss"].to_list().count(None) == 1


def test_a_table_without_named_columns_has_them_all_in_groups(url: str) -> None:
    HttpWriter(url).write(create(), *(put(f"many/{number:03d}", number) for number in range(250)))
    table = marigram.init_project(PROJECT, mode="read-only").fetch_runs_table()
    [row] = table
    assert table.columns[0] == "sys/id"
    assert [row[f"many/{number:03d}"].get() for number in range(250)] == list(range(250))


@pytest.mark.usefixtures("url")
def test_a_table_of_more_than_ten_thousand_runs_is_complete(server: RunningServer) -> None:
    server.stop()
    store = SqliteMetaStore(server.data / "meta.db")
    runs = range(10_050)
    batches = [batch_of(create(at=CREATED_AT + n), put("n", n), run=f"{n:032x}") for n in runs]
    store.commit(batches, heard_at=CREATED_AT)
    store.close()
    server.start()
    table = marigram.init_project(PROJECT, mode="read-only").fetch_runs_table(columns=["n"], query="n >= 20")
    assert [row["n"].get() for row in table] == list(range(10_049, 19, -1))


def test_runs_are_trashed_restored_and_deleted_and_a_wrong_name_changes_nothing(url: str) -> None:
    write_runs(url)
    project = marigram.init_project(PROJECT, mode="read-only")
    with pytest.raises(marigram.NotFoundError, match="CATS-9"):
        project.trash_runs(["CATS-1", "CATS-9"])
    assert len(keys(project)) == 3
    project.trash_runs(["CATS-1", "CATS-2"])
    assert keys(project) == ["CATS-3"]
    assert keys(project, trashed=True) == ["CATS-2", "CATS-1"]
    assert keys(project, trashed=None) == ["CATS-3", "CATS-2", "CATS-1"]
    project.restore_runs("CATS-2")
    assert keys(project) == ["CATS-3", "CATS-2"]
    with pytest.raises(marigram.ServerError, match="not in the trash"):
        project.delete_runs("CATS-2")
    project.delete_runs("CATS-1")
    assert keys(project, trashed=None) == ["CATS-3", "CATS-2"]


def test_management_lists_makes_and_tidies_projects(url: str) -> None:
    write_runs(url, 3)
    assert management.create_project("lab/dogs") == "lab/dogs"
    assert management.get_project_list() == ["lab/dogs", PROJECT]
    management.trash_objects(PROJECT, ["CATS-1", "CATS-2"])
    management.delete_objects_from_trash(PROJECT, "CATS-1")
    management.clear_trash(PROJECT)
    assert keys(marigram.init_project(PROJECT, mode="read-only"), trashed=None) == ["CATS-3"]


@pytest.mark.parametrize("mode", ["offline", "debug", "disabled"])
def test_a_mode_without_a_server_reads_nothing(mode: str) -> None:
    project = marigram.init_project(PROJECT, mode=mode)
    project["about"] = "cats"
    with pytest.raises(marigram.MarigramError, match="mode"):
        project.fetch_runs_table()
    project.stop()


def test_the_registry_says_that_it_does_not_exist() -> None:
    for call in (marigram.init_model, marigram.init_model_version, marigram.Model, marigram.ModelVersion):
        with pytest.raises(marigram.MarigramError, match=r"does not exist yet.*upload"):
            call(name="m")


def test_texts_of_a_question_are_quoted() -> None:
    wanted = wanted_query(query="a = 1 OR b = 2", id='x" OR "', state=None, owner=None, tag="\\", trashed=None)
    assert wanted == (
        '(a = 1 OR b = 2) AND (`sys/id` = "x\\" OR \\"") AND `sys/tags`:stringSet CONTAINS "\\\\"'
        " AND `sys/trashed` EXISTS"
    )
