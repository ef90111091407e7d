"""`PieceCells`: cells of pieces, from the rollups of their blocks, or from the points where those are a bit too wide.

What was read or made is remembered, so that the next question about the same blocks, with other ends or another number
of buckets, needs neither the file nor the points.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.server.store.points.embedded.block import parts_between
from marigram.server.store.points.embedded.cells import FINEST, cells_of
from marigram.server.store.points.embedded.piece_points import PiecePoints, in_slices
from marigram.server.store.points.embedded.pieces import Piece, chunks, marks
from marigram.server.store.points.embedded.recently_used import RecentlyUsed
from marigram.server.store.points.embedded.rollup import LEVEL_STRIDE, EncodedCells, crc_of, decode_cells
from marigram.server.store.points.embedded.tables import side_by_side, table_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FINER = 2
"""How many times the width of a rollup's finest cells is halved for those that are made: on average they have at least
32 points of a large block, in a sixth of the room that these take in memory."""

_MADE = -1

_ROWS = """
SELECT block, crc, shape, time_base, body FROM rollup_cells WHERE level = ? AND attribute = ? AND block IN ({marks})
"""

CellsKey = tuple[int, int, int, int]
"""A block, its checksum, an attribute, and a level or `_MADE`."""


class KnownCells(msgspec.Struct, frozen=True):
    """Cells of one series in one block: from a rollup, or made of the points of its parts `first` up to `end`.

    `bounds` says where its parts begin.
    """

    table: NDArray[np.int64]
    bounds: Sequence[float] = ()
    first: int = 0
    end: int = 0


class PieceCells:
    """Cells of pieces, seen in one snapshot.

    Args:
        connection: sees the snapshot.
        points: the points of pieces in the same snapshot.
        known: cells that were asked for lately.
    """

    def __init__(
        self, connection: sqlite3.Connection, points: PiecePoints, known: RecentlyUsed[CellsKey, KnownCells]
    ) -> None:
        self._connection = connection
        self._points = points
        self._known = known

    def of(self, wanted: Iterable[tuple[Piece, int]]) -> dict[int, tuple[NDArray[np.int64], int]]:
        """Return by the identity of a piece a table of its cells and the exponent that none is wider than.

        All cells that reach into the limits of the piece are there, and maybe others. Missing are pieces whose rollup
        is much too wide, damaged, or not there at all.

        Args:
            wanted: pieces, each with the largest exponent that its cells may have.

        Raises:
            CorruptRowError: a block whose points are needed is damaged.
        """
        found: dict[int, tuple[NDArray[np.int64], int]] = {}
        unread: dict[tuple[int, int], list[Piece]] = {}
        for piece, exponent in wanted:
            if not piece.levels:
                continue
            level = piece.level(exponent)
            if level is None:
                finer = max(piece.exponent - _FINER, FINEST + 1)
                if exponent >= finer:
                    found[id(piece)] = self._made(piece, finer), finer
                continue
            known = self._known.get((piece.block, piece.crc, piece.attribute, level))
            if known is None:
                unread.setdefault((piece.attribute, level), []).append(piece)
            else:
                found[id(piece)] = known.table, piece.exponent + LEVEL_STRIDE * level
        for (attribute, level), pieces in unread.items():
            self._read(attribute, level, pieces, found)
        return found

    def _read(
        self, attribute: int, level: int, pieces: Sequence[Piece], found: dict[int, tuple[NDArray[np.int64], int]]
    ) -> None:
        stored = self._rows(attribute, level, [piece.block for piece in pieces])
        whole = [piece for piece in pieces if piece.block in stored]
        if not whole:
            return
        every, places = decode_cells([stored[piece.block] for piece in whole])
        for piece, (start, stop) in zip(whole, places, strict=True):
            # A copy, so that forgetting one of them frees its memory.
            table = np.array(every[:, start:stop])
            found[id(piece)] = table, piece.exponent + LEVEL_STRIDE * level
            self._known.put((piece.block, piece.crc, attribute, level), KnownCells(table), size=table.nbytes)

    def _rows(self, attribute: int, level: int, blocks: Sequence[int]) -> dict[int, EncodedCells]:
        """Return by block the cells of those rows that are as they were written."""
        found: dict[int, EncodedCells] = {}
        for some in chunks(blocks):
            rows = self._connection.execute(_ROWS.format(marks=marks(some)), (level, attribute, *some))
            for block, crc, *columns in rows:
                cells = EncodedCells(*columns)
                if crc_of(cells) == crc:
                    found[block] = cells
        return found

    def _made(self, piece: Piece, exponent: int) -> NDArray[np.int64]:
        """Return cells of width 2**exponent of the parts of a piece that its limits reach into."""
        key = (piece.block, piece.crc, piece.attribute, _MADE)
        known = self._known.get(key)
        bounds = self._points.bounds(piece) if known is None else known.bounds
        wanted = parts_between(bounds, piece.low, piece.high)
        if known is not None and known.first <= wanted.start and wanted.stop <= known.end:
            return known.table
        if known is None:
            table = self._cells_of_parts(piece, wanted, exponent)
            made = KnownCells(table, bounds, wanted.start, wanted.stop)
        else:
            before = range(min(wanted.start, known.first), known.first)
            after = range(known.end, max(wanted.stop, known.end))
            table = side_by_side(
                [
                    self._cells_of_parts(piece, before, exponent),
                    known.table,
                    self._cells_of_parts(piece, after, exponent),
                ]
            )
            made = KnownCells(table, bounds, before.start, after.stop)
        self._known.put(key, made, size=table.nbytes)
        return table

    def _cells_of_parts(self, piece: Piece, numbers: range, exponent: int) -> NDArray[np.int64]:
        # A part that a limit cuts is soon needed again, for the points of the cell that is cut.
        is_cut = self._points.parts_that_are_cut(piece)
        parts = (self._points.part(piece, number, again=number in is_cut) for number in numbers)
        # Where a slice or a part ends within a cell there are two cells instead, which is as good.
        return side_by_side([table_of(cells_of(some, exponent)) for some in in_slices(parts)])
