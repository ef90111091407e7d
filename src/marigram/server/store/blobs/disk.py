"""Blobs as files, `<folder>/ab/cd/<sha256>`.

An upload is written to `<folder>/incoming` and renamed when it is complete, checked and on the disk, so a file under
its final name is always whole, after `kill -9` and loss of power too. Uploads of one blob at once do not disturb each
other; the first to commit wins and they are equal.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from typing_extensions import Self

from marigram.server.store.blobs.port import BlobMismatchError, require_range, require_sha256

_CHUNK_BYTES = 256 * 1024
"""Large enough that the loop costs nothing beside the disk, small enough for a hundred downloads at once."""


class DiskBlobStore:
    """A `BlobStore` in a folder that one process uses. `start()` makes it ready."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"

    def start(self) -> None:
        """Make the folder if it is not there, and clear it of uploads that a crash has cut off.

        Raises:
            OSError: the folder cannot be made or written.
        """
        self._incoming.mkdir(parents=True, exist_ok=True)
        for left_over in self._incoming.iterdir():
            left_over.unlink()
        _sync_folder(self._folder)

    def size(self, sha256: str) -> int | None:
        """See the port."""
        try:
            return self._place(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def begin(self, sha256: str) -> DiskBlobUpload:
        """See the port.

        Raises:
            OSError: the disk is full or broken.
        """
        return DiskBlobUpload(folder=self._folder, incoming=self._incoming, place=self._place(sha256))

    def read(self, sha256: str, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See the port."""
        require_range(start, stop)
        return _Chunks(self._place(sha256), start, stop)

    def delete(self, sha256: str) -> None:
        """See the port."""
        self._place(sha256).unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        require_sha256(sha256)
        return self._folder / sha256[:2] / sha256[2:4] / sha256


class DiskBlobUpload:
    """A `BlobUpload` into a file in `incoming`."""

    def __init__(self, *, folder: Path, incoming: Path, place: Path) -> None:
        self._folder = folder
        self._place = place
        self._digest = hashlib.sha256()
        self._size = 0
        self._descriptor, name = tempfile.mkstemp(dir=incoming)
        self._temporary = Path(name)

    def write(self, chunk: bytes) -> None:
        """See the port."""
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._digest.update(chunk)
        self._size += len(chunk)

    def commit(self) -> None:
        """See the port.

        Raises:
            OSError: the disk is full or broken; nothing is kept.
        """
        actual = self._digest.hexdigest()
        if actual != self._place.name:
            self.abort()
            raise BlobMismatchError(announced=self._place.name, actual=actual, size=self._size)
        try:
            os.fsync(self._descriptor)
            self._place.parent.mkdir(parents=True, exist_ok=True)
            self._temporary.replace(self._place)
        except BaseException:
            self.abort()
            raise
        self._close()
        # The name of the file, and those of the folders above it, are durable only when each holder is.
        for holder in (self._place.parent, self._place.parent.parent, self._folder):
            _sync_folder(holder)

    def abort(self) -> None:
        """See the port."""
        self._close()
        self._temporary.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class _Chunks:
    """The bytes `[start, stop)` of a file; it is open from the start, so that a deletion cannot cut it off."""

    def __init__(self, path: Path, start: int, stop: int | None) -> None:
        self._descriptor = -1
        try:
            self._descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError as error:
            message = f"There is no blob {path.name}. Upload it first."
            raise FileNotFoundError(message) from error
        self._at = start
        self._stop = os.fstat(self._descriptor).st_size if stop is None else stop

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        wanted = min(_CHUNK_BYTES, self._stop - self._at)
        chunk = os.pread(self._descriptor, wanted, self._at) if wanted > 0 and self._descriptor >= 0 else b""
        if not chunk:
            self.close()
            raise StopIteration
        self._at += len(chunk)
        return chunk

    def close(self) -> None:
        """Release the file; a download that is given up calls this, or lets go of the iterator."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.close()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
