"""Buckets of many series at once, from rollups wherever they tell the truth and from points everywhere else.

Each series is a number of pieces. Of a piece that stands alone in its range of steps the coarsest rollup that is fine
enough is taken. Where pieces overlap (points came late, or were written again), or where an end of the range, a cut or
a fork falls into a cell, those cells are answered from the points. So the answer is the one that all points would give,
and no mark has to say what is out of date. Work per series in Python is small; cells of all series are put together in
one go.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Hashable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Ancestor, Kind
from marigram.server.store.points.embedded.cells import (
    FINEST,
    NEVER,
    cells_of,
    cells_with_an_end,
    fitting_exponents,
    joined_cells,
    loose_exponent,
    meetings,
    put_together,
    require_two,
    taken,
)
from marigram.server.store.points.embedded.columns import empty, overlaid
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.memtable import Memtable
from marigram.server.store.points.embedded.pieces import (
    Piece,
    PiecePoints,
    SeriesKey,
    are_apart,
    chunks,
    held_by_store,
    marks,
    pieces_of,
    resolved,
)
from marigram.server.store.points.embedded.remembered import RememberedBuckets
from marigram.server.store.points.embedded.rollup import LEVEL_STRIDE, EncodedCells, crc_of, decode_cells
from marigram.server.store.points.port import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POINTS_AT_ONCE = 2_000_000
"""Points without rollups that one pass may hold: 50 MB. Series with more come one pass each."""

_ROWS = """
SELECT block, crc, shape, time_base, body FROM rollup_cells WHERE level = ? AND attribute = ? AND block IN ({marks})
"""


class Downsampler:
    """Answers `PointStore.downsample` and `downsample_many`; safe from any thread."""

    def __init__(self, *, memtable: Memtable, readers: Readers) -> None:
        self._memtable = memtable
        self._readers = readers
        self._remembered = RememberedBuckets()

    def downsample(
        self,
        series: Sequence[SeriesKey],
        *,
        first_step: float,
        last_step: float,
        max_buckets: int,
        ancestors: Mapping[SeriesKey, Sequence[Ancestor]],
    ) -> list[BucketColumns]:
        """Return buckets of each series.

        Raises:
            ValueError: `max_buckets` is below 2.
            CorruptRowError: a block that is needed is damaged. A damaged rollup is as good as none.
        """
        require_two(max_buckets)
        lines = [[*reversed(ancestors.get(key, ())), Ancestor(run_id=key[0], last_step=float("inf"))] for key in series]
        names = {(each.run_id, key[1]) for key, line in zip(series, lines, strict=True) for each in line}
        in_memory = {name: self._memtable.pieces(*name) for name in names}
        with self._readers.snapshot() as connection:
            held = held_by_store(connection, in_memory, first_step=first_step, last_step=last_step)
            pieces = [
                pieces_of(key[1], line, held, first_step=first_step, last_step=last_step)
                for key, line in zip(series, lines, strict=True)
            ]
            del held, in_memory
            names_of = [_name(own, max_buckets) for own in pieces]
            answers = [None if name is None else self._remembered.get(name) for name in names_of]
            for some in _passes([number for number, answer in enumerate(answers) if answer is None], pieces):
                found = _Pass(connection, max_buckets).buckets([pieces[number] for number in some])
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

    def __init__(self, connection: sqlite3.Connection, max_buckets: int) -> None:
        self._connection = connection
        self._points = PiecePoints(connection)
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
        rolled, places = self._from_rollups(series, exponents)
        sources = [rolled]
        length = len(rolled.count)
        rows: list[tuple[int, int]] = []
        ends: list[int] = []
        widest: list[int] = []

        def add(cells: BucketColumns) -> None:
            nonlocal length
            sources.append(cells)
            rows.append((length, length + len(cells.count)))
            length += len(cells.count)

        end = 0
        for pieces, exponent in zip(series, exponents, strict=True):
            before = len(rows)
            used = FINEST
            in_order = sorted(pieces, key=attrgetter("first"))
            if are_apart(in_order, places):
                for piece in in_order:
                    place = places.get(id(piece))
                    if place is None:
                        used = max(used, exponent)
                        # A cell of two slices is put together with those of all series.
                        for some in self._points.slices(piece):
                            add(cells_of(some, exponent))
                    else:
                        used = max(used, place[2])
                        rows.append(place[:2])
            else:
                used = max([exponent, *(places[id(piece)][2] for piece in pieces if id(piece) in places)])
                add(self._resolved(pieces, exponent, rolled, places))
            end += sum(stop - start for start, stop in rows[before:])
            ends.append(end)
            widest.append(used)
        return _Cells(_assembled(sources, rows), np.array(ends, dtype=np.int64), np.array(widest, dtype=np.int64))

    def _resolved(
        self,
        pieces: Sequence[Piece],
        exponent: int,
        rolled: BucketColumns,
        places: Mapping[int, tuple[int, int, int]],
    ) -> BucketColumns:
        for piece in pieces:
            if piece.points is None and id(piece) not in places:
                piece.hold(self._points(piece))
        kept = [piece for piece in pieces if piece.count]
        if all(piece.points is not None for piece in kept):
            return cells_of(overlaid([self._points(piece) for piece in kept] or [empty(Kind.FLOAT_SERIES)]), exponent)
        cells = [
            cells_of(piece.points, exponent)
            if piece.points is not None
            else taken(rolled, slice(*places[id(piece)][:2]))
            for piece in kept
        ]
        return resolved(kept, cells, self._points, exponent)

    def _from_rollups(
        self, series: Sequence[Sequence[Piece]], exponents: Sequence[int]
    ) -> tuple[BucketColumns, dict[int, tuple[int, int, int]]]:
        """Return cells of pieces that have a rollup fine enough; and by piece where they are, and their exponent."""
        wanted: dict[tuple[int, int], list[Piece]] = {}
        for pieces, exponent in zip(series, exponents, strict=True):
            for piece in pieces:
                if piece.levels and (level := piece.level(exponent)) is not None:
                    wanted.setdefault((piece.attribute, level), []).append(piece)
        rows: list[EncodedCells] = []
        of_row: list[tuple[Piece, int]] = []
        for (attribute, level), pieces in wanted.items():
            stored = self._rows(attribute, level, [piece.block for piece in pieces])
            for piece in pieces:
                row = stored.get(piece.block)
                if row is not None:
                    rows.append(row)
                    of_row.append((piece, piece.exponent + LEVEL_STRIDE * level))
        if not rows:
            return cells_of(empty(Kind.FLOAT_SERIES), FINEST), {}
        cells, places = decode_cells(rows)
        return cells, {id(piece): (*place, exponent) for (piece, exponent), place in zip(of_row, places, strict=True)}

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

    def _fitted(self, cells: _Cells) -> tuple[list[BucketColumns], NDArray[np.int64]]:
        """Return for each series its buckets, and the exponent that they have if the cells are not too wide for it.

        Where they are too wide, it is an exponent that is not too small instead.
        """
        how_many = len(cells.ends)
        columns = cells.columns
        rows = len(columns.count)
        if not rows:
            return [columns] * how_many, np.full(how_many, FINEST)
        owner = np.repeat(np.arange(how_many), np.diff(cells.ends, prepend=0))
        met = np.concatenate((np.zeros(1, dtype=np.int64), meetings(columns.step_first)))
        begins = np.concatenate((np.zeros(1, dtype=np.int64), cells.ends[:-1]))
        met[begins[begins < rows]] = NEVER
        guesses = fitting_exponents(met, owner, cells.exponents, self._max_buckets)
        starts = np.flatnonzero(met > guesses[owner])
        together = put_together(columns, starts)
        ends = np.searchsorted(starts, cells.ends)
        found = [
            taken(together, slice(start, stop))
            for start, stop in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)
        ]
        return found, self._finer(cells, owner, guesses)

    def _finer(self, cells: _Cells, owner: NDArray[np.int64], guesses: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the guesses, and where cells half as wide would be few enough, too, a bound that is not too small."""
        found = np.array(guesses)
        unsure = guesses <= cells.exponents
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


def _assembled(sources: Sequence[BucketColumns], rows: Sequence[tuple[int, int]]) -> BucketColumns:
    """Return the rows of all sources, which are numbered through, in the order in which they are named."""
    every = joined_cells([source for source in sources if len(source.count)] or sources[:1])
    end = 0
    for start, stop in rows:
        if start != end:
            break
        end = stop
    else:
        if end == len(every.count):
            return every
    return taken(every, np.concatenate([np.arange(0), *(np.arange(start, stop) for start, stop in rows)]))
