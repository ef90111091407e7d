"""What happens between the two looks of a read: one at memory, one at the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from marigram.model import Kind
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.reading import SeriesReader
from marigram.testing.point_builders import EVERYWHERE, RUN, batch, drop, floats, write


class ReadersAfter(Readers):
    """Readers before whose snapshots something else happens."""

    def __init__(self, path: Path, meanwhile: Callable[[], object]) -> None:
        super().__init__(path)
        self._meanwhile = meanwhile

    @contextmanager
    def snapshot(self) -> Generator[sqlite3.Connection]:
        self._meanwhile()
        with super().snapshot() as connection:
            yield connection


@pytest.fixture
def store(tmp_path: Path) -> Generator[EmbeddedPointStore]:
    opened = EmbeddedPointStore(tmp_path / "points.db")
    opened.start()
    yield opened
    opened.close()


def read_while(store: EmbeddedPointStore, path: Path, meanwhile: Callable[[], object]) -> dict[float, float]:
    readers = ReadersAfter(path / "points.db", meanwhile)
    try:
        reader = SeriesReader(memtable=store._memtable, readers=readers)
        found = reader.read(RUN, 1, Kind.FLOAT_SERIES, **EVERYWHERE)
    finally:
        readers.close()
    return dict(zip(found.steps.tolist(), found.values.tolist(), strict=True))


def test_points_that_are_flushed_meanwhile_are_read_from_blocks(store: EmbeddedPointStore, tmp_path: Path) -> None:
    store.commit([batch(1, write(1, floats([1, 2], [1, 1])))])
    assert read_while(store, tmp_path, store.flush) == {1: 1, 2: 1}


def test_what_memory_had_does_not_cover_newer_points_in_blocks(store: EmbeddedPointStore, tmp_path: Path) -> None:
    store.commit([batch(1, write(1, floats([1, 2], [1, 1])))])

    def meanwhile() -> None:
        store.commit([batch(2, write(1, floats([2, 3], [2, 2])))])
        store.flush()

    assert read_while(store, tmp_path, meanwhile) == {1: 1, 2: 2, 3: 2}


def test_a_series_that_is_dropped_and_flushed_meanwhile_does_not_come_back(
    store: EmbeddedPointStore, tmp_path: Path
) -> None:
    store.commit([batch(1, write(1, floats([1, 2], [1, 1])))])

    def meanwhile() -> None:
        store.commit([batch(2, drop(1), write(1, floats([3], [3])))])
        store.flush()

    assert read_while(store, tmp_path, meanwhile) == {3: 3}


def test_points_that_are_only_committed_meanwhile_are_not_mixed_in(store: EmbeddedPointStore, tmp_path: Path) -> None:
    store.commit([batch(1, write(1, floats([1, 2], [1, 1])))])
    found = read_while(store, tmp_path, lambda: store.commit([batch(2, write(1, floats([2, 3], [2, 2])))]))
    assert found == {1: 1, 2: 1}
