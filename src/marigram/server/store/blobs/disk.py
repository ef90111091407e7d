"""Blobs as files, `<folder>/ab/cd/<sha256>`.

An upload is written to `<folder>/incoming` and renamed when it is complete, checked and on the disk, so a file under
its final name is always whole, after `kill -9` and loss of power too. Uploads of one blob at once do not disturb each
other; the first to commit wins and they are equal. An upload in parts has a name of its own there, stays when the
server ends, and is forgotten a week after its last part.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from typing_extensions import Self

from marigram.server.store.blobs.port import BlobMismatchError, UploadBusyError, require_range, require_sha256
from marigram.system.disk import sync_descriptor, sync_folder
from marigram.system.files import open_file, read_at, replace

_CHUNK_BYTES = 256 * 1024
"""Large enough that the loop costs nothing beside the disk, small enough for a hundred downloads at once."""


_PARTS_SUFFIX = ".parts"
_PARTS_KEPT_S = 8 * 86_400.0
"""A training machine that comes back after a week goes on with its upload; the port promises no less."""


class DiskBlobStore:
    """A `BlobStore` in a folder that one process uses. `start()` makes it ready."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._lock = threading.Lock()
        self._resumed: set[str] = set()

    def start(self) -> None:
        """Make the folder if it is not there, and clear it of uploads that a crash has cut off.

        Raises:
            OSError: the folder cannot be made or written.
        """
        self._incoming.mkdir(parents=True, exist_ok=True)
        kept_since = time.time() - _PARTS_KEPT_S
        for left_over in self._incoming.iterdir():
            if left_over.suffix != _PARTS_SUFFIX or left_over.stat().st_mtime < kept_since:
                left_over.unlink()
        sync_folder(self._folder)

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

    def resume(self, sha256: str) -> DiskResumedUpload:
        """See the port.

        Raises:
            OSError: the disk is full or broken.
        """
        place = self._place(sha256)
        with self._lock:
            if sha256 in self._resumed:
                raise UploadBusyError(sha256)
            self._resumed.add(sha256)

        def release() -> None:
            with self._lock:
                self._resumed.discard(sha256)

        try:
            parts = self._incoming / f"{sha256}{_PARTS_SUFFIX}"
            return DiskResumedUpload(folder=self._folder, parts=parts, place=place, release=release)
        except BaseException:
            release()
            raise

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
        self._temporary = incoming / os.urandom(16).hex()
        self._descriptor = open_file(self._temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL)

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
            _settle(self._descriptor, self._temporary, self._place)
        except BaseException:
            self.abort()
            raise
        self._close()
        _sync_holders(self._place, self._folder)

    def abort(self) -> None:
        """See the port."""
        self._close()
        self._temporary.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class DiskResumedUpload:
    """A `ResumableUpload` into a file that keeps its name between requests."""

    def __init__(self, *, folder: Path, parts: Path, place: Path, release: Callable[[], None]) -> None:
        self._folder = folder
        self._parts = parts
        self._place = place
        self._release = release
        self._descriptor = open_file(parts, os.O_RDWR | os.O_CREAT)
        os.lseek(self._descriptor, 0, os.SEEK_END)
        self._size = os.fstat(self._descriptor).st_size

    @property
    def size(self) -> int:
        """See the port."""
        return self._size

    def write(self, chunk: bytes) -> None:
        """See the port."""
        rest = memoryview(chunk)
        while rest:
            written = os.write(self._descriptor, rest)
            self._size += written
            rest = rest[written:]

    def commit(self) -> None:
        """See the port. All the bytes are read again, because parts may be from before a loss of power.

        Raises:
            OSError: the disk is full or broken; the parts are kept.
        """
        digest = hashlib.sha256()
        at = 0
        try:
            while chunk := read_at(self._descriptor, _CHUNK_BYTES, at):
                digest.update(chunk)
                at += len(chunk)
            if digest.hexdigest() == self._place.name:
                _settle(self._descriptor, self._parts, self._place)
                self.pause()
                _sync_holders(self._place, self._folder)
                return
        except BaseException:
            self.pause()
            raise
        self.abort()
        raise BlobMismatchError(announced=self._place.name, actual=digest.hexdigest(), size=at)

    def abort(self) -> None:
        """See the port."""
        self._parts.unlink(missing_ok=True)
        self.pause()

    def pause(self) -> None:
        """See the port."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            self._release()


class _Chunks:
    """The bytes `[start, stop)` of a file; it is open from the start, so that a deletion cannot cut it off."""

    def __init__(self, path: Path, start: int, stop: int | None) -> None:
        self._descriptor = -1
        try:
            self._descriptor = open_file(path, os.O_RDONLY)
        except FileNotFoundError as error:
            message = f"There is no blob {path.name}. Upload it first."
            raise FileNotFoundError(message) from error
        self._at = start
        self._stop = os.fstat(self._descriptor).st_size if stop is None else stop

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        wanted = min(_CHUNK_BYTES, self._stop - self._at)
        chunk = read_at(self._descriptor, wanted, self._at) if wanted > 0 and self._descriptor >= 0 else b""
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


def _settle(descriptor: int, temporary: Path, place: Path) -> None:
    """Bring a complete file to the disk and give it its final name."""
    sync_descriptor(descriptor)
    place.parent.mkdir(parents=True, exist_ok=True)
    replace(temporary, place)


def _sync_holders(place: Path, folder: Path) -> None:
    """The name of the file, and those of the folders above it, are durable only when each holder is."""
    for holder in (place.parent, place.parent.parent, folder):
        sync_folder(holder)
