"""Every engine of points keeps the promises of the port."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from marigram.server.store.points.batch import PointBatch
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.embedded.block import BlockStyle
from marigram.server.store.points.embedded.codec import Codec
from marigram.server.store.points.embedded.rollup import RollupStyle
from marigram.server.store.points.memory import MemoryPointStore
from marigram.server.store.points.port import PointStore
from marigram.testing.point_store import PointStoreContract

FINE = RollupStyle(points_per_cell=2, least_points=4, least_cells=4)
"""Rollups of series so short as those of a test."""


class TestMemory(PointStoreContract):
    @pytest.fixture
    def make_store(self) -> Callable[[], PointStore]:
        return MemoryPointStore

    def reopen(self, store: PointStore) -> PointStore:
        return store


class Embedded(PointStoreContract):
    def open(self, path: Path) -> EmbeddedPointStore:
        raise NotImplementedError

    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Iterator[Callable[[], PointStore]]:
        self.path = tmp_path / "points.db"
        self.opened: list[EmbeddedPointStore] = []

        def make() -> PointStore:
            store = self.open(self.path)
            store.start()
            self.opened.append(store)
            return store

        yield make
        self.opened[-1].close()

    def reopen(self, store: PointStore) -> PointStore:
        store.close()
        reopened = self.open(self.path)
        reopened.start()
        self.opened.append(reopened)
        return reopened


class TestEmbeddedInMemory(Embedded):
    """Nothing is flushed: reads come from memory, and after reopening from the write-ahead log."""

    def open(self, path: Path) -> EmbeddedPointStore:
        return EmbeddedPointStore(path)


class TestEmbeddedFlushingInBetween(Embedded):
    """The flusher is busy all the time: reads come from blocks, frozen generations and the active one."""

    def open(self, path: Path) -> EmbeddedPointStore:
        return EmbeddedPointStore(path, flush_points=3, recent_points=20, style=BlockStyle(rollups=FINE))


class _FlushingAtOnce(EmbeddedPointStore):
    def commit(self, batches: Sequence[PointBatch]) -> int:
        position = super().commit(batches)
        self.flush()
        return position


class TestEmbeddedFlushedAtOnce(Embedded):
    """Every commit is in blocks before the next call, small, with rollups, by the fallback codec."""

    def open(self, path: Path) -> EmbeddedPointStore:
        return _FlushingAtOnce(path, style=BlockStyle(codec=Codec.SHUFFLE_ZSTD, points=50, slab_points=7, rollups=FINE))
