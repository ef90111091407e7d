"""How an upload becomes a blob of a folder: a file in `incoming`, renamed when it is complete and on the disk."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from marigram.server.store.blobs.checking import PIECE_BYTES, Sums, write_sums
from marigram.server.store.blobs.port import BlobMismatchError
from marigram.system.disk import sync_descriptor, sync_folder
from marigram.system.files import open_file, read_at, replace


class Landing:
    """Where an upload goes when it is complete."""

    def __init__(self, folder: Path, place: Path, lock: threading.Lock) -> None:
        self.sha256 = place.name
        self._folder = folder
        self._place = place
        self._lock = lock

    def settle(self, descriptor: int, temporary: Path, sums: Sums) -> None:
        """Bring a complete file to the disk and give it its final name, with the sums of its pieces beside it."""
        sync_descriptor(descriptor)
        self._place.parent.mkdir(parents=True, exist_ok=True)
        write_sums(self._place, sums.values(), self._folder / "incoming")
        # A blob that is looked at for deletion in this moment would be deleted although it was just uploaded.
        with self._lock:
            replace(temporary, self._place)
            os.utime(self._place)

    def sync(self) -> None:
        """The name of the file, and those of the folders above it, are durable only when each holder is."""
        for holder in (self._place.parent, self._place.parent.parent, self._folder):
            sync_folder(holder)


class _Arriving:
    """Bytes on their way into a file in `incoming`, hashed as they come."""

    def __init__(self, incoming: Path) -> None:
        self.size = 0
        self.sums = Sums()
        self._digest = hashlib.sha256()
        self._temporary = incoming / os.urandom(16).hex()
        self._descriptor = open_file(self._temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL)

    @property
    def sha256(self) -> str:
        """The hash of what was written so far."""
        return self._digest.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Add bytes at the end."""
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._digest.update(chunk)
        self.sums.update(chunk)
        self.size += len(chunk)

    def settle(self, landing: Landing) -> None:
        """Make the file a blob.

        Raises:
            OSError: the disk is full or broken; nothing is kept.
        """
        try:
            landing.settle(self._descriptor, self._temporary, self.sums)
        except BaseException:
            self.abort()
            raise
        self._close()
        landing.sync()

    def abort(self) -> None:
        """Remove the file."""
        self._close()
        self._temporary.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class DiskBlobUpload:
    """A `BlobUpload` into a file in `incoming`."""

    def __init__(self, incoming: Path, landing: Landing) -> None:
        self._landing = landing
        self._arriving = _Arriving(incoming)

    def write(self, chunk: bytes) -> None:
        """See the port."""
        self._arriving.write(chunk)

    def commit(self) -> None:
        """See the port.

        Raises:
            OSError: the disk is full or broken; nothing is kept.
        """
        actual = self._arriving.sha256
        if actual != self._landing.sha256:
            self.abort()
            raise BlobMismatchError(announced=self._landing.sha256, actual=actual, size=self._arriving.size)
        self._arriving.settle(self._landing)

    def abort(self) -> None:
        """See the port."""
        self._arriving.abort()


class DiskUnnamedUpload:
    """An `UnnamedUpload` into a file in `incoming`; `landing_of` says where bytes with a hash go."""

    def __init__(self, incoming: Path, landing_of: Callable[[str], Landing]) -> None:
        self._landing_of = landing_of
        self._arriving = _Arriving(incoming)

    @property
    def size(self) -> int:
        """See the port."""
        return self._arriving.size

    def write(self, chunk: bytes) -> None:
        """See the port."""
        self._arriving.write(chunk)

    def commit(self) -> str:
        """See the port.

        Raises:
            OSError: the disk is full or broken; nothing is kept.
        """
        sha256 = self._arriving.sha256
        self._arriving.settle(self._landing_of(sha256))
        return sha256

    def abort(self) -> None:
        """See the port."""
        self._arriving.abort()


class DiskResumedUpload:
    """A `ResumableUpload` into a file that keeps its name between requests."""

    def __init__(self, parts: Path, landing: Landing, *, release: Callable[[], None]) -> None:
        self._parts = parts
        self._landing = landing
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
        digest, sums, at = hashlib.sha256(), Sums(), 0
        try:
            while chunk := read_at(self._descriptor, PIECE_BYTES, at):
                digest.update(chunk)
                sums.update(chunk)
                at += len(chunk)
            if digest.hexdigest() == self._landing.sha256:
                self._landing.settle(self._descriptor, self._parts, sums)
                self.pause()
                self._landing.sync()
                return
        except BaseException:
            self.pause()
            raise
        self.abort()
        raise BlobMismatchError(announced=self._landing.sha256, actual=digest.hexdigest(), size=at)

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
