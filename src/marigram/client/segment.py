"""One segment of a queue: an append-only file of records, written by one process and read by another.

    byte 0    magic "MGQ1", then zeros: 16 bytes
    then      records, each on a multiple of 8:
                commit (u64) = length of payload | kind << 24 | crc32 of payload << 32
                payload, padded with zeros to a multiple of 8

The commit word is one aligned store and is written last. Until then the reader sees zero and stops there, so the death
of the writer between two instructions leaves no torn record. After a loss of power the checksum tells which records
reached the disk. The file is preallocated and mapped into memory; where that is impossible it is written with system
calls. In both cases a record is in the operating system's page cache when `write` returns.
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from zlib import crc32

from marigram.client.errors import QueueFullError
from marigram.system.disk import populate, reserve
from marigram.system.files import open_file, read_mapped_at, remove, replace, write_at

HEADER = struct.Struct("=4sIQ")
HEADER_BYTES = HEADER.size
COMMIT_BYTES = 8
MAX_PAYLOAD_BYTES = (1 << 24) - 1
KIND_SHIFT = 24
CRC_SHIFT = 32
_MAGIC = b"MGQ1"
_KIND_MASK = 0xFF
_COMMIT = struct.Struct("=Q")
_SUFFIX = ".seg"
_NAME_DIGITS = 20
_UNPUBLISHED = "new-"
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_CANNOT_MAP = frozenset({errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENODEV, errno.ENOSYS, errno.EACCES})
"""What file systems answer that cannot reserve or map."""

_READ_BYTES = 1 << 18


class Bytes(Protocol):
    """A place for payloads: a mapping, or a file that is written with system calls."""

    def __setitem__(self, key: slice, value: bytes, /) -> None:
        """Put `value` at the slice."""
        ...


class Words(Protocol):
    """The same place as 8-byte words, for commits."""

    def __setitem__(self, key: int, value: int, /) -> None:
        """Put one word, in one store."""
        ...


class Segment:
    """A segment under its writer, which writes into `data` and `words` itself, for speed.

    It appears to readers with `publish`; until then it has a name that they do not look at. Its file is let go of when
    the last reference is gone: code below a signal handler may still hold it.
    """

    __slots__ = ("_path", "data", "size", "words")

    def __init__(self, *, path: Path, size: int, data: Bytes, words: Words) -> None:
        """Take an open file; `create_segment` is the usual way here."""
        self._path = path
        self.size = size
        self.data = data
        self.words = words

    def publish(self, first_seq: int) -> None:
        """Let readers see it, as the segment that begins with operation `first_seq`."""
        published = self._path.with_name(f"{first_seq:0{_NAME_DIGITS}d}{_SUFFIX}")
        replace(self._path, published)
        self._path = published

    def discard(self) -> None:
        """Delete a segment that was not published."""
        remove(self._path)


class _WrittenFile:
    """A file under system calls, closed with its last reference."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __del__(self) -> None:
        os.close(self.fd)


class _WrittenBytes:
    def __init__(self, file: _WrittenFile) -> None:
        self._file = file

    def __setitem__(self, key: slice, value: bytes, /) -> None:
        _write_all(self._file.fd, value, key.start)


class _WrittenWords:
    def __init__(self, file: _WrittenFile) -> None:
        self._file = file

    def __setitem__(self, key: int, value: int, /) -> None:
        _write_all(self._file.fd, _COMMIT.pack(value), key * COMMIT_BYTES)


def create_segment(directory: Path, *, size: int, mapped: bool = True) -> Segment:
    """Make a segment of `size` bytes in `directory`; it is not published yet.

    Raises:
        QueueFullError: the disk has no room for it.
    """
    path = directory / f"{_UNPUBLISHED}{os.urandom(8).hex()}"
    fd = open_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    file = _WrittenFile(fd)
    try:
        segment = _map(path, fd, size) if mapped else None
        if segment is None:
            segment = Segment(path=path, size=size, data=_WrittenBytes(file), words=_WrittenWords(file))
        segment.data[0:HEADER_BYTES] = HEADER.pack(_MAGIC, 0, 0)
    except OSError as error:
        remove(path)
        if error.errno in _NO_SPACE:
            raise QueueFullError(full_disk_sentence(directory)) from error
        raise
    return segment


