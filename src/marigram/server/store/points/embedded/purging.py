"""The thread that takes the rows of deleted runs out of the points file, and gives the room back to the disk.

A deletion removes the run's row in `run` alone: from then on no read, no replay and no flush sees the rest, and its
number is never given again. The rest is removed here, a slice at a time, so that a commit waits for one slice at the
most. A crash leaves rows whose run is not in `run`; they are found again at the next start.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from marigram.server.store.points.embedded.connections import Readers

Write = Callable[[], AbstractContextManager[sqlite3.Connection]]

SLICE_S = 0.01
"""What a commit may have to wait for; slices are cut to about this length."""

PAUSE_PER_SLICE = 2.0
"""Between two slices the file belongs to others for so many times what the last one took."""

RETRY_AFTER_S = 30.0

_FIRST_ROWS = 8
"""Blocks of a long series have half a megabyte each; rows of statistics are small, and slices grow quickly."""

_MOST_ROWS = 4_096
_FREE_PAGES = 1_000
_CHECKPOINT_EVERY = 32
"""Slices; what they write goes through SQLite's own log, which should not grow meanwhile."""

# The smallest run number in a table, then the next larger one, and so on: as many look-ups as there are runs.
_ORPHANS = """
WITH RECURSIVE each (run) AS (
    SELECT min(run) FROM {table}
    UNION ALL
    SELECT (SELECT min(run) FROM {table} WHERE run > each.run) FROM each WHERE each.run IS NOT NULL
)
SELECT run FROM each WHERE run IS NOT NULL AND run NOT IN (SELECT number FROM run)
"""


def tables_of_runs(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the tables that have a column `run`, each with the columns of its primary key."""
    found: dict[str, list[str]] = {}
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'run'").fetchall()
    for (name,) in names:
        columns = connection.execute("SELECT name, pk FROM pragma_table_info(?)", (name,)).fetchall()
        if any(column == "run" for column, _ in columns):
            keyed = sorted((place, column) for column, place in columns if place)
            found[name] = [column for _, column in keyed]
    return found


def orphans(connection: sqlite3.Connection) -> set[int]:
    """Return the numbers of deleted runs that still have rows."""
    found: set[int] = set()
    for table in tables_of_runs(connection):
        found.update(row[0] for row in connection.execute(_ORPHANS.format(table=table)))
    return found


class Purger:
    """Purges deleted runs. `start()` begins, `stop()` ends, `purge()` names a run.

    Args:
        readers: to look for what an earlier process has left.
        write: opens a write transaction when it is its turn; commits wait for as long as it is open.
        tidy: moves SQLite's own log to the file, as far as that disturbs nobody.
        finish: the same, and cuts the log to nothing.
    """

    def __init__(self, *, readers: Readers, write: Write, tidy: Callable[[], None], finish: Callable[[], None]) -> None:
        self._readers = readers
        self._write = write
        self._tidy = tidy
        self._finish = finish
        self._changed = threading.Condition()
        self._waiting: set[int] = set()
        self._has_room = False
        self._busy = True
        self._stopping = False
        self._slices = 0
        self._logger = logging.getLogger(__name__)
        self._thread = threading.Thread(target=self._work, name="marigram-purger", daemon=True)

    def start(self) -> None:
        """Begin, with what an earlier process has left."""
        self._thread.start()

    def purge(self, run: int) -> None:
        """Remove what is left of a run whose row in `run` is gone."""
        with self._changed:
            self._waiting.add(run)
            self._busy = True
            self._changed.notify_all()

    def free_room(self) -> None:
        """Give to the disk what others have left free in the file."""
        with self._changed:
            self._has_room = True
            self._busy = True
            self._changed.notify_all()

    def wait(self, *, timeout_s: float) -> bool:
        """Return True as soon as nothing of a deleted run is left and its room is free, False after `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, timeout=timeout_s)

    def stop(self) -> None:
        """End after the slice that is being worked on; the next start goes on."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        looked = False
        while not self._stopping:
            try:
                if not looked:
                    with self._readers.snapshot() as connection:
                        left = orphans(connection)
                    with self._changed:
                        self._waiting |= left
                    looked = True
                self._empty()
            except Exception as error:  # noqa: BLE001 a dead thread would leave all that is deleted later on the disk
                self._logger.warning("Deleted runs stay on the disk for now. %s", error)
                with self._changed:
                    self._changed.wait_for(lambda: self._stopping, timeout=RETRY_AFTER_S)
                continue
            with self._changed:
                if not self._waiting and not self._has_room:
                    self._busy = False
                    self._changed.notify_all()
                    self._changed.wait_for(lambda: self._stopping or bool(self._waiting) or self._has_room)

    def _empty(self) -> None:
        """Purge what waits, then give back the room."""
        with self._changed:
            purged, self._has_room = self._has_room, False
        while self._waiting and not self._stopping:
            run = next(iter(self._waiting))
            with self._readers.snapshot() as connection:
                tables = tables_of_runs(connection)
            for table, key in tables.items():
                self._delete(table, key, run)
            if not self._stopping:
                purged = True
                with self._changed:
                    self._waiting.discard(run)
        if purged:
            self._shrink(free_pages=0)
            self._finish()

    def _delete(self, table: str, key: list[str], run: int) -> None:
        columns = ", ".join(key)
        # The newest first: they are likely to be at the end of the file, where free pages are simply cut off.
        newest = f"SELECT {columns} FROM {table} WHERE run = ? ORDER BY {', '.join(f'{each} DESC' for each in key)}"
        statement = f"DELETE FROM {table} WHERE ({columns}) IN ({newest} LIMIT ?)"
        rows = _FIRST_ROWS
        while not self._stopping:
            with self._write() as connection:
                began = time.monotonic()
                gone = connection.execute(statement, (run, rows)).rowcount
            if gone < rows:
                return
            rows = self._pause(rows, time.monotonic() - began, _MOST_ROWS)
            self._shrink(free_pages=_FREE_PAGES)

    def _shrink(self, *, free_pages: int) -> None:
        """Give pages back to the file system until so many are free.

        SQLite looks for the last page of the file in the whole list of free pages, so a long list makes it slow.
        """
        while not self._stopping:
            with self._write() as connection:
                began = time.monotonic()
                free = _free_pages(connection)
                left = free
                while left > free_pages and time.monotonic() - began < SLICE_S:
                    # The module sqlite3 lets a statement without columns go one step, whatever number is asked for.
                    connection.execute("PRAGMA incremental_vacuum(1)")
                    left = _free_pages(connection)
            if left <= free_pages or left == free:
                return
            self._pause(1, time.monotonic() - began, 1)

    def _pause(self, size: int, took_s: float, most: int) -> int:
        """Leave the file to others for a while, and return the size of the next slice."""
        self._slices += 1
        if self._slices % _CHECKPOINT_EVERY == 0:
            self._tidy()
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, timeout=took_s * PAUSE_PER_SLICE)
        if took_s > SLICE_S:
            return max(1, size // 2)
        return min(most, size * 2) if took_s < SLICE_S / 2 else size


def _free_pages(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA freelist_count").fetchone()[0]
