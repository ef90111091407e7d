"""Blobs that nothing names are removed: mark and sweep over what the stores say, without counts that could go wrong.

An upload comes before the batch that names it, so a blob without a name may be about to get one. Whoever uploads a
blob, asks whether it is there, or names it in a batch touches it, and a blob that was touched within the grace period
is left alone; the look at that time and the removal are one step. What is removed was therefore unnamed when the marks
were collected, and nobody has said since that he means it.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path as FilePath

import msgspec

from marigram.server.store.blobs.port import BlobStore
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.port import PointStore
from marigram.system.files import open_file
from marigram.system.lock import try_lock

GRACE_MS = 2 * 86_400_000
"""A syncer tries to send a batch for a day after it has uploaded the batch's files."""

_LOCK_NAME = "sweep.lock"


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What was removed, or would be: blobs, and their bytes."""

    blobs: int
    bytes: int


class SweepLock:
    """Keeps the blobs of a data folder as they are while somebody copies them; other processes see it, too."""

    def __init__(self, root: FilePath) -> None:
        self._path = root / _LOCK_NAME

    @contextmanager
    def held(self) -> Generator[bool]:
        """Hold the lock in the block, if the value is True; somebody else has it otherwise.

        Raises:
            OSError: the folder cannot be written.
        """
        descriptor = open_file(self._path, os.O_RDWR | os.O_CREAT)
        try:
            yield try_lock(descriptor)
        finally:
            os.close(descriptor)


def sweep(
    *, meta: MetaStore, points: PointStore, blobs: BlobStore, now: int, grace_ms: int = GRACE_MS, dry: bool = False
) -> Swept:
    """Remove the blobs that nothing names and nobody has touched for `grace_ms`; if `dry`, only say which.

    Raises:
        DamagedPointsError: not all names can be known, so nothing was removed.
    """
    since = now - grace_ms
    unnamed = {bytes.fromhex(entry.sha256): entry.size for entry in blobs.entries() if entry.touched_at < since}
    # A name can move from one store to the other meanwhile; the batch that moves it has touched the blob.
    for store in (points, meta):
        if unnamed:
            for _, sha256 in store.named_blobs():
                unnamed.pop(bytes.fromhex(sha256), None)
    removed = [size for sha256, size in unnamed.items() if dry or blobs.delete_untouched(sha256.hex(), since=since)]
    return Swept(blobs=len(removed), bytes=sum(removed))
