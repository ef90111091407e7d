"""Which pieces float series are made of: what each block has of them, and what memory has beyond the blocks.

Everything is seen in the caller's snapshot of the file.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

import msgspec

from marigram.model import Ancestor, Kind
from marigram.server.store.points.embedded import memtable
from marigram.server.store.points.embedded.columns import Columns, between, overlaid
from marigram.server.store.points.embedded.reading import step_limit, unflushed
from marigram.server.store.points.embedded.rollup import LEVEL_STRIDE

SeriesKey = tuple[str, int]
"""A run's id and an attribute."""

_T = TypeVar("_T")

_CHUNK = 400
"""Bound values per query; SQLite's oldest limit is 999."""

# The step bounds of a block are those of all its series: they may admit too many blocks, never too few.
_BLOCKS = """
SELECT block.run, block.number, block.position, block.crc, block.points,
    rollup.exponent, rollup.levels, rollup.step_first, rollup.step_last, rollup.points
FROM block LEFT JOIN rollup ON rollup.block = block.number AND rollup.attribute = ?1
WHERE block.kind = ?2 AND block.attribute_first <= ?1 AND block.attribute_last >= ?1
AND block.step_first <= ?3 AND block.step_last >= ?4 AND block.run IN ({marks})
ORDER BY block.position, block.number
"""


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


def chunks(values: Sequence[_T]) -> Iterator[list[_T]]:
    """Yield the values in lists that fit into one query."""
    remaining = iter(values)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def marks(values: Sequence[object]) -> str:
    """Return as many question marks for SQL."""
    return ",".join("?" * len(values))