def full_disk_sentence(directory: Path) -> str:
    """Return what to tell the user when there is no room for the queue."""
    return (
        f"The disk of {directory} is full, so what is logged now is dropped. Free some space there, or set "
        "MARIGRAM_HOME to a folder on another disk before the next run."
    )


def _map(path: Path, fd: int, size: int) -> Segment | None:
    """Reserve the blocks first: touching a mapped page without one kills the process when the disk is full."""
    try:
        reserve(fd, size)
        data = mmap.mmap(fd, size)
    except AttributeError:
        return None  # no way to reserve on this system
    except OSError as error:
        if error.errno not in _CANNOT_MAP:
            raise
        os.ftruncate(fd, 0)
        return None
    populate(data)
    return Segment(path=path, size=size, data=data, words=memoryview(data).cast("Q"))


def _write_all(fd: int, data: bytes, position: int) -> None:
    try:
        while data:
            written = write_at(fd, data, position)
            data, position = data[written:], position + written
    except OSError as error:
        if error.errno in _NO_SPACE:
            message = "The disk of the queue is full, so what is logged now is dropped. Free some space there."
            raise QueueFullError(message) from error
        raise


def list_segments(directory: Path) -> list[tuple[int, Path]]:
    """Return the published segments of a queue as (first seq, file), in order; none if there is no queue (yet)."""
    if not directory.exists():
        return []
    files = [path for path in directory.iterdir() if path.suffix == _SUFFIX and path.stem.isdigit()]
    return sorted((int(path.stem), path) for path in files)


class SegmentReader:
    """A segment under its reader: sees every committed record, in order, while the writer goes on."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            FileNotFoundError: it is gone.
        """
        self.path = path
        self.position = HEADER_BYTES
        self._fd = open_file(path, os.O_RDONLY)

    def records(self) -> Iterator[tuple[int, bytes]]:
        """Yield (kind, payload) from `position` on, which moves along; stop at the first record not committed."""
        unpack = _COMMIT.unpack_from
        size = _READ_BYTES
        while True:
            chunk = read_mapped_at(self._fd, size, self.position)
            size = _READ_BYTES
            offset = 0
            while True:
                step, kind, payload = _parse(chunk, offset)
                if payload is None:
                    break
                self.position += step
                offset += step
                yield kind, payload
                # Most records come in long runs of one size; these few lines read them twice as fast as `_parse`.
                length = len(payload)
                start = offset + COMMIT_BYTES
                while length and start + length <= len(chunk):
                    (commit,) = unpack(chunk, offset)
                    payload = chunk[start : start + length]
                    if commit & MAX_PAYLOAD_BYTES != length or crc32(payload) != commit >> CRC_SHIFT:
                        break
                    self.position += step
                    offset += step
                    start += step
                    yield commit >> KIND_SHIFT & _KIND_MASK, payload
            cut = step > len(chunk) - offset
            if not cut or (offset == 0 and step <= _READ_BYTES):
                return  # not committed yet, or the end of the file
            if offset == 0:
                if len(chunk) == step:
                    return  # read in full, and yet not whole
                size = step

    def has_more(self) -> bool:
        """Return whether a committed record stands at `position`, without moving on."""
        position = self.position
        try:
            return next(self.records(), None) is not None
        finally:
            self.position = position

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)


def _parse(chunk: bytes, offset: int) -> tuple[int, int, bytes | None]:
    """Return (bytes of the record, kind, payload); no payload if it is not committed, damaged or not all there."""
    if offset + COMMIT_BYTES > len(chunk):
        return COMMIT_BYTES, 0, None
    (commit,) = _COMMIT.unpack_from(chunk, offset)
    if commit == 0:
        return 0, 0, None
    length = commit & MAX_PAYLOAD_BYTES
    step = COMMIT_BYTES + length + (-length & 7)
    start = offset + COMMIT_BYTES
    payload = chunk[start : start + length]
    if len(payload) < length:
        return step, 0, None
    if crc32(payload) != commit >> CRC_SHIFT:
        return 0, 0, None
    return step, commit >> KIND_SHIFT & _KIND_MASK, payload
