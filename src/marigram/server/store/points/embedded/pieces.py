"""Which pieces float series are made of: what each block has of them, and what memory has beyond the blocks.

Also what becomes of pieces that overlap. Everything is seen in the caller's snapshot of the file.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import msgspec
import numpy as np

from marigram.model import Ancestor, Kind
from marigram.server.store.points.embedded import memtable
from marigram.server.store.points.embedded.block import OpenBlock
from marigram.server.store.points.embedded.cells import cells_of, joined_cells, taken
from marigram.server.store.points.embedded.columns import Columns, between, empty, joined, overlaid
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.embedded.reading import step_limit, stored_block, unflushed
from marigram.server.store.points.embedded.rollup import LEVEL_STRIDE
from marigram.server.store.points.port import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

SeriesKey = tuple[str, int]
"""A run's id and an attribute."""

_T = TypeVar("_T")

_CHUNK = 400
"""Bound values per query; SQLite's oldest limit is 999."""

_SLICE = 16_384
"""Points whose cells are computed in the processor's cache; fresh memory for more at once takes longer than that."""

# The step bounds of a block are those of all its series: they may admit too many blocks, never too few.
_BLOCKS = """
SELECT block.run, block.number, block.position, block.crc, block.points,
    rollup.exponent, rollup.levels, rollup.step_first, rollup.step_last, rollup.points
FROM block LEFT JOIN rollup ON rollup.block = block.number AND rollup.attribute = ?1
WHERE block.kind = ?2 AND block.attribute_first <= ?1 AND block.attribute_last >= ?1
AND block.step_first <= ?3 AND block.step_last >= ?4 AND block.run IN ({marks})
ORDER BY block.position, block.number
"""


_RUN_OF_BLOCK = "SELECT run_id FROM run JOIN block ON block.run = run.number WHERE block.number = ?"


