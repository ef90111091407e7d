"""Rows of `rollup` and `rollup_cells`: one series in one block of floats as cells, at up to three levels of coarseness.

They are written in the transaction that writes its block and go with it, so they are never out of date. What later
points, drops and cuts do to the block is for the reader to see to. A body is one column after the other, little-endian
and each no wider than it has to be, so that the columns of many rows are put together without a look at a single cell.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.embedded.cells import COARSEST, FINEST, cells_at, meetings, put_together, taken
from marigram.server.store.points.embedded.floats import FloatsWrite
from marigram.server.store.points.embedded.tables import COLUMNS, WHOLE_NUMBERS, room_for, side_by_side

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = 3
LEVEL_STRIDE = 3
"""Each level's cells are eight times as wide as those of the one before."""

_LOW_BITS = 2**32 - 1

_FLOATS = ("", "<f4", "<f8")
_INTS = ("", "<u1", "<u2", "<u4", "<i8")
"""What a width of 0, 1, 2... stands for; 0 is a column of zeros, which takes no room."""

_LARGEST = (0, 2**8 - 1, 2**16 - 1, 2**32 - 1)
"""The largest number that has each width; larger ones, and those below zero, have the width after the last."""

_WIDE = 2**32
"""Times that are so far apart, in milliseconds, are counted from 0."""


class RollupStyle(msgspec.Struct, frozen=True, kw_only=True):
    """How fine rollups are.

    Attributes:
        points_per_cell: on average at the finest level, at the most. A cell takes about forty bytes.
        least_points: of a series in a block; fewer are decoded about as fast as their cells are found.
        least_cells: a level that has fewer is not made coarser.
    """

    points_per_cell: int = 128
    least_points: int = 512
    least_cells: int = 16


class EncodedCells(msgspec.Struct, frozen=True):
    """Cells as bytes.

    Attributes:
        shape: how wide each column is.
        time_base: what times are counted from.
        body: one column after the other.
    """

    shape: bytes
    time_base: int
    body: bytes


