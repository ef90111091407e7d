"""Every engine of blobs keeps the promises of the port."""

from __future__ import annotations

from pathlib import Path

import pytest

from marigram.server.store.blobs.disk import DiskBlobStore
from marigram.server.store.blobs.memory import MemoryBlobStore
from marigram.server.store.blobs.port import BlobStore
from marigram.testing.blob_store import BlobStoreContract


class TestMemory(BlobStoreContract):
    @pytest.fixture
    def store(self) -> BlobStore:
        return MemoryBlobStore()

    def reopen(self, store: BlobStore) -> BlobStore:
        return store


class TestDisk(BlobStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> BlobStore:
        self.folder = tmp_path / "blobs"
        return self.reopen(MemoryBlobStore())

    def reopen(self, store: BlobStore) -> BlobStore:
        del store  # files need no closing
        opened = DiskBlobStore(self.folder)
        opened.start()
        return opened
