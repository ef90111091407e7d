"""Files of every version that there was open in this one, and give back exactly what was written."""

from __future__ import annotations

import math
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest

from marigram.model import File, Histogram, Kind, RunStatus, StopHow
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.meta.sqlite.engine import SCHEMA_VERSION
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.testing.point_builders import EVERYWHERE, batch, floats, series, text, write
from operations import parse_path

STORED = Path(__file__).parents[3] / "stored"
A, B = "a" * 32, "b" * 32
AT = 1_700_000_000_000


def file(name: str) -> File:
    return File(sha256=name * 64, filename=f"{name}.png", media_type="image/png", size=7)


def copied(tmp_path: Path, kind: str, version: int) -> Path:
    place = tmp_path / f"{kind}.db"
    shutil.copyfile(STORED / kind / f"{version}.db", place)
    return place


@pytest.fixture(params=[1, 2, 3, 4, 5, 6])
def points(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, EmbeddedPointStore]]:
    store = EmbeddedPointStore(copied(tmp_path, "points", request.param))
    store.start()
    yield request.param, store
    store.close()


def test_points_of_every_format_read_back(points: tuple[int, EmbeddedPointStore], tmp_path: Path) -> None:
    version, store = points
    expected = {float(step): step * 0.5 for step in range(700)} | {0.5: -1.0, 699.0: 9.0, 1000.0: 5.0}

    def check() -> None:
        assert series(store, 1, A) == expected
        assert series(store, 4, A) == {2.0: 2.0}
        assert text(store, 2, A) == (["one", "two"] if version == 1 else ["one"])
        assert list(store.files(A, 3, **EVERYWHERE).values) == [file("c"), file("d")]
        odd = list(store.floats(B, 1, **EVERYWHERE).values)
        assert math.isnan(odd[0])
        assert odd[1:] == [math.inf, 0.0]
        histograms = list(store.histograms(A, 5, **EVERYWHERE).values)
        assert histograms == ([] if version == 1 else [Histogram(edges=(0.0, 1.0, 2.0), counts=(3.0, 4.0))])
        assert (store.writer_seq(A, "w"), store.writer_seq(B, "w")) == (3, 1)
        summary = store.summaries([A], [1])[A, 1]
        assert (summary.count, summary.min, summary.max, summary.last) == (702, -1.0, 349.0, 5.0)
        assert (summary.min_step, summary.max_step) == (0.5, 698.0)
        last_odd_step = store.floats(B, 1, **EVERYWHERE).steps[-1]
        columns = store.summary_columns([A, B], 1, with_steps=True)
        assert columns.min_step.tolist() == [0.5, last_odd_step]
        assert columns.max_step.tolist() == [698.0, last_odd_step]
        assert store.downsample(A, 1, **EVERYWHERE, max_buckets=20).count.sum() == 702
        tally = store.tally(A, "w")
        assert (tally is None) == (version < 3)
        assert series(store, 6, A) == ({step: step * 0.25 for step in range(10_000)} if version >= 4 else {})
        some = store.floats(A, 6, first_step=5_000, last_step=5_002)
        assert list(some.values) == ([1250.0, 1250.25, 1250.5] if version >= 4 else [])

    check()
    store.flush()
    check()
    store.commit([batch(4, write(1, floats([2000], [6])), run_id=A)])
    assert series(store, 1, A)[2000.0] == 6.0
    with closing(sqlite3.connect(tmp_path / "points.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] >= 7
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6, 7])
def test_metadata_of_every_version_reads_back(tmp_path: Path, version: int) -> None:
    path = copied(tmp_path, "meta", version)
    for _ in range(2):
        with closing(SqliteMetaStore(path)) as store:
            first, second = store.runs([A, B])
            assert (first.key, first.name, first.project, first.status) == (
                "CATS-1",
                "first",
                "lab/cats",
                RunStatus.FAILED,
            )
            assert (first.created_at, first.ended_at, first.heard_at) == (AT, AT + 9, AT + 5)
            assert (first.exit_code, first.failure, first.tags) == (1, "no", ("a", "b"))
            assert second.trashed_at == (AT + 7 if version >= 3 else None)
            stop = second.stop
            assert (stop is not None) == (version >= 2)
            assert stop is None or (stop.how, stop.grace_s, stop.requested_by) == (StopHow.ABORT, 5.0, "me")
            values = {each.path: each.value for each in store.attributes(A) if each.value is not None}
            assert math.isnan(values.pop(parse_path("nan")))
            assert {path: value for path, value in values.items() if not path.startswith("sys/")} == {
                "lr": 0.1,
                "layers": 3,
                "big": 2**70,
                "on": True,
                "net": "conv",
                "seen": datetime(2024, 2, 29, 1, 2, 3, 4000, tzinfo=timezone.utc),
            }
            model = store.attribute(A, "model")
            assert model is not None
            assert model.file == file("e")
            kinds = {each.path: each.kind for each in store.attributes(A)}
            assert (kinds[parse_path("train/loss")], kinds[parse_path("log")]) == (
                Kind.FLOAT_SERIES,
                Kind.STRING_SERIES,
            )
            assert store.earlier_values(A, "layers") == []
            assert store.token_digests() == {"d" * 64}
            assert [project.name for project in store.projects()][-1] == "lab/cats"
            assert store.find_run("lab/cats", "CATS-1") == first
            counted = {each.path: (each.kind, each.run_count) for each in store.columns("lab/cats")}
            assert counted == {path: (kind, 1) for path, kind in kinds.items()}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_there_is_a_file_of_every_version_but_the_newest() -> None:
    stored = sorted(int(path.stem) for path in (STORED / "meta").glob("*.db"))
    assert stored[: SCHEMA_VERSION - 1] == list(range(1, SCHEMA_VERSION))
