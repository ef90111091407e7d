"""The embedded point store: one SQLite file, points in memory on the way to compressed blocks.

A commit is one SQLite transaction with `synchronous = FULL`: one `wal` row per batch, the writer's `last_seq` and the
statistics of the series that it touches. After it the points are readable from memory; a background thread moves them
to blocks. Opening the file reads the `wal` rows back into memory before anything is accepted. One process owns the
file; whoever starts the store has made sure of that.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from marigram.model import Ancestor, FilePoints, FloatPoints, HistogramPoints, Kind, StringPoints, Tally
from marigram.server.store.points.changes import changes_of
from marigram.server.store.points.embedded.accounting import named_blobs, usage
from marigram.server.store.points.embedded.codec import Codec, best_codec
from marigram.server.store.points.embedded.columns import Write, copied, points_of
from marigram.server.store.points.embedded.connections import (
    CHECKPOINT_PAGES,
    Readers,
    checkpoint,
    empty_log,
    open_writer,
    transaction,
)
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.embedded.downsampling import Downsampler
from marigram.server.store.points.embedded.flusher import Flusher
from marigram.server.store.points.embedded.inheritance import InheritedStates
from marigram.server.store.points.embedded.memtable import Entry, Memtable
from marigram.server.store.points.embedded.purging import Purger
from marigram.server.store.points.embedded.reading import SeriesReader
from marigram.server.store.points.embedded.recent import RecentWrites
from marigram.server.store.points.embedded.states import SeriesStates, stored_states
from marigram.server.store.points.embedded.statistics import SeriesState, advanced, state_of, summary_of
from marigram.server.store.points.embedded.tallies import add_to_tally, read_tally
from marigram.server.store.points.embedded.wal import decode_writes, encode_writes
from marigram.server.store.points.port import (
    NO_ANCESTORS,
    BucketColumns,
    Listener,
    PointBatch,
    SeriesChange,
    SeriesSummary,
    Tail,
)

FLUSH_POINTS = 2_000_000
"""About 100 MB of RAM and, on one core, half a second of encoding."""

FLUSH_BYTES = 64 * 1024 * 1024
"""What text, or a trickle of single points, may take instead; it also bounds what is read back at the start."""

MAX_WAITING_GENERATIONS = 4
"""From here on a commit waits for the flusher, so that memory stays bounded."""

RECENT_POINTS = 500_000
RECENT_WRITES = 50_000
"""What live viewers can be behind before they have to read afresh: half a minute of very busy logging."""


class EmbeddedPointStore:
    """A `PointStore` over one file; see `marigram.server.store.points.port` for what each call promises.

    Args:
        path: the SQLite file; made if it is not there. Its folder exists.
        flush_points, flush_bytes: how much gathers in memory before it is moved to blocks.
        recent_points, recent_writes: how much `tail` has at hand.
        codec: how numbers are written; what is read may have any.
    """

    def __init__(
        self,
        path: Path,
        *,
        flush_points: int = FLUSH_POINTS,
        flush_bytes: int = FLUSH_BYTES,
        recent_points: int = RECENT_POINTS,
        recent_writes: int = RECENT_WRITES,
        codec: Codec | None = None,
    ) -> None:
        self._path = path
        self._memtable = Memtable(flush_points=flush_points, flush_bytes=flush_bytes)
        self._recent = RecentWrites(max_points=recent_points, max_writes=recent_writes)
        self._states = SeriesStates()
        self._readers = Readers(path)
        self._reader = SeriesReader(memtable=self._memtable, readers=self._readers)
        self._downsampler = Downsampler(memtable=self._memtable, readers=self._readers)
        self._inherited = InheritedStates(reader=self._reader, memtable=self._memtable)
        self._write_lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._committing: sqlite3.Connection | None = None
        self._background: sqlite3.Connection | None = None
        self._checkpointing: sqlite3.Connection | None = None
        self._flusher = Flusher(
            memtable=self._memtable,
            readers=self._readers,
            write=self._background_transaction,
            tidy=self._checkpoint,
            codec=best_codec() if codec is None else codec,
        )
        self._purger = Purger(
            readers=self._readers, write=self._background_transaction, tidy=self._checkpoint, finish=self._empty_log
        )

    def start(self) -> None:
        """Open the file and read back what was committed and not yet moved to blocks. Called once, before all else.

        Raises:
            UnknownFormatError: the file is not ours, or of a newer version.
            CorruptRowError: a row that is needed is damaged.
        """
        self._committing = open_writer(self._path, synchronous="FULL", checkpoint_pages=CHECKPOINT_PAGES)
        # A flush only moves what is durable already; if power fails, SQLite has both of its steps or neither.
        self._background = open_writer(self._path, synchronous="NORMAL", checkpoint_pages=0)
        self._checkpointing = open_writer(self._path, synchronous="NORMAL", checkpoint_pages=0)
        self._replay(self._committing)
        self._flusher.start()
        self._purger.start()

    def _replay(self, connection: sqlite3.Connection) -> None:
        flushed = connection.execute("SELECT flushed FROM progress").fetchone()[0]
        self._memtable.begin_at(flushed)
        rows = connection.execute(
            "SELECT wal.position, run.run_id, wal.run, wal.crc, wal.body "
            "FROM wal JOIN run ON run.number = wal.run ORDER BY wal.position"
        )
        for position, run_id, run, crc, body in rows:
            writes = decode_writes(position, crc, body)
            self._memtable.apply([Entry(position=position, run_id=run_id, run_number=run, writes=writes)])
        # Rows of deleted runs have left gaps; the sequence knows the newest position that was ever given.
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'wal'").fetchone()
        newest = flushed if row is None else row[0]
        self._memtable.begin_at(newest)
        self._recent.begin_at(newest)

    def writer_seq(self, run_id: str, writer: str) -> int:
        """See the port."""
        with self._readers.snapshot() as connection:
            row = connection.execute(
                "SELECT last_seq FROM writer JOIN run ON run.number = writer.run WHERE run_id = ? AND writer = ?",
                (run_id, writer),
            ).fetchone()
        return 0 if row is None else row[0]

    def tally(self, run_id: str, writer: str) -> Tally | None:
        """See the port."""
        with self._readers.snapshot() as connection:
            return read_tally(connection, run_id, writer)

    def commit(self, batches: Sequence[PointBatch]) -> int:
        """See the port.

        Raises:
            OSError: the disk is full or broken; nothing was applied.
            UnicodeEncodeError: a string holds half of a surrogate pair; nothing was applied.
        """
        self._flusher.wait(at_most=MAX_WAITING_GENERATIONS - 1)
        prepared = [(batch, writes, encode_writes(writes)) for batch in batches for writes in [copied(batch.writes)]]
        with self._write_lock:
            try:
                with transaction(self._open(self._committing)) as connection:
                    entries = [
                        entry
                        for batch, writes, body in prepared
                        if (entry := self._write_batch(connection, batch, writes, body)) is not None
                    ]
                    self._states.store(connection)
            except BaseException:
                self._states.settle(committed=False)
                raise
            self._states.settle(committed=True)
            # First those who follow: a position that a read has shown must not be news to `tail`.
            self._recent.apply(entries)
            self._memtable.apply(entries)
        if self._memtable.frozen_count:
            self._flusher.wake()
        if self._listeners:
            self._tell(changes_of((entry.run_id, [write.attribute for write in entry.writes]) for entry in entries))
        return self._memtable.position

    def listen(self, listener: Listener) -> None:
        """See the port."""
        self._listeners.append(listener)

    def _tell(self, changes: Sequence[SeriesChange]) -> None:
        for listener in self._listeners if changes else ():
            listener(changes)

    def _write_batch(
        self, connection: sqlite3.Connection, batch: PointBatch, writes: list[Write], body: bytes
    ) -> Entry | None:
        run = _run_number(connection, batch.run_id)
        known = connection.execute(
            "SELECT last_seq FROM writer WHERE run = ? AND writer = ?", (run, batch.writer)
        ).fetchone()
        if batch.last_seq <= (0 if known is None else known[0]):
            return None
        position = connection.execute(
            "INSERT INTO wal (run, crc, body) VALUES (?, ?, ?)", (run, zlib.crc32(body), body)
        ).lastrowid
        if position is None:
            message = "SQLite gave no position to a row that it took."
            raise RuntimeError(message)
        connection.execute(
            "INSERT OR REPLACE INTO writer (run, writer, last_seq) VALUES (?, ?, ?)",
            (run, batch.writer, batch.last_seq),
        )
        add_to_tally(connection, run, batch, is_first=known is None)
        self._states.advance(connection, run, writes, position)
        return Entry(position=position, run_id=batch.run_id, run_number=run, writes=writes)

    def position(self) -> int:
        """See the port."""
        return self._memtable.position

    def floats(
        self,
        run_id: str,
        attribute: int,
        *,
        first_step: float,
        last_step: float,
        limit: int | None = None,
        ancestors: Sequence[Ancestor] = (),
    ) -> FloatPoints:
        """See the port.

        Raises:
            CorruptRowError: a block that is needed is damaged; so in all reads.
        """
        found = self._reader.read(
            run_id,
            attribute,
            Kind.FLOAT_SERIES,
            first_step=first_step,
            last_step=last_step,
            limit=limit,
            ancestors=ancestors,
        )
        points = points_of(Kind.FLOAT_SERIES, found)
        assert isinstance(points, FloatPoints)  # noqa: S101 for the type checker
        return points

    def strings(
        self,
        run_id: str,
        attribute: int,
        *,
        first_step: float,
        last_step: float,
        limit: int | None = None,
        from_end: bool = False,
        ancestors: Sequence[Ancestor] = (),
    ) -> StringPoints:
        """See the port."""
        found = self._reader.read(
            run_id,
            attribute,
            Kind.STRING_SERIES,
            first_step=first_step,
            last_step=last_step,
            limit=limit,
            from_end=from_end,
            ancestors=ancestors,
        )
        points = points_of(Kind.STRING_SERIES, found)
        assert isinstance(points, StringPoints)  # noqa: S101 for the type checker
        return points

    def files(
        self,
        run_id: str,
        attribute: int,
        *,
        first_step: float,
        last_step: float,
        limit: int | None = None,
        from_end: bool = False,
        ancestors: Sequence[Ancestor] = (),
    ) -> FilePoints:
        """See the port."""
        found = self._reader.read(
            run_id,
            attribute,
            Kind.FILE_SERIES,
            first_step=first_step,
            last_step=last_step,
            limit=limit,
            from_end=from_end,
            ancestors=ancestors,
        )
        points = points_of(Kind.FILE_SERIES, found)
        assert isinstance(points, FilePoints)  # noqa: S101 for the type checker
        return points

    def histograms(
        self,
        run_id: str,
        attribute: int,
        *,
        first_step: float,
        last_step: float,
        limit: int | None = None,
        from_end: bool = False,
        ancestors: Sequence[Ancestor] = (),
    ) -> HistogramPoints:
        """See the port."""
        found = self._reader.read(
            run_id,
            attribute,
            Kind.HISTOGRAM_SERIES,
            first_step=first_step,
            last_step=last_step,
            limit=limit,
            from_end=from_end,
            ancestors=ancestors,
        )
        points = points_of(Kind.HISTOGRAM_SERIES, found)
        assert isinstance(points, HistogramPoints)  # noqa: S101 for the type checker
        return points

    def downsample(
        self,
        run_id: str,
        attribute: int,
        *,
        first_step: float,
        last_step: float,
        max_buckets: int,
        ancestors: Sequence[Ancestor] = (),
    ) -> BucketColumns:
        """See the port.

        Raises:
            ValueError: `max_buckets` is below 2.
        """
        [found] = self._downsampler.downsample(
            [(run_id, attribute)],
            first_step=first_step,
            last_step=last_step,
            max_buckets=max_buckets,
            ancestors={(run_id, attribute): ancestors},
        )
        return found

    def downsample_many(
        self,
        series: Sequence[tuple[str, int]],
        *,
        first_step: float,
        last_step: float,
        max_buckets: int,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> list[BucketColumns]:
        """See the port.

        Raises:
            ValueError: `max_buckets` is below 2.
        """
        return self._downsampler.downsample(
            series, first_step=first_step, last_step=last_step, max_buckets=max_buckets, ancestors=ancestors
        )

    def tail(self, run_id: str, *, after: int) -> Tail | None:
        """See the port."""
        return self._recent.after(run_id, after)

    def summaries(
        self,
        run_ids: Sequence[str],
        attributes: Sequence[int],
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> Mapping[tuple[str, int], SeriesSummary]:
        """See the port."""
        with self._readers.snapshot() as connection:
            stored = list(stored_states(connection, run_ids, attributes))
        found: dict[tuple[str, int], SeriesSummary] = {}
        for run_id, run, attribute, state in stored:
            if (run_id, attribute) in ancestors:
                continue
            fresh = self._refreshed(run_id, run, attribute, state) if state.stale else state
            if fresh is not None:
                found[run_id, attribute] = summary_of(fresh)
        wanted_runs, wanted = set(run_ids), set(attributes)
        for (run_id, attribute), above in ancestors.items():
            if run_id in wanted_runs and attribute in wanted:
                summary = self._with_history(run_id, attribute, above)
                if summary is not None:
                    found[run_id, attribute] = summary
        return found

    def _with_history(self, run_id: str, attribute: int, ancestors: Sequence[Ancestor]) -> SeriesSummary | None:
        """Return the summary of a series that inherits; the file has no state of it, for its ancestors can change."""
        line = [run_id, *(ancestor.run_id for ancestor in ancestors)]
        with self._readers.snapshot() as connection:
            stored = {row[0]: row for row in stored_states(connection, line, [attribute])}
        own = None
        if run_id in stored:
            _, run, _, state = stored[run_id]
            own = self._refreshed(run_id, run, attribute, state) if state.stale else state
        inherited = self._inherited.state(attribute, ancestors, {each: row[3] for each, row in stored.items()})
        if own is None or inherited is None:
            state = own or inherited
        elif own.first_step > inherited.last_step:
            state = advanced(inherited, own)
        else:
            columns = self._reader.read(
                run_id, attribute, own.kind, first_step=float("-inf"), last_step=float("inf"), ancestors=ancestors
            )
            state = state_of(attribute, own.kind, columns, 0)
        return None if state is None else summary_of(state)

    def _refreshed(self, run_id: str, run: int, attribute: int, state: SeriesState) -> SeriesState | None:
        """Make a stale state anew from the points, and keep it."""
        visible = self._memtable.position
        try:
            columns = self._reader.read(
                run_id, attribute, state.kind, first_step=float("-inf"), last_step=float("inf")
            )
        except CorruptRowError:
            # A table of runs is not to fail for one series; whoever looks at the series itself is told.
            return state
        fresh = state_of(attribute, state.kind, columns, state.position)
        # A commit is on disk a moment before it is in memory; points read in that moment may lack its writes.
        if fresh is not None and state.position <= visible:
            with self._background_transaction() as connection:
                self._states.repair(connection, (run, attribute), fresh)
        return fresh

    def named_blobs(self) -> Iterator[str]:
        """See the port."""
        return named_blobs(self._memtable, self._readers)

    def usage(self) -> Mapping[str, int]:
        """See the port."""
        return usage(self._readers)

    def delete_run(self, run_id: str) -> None:
        """See the port.

        Raises:
            OSError: the disk is full or broken; the run is still there.
        """
        with self._write_lock:
            connection = self._open(self._committing)
            row = connection.execute("SELECT number FROM run WHERE run_id = ?", (run_id,)).fetchone()
            if row is None:
                return
            with transaction(connection):
                connection.execute("DELETE FROM run WHERE number = ?", row)
            self._states.forget(row[0])
            self._memtable.forget(run_id)
        self._recent.forget(run_id)
        self._purger.purge(row[0])
        self._tell([SeriesChange(run_id=run_id, attributes=None)])

    def flush(self) -> None:
        """Move everything that was committed to blocks, and return when it is done.

        Raises:
            OSError: the disk is full or broken; the points stay where they are.
        """
        self._memtable.freeze()
        self._flusher.wake()
        self._flusher.wait(at_most=0)

    def wait_for_room(self, *, timeout_s: float) -> bool:
        """Return True as soon as what was deleted is off the disk, False if `timeout_s` seconds are over before."""
        return self._purger.wait(timeout_s=timeout_s)

    def close(self) -> None:
        """See the port."""
        self._flusher.stop()
        self._purger.stop()
        self._readers.close()
        for connection in (self._checkpointing, self._background, self._committing):
            if connection is not None:
                connection.close()
        self._checkpointing = self._background = self._committing = None

    @contextmanager
    def _background_transaction(self) -> Generator[sqlite3.Connection]:
        with self._write_lock, transaction(self._open(self._background)) as connection:
            yield connection

    def _checkpoint(self) -> None:
        # A connection of its own, so no commit waits; if flusher and purger meet here, SQLite lets one go first.
        checkpoint(self._open(self._checkpointing))

    def _empty_log(self) -> None:
        empty_log(self._open(self._checkpointing))

    @staticmethod
    def _open(connection: sqlite3.Connection | None) -> sqlite3.Connection:
        if connection is None:
            message = "The point store is not open. Call start() first, and nothing after close()."
            raise RuntimeError(message)
        return connection


def _run_number(connection: sqlite3.Connection, run_id: str) -> int:
    row = connection.execute("SELECT number FROM run WHERE run_id = ?", (run_id,)).fetchone()
    if row is None:
        number = connection.execute("INSERT INTO run (run_id) VALUES (?)", (run_id,)).lastrowid
        if number is None:
            message = "SQLite gave no number to a run that it took."
            raise RuntimeError(message)
        return number
    return row[0]
