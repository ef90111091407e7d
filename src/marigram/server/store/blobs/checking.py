"""Bytes of a blob that are checked before they are handed out.

A blob of at most one piece is checked by its SHA-256. A larger one has a file beside it with the CRC-32 of each piece,
written when the blob was uploaded and its SHA-256 was right, so that a range can be checked without reading the rest.
If that file is missing, or says that a piece is wrong, the SHA-256 of the whole blob decides, and the file is written
anew.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from pathlib import Path

from typing_extensions import Self

from marigram.server.store.blobs.port import CorruptBlobError
from marigram.system.disk import sync_descriptor
from marigram.system.files import open_file, read_at, replace

PIECE_BYTES = 256 * 1024
"""Large enough that the loop costs nothing beside the disk, small enough for a hundred downloads at once."""

SUMS_SUFFIX = ".crc32"


class Sums:
    """The CRC-32 of each piece of bytes that come in any chunks."""

    def __init__(self) -> None:
        self._done: list[int] = []
        self._current = 0
        self._filled = 0

    def update(self, chunk: bytes) -> None:
        """Go on with these bytes."""
        rest = memoryview(chunk)
        while rest:
            part = rest[: PIECE_BYTES - self._filled]
            self._current = zlib.crc32(part, self._current)
            self._filled += len(part)
            rest = rest[len(part) :]
            if self._filled == PIECE_BYTES:
                self._done.append(self._current)
                self._current = self._filled = 0

    def values(self) -> list[int]:
        """Return the sums so far, that of an unfinished piece at the end."""
        return [*self._done, self._current] if self._filled else list(self._done)


def write_sums(place: Path, sums: list[int], folder: Path) -> None:
    """Put the sums of the blob at `place` beside it, by way of a file in `folder`, unless it is of one piece.

    Raises:
        OSError: the disk is full or broken.
    """
    if len(sums) <= 1:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{os.urandom(16).hex()}{SUMS_SUFFIX}"
    descriptor = open_file(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    try:
        os.write(descriptor, struct.pack(f"<{len(sums)}I", *sums))
        sync_descriptor(descriptor)
    finally:
        os.close(descriptor)
    replace(temporary, sums_of(place))


def sums_of(place: Path) -> Path:
    """Return where the sums of the blob at `place` are."""
    return place.with_name(place.name + SUMS_SUFFIX)


def read_sums(place: Path, size: int) -> list[int] | None:
    """Return the sums of a blob of `size` bytes, None if they are not there or not all there."""
    try:
        packed = sums_of(place).read_bytes()
    except FileNotFoundError:
        return None
    count = -(-size // PIECE_BYTES)
    return list(struct.unpack(f"<{count}I", packed)) if len(packed) == 4 * count else None


def checked_sums(descriptor: int, sha256: str) -> list[int]:
    """Read all of an open blob, and return its sums.

    Raises:
        CorruptBlobError: its bytes are not those of its address.
    """
    digest, sums, at = hashlib.sha256(), Sums(), 0
    while chunk := read_at(descriptor, PIECE_BYTES, at):
        digest.update(chunk)
        sums.update(chunk)
        at += len(chunk)
    if digest.hexdigest() != sha256:
        raise CorruptBlobError(sha256)
    return sums.values()


class CheckedBytes:
    """The bytes `[start, stop)` of a blob, piece by piece; the file stays open, so no deletion cuts it off.

    Raises:
        FileNotFoundError: there is no such blob; when it is made, as what follows for the first piece.
        CorruptBlobError: a piece is not what was uploaded; nothing of it is handed out.
    """

    def __init__(self, place: Path, start: int, stop: int | None, folder: Path) -> None:
        self._descriptor = -1
        try:
            self._descriptor = open_file(place, os.O_RDONLY)
        except FileNotFoundError as error:
            message = f"There is no blob {place.name}. Upload it first."
            raise FileNotFoundError(message) from error
        self._place = place
        self._folder = folder
        size = os.fstat(self._descriptor).st_size
        self._at = start
        self._stop = size if stop is None else min(stop, size)
        # An empty blob can have lost its bytes, too, and a file can have grown or shrunk.
        self._sums = None if size <= PIECE_BYTES else read_sums(place, size) or self._made_anew()
        self._next = self._read() if self._at < self._stop or not size else b""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        piece = self._next
        if not piece:
            self.close()
            raise StopIteration
        self._next = self._read() if self._at < self._stop else b""
        return piece

    def _read(self) -> bytes:
        """Return what is wanted of the piece at hand, checked."""
        number = self._at // PIECE_BYTES
        begin = number * PIECE_BYTES
        piece = read_at(self._descriptor, PIECE_BYTES, begin)
        if self._sums is None:
            if hashlib.sha256(piece).hexdigest() != self._place.name:
                raise CorruptBlobError(self._place.name)
        elif zlib.crc32(piece) != self._sums[number]:
            self._sums = self._made_anew()
        wanted = piece[self._at - begin : self._stop - begin]
        self._at = begin + len(piece)
        return wanted

    def _made_anew(self) -> list[int]:
        sums = checked_sums(self._descriptor, self._place.name)
        write_sums(self._place, sums, self._folder)
        return sums

    def close(self) -> None:
        """Release the file; a download that is given up calls this, or lets go of the iterator."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.close()
