"""Points of one series from blocks and memory together.

A read takes what is in memory first and then one snapshot of the file. Generations that the snapshot has in its blocks
already are left out of what memory gave, so the answer is one committed state, although no lock is held while disk is
read.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np

from marigram.model import Ancestor, Kind
from marigram.server.store.points.embedded.block import OpenBlock, opened
from marigram.server.store.points.embedded.columns import Columns, between, empty, overlaid, up_to
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.errors import naming_the_series
from marigram.server.store.points.embedded.memtable import Memtable, Piece

_HEAD = """
SELECT run.number, progress.flushed, coalesce(dropped.position, 0)
FROM progress
LEFT JOIN run ON run.run_id = :run_id
LEFT JOIN dropped ON dropped.run = run.number AND dropped.attribute = :attribute
"""

# The step bounds are those of all series in a block: they may admit too many blocks, never too few.
_PLACES = """
SELECT number, step_first, step_last, position FROM block
WHERE run = :run AND kind = :kind AND attribute_first <= :attribute AND attribute_last >= :attribute
AND step_first <= :last_step AND step_last >= :first_step AND position >= :dropped
ORDER BY position, number
"""

_CUTS = "SELECT position, after_step FROM cut WHERE run = ? AND attribute = ?"

_BODY = "SELECT crc, body FROM block WHERE number = ?"

_Place = tuple[int, float, float]


class SeriesReader:
    """Reads series; safe from any thread."""

    def __init__(self, *, memtable: Memtable, readers: Readers) -> None:
        self._memtable = memtable
        self._readers = readers

    def read(
        self,
        run_id: str,
        attribute: int,
        kind: Kind,
        *,
        first_step: float,
        last_step: float,
        limit: int | None = None,
        from_end: bool = False,
        ancestors: Sequence[Ancestor] = (),
    ) -> Columns:
        """Return the points of the series between two steps, both included, in order of step.

        With `limit`, no more than that are returned, the first ones or the last ones, and blocks that can have no
        part in the answer are not decoded.

        Raises:
            CorruptRowError: a block that is needed is damaged.
        """
        line = [*reversed(ancestors), Ancestor(run_id=run_id, last_step=math.inf)]
        found = [
            self._own(
                each.run_id,
                attribute,
                kind,
                first_step=first_step,
                last_step=min(last_step, each.last_step),
                limit=limit,
                from_end=from_end,
            )
            for each in line
        ]
        return _limited(overlaid(found) if ancestors else found[0], limit, from_end=from_end)

    @naming_the_series
    def _own(
        self,
        run_id: str,
        attribute: int,
        kind: Kind,
        *,
        first_step: float,
        last_step: float,
        limit: int | None,
        from_end: bool,
    ) -> Columns:
        """Return what one run has itself, as `read` does."""
        pieces = self._memtable.pieces(run_id, attribute)
        with self._readers.snapshot() as connection:
            values = {"run_id": run_id, "attribute": attribute}
            run, flushed, dropped = connection.execute(_HEAD, values).fetchone()
            in_memory, kept_to = unflushed(pieces, kind, flushed)
            memory = [between(overlaid(in_memory), first_step, last_step)] if in_memory else []
            places: list[_Place] = []
            limits: dict[int, float] = {}
            if run is not None and kept_to > -math.inf:
                values = {
                    "run": run,
                    "kind": kind.value,
                    "attribute": attribute,
                    "first_step": first_step,
                    "last_step": last_step,
                    "dropped": dropped,
                }
                rows = connection.execute(_PLACES, values).fetchall()
                cuts: list[tuple[int, float]] = connection.execute(_CUTS, (run, attribute)).fetchall()
                limits = {number: step_limit(position, cuts, kept_to) for number, _, _, position in rows}
                places = [(number, first, min(last, limits[number])) for number, first, last, _ in rows]
            from_blocks: dict[int, Columns] = {}
            for number, step in _in_order_of_need(places, limit, from_end=from_end):
                if limit is not None:
                    found = _assembled(kind, places, from_blocks, memory)
                    if _settled(found, step, from_end=from_end) >= limit:
                        break
                last = min(last_step, limits[number])
                own = series_in_block(connection, number, attribute, kind, first_step=first_step, last_step=last)
                from_blocks[number] = between(own, first_step, last)
        return _limited(_assembled(kind, places, from_blocks, memory), limit, from_end=from_end)


def _limited(found: Columns, limit: int | None, *, from_end: bool) -> Columns:
    if limit is None or len(found) <= limit:
        return found
    return found.cut(len(found) - limit, len(found)) if from_end else found.cut(0, limit)


def step_limit(position: int, cuts: Iterable[tuple[int, float]], kept_to: float) -> float:
    """Return the step up to which a block that was flushed at `position` counts."""
    return min([kept_to, *(after_step for at, after_step in cuts if position < at)])


def unflushed(pieces: Iterable[Piece], kind: Kind, flushed: int) -> tuple[list[Columns], float]:
    """Return what memory has beyond the blocks, and the step up to which blocks count; -inf: not at all."""
    columns: list[Columns] = []
    kept_to = math.inf
    for piece in pieces:
        if piece.first <= flushed:
            continue
        if piece.dropped:
            columns, kept_to = [], -math.inf
        elif piece.kept_to < math.inf:
            columns = [up_to(each, piece.kept_to) for each in columns]
            kept_to = min(kept_to, piece.kept_to)
        if piece.kind is kind:
            columns.extend(piece.parts)
    return columns, kept_to


def _in_order_of_need(places: list[_Place], limit: int | None, *, from_end: bool) -> list[tuple[int, float]]:
    """Return the blocks as they are to be decoded, each with the step that it and those after it do not go beyond."""
    if limit is None:
        return [(number, 0.0) for number, _, _ in places]
    if from_end:
        return [(number, last) for number, _, last in sorted(places, key=lambda place: place[2], reverse=True)]
    return [(number, first) for number, first, _ in sorted(places, key=lambda place: place[1])]


def _settled(found: Columns, step: float, *, from_end: bool) -> int:
    """Return how many of the points stand before `step` (after it, from the end), where nothing more can come."""
    if from_end:
        return int((found.steps > step).sum())
    return int((found.steps < step).sum())


def _assembled(kind: Kind, places: list[_Place], from_blocks: dict[int, Columns], memory: list[Columns]) -> Columns:
    """Return the points of blocks, in their order of age, and of memory on top."""
    pieces = [from_blocks[number] for number, _, _ in places if number in from_blocks]
    return overlaid([*pieces, *memory]) if pieces or memory else empty(kind)


def stored_block(connection: sqlite3.Connection, number: int) -> OpenBlock:
    """Return one block, to look into.

    Raises:
        CorruptRowError: the block is damaged.
    """
    crc, body = connection.execute(_BODY, (number,)).fetchone()
    return opened(number, crc, body)


def series_in_block(
    connection: sqlite3.Connection,
    number: int,
    attribute: int,
    kind: Kind,
    *,
    first_step: float = -math.inf,
    last_step: float = math.inf,
) -> Columns:
    """Return what one block holds of a series between two steps, and maybe more.

    Raises:
        CorruptRowError: the block is damaged.
    """
    block = stored_block(connection, number)
    columns = block.series(attribute, np.array([first_step]), np.array([last_step]))
    return empty(kind) if columns is None else columns
