"""How much disk the queue of a run may take, and what must give way when there is no more.

The rule: points and files may fill the queue up to MARIGRAM_QUEUE_MAX_BYTES less a reserve, as long as the disk keeps
the smaller of 1 GiB and 5 % free. Beyond that the newest are dropped, what is in the queue stays. Values, sets and the
run's status go into the reserve, whatever the disk's state, until the disk itself says no.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from marigram.client.errors import QueueFullError

MAX_BYTES = 10 << 30
KEEP_FREE_BYTES = 1 << 30
KEEP_FREE_PART = 0.05
RESERVE_AT_MOST_BYTES = 64 << 20
RESERVE_PART = 0.1
LOOK_EVERY_S = 1.0
"""Counting the files of a long queue takes milliseconds, which a training shall not pay for each segment."""

LENT_SUFFIX = ".lent"
"""A file whose bytes the queue shares with the user's own: it takes no room that leaving it out would free."""

_GIB = 1 << 30


class Room:
    """Says whether a run's queue may grow. Its owner's lock protects it."""

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
        disk: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage,
    ) -> None:
        """Take the run's queue folder, its limit, a clock in seconds, and what tells (total, used, free) bytes."""
        self._folder = folder
        self._max_bytes = max_bytes
        self._clock = clock
        self._disk = disk
        self._used = 0
        self._looked_at = float("-inf")
        self._refusal: QueueFullError | None = None

    def take(self, size: int, *, reserve: bool = False) -> None:
        """Take `size` bytes, for points and files, or from the reserve.

        Raises:
            QueueFullError: they may not be taken.
        """
        now = self._clock()
        stale = now - self._looked_at >= LOOK_EVERY_S
        if stale:
            self._looked_at = now
            self._used = bytes_of(self._folder)
            self._refusal = None
        if self._refusal is not None and not reserve:
            # A new one each time, because an exception that is raised twice holds on to its first traceback.
            raise QueueFullError(str(self._refusal), reason=self._refusal.reason)
        refusal = self._refuse(size, reserve=reserve)
        if refusal is not None:
            if not reserve:
                self._refusal = refusal
            raise refusal
        self._used += size

    def _refuse(self, size: int, *, reserve: bool) -> QueueFullError | None:
        kept_back = 0 if reserve else min(RESERVE_AT_MOST_BYTES, int(self._max_bytes * RESERVE_PART))
        if self._used + size > self._max_bytes - kept_back:
            message = (
                f"The queue of this run has reached its limit of {self._max_bytes / _GIB:,.2f} GiB in {self._folder}, "
                "so new points and files are dropped until some are sent. Let the server be reached, or set "
                "MARIGRAM_QUEUE_MAX_BYTES higher."
            )
            return QueueFullError(message, reason="queue_limit")
        if reserve:
            return None
        with contextlib.suppress(OSError):
            total, _, free = self._disk(_existing(self._folder))
            keep = min(KEEP_FREE_BYTES, int(total * KEEP_FREE_PART))
            if free - size < keep:
                message = (
                    f"The disk of {self._folder} has {free / _GIB:,.2f} GiB left, and the queue leaves "
                    f"{keep / _GIB:,.2f} GiB to others, so new points and files are dropped. Free some space there, or "
                    "set MARIGRAM_HOME to a folder on another disk before the next run."
                )
                return QueueFullError(message, reason="disk_nearly_full")
        return None


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def bytes_of(folder: Path) -> int:
    """Return what the files below `folder` take; those that go away meanwhile take nothing."""
    total = 0
    waiting = [os.fspath(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif not entry.name.endswith(LENT_SUFFIX):
                        total += entry.stat(follow_symlinks=False).st_size
    return total
