"""The reference engine of points: dictionaries and exact arithmetic, obviously right and not fast.

It keeps nothing. Unit tests use it, and the other engines are compared with it.
"""

from __future__ import annotations

import math
import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from marigram.model import Ancestor, File, FilePoints, FloatPoints, Histogram, HistogramPoints, StringPoints, Tally
from marigram.server.store.points.answers import BucketColumns, FloatColumn, SeriesSummary, SummaryColumns, Tail
from marigram.server.store.points.batch import (
    CutSeries,
    DropSeries,
    PointBatch,
    WritePoints,
    points_of_batch,
    writes_apart,
)
from marigram.server.store.points.changes import Listener, SeriesChange, changes_of
from marigram.server.store.points.held import HeldPoint, HeldRun, in_cells
from marigram.server.store.points.held_thinning import COARSEST, FINEST, HeldThinner
from marigram.server.store.points.port import NO_ANCESTORS, for_each

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MIN_BUCKETS = 2
_POINT_BYTES = 24


class MemoryPointStore:
    """A `PointStore` that forgets everything when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, HeldRun] = {}
        self._position = 0
        self._listeners: list[Listener] = []
        self._thinner = HeldThinner(self._lock, self._runs)

    @property
    def thinner(self) -> HeldThinner:
        """See the port."""
        return self._thinner

    def writer_seq(self, run_id: str, writer: str) -> int:
        """See the port."""
        with self._lock:
            run = self._runs.get(run_id)
            return 0 if run is None else run.last_seqs.get(writer, 0)

    def tally(self, run_id: str, writer: str) -> Tally | None:
        """See the port."""
        with self._lock:
            run = self._runs.get(run_id)
            return None if run is None else run.tallies.get(writer)

    def commit(self, batches: Sequence[PointBatch]) -> int:
        """See the port."""
        news: list[PointBatch] = []
        with self._lock:
            for batch in batches:
                run = self._runs.setdefault(batch.run_id, HeldRun())
                if batch.last_seq > run.last_seqs.get(batch.writer, 0):
                    self._position += 1
                    run.last_seqs[batch.writer] = batch.last_seq
                    run.tallies[batch.writer] = run.tallies.get(batch.writer, Tally()).with_batch(
                        stored=points_of_batch(batch), refused=batch.points_refused, rejections=batch.rejections
                    )
                    run.told.append((self._position, batch.writes))
                    for write in writes_apart(batch.writes):
                        _apply(run, write)
                    news.append(batch)
        written = [(batch.run_id, [[write.attribute] for write in writes_apart(batch.writes)]) for batch in news]
        self._tell(changes_of(written))
        return self._position

    def listen(self, listener: Listener) -> None:
        """See the port."""
        self._listeners.append(listener)

    def _tell(self, changes: list[SeriesChange]) -> None:
        for listener in self._listeners if changes else ():
            listener(changes)

    def position(self) -> int:
        """See the port."""
        return self._position

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
        """See the port."""
        points = self._points(run_id, attribute, float, first_step, last_step, ancestors)
        found = _limited(points, limit, from_end=from_end)
        return FloatPoints(
            steps=_floats(point.step for point in found),  # pyright: ignore[reportArgumentType] the port promises arrays
            times=_ints(point.time for point in found),  # pyright: ignore[reportArgumentType]
            values=_floats(point.value for point in found),  # pyright: ignore[reportArgumentType]
        )

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
        points = self._points(run_id, attribute, str, first_step, last_step, ancestors)
        found = _limited(points, limit, from_end=from_end)
        return StringPoints(
            steps=[point.step for point in found],
            times=[point.time for point in found],
            values=[point.value for point in found],
        )

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
        points = self._points(run_id, attribute, File, first_step, last_step, ancestors)
        found = _limited(points, limit, from_end=from_end)
        return FilePoints(
            steps=[point.step for point in found],
            times=[point.time for point in found],
            values=[point.value for point in found],
        )

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
        points = self._points(run_id, attribute, Histogram, first_step, last_step, ancestors)
        found = _limited(points, limit, from_end=from_end)
        return HistogramPoints(
            steps=[point.step for point in found],
            times=[point.time for point in found],
            values=[point.value for point in found],
        )

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
        if max_buckets < _MIN_BUCKETS:
            message = f"{max_buckets} buckets were asked for. Ask for at least {_MIN_BUCKETS}."
            raise ValueError(message)
        found = self._points(run_id, attribute, float, first_step, last_step, ancestors)
        if len(found) <= max_buckets:
            return _bucket_columns([[point] for point in found])
        exponents = range(FINEST, COARSEST + 1)
        fitting = bisect_left(exponents, True, key=lambda exponent: len(in_cells(found, exponent)) <= max_buckets)  # noqa: FBT003 the key is a truth
        return _bucket_columns(in_cells(found, exponents[fitting]))

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
        return [
            self.downsample(
                run_id,
                attribute,
                first_step=first,
                last_step=last,
                max_buckets=max_buckets,
                ancestors=ancestors.get((run_id, attribute), ()),
            )
            for (run_id, attribute), first, last in zip(
                series, for_each(first_step, series), for_each(last_step, series), strict=True
            )
        ]

    def tail(self, run_id: str, *, after: int, max_points: int | None = None) -> Tail | None:
        """See the port."""
        with self._lock:
            if after > self._position:
                return None
            run = self._runs.get(run_id)
            told = [] if run is None else run.told
            writes = tuple(write for position, batch in told if position > after for write in batch)
            points = sum(len(write.points.steps) for write in writes_apart(writes) if isinstance(write, WritePoints))
            if max_points is not None and points > max_points:
                return None
            return Tail(position=self._position, writes=writes)

    def summaries(
        self,
        run_ids: Sequence[str],
        attributes: Sequence[int],
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> Mapping[tuple[str, int], SeriesSummary]:
        """See the port."""
        found: dict[tuple[str, int], SeriesSummary] = {}
        for run_id in run_ids:
            for attribute in attributes:
                above = ancestors.get((run_id, attribute), ())
                points = self._points(run_id, attribute, object, -math.inf, math.inf, above)
                if points and not above:
                    points = self._with_thinned_out(run_id, attribute, points)
                if points:
                    found[run_id, attribute] = _summary(points)
        return found

    def _with_thinned_out(self, run_id: str, attribute: int, points: list[HeldPoint]) -> list[HeldPoint]:
        with self._lock:
            run = self._runs.get(run_id)
            gone = {} if run is None else run.thinned_out.get(attribute, {})
        return sorted([*points, *gone.values()], key=lambda point: point.step)

    def summary_columns(
        self,
        run_ids: Sequence[str],
        attribute: int,
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
        with_steps: bool = False,
    ) -> SummaryColumns:
        """See the port."""
        found = self.summaries(run_ids, [attribute], ancestors=ancestors)
        rows = [found.get((run_id, attribute)) for run_id in run_ids]

        def column(name: str) -> NDArray[np.float64]:
            return np.array([None if row is None else getattr(row, name) for row in rows], dtype=np.float64)

        return SummaryColumns(
            there=np.array([row is not None for row in rows], dtype=np.bool_),
            last=[None if row is None else row.last for row in rows],
            first_step=column("first_step"),
            last_step=column("last_step"),
            count=column("count"),
            min=column("min"),
            max=column("max"),
            mean=column("mean"),
            variance=column("variance"),
            min_step=column("min_step") if with_steps else np.full(len(rows), np.nan),
            max_step=column("max_step") if with_steps else np.full(len(rows), np.nan),
        )

    def values_at(
        self,
        run_ids: Sequence[str],
        attribute: int,
        steps: Sequence[float],
        *,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> FloatColumn:
        """See the port."""
        found = [
            self._points(run_id, attribute, float, -math.inf, step, ancestors.get((run_id, attribute), ()))
            for run_id, step in zip(run_ids, steps, strict=True)
        ]
        return FloatColumn(
            there=np.array([bool(points) for points in found], dtype=np.bool_),
            value=_floats(points[-1].value if points else math.nan for points in found),
        )

    def named_blobs(self) -> Iterator[tuple[str, str]]:
        """See the port."""
        with self._lock:
            values = [
                (run_id, point.value)
                for run_id, run in self._runs.items()
                for series in run.series.values()
                for point in series.values()
            ]
        yield from ((run_id, value.sha256) for run_id, value in values if isinstance(value, File))

    def usage(self) -> Mapping[str, int]:
        """See the port."""
        with self._lock:
            return {run_id: _POINT_BYTES * sum(map(len, run.series.values())) for run_id, run in self._runs.items()}

    def series_usage(self, run_id: str) -> Mapping[int, int]:
        """See the port."""
        with self._lock:
            run = self._runs.get(run_id)
            return {} if run is None else {each: _POINT_BYTES * len(points) for each, points in run.series.items()}

    def delete_run(self, run_id: str) -> None:
        """See the port."""
        with self._lock:
            known = self._runs.pop(run_id, None)
        if known is not None:
            self._tell([SeriesChange(run_id=run_id, attributes=None)])

    def close(self) -> None:
        """See the port."""

    def _points(
        self,
        run_id: str,
        attribute: int,
        kind: type,
        first_step: float,
        last_step: float,
        ancestors: Sequence[Ancestor],
    ) -> list[HeldPoint]:
        line = [Ancestor(run_id=run_id, last_step=math.inf), *ancestors]
        with self._lock:
            series: dict[float, HeldPoint] = {}
            for ancestor in reversed(line):
                run = self._runs.get(ancestor.run_id)
                own = {} if run is None else run.series.get(attribute, {})
                series.update({step: point for step, point in own.items() if step <= ancestor.last_step})
            return [
                series[step]
                for step in sorted(series)
                if first_step <= step <= last_step and isinstance(series[step].value, kind)
            ]


def _forget_thinned_out(run: HeldRun, write: WritePoints | DropSeries | CutSeries) -> None:
    """Let the statistics of a series be those of its points, unless it only goes on beyond its end."""
    own = run.series.get(write.attribute, {})
    goes_on = isinstance(write, WritePoints) and min(write.points.steps, default=math.inf) > max(own, default=-math.inf)
    if not goes_on:
        run.thinned_out.pop(write.attribute, None)


def _apply(run: HeldRun, write: WritePoints | DropSeries | CutSeries) -> None:
    _forget_thinned_out(run, write)
    if isinstance(write, DropSeries):
        run.series.pop(write.attribute, None)
        return
    if isinstance(write, CutSeries):
        own = run.series.get(write.attribute, {})
        run.series[write.attribute] = {step: point for step, point in own.items() if step <= write.after_step}
        return
    series = run.series.setdefault(write.attribute, {})
    points = write.points
    is_float = isinstance(points, FloatPoints)
    for at in range(len(points.steps)):
        # Adding 0.0 makes zero of minus zero, which is the same step.
        step, time, value = float(points.steps[at]) + 0.0, int(points.times[at]), points.values[at]
        series[step] = HeldPoint(step, time, float(value) if is_float else value)  # pyright: ignore[reportArgumentType] checked in the line


def _limited(points: list[HeldPoint], limit: int | None, *, from_end: bool) -> list[HeldPoint]:
    if limit is None:
        return points
    return points[max(len(points) - limit, 0) :] if from_end else points[:limit]


def _bucket_columns(cells: list[list[HeldPoint]]) -> BucketColumns:
    summaries = [_summary(cell) for cell in cells]
    return BucketColumns(
        step_first=_floats(cell[0].step for cell in cells),
        step_last=_floats(cell[-1].step for cell in cells),
        time_first=_ints(cell[0].time for cell in cells),
        time_last=_ints(cell[-1].time for cell in cells),
        first=_floats(cell[0].value for cell in cells),
        last=_floats(cell[-1].value for cell in cells),
        min=_floats(_or_nan(summary.min) for summary in summaries),
        max=_floats(_or_nan(summary.max) for summary in summaries),
        mean=_floats(_or_nan(summary.mean) for summary in summaries),
        count=_ints(summary.count for summary in summaries),
        nan_count=_ints(summary.nan_count for summary in summaries),
        inf_count=_ints(summary.inf_count for summary in summaries),
    )


def _summary(points: list[HeldPoint]) -> SeriesSummary:
    values = [point.value for point in points if isinstance(point.value, float)]
    finite = [value for value in values if math.isfinite(value)]
    mean = _exact_mean([Fraction(value) for value in finite])
    variance = None if mean is None else _exact_mean([(Fraction(value) - mean) ** 2 for value in finite])
    low, high = min(finite, default=None), max(finite, default=None)
    return SeriesSummary(
        count=len(points),
        first_step=points[0].step,
        last_step=points[-1].step,
        last_time=points[-1].time,
        last=None if isinstance(points[-1].value, Histogram) else points[-1].value,
        min=low,
        max=high,
        mean=None if mean is None else float(mean),
        variance=None if variance is None else _rounded(variance),
        nan_count=sum(map(math.isnan, values)),
        inf_count=sum(map(math.isinf, values)),
        min_step=None if low is None else next(point.step for point in points if point.value == low),
        max_step=None if high is None else next(point.step for point in points if point.value == high),
    )


def _exact_mean(values: list[Fraction]) -> Fraction | None:
    return sum(values, start=Fraction(0)) / len(values) if values else None


def _rounded(variance: Fraction) -> float:
    try:
        return float(variance)
    except OverflowError:
        return math.inf


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _floats(values: Any) -> NDArray[np.float64]:  # noqa: ANN401 a generator of numbers
    return np.array(list(values), dtype=np.float64)


def _ints(values: Any) -> NDArray[np.int64]:  # noqa: ANN401 a generator of numbers
    return np.array(list(values), dtype=np.int64)
