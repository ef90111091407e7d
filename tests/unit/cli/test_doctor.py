"""The doctor names what is wrong by run and path, writes nothing unless asked, and mends what loses nothing."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import typer

from asking import HttpWriter
from damaging import blob_place, break_row, break_series, flip
from doors import Doors
from marigram.cli.doctor import examine
from marigram.server.store.blobs.disk import DiskBlobStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.embedded import EmbeddedPointStore
from operations import RUN, attach, create, file_of, files, floats, put, strings
from running_server import RunningServer

OTHER = "e" * 32
MODEL = b"model" * 100_000
PICTURE = b"picture"
NOBODYS = b"nobody's"


class Data:
    """A data folder with two runs, written without a server."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.points = EmbeddedPointStore(root / "points.db")
        self.points.start()
        self.meta = SqliteMetaStore(root / "meta.db")
        doors = Doors(self.meta, self.points)
        blobs = DiskBlobStore(root / "blobs")
        blobs.start()
        for content in (MODEL, PICTURE, NOBODYS):
            doors.keep(content)
            upload = blobs.begin(file_of(content).sha256)
            upload.write(content)
            upload.commit()
        doors.ingest.start()
        for run in (RUN, OTHER):
            chance = random.Random(run)
            doors.write(
                create(),
                put("lr", 0.1),
                floats("train/loss", range(600), [chance.random() for _ in range(600)]),
                strings("log", [1], [run]),
                files("pictures", [1], [file_of(PICTURE)]),
                attach("model", file_of(MODEL)),
                run=run,
            )
        doors.ingest.close()
        self.points.flush()

    def close(self) -> None:
        self.points.close()
        self.meta.close()

    def place(self, content: bytes) -> Path:
        return blob_place(self.root, file_of(content).sha256)


@pytest.fixture
def data(tmp_path: Path) -> Data:
    made = Data(tmp_path)
    made.close()
    return made


def found(root: Path, capsys: pytest.CaptureFixture[str], **how: bool) -> list[dict[str, object]]:
    """Return what the doctor says as JSON, and see that its exit status agrees."""
    options = {"quick": False, "repair": False, "give_up_damaged": False, **how}
    capsys.readouterr()
    try:
        examine(root, as_json=True, **options)
        status = 0
    except typer.Exit as ended:
        status = ended.exit_code
    faults = json.loads(capsys.readouterr().out)
    assert status == (1 if faults else 0)
    return faults


def test_nothing_is_wrong_with_whole_data(data: Data, capsys: pytest.CaptureFixture[str]) -> None:
    assert found(data.root, capsys) == []
    examine(data.root, quick=True, repair=False, give_up_damaged=False, as_json=False)
    assert capsys.readouterr().out == "Everything is whole.\n"


def test_damaged_points_are_named_and_given_up_only_when_told(data: Data, capsys: pytest.CaptureFixture[str]) -> None:
    break_series(data.root / "points.db", RUN, "float_series")
    (fault,) = found(data.root, capsys)
    assert (fault["code"], fault["lost"], fault["run"]) == ("damaged_row", True, "CATS-1 of lab/cats")
    assert fault["path"] == "train/loss"
    assert found(data.root, capsys, repair=True) == [fault]
    assert found(data.root, capsys, give_up_damaged=True) == []
    points = EmbeddedPointStore(data.root / "points.db")
    points.start()
    (attribute,) = {attribute for attribute in range(1, 30) if points.summaries([OTHER], [attribute])} & {
        attribute for attribute in range(1, 30) if len(points.downsample(OTHER, attribute, **_ALL, max_buckets=5).count)
    }
    assert points.summaries([RUN], [attribute]) == {}
    assert points.summaries([OTHER], [attribute])[OTHER, attribute].count == 600
    points.close()


_ALL = {"first_step": float("-inf"), "last_step": float("inf")}


def test_a_damaged_log_is_named_and_the_store_opens_again_when_it_is_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = Data(tmp_path)
    doors = Doors(data.meta, data.points)
    doors.ingest.start()
    doors.write(floats("train/loss", [1000], [random.Random(5).random()]))
    doors.ingest.close()
    data.close()
    path = tmp_path / "points.db"
    with closing(sqlite3.connect(path)) as connection:
        (position,) = connection.execute("SELECT max(position) FROM wal").fetchone()
    break_row(path, "wal", position)
    (fault,) = found(tmp_path, capsys)
    assert (fault["table"], fault["row"], fault["run"]) == ("wal", position, "CATS-1 of lab/cats")
    assert found(tmp_path, capsys, give_up_damaged=True) == []
    points = EmbeddedPointStore(path)
    points.start()
    points.close()


def test_blobs_that_are_damaged_or_missing_are_named(data: Data, capsys: pytest.CaptureFixture[str]) -> None:
    flip(data.place(MODEL), 300_000)
    data.place(PICTURE).unlink()
    damaged, missing = found(data.root, capsys)
    assert (damaged["code"], damaged["path"], damaged["lost"]) == ("damaged_blob", "model", True)
    assert (missing["code"], missing["path"]) == ("missing_blob", "pictures")
    assert damaged["sha256"] == file_of(MODEL).sha256


def test_what_nobody_can_reach_is_removed_by_a_repair(data: Data, capsys: pytest.CaptureFixture[str]) -> None:
    os.utime(data.place(NOBODYS), (1, 1))
    with closing(sqlite3.connect(data.root / "points.db")) as connection:
        connection.execute("DELETE FROM run WHERE run_id = ?", (OTHER,))
        connection.commit()
    with closing(sqlite3.connect(data.root / "meta.db")) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM run WHERE run_id = ?", (RUN,))
        connection.commit()
    codes = {str(fault["code"]) for fault in found(data.root, capsys)}
    assert codes == {"half_deleted", "unknown_run", "unnamed_blob"}
    before = (data.root / "points.db").read_bytes()
    found(data.root, capsys)
    assert (data.root / "points.db").read_bytes() == before
    assert found(data.root, capsys, repair=True) == []
    assert not data.place(NOBODYS).exists()
    assert data.place(MODEL).exists()
    with closing(sqlite3.connect(data.root / "points.db")) as connection:
        assert connection.execute("SELECT (SELECT count(*) FROM block), (SELECT count(*) FROM run)").fetchone() == (
            0,
            0,
        )


def test_a_damaged_rollup_is_removed_by_a_repair(data: Data, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(data.root / "points.db")) as connection:
        connection.execute("UPDATE rollup_cells SET body = zeroblob(length(body)) WHERE level = 0 AND block = 1")
        connection.commit()
    (fault,) = found(data.root, capsys)
    assert (fault["code"], fault.get("lost", False)) == ("damaged_rollup", False)
    assert found(data.root, capsys, repair=True) == []


def test_the_doctor_looks_while_a_server_runs_and_does_not_repair_then(
    server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    HttpWriter(server.url).write(create(), floats("train/loss", [1, 2]))
    assert found(server.data, capsys) == []
    with pytest.raises(typer.Exit):
        examine(server.data, quick=False, repair=True, give_up_damaged=False, as_json=False)
    assert "Without --repair, doctor looks while a server runs" in capsys.readouterr().err


def test_a_file_that_is_no_database_is_named(data: Data, capsys: pytest.CaptureFixture[str]) -> None:
    (data.root / "meta.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(typer.Exit):
        examine(data.root, quick=False, repair=False, give_up_damaged=False, as_json=False)
    assert "Restore it from a backup" in capsys.readouterr().err
