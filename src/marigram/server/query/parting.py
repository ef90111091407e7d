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
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

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
        before, after: the mean of each over the last window of the steps that both have.
        limit: L, how far two windows may be apart and still be noise.
        last_step: where the comparison ends.
    """

    step: float | None
    differs_at: float | None
    before: float
    after: float
    limit: float
    last_step: float


def parting_of(before: BucketColumns, after: BucketColumns, max_cells: int) -> Parting | None:
    """Return how two series go along with each other; None if they have no steps in common."""
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
    return Parting(
        step=_parted(steps, difference, means, limit),
        differs_at=float(steps[differs[0]]) if len(differs) else None,
        before=_mean(one[-window:]),
        after=_mean(other[-window:]),
        limit=min(2 * limit, float(np.finfo(np.float64).max)),
        last_step=float(steps[-1]),
    )


def _parted(
    steps: NDArray[np.float64], difference: NDArray[np.float64], means: NDArray[np.float64], limit: float
) -> float | None:
    beyond = (np.abs(means) > limit) & (np.sign(means) == np.sign(means[-1]))
    together = np.flatnonzero(~beyond)
    start = int(together[-1]) + 1 if len(together) else 0
    if start == len(means):
        return None
    # The mean of the window is beyond the limit, so at least one cell of it is.
    own = start + int(np.argmax(np.abs(difference[start:]) > limit))
    return float(steps[own])


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
