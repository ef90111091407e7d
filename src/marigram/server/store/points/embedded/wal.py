"""The body of a row of the table `wal`: what one batch writes, as bytes.

A body is packed parts: a MessagePack list with one entry per write, then the steps, times and float values of all
writes one after the other as little-endian arrays, all of it one Zstandard frame.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import msgspec
import numpy as np
import zstandard

from marigram.model import File, Histogram, Kind
from marigram.server.store.points.embedded.codec import pack, unpack
from marigram.server.store.points.embedded.columns import Columns, SeriesWrite, Write, objects
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.port import CutSeries, DropSeries

_ZSTD_LEVEL = 1
_FLOAT = np.dtype("<f8")
_INT = np.dtype("<i8")


class _Floats(msgspec.Struct, array_like=True, frozen=True, tag="f"):
    attribute: int
    count: int


class _Strings(msgspec.Struct, array_like=True, frozen=True, tag="s"):
    attribute: int
    values: list[str]


class _Files(msgspec.Struct, array_like=True, frozen=True, tag="i"):
    attribute: int
    values: list[File]


class _Drop(msgspec.Struct, array_like=True, frozen=True, tag="d"):
    attribute: int


class _Cut(msgspec.Struct, array_like=True, frozen=True, tag="c"):
    attribute: int
    after_step: float


class _Histograms(msgspec.Struct, array_like=True, frozen=True, tag="h"):
    attribute: int
    values: list[Histogram]


_Entry = _Floats | _Strings | _Files | _Drop | _Cut | _Histograms
_KINDS = {_Strings: Kind.STRING_SERIES, _Files: Kind.FILE_SERIES, _Histograms: Kind.HISTOGRAM_SERIES}


def encode_writes(writes: Sequence[Write]) -> bytes:
    """Return the writes as bytes.

    Raises:
        UnicodeEncodeError: a string holds half of a surrogate pair.
    """
    entries: list[_Entry] = []
    pieces: list[Columns] = []
    for write in writes:
        if isinstance(write, DropSeries):
            entries.append(_Drop(write.attribute))
            continue
        if isinstance(write, CutSeries):
            entries.append(_Cut(write.attribute, write.after_step))
            continue
        pieces.append(write.columns)
        if write.kind is Kind.FLOAT_SERIES:
            entries.append(_Floats(write.attribute, write.columns.steps.size))
        elif write.kind is Kind.STRING_SERIES:
            entries.append(_Strings(write.attribute, write.columns.values.tolist()))
        elif write.kind is Kind.HISTOGRAM_SERIES:
            entries.append(_Histograms(write.attribute, write.columns.values.tolist()))
        else:
            entries.append(_Files(write.attribute, write.columns.values.tolist()))
    none = np.empty(0)
    steps = np.concatenate([none, *(piece.steps for piece in pieces)], dtype=_FLOAT)
    times = np.concatenate([none.astype(_INT), *(piece.times for piece in pieces)], dtype=_INT)
    floats = (piece.values for piece in pieces if piece.values.dtype != object)
    values = np.concatenate([none, *floats], dtype=_FLOAT)
    plain = pack((msgspec.msgpack.encode(entries), steps.tobytes(), times.tobytes(), values.tobytes()))
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(plain)


def decode_writes(position: int, crc: int, body: bytes) -> list[Write]:
    """Return the writes of the row at `position`.

    Raises:
        CorruptRowError: `body` is not what was written.
    """
    if zlib.crc32(body) != crc:
        raise CorruptRowError(table="wal", row=position, reason="its checksum is wrong")
    try:
        return _decode(body)
    except (ValueError, IndexError, struct.error, zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise CorruptRowError(table="wal", row=position, reason=str(error)) from error


def _decode(body: bytes) -> list[Write]:
    header, *columns = unpack(zstandard.ZstdDecompressor().decompress(body))
    steps = np.frombuffer(columns[0], dtype=_FLOAT).astype(np.float64, copy=False)
    times = np.frombuffer(columns[1], dtype=_INT).astype(np.int64, copy=False)
    floats = np.frombuffer(columns[2], dtype=_FLOAT).astype(np.float64, copy=False)
    writes: list[Write] = []
    row = float_row = 0
    for entry in msgspec.msgpack.decode(header, type=list[_Entry]):
        if isinstance(entry, _Drop):
            writes.append(DropSeries(attribute=entry.attribute))
            continue
        if isinstance(entry, _Cut):
            writes.append(CutSeries(attribute=entry.attribute, after_step=entry.after_step))
            continue
        if isinstance(entry, _Floats):
            kind, count = Kind.FLOAT_SERIES, entry.count
            values = floats[float_row : float_row + count]
            float_row += count
        else:
            kind, count, values = _KINDS[type(entry)], len(entry.values), objects(entry.values)
        writes.append(
            SeriesWrite(entry.attribute, kind, Columns(steps[row : row + count], times[row : row + count], values))
        )
        row += count
    if row != len(steps) or row != len(times) or float_row != len(floats):
        message = f"{row} rows are named and {len(steps)} are there"
        raise ValueError(message)
    return writes
