"""The port of blobs. The docstrings here are the specification; `marigram.testing.blob_store` checks an engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

import msgspec

SHA256 = re.compile(r"[0-9a-f]{64}")
"""What addresses a blob; everything else is refused, so an address can never name another place on the disk."""


def require_sha256(sha256: str) -> None:
    """Check an address.

    Raises:
        ValueError: it is not 64 lowercase hexadecimal digits.
    """
    if SHA256.fullmatch(sha256) is None:
        message = f"{sha256[:80]!r} does not address a blob. Give its SHA-256 as 64 lowercase hexadecimal digits."
        raise ValueError(message)


def require_range(start: int, stop: int | None) -> None:
    """Check a range of bytes.

    Raises:
        ValueError: an end of it is negative.
    """
    if start < 0 or (stop is not None and stop < 0):
        message = f"Bytes {start} to {stop} were asked for. Count from the blob's first byte, which is 0."
        raise ValueError(message)


class BlobMismatchError(ValueError):
    """The bytes do not have the hash that they were announced with."""

    def __init__(self, *, announced: str, actual: str, size: int) -> None:
        """Say what was expected and what came."""
        super().__init__(
            f"{size} bytes with the SHA-256 {actual} were uploaded as the blob {announced}. "
            "Read the file again and send all of it."
        )


class UploadBusyError(RuntimeError):
    """Another request is writing to this upload at this moment; the message says what to do."""

    def __init__(self, sha256: str) -> None:
        """Take the blob's address."""
        super().__init__(f"The blob {sha256} is being uploaded by another request. Ask for its state in a moment.")


class CorruptBlobError(RuntimeError):
    """The bytes on the server's disk are no longer those that were uploaded; the message says what to do."""

    def __init__(self, sha256: str) -> None:
        """Take the blob's address."""
        super().__init__(
            f"The blob {sha256} is damaged on the server's disk. Upload the file again, or restore it from a backup."
        )
        self.sha256 = sha256


class BlobEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A blob, its size in bytes, and when it was last asked for by `touch`, or uploaded: milliseconds since 1970."""

    sha256: str
    size: int
    touched_at: int


class BlobUpload(Protocol):
    """One upload in progress. Exactly one of `commit` and `abort` ends it."""

    def write(self, chunk: bytes) -> None:
        """Add bytes at the end.

        Raises:
            OSError: the disk is full or broken.
        """
        ...

    def commit(self) -> None:
        """Make the blob exist, durably; if it does already, this changes nothing.

        Raises:
            BlobMismatchError: the bytes do not have the announced hash; nothing is kept.
        """
        ...

    def abort(self) -> None:
        """Forget what was written."""
        ...


class UnnamedUpload(Protocol):
    """An upload of bytes whose hash nobody has said. Exactly one of `commit` and `abort` ends it."""

    @property
    def size(self) -> int:
        """Bytes written so far."""
        ...

    def write(self, chunk: bytes) -> None:
        """Add bytes at the end.

        Raises:
            OSError: the disk is full or broken.
        """
        ...

    def commit(self) -> str:
        """Make the blob exist under the hash of what was written, durably, and return that hash.

        If the blob exists already this changes nothing. It counts as touched.
        """
        ...

    def abort(self) -> None:
        """Forget what was written."""
        ...


class ResumableUpload(BlobUpload, Protocol):
    """An upload that can be taken up again; `commit`, `abort` or `pause` ends it, and more pauses do nothing."""

    @property
    def size(self) -> int:
        """Bytes written so far, those before an interruption included."""
        ...

    def pause(self) -> None:
        """Keep what was written for `BlobStore.resume`, for a week at least, unless power is lost."""
        ...


class BlobStore(Protocol):
    """Where bytes are kept, addressed by their SHA-256. All calls are safe from any thread."""

    def size(self, sha256: str) -> int | None:
        """Return the blob's size in bytes, None if it does not exist.

        Raises:
            ValueError: `sha256` is not 64 lowercase hexadecimal digits; so in all calls.
        """
        ...

    def touch(self, sha256: str) -> int | None:
        """Do what `size` does, and keep `delete_untouched` away for a time: somebody is about to name the blob.

        That it was touched may be remembered as up to an hour earlier than it was.
        """
        ...

    def entries(self) -> Iterator[BlobEntry]:
        """Yield all blobs, in order of address; one that comes or goes meanwhile may be among them or not."""
        ...

    def delete_untouched(self, sha256: str, *, since: int) -> bool:
        """Remove the blob if it was neither touched nor uploaded from `since` on, milliseconds since 1970.

        Return whether it was removed. Nobody's `touch` or upload falls between the look and the removal.
        """
        ...

    def begin(self, sha256: str) -> BlobUpload:
        """Begin an upload of the blob. It does not exist for readers before `commit`."""
        ...

    def receive(self) -> UnnamedUpload:
        """Begin an upload of bytes whose hash is known when the last has come, as when a foreign client sends them.

        They go to the disk as they come. Of an upload that ends with the process nothing is left.
        """
        ...

    def resume(self, sha256: str) -> ResumableUpload:
        """Go on with the upload of the blob where it was paused, or begin one. Its `commit` checks all the bytes.

        An upload that ends with the process, without `pause`, counts as paused.

        Raises:
            UploadBusyError: the upload is open already.
        """
        ...

    def read(self, sha256: str, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes `[start, stop)` in chunks of moderate size; what lies beyond the end is left out.

        Every chunk has been checked before it is yielded.

        Raises:
            ValueError: `start` or `stop` is negative.
            CorruptBlobError: the bytes are no longer those of the address; raised at the call, or at a later chunk.
            FileNotFoundError: there is no such blob; raised at the call, not at the first chunk.
        """
        ...

    def delete(self, sha256: str) -> None:
        """Remove the blob if it exists."""
        ...
