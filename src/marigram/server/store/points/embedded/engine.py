"""The embedded point store: one SQLite file, points in memory on the way to compressed blocks.

A commit is one SQLite transaction with `synchronous = FULL`: one `wal` row per batch, the writer's `last_seq` and its
tally. After it the points are readable from memory, and the statistics of their series follow there; a background
thread moves points to blocks and saves the statistics. Opening the file reads the `wal` rows back into memory before
anything is accepted. One process owns the file; whoever starts the store has made sure of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from marigram.model import Ancestor, FilePoints, FloatPoints, HistogramPoints, Kind, StringPoints, Tally
from marigram.server.store.points.answers import BucketColumns, FloatColumn, SeriesSummary, SummaryColumns, Tail
from marigram.server.store.points.batch import PointBatch
from marigram.server.store.points.changes import Listener
from marigram.server.store.points.embedded.accounting import named_blobs, series_usage, usage
from marigram.server.store.points.embedded.block import BlockStyle
from marigram.server.store.points.embedded.columns import points_of
from marigram.server.store.points.embedded.committing import Committer
from marigram.server.store.points.embedded.connections import Readers, WriteConnections
from marigram.server.store.points.embedded.downsampling import Downsampler
from marigram.server.store.points.embedded.flusher import Flusher
from marigram.server.store.points.embedded.lookup import StepLookup
from marigram.server.store.points.embedded.memtable import Memtable
from marigram.server.store.points.embedded.purging import Purger
from marigram.server.store.points.embedded.reading import SeriesReader
from marigram.server.store.points.embedded.recent import RecentWrites
from marigram.server.store.points.embedded.replaying import replay
from marigram.server.store.points.embedded.states import SeriesStates
from marigram.server.store.points.embedded.summaries import Summaries
from marigram.server.store.points.embedded.thinning import Thinner
from marigram.server.store.points.port import NO_ANCESTORS, for_each

FLUSH_POINTS = 1_000_000
"""24 MB of RAM, four times as much while they are sorted and encoded, which takes a third of a second on one core."""

FLUSH_BYTES = 32 * 1024 * 1024
"""What text, or a trickle of single points, may take instead; it also bounds what is read back at the start."""

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
        style = BlockStyle() if style is None else style
        self._memtable = Memtable(flush_points=flush_points, flush_bytes=flush_bytes)
        self._recent = RecentWrites(max_points=recent_points, max_writes=recent_writes)
        self._states = SeriesStates()
        self._connections = WriteConnections(path)
        self._readers = Readers(path)
        self._reader = SeriesReader(memtable=self._memtable, readers=self._readers)
        self._downsampler = Downsampler(memtable=self._memtable, readers=self._readers)
        self._lookup = StepLookup(memtable=self._memtable, readers=self._readers)
        self._summaries = Summaries(
            states=self._states,
            memtable=self._memtable,
            reader=self._reader,
            readers=self._readers,
            write=self._connections.background,
        )
        self._flusher = Flusher(
            memtable=self._memtable,
            states=self._states,
            readers=self._readers,
            write=self._connections.background,
            tidy=self._connections.checkpoint,
            style=style,
        )
        self._purger = Purger(
            readers=self._readers,
            write=self._connections.background,
            tidy=self._connections.checkpoint,
            finish=self._connections.empty_log,
        )
        self._committer = Committer(
            connections=self._connections,
            readers=self._readers,
            memtable=self._memtable,
            states=self._states,
            recent=self._recent,
            flusher=self._flusher,
            purger=self._purger,
        )
        self.thinner = Thinner(
            readers=self._readers,
            reader=self._reader,
            summaries=self._summaries,
            write=self._connections.background,
            flush=self.flush,
            tidy=self._connections.checkpoint,
            free_room=self._purger.free_room,
            style=style,
        )

    def start(self) -> None:
        """Open the file and read back what was committed and not yet moved to blocks. Called once, before all else.

        Raises:
            UnknownFormatError: the file is not ours, or of a newer version.
            CorruptRowError: a row that is needed is damaged.
        """
        self._connections.open()
        with self._connections.committing() as connection:
            replay(connection, memtable=self._memtable, states=self._states, recent=self._recent)
        self._flusher.start()
        self._purger.start()

    def writer_seq(self, run_id: str, writer: str) -> int:
        """See the port."""
        return self._committer.writer_seq(run_id, writer)

    def tally(self, run_id: str, writer: str) -> Tally | None:
        """See the port."""
        return self._committer.tally(run_id, writer)

    def commit(self, batches: Sequence[PointBatch]) -> int:
        """See the port.

        Raises:
            OSError: the disk is full or broken; nothing was applied.
            UnicodeEncodeError: a string holds half of a surrogate pair; nothing was applied.
        """
        return self._committer.commit(batches)

    def listen(self, listener: Listener) -> None:
        """See the port."""
        self._committer.listen(listener)

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
        from_end: bool = False,
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
            from_end=from_end,
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
        self._committer.delete_run(run_id)

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
        self._connections.close()
