"""`HeldThinner`: thins the series of the engine in memory; exact, and not fast."""

from __future__ import annotations

import math
import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

from marigram.server.store.points.held import HeldPoint, HeldRun, in_cells
from marigram.server.store.points.port import LEAST_POINTS

FINEST = -1074
COARSEST = 1024
"""2**-1074 is the smallest positive float64; all finite ones are below 2**1024."""


class HeldThinner:
    """See `marigram.server.store.points.port.Thinner`.

    Args:
        lock: held while runs are looked at or changed.
        runs: those of the store, by id.
    """

    def __init__(self, lock: threading.Lock, runs: Mapping[str, HeldRun]) -> None:
        self._lock = lock
        self._runs = runs

    def candidates(self, points: int) -> list[str]:
        """See the port."""
        with self._lock:
            return [run_id for run_id, run in self._runs.items() if _is_due(run, points)]

    def thin(self, run_id: str, *, points: int, after_step: float = -math.inf, rest: Callable[[float], bool]) -> int:
        """See the port.

        Raises:
            ValueError: `points` is below `LEAST_POINTS`.
        """
        if points < LEAST_POINTS:
            message = f"A series is not thinned to {points} points. Keep at least {LEAST_POINTS}."
            raise ValueError(message)
        if rest(0.0):
            return 0
        with self._lock:
            run = self._runs.get(run_id)
            if run is None:
                return 0
            gone = sum(_thin_one(run, attribute, points, after_step) for attribute in run.series)
            run.thinned_to, run.thinned_at = points, run.told[-1][0]
        return gone


def _is_due(run: HeldRun, points: int) -> bool:
    total = sum(isinstance(point.value, float) for series in run.series.values() for point in series.values())
    is_done = run.thinned_to is not None and run.thinned_to <= points and run.told[-1][0] <= run.thinned_at
    return total > points and not is_done


def _thin_one(run: HeldRun, attribute: int, points: int, after_step: float) -> int:
    series = run.series[attribute]
    due = [series[step] for step in sorted(series) if step > after_step]
    if len(due) <= points or not all(isinstance(point.value, float) for point in due):
        return 0
    staying = {point.step for point in _that_stay(due, points)}
    gone = {point.step: point for point in due if point.step not in staying}
    run.thinned_out.setdefault(attribute, {}).update(gone)
    run.series[attribute] = {step: point for step, point in series.items() if step not in gone}
    return len(gone)


def _that_stay(points: Sequence[HeldPoint], most: int) -> list[HeldPoint]:
    def chosen(exponent: int) -> list[HeldPoint]:
        return [point for cell in in_cells(points, exponent) for point in _ends_and_extremes(cell)]

    exponents = range(FINEST, COARSEST + 1)
    fitting = bisect_left(exponents, True, key=lambda exponent: len(chosen(exponent)) <= most)  # noqa: FBT003 the key is a truth
    return chosen(exponents[fitting])


def _ends_and_extremes(cell: Sequence[HeldPoint]) -> list[HeldPoint]:
    finite = [point for point in cell if math.isfinite(point.value)]
    kept = [cell[0], cell[-1]]
    if finite:
        kept += [min(finite, key=_value_of), max(finite, key=_value_of)]
    kept += [point for point in cell if math.isnan(point.value)][:1]
    for infinity in (math.inf, -math.inf):
        kept += [point for point in cell if point.value == infinity][:1]
    return list({point.step: point for point in kept}.values())


def _value_of(point: HeldPoint) -> float:
    return point.value
