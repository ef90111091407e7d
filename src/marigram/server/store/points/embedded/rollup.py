"""Rows of the table `rollup`: cells of one series in one block of floats, at up to three levels of coarseness.

A row is written in the transaction that writes its block and goes with it, so it is never out of date. What later
points, drops and cuts do to the block is for the reader to see to. A body is a head, which says how wide each column
is, and then one record per cell, little-endian, so that the bodies of many rows put together are one array.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from marigram.server.store.points.embedded.cells import FINEST, cells_of, joined_cells, meetings, put_together
from marigram.server.store.points.embedded.columns import Columns
from marigram.server.store.points.port import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = 3
LEVEL_STRIDE = 3
"""Each level's cells are eight times as wide as those of the one before."""

_POINTS_PER_CELL = 128
"""On average at the finest level, at the most. A cell takes about forty bytes."""

_LEAST_POINTS = 512
"""Of a series in a block; fewer are decoded about as fast as their cells are found."""

_LEAST_CELLS = 16
"""A level with fewer is not made coarser."""

_HEAD = struct.Struct("<12Bq")
"""The width of each column, and what all times are counted from."""

_FLOATS = ("", "<f4", "<f8")
_INTS = ("", "<u1", "<u2", "<u4", "<i8")
"""What a width of 0, 1, 2... stands for; 0 is a column of zeros, which takes no room."""

_Record = list[tuple[str, str]]


class Rollup(msgspec.Struct, frozen=True, kw_only=True):
    """A row, but for the number of its block. `levels`: how many rows the series has in this block."""

    level: int
    attribute: int
    exponent: int
    levels: int
    step_first: float
    step_last: float
    points: int
    crc: int
    body: bytes


def rollups_of(attribute: int, columns: Columns) -> Iterator[Rollup]:
    """Yield the rows of one series in a block, the finest first; none if it has few points there."""
    if len(columns) < _LEAST_POINTS:
        return
    exponent = _finest_worth_it(columns.steps)
    levels = [cells_of(columns, exponent)]
    while len(levels) < LEVELS and len(levels[-1].count) >= _LEAST_CELLS:
        levels.append(_coarser(levels[-1], exponent + LEVEL_STRIDE * len(levels)))
    for level, cells in enumerate(levels):
        body = encode_cells(cells)
        yield Rollup(
            level=level,
            attribute=attribute,
            exponent=exponent + LEVEL_STRIDE * level,
            levels=len(levels),
            step_first=float(columns.steps[0]),
            step_last=float(columns.steps[-1]),
            points=len(columns),
            crc=zlib.crc32(body),
            body=body,
        )


def _finest_worth_it(steps: NDArray[np.float64]) -> int:
    """Return the largest exponent that leaves no more than `_POINTS_PER_CELL` on average."""
    met = meetings(steps)
    edges = -(-len(steps) // _POINTS_PER_CELL) - 1
    place = len(met) - edges
    return max(int(np.partition(met, place)[place]) - 1, FINEST)


def _coarser(cells: BucketColumns, exponent: int) -> BucketColumns:
    apart = np.flatnonzero(meetings(cells.step_first) > exponent) + 1
    return put_together(cells, np.concatenate((np.zeros(1, dtype=np.int64), apart)))


def encode_cells(cells: BucketColumns) -> bytes:
    """Return cells, at least one, as the body of a row."""
    base = min(int(cells.time_first.min()), int(cells.time_last.min()))
    span = max(int(cells.time_first.max()), int(cells.time_last.max())) - base
    if span >= 2**32:
        base = 0
    widths: list[int] = []
    columns: list[Any] = []
    for name in BucketColumns.__struct_fields__:
        column = getattr(cells, name)
        if name in {"time_first", "time_last"}:
            column = column - base
        columns.append(column)
        widths.append(_float_width(column) if column.dtype.kind == "f" else _int_width(column))
    records = np.empty(len(cells.count), dtype=_record(widths))
    for name, width, column in zip(BucketColumns.__struct_fields__, widths, columns, strict=True):
        if width:
            records[name] = column
    return _HEAD.pack(*widths, base) + records.tobytes()


def decode_cells(bodies: Sequence[bytes]) -> tuple[BucketColumns, list[tuple[int, int]]]:
    """Return the cells of many bodies, at least one, and for each body where its cells begin and end.

    Raises:
        ValueError, IndexError, struct.error: a body is not what `encode_cells` made.
    """
    alike: dict[bytes, list[int]] = {}
    for number, body in enumerate(bodies):
        alike.setdefault(bytes(body[:12]), []).append(number)
    pieces: list[BucketColumns] = []
    places = [(0, 0)] * len(bodies)
    start = 0
    for widths, numbers in alike.items():
        record = np.dtype(_record(widths))
        counts: list[int] = []
        for number in numbers:
            count, rest = divmod(len(bodies[number]) - _HEAD.size, record.itemsize)
            if rest or count < 1:
                message = f"{len(bodies[number])} bytes are no whole number of cells"
                raise ValueError(message)
            places[number] = start, start + count
            counts.append(count)
            start += count
        records = np.frombuffer(b"".join([bodies[number][_HEAD.size :] for number in numbers]), dtype=record)
        bases = [_HEAD.unpack_from(bodies[number])[-1] for number in numbers]
        pieces.append(_columns(records, np.repeat(np.array(bases, dtype=np.int64), counts)))
    return joined_cells(pieces), places


def _columns(records: NDArray[np.void], base: NDArray[np.int64]) -> BucketColumns:
    names = records.dtype.names or ()
    columns: dict[str, Any] = {}
    for name in BucketColumns.__struct_fields__:
        kind = np.int64 if name in _WHOLE else np.float64
        column: NDArray[Any] = records[name].astype(kind) if name in names else np.zeros(len(records), dtype=kind)
        if name in {"time_first", "time_last"}:
            column += base
        columns[name] = column
    return BucketColumns(**columns)


_WHOLE = frozenset({"time_first", "time_last", "count", "nan_count", "inf_count"})


def _record(widths: Iterable[int]) -> _Record:
    fields: _Record = []
    for name, width in zip(BucketColumns.__struct_fields__, widths, strict=True):
        if width:
            fields.append((name, (_INTS if name in _WHOLE else _FLOATS)[width]))
    return fields


def _float_width(column: NDArray[np.float64]) -> int:
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = column.astype(np.float32).astype(np.float64)
    return 1 if bool((narrow.view(np.int64) == column.view(np.int64)).all()) else 2


def _int_width(column: NDArray[np.int64]) -> int:
    low, high = int(column.min()), int(column.max())
    if low < 0:
        return 4
    return next((width for width, limit in enumerate((0, 2**8 - 1, 2**16 - 1, 2**32 - 1)) if high <= limit), 4)
