"""The port of points. The docstrings here are the specification; `marigram.testing.point_store` checks an engine.

A series is `(run_id, attribute)`, where `attribute` is the id that the meta store gave to a path and kind of a project.
One series holds points of one kind. Within a series a step occurs once: the last write of a step wins, whatever its
order of arrival. Steps are finite float64, minus zero being zero; times are int64 milliseconds; float values are any
float64, NaN and infinities included, and come back bit for bit.

A read may name ancestors, the nearest first: runs whose points of the same attribute, up to a step, count as the run's
own where neither it nor a nearer ancestor has a point. An ancestor that the store doesn't know has no points.

The nouns that the port speaks of are beside it: `batch` has what is written, `answers` what is read, `changes` what
listeners are told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from marigram.model import Ancestor, FilePoints, FloatPoints, HistogramPoints, StringPoints, Tally
from marigram.server.store.points.answers import BucketColumns, FloatColumn, SeriesSummary, SummaryColumns, Tail
from marigram.server.store.points.batch import PointBatch
from marigram.server.store.points.changes import Listener

NO_ANCESTORS: Mapping[tuple[str, int], Sequence[Ancestor]] = MappingProxyType({})


class DamagedPointsError(RuntimeError):
    """Points that were stored cannot be read back; nothing of what is damaged was used. The message says where.

    Attributes:
        run_id, attribute: the series that was asked for, if it was one.
    """

    run_id: str | None = None
    attribute: int | None = None


def for_each(step: float | Sequence[float], series: Sequence[tuple[str, int]]) -> Sequence[float]:
    """Return the end of a range of `PointStore.downsample_many` for each of the series."""
    return [step] * len(series) if isinstance(step, (int, float)) else step


LEAST_POINTS = 100
"""A series is not thinned to fewer; the two widest cells that there are can keep fourteen."""


class Thinner(Protocol):
    """Makes float series of old runs short; used by one thread at a time, beside all else.

    Of cells like those of `PointStore.downsample` the ends and the extremes stay: the first point and the last, the
    first of the least and the first of the largest finite values, the first NaN, and the first of each infinity. Cells
    are the narrowest that leave no more points than wanted. All other points are gone for good. No position moves, and
    nobody who listens is told.

    `summaries` go on telling what the run logged, as long as the series only goes on beyond its end. When it is written
    to elsewhere or cut, they are made anew from the points that there are.
    """

    def candidates(self, points: int) -> list[str]:
        """Return the runs that may have series of more than `points` points and have not been thinned to so many.

        Points that came lately may not count yet.
        """
        ...

    def thin(self, run_id: str, *, points: int, after_step: float = -math.inf, rest: Callable[[float], bool]) -> int:
        """Thin every float series of a run that has more than `points` points; return how many points went, about.

        If somebody writes to the run meanwhile, the rest of it stays as it is. A crash leaves some series thinned and
        the others as they were. What was thinned before, and is no longer than so many points, is not touched.

        Args:
            run_id: the run, which may be unknown; points that it inherits are not its own.
            points: that a series keeps at the most, at least `LEAST_POINTS`.
            after_step: points up to this step are left alone, and not counted.
            rest: called between slices of the work with seconds to be left to others; it returns whether to stop.

        Raises:
            ValueError: `points` is below `LEAST_POINTS`.
            DamagedPointsError: points of the run cannot be read back; some of its series may have been thinned.
            OSError: the disk is full or broken.
        """
        ...


class PointStore(Protocol):
    """Where points are kept.

    Threads: `commit`, `delete_run` and `close` are called from one thread; all else from any thread, at any time.
    """

    @property
    def thinner(self) -> Thinner:
        """Return what thins series of this store."""
        ...

    def writer_seq(self, run_id: str, writer: str) -> int:
        """Return the `last_seq` of the newest batch that was committed for the writer, 0 if none was."""
        ...

    def tally(self, run_id: str, writer: str) -> Tally | None:
        """Return what became of all that the writer's committed batches brought; it moves with `writer_seq`.

        None for a writer that is unknown, or that began before the store counted.
        """
        ...

    def commit(self, batches: Sequence[PointBatch]) -> int:
        """Apply the batches in order, all or none, and return the position after them.

        On return they survive `kill -9` and loss of power. `writer_seq` moves in the same transaction. A batch whose
        `last_seq` is not above its writer's is known already and changes nothing. The position grows with every
        commit that has a batch that was not known, across restarts too.

        Raises:
            OSError: the disk is full or broken; nothing was applied.
            UnicodeEncodeError: a string holds half of a surrogate pair; nothing was applied.
        """
        ...

    def listen(self, listener: Listener) -> None:
        """Call `listener` after each commit and deletion with what changed; called before the first of them.

        It is called from the thread that commits, before `commit` or `delete_run` returns: from then on `summaries`
        has what changed. It is not called for batches that were known. It must be quick and must not raise.
        """
        ...

    def position(self) -> int:
        """Return the position after the newest commit, 0 if there was none."""
        ...

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
        """Return points with `first_step <= step <= last_step` in order of step, the first (or last) `limit`.

        The columns are NumPy arrays of float64, int64, float64. An unknown series is empty.
        """
        ...

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
        """Return points with `first_step <= step <= last_step` in order of step, the first (or last) `limit`."""
        ...

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
        """Return points with `first_step <= step <= last_step` in order of step, the first (or last) `limit`."""
        ...

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
        """Return points with `first_step <= step <= last_step` in order of step, the first (or last) `limit`."""
        ...

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
        """Return at most `max_buckets` buckets (at least 2) over the points with `first_step <= step <= last_step`.

        If there are no more points than that, each is a bucket of its own. Otherwise the edges of the buckets are
        multiples of one power of two, the smallest that is possible, so that edges of one series are edges of every
        other one with buckets as wide or narrower, and do not move as points arrive. No bucket hides a minimum or a
        maximum.

        Raises:
            ValueError: `max_buckets` is below 2.
        """
        ...

    def downsample_many(
        self,
        series: Sequence[tuple[str, int]],
        *,
        first_step: float | Sequence[float],
        last_step: float | Sequence[float],
        max_buckets: int,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> list[BucketColumns]:
        """Return for each series, named by run and attribute, what `downsample` returns, in the order asked for.

        The ends of the range are those of all series, or there is one for each.

        Raises:
            ValueError: `max_buckets` is below 2.
        """
        ...

    def tail(self, run_id: str, *, after: int, max_points: int | None = None) -> Tail | None:
        """Return what was committed for the run after position `after`, or None if that is no longer at hand.

        The answer is None at the latest when the points have been moved to blocks or the store was reopened, and if
        it would be of more than `max_points` points; the caller then reads afresh.
        """
        ...

    def summaries(
        self,
        run_ids: Sequence[str],
        attributes: Sequence[int],
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> Mapping[tuple[str, int], SeriesSummary]:
        """Return the summary of every series of these runs and attributes that has or inherits points."""
        ...

    def summary_columns(
        self,
        run_ids: Sequence[str],
        attribute: int,
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
        with_steps: bool = False,
    ) -> SummaryColumns:
        """Return what `summaries` says of one attribute, a row for each of the runs, in the order asked for.

        `min_step` and `max_step` are there if `with_steps` is; of series that an older version wrote they are found
        out when they are first asked for, which takes longer.

        Meant for all runs of a project: a hundred thousand take a fraction of a second. A run may be named twice.
        `ancestors` may name other series, which count for nothing.
        """
        ...

    def values_at(
        self,
        run_ids: Sequence[str],
        attribute: int,
        steps: Sequence[float],
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> FloatColumn:
        """Return the value of one float series at a step or, if it has none there, at the last step before.

        A row for each of the runs, in the order asked for; `steps` has one for each and none is NaN. A run that has
        nothing up to its step has no value, and nor has one of which a part that is needed is damaged.

        What one run takes does not grow with the length of its series, but it is a look at the disk.
        """
        ...

    def named_blobs(self) -> Iterator[tuple[str, str]]:
        """Yield run id and SHA-256 of every file that a point names; some twice, some that no point names any more.

        A point that was committed before the call is seen.

        Raises:
            DamagedPointsError: not all can be known; no blob may be taken for unnamed.
        """
        ...

    def usage(self) -> Mapping[str, int]:
        """Return how many bytes of the disk the points of each run take, about.

        A run that has points takes some; one that was deleted is not among them, though its room may not be free yet.
        """
        ...

    def series_usage(self, run_id: str) -> Mapping[int, int]:
        """Return how many bytes each series of a run takes, by attribute, as far as its points are in blocks.

        Points that came lately may not count yet, so a series that has points may be missing; together they take no
        more than the run. An unknown run has none.

        Raises:
            DamagedPointsError: what is stored cannot be read back.
        """
        ...

    def delete_run(self, run_id: str) -> None:
        """Remove all that the store holds of the run, its writers' positions included.

        On return no read sees the run, after a crash neither. The disk is given back soon after, in the background.
        """
        ...

    def close(self) -> None:
        """Stop background work and release the files. Nothing that was committed is lost without this call."""
        ...
