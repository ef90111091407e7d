"""`Charts`: float series as a chart wants them: few points, on any axis, alone or as a group. Stateless; any thread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice

import msgspec
import numpy as np

from marigram.model import Kind
from marigram.server.query.answers import BadQuestion, CrossAnswer, GroupAnswer, SeriesAnswer
from marigram.server.query.comparison import crossed, group_of
from marigram.server.query.series import WholeSeries
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.answers import BucketColumns

MAX_SERIES = 256
"""Series in one question."""

MAX_GROUPED = 1024
"""Series in one question for groups: each group is one line, however many runs it has."""

_ALL_GROUPED_BUCKETS = 2_000_000
"""Of all series that are put together; 96 bytes each, while the question is answered."""

MAX_BESIDE = 4096
"""Points of a series beside a stretch of it."""

_BUCKETS_BESIDE = 512
"""Of what lies beside on one side: half of them are single points, the nearest ones."""

_ALL_BUCKETS_BESIDE = 12_288
"""Of all series of a question on one side. Nobody looks at them, and each costs as much as one that is looked at."""


class StepRange(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the step axis, both ends included.

    Raises:
        BadQuestion: an end is NaN.
    """

    first: float = -math.inf
    last: float = math.inf

    def __post_init__(self) -> None:
        """Refuse what no step can be compared with."""
        if math.isnan(self.first) or math.isnan(self.last):
            message = "NaN is no step. Ask for a range between two numbers."
            raise BadQuestion(message)


