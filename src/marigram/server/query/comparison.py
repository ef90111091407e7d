"""What several series say together: a group of runs as one band, and one series over another. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.server.query.alignment import Cells, aligned, resampled
from marigram.server.store.points.answers import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray


class GroupColumns(msgspec.Struct, frozen=True, kw_only=True):
    """A group of runs as one line with a band, in order of step, as columns of one length.

    Attributes:
        step: where on the axis.
        mean: of the runs that have begun and not ended here; each run counts once, however often it logs.
        deviation: the sample standard deviation of those runs, 0 for a single one.
        error: the standard error of the mean, `deviation / sqrt(runs)`.
        min, max: the least and the largest value that any of the runs has logged here, so that no peak is hidden.
        runs: how many runs there are here, int64.
    """

    step: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    error: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    runs: NDArray[np.int64]


class CrossColumns(msgspec.Struct, frozen=True, kw_only=True):
    """One series drawn over another, in order of step, as columns of one length.

    Attributes:
        step: where both were logged.
        x: the mean of the series that is the axis; between its steps the straight line.
        mean, min, max: of the series that is drawn.
        count: its points here, int64.
    """

    step: NDArray[np.float64]
    x: NDArray[np.float64]
    mean: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    count: NDArray[np.int64]


def group_of(series: Sequence[BucketColumns], max_cells: int) -> GroupColumns:
    """Return one series of each of several runs as a group.

    The runs may log at different steps: a run that has no point at a step of another counts there with the straight
    line between its neighbours. Before its first and after its last point a run does not count.
    """
    runs = [cells for cells in aligned(series, max_cells) if len(cells.number)]
    if not runs:
        none = np.empty(0)
        return GroupColumns(
            step=none, mean=none, deviation=none, error=none, min=none, max=none, runs=np.empty(0, dtype=np.int64)
        )
    number, step = _union(runs)
    shape = len(runs), len(number)
    values, low, high = np.empty(shape), np.empty(shape), np.empty(shape)
    for row, cells in enumerate(runs):
        at = np.searchsorted(number, cells.number)
        line = resampled(cells, number, step)
        line[at] = np.clip(line[at], cells.min, cells.max)
        values[row], low[row], high[row] = line, line, line
        low[row, at], high[row, at] = cells.min, cells.max
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    least: NDArray[np.float64] = np.fmin.reduce(low, axis=0)
    most: NDArray[np.float64] = np.fmax.reduce(high, axis=0)
    with np.errstate(over="ignore"):
        # Shares before the sum: the sum of finite values can be infinite, their mean cannot. Each cell has a run, or
        # it would not be in the union, so nothing is divided by zero.
        mean = np.clip((np.where(there, values, 0.0) / count).sum(axis=0), least, most)
        squares = (np.where(there, values - mean, 0.0) ** 2).sum(axis=0)
    deviation = np.sqrt(squares / np.maximum(count - 1, 1))
    return GroupColumns(
        step=step,
        mean=mean,
        deviation=deviation,
        error=deviation / np.sqrt(count),
        min=least,
        max=most,
        runs=count.astype(np.int64),
    )


def crossed(x: BucketColumns, y: BucketColumns, max_cells: int) -> CrossColumns:
    """Return `y` over `x`, where `x` had begun and not ended."""
    axis, drawn = aligned([x, y], max_cells)
    number, step = drawn.number, drawn.step
    values = resampled(axis, number, step)
    there = ~np.isnan(values)
    return CrossColumns(
        step=step[there],
        x=values[there],
        mean=drawn.mean[there],
        min=drawn.min[there],
        max=drawn.max[there],
        count=drawn.count[there],
    )


def _union(runs: Sequence[Cells]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the cells that any run has, and for each the mean of the runs' steps in it."""
    numbers = np.concatenate([cells.number for cells in runs])
    number, inverse, count = np.unique(numbers, return_inverse=True, return_counts=True)
    steps = np.concatenate([cells.step for cells in runs])
    step = np.zeros(len(number))
    first, last = np.full(len(number), np.inf), np.full(len(number), -np.inf)
    np.minimum.at(first, inverse, steps)
    np.maximum.at(last, inverse, steps)
    with np.errstate(over="ignore"):
        np.add.at(step, inverse, steps / count[inverse])
    return number, np.clip(step, first, last)
