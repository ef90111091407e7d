"""`RunComparer`: what changed between two runs, as one ranked list. Stateless; any thread.

Throughput is the mean step rate, in steps per second, of the shared series with the most points: its steps divided by
the time between its first and its last point, pauses included. A rate is another one if it is a twentieth apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from marigram.model import File, FloatPoints, Kind
from marigram.server.query.answers import BadQuestion
from marigram.server.query.differences import WEIGHTS, Area, RunDifference, differences_of, size_of
from marigram.server.query.parting import Parting, parting_of, sharpened
from marigram.server.query.series import WholeSeries
from marigram.server.store.blobs.port import BlobStore, CorruptBlobError
from marigram.server.store.meta.port import Attribute, MetaStore
from marigram.server.store.points.answers import BucketColumns

MOST_SERIES = 200
"""Shared series that are compared; each is two series to read."""

MOST_ATTRIBUTES = 100_000
"""Of each run, in the order of their paths."""

MOST_DIFFERENCES = 500

_MOST_CELLS = 400
_MOST_POINTS = 4000
"""Points of a series that are looked at one by one to find a step; a cell rarely has as many."""

_SERIES_AT_ONCE = 50
_MOST_TEXT_BYTES = 1 << 20
_MOST_TEXTS = 60
_RATE_SHARE = 0.05


class DifferencesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What changed, what weighs most first.

    Attributes:
        differences: at most `MOST_DIFFERENCES`.
        left_out: how many more there are.
        series_alike: shared metrics whose curves do not part.
        series_left_out: shared metrics that were not compared, because there are too many.
        is_whole: all attributes were compared; false if a run has more than `MOST_ATTRIBUTES`.
    """

    differences: list[RunDifference]
    left_out: int
    series_alike: int
    series_left_out: int
    is_whole: bool


class RunComparer:
    """Compares two runs."""

    def __init__(
        self, *, meta: MetaStore, points: WholeSeries, blobs: BlobStore, most_attributes: int = MOST_ATTRIBUTES
    ) -> None:
        self._meta = meta
        self._points = points
        self._blobs = blobs
        self._most = most_attributes

    def differences(self, run_id: str, baseline_id: str) -> DifferencesAnswer:
        """Return what changed from the baseline to the run; both exist.

        Raises:
            BadQuestion: they are one run.
        """
        if run_id == baseline_id:
            message = "A run does not differ from itself. Choose another one to compare it with."
            raise BadQuestion(message)
        (before, all_before), (after, all_after) = self._attributes(baseline_id), self._attributes(run_id)
        found = differences_of(before, after, _Texts(self._blobs).read)
        shared = _shared_series(before, after)
        curves = list(self._curves(baseline_id, run_id, shared[:MOST_SERIES]))
        alike = 0
        for (_, old_id, new_id), (path, old, new) in zip(shared, curves, strict=False):
            parting = parting_of(old, new, _MOST_CELLS)
            if parting is None or parting.step is None:
                alike += parting is not None
                continue
            read = partial(self._first_points, (baseline_id, old_id), (run_id, new_id))
            found.append(_metric(path, sharpened(parting, read)))
        rate = _rate_difference(curves)
        if rate is not None:
            found.append(rate)
        found.sort(key=lambda each: (-each.weight, each.area.value, each.path))
        return DifferencesAnswer(
            differences=found[:MOST_DIFFERENCES],
            left_out=max(0, len(found) - MOST_DIFFERENCES),
            series_alike=alike,
            series_left_out=max(0, len(shared) - MOST_SERIES),
            is_whole=all_before and all_after,
        )

    def _attributes(self, run_id: str) -> tuple[Sequence[Attribute], bool]:
        """Return the attributes of a run that are compared, and whether these are all."""
        found = self._meta.attributes(run_id, limit=self._most + 1)
        return found[: self._most], len(found) <= self._most

    def _first_points(
        self, before: tuple[str, int], after: tuple[str, int], first: float, last: float
    ) -> tuple[FloatPoints, FloatPoints]:
        def some(run_id: str, attribute: int) -> FloatPoints:
            return self._points.floats(run_id, attribute, first_step=first, last_step=last, limit=_MOST_POINTS)

        return some(*before), some(*after)

    def _curves(
        self, before: str, after: str, shared: Sequence[tuple[str, int, int]]
    ) -> Iterator[tuple[str, BucketColumns, BucketColumns]]:
        for start in range(0, len(shared), _SERIES_AT_ONCE):
            some = shared[start : start + _SERIES_AT_ONCE]
            keys = [key for _, old, new in some for key in ((before, old), (after, new))]
            found = self._points.downsample_many(
                keys, first_step=-math.inf, last_step=math.inf, max_buckets=_MOST_CELLS
            )
            for (path, _, _), old, new in zip(some, found[::2], found[1::2], strict=True):
                yield path, old, new


class _Texts:
    """Reads a bounded number of small texts."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._left = _MOST_TEXTS

    def read(self, file: File) -> str | None:
        """Return the text of a file; None if it is large, no text, not there, or one too many."""
        if file.size > _MOST_TEXT_BYTES or self._left == 0:
            return None
        self._left -= 1
        try:
            content = b"".join(self._blobs.read(file.sha256))
        except (FileNotFoundError, CorruptBlobError):
            return None
        try:
            return content.decode()
        except UnicodeDecodeError:
            return None


def _shared_series(before: Sequence[Attribute], after: Sequence[Attribute]) -> list[tuple[str, int, int]]:
    """Return path and both attribute ids of the float series that both have, but for those of the machine."""
    old = {each.path: each.id for each in before if each.kind is Kind.FLOAT_SERIES}
    return [
        (each.path, old[each.path], each.id)
        for each in after
        if each.kind is Kind.FLOAT_SERIES and each.path in old and not each.path.startswith("monitoring/")
    ]


def _metric(path: str, parting: Parting) -> RunDifference:
    return RunDifference(
        area=Area.METRICS,
        path=path,
        before=parting.before,
        after=parting.after,
        weight=WEIGHTS[Area.METRICS] * size_of(parting.before, parting.after),
        parting=parting,
    )


def _rate_difference(curves: Sequence[tuple[str, BucketColumns, BucketColumns]]) -> RunDifference | None:
    best: tuple[int, str, float, float] | None = None
    for path, old, new in curves:
        before, after = _steps_per_second(old), _steps_per_second(new)
        points = min(int(old.count.sum()), int(new.count.sum()))
        if before is not None and after is not None and (best is None or points > best[0]):
            best = points, path, before, after
    if best is None:
        return None
    _, path, before, after = best
    if abs(after - before) <= _RATE_SHARE * max(before, after):
        return None
    return RunDifference(
        area=Area.THROUGHPUT,
        path=path,
        before=before,
        after=after,
        weight=WEIGHTS[Area.THROUGHPUT] * size_of(before, after),
        details=(f"{after / before:.3g} times as many steps per second",),
    )


def _steps_per_second(buckets: BucketColumns) -> float | None:
    if not len(buckets.step_first):
        return None
    steps = float(buckets.step_last[-1]) - float(buckets.step_first[0])
    seconds = (float(buckets.time_last[-1]) - float(buckets.time_first[0])) / 1000
    rate = steps / seconds if seconds > 0 else math.inf
    return rate if 0 < rate < math.inf else None
