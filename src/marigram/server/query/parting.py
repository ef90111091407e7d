"""Where two curves part: the step from which their difference stays beyond their own noise. Pure.

Both series are put on one grid of cells and compared at the cells of the one that has fewer, over the steps that both
have; the other is a straight line between its cells. With n such cells and d the differences at them:

- The noise of a curve is that of its second differences, in which neither a level nor a steady slope is left:
  s = median |x[i-1] - 2 x[i] + x[i+1]| / (0.6745 sqrt(6)), which is the standard deviation if the noise is normal.
- D[i] is the mean of d over the w cells from i on, w = max(1, n // 20): what is seen by eye is not one point.
- The limit is L = 3 sqrt((s1^2 + s2^2) / w), at least a billionth of the largest value, because rounding
  is no difference.
- The curves part in the first window from which on every |D| is greater than L and has the sign of the last one; there,
  at the first cell whose own |d| is greater than L. Curves that come together again at the end have not parted.
- A curve that is NaN or infinite from some step to its end, where the other one is not, parts there at the latest.

A cell of a long series is many steps wide, and its mean is another one where the series have not logged the same steps.
`sharpened` looks at the points themselves, as far as both series have the same steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import FloatPoints
from marigram.server.query.alignment import aligned, resampled
from marigram.server.store.points.answers import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEVIATIONS = 3.0
"""Normal noise is beyond this once in 370 times."""

_MEDIAN_OF_NORMAL = 0.6745
"""The median of the absolute values of normal noise, in standard deviations."""

_WINDOWS = 20
_SAME = 1e-9
_FEWEST_FOR_NOISE = 3


class Parting(msgspec.Struct, frozen=True, kw_only=True):
    """How two curves go along with each other; see the module for the rule. A step is the middle of a cell.

    Attributes:
        step: where they part; None if they don't.
        differs_at: the first step at which their values are not the same; None if all are.
        before, after: the mean of each over the last window of the steps that both have; the last value of each if
            one of them ends as NaN or infinite.
        limit: L, how far two windows may be apart and still be noise.
        last_step: where the comparison ends.
        near: a stretch of steps with `step` in it; None if they don't part.
        is_lost: whether they part because one of them is NaN or infinite from there on.
        differs_after: a step before `differs_at`.
    """

    step: float | None
    differs_at: float | None
    before: float
    after: float
    limit: float
    last_step: float
    near: tuple[float, float] | None = None
    is_lost: bool = False
    differs_after: float = -math.inf


def parting_of(before: BucketColumns, after: BucketColumns, max_cells: int) -> Parting | None:
    """Return how two series go along with each other; None if they have no steps in common."""
    return _with_lost_end(_finite_parting(before, after, max_cells), before, after)


def sharpened(parting: Parting, points: Callable[[float, float], tuple[FloatPoints, FloatPoints]]) -> Parting:
    """Return the same with steps that both series have.

    Args:
        parting: of two series that part.
        points: returns the first points of both from one step to another, both included.
    """
    if parting.near is None:
        return parting
    step, differs_at = parting.step, parting.differs_at
    _, exact = _first_apart(*points(*parting.near), math.inf if parting.is_lost else parting.limit)
    step = step if exact is None else exact
    there, first = _first_apart(*points(parting.differs_after, math.inf), 0.0)
    if there:
        # None that is looked at differs: cells did because their points are not at the same steps.
        differs_at = first if first is not None else step
    if step is not None and differs_at is not None:
        differs_at = min(differs_at, step)
    return msgspec.structs.replace(parting, step=step, differs_at=differs_at)


def _first_apart(before: FloatPoints, after: FloatPoints, limit: float) -> tuple[bool, float | None]:
    """Return whether there are steps that both have, and the first of them with values further apart than the limit."""
    steps, at, other_at = np.intersect1d(np.asarray(before.steps), np.asarray(after.steps), return_indices=True)
    if not len(steps):
        return False, None
    one = np.asarray(before.values, dtype=np.float64)[at]
    other = np.asarray(after.values, dtype=np.float64)[other_at]
    finite = np.isfinite(one) & np.isfinite(other)
    largest = np.maximum(np.abs(one), np.abs(other))[finite]
    rounding = _SAME * float(np.max(largest, initial=0.0))
    apart = np.isfinite(one) != np.isfinite(other)
    apart[finite] = np.abs(other[finite] / 2 - one[finite] / 2) > max(limit, rounding) / 2
    found = np.flatnonzero(apart)
    return True, float(steps[found[0]]) if len(found) else None


def _with_lost_end(found: Parting | None, before: BucketColumns, after: BucketColumns) -> Parting | None:
    """Return how two series part, where one of them is not finite any more."""
    lost = _lost_from(before), _lost_from(after)
    if (lost[0] is None) == (lost[1] is None):
        return found
    near, other = (lost[0], after) if lost[0] is not None else (lost[1], before)
    known = np.flatnonzero(_finite(other) > 0)
    if near is None or not len(known) or not (other.step_first[0] <= near[1] <= other.step_last[known[-1]]):
        return found
    if found is not None and found.step is not None and found.step <= near[1]:
        parting = found
    else:
        differs = near[1] if found is None or found.differs_at is None else min(near[1], found.differs_at)
        parting = Parting(
            step=near[1],
            differs_at=differs,
            before=0.0,
            after=0.0,
            limit=0.0 if found is None else found.limit,
            last_step=min(float(before.step_last[-1]), float(after.step_last[-1])),
            near=near,
            is_lost=True,
            differs_after=near[0] if found is None or found.differs_at is None else found.differs_after,
        )
    return msgspec.structs.replace(parting, before=float(before.last[-1]), after=float(after.last[-1]))


def _lost_from(buckets: BucketColumns) -> tuple[float, float] | None:
    """Return the last step that may have a finite value, and the first after it; None if a series ends finite."""
    if not len(buckets.last) or math.isfinite(buckets.last[-1]):
        return None
    known = np.flatnonzero(_finite(buckets) > 0)
    if not len(known):
        return float(buckets.step_first[0]), float(buckets.step_first[0])
    last = int(known[-1])
    end = buckets.step_first[last + 1] if last + 1 < len(buckets.last) else buckets.step_last[last]
    return float(buckets.step_first[last]), float(end)


def _finite(buckets: BucketColumns) -> NDArray[np.int64]:
    return buckets.count - buckets.nan_count - buckets.inf_count


def _finite_parting(before: BucketColumns, after: BucketColumns, max_cells: int) -> Parting | None:
    first, second = aligned([before, after], max_cells)
    grid = first if len(first.number) <= len(second.number) else second
    one, other = resampled(first, grid.number, grid.step), resampled(second, grid.number, grid.step)
    there = ~(np.isnan(one) | np.isnan(other))
    steps, one, other = grid.step[there], one[there], other[there]
    if not len(steps):
        return None
    window = max(1, len(steps) // _WINDOWS)
    # Halves, because the difference of two finite values can be infinite.
    difference = other / 2 - one / 2
    means = _running_mean(difference, window)
    rounding = _SAME * max(float(np.max(np.abs(one))), float(np.max(np.abs(other)))) / 2
    limit = max(_DEVIATIONS * math.hypot(_noise(one / 2), _noise(other / 2)) / math.sqrt(window), rounding)
    differs = np.flatnonzero(np.abs(difference) > rounding)
    parted = _parted(difference, means, limit)
    around = np.concatenate([[-math.inf], steps, [math.inf]])
    return Parting(
        step=None if parted is None else float(steps[parted]),
        differs_at=float(steps[differs[0]]) if len(differs) else None,
        before=_mean(one[-window:]),
        after=_mean(other[-window:]),
        limit=min(2 * limit, float(np.finfo(np.float64).max)),
        last_step=float(steps[-1]),
        near=None if parted is None else (float(around[parted]), float(around[parted + 2])),
        differs_after=float(around[differs[0]]) if len(differs) else -math.inf,
    )


def _parted(difference: NDArray[np.float64], means: NDArray[np.float64], limit: float) -> int | None:
    beyond = (np.abs(means) > limit) & (np.sign(means) == np.sign(means[-1]))
    together = np.flatnonzero(~beyond)
    start = int(together[-1]) + 1 if len(together) else 0
    if start == len(means):
        return None
    # The mean of the window is beyond the limit, so at least one cell of it is.
    return start + int(np.argmax(np.abs(difference[start:]) > limit))


def _noise(values: NDArray[np.float64]) -> float:
    if len(values) < _FEWEST_FOR_NOISE:
        return 0.0
    quarters = values / 4
    second = quarters[:-2] - 2 * quarters[1:-1] + quarters[2:]
    return 4 * float(np.median(np.abs(second))) / (_MEDIAN_OF_NORMAL * math.sqrt(6))


def _running_mean(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    shares = np.lib.stride_tricks.sliding_window_view(values / window, window)
    return shares.sum(axis=1)


def _mean(values: NDArray[np.float64]) -> float:
    return float((values / len(values)).sum())
