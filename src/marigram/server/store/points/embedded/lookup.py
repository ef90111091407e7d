"""`StepLookup`: the value that a float series has at a step, of many runs in one go.

Of each series only that part is decoded in which the step is. Runs are looked at some hundreds at a time, each of these
times in a snapshot of its own, so that a look at all runs of a project keeps nobody from tidying the file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from marigram.model import Ancestor
from marigram.server.store.points.answers import FloatColumn
from marigram.server.store.points.embedded.block import parts_between
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.embedded.memtable import Memtable
from marigram.server.store.points.embedded.piece_points import KnownParts, PartsKey, PiecePoints
from marigram.server.store.points.embedded.pieces import Piece, chunks, held_by_store, pieces_of
from marigram.server.store.points.embedded.recently_used import RecentlyUsed

_Point = tuple[float, float]
"""A step and the value there."""


class StepLookup:
    """Answers `PointStore.values_at`; safe from any thread."""

    def __init__(self, *, memtable: Memtable, readers: Readers) -> None:
        self._memtable = memtable
        self._readers = readers

    def values(
        self,
        run_ids: Sequence[str],
        attribute: int,
        steps: Sequence[float],
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]],
    ) -> FloatColumn:
        """Return what a series has at a step or, if there is none, at the last one before; a row for each run."""
        there = np.zeros(len(run_ids), np.bool_)
        value = np.full(len(run_ids), np.nan)
        for rows in chunks(range(len(run_ids))):
            some = [(run_ids[row], steps[row]) for row in rows]
            for row, found in zip(rows, self._some(some, attribute, ancestors), strict=True):
                if found is not None:
                    there[row], value[row] = True, found[1]
        return FloatColumn(there=there, value=value)

    def _some(
        self,
        asked: Sequence[tuple[str, float]],
        attribute: int,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]],
    ) -> list[_Point | None]:
        lines = [
            [*reversed(ancestors.get((run_id, attribute), ())), Ancestor(run_id=run_id, last_step=math.inf)]
            for run_id, _ in asked
        ]
        names = {(each.run_id, attribute) for line in lines for each in line}
        in_memory = {name: self._memtable.pieces(*name) for name in names}
        with self._readers.snapshot() as connection:
            furthest = max(step for _, step in asked)
            held = held_by_store(connection, in_memory, first_step=-math.inf, last_step=furthest)
            # Nothing is asked for twice, so nothing is kept.
            nothing_known: RecentlyUsed[PartsKey, KnownParts] = RecentlyUsed(most_bytes=0)
            points = PiecePoints(connection, nothing_known)
            return [
                _last(points, pieces_of(attribute, line, held, first_step=-math.inf, last_step=step))
                for line, (_, step) in zip(lines, asked, strict=True)
            ]


def _last(points: PiecePoints, pieces: Sequence[Piece]) -> _Point | None:
    """Return the last point of a series that is made of these pieces, None if it has none.

    None, too, where a block is damaged: a table of runs is not to fail for one series, and who looks at it is told.
    """
    found: _Point | None = None
    for piece in reversed(pieces):
        if found is not None and piece.levels and piece.last <= found[0]:
            continue
        try:
            own = _last_within(points, piece)
        except CorruptRowError:
            return None
        # Of two points at one step that of the later piece counts, which was looked at first.
        if own is not None and (found is None or own[0] > found[0]):
            found = own
    return found


def _last_within(points: PiecePoints, piece: Piece) -> _Point | None:
    """Return the last point of a piece within its limits.

    Raises:
        CorruptRowError: its block is damaged.
    """
    if piece.points is not None:
        return (float(piece.points.steps[-1]), float(piece.points.values[-1])) if piece.count else None
    # That a part begins before a step does not mean that it has a point there.
    for number in reversed(parts_between(points.bounds(piece), piece.low, piece.high)):
        part = points.part(piece, number)
        at = int(part.steps.searchsorted(piece.high, side="right"))
        if at:
            return float(part.steps[at - 1]), float(part.values[at - 1])
    return None
