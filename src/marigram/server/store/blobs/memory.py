"""The reference engine of blobs: a dictionary. Unit tests use it, and the other engines are compared with it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator

from marigram.server.store.blobs.port import (
    BlobEntry,
    BlobMismatchError,
    UploadBusyError,
    require_range,
    require_sha256,
)

_CHUNK_BYTES = 64 * 1024


class MemoryBlobStore:
    """A `BlobStore` that forgets everything when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blobs: dict[str, bytes] = {}
        self._touched: dict[str, int] = {}
        self._paused: dict[str, bytes] = {}
        self._resumed: set[str] = set()

    def size(self, sha256: str) -> int | None:
        """See the port."""
        require_sha256(sha256)
        with self._lock:
            blob = self._blobs.get(sha256)
        return None if blob is None else len(blob)

    def touch(self, sha256: str) -> int | None:
        """See the port."""
        size = self.size(sha256)
        with self._lock:
            if sha256 in self._blobs:
                self._touched[sha256] = _now_ms()
        return size

    def entries(self) -> Iterator[BlobEntry]:
        """See the port."""
        with self._lock:
            found = [
                BlobEntry(sha256=sha256, size=len(blob), touched_at=self._touched[sha256])
                for sha256, blob in sorted(self._blobs.items())
            ]
        yield from found

    def delete_untouched(self, sha256: str, *, since: int) -> bool:
        """See the port."""
        require_sha256(sha256)
        with self._lock:
            if sha256 not in self._blobs or self._touched[sha256] >= since:
                return False
            del self._blobs[sha256]
        return True

    def begin(self, sha256: str) -> MemoryBlobUpload:
        """See the port."""
        require_sha256(sha256)
        return MemoryBlobUpload(self, sha256)

    def receive(self) -> MemoryUnnamedUpload:
        """See the port."""
        return MemoryUnnamedUpload(self)

    def resume(self, sha256: str) -> MemoryResumedUpload:
        """See the port."""
        require_sha256(sha256)
        with self._lock:
            if sha256 in self._resumed:
                raise UploadBusyError(sha256)
            self._resumed.add(sha256)
            return MemoryResumedUpload(self, sha256, self._paused.pop(sha256, b""))

    def leave(self, sha256: str, written: bytes) -> None:
        """Close a resumed upload and keep what was written, if anything."""
        with self._lock:
            self._resumed.discard(sha256)
            if written:
                self._paused[sha256] = written

    def read(self, sha256: str, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See the port."""
        require_sha256(sha256)
        require_range(start, stop)
        with self._lock:
            blob = self._blobs.get(sha256)
        if blob is None:
            message = f"There is no blob {sha256}. Upload it first."
            raise FileNotFoundError(message)
        wanted = blob[start:stop]
        return (wanted[at : at + _CHUNK_BYTES] for at in range(0, len(wanted), _CHUNK_BYTES))

    def delete(self, sha256: str) -> None:
        """See the port."""
        require_sha256(sha256)
        with self._lock:
            self._blobs.pop(sha256, None)

    def keep(self, sha256: str, blob: bytes) -> None:
        """Make the blob exist; its hash was checked."""
        with self._lock:
            self._blobs.setdefault(sha256, blob)
            self._touched[sha256] = _now_ms()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class MemoryBlobUpload:
    """A `BlobUpload` into a `MemoryBlobStore`."""

    def __init__(self, store: MemoryBlobStore, sha256: str) -> None:
        self._store = store
        self._sha256 = sha256
        self._chunks: list[bytes] = []

    def write(self, chunk: bytes) -> None:
        """See the port."""
        self._chunks.append(bytes(chunk))

    def commit(self) -> None:
        """See the port."""
        blob = b"".join(self._chunks)
        self._chunks.clear()
        actual = hashlib.sha256(blob).hexdigest()
        if actual != self._sha256:
            raise BlobMismatchError(announced=self._sha256, actual=actual, size=len(blob))
        self._store.keep(self._sha256, blob)

    def abort(self) -> None:
        """See the port."""
        self._chunks.clear()


class MemoryUnnamedUpload:
    """An `UnnamedUpload` into a `MemoryBlobStore`."""

    def __init__(self, store: MemoryBlobStore) -> None:
        self._store = store
        self._written = bytearray()

    @property
    def size(self) -> int:
        """See the port."""
        return len(self._written)

    def write(self, chunk: bytes) -> None:
        """See the port."""
        self._written += chunk

    def commit(self) -> str:
        """See the port."""
        blob = bytes(self._written)
        sha256 = hashlib.sha256(blob).hexdigest()
        self._store.keep(sha256, blob)
        return sha256

    def abort(self) -> None:
        """See the port."""
        self._written.clear()


class MemoryResumedUpload:
    """A `ResumableUpload` into a `MemoryBlobStore`."""

    def __init__(self, store: MemoryBlobStore, sha256: str, written: bytes) -> None:
        self._store = store
        self._sha256 = sha256
        self._written = bytearray(written)
        self._open = True

    @property
    def size(self) -> int:
        """See the port."""
        return len(self._written)

    def write(self, chunk: bytes) -> None:
        """See the port."""
        self._written += chunk

    def commit(self) -> None:
        """See the port."""
        upload = MemoryBlobUpload(self._store, self._sha256)
        upload.write(bytes(self._written))
        self.abort()
        upload.commit()

    def abort(self) -> None:
        """See the port."""
        self._written.clear()
        self.pause()

    def pause(self) -> None:
        """See the port."""
        if self._open:
            self._open = False
            self._store.leave(self._sha256, bytes(self._written))