class Piece:
    """What one block, or memory, has of one series, within the limits `low` to `high` of what is asked.

    `points` is None as long as the block was not decoded; then `first`, `last` and `count` are what its rollup says,
    limits left aside. `levels` is 0 where there is no rollup to be used. `points_of_block` counts those of all series
    in the block; `crc` is the block's.
    """

    __slots__ = (
        "attribute",
        "block",
        "count",
        "crc",
        "exponent",
        "first",
        "high",
        "last",
        "levels",
        "low",
        "points",
        "points_of_block",
    )

    def __init__(self, *, block: int, crc: int, attribute: int, low: float, high: float) -> None:
        self.block = block
        self.crc = crc
        self.attribute = attribute
        self.low = low
        self.high = high
        self.first = self.last = 0.0
        self.count = self.exponent = self.levels = 0
        self.points: Columns | None = None
        self.points_of_block = 0

    def hold(self, points: Columns) -> None:
        """Take the points themselves, all of them within the limits."""
        self.points = points
        self.levels = 0
        self.count = len(points)
        if self.count:
            self.first, self.last = float(points.steps[0]), float(points.steps[-1])

    def identity(self) -> tuple[int, int, int, float, float] | None:
        """Return what says which points these are, for ever; None for points in memory.

        A block's number can be given again when it is gone; its checksum is then another one.
        """
        if not self.block:
            return None
        if self.levels and self.is_within_limits():
            return self.block, self.crc, self.attribute, -math.inf, math.inf
        return self.block, self.crc, self.attribute, self.low, self.high

    def is_within_limits(self) -> bool:
        """Return whether no limit takes anything away."""
        return self.low <= self.first and self.last <= self.high

    def level(self, exponent: int) -> int | None:
        """Return the coarsest level that is not coarser than the exponent; None if only the points are fine enough."""
        if not self.levels or exponent < self.exponent:
            return None
        return min((exponent - self.exponent) // LEVEL_STRIDE, self.levels - 1)


class _Block(msgspec.Struct, frozen=True):
    number: int
    high: float
    crc: int
    points: int
    exponent: int | None
    levels: int | None
    first: float | None
    last: float | None
    own_points: int | None


class Held(msgspec.Struct, frozen=True):
    """What the store has of one series: blocks, the oldest first, and on top of them what is in memory."""

    blocks: Sequence[_Block] = ()
    memory: Columns | None = None


def held_by_store(
    connection: sqlite3.Connection,
    in_memory: Mapping[SeriesKey, Sequence[memtable.Piece]],
    *,
    first_step: float,
    last_step: float,
) -> dict[SeriesKey, Held]:
    """Return what there is of each series that `in_memory` names; that was looked up before the snapshot began."""
    flushed = connection.execute("SELECT flushed FROM progress").fetchone()[0]
    by_attribute: dict[int, list[str]] = {}
    for run_id, attribute in in_memory:
        by_attribute.setdefault(attribute, []).append(run_id)
    found: dict[SeriesKey, Held] = {}
    for attribute, all_run_ids in by_attribute.items():
        for run_ids in chunks(all_run_ids):
            numbers: dict[str, int] = dict(
                connection.execute(
                    f"SELECT run_id, number FROM run WHERE run_id IN ({marks(run_ids)})", run_ids
                ).fetchall()
            )
            blocks = _blocks(connection, attribute, list(numbers.values()), first_step, last_step)
            for run_id in run_ids:
                columns, kept_to = unflushed(in_memory[run_id, attribute], Kind.FLOAT_SERIES, flushed)
                own = () if kept_to == -math.inf else blocks.get(numbers.get(run_id, -1), ())
                if kept_to < math.inf:
                    own = [msgspec.structs.replace(block, high=min(block.high, kept_to)) for block in own]
                found[run_id, attribute] = Held(own, overlaid(columns) if columns else None)
    return found


def _blocks(
    connection: sqlite3.Connection, attribute: int, runs: Sequence[int], first_step: float, last_step: float
) -> dict[int, list[_Block]]:
    some = marks(runs)
    dropped: dict[int, int] = dict(
        connection.execute(
            f"SELECT run, position FROM dropped WHERE attribute = ? AND run IN ({some})", (attribute, *runs)
        ).fetchall()
    )
    cuts: dict[int, list[tuple[int, float]]] = {}
    for run, position, after_step in connection.execute(
        f"SELECT run, position, after_step FROM cut WHERE attribute = ? AND run IN ({some})", (attribute, *runs)
    ):
        cuts.setdefault(run, []).append((position, after_step))
    found: dict[int, list[_Block]] = {}
    values = (attribute, Kind.FLOAT_SERIES.value, last_step, first_step, *runs)
    for run, number, position, *own in connection.execute(_BLOCKS.format(marks=some), values):
        if position >= dropped.get(run, 0):
            high = step_limit(position, cuts[run], math.inf) if run in cuts else math.inf
            found.setdefault(run, []).append(_Block(number, high, *own))
    return found


def pieces_of(
    attribute: int,
    line: Iterable[Ancestor],
    held: Mapping[SeriesKey, Held],
    *,
    first_step: float,
    last_step: float,
) -> list[Piece]:
    """Return the pieces of a series and its history; of two points at one step that in the later piece counts.

    Args:
        attribute: the series.
        line: the runs whose points count, each up to a step, the one that counts most last.
        held: what the store has of each of them.
        first_step: where what is asked begins.
        last_step: where it ends; both are included.
    """
    pieces: list[Piece] = []
    for each in line:
        own = held[each.run_id, attribute]
        high = min(last_step, each.last_step)
        for block in own.blocks:
            piece = Piece(
                block=block.number, crc=block.crc, attribute=attribute, low=first_step, high=min(high, block.high)
            )
            piece.points_of_block = block.points
            if block.exponent is not None and block.levels and block.first is not None and block.last is not None:
                if block.first > piece.high or block.last < piece.low:
                    continue
                piece.first, piece.last = block.first, block.last
                piece.count, piece.exponent, piece.levels = block.own_points or 0, block.exponent, block.levels
            pieces.append(piece)
        if own.memory is not None:
            piece = Piece(block=0, crc=0, attribute=attribute, low=first_step, high=high)
            piece.hold(between(own.memory, first_step, high))
            if piece.count:
                pieces.append(piece)
    return pieces


class PiecePoints:
    """The points of pieces, seen in one snapshot; the block that was decoded last is kept for its next series."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._number = 0
        self._block: OpenBlock | None = None

    def __call__(self, piece: Piece) -> Columns:
        """Return the points of a piece within its limits.

        Raises:
            CorruptRowError: its block is damaged.
        """
        return self.among(piece, np.array([piece.low]), np.array([piece.high]))

    def among(self, piece: Piece, first_steps: NDArray[np.float64], last_steps: NDArray[np.float64]) -> Columns:
        """Return the points of a piece within its limits and stretches of steps, and maybe others within its limits.

        Args:
            piece: whose points are wanted.
            first_steps: where each stretch begins, in rising order.
            last_steps: where it ends; both are included.

        Raises:
            CorruptRowError: its block is damaged.
        """
        parts = list(self._parts(piece, first_steps, last_steps))
        return joined(parts) if parts else empty(Kind.FLOAT_SERIES)

    def slices(self, piece: Piece) -> Iterator[Columns]:
        """Yield the points of a piece within its limits, some thousands at a time.

        Raises:
            CorruptRowError: its block is damaged.
        """
        waiting: list[Columns] = []
        for part in self._parts(piece, np.array([piece.low]), np.array([piece.high])):
            for start in range(0, len(part), _SLICE):
                waiting.append(part.cut(start, start + _SLICE))
                if sum(map(len, waiting)) >= _SLICE:
                    yield joined(waiting)
                    waiting = []
        if waiting:
            yield joined(waiting)

    def _parts(
        self, piece: Piece, first_steps: NDArray[np.float64], last_steps: NDArray[np.float64]
    ) -> Iterator[Columns]:
        if piece.points is not None:
            yield piece.points
            return
        try:
            if self._block is None or self._number != piece.block:
                self._block = stored_block(self._connection, piece.block)
                self._number = piece.block
            low, high = np.maximum(first_steps, piece.low), np.minimum(last_steps, piece.high)
            for part in self._block.parts(piece.attribute, low, high):
                yield between(part, piece.low, piece.high)
        except CorruptRowError as error:
            error.run_id = self._connection.execute(_RUN_OF_BLOCK, (piece.block,)).fetchone()[0]
            error.attribute = piece.attribute
            raise


def are_apart(pieces: Sequence[Piece], rolled: Container[int]) -> bool:
    """Return whether the pieces, in order of their first step, lie one after the other and no limit cuts into a rollup.

    Args:
        pieces: those of one series.
        rolled: the identities of those that are taken from rollups, not from points.
    """
    last = -math.inf
    for piece in pieces:
        if max(piece.first, piece.low) <= last or (id(piece) in rolled and not piece.is_within_limits()):
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


def chunks(values: Sequence[_T]) -> Iterator[list[_T]]:
    """Yield the values in lists that fit into one query."""
    remaining = iter(values)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def marks(values: Sequence[object]) -> str:
    """Return as many question marks for SQL."""
    return ",".join("?" * len(values))
