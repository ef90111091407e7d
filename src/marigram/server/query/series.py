"""`WholeSeries`: the points of runs together with what they inherit. Stateless; any thread.

Everything in this folder that reads points reads them here, so that a forked run has its history wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from marigram.model import Ancestor, FilePoints, FloatPoints, HistogramPoints, StringPoints
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.answers import BucketColumns, FloatColumn, SeriesSummary, SummaryColumns, Tail
from marigram.server.store.points.changes import Listener
from marigram.server.store.points.port import PointStore


class WholeSeries:
    """Asks the meta store for ancestors, then the point store; see `PointStore` for what each call answers."""

    def __init__(self, *, meta: MetaStore, points: PointStore) -> None:
        self._meta = meta
        self._points = points

    def position(self) -> int:
        """Return the position after the newest commit."""
        return self._points.position()

    def floats(
        self,
        run_id: str,
        attribute: int,
        *,
        first_step: float,
        last_step: float,
        limit: int | None = None,
        from_end: bool = False,
    ) -> FloatPoints:
        """Return float points in order of step, the first or last `limit`."""
        return self._points.floats(
            run_id,
            attribute,
            first_step=first_step,
            last_step=last_step,
            limit=limit,
            from_end=from_end,
            ancestors=self._ancestors(run_id, attribute),
        )

    def strings(
        self, run_id: str, attribute: int, *, first_step: float, last_step: float, limit: int, from_end: bool
    ) -> StringPoints:
        """Return string points in order of step, the first or last `limit`."""
        return self._points.strings(
            run_id,
            attribute,
            first_step=first_step,
            last_step=last_step,
            limit=limit,
            from_end=from_end,
            ancestors=self._ancestors(run_id, attribute),
        )

    def files(
        self, run_id: str, attribute: int, *, first_step: float, last_step: float, limit: int, from_end: bool
    ) -> FilePoints:
        """Return file points in order of step, the first or last `limit`."""
        return self._points.files(
            run_id,
            attribute,
            first_step=first_step,
            last_step=last_step,
            limit=limit,
            from_end=from_end,
            ancestors=self._ancestors(run_id, attribute),
        )

    def histograms(
        self, run_id: str, attribute: int, *, first_step: float, last_step: float, limit: int, from_end: bool
    ) -> HistogramPoints:
        """Return histograms in order of step, the first or last `limit`."""
        return self._points.histograms(
            run_id,
            attribute,
            first_step=first_step,
            last_step=last_step,
            limit=limit,
            from_end=from_end,
            ancestors=self._ancestors(run_id, attribute),
        )

    def downsample(
        self, run_id: str, attribute: int, *, first_step: float, last_step: float, max_buckets: int
    ) -> BucketColumns:
        """Return buckets of a float series."""
        return self._points.downsample(
            run_id,
            attribute,
            first_step=first_step,
            last_step=last_step,
            max_buckets=max_buckets,
            ancestors=self._ancestors(run_id, attribute),
        )

    def downsample_many(
        self,
        series: Sequence[tuple[str, int]],
        *,
        first_step: float | Sequence[float],
        last_step: float | Sequence[float],
        max_buckets: int,
    ) -> list[BucketColumns]:
        """Return buckets of each float series, named by run and attribute."""
        run_ids = list(dict.fromkeys(run_id for run_id, _ in series))
        attributes = list(dict.fromkeys(attribute for _, attribute in series))
        return self._points.downsample_many(
            series,
            first_step=first_step,
            last_step=last_step,
            max_buckets=max_buckets,
            ancestors=self._meta.ancestors(run_ids, attributes),
        )

    def summaries(self, run_ids: Sequence[str], attributes: Sequence[int]) -> Mapping[tuple[str, int], SeriesSummary]:
        """Return the summary of every series of these runs and attributes that has or inherits points."""
        above = self._meta.ancestors(run_ids, attributes)
        return self._points.summaries(run_ids, attributes, ancestors=above)

    def summary_columns(
        self, run_ids: Sequence[str], attribute: int, *, with_steps: bool = False
    ) -> tuple[SummaryColumns, frozenset[str]]:
        """Return the summaries of one series, a row for each run, and the runs that inherit.

        The summary of a run that inherits changes with its ancestors'.
        """
        above = self._meta.ancestors(run_ids, [attribute])
        columns = self._points.summary_columns(run_ids, attribute, ancestors=above, with_steps=with_steps)
        return columns, frozenset(run_id for run_id, _ in above)

    def values_at(self, run_ids: Sequence[str], attribute: int, steps: Sequence[float]) -> FloatColumn:
        """Return the value of a float series at a step of each run, or else at the last step before."""
        above = self._meta.ancestors(run_ids, [attribute])
        return self._points.values_at(run_ids, attribute, steps, ancestors=above)

    def listen(self, listener: Listener) -> None:
        """Call `listener` after each commit of points."""
        self._points.listen(listener)

    def tail(self, run_id: str, *, after: int, max_points: int | None = None) -> Tail | None:
        """Return what the run itself got after a position; what its ancestors get is seen when it is read afresh."""
        return self._points.tail(run_id, after=after, max_points=max_points)

    def _ancestors(self, run_id: str, attribute: int) -> Sequence[Ancestor]:
        return self._meta.ancestors([run_id], [attribute]).get((run_id, attribute), ())
