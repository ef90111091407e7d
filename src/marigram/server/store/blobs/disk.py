"""Blobs as files, `<folder>/ab/cd/<sha256>`.

An upload is written to `<folder>/incoming` and renamed when it is complete, checked and on the disk, so a file under
its final name is always whole, after `kill -9` and loss of power too. Uploads of one blob at once do not disturb each
other; the first to commit wins and they are equal. An upload in parts has a name of its own there, stays when the
server ends, and is forgotten a week after its last part. When a blob was last touched is its file's time of change.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from marigram.server.store.blobs.checking import CheckedBytes, checked_sums, sums_of
from marigram.server.store.blobs.landing import DiskBlobUpload, DiskResumedUpload, DiskUnnamedUpload, Landing
from marigram.server.store.blobs.port import SHA256, BlobEntry, UploadBusyError, require_range, require_sha256
from marigram.system.disk import sync_folder
from marigram.system.files import open_file

_TOUCHED_AGAIN_MS = 3_600_000
"""A blob that is named by every batch is not written to for each of them."""

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
        for left_over in self._incoming.iterdir():
            if left_over.suffix != _PARTS_SUFFIX:
                left_over.unlink()
        self.forget_old_parts()
        sync_folder(self._folder)

    def forget_old_parts(self) -> int:
        """Remove uploads in parts that nobody has gone on with for eight days, and return how many there were.

        Raises:
            OSError: one cannot be removed.
        """
        kept_since = time.time() - _PARTS_KEPT_S
        forgotten = 0
        for parts in sorted(self._incoming.glob(f"*{_PARTS_SUFFIX}")):
            with self._lock:
                if parts.stem not in self._resumed and parts.stat().st_mtime < kept_since:
                    parts.unlink()
                    forgotten += 1
        return forgotten

    def size(self, sha256: str) -> int | None:
        """See the port."""
        try:
            return self._place(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def touch(self, sha256: str) -> int | None:
        """See the port."""
        place = self._place(sha256)
        with self._lock:
            try:
                facts = place.stat()
                if facts.st_mtime_ns < time.time_ns() - _TOUCHED_AGAIN_MS * 1_000_000:
                    os.utime(place)
            except FileNotFoundError:
                return None
        return facts.st_size

    def entries(self) -> Iterator[BlobEntry]:
        """See the port."""
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")):
            for file in sorted(os.scandir(folder), key=lambda each: each.name):
                if SHA256.fullmatch(file.name):
                    try:
                        facts = file.stat()
                    except FileNotFoundError:
                        continue
                    yield BlobEntry(sha256=file.name, size=facts.st_size, touched_at=facts.st_mtime_ns // 1_000_000)

    def delete_untouched(self, sha256: str, *, since: int) -> bool:
        """See the port."""
        place = self._place(sha256)
        with self._lock:
            try:
                if place.stat().st_mtime_ns // 1_000_000 >= since:
                    return False
            except FileNotFoundError:
                return False
            self.delete(sha256)
        return True

    def begin(self, sha256: str) -> DiskBlobUpload:
        """See the port.

        Raises:
            OSError: the disk is full or broken.
        """
        return DiskBlobUpload(self._incoming, Landing(self._folder, self._place(sha256), self._lock))

    def receive(self) -> DiskUnnamedUpload:
        """See the port.

        Raises:
            OSError: the disk is full or broken.
        """
        return DiskUnnamedUpload(self._incoming, lambda sha256: Landing(self._folder, self._place(sha256), self._lock))

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
            return DiskResumedUpload(parts, Landing(self._folder, place, self._lock), release=release)
        except BaseException:
            release()
            raise

    def read(self, sha256: str, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See the port."""
        require_range(start, stop)
        return CheckedBytes(self._place(sha256), start, stop, self._incoming)

    def check(self, sha256: str) -> None:
        """Read a blob and compare it with its address; nothing is written.

        Raises:
            CorruptBlobError: it is not what was uploaded.
            FileNotFoundError: there is no such blob.
        """
        descriptor = open_file(self._place(sha256), os.O_RDONLY)
        try:
            checked_sums(descriptor, sha256)
        finally:
            os.close(descriptor)

    def delete(self, sha256: str) -> None:
        """See the port."""
        place = self._place(sha256)
        place.unlink(missing_ok=True)
        sums_of(place).unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        require_sha256(sha256)
        return self._folder / sha256[:2] / sha256[2:4] / sha256
