"""Buckets of many series at once, from rollups wherever they tell the truth and from points everywhere else.

Each series is a number of pieces. Of a piece that stands alone in its range of steps the coarsest rollup that is fine
enough is taken. Where pieces overlap (points came late, or were written again), or where an end of the range, a cut or
a fork falls into a cell, those cells are answered from the points. So the answer is the one that all points would give,
and no mark has to say what is out of date. Work per series in Python is small; cells of all series are put together in
one go.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Ancestor, Kind
from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.embedded.assembling import Assembly
from marigram.server.store.points.embedded.cells import (
    FINEST,
    NEVER,
    cells_of,
    cells_with_an_end,
    fitting_exponents,
    loose_exponent,
    meetings,
    put_together,
    require_two,
    starts_of,
    taken,
)
from marigram.server.store.points.embedded.columns import empty, overlaid
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.memtable import Memtable
from marigram.server.store.points.embedded.overlaps import are_apart, resolved
from marigram.server.store.points.embedded.piece_cells import CellsKey, KnownCells, PieceCells
from marigram.server.store.points.embedded.piece_points import KnownParts, PartsKey, PiecePoints
from marigram.server.store.points.embedded.pieces import Piece, SeriesKey, held_by_store, pieces_of
from marigram.server.store.points.embedded.recently_used import RecentlyUsed
from marigram.server.store.points.embedded.remembered import RememberedBuckets, freeze
from marigram.server.store.points.embedded.tables import cells_in, table_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POINTS_AT_ONCE = 2_000_000
"""Points without rollups that one pass may hold: 50 MB. Series with more come one pass each."""

_CELLS_BYTES = 32 * 1024 * 1024
"""Cells that were read or made lately: four charts of a hundred runs, or one and what it was zoomed into."""

_PARTS_BYTES = 40 * 1024 * 1024
"""Points where a range of steps began or ended lately: both ends of a hundred runs."""


class Downsampler:
    """Answers `PointStore.downsample` and `downsample_many`; safe from any thread."""

    def __init__(self, *, memtable: Memtable, readers: Readers) -> None:
        self._memtable = memtable
        self._readers = readers
        self._remembered = RememberedBuckets()
        self._known_cells: RecentlyUsed[CellsKey, KnownCells] = RecentlyUsed(most_bytes=_CELLS_BYTES)
        self._known_parts: RecentlyUsed[PartsKey, KnownParts] = RecentlyUsed(most_bytes=_PARTS_BYTES)

    def downsample(
        self,
        series: Sequence[SeriesKey],
        *,
        first_steps: Sequence[float],
        last_steps: Sequence[float],
        max_buckets: int,
        ancestors: Mapping[SeriesKey, Sequence[Ancestor]],
    ) -> list[BucketColumns]:
        """Return buckets of each series, between the two steps of its own.

        Raises:
            ValueError: `max_buckets` is below 2.
            CorruptRowError: a block that is needed is damaged. A damaged rollup is as good as none.
        """
        require_two(max_buckets)
        lines = [[*reversed(ancestors.get(key, ())), Ancestor(run_id=key[0], last_step=float("inf"))] for key in series]
        names = {(each.run_id, key[1]) for key, line in zip(series, lines, strict=True) for each in line}
        in_memory = {name: self._memtable.pieces(*name) for name in names}
        with self._readers.snapshot() as connection:
            held = held_by_store(
                connection,
                in_memory,
                first_step=min(first_steps, default=0.0),
                last_step=max(last_steps, default=0.0),
            )
            pieces = [
                pieces_of(key[1], line, held, first_step=first, last_step=last)
                for key, line, first, last in zip(series, lines, first_steps, last_steps, strict=True)
            ]
            del held, in_memory
            names_of = [_name(own, max_buckets) for own in pieces]
            answers = [None if name is None else self._remembered.get(name) for name in names_of]
            points = PiecePoints(connection, self._known_parts)
            cells = PieceCells(connection, points, self._known_cells)
            for some in _passes([number for number, answer in enumerate(answers) if answer is None], pieces):
                found = _Pass(points, cells, max_buckets).buckets([pieces[number] for number in some])
                self._remembered.put(
                    {
                        name: buckets
                        for number, buckets in zip(some, found, strict=True)
                        if (name := names_of[number]) is not None
                    }
                )
                for number, buckets in zip(some, found, strict=True):
                    answers[number] = buckets
                    pieces[number] = []
        return [answer for answer in answers if answer is not None]


def _name(pieces: Sequence[Piece], max_buckets: int) -> Hashable:
    """Return what an answer can be remembered by; None if points in memory have a part in it."""
    identities = tuple(piece.identity() for piece in pieces)
    return None if None in identities else (max_buckets, identities)


def _passes(numbers: Sequence[int], pieces: Sequence[Sequence[Piece]]) -> Iterator[list[int]]:
    """Yield the series in groups that fit into RAM together."""
    waiting: list[int] = []
    points = 0
    for number in numbers:
        more = sum(piece.points_of_block for piece in pieces[number] if not piece.levels)
        if waiting and points + more > _POINTS_AT_ONCE:
            yield waiting
            waiting, points = [], 0
        points += more
        waiting.append(number)
    if waiting:
        yield waiting


class _Cells(msgspec.Struct, frozen=True):
    """Cells of several series one after the other; `ends` says where each series ends.

    `exponents`: of the widest cell of each; edges between cells are known for this exponent and all larger ones.
    """

    columns: BucketColumns
    ends: NDArray[np.int64]
    exponents: NDArray[np.int64]


class _Pass:
    """Some of the series of one question, seen in one snapshot."""

    def __init__(self, points: PiecePoints, piece_cells: PieceCells, max_buckets: int) -> None:
        self._points = points
        self._piece_cells = piece_cells
        self._max_buckets = max_buckets

    def buckets(self, series: Sequence[list[Piece]]) -> list[BucketColumns]:
        """Return the buckets of each series."""
        series = [self._with_points_where_no_rollups_are(pieces) for pieces in series]
        exponents = [self._first_guess(pieces) for pieces in series]
        answers: dict[int, BucketColumns] = {}
        waiting = list(range(len(series)))
        hurry = 0
        while waiting:
            cells = self._cells([series[number] for number in waiting], [exponents[number] for number in waiting])
            found, guesses = self._fitted(cells)
            again: list[int] = []
            for place, number in enumerate(waiting):
                # Cells that are wider than need be may hide that narrower ones are few enough, too.
                if guesses[place] >= cells.exponents[place] or exponents[number] == FINEST:
                    answers[number] = found[place]
                else:
                    again.append(number)
                    # In steps that grow, for no spacing of points may take many rounds; narrower than need be is right.
                    exponents[number] = max(int(guesses[place]) - hurry, FINEST)
            hurry = 2 * hurry + 1
            waiting = again
        return [answers[number] for number in range(len(series))]

    def _with_points_where_no_rollups_are(self, pieces: list[Piece]) -> list[Piece]:
        for piece in pieces:
            if piece.points is None and not piece.levels:
                piece.hold(self._points(piece))
        return [piece for piece in pieces if piece.count]

    def _first_guess(self, pieces: Sequence[Piece]) -> int:
        """Return an exponent that is not too small for a series, and just right if its steps are evenly spread."""
        if sum(piece.count for piece in pieces) <= self._max_buckets:
            return FINEST
        first = min(max(piece.first, piece.low) for piece in pieces)
        last = max(min(piece.last, piece.high) for piece in pieces)
        return loose_exponent(first, last, self._max_buckets)

    def _cells(self, series: Sequence[Sequence[Piece]], exponents: Sequence[int]) -> _Cells:
        """Return the cells of each series, none wider than 2**exponent."""
        tables = self._piece_cells.of(
            (piece, exponent) for pieces, exponent in zip(series, exponents, strict=True) for piece in pieces
        )
        assembly = Assembly(self._points)
        ends: list[int] = []
        widest: list[int] = []
        for pieces, exponent in zip(series, exponents, strict=True):
            used = FINEST
            in_order = pieces if len(pieces) == 1 else sorted(pieces, key=attrgetter("first"))
            if are_apart(in_order):
                for piece in in_order:
                    found = tables.get(id(piece))
                    if found is None:
                        used = max(used, exponent)
                        # A cell of two slices is put together with those of all series.
                        for some in self._points.slices(piece):
                            assembly.add(table_of(cells_of(some, exponent)))
                    else:
                        used = max(used, found[1])
                        assembly.add_within_limits(found[0], piece)
            else:
                used = max([exponent, *(tables[id(piece)][1] for piece in pieces if id(piece) in tables)])
                assembly.add(table_of(self._resolved(pieces, exponent, tables)))
            ends.append(assembly.length)
            widest.append(used)
        return _Cells(assembly.cells(), np.array(ends, dtype=np.int64), np.array(widest, dtype=np.int64))

    def _resolved(
        self, pieces: Sequence[Piece], exponent: int, tables: Mapping[int, tuple[NDArray[np.int64], int]]
    ) -> BucketColumns:
        for piece in pieces:
            if piece.points is None and id(piece) not in tables:
                piece.hold(self._points(piece))
        kept = [piece for piece in pieces if piece.count]
        if all(piece.points is not None for piece in kept):
            return cells_of(overlaid([self._points(piece) for piece in kept] or [empty(Kind.FLOAT_SERIES)]), exponent)
        cells = [
            cells_of(piece.points, exponent) if piece.points is not None else cells_in(tables[id(piece)][0])
            for piece in kept
        ]
        return resolved(kept, cells, self._points, exponent)

    def _fitted(self, cells: _Cells) -> tuple[list[BucketColumns], NDArray[np.int64]]:
        """Return for each series its buckets, and the exponent that they have if the cells are not too wide for it.

        Where they are too wide, it is an exponent that is not too small instead.
        """
        how_many = len(cells.ends)
        columns = cells.columns
        rows = len(columns.count)
        if not rows:
            return [columns] * how_many, np.full(how_many, FINEST)
        sizes = np.diff(cells.ends, prepend=0)
        owner = np.repeat(np.arange(how_many), sizes)
        exponent = int(cells.exponents[0])
        if exponent > FINEST and bool((sizes <= self._max_buckets).all() and (cells.exponents == exponent).all()):
            # As a rule there is a rollup of just the right width, and the exponents at which cells meet need no look.
            guesses, starts = cells.exponents, starts_of(columns.step_first, exponent, owner)
        else:
            met = np.concatenate((np.zeros(1, dtype=np.int64), meetings(columns.step_first)))
            begins = np.concatenate((np.zeros(1, dtype=np.int64), cells.ends[:-1]))
            met[begins[begins < rows]] = NEVER
            guesses = fitting_exponents(met, owner, cells.exponents, self._max_buckets)
            starts = np.flatnonzero(met > guesses[owner])
        together = put_together(columns, starts)
        freeze(together)
        ends = np.searchsorted(starts, cells.ends)
        found = [
            taken(together, slice(start, stop))
            for start, stop in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)
        ]
        return found, self._finer(cells, owner, guesses, np.diff(ends, prepend=0))

    def _finer(
        self, cells: _Cells, owner: NDArray[np.int64], guesses: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the guesses, and where cells half as wide would be few enough, too, a bound that is not too small.

        Args:
            cells: of all series.
            owner: which series each cell belongs to.
            guesses: the exponent of the buckets of each series.
            counts: how many buckets each series has.
        """
        found = np.array(guesses)
        unsure = guesses <= cells.exponents
        # No two cells within one of the double width are both longer than half of it, and such a one is in both halves.
        halves = np.ldexp(1.0, cells.exponents - 1)
        long = cells.columns.step_last - cells.columns.step_first >= halves[owner]
        apart_at_least = counts + np.bincount(owner[long], minlength=len(counts))
        unsure &= (apart_at_least <= self._max_buckets) | (halves == 0)
        different: set[int] = set(cells.exponents[unsure].tolist())
        for exponent in different:
            some = unsure & (cells.exponents == exponent)
            rows = some[owner]
            columns, own = (cells.columns, owner) if bool(rows.all()) else (taken(cells.columns, rows), owner[rows])
            apart = cells_with_an_end(columns, own, exponent - 1) if len(own) else np.zeros(1, dtype=np.int64)
            for number in np.flatnonzero(some[: len(apart)]):
                if 0 < apart[number] <= self._max_buckets:
                    # Halving all cells doubles their number at the most.
                    finer = exponent - (self._max_buckets // int(apart[number])).bit_length()
                    found[number] = max(finer, FINEST)
        return found
