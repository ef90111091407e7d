"""The folder that holds the queues of one run: where it is, and how it goes away.

    $MARIGRAM_HOME/queue/<run id>/   lock   syncer.log   account   <writer>/   new-<writer>/

Guarantees: whatever moment its remover is killed at, what stays holds nothing that is not receipted, and the next one
who looks removes the rest.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from marigram.client.lock import LOCK_NAME, LOG_NAME, take_lock
from marigram.system.files import remove, replace

ACCOUNT_NAME = "account"
CARD_NAME = "writer.json"
"""In the folder of every writer, and the first to go: a folder without one holds nothing."""

UNNAMED = "new-"
"""Begins the name of a writer's folder that is not complete: not yet, or not any more."""


def queue_directory(home: Path, run_id: str) -> Path:
    """Return where the queues of a run's writers are."""
    return home / "queue" / run_id


def writer_folders(directory: Path) -> list[Path]:
    """Return the folders of a run's writers by name; none if the run has no folder."""
    with contextlib.suppress(FileNotFoundError):
        names = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
        return [directory / name for name in names if not name.startswith(UNNAMED)]
    return []


def remove_writer(directory: Path) -> None:
    """Remove a writer's folder whose operations are all receipted; killed halfway, it is an unnamed one."""
    unnamed = directory.with_name(UNNAMED + directory.name)
    try:
        replace(directory, unnamed)
    except OSError:  # on Windows while the writer's process still has a file of it mapped
        unnamed = directory
        remove(directory / CARD_NAME)
    shutil.rmtree(unnamed, ignore_errors=True)


def remove_unnamed(directory: Path) -> None:
    """Remove what processes that were killed have left of a run's queues; one that lives begins again."""
    with contextlib.suppress(FileNotFoundError):
        for entry in os.scandir(directory):
            if entry.name.startswith(UNNAMED) or (entry.is_dir() and not Path(entry.path, CARD_NAME).exists()):
                shutil.rmtree(entry.path, ignore_errors=True)


def remove_empty(directory: Path) -> bool:
    """Remove a run's folder if it holds no queue; return whether that was so. Call it with the lock held."""
    remove_unnamed(directory)
    if any(entry.is_dir() for entry in os.scandir(directory)):
        return False  # another process has just begun to write to this run
    for name in (ACCOUNT_NAME, f"{ACCOUNT_NAME}.new", LOG_NAME, LOCK_NAME):
        remove(directory / name)
    with contextlib.suppress(OSError):
        directory.rmdir()
    return True


def remove_abandoned(directory: Path) -> None:
    """Remove a run's folder without a queue, which a process killed at its start, or a syncer at its end, has left."""
    lock = take_lock(directory)
    if lock is None:
        return
    try:
        remove_empty(directory)
    finally:
        os.close(lock)
