"""Blobs go when nothing names them, and never a moment before."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from doors import Doors
from marigram.model import CreateRun, Fork, RunStatus, SetStatus
from marigram.server.ingest import RunKeptError
from marigram.server.store.blobs.disk import DiskBlobStore
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.memory import MemoryPointStore
from marigram.server.store.points.port import DamagedPointsError
from marigram.server.upkeep import Rules, SweepLock, Swept, Upkeep, read_rules, sweep, write_rules
from marigram.server.upkeep.rules import Best, RulesError
from operations import RUN, attach, create, delete, file_of, files, floats, put
from waiting import wait_until

OLD = b"old bytes"
NAMED = b"named by an attribute"
POINT = b"named by a point"
FAR = 10**15
"""Milliseconds long after everything in these tests."""


@pytest.fixture(params=["memory", "sqlite"])
def doors(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Doors]:
    if request.param == "memory":
        opened = Doors(MemoryMetaStore(), MemoryPointStore())
    else:
        points = EmbeddedPointStore(tmp_path / "points.db")
        points.start()
        opened = Doors(SqliteMetaStore(tmp_path / "meta.db"), points)
    opened.ingest.start()
    yield opened
    opened.ingest.close()
    opened.points.close()
    opened.meta.close()


def swept(doors: Doors, *, grace_ms: int = 0, dry: bool = False) -> Swept:
    return sweep(meta=doors.meta, points=doors.points, blobs=doors.blobs, now=FAR, grace_ms=grace_ms, dry=dry)


def forked(parent: str, step: float) -> CreateRun:
    return msgspec.structs.replace(create(), fork=Fork(run_id=parent, step=step))


def has(doors: Doors, content: bytes) -> bool:
    return doors.blobs.size(file_of(content).sha256) is not None


def test_only_what_nothing_names_goes(doors: Doors) -> None:
    for content in (OLD, NAMED, POINT):
        doors.keep(content)
    receipt = doors.write(create(), attach("model", file_of(NAMED)), files("images", [1.0], [file_of(POINT)]))
    assert not receipt.rejections
    assert swept(doors, dry=True) == Swept(blobs=1, bytes=len(OLD))
    assert has(doors, OLD)
    assert swept(doors) == Swept(blobs=1, bytes=len(OLD))
    assert [has(doors, content) for content in (OLD, NAMED, POINT)] == [False, True, True]
    assert swept(doors) == Swept(blobs=0, bytes=0)


def test_a_blob_that_was_touched_within_the_grace_period_stays(doors: Doors) -> None:
    doors.keep(OLD)
    assert swept(doors, grace_ms=FAR) == Swept(blobs=0, bytes=0)
    assert has(doors, OLD)


def test_points_in_blocks_name_blobs_too(doors: Doors) -> None:
    doors.keep(POINT)
    doors.write(create(), files("images", [1.0], [file_of(POINT)]))
    if isinstance(doors.points, EmbeddedPointStore):
        doors.points.flush()
    assert swept(doors).blobs == 0


def test_blobs_of_a_deleted_run_go_and_those_that_another_names_stay(doors: Doors) -> None:
    other = "f" * 32
    for content in (NAMED, POINT):
        doors.keep(content)
    doors.write(create(), attach("model", file_of(NAMED)), files("images", [1.0], [file_of(POINT)]))
    doors.write(create(), attach("same", file_of(NAMED)), run=other)
    doors.ingest.trash(RUN)
    doors.clock.now += 3_600_000
    assert swept(doors).blobs == 0
    doors.ingest.delete_now(RUN)
    assert swept(doors) == Swept(blobs=1, bytes=len(POINT))
    assert has(doors, NAMED)


def test_a_blob_of_a_deleted_attribute_goes(doors: Doors) -> None:
    doors.keep(NAMED)
    doors.write(create(), attach("model", file_of(NAMED)))
    doors.write(delete("model"))
    assert swept(doors).blobs == 1


def test_a_damaged_block_of_files_keeps_every_blob(tmp_path: Path) -> None:
    points = EmbeddedPointStore(tmp_path / "points.db")
    points.start()
    doors = Doors(MemoryMetaStore(), points)
    doors.ingest.start()
    doors.keep(POINT)
    doors.keep(OLD)
    doors.write(create(), files("images", [1.0], [file_of(POINT)]))
    points.flush()
    with closing(sqlite3.connect(tmp_path / "points.db")) as connection:
        connection.execute("UPDATE block SET body = zeroblob(length(body))")
        connection.commit()
    with pytest.raises(DamagedPointsError, match="checksum"):
        swept(doors)
    assert has(doors, POINT)
    assert has(doors, OLD)
    doors.ingest.close()
    points.close()


def test_a_run_stays_while_forks_begin_in_it(doors: Doors) -> None:
    child = "c" * 32
    doors.write(create())
    doors.write(forked(RUN, 3.0), run=child)
    doors.ingest.trash(RUN)
    doors.clock.now += 3_600_000
    with pytest.raises(RunKeptError, match="history of CATS-2 begins in the run CATS-1"):
        doors.ingest.delete_now(RUN)
    doors.ingest.trash(child)
    doors.ingest.delete_now(child)
    doors.ingest.delete_now(RUN)
    assert doors.meta.run(RUN) is None


def test_a_blob_that_a_batch_names_while_it_is_swept_is_there_or_the_batch_is_told(tmp_path: Path) -> None:
    blobs = DiskBlobStore(tmp_path)
    blobs.start()
    doors = Doors(MemoryMetaStore(), MemoryPointStore(), blobs)
    doors.ingest.start()
    contents = [f"content {number}".encode() for number in range(300)]
    for content in contents:
        doors.keep(content)
        sha256 = file_of(content).sha256
        os.utime(tmp_path / sha256[:2] / sha256[2:4] / sha256, (1, 1))
    done = threading.Event()

    def sweep_on() -> None:
        while not done.is_set():
            now = time.time_ns() // 1_000_000
            sweep(meta=doors.meta, points=doors.points, blobs=blobs, now=now, grace_ms=3_600_000)

    doors.write(create())
    sweeping = threading.Thread(target=sweep_on)
    sweeping.start()
    refused = {
        content for content in contents if doors.write(attach(f"files/{content.decode()}", file_of(content))).rejections
    }
    done.set()
    sweeping.join()
    swept_at_last = sweep(meta=doors.meta, points=doors.points, blobs=blobs, now=FAR, grace_ms=0)
    assert swept_at_last.blobs == 0
    named = doors.values()
    for content in contents:
        assert (f"files/{content.decode()}" in named) == (content not in refused)
        assert has(doors, content) == (content not in refused)
    doors.ingest.close()


class Tidied:
    """Upkeep over stores on the disk, whose acts a test calls itself."""

    def __init__(self, root: Path, doors: Doors) -> None:
        self.blobs = DiskBlobStore(root / "blobs")
        self.blobs.start()
        self.upkeep = Upkeep(
            root=root,
            meta=doors.meta,
            points=doors.points,
            blobs=self.blobs,
            ingest=doors.ingest,
            forget_parts=self.blobs.forget_old_parts,
            free_room=lambda: False,
            clock_ms=doors.clock,
            grace_ms=-FAR,
        )

    def put(self, content: bytes) -> str:
        sha256 = file_of(content).sha256
        upload = self.blobs.begin(sha256)
        upload.write(content)
        upload.commit()
        return sha256


def test_no_blob_goes_while_somebody_copies_them(tmp_path: Path, doors: Doors) -> None:
    tidied = Tidied(tmp_path, doors)
    sha256 = tidied.put(OLD)
    with SweepLock(tmp_path).held() as mine:
        assert mine
        tidied.upkeep.sweep()
        assert tidied.blobs.size(sha256) == len(OLD)
    tidied.upkeep.sweep()
    assert tidied.blobs.size(sha256) is None


def test_runs_leave_the_trash_by_the_rule_and_forks_before_those_they_were_forked_from(
    tmp_path: Path, doors: Doors
) -> None:
    upkeep = Tidied(tmp_path, doors).upkeep
    child, kept = "c" * 32, "d" * 32
    doors.write(create())
    doors.write(forked(RUN, 3.0), run=child)
    doors.write(create(), run=kept)
    doors.ingest.trash(RUN)
    doors.ingest.trash(child)
    doors.clock.now += 3 * 86_400_000
    doors.ingest.trash(kept)
    doors.clock.now += 3_600_000
    upkeep.follow_rules()
    assert doors.meta.run(RUN) is not None
    write_rules(tmp_path, Rules(trash_days=4))
    upkeep.follow_rules()
    assert doors.meta.run(RUN) is not None
    write_rules(tmp_path, Rules(trash_days=2))
    upkeep.follow_rules()
    assert [doors.meta.run(run) is None for run in (RUN, child, kept)] == [True, True, False]


def test_the_last_files_by_name_are_kept_and_only_in_runs_that_have_ended(tmp_path: Path, doors: Doors) -> None:
    upkeep = Tidied(tmp_path, doors).upkeep
    running = "d" * 32
    doors.keep(NAMED)
    paths = ["ckpt/epoch-9", "ckpt/epoch-10", "ckpt/epoch-11", "ckpt/deep/1", "ckpts/other", "model"]
    for run in (RUN, running):
        doors.write(create(), *(attach(path, file_of(NAMED)) for path in paths), put("ckpt/note", "stays"), run=run)
    doors.write(SetStatus(status=RunStatus.FINISHED, at=1))
    upkeep.follow_rules()
    assert len(doors.values()) == 7
    write_rules(tmp_path, Rules(keep_files={"ckpt": 2}))
    for _ in range(2):
        upkeep.follow_rules()
        assert sorted(doors.values()) == ["ckpt/epoch-10", "ckpt/epoch-11", "ckpt/note", "ckpts/other", "model"]
        assert len(doors.values(running)) == 7


@pytest.mark.parametrize(
    ("largest", "kept"),
    [(False, ["epoch=1-val_loss=-1e-1", "epoch=4-val_loss=0.2"]), (True, ["epoch=3-val_loss=2.5.ckpt", "epoch=6"])],
)
def test_the_files_with_the_best_value_in_their_names_are_kept_beside_the_last_ones(
    tmp_path: Path, doors: Doors, *, largest: bool, kept: list[str]
) -> None:
    upkeep = Tidied(tmp_path, doors).upkeep
    doors.keep(NAMED)
    names = [
        "epoch=1-val_loss=-1e-1",
        "epoch=2-val_loss=0.2",
        "epoch=3-val_loss=2.5.ckpt",
        "epoch=4-val_loss=0.2",
        "epoch=5-eval_loss=9-val_loss=nan",
        "epoch=6",
    ]
    doors.write(create(), *(attach(f"val_loss=0/{name}", file_of(NAMED)) for name in names))
    doors.write(SetStatus(status=RunStatus.FINISHED, at=1))
    best = Best(count=1 if largest else 2, name="val_loss", largest=largest)
    write_rules(tmp_path, Rules(keep_files={"val_loss=0": 1}, keep_best={"val_loss=0": best, "other": best}))
    for _ in range(2):
        upkeep.follow_rules()
        assert sorted(doors.values()) == sorted({f"val_loss=0/{name}" for name in [*kept, "epoch=6"]})


def test_series_of_runs_that_ended_long_ago_are_thinned_but_not_what_forks_inherit(tmp_path: Path) -> None:
    points = EmbeddedPointStore(tmp_path / "points.db")
    points.start()
    doors = Doors(SqliteMetaStore(tmp_path / "meta.db"), points)
    doors.ingest.start()
    upkeep = Tidied(tmp_path, doors).upkeep
    parent, child, running, trashed = (each * 32 for each in "cdef")
    many = floats("loss", list(range(1_000)))
    for run in (RUN, parent, running, trashed):
        doors.write(create(), many, run=run)
    doors.write(forked(parent, 599.0), many, run=child)
    for run in (RUN, parent, child, trashed):
        doors.write(SetStatus(status=RunStatus.FINISHED, at=1), run=run)
    doors.ingest.trash(trashed)
    points.flush()

    def counts() -> list[int]:
        attribute = doors.meta.attribute(RUN, "loss")
        assert attribute is not None
        steps = {"first_step": -1.0, "last_step": 1e9}
        return [len(points.floats(run, attribute.id, **steps).steps) for run in (RUN, parent, child, running, trashed)]

    doors.clock.now += 10 * 86_400_000
    for rules in (Rules(), Rules(thin_after_days=11, thin_to=100)):
        write_rules(tmp_path, rules)
        upkeep.thin_series()
        assert counts() == [1_000] * 5
    write_rules(tmp_path, Rules(thin_after_days=9, thin_to=100))
    for _ in range(2):
        upkeep.thin_series()
        thinned, kept, fork, *others = counts()
        assert thinned <= 100
        # The fork's own points up to its step cover the parent's; only those beyond it are thinned.
        assert 600 < fork <= 700
        assert [kept, *others] == [1_000] * 3
    doors.ingest.close()
    points.close()
    doors.meta.close()


def test_rules_that_cannot_be_understood_delete_nothing(tmp_path: Path) -> None:
    assert read_rules(tmp_path) == Rules()
    (tmp_path / "retention.json").write_text('{"trash_day": 1}')
    with pytest.raises(RulesError, match=r"retention\.json cannot be understood"):
        read_rules(tmp_path)


def test_upkeep_looks_when_it_is_woken(tmp_path: Path, doors: Doors) -> None:
    tidied = Tidied(tmp_path, doors)
    tidied.upkeep.start()
    wait_until((tmp_path / "sweep.lock").exists, "a first look")
    sha256 = tidied.put(OLD)
    tidied.upkeep.wake()
    wait_until(lambda: tidied.blobs.size(sha256) is None, "a second look")
    tidied.upkeep.stop()
