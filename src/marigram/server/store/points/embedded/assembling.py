"""`Assembly`: cells of many series put side by side; where limits cut a cell, it is made of its points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.embedded.cells import cells_at
from marigram.server.store.points.embedded.columns import Columns, joined
from marigram.server.store.points.embedded.piece_points import PiecePoints
from marigram.server.store.points.embedded.pieces import Piece
from marigram.server.store.points.embedded.tables import cells_in, room_for, side_by_side, steps_of, table_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Assembly:
    """Cells of series one after the other, in the order in which they are added.

    Args:
        points: gives the points of pieces.
    """

    def __init__(self, points: PiecePoints) -> None:
        self.length = 0
        self._points = points
        self._tables: list[NDArray[np.int64]] = []
        self._cut: list[Columns] = []
        self._places: list[int] = []

    def add(self, table: NDArray[np.int64]) -> None:
        """Add cells as they are."""
        self.length += table.shape[1]
        self._tables.append(table)

    def add_within_limits(self, table: NDArray[np.int64], piece: Piece) -> None:
        """Add the cells of a piece that are within its limits; those that a limit cuts are made of their points."""
        firsts, lasts = steps_of(table)
        low, high = piece.low, piece.high
        # The cells of a rollup are all of the piece, and made ones reach beyond its limits.
        if not len(firsts) or (low <= firsts[0] and lasts[-1] <= high):
            self.add(table)
            return
        start, stop = int(lasts.searchsorted(low)), int(firsts.searchsorted(high, side="right"))
        inner_start, inner_stop = start, stop
        if start < stop and firsts[start] < low:
            inner_start += 1
            self._add_cut(piece, low, min(float(lasts[start]), high))
        if inner_start < stop and lasts[stop - 1] > high:
            inner_stop -= 1
        if inner_start < inner_stop:
            self.add(table[:, inner_start:inner_stop])
        if inner_stop < stop:
            self._add_cut(piece, float(firsts[inner_stop]), high)

    def _add_cut(self, piece: Piece, first_step: float, last_step: float) -> None:
        points = self._points.stretch(piece, first_step, last_step)
        if len(points):
            self._places.append(len(self._tables))
            self._cut.append(points)
            # Stands for it: the cells of all series that limits cut are made in one go.
            self.add(room_for(1))

    def cells(self) -> BucketColumns:
        """Return all cells."""
        if self._cut:
            starts = np.cumsum([0, *(len(points) for points in self._cut[:-1])])
            made = table_of(cells_at(joined(self._cut), starts))
            for number, place in enumerate(self._places):
                self._tables[place] = made[:, number : number + 1]
        return cells_in(side_by_side(self._tables))
