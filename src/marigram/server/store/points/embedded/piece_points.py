"""`PiecePoints`: the points of pieces, from memory or from blocks, as far as they are asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Kind
from marigram.server.store.points.embedded.block import OpenBlock, parts_between, parts_with
from marigram.server.store.points.embedded.columns import Columns, between, empty, joined
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.embedded.pieces import Piece
from marigram.server.store.points.embedded.reading import stored_block
from marigram.server.store.points.embedded.recently_used import RecentlyUsed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SLICE = 16_384
"""Points whose cells are computed in the processor's cache; fresh memory for more at once takes longer than that."""

_POINT_BYTES = 24

_RUN_OF_BLOCK = "SELECT run_id FROM run JOIN block ON block.run = run.number WHERE block.number = ?"

PartsKey = tuple[int, int, int]
"""A block, its checksum, and an attribute."""


class KnownParts(msgspec.Struct, frozen=True):
    """What was seen lately of one series in one block: where its parts are, and the points of some of them."""

    bounds: Sequence[float]
    points: Mapping[int, Columns]


class PiecePoints:
    """The points of pieces, seen in one snapshot; the block that was read last is kept for its next series.

    Args:
        connection: sees the snapshot.
        known: parts of series that were decoded lately.
    """

    def __init__(self, connection: sqlite3.Connection, known: RecentlyUsed[PartsKey, KnownParts]) -> None:
        self._connection = connection
        self._known = known
        self._number = 0
        self._block: OpenBlock | None = None

    def __call__(self, piece: Piece) -> Columns:
        """Return the points of a piece within its limits.

        Raises:
            CorruptRowError: its block is damaged.
        """
        return self.stretch(piece, piece.low, piece.high)

    def stretch(self, piece: Piece, first_step: float, last_step: float) -> Columns:
        """Return the points of a piece between two steps, which are within its limits; both are included.

        Raises:
            CorruptRowError: its block is damaged.
        """
        if piece.points is not None:
            return between(piece.points, first_step, last_step)
        known = self._known.get(_key(piece))
        bounds = self.bounds(piece) if known is None else known.bounds
        numbers = parts_between(bounds, first_step, last_step)
        if known is not None and len(numbers) == 1 and (part := known.points.get(numbers.start)) is not None:
            return between(part, first_step, last_step)
        parts = [between(self.part(piece, number, again=True), first_step, last_step) for number in numbers]
        return joined(parts) if parts else empty(Kind.FLOAT_SERIES)

    def among(self, piece: Piece, first_steps: NDArray[np.float64], last_steps: NDArray[np.float64]) -> Columns:
        """Return the points of a piece within its limits and stretches of steps, and maybe others within its limits.

        Args:
            piece: whose points are wanted.
            first_steps: where each stretch begins, in rising order.
            last_steps: where it ends; both are included.

        Raises:
            CorruptRowError: its block is damaged.
        """
        if piece.points is not None:
            return piece.points
        low, high = np.maximum(first_steps, piece.low), np.minimum(last_steps, piece.high)
        numbers = parts_with(self.bounds(piece), low, high)
        parts = [between(self.part(piece, number, again=True), piece.low, piece.high) for number in numbers]
        return joined(parts) if parts else empty(Kind.FLOAT_SERIES)

    def slices(self, piece: Piece) -> Iterator[Columns]:
        """Yield the points of a piece within its limits, some thousands at a time.

        Raises:
            CorruptRowError: its block is damaged.
        """
        if piece.points is not None:
            yield from in_slices([piece.points])
            return
        numbers = parts_between(self.bounds(piece), piece.low, piece.high)
        yield from in_slices(between(self.part(piece, number), piece.low, piece.high) for number in numbers)

    def bounds(self, piece: Piece) -> Sequence[float]:
        """Return where the parts of a piece begin that is in a block; see `OpenBlock.bounds`.

        Raises:
            CorruptRowError: its block is damaged.
        """
        known = self._known.get(_key(piece))
        return self._opened(piece).bounds(piece.attribute) if known is None else known.bounds

    def parts_that_are_cut(self, piece: Piece) -> set[int]:
        """Return the parts of a piece that is in a block that its limits may go through, at most two.

        Raises:
            CorruptRowError: its block is damaged.
        """
        bounds = self.bounds(piece)
        limits = [step for step in (piece.low, piece.high) if piece.first < step < piece.last]
        return {number for step in limits for number in parts_between(bounds, step, step)}

    def part(self, piece: Piece, number: int, *, again: bool = False) -> Columns:
        """Return one part of a piece that is in a block, limits left aside.

        Args:
            piece: whose points are wanted.
            number: of the part, from 0.
            again: whether the same may soon be asked for once more.

        Raises:
            CorruptRowError: its block is damaged.
        """
        known = self._known.get(_key(piece))
        if known is not None and (found := known.points.get(number)) is not None:
            return found
        try:
            block = self._opened(piece)
            found = block.part(piece.attribute, number)
        except CorruptRowError as error:
            raise self._with_the_series(error, piece) from None
        if again:
            bounds = block.bounds(piece.attribute) if known is None else known.bounds
            points: Mapping[int, Columns] = {} if known is None else known.points
            # What a slab has of other series is not kept.
            copied = Columns(np.array(found.steps), np.array(found.times), np.array(found.values))
            points = {**points, number: copied}
            size = sum(_POINT_BYTES * len(each) for each in points.values())
            self._known.put(_key(piece), KnownParts(bounds, points), size=size)
        return found

    def _opened(self, piece: Piece) -> OpenBlock:
        try:
            if self._block is None or self._number != piece.block:
                self._block = stored_block(self._connection, piece.block)
                self._number = piece.block
        except CorruptRowError as error:
            raise self._with_the_series(error, piece) from None
        return self._block

    def _with_the_series(self, error: CorruptRowError, piece: Piece) -> CorruptRowError:
        error.run_id = self._connection.execute(_RUN_OF_BLOCK, (piece.block,)).fetchone()[0]
        error.attribute = piece.attribute
        return error


def in_slices(parts: Iterable[Columns]) -> Iterator[Columns]:
    """Yield the points of parts, some thousands at a time."""
    waiting: list[Columns] = []
    for part in parts:
        for start in range(0, len(part), _SLICE):
            waiting.append(part.cut(start, start + _SLICE))
            if sum(map(len, waiting)) >= _SLICE:
                yield joined(waiting)
                waiting = []
    if waiting:
        yield joined(waiting)


def _key(piece: Piece) -> PartsKey:
    return piece.block, piece.crc, piece.attribute
