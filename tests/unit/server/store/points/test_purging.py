"""A deleted run is gone at once, off the disk soon after, and nobody else's points move."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.embedded.purging import orphans, tables_of_runs
from marigram.testing.point_builders import (
    EVERYWHERE,
    OTHER_RUN,
    RUN,
    batch,
    cut,
    drop,
    files,
    floats,
    histograms,
    series,
    strings,
    text,
    write,
)

POINTS = 400_000

Open = Callable[..., EmbeddedPointStore]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "points.db"


@pytest.fixture
def open_store(path: Path) -> Iterator[Open]:
    opened: list[EmbeddedPointStore] = []

    def opening(**arguments: int) -> EmbeddedPointStore:
        store = EmbeddedPointStore(path, **arguments)  # pyright: ignore[reportArgumentType] numbers alone are given
        opened.append(store)
        store.start()
        return store

    yield opening
    for store in opened:
        store.close()


def size_of(path: Path) -> int:
    """Return what the file and SQLite's log beside it take."""
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*") if not each.name.endswith("-shm"))


def noise(count: int) -> list[float]:
    return np.random.default_rng(count).normal(size=count).tolist()


def test_a_new_file_can_give_back_room(open_store: Open, path: Path) -> None:
    open_store()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)


def test_a_deletion_frees_the_disk(open_store: Open, path: Path) -> None:
    store = open_store(flush_points=POINTS // 4)
    store.commit([batch(1, write(1, floats([1], [7])), run_id=OTHER_RUN)])
    store.flush()
    before = size_of(path)
    steps = [float(step) for step in range(POINTS // 4)]
    for seq in range(1, 5):
        values = noise(len(steps))
        store.commit([batch(seq, write(seq, floats(steps, values)))])
    store.flush()
    full = size_of(path)
    assert full > before + 2 * POINTS
    store.delete_run(RUN)
    assert series(store) == {}
    assert store.wait_for_room(timeout_s=60)
    assert size_of(path) < before + 128 * 1024
    assert series(store, 1, OTHER_RUN) == {1: 7}


def test_what_a_killed_process_left_of_a_deleted_run_goes_at_the_next_start(open_store: Open, path: Path) -> None:
    store = open_store()
    for run in (RUN, OTHER_RUN):
        store.commit([batch(1, write(1, floats([1, 2], [1, 2])), write(2, strings([1], ["a"])), run_id=run)])
    store.flush()
    store.commit([batch(2, drop(1), cut(2, 0.5), write(3, floats([1], [1])))])
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM run WHERE run_id = ?", (RUN,))
        connection.commit()
        assert orphans(connection)
    store = open_store()
    assert store.wait_for_room(timeout_s=60)
    with closing(sqlite3.connect(path)) as connection:
        assert orphans(connection) == set()
        for table in tables_of_runs(connection):
            assert connection.execute(f"SELECT count(DISTINCT run) <= 1 FROM {table}").fetchone() == (1,)
    assert series(store, 1, OTHER_RUN) == {1: 1, 2: 2}
    assert text(store, 2, OTHER_RUN) == ["a"]


@pytest.mark.parametrize("seed", range(6))
def test_purging_one_run_never_touches_another(open_store: Open, seed: int) -> None:
    chance = random.Random(seed)
    store = open_store(flush_points=chance.choice([1, 40, 10_000]))
    runs = [f"{number:032x}" for number in range(6)]
    seqs = dict.fromkeys(runs, 0)

    def commit(run: str) -> None:
        seqs[run] += 1
        step, name = float(seqs[run]), chance.choice("abcdef")
        bins = [[float(chance.randrange(9)) for _ in range(3)]]
        writes = [
            write(1, floats([step, step + 0.5], noise(2))),
            write(2, strings([step], [run])),
            write(3, files([step], [name])),
            write(4, histograms([step], bins)),
        ]
        if chance.random() < 0.2:
            writes.append(chance.choice([drop(1), cut(2, step / 2)]))
        store.commit([batch(seqs[run], *writes, run_id=run)])

    def seen(run: str) -> list[object]:
        found: list[object] = [series(store, 1, run), text(store, 2, run), store.writer_seq(run, "w")]
        found.append(store.files(run, 3, **EVERYWHERE).values)
        found.append(store.histograms(run, 4, **EVERYWHERE).values)
        found.append(dict(store.summaries([run], [1, 2, 3, 4])))
        return found

    for _ in range(120):
        commit(chance.choice(runs))
    gone = chance.sample(runs, 3)
    kept = [run for run in runs if run not in gone]
    before = {run: seen(run) for run in kept}
    for run in gone:
        store.delete_run(run)
        assert {each: seen(each) for each in kept} == before
    assert store.wait_for_room(timeout_s=60)
    assert {run: seen(run) for run in kept} == before
    store.close()
    store = open_store()
    assert {run: seen(run) for run in kept} == before
    assert all(store.writer_seq(run, "w") == 0 for run in gone)


def test_commits_go_on_while_a_large_run_is_purged(open_store: Open) -> None:
    store = open_store(flush_points=50_000)
    steps = [float(step) for step in range(50_000)]
    for seq in range(1, 9):
        store.commit([batch(seq, write(seq, floats(steps, noise(len(steps)))))])
    store.flush()
    store.delete_run(RUN)
    seq = 0
    while not store.wait_for_room(timeout_s=0):
        seq += 1
        store.commit([batch(seq, write(1, floats([seq], [seq])), run_id=OTHER_RUN)])
    assert seq > 0
    assert len(series(store, 1, OTHER_RUN)) == seq