class TimeRange(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time in milliseconds, both ends included: since 1970-01-01 UTC, or since each run was created."""

    first: float = -math.inf
    last: float = math.inf
    since_creation: bool = False

    def later_by(self, offset_ms: int) -> TimeRange:
        """Return the same stretch, that much later."""
        return TimeRange(first=self.first + offset_ms, last=self.last + offset_ms)


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """How many points of each series come along from before a stretch and from behind it; at most `MAX_BESIDE` each."""

    before: int = 0
    after: int = 0


EVERY_STEP = StepRange()
NOTHING_BESIDE = Beside()


class Charts:
    """Answers questions of charts."""

    def __init__(self, *, meta: MetaStore, points: WholeSeries) -> None:
        self._meta = meta
        self._points = points

    def buckets(
        self,
        run_ids: Sequence[str],
        paths: Sequence[str],
        *,
        max_buckets: int,
        steps: StepRange = EVERY_STEP,
        times: TimeRange | None = None,
        beside: Beside = NOTHING_BESIDE,
    ) -> list[SeriesAnswer]:
        """Return buckets of every float series that these runs have at these paths, in the order asked for.

        There are more buckets of what lies `beside`; those next to the stretch are single points. So a line goes on to
        the edges, and can be smoothed as if it were whole.

        With `times`, the buckets that touch this stretch of time. It becomes a stretch of steps, so that what is shown
        is as fine as on the step axis.

        Raises:
            BadQuestion: more than `MAX_SERIES` series are asked for.
        """
        _require_few(len(run_ids) * len(paths))
        created_at: dict[str, int] = {}
        if times is not None and times.since_creation:
            created_at = {run.id: run.created_at for run in self._meta.runs(run_ids)}
        answers: list[SeriesAnswer] = []
        for path, of_runs in self._series(run_ids, paths):
            if times is None:
                found = self._downsampled(of_runs, steps, max_buckets)
            else:
                own_times = [times.later_by(created_at.get(run_id, 0)) for run_id, _ in of_runs]
                found = self._in_time(of_runs, steps, own_times, max_buckets)
            if beside != NOTHING_BESIDE:
                found = self._with_beside(of_runs, found, steps if times is None else None, beside)
            answers += [
                SeriesAnswer(run_id=run_id, path=path, buckets=buckets)
                for (run_id, _), buckets in zip(of_runs, found, strict=True)
            ]
        return answers

    def groups(
        self, run_ids: Sequence[str], paths: Sequence[str], *, max_buckets: int, steps: StepRange = EVERY_STEP
    ) -> list[GroupAnswer]:
        """Return for each path that any of the runs has a float series at the runs as one group; see `GroupColumns`.

        Raises:
            BadQuestion: more than `MAX_GROUPED` series are asked for.
        """
        _require_few(len(run_ids) * len(paths), most=MAX_GROUPED)
        max_buckets = min(max_buckets, _ALL_GROUPED_BUCKETS // max(1, len(run_ids)))
        return [
            GroupAnswer(
                path=path,
                run_ids=tuple(run_id for run_id, _ in of_runs),
                columns=group_of(self._downsampled(of_runs, steps, max_buckets), max_buckets),
            )
            for path, of_runs in self._series(run_ids, paths)
            if of_runs
        ]

    def crossings(
        self,
        run_ids: Sequence[str],
        paths: Sequence[str],
        *,
        over: str,
        max_buckets: int,
        steps: StepRange = EVERY_STEP,
    ) -> list[CrossAnswer]:
        """Return every float series at these paths drawn over the run's series at `over`; see `CrossColumns`.

        Raises:
            BadQuestion: more than `MAX_SERIES` series are asked for.
        """
        _require_few(len(run_ids) * (len(paths) + 1))
        [(_, axes)] = self._series(run_ids, [over])
        found = self._downsampled(axes, steps, max_buckets)
        axis_of = {run_id: buckets for (run_id, _), buckets in zip(axes, found, strict=True)}
        answers: list[CrossAnswer] = []
        for path, of_runs in self._series(run_ids, paths):
            drawn = [key for key in of_runs if key[0] in axis_of]
            answers += [
                CrossAnswer(run_id=run_id, path=path, columns=crossed(axis_of[run_id], buckets, max_buckets))
                for (run_id, _), buckets in zip(drawn, self._downsampled(drawn, steps, max_buckets), strict=True)
            ]
        return answers

    def _series(self, run_ids: Sequence[str], paths: Sequence[str]) -> list[tuple[str, list[tuple[str, int]]]]:
        """Return for each path the runs that have a float series there, with its attribute."""
        cells = self._meta.cells(run_ids, paths)
        return [
            (
                path,
                [
                    (run_id, attribute.id)
                    for run_id in run_ids
                    if (attribute := cells.get((run_id, path))) is not None and attribute.kind is Kind.FLOAT_SERIES
                ],
            )
            for path in paths
        ]

    def _downsampled(
        self, series: Sequence[tuple[str, int]], steps: StepRange, max_buckets: int
    ) -> list[BucketColumns]:
        return self._points.downsample_many(
            series, first_step=steps.first, last_step=steps.last, max_buckets=max_buckets
        )

    def _with_beside(
        self,
        series: Sequence[tuple[str, int]],
        found: Sequence[BucketColumns],
        steps: StepRange | None,
        beside: Beside,
    ) -> list[BucketColumns]:
        """Return the buckets with those beside them; of a series that has none here, beside `steps`."""
        stretches: list[tuple[int, float, float]] = []
        """Of which series, from which step to which; in order of step for each."""
        own: list[int] = []
        """How many stretches of each series lie before its buckets, then how many behind."""
        near = max(1, min(_BUCKETS_BESIDE, _ALL_BUCKETS_BESIDE // max(1, len(series))) // 2)
        for number, ((run_id, attribute), buckets) in enumerate(zip(series, found, strict=True)):
            ends = _ends_of(buckets) or steps
            lead = trail = _NO_STEPS
            if ends is not None and beside.before > 0:
                last_step = math.nextafter(ends.first, -math.inf)
                lead = self._points.floats(
                    run_id, attribute, first_step=-math.inf, last_step=last_step, limit=beside.before, from_end=True
                ).steps
            if ends is not None and beside.after > 0:
                first_step = math.nextafter(ends.last, math.inf)
                trail = self._points.floats(
                    run_id, attribute, first_step=first_step, last_step=math.inf, limit=beside.after
                ).steps
            for far_and_near in ((lead[:-near], lead[-near:]), (trail[:near], trail[near:])):
                some = [(number, float(part[0]), float(part[-1])) for part in far_and_near if len(part)]
                stretches += some
                own.append(len(some))
        parts = self._points.downsample_many(
            [series[number] for number, _, _ in stretches],
            first_step=[first for _, first, _ in stretches],
            last_step=[last for _, _, last in stretches],
            max_buckets=max(2, near),
        )
        rest = iter(parts)
        return [
            _joined([*islice(rest, own[2 * number]), buckets, *islice(rest, own[2 * number + 1])])
            for number, buckets in enumerate(found)
        ]

    def _in_time(
        self, series: Sequence[tuple[str, int]], steps: StepRange, times: Sequence[TimeRange], max_buckets: int
    ) -> list[BucketColumns]:
        found: dict[int, BucketColumns] = {}
        ranges = [steps] * len(series)
        waiting = list(range(len(series)))
        while waiting:
            every = self._points.downsample_many(
                [series[number] for number in waiting],
                first_step=[ranges[number].first for number in waiting],
                last_step=[ranges[number].last for number in waiting],
                max_buckets=max_buckets,
            )
            again: list[int] = []
            for number, buckets in zip(waiting, every, strict=True):
                touching = found[number] = _touching(buckets, times[number])
                if not len(touching.step_first):
                    continue
                narrow = StepRange(first=float(touching.step_first[0]), last=float(touching.step_last[-1]))
                # Buckets become finer with each turn, and so their ends come closer; a point is as close as it gets.
                if narrow != ranges[number]:
                    ranges[number] = narrow
                    again.append(number)
            waiting = again
        return [found[number] for number in range(len(series))]


def _touching(buckets: BucketColumns, times: TimeRange) -> BucketColumns:
    """Return the buckets that have a part in the stretch of time; the clock may have gone back within one."""
    begin = np.minimum(buckets.time_first, buckets.time_last)
    end = np.maximum(buckets.time_first, buckets.time_last)
    there = np.flatnonzero((end >= times.first) & (begin <= times.last))
    # As a rule they stand side by side, and a slice of them is no copy.
    are_side_by_side = len(there) > 0 and there[-1] - there[0] + 1 == len(there)
    rows = slice(int(there[0]), int(there[-1]) + 1) if are_side_by_side else there
    return BucketColumns(**{name: getattr(buckets, name)[rows] for name in BucketColumns.__struct_fields__})


_NO_STEPS: Sequence[float] = ()


def _ends_of(buckets: BucketColumns) -> StepRange | None:
    if not len(buckets.step_first):
        return None
    return StepRange(first=float(buckets.step_first[0]), last=float(buckets.step_last[-1]))


def _joined(parts: Sequence[BucketColumns]) -> BucketColumns:
    if len(parts) == 1:
        return parts[0]
    return BucketColumns(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in BucketColumns.__struct_fields__}
    )


def _require_few(series: int, *, most: int = MAX_SERIES) -> None:
    if series > most:
        message = f"{series} series are too many for one question. Ask for at most {most} runs times paths."
        raise BadQuestion(message)
