"""Pieces of a series that overlap, or that a limit cuts: which they are, and what their cells are then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.embedded.cells import cells_of, joined_cells, taken
from marigram.server.store.points.embedded.columns import Columns, overlaid
from marigram.server.store.points.embedded.piece_points import PiecePoints
from marigram.server.store.points.embedded.pieces import Piece

if TYPE_CHECKING:
    from numpy.typing import NDArray


def are_apart(pieces: Sequence[Piece]) -> bool:
    """Return whether the pieces of one series, in order of their first step, lie one after the other."""
    last = -math.inf
    for piece in pieces:
        if max(piece.first, piece.low) <= last:
            return False
        last = min(piece.last, piece.high)
    return True


def resolved(
    pieces: Sequence[Piece],
    cells: Sequence[BucketColumns],
    points_of: PiecePoints,
    exponent: int,
) -> BucketColumns:
    """Return the cells of pieces that overlap or are cut by limits, in order of step and without overlap.

    Cells that others reach into, or that a limit cuts, are made anew from the points, no wider than 2**exponent.

    Args:
        pieces: in their order of precedence.
        cells: those of each piece, limits left aside.
        points_of: gives points of a piece, within its limits.
        exponent: of the new cells.
    """
    every = joined_cells(cells)
    owner = np.repeat(np.arange(len(pieces)), [len(each.count) for each in cells])
    low, high = np.array([piece.low for piece in pieces])[owner], np.array([piece.high for piece in pieces])[owner]
    seen = np.flatnonzero((every.step_last >= low) & (every.step_first <= high))
    order = seen[np.argsort(every.step_first[seen], kind="stable")]
    first, last = every.step_first[order], every.step_last[order]
    is_cut = (first < low[order]) | (last > high[order])
    # A knot is a number of cells each of which overlaps with another one of them; most are of one cell.
    begins = np.append(True, first[1:] > np.maximum.accumulate(last)[:-1]) if len(order) else np.empty(0, dtype=bool)
    knot = np.cumsum(begins) - 1
    from_points = (np.bincount(knot) > 1) | (np.bincount(knot, is_cut) > 0)
    knot_first = first[begins]
    knot_last = np.maximum.reduceat(last, np.flatnonzero(begins)) if len(order) else knot_first
    stretches = knot_first[from_points], knot_last[from_points]
    redone = from_points[knot]
    chosen: list[Columns] = []
    needed: set[int] = set(owner[order[redone]].tolist())
    for number in sorted(needed):
        points = points_of.among(pieces[number], *stretches)
        inside = from_points[_knots(points.steps, knot_first)]
        chosen.append(Columns(points.steps[inside], points.times[inside], points.values[inside]))
    result = taken(every, order[~redone])
    if chosen:
        points = overlaid(chosen)
        result = joined_cells([result, cells_of(points, exponent, _knots(points.steps, knot_first))])
        result = taken(result, np.argsort(result.step_first, kind="stable"))
    return result


def _knots(steps: NDArray[np.float64], knot_first: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.searchsorted(knot_first, steps, side="right") - 1
