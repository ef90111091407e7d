"""Which points of a float series stay when it is thinned: the ends and the extremes of each cell.

Cells have the width 2**k, with the smallest k that leaves no more points than wanted. What stays of wide cells stays
of the narrower ones within them, too, so thinning twice is thinning once, and a series can be thinned piece by piece.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marigram.server.store.points.embedded.cells import COARSEST, FINEST, meetings
from marigram.server.store.points.embedded.columns import Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray


def thinned(columns: Columns, points: int) -> Columns:
    """Return those of ordered points that stay if no more than `points` are to stay; see `LEAST_POINTS` of the port.

    That is of each cell the first and the last, the first of the least and of the largest finite values, the first
    NaN, and the first of each infinity.
    """
    if len(columns) <= points:
        return columns
    met = meetings(columns.steps)
    narrow, wide = FINEST, COARSEST
    while narrow < wide:
        middle = (narrow + wide) // 2
        if len(_rows_that_stay(columns.values, met, middle)) > points:
            narrow = middle + 1
        else:
            wide = middle
    rows = _rows_that_stay(columns.values, met, wide)
    return Columns(columns.steps[rows], columns.times[rows], columns.values[rows])


def _rows_that_stay(values: NDArray[np.float64], met: NDArray[np.int64], exponent: int) -> NDArray[np.int64]:
    begins = np.append(True, met > exponent)
    starts = np.flatnonzero(begins)
    cell = np.cumsum(begins) - 1
    finite = np.isfinite(values)
    low = np.minimum.reduceat(np.where(finite, values, np.inf), starts)
    high = np.maximum.reduceat(np.where(finite, values, -np.inf), starts)
    wanted = (
        finite & (values == low[cell]),
        finite & (values == high[cell]),
        np.isnan(values),
        values == np.inf,
        values == -np.inf,
    )
    found = [starts, np.append(starts[1:], len(values)) - 1]
    for each in wanted:
        rows = np.flatnonzero(each)
        found.append(rows[np.flatnonzero(np.diff(cell[rows], prepend=-1))])
    return np.unique(np.concatenate(found))
