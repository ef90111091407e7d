"""Buckets of several series on one grid of cells, so that they can be compared step by step. Pure.

The edges of a bucket are multiples of a power of two, so every bucket lies within one cell of any coarser power. The
grid is the finest one of which that is true for all buckets and that has no more cells than wanted. Where all series
together have few different steps, each step is a cell of its own and nothing is lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.server.store.points.answers import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COARSEST = 1024
"""All finite float64 are below 2**1024: two cells are left, the negative steps and the others."""

_FINEST = -1074
_LARGEST_SCALED = 1020
"""Exponent up to which steps are scaled; beyond, different steps could become the same infinity."""


class Cells(msgspec.Struct, frozen=True, kw_only=True):
    """One series on a grid, one row per cell that holds a finite value, as columns of one length.

    Attributes:
        number: which cell, ascending; whole numbers as float64.
        step: the middle between the first and the last step in the cell.
        mean, min, max: over the finite values in the cell.
        count: how many values are finite, int64.
    """

    number: NDArray[np.float64]
    step: NDArray[np.float64]
    mean: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    count: NDArray[np.int64]


def aligned(series: Sequence[BucketColumns], max_cells: int) -> list[Cells]:
    """Return the series on one grid of at most `max_cells` cells, at least 2."""
    exponent = _exponent(series, max_cells)
    return [_cells(buckets, exponent) for buckets in series]


def resampled(cells: Cells, number: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of a series at the cells `number` whose steps are `step`, both ascending.

    Between its cells a series is the straight line between their means; before its first cell and after its last one
    it is NaN.
    """
    if not len(cells.number):
        return np.full(len(number), np.nan)
    # Rounding could put a value on the line just outside its ends.
    values = np.clip(np.interp(step, cells.step, cells.mean), cells.mean.min(), cells.mean.max())
    values[(number < cells.number[0]) | (number > cells.number[-1])] = np.nan
    return values


def numbers_of(steps: NDArray[np.float64], exponent: int) -> NDArray[np.float64]:
    """Return in which cells of width 2**exponent the steps are; the exponent is at least `_finest(steps)`."""
    with np.errstate(under="ignore"):
        scaled = np.ldexp(steps, -exponent)
    number = np.floor(scaled)
    # A tiny negative step can become -0.0 when it is scaled; it still belongs to the cell below zero.
    number[(scaled == 0) & (steps < 0)] = -1
    return number


def _exponent(series: Sequence[BucketColumns], max_cells: int) -> int:
    firsts = np.concatenate([np.empty(0), *(buckets.step_first for buckets in series)])
    lasts = np.concatenate([np.empty(0), *(buckets.step_last for buckets in series)])

    def fits(exponent: int) -> bool:
        numbers = numbers_of(firsts, exponent)
        whole = bool(np.array_equal(numbers, numbers_of(lasts, exponent)))
        return whole and len(np.unique(numbers)) <= max_cells

    low, high = max(_FINEST, _finest(firsts), _finest(lasts)) - 1, _COARSEST
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle
    return high


def _finest(steps: NDArray[np.float64]) -> int:
    largest = float(np.max(np.abs(steps), initial=0.0))
    return math.frexp(largest)[1] - _LARGEST_SCALED


def _cells(buckets: BucketColumns, exponent: int) -> Cells:
    """Return the buckets put together by cell; those without a finite value are left out."""
    finite = buckets.count - buckets.nan_count - buckets.inf_count
    some = finite > 0
    number = numbers_of(buckets.step_first[some], exponent)
    starts = np.flatnonzero(np.append(True, number[1:] != number[:-1])) if len(number) else np.empty(0, dtype=np.int64)
    ends = np.append(starts[1:], len(number)) - 1 if len(number) else starts
    count = np.add.reduceat(finite[some], starts) if len(starts) else np.empty(0, dtype=np.int64)
    if not len(starts):
        none = np.empty(0)
        return Cells(number=none, step=none, mean=none, min=none, max=none, count=count)
    # Shares before the sum: the sum of finite values can be infinite, their mean cannot.
    share = finite[some] / np.repeat(count, np.diff(np.append(starts, len(number))))
    return Cells(
        number=number[starts],
        step=buckets.step_first[some][starts] / 2 + buckets.step_last[some][ends] / 2,
        mean=np.add.reduceat(buckets.mean[some] * share, starts),
        min=np.minimum.reduceat(buckets.min[some], starts),
        max=np.maximum.reduceat(buckets.max[some], starts),
        count=count,
    )