class Rollup(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of one series of a block; `exponent` is that of the first of the levels, the finest."""

    attribute: int
    exponent: int
    step_first: float
    step_last: float
    points: int
    levels: Sequence[EncodedCells]


def rollups_of(block: FloatsWrite, style: RollupStyle) -> list[Rollup]:
    """Return the rollups of the series in a block, each in order of step; none of those that have few points there.

    All series are worked on together: a block can have a hundred of them, which alone would each take as long.
    """
    long = block.chosen(block.counts >= style.least_points)
    if long is None:
        return []
    steps, counts = long.columns.steps, long.counts
    met = meetings(steps)
    exponents = _finest_worth_it(steps, met, long.bounds, style.points_per_cell)
    starts = _starts(met, exponents, counts)
    cells = cells_at(long.columns, starts)
    first_cells = np.searchsorted(starts, long.bounds[:-1])
    levels: list[list[EncodedCells]] = [[each] for each in encode_cells(cells, first_cells)]
    numbers, cell_counts = np.arange(len(counts)), np.diff(first_cells, append=len(starts))
    wider = exponents
    for _ in range(LEVELS - 1):
        wider = wider + LEVEL_STRIDE
        goes_on = (cell_counts >= style.least_cells) & (wider <= COARSEST)
        if not bool(goes_on.any()):
            break
        cells = taken(cells, np.repeat(goes_on, cell_counts))
        numbers, wider, cell_counts = numbers[goes_on], wider[goes_on], cell_counts[goes_on]
        starts = _starts(meetings(cells.step_first), wider, cell_counts)
        first_cells = np.searchsorted(starts, np.cumsum(cell_counts) - cell_counts)
        cells = put_together(cells, starts)
        cell_counts = np.diff(first_cells, append=len(starts))
        for number, each in zip(numbers.tolist(), encode_cells(cells, first_cells), strict=True):
            levels[number].append(each)
    return [
        Rollup(attribute=attribute, exponent=exponent, step_first=first, step_last=last, points=count, levels=own)
        for attribute, exponent, first, last, count, own in zip(
            long.attributes.tolist(),
            exponents.tolist(),
            steps[long.bounds[:-1]].tolist(),
            steps[long.bounds[1:] - 1].tolist(),
            counts.tolist(),
            levels,
            strict=True,
        )
    ]


def _starts(met: NDArray[np.int64], exponents: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where the cells of series begin, whose width each series has for itself."""
    begins = np.empty(len(met) + 1, dtype=np.bool_)
    np.greater(met, np.repeat(exponents, counts)[1:], out=begins[1:])
    begins[np.cumsum(counts) - counts] = True
    return np.flatnonzero(begins)


def crc_of(cells: EncodedCells) -> int:
    """Return the checksum that a row of these cells has to have."""
    return zlib.crc32(cells.body, zlib.crc32(cells.shape) ^ (cells.time_base & _LOW_BITS))


def _finest_worth_it(
    steps: NDArray[np.float64], met: NDArray[np.int64], bounds: NDArray[np.int64], points_per_cell: int
) -> NDArray[np.int64]:
    """Return for each series the largest exponent that leaves no more than so many points per cell on average."""
    found: list[int] = []
    ends = bounds.tolist()
    before = steps[:0]
    for start, stop in pairwise(ends):
        edges = -(-(stop - start) // points_per_cell) - 1
        if found and np.array_equal(before, steps[start:stop]):
            # Series that are logged together have the same steps.
            found.append(found[-1])
        elif edges < 1:
            found.append(COARSEST)
        else:
            own = met[start : stop - 1]
            place = len(own) - edges
            found.append(max(int(np.partition(own, place)[place]) - 1, FINEST))
        before = steps[start:stop]
    return np.array(found, dtype=np.int64)


def encode_cells(cells: BucketColumns, starts: NDArray[np.int64]) -> list[EncodedCells]:
    """Return the cells of many series as bytes; those of each, at least one, begin at one of `starts`."""
    ends = np.append(starts[1:], len(cells.count))
    base, span = _time_span(cells, starts)
    base[span >= _WIDE] = 0
    bases = np.repeat(base, ends - starts)
    shapes = np.empty((len(starts), len(COLUMNS)), dtype=np.uint8)
    pieces: list[list[bytes]] = []
    places = list(zip(starts.tolist(), ends.tolist(), strict=True))
    for number, name in enumerate(COLUMNS):
        column = getattr(cells, name)
        if name in _TIMES:
            column = column - bases
        widths = _float_widths(column, starts) if column.dtype.kind == "f" else _int_widths(column, starts)
        shapes[:, number] = widths
        pieces.append(_column_pieces(name, column, widths.tolist(), places))
    shape_bytes, width = shapes.tobytes(), len(COLUMNS)
    return [
        EncodedCells(shape_bytes[at * width : (at + 1) * width], time_base, b"".join(own))
        for at, (time_base, own) in enumerate(zip(base.tolist(), zip(*pieces, strict=True), strict=True))
    ]


def _time_span(cells: BucketColumns, starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return the smallest time of each series, and how far the largest is from it."""
    low = np.minimum.reduceat(np.minimum(cells.time_first, cells.time_last), starts)
    high = np.maximum.reduceat(np.maximum(cells.time_first, cells.time_last), starts)
    # What does not fit 64 bits with a sign fits 64 without.
    return low, (high - low).view(np.uint64)


def _column_pieces(
    name: str, column: NDArray[Any], widths: Sequence[int], places: Sequence[tuple[int, int]]
) -> list[bytes]:
    """Return the bytes of one column of each series, as wide as that series has it."""
    narrowed: dict[int, tuple[int, bytes]] = {0: (0, b"")}
    for width in {*widths} - {0}:
        dtype = _dtype(name, width)
        with np.errstate(over="ignore", invalid="ignore"):
            narrowed[width] = dtype.itemsize, column.astype(dtype).tobytes()
    pieces: list[bytes] = []
    for width, (start, stop) in zip(widths, places, strict=True):
        size, plain = narrowed[width]
        pieces.append(plain[start * size : stop * size])
    return pieces


def decode_cells(rows: Sequence[EncodedCells]) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    """Return a table of the cells of many rows, at least one, and for each row where its cells begin and end."""
    alike: dict[bytes, list[int]] = {}
    for number, row in enumerate(rows):
        alike.setdefault(row.shape, []).append(number)
    pieces: list[NDArray[np.int64]] = []
    places = [(0, 0)] * len(rows)
    start = 0
    for shape, numbers in alike.items():
        bodies = [memoryview(rows[number].body) for number in numbers]
        cell_bytes = sum(dtype.itemsize for dtype in _dtypes(shape) if dtype is not None)
        counts = [len(body) // cell_bytes for body in bodies]
        for number, count in zip(numbers, counts, strict=True):
            places[number] = start, start + count
            start += count
        bases = np.array([rows[number].time_base for number in numbers], dtype=np.int64)
        pieces.append(_table(bodies, counts, _dtypes(shape), bases))
    return side_by_side(pieces), places


def _table(
    bodies: Sequence[memoryview],
    counts: Sequence[int],
    dtypes: Sequence[np.dtype[Any] | None],
    bases: NDArray[np.int64],
) -> NDArray[np.int64]:
    table = room_for(sum(counts))
    begin = 0
    for row, name, dtype in zip(table, COLUMNS, dtypes, strict=True):
        if dtype is None:
            row[:] = 0
            continue
        end = begin + dtype.itemsize
        of_all = b"".join([body[begin * n : end * n] for body, n in zip(bodies, counts, strict=True)])
        column = row if name in WHOLE_NUMBERS else row.view(np.float64)
        column[:] = np.frombuffer(of_all, dtype=dtype)
        begin = end
    base = np.repeat(bases, counts)
    for name in _TIMES:
        table[COLUMNS.index(name)] += base
    return table


_TIMES = ("time_first", "time_last")


def _dtypes(shape: bytes) -> list[np.dtype[Any] | None]:
    """Return how each column is stored; None is a column of zeros."""
    return [_dtype(name, width) if width else None for name, width in zip(COLUMNS, shape, strict=True)]


def _dtype(name: str, width: int) -> np.dtype[Any]:
    return np.dtype((_INTS if name in WHOLE_NUMBERS else _FLOATS)[width])


def _float_widths(column: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = column.astype(np.float32).astype(np.float64)
    is_same = narrow.view(np.int64) == column.view(np.int64)
    return np.where(np.logical_and.reduceat(is_same, starts), 1, 2)


def _int_widths(column: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    low, high = np.minimum.reduceat(column, starts), np.maximum.reduceat(column, starts)
    return np.where(low < 0, len(_LARGEST), np.searchsorted(_LARGEST, high))
