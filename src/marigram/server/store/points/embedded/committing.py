"""Commits and deletions: what changes the file and what is held in RAM together, in the engine's one transaction.

A commit is one transaction for all of its batches; what is in RAM follows when the file has it. Those who listen are
told last, when every read sees what changed.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence

from marigram.model import Tally
from marigram.server.store.points.batch import PointBatch
from marigram.server.store.points.changes import Listener, SeriesChange, changes_of
from marigram.server.store.points.embedded.connections import Readers, WriteConnections, transaction
from marigram.server.store.points.embedded.flusher import Flusher
from marigram.server.store.points.embedded.memtable import Entry, Memtable
from marigram.server.store.points.embedded.purging import Purger
from marigram.server.store.points.embedded.recent import RecentWrites
from marigram.server.store.points.embedded.states import SeriesStates
from marigram.server.store.points.embedded.wal import encode_writes
from marigram.server.store.points.embedded.writers import Standing, Writers, read_standing
from marigram.server.store.points.embedded.writes import Write, attributes_in, copied

MAX_WAITING_GENERATIONS = 4
"""From here on a commit waits for the flusher, so that memory stays bounded."""


class Committer:
    """Commits and deletes for `PointStore`, from one thread; where writers stand is asked from any.

    Args:
        connections: those that write.
        readers: for writers that are not in RAM.
        memtable, states, recent: what is in RAM and follows each commit.
        flusher: moves points on when there are many.
        purger: takes what was deleted off the disk.
    """

    def __init__(
        self,
        *,
        connections: WriteConnections,
        readers: Readers,
        memtable: Memtable,
        states: SeriesStates,
        recent: RecentWrites,
        flusher: Flusher,
        purger: Purger,
    ) -> None:
        self._connections = connections
        self._readers = readers
        self._memtable = memtable
        self._states = states
        self._recent = recent
        self._flusher = flusher
        self._purger = purger
        self._writers = Writers()
        self._listeners: list[Listener] = []

    def writer_seq(self, run_id: str, writer: str) -> int:
        """Return the `last_seq` of the newest batch that was committed for the writer, 0 if none was."""
        standing = self._standing(run_id, writer)
        return 0 if standing is None else standing.last_seq

    def tally(self, run_id: str, writer: str) -> Tally | None:
        """Return what became of all that the writer's committed batches brought; None if nobody counted."""
        standing = self._standing(run_id, writer)
        return None if standing is None or not standing.last_seq else standing.tally

    def _standing(self, run_id: str, writer: str) -> Standing | None:
        known = self._writers.known(run_id, writer)
        if known is not None:
            return known
        with self._readers.snapshot() as connection:
            return read_standing(connection, run_id, writer)

    def commit(self, batches: Sequence[PointBatch]) -> int:
        """Apply the batches in order, all or none, and return the position after them.

        Raises:
            OSError: the disk is full or broken; nothing was applied.
            UnicodeEncodeError: a string holds half of a surrogate pair; nothing was applied.
        """
        self._flusher.wait(at_most=MAX_WAITING_GENERATIONS - 1)
        self._flusher.give_way()
        prepared = [(batch, writes, encode_writes(writes)) for batch in batches for writes in [copied(batch.writes)]]
        with self._connections.committing() as connection:
            try:
                with transaction(connection):
                    entries = [
                        entry
                        for batch, writes, body in prepared
                        if (entry := self._write_batch(connection, batch, writes, body)) is not None
                    ]
            except BaseException:
                self._writers.settle(committed=False)
                raise
            self._writers.settle(committed=True)
            for entry in entries:
                self._states.advance(entry.run_id, entry.writes, entry.position)
            # First those who follow: a position that a read has shown must not be news to `tail`.
            self._recent.apply(entries)
            self._memtable.apply(entries)
        if self._memtable.frozen_count:
            self._flusher.wake()
        if self._listeners:
            self._tell(changes_of((entry.run_id, map(attributes_in, entry.writes)) for entry in entries))
        return self._memtable.position

    def listen(self, listener: Listener) -> None:
        """Call `listener` after each commit and deletion with what changed; called before the first of them."""
        self._listeners.append(listener)

    def _tell(self, changes: Sequence[SeriesChange]) -> None:
        for listener in self._listeners if changes else ():
            listener(changes)

    def _write_batch(
        self, connection: sqlite3.Connection, batch: PointBatch, writes: list[Write], body: bytes
    ) -> Entry | None:
        standing = self._writers.standing(connection, batch.run_id, batch.writer)
        is_new = standing is None
        if standing is None:
            standing = Standing(self._writers.begin(connection, batch.run_id), 0, Tally())
        if batch.last_seq <= standing.last_seq:
            return None
        run = standing.run
        position = connection.execute(
            "INSERT INTO wal (run, crc, body) VALUES (?, ?, ?)", (run, zlib.crc32(body), body)
        ).lastrowid
        if position is None:
            message = "SQLite gave no position to a row that it took."
            raise RuntimeError(message)
        self._writers.add(connection, standing, batch)
        self._states.load(connection, batch.run_id, run, writes, is_new=is_new)
        return Entry(position=position, run_id=batch.run_id, run_number=run, writes=writes)

    def delete_run(self, run_id: str) -> None:
        """Remove all that the store holds of the run; the purger takes it off the disk.

        Raises:
            OSError: the disk is full or broken; the run is still there.
        """
        with self._connections.committing() as connection:
            row = connection.execute("SELECT number FROM run WHERE run_id = ?", (run_id,)).fetchone()
            if row is None:
                return
            with transaction(connection):
                connection.execute("DELETE FROM run WHERE number = ?", row)
            self._states.forget(run_id)
            self._writers.forget(run_id)
            self._memtable.forget(run_id)
        self._recent.forget(run_id)
        self._purger.purge(row[0])
        self._tell([SeriesChange(run_id=run_id, attributes=None)])
