"""The embedded point store: one SQLite file, points in memory on the way to compressed blocks.

A commit is one SQLite transaction with `synchronous = FULL`: one `wal` row per batch, the writer's `last_seq` and its
tally. After it the points are readable from memory, and the statistics of their series follow there; a background
thread moves points to blocks and saves the statistics. Opening the file reads the `wal` rows back into memory before
anything is accepted. One process owns the file; whoever starts the store has made sure of that.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from marigram.model import Ancestor, FilePoints, FloatPoints, HistogramPoints, Kind, StringPoints, Tally
from marigram.server.store.points.answers import BucketColumns, FloatColumn, SeriesSummary, SummaryColumns, Tail
from marigram.server.store.points.batch import PointBatch
from marigram.server.store.points.changes import Listener, SeriesChange, changes_of
from marigram.server.store.points.embedded.accounting import named_blobs, series_usage, usage
from marigram.server.store.points.embedded.block import BlockStyle
from marigram.server.store.points.embedded.columns import points_of
from marigram.server.store.points.embedded.connections import (
    CHECKPOINT_PAGES,
    Readers,
    checkpoint,
    empty_log,
    open_writer,
    transaction,
)
from marigram.server.store.points.embedded.downsampling import Downsampler
from marigram.server.store.points.embedded.flusher import Flusher
from marigram.server.store.points.embedded.lookup import StepLookup
from marigram.server.store.points.embedded.memtable import Entry, Memtable
from marigram.server.store.points.embedded.purging import Purger
from marigram.server.store.points.embedded.reading import SeriesReader
from marigram.server.store.points.embedded.recent import RecentWrites
from marigram.server.store.points.embedded.replaying import replay
from marigram.server.store.points.embedded.states import SeriesStates
from marigram.server.store.points.embedded.summaries import Summaries
from marigram.server.store.points.embedded.thinning import Thinner
from marigram.server.store.points.embedded.wal import encode_writes
from marigram.server.store.points.embedded.writers import Standing, Writers, read_standing
from marigram.server.store.points.embedded.writes import Write, attributes_in, copied
from marigram.server.store.points.port import NO_ANCESTORS, for_each

FLUSH_POINTS = 1_000_000
"""24 MB of RAM, four times as much while they are sorted and encoded, which takes a third of a second on one core."""

FLUSH_BYTES = 32 * 1024 * 1024
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
        style: how blocks are written; what is read may be of any.

    Attributes:
        thinner: see the port.
    """

    def __init__(
        self,
        path: Path,
        *,
        flush_points: int = FLUSH_POINTS,
        flush_bytes: int = FLUSH_BYTES,
        recent_points: int = RECENT_POINTS,
        recent_writes: int = RECENT_WRITES,
        style: BlockStyle | None = None,
    ) -> None:
        self._path = path
        self._memtable = Memtable(flush_points=flush_points, flush_bytes=flush_bytes)
        self._recent = RecentWrites(max_points=recent_points, max_writes=recent_writes)
        self._states = SeriesStates()
        self._readers = Readers(path)
        self._reader = SeriesReader(memtable=self._memtable, readers=self._readers)
        self._downsampler = Downsampler(memtable=self._memtable, readers=self._readers)
        self._lookup = StepLookup(memtable=self._memtable, readers=self._readers)
        self._writers = Writers()
        self._summaries = Summaries(
            states=self._states,
            memtable=self._memtable,
            reader=self._reader,
            readers=self._readers,
            write=self._background_transaction,
        )
        self._write_lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._committing: sqlite3.Connection | None = None
        self._background: sqlite3.Connection | None = None
        self._checkpointing: sqlite3.Connection | None = None
        style = BlockStyle() if style is None else style
        self._flusher = Flusher(
            memtable=self._memtable,
            states=self._states,
            readers=self._readers,
            write=self._background_transaction,
            tidy=self._checkpoint,
            style=style,
        )
        self._purger = Purger(
            readers=self._readers, write=self._background_transaction, tidy=self._checkpoint, finish=self._empty_log
        )
        self.thinner = Thinner(
            readers=self._readers,
            reader=self._reader,
            summaries=self._summaries,
            write=self._background_transaction,
            flush=self.flush,
            tidy=self._checkpoint,
            free_room=self._purger.free_room,
            style=style,
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
        replay(self._committing, memtable=self._memtable, states=self._states, recent=self._recent)
        self._flusher.start()
        self._purger.start()

    def writer_seq(self, run_id: str, writer: str) -> int:
        """See the port."""
        standing = self._standing(run_id, writer)
        return 0 if standing is None else standing.last_seq

    def tally(self, run_id: str, writer: str) -> Tally | None:
        """See the port."""
        standing = self._standing(run_id, writer)
        return None if standing is None or not standing.last_seq else standing.tally

    def _standing(self, run_id: str, writer: str) -> Standing | None:
        known = self._writers.known(run_id, writer)
        if known is not None:
            return known
        with self._readers.snapshot() as connection:
            return read_standing(connection, run_id, writer)

    def commit(self, batches: Sequence[PointBatch]) -> int:
        """See the port.

        Raises:
            OSError: the disk is full or broken; nothing was applied.
            UnicodeEncodeError: a string holds half of a surrogate pair; nothing was applied.
        """
        self._flusher.wait(at_most=MAX_WAITING_GENERATIONS - 1)
        self._flusher.give_way()
        prepared = [(batch, writes, encode_writes(writes)) for batch in batches for writes in [copied(batch.writes)]]
        with self._write_lock:
            try:
                with transaction(self._open(self._committing)) as connection:
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
        """See the port."""
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
            first_steps=[first_step],
            last_steps=[last_step],
            max_buckets=max_buckets,
            ancestors={(run_id, attribute): ancestors},
        )
        return found

    def downsample_many(
        self,
        series: Sequence[tuple[str, int]],
        *,
        first_step: float | Sequence[float],
        last_step: float | Sequence[float],
        max_buckets: int,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> list[BucketColumns]:
        """See the port.

        Raises:
            ValueError: `max_buckets` is below 2.
        """
        return self._downsampler.downsample(
            series,
            first_steps=for_each(first_step, series),
            last_steps=for_each(last_step, series),
            max_buckets=max_buckets,
            ancestors=ancestors,
        )

    def tail(self, run_id: str, *, after: int, max_points: int | None = None) -> Tail | None:
        """See the port."""
        return self._recent.after(run_id, after, max_points)

    def summaries(
        self,
        run_ids: Sequence[str],
        attributes: Sequence[int],
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> Mapping[tuple[str, int], SeriesSummary]:
        """See the port."""
        return self._summaries.of(run_ids, attributes, ancestors)

    def summary_columns(
        self,
        run_ids: Sequence[str],
        attribute: int,
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
        with_steps: bool = False,
    ) -> SummaryColumns:
        """See the port."""
        return self._summaries.columns(run_ids, attribute, ancestors, with_steps=with_steps)

    def values_at(
        self,
        run_ids: Sequence[str],
        attribute: int,
        steps: Sequence[float],
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> FloatColumn:
        """See the port."""
        return self._lookup.values(run_ids, attribute, steps, ancestors)

    def named_blobs(self) -> Iterator[tuple[str, str]]:
        """See the port."""
        return named_blobs(self._memtable, self._readers)

    def usage(self) -> Mapping[str, int]:
        """See the port."""
        return usage(self._readers)

    def series_usage(self, run_id: str) -> Mapping[int, int]:
        """See the port."""
        return series_usage(self._readers, run_id)

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
            self._states.forget(run_id)
            self._writers.forget(run_id)
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
