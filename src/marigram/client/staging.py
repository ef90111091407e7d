"""Files on their way to the server, in the folder `blobs` beside a queue.

Small content is copied and named by its hash before the logging call returns. A file of more than 16 MiB is lent: the
call notes its path, size and time of change, and takes hold of its bytes without copying them, by a clone where the
file system can, else by a hard link. The syncer hashes it later. A lent file outlives its deletion and its replacement
by another. If it is overwritten in place before it is sent, what is there then is sent, and that is counted. Where
neither clone nor link is possible, on another file system, it is read from its own path, and missed if it has gone.

    <sha256>   content      <token>.json   what is known of a lent file      <token>.lent, <token>.copy   its bytes
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import BinaryIO

import msgspec

from marigram.client.room import LENT_SUFFIX
from marigram.system.disk import clone
from marigram.system.files import read_whole, remove, replace

BLOBS_NAME = "blobs"
LENT_FROM_BYTES = 16 << 20
"""Copying and hashing this much takes some 30 ms; a training that saves a model may wait so long, and not longer."""

_PIECE_BYTES = 1 << 20
_ROOM_BYTES = 64 << 20
_CARD_SUFFIX = ".json"
_COPY_SUFFIX = ".copy"


class Hold(str, Enum):
    """How the bytes of a lent file are held; the values are on disk."""

    CLONE = "clone"
    LINK = "link"
    SOURCE = "source"
    COPY = "copy"


class Lent(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a lent file.

    Attributes:
        source: its absolute path.
        size, modified_ns: of the file when it was logged; nanoseconds since 1970.
        sha256: of its bytes, once they were read.
        sent_size: how many those are.
        changed: they are not those that were logged.
    """

    source: str
    size: int
    modified_ns: int
    hold: Hold
    sha256: str | None = None
    sent_size: int = 0
    changed: bool = False


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A lent file that was read: its hash, its size, where the bytes are, and whether they changed since."""

    sha256: str
    size: int
    content: Path
    changed: bool


def keep_bytes(blobs: Path, content: bytes, take: Callable[[int], None]) -> tuple[str, int]:
    """Keep content; return (SHA-256, bytes). `take` is asked for room, in bytes."""
    take(len(content))
    sha256 = hashlib.sha256(content).hexdigest()
    temporary = blobs / f"new-{os.urandom(8).hex()}"
    try:
        temporary.write_bytes(content)
        replace(temporary, temporary.with_name(sha256))
    finally:
        temporary.unlink(missing_ok=True)
    return sha256, len(content)


def keep_stream(blobs: Path, stream: BinaryIO, take: Callable[[int], None]) -> tuple[str, int]:
    """Keep what a stream holds, read in pieces; return (SHA-256, bytes). `take` is asked for room on the way."""
    temporary = blobs / f"new-{os.urandom(8).hex()}"
    try:
        sha256, size = _copy(stream, temporary, take)
        replace(temporary, temporary.with_name(sha256))
    finally:
        temporary.unlink(missing_ok=True)
    return sha256, size


def lend(
    blobs: Path, source: Path, *, by_path: bool, take_hold: Callable[[Path, Path], Hold] | None = None
) -> tuple[str, int] | None:
    """Take hold of a file without reading it; return (token, bytes).

    Args:
        blobs: where to keep it.
        source: the file.
        by_path: if nothing else is possible, only note the path; otherwise None is returned then.
        take_hold: makes the second path hold the bytes of the first, and says how; default: the best that works.
    """
    source = source.resolve()
    token = os.urandom(32).hex()
    content = blobs / f"{token}{LENT_SUFFIX}"
    facts = source.stat()
    hold = (take_hold or clone_or_link)(source, content)
    if hold is Hold.SOURCE and not by_path:
        return None
    lent = Lent(source=str(source), size=facts.st_size, modified_ns=facts.st_mtime_ns, hold=hold)
    _save(blobs, token, lent)
    return token, facts.st_size


def is_lent(blobs: Path, name: str) -> bool:
    """Return whether `name` stands for a lent file and not for a hash."""
    return (blobs / f"{name}{_CARD_SUFFIX}").exists()


def settle(blobs: Path, token: str) -> Settled | None:
    """Return a lent file's hash and bytes, which are read if they were not yet; None if it has gone.

    Raises:
        OSError: it cannot be read.
    """
    lent = _load(blobs, token)
    content = _content(blobs, token, lent)
    if lent.sha256 is None:
        try:
            with content.open("rb") as stream:
                before = os.fstat(stream.fileno())
                sha256, size = _hash(stream)
                after = os.fstat(stream.fileno())
        except FileNotFoundError:
            return None
        if _differs(before, after):
            return settle_by_copy(blobs, token)
        changed = lent.changed or (lent.hold is not Hold.CLONE and _is_other(lent, after))
        lent = msgspec.structs.replace(lent, sha256=sha256, sent_size=size, changed=changed)
        _save(blobs, token, lent)
    return Settled(sha256=lent.sha256 or "", size=lent.sent_size, content=content, changed=lent.changed)


def settle_by_copy(blobs: Path, token: str) -> Settled | None:
    """Return the bytes of a lent file that is written to all the time, as they are in a copy; None if it has gone.

    Raises:
        OSError: it cannot be read, or the disk has no room.
    """
    lent = _load(blobs, token)
    copy = blobs / f"{token}{_COPY_SUFFIX}"
    try:
        with _content(blobs, token, lent).open("rb") as stream:
            sha256, size = _copy(stream, copy, lambda _: None)
    except FileNotFoundError:
        return None
    lent = msgspec.structs.replace(lent, hold=Hold.COPY, sha256=sha256, sent_size=size, changed=True)
    _save(blobs, token, lent)
    return Settled(sha256=sha256, size=size, content=copy, changed=True)


def can_change(blobs: Path, token: str) -> bool:
    """Return whether somebody else may write to the bytes of a lent file."""
    return _load(blobs, token).hold in {Hold.LINK, Hold.SOURCE}


def forget(blobs: Path, name: str) -> None:
    """Delete what is kept under a hash or token."""
    for suffix in ("", LENT_SUFFIX, _COPY_SUFFIX, _CARD_SUFFIX):
        remove(blobs / f"{name}{suffix}")


def clone_or_link(source: Path, content: Path) -> Hold:
    """Make `content` hold the bytes of `source` without copying them; return how, which is by its path if at all."""
    with contextlib.suppress(OSError):
        clone(source, content)
        return Hold.CLONE
    return link(source, content)


def link(source: Path, content: Path) -> Hold:
    """Do the same by a hard link alone."""
    with contextlib.suppress(OSError):
        content.unlink(missing_ok=True)
        content.hardlink_to(source)
        return Hold.LINK
    return Hold.SOURCE


def _content(blobs: Path, token: str, lent: Lent) -> Path:
    match lent.hold:
        case Hold.SOURCE:
            return Path(lent.source)
        case Hold.COPY:
            return blobs / f"{token}{_COPY_SUFFIX}"
        case Hold.CLONE | Hold.LINK:
            return blobs / f"{token}{LENT_SUFFIX}"


def _hash(stream: BinaryIO) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    while piece := stream.read(_PIECE_BYTES):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _copy(stream: BinaryIO, target: Path, take: Callable[[int], None]) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = taken = 0
    with target.open("wb") as copy:
        while piece := stream.read(_PIECE_BYTES):
            if size + len(piece) > taken:
                # Room is taken for as much as there is already, so a small file is not asked for 64 MiB.
                step = min(_ROOM_BYTES, max(taken, len(piece)))
                take(step)
                taken += step
            digest.update(piece)
            copy.write(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _differs(before: os.stat_result, after: os.stat_result) -> bool:
    return (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)


def _is_other(lent: Lent, facts: os.stat_result) -> bool:
    return (lent.size, lent.modified_ns) != (facts.st_size, facts.st_mtime_ns)


def _save(blobs: Path, token: str, lent: Lent) -> None:
    card = blobs / f"{token}{_CARD_SUFFIX}"
    temporary = card.with_suffix(".new")
    temporary.write_bytes(msgspec.json.encode(lent))
    replace(temporary, card)


def _load(blobs: Path, token: str) -> Lent:
    return msgspec.json.decode(read_whole(blobs / f"{token}{_CARD_SUFFIX}"), type=Lent)
