"""What waits on this machine's disk: every run's queue, how much is in it, and who works on it. For `marigram status`.

Looking changes nothing and disturbs nobody.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from marigram.client.backlog import Backlog
from marigram.client.card import Card, load_card
from marigram.client.lock import LOCK_NAME, take_lock
from marigram.client.position import load_position
from marigram.client.queue import ENDED_NAME
from marigram.client.run_folder import queue_directory, writer_folders
from marigram.system.files import GONE, open_file, taken_bytes
from marigram.system.lock import is_locked


class QueuedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run's queue.

    Attributes:
        waiting: operations that the server does not have yet.
        stored: operations of these writers that the server has.
        disk_bytes: what the folder takes on the disk.
        writers: processes that have written or write.
        running: whether one of them is alive; None if that cannot be known, on another host.
        syncer: whether a syncer works on it.
        rejected: operations or points that the server refused, by code.
        lost: operations that are gone from a damaged queue.
        problem: why sending does not go on, if it does not.
    """

    run_id: str
    project: str
    url: str
    waiting: int
    stored: int
    disk_bytes: int
    writers: int
    running: bool | None
    syncer: bool
    rejected: dict[str, int]
    lost: int
    problem: str | None


def queued_run_ids(home: Path) -> list[str]:
    """Return the ids of the runs that have a queue below `home`, the folder of MARIGRAM_HOME."""
    queues = home / "queue"
    return sorted(entry.name for entry in os.scandir(queues) if entry.is_dir()) if queues.is_dir() else []


def look_at(home: Path, run_id: str) -> QueuedRun | None:
    """Return how a run's queue stands; None if it is gone. Reads all that waits, a few hundred megabytes a second."""
    directory = queue_directory(home, run_id)
    waiting = stored = lost = 0
    rejected: dict[str, int] = {}
    problems: list[str] = []
    cards: list[tuple[Card, bool]] = []
    for writer in writer_folders(directory):
        card = load_card(writer)
        if card is None:
            continue
        position = load_position(writer)
        cards.append((card, (writer / ENDED_NAME).exists()))
        waiting += _count_waiting(writer, card, position.durable_seq)
        stored += position.durable_seq
        lost += position.lost
        for code, count in position.rejected.items():
            rejected[code] = rejected.get(code, 0) + count
        if position.problem:
            problems.append(position.problem)
    if not cards:
        return None
    return QueuedRun(
        run_id=run_id,
        project=cards[0][0].project,
        url=cards[0][0].url,
        waiting=waiting,
        stored=stored,
        disk_bytes=_disk_bytes(directory),
        writers=len(cards),
        running=_running([False if ended else card.is_alive() for card, ended in cards]),
        syncer=has_syncer(directory),
        rejected=rejected,
        lost=lost,
        problem=problems[0] if problems else None,
    )


def has_syncer(directory: Path) -> bool:
    """Return whether a syncer works on the queues in `directory`. Makes no lock where there is none."""
    try:
        fd = open_file(directory / LOCK_NAME, os.O_RDONLY)
    except GONE:
        return False
    try:
        return is_locked(fd)
    finally:
        os.close(fd)


def remove_queue(home: Path, run_id: str, *, is_wanted: Callable[[], bool]) -> bool:
    """Remove a run's queue unless a syncer works on it; return whether it is gone.

    Args:
        home: the folder of MARIGRAM_HOME.
        run_id: the run.
        is_wanted: is asked once nobody else can change the queue; False leaves it.
    """
    directory = queue_directory(home, run_id)
    lock = take_lock(directory)
    if lock is None:
        return not directory.exists()
    try:
        if not is_wanted():
            return False
        shutil.rmtree(directory)
    finally:
        os.close(lock)
    return True


def _count_waiting(directory: Path, card: Card, durable_seq: int) -> int:
    backlog = Backlog(directory=directory, run_id=card.run_id, writer=card.writer)
    backlog.seek(durable_seq)
    try:
        while backlog.next_batch() is not None:
            pass
        return max(0, backlog.seq - durable_seq)
    finally:
        backlog.close()


def _running(alive: list[bool | None]) -> bool | None:
    if any(alive):
        return True
    return None if None in alive else False


def _disk_bytes(directory: Path) -> int:
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += taken_bytes((Path(folder) / name).stat())
            except FileNotFoundError:
                continue  # sent and removed while we look
    return total
