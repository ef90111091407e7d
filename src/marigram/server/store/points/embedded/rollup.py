"""Rows of `rollup` and `rollup_cells`: one series in one block of floats as cells, at up to three levels of coarseness.

They are written in the transaction that writes its block and go with it, so they are never out of date. What later
points, drops and cuts do to the block is for the reader to see to. A body is one column after the other, little-endian
and each no wider than it has to be, so that the columns of many rows are put together without a look at a single cell.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from marigram.server.store.points.embedded.cells import COARSEST, FINEST, cells_of, meetings, put_together
from marigram.server.store.points.embedded.columns import Columns
from marigram.server.store.points.embedded.tables import COLUMNS, WHOLE_NUMBERS, room_for, side_by_side
from marigram.server.store.points.port import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = 3
LEVEL_STRIDE = 3
"""Each level's cells are eight times as wide as those of the one before."""

_LOW_BITS = 2**32 - 1

_FLOATS = ("", "<f4", "<f8")
_INTS = ("", "<u1", "<u2", "<u4", "<i8")
"""What a width of 0, 1, 2... stands for; 0 is a column of zeros, which takes no room."""


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


def rollup_of(attribute: int, columns: Columns, style: RollupStyle) -> Rollup | None:
    """Return the rollup of one series in a block; None if it has few points there."""
    if len(columns) < style.least_points:
        return None
    exponent = _finest_worth_it(columns.steps, style.points_per_cell)
    levels = [cells_of(columns, exponent)]
    while len(levels) < LEVELS and len(levels[-1].count) >= style.least_cells:
        wider = exponent + LEVEL_STRIDE * len(levels)
        if wider > COARSEST:
            break
        levels.append(_coarser(levels[-1], wider))
    return Rollup(
        attribute=attribute,
        exponent=exponent,
        step_first=float(columns.steps[0]),
        step_last=float(columns.steps[-1]),
        points=len(columns),
        levels=[encode_cells(cells) for cells in levels],
    )


def crc_of(cells: EncodedCells) -> int:
    """Return the checksum that a row of these cells has to have."""
    return zlib.crc32(cells.body, zlib.crc32(cells.shape) ^ (cells.time_base & _LOW_BITS))


def _finest_worth_it(steps: NDArray[np.float64], points_per_cell: int) -> int:
    """Return the largest exponent that leaves no more than so many points per cell on average."""
    edges = -(-len(steps) // points_per_cell) - 1
    if edges < 1:
        return COARSEST
    met = meetings(steps)
    place = len(met) - edges
    return max(int(np.partition(met, place)[place]) - 1, FINEST)


def _coarser(cells: BucketColumns, exponent: int) -> BucketColumns:
    apart = np.flatnonzero(meetings(cells.step_first) > exponent) + 1
    return put_together(cells, np.concatenate((np.zeros(1, dtype=np.int64), apart)))


def encode_cells(cells: BucketColumns) -> EncodedCells:
    """Return cells, at least one, as bytes."""
    base = min(int(cells.time_first.min()), int(cells.time_last.min()))
    if max(int(cells.time_first.max()), int(cells.time_last.max())) - base >= 2**32:
        base = 0
    shape: list[int] = []
    body: list[bytes] = []
    for name in COLUMNS:
        column = getattr(cells, name)
        if name in _TIMES:
            column = column - base
        width = _float_width(column) if column.dtype.kind == "f" else _int_width(column)
        shape.append(width)
        if width:
            body.append(column.astype(_dtype(name, width)).tobytes())
    return EncodedCells(bytes(shape), base, b"".join(body))


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


def _float_width(column: NDArray[np.float64]) -> int:
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = column.astype(np.float32).astype(np.float64)
    return 1 if bool((narrow.view(np.int64) == column.view(np.int64)).all()) else 2


def _int_width(column: NDArray[np.int64]) -> int:
    low, high = int(column.min()), int(column.max())
    if low < 0:
        return 4
    return next((width for width, limit in enumerate((0, 2**8 - 1, 2**16 - 1, 2**32 - 1)) if high <= limit), 4)
