"""What the victims of `moments.py` do to a store, and what must be true after any of them was killed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np

from doors import Doors
from marigram.server.store.blobs.disk import DiskBlobStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.embedded.purging import orphans
from marigram.server.upkeep.backup import BackupError, is_half_restored, read_backup, restore_backup, take_backup
from marigram.server.upkeep.sweep import sweep
from marigram.testing.point_builders import EVERYWHERE, batch, floats, series, strings, text, write
from operations import RUN, attach, create, file_of, put
from operations import floats as logged

Tell = Callable[[str], None]

STORED = Path(__file__).parents[2] / "stored"
BATCHES = 30
POINTS_PER_BATCH = 60
FLUSH_POINTS = 200
GONE, KEPT = "a" * 32, "b" * 32
WITHIN_S = 60.0
LATER = 10**15
THIN_TO = 100


class Scenario(NamedTuple):
    """`prepare` makes a folder, `act` is killed, `check` looks; `goes_on`: the next victim works on what is left."""

    prepare: Callable[[Path], None]
    act: Callable[[Path, Tell], None]
    check: Callable[[Path, list[str]], None]
    goes_on: bool = False


def opened(folder: Path, flush_points: int = FLUSH_POINTS) -> EmbeddedPointStore:
    store = EmbeddedPointStore(folder / "points.db", flush_points=flush_points)
    store.start()
    return store


def nothing(folder: Path) -> None:
    """Begin with an empty folder."""
    del folder


# Commits, flushes, merges and rollups


def values_of(seq: int) -> list[float]:
    return np.random.default_rng(seq).normal(size=POINTS_PER_BATCH).tolist()


def write_batches(folder: Path, tell: Tell) -> None:
    store = opened(folder)
    first = store.writer_seq(KEPT, "w") + 1
    for seq in range(first, first + BATCHES):
        steps = [float(POINTS_PER_BATCH * seq + at) for at in range(POINTS_PER_BATCH)]
        store.commit(
            [batch(seq, write(1, floats(steps, values_of(seq))), write(2, strings([seq], [str(seq)])), run_id=KEPT)]
        )
        tell(str(seq))
    store.flush()
    store.close()


def check_batches(folder: Path, words: list[str]) -> None:
    said = max([int(word) for word in words if word.isdigit()], default=0)
    store = opened(folder)
    try:
        newest = store.writer_seq(KEPT, "w")
        assert newest >= said, (newest, said)
        points = store.floats(KEPT, 1, **EVERYWHERE)
        expected = [value for seq in range(1, newest + 1) for value in values_of(seq)]
        assert list(points.values) == expected
        assert list(points.steps) == [float(POINTS_PER_BATCH + at) for at in range(len(expected))]
        assert text(store, 2, KEPT) == [str(seq) for seq in range(1, newest + 1)]
        summary = store.summaries([KEPT], [1]).get((KEPT, 1))
        assert (summary.count if summary else 0) == len(expected)
        drawn = store.downsample(KEPT, 1, **EVERYWHERE, max_buckets=16)
        assert int(drawn.count.sum()) == len(expected)
        if expected:
            assert (float(drawn.min.min()), float(drawn.max.max())) == (min(expected), max(expected))
    finally:
        store.close()


# Thinning of old series


def thick(folder: Path) -> None:
    store = opened(folder)
    for seq in range(1, 13):
        steps = [float(POINTS_PER_BATCH * seq + at) for at in range(POINTS_PER_BATCH)]
        # Every other batch is written a second time, with other values, so that blocks overlap.
        old = write(1, floats(steps, [9.0] * len(steps)))
        store.commit([batch(2 * seq - 1, old if seq % 2 else write(2, floats([seq], [seq])), run_id=KEPT)])
        store.commit([batch(2 * seq, write(1, floats(steps, values_of(seq))), run_id=KEPT)])
        store.commit([batch(seq, write(1, floats(steps, values_of(seq))), run_id=GONE)])
    store.flush()
    store.close()


def thin(folder: Path, tell: Tell) -> None:
    store = opened(folder)
    store.thinner.thin(KEPT, points=THIN_TO, rest=lambda _: False)
    tell("thinned")
    store.close()


def check_thin(folder: Path, words: list[str]) -> None:
    store = opened(folder)
    try:
        whole = series(store, 1, GONE)
        for _ in range(2):
            found = series(store, 1, KEPT)
            assert found.items() <= whole.items()
            assert (min(found), max(found)) == (min(whole), max(whole))
            assert (min(found.values()), max(found.values())) == (min(whole.values()), max(whole.values()))
            assert series(store, 2, KEPT) == {float(seq): float(seq) for seq in range(2, 13, 2)}
            summary = store.summaries([KEPT], [1])[KEPT, 1]
            assert (summary.count, summary.min, summary.max) == (len(whole), min(whole.values()), max(whole.values()))
            if "thinned" in words:
                assert len(found) <= THIN_TO
            store.thinner.thin(KEPT, points=THIN_TO, rest=lambda _: False)
            words = ["thinned"]
    finally:
        store.close()


# A purge


def two_runs(folder: Path) -> None:
    store = opened(folder)
    for run in (GONE, KEPT):
        for seq in range(1, 13):
            steps = [float(POINTS_PER_BATCH * seq + at) for at in range(POINTS_PER_BATCH)]
            texts = strings(steps[:5], [run[0] * 200] * 5)
            lines = [write(each, floats(steps, values_of(seq))) for each in range(3, 9)]
            store.commit([batch(seq, *lines, run_id=run)])
            store.commit([batch(seq, write(2, texts), run_id=run, writer="texts")])
    store.flush()
    store.commit([batch(13, write(3, floats([1], [1])), run_id=GONE)])
    store.close()


def purge(folder: Path, tell: Tell) -> None:
    store = opened(folder)
    store.delete_run(GONE)
    tell("deleted")
    assert store.wait_for_room(timeout_s=WITHIN_S)
    store.commit([batch(13, write(3, floats([1], [1])), run_id=KEPT)])
    tell("committed")
    store.close()


def check_purge(folder: Path, words: list[str]) -> None:
    store = opened(folder)
    try:
        assert store.wait_for_room(timeout_s=WITHIN_S)
        if "deleted" in words:
            assert store.writer_seq(GONE, "w") == 0
        whole = [value for seq in range(1, 13) for value in values_of(seq)]
        for run in [KEPT, *([GONE] if store.writer_seq(GONE, "w") else [])]:
            found = dict(series(store, 3, run))
            extra = found.pop(1.0, None)
            assert extra is not None or "committed" not in words or run == GONE
            assert list(found.values()) == whole
            assert list(series(store, 8, run).values()) == whole
            assert len(text(store, 2, run)) == 60
    finally:
        store.close()
    with closing(sqlite3.connect(folder / "points.db")) as connection:
        assert orphans(connection) == set()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# Migrations


def old_files(folder: Path) -> None:
    for version in (1, 2, 3):
        shutil.copyfile(STORED / "points" / f"{version}.db", folder / f"points-{version}.db")
    for version in (1, 2, 3, 4):
        shutil.copyfile(STORED / "meta" / f"{version}.db", folder / f"meta-{version}.db")


def migrate(folder: Path, tell: Tell) -> None:
    for path in sorted(folder.glob("points-?.db")):
        store = EmbeddedPointStore(path)
        store.start()
        store.flush()
        store.close()
    for path in sorted(folder.glob("meta-?.db")):
        SqliteMetaStore(path).close()
        tell(path.name)


def check_migrated(folder: Path, words: list[str]) -> None:
    del words
    expected = {float(step): step * 0.5 for step in range(700)} | {0.5: -1.0, 699.0: 9.0, 1000.0: 5.0}
    for path in sorted(folder.glob("points-?.db")):
        store = EmbeddedPointStore(path)
        store.start()
        try:
            assert series(store, 1, GONE) == expected
            assert store.writer_seq(GONE, "w") == 3
            assert len(store.files(GONE, 3, **EVERYWHERE).values) == 2
        finally:
            store.close()
    for path in sorted(folder.glob("meta-?.db")):
        with closing(SqliteMetaStore(path)) as meta:
            run = meta.run(GONE)
            assert run is not None
            assert (run.key, run.tags) == ("CATS-1", ("a", "b"))
            lr = meta.attribute(GONE, "lr")
            assert lr is not None
            assert lr.value == 0.1


# Backups


def quiet(what: str, done: int, total: int) -> None:
    del what, done, total


class Data:
    """A data folder that is written without a server."""

    def __init__(self, root: Path) -> None:
        root.mkdir(exist_ok=True)
        self.points = opened(root)
        self.meta = SqliteMetaStore(root / "meta.db")
        self.blobs = DiskBlobStore(root / "blobs")
        self.blobs.start()
        self.doors = Doors(self.meta, self.points, self.blobs)
        self.doors.ingest.start()

    def write(self, number: int) -> None:
        """Log one number as a value, as a point, and as the content of a file."""
        content = f"file {number} ".encode() * 100
        upload = self.blobs.begin(file_of(content).sha256)
        upload.write(content)
        upload.commit()
        made = [create()] if number == 1 else []
        receipt = self.doors.write(
            *made, put("newest", number), logged("loss", [number]), attach(f"files/{number}", file_of(content))
        )
        assert not receipt.rejections

    def close(self) -> None:
        self.doors.ingest.close()
        self.points.close()
        self.meta.close()


def check_data(root: Path, *, at_least: int) -> int:
    """Check that numbers from 1 on are there in all three stores, and return the last one that is receipted."""
    data = Data(root)
    try:
        receipted = [int(step) for step in data.points.floats(RUN, _loss(data), **EVERYWHERE).steps]
        assert receipted == list(range(1, len(receipted) + 1))
        assert len(receipted) >= at_least
        for number in receipted:
            attribute = data.meta.attribute(RUN, f"files/{number}")
            assert attribute is not None
            assert attribute.file is not None
            assert b"".join(data.blobs.read(attribute.file.sha256)) == f"file {number} ".encode() * 100
        newest = data.meta.attribute(RUN, "newest")
        assert (0 if newest is None else newest.value) in {len(receipted), len(receipted) + 1}
        return len(receipted)
    finally:
        data.close()


def _loss(data: Data) -> int:
    found = data.meta.attribute(RUN, "loss")
    return 0 if found is None else found.id


def backed_up_once(folder: Path) -> None:
    data = Data(folder / "data")
    for number in range(1, 4):
        data.write(number)
    take_backup(folder / "data", folder / "backup", progress=quiet)
    for number in range(4, 7):
        data.write(number)
    data.close()


def back_up(folder: Path, tell: Tell) -> None:
    take_backup(folder / "data", folder / "backup", progress=quiet)
    tell("backed up")


def check_backup(folder: Path, words: list[str]) -> None:
    read_backup(folder / "backup")
    root = folder / "restored"
    root.mkdir()
    restore_backup(folder / "backup", root, force=False, progress=quiet)
    assert check_data(root, at_least=6 if "backed up" in words else 3) in {3, 6}
    assert check_data(folder / "data", at_least=6) == 6


def first_back_up(folder: Path, tell: Tell) -> None:
    take_backup(folder / "data", folder / "first", progress=quiet)
    tell("backed up")


def check_first_backup(folder: Path, words: list[str]) -> None:
    root = folder / "restored"
    root.mkdir()
    try:
        restore_backup(folder / "first", root, force=False, progress=quiet)
    except BackupError:
        assert "backed up" not in words
        assert not list(root.iterdir())
        return
    assert check_data(root, at_least=6) == 6


def restore(folder: Path, tell: Tell) -> None:
    restore_backup(folder / "backup", folder / "data", force=True, progress=quiet)
    tell("restored")


def check_restored(folder: Path, words: list[str]) -> None:
    if is_half_restored(folder / "data"):
        assert "restored" not in words
        restore_backup(folder / "backup", folder / "data", force=False, progress=quiet)
    assert check_data(folder / "data", at_least=3) in ({3} if "restored" in words else {3, 6})


# Uploads, deletions and sweeps


def upload_and_sweep(folder: Path, tell: Tell) -> None:
    data = Data(folder / "data")
    number = 1 + len(data.points.floats(RUN, _loss(data), **EVERYWHERE).steps)
    for each in range(number, number + 4):
        data.write(each)
        tell(str(each))
        sweep(meta=data.meta, points=data.points, blobs=data.blobs, now=LATER, grace_ms=0)
    data.close()


def check_swept(folder: Path, words: list[str]) -> None:
    check_data(folder / "data", at_least=max([int(word) for word in words if word.isdigit()], default=0))


ALL = {
    "write": Scenario(nothing, write_batches, check_batches, goes_on=True),
    "thin": Scenario(thick, thin, check_thin),
    "purge": Scenario(two_runs, purge, check_purge),
    "migrate": Scenario(old_files, migrate, check_migrated),
    "backup": Scenario(backed_up_once, back_up, check_backup),
    "first_backup": Scenario(backed_up_once, first_back_up, check_first_backup),
    "restore": Scenario(backed_up_once, restore, check_restored),
    "sweep": Scenario(nothing, upload_and_sweep, check_swept, goes_on=True),
}
