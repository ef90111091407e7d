"""The port of blobs. The docstrings here are the specification; `marigram.testing.blob_store` checks an engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

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

    def begin(self, sha256: str) -> BlobUpload:
        """Begin an upload of the blob. It does not exist for readers before `commit`."""
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

        Raises:
            ValueError: `start` or `stop` is negative.
            FileNotFoundError: there is no such blob; raised at the call, not at the first chunk.
        """
        ...

    def delete(self, sha256: str) -> None:
        """Remove the blob if it exists."""
        ...
