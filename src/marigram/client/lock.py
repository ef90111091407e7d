"""The lock of a run's queue folder: only one syncer works there. The system frees it when its holder dies."""

from __future__ import annotations

import os
from pathlib import Path

from marigram.system.files import GONE, open_file
from marigram.system.lock import try_lock

LOCK_NAME = "lock"
LOG_NAME = "syncer.log"


def take_lock(directory: Path) -> int | None:
    """Return a file descriptor that holds the lock until it is closed; None if another process has it.

    None too if the folder is gone.
    """
    path = directory / LOCK_NAME
    while True:
        try:
            fd = open_file(path, os.O_RDWR | os.O_CREAT)
        except GONE:
            return None
        if not try_lock(fd):
            os.close(fd)
            return None
        # Its last holder may have deleted the file between our open and our lock: then we hold nothing of use.
        if _is_still(fd, path):
            return fd
        os.close(fd)


def _is_still(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except GONE:
        return False
