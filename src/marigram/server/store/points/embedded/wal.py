"""The body of a row of the table `wal`: what one batch writes, as bytes.

A body is packed parts: a MessagePack list with one entry per write, then the steps, times and float values of all
writes one after the other as little-endian arrays, all of it one Zstandard frame. In a row of many float points and
nothing else the entry says which series they are of, and the three columns are encoded as `codec.py` says.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate, groupby
from operator import lt
from typing import cast

import msgspec
import numpy as np
import zstandard

from marigram.model import File, Histogram, Kind
from marigram.server.store.points.batch import CutSeries, DropSeries
from marigram.server.store.points.embedded.codec import (
    Codec,
    decode_floats,
    decode_ints,
    encode_numbers,
    pack,
    unpack,
)
from marigram.server.store.points.embedded.columns import Columns, SeriesWrite, objects
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.embedded.floats import FloatsWrite, grouped
from marigram.server.store.points.embedded.writes import Write

_MANY = 512
"""Points of floats that are encoded column by column; rows of fewer are written and read faster as they are."""

_ZSTD_LEVEL = 1
_FLOAT = np.dtype("<f8")
_INT = np.dtype("<i8")


class _Floats(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="f"):
    attribute: int
    count: int


class _ManyFloats(msgspec.Struct, array_like=True, frozen=True, tag="m"):
    """The series, each as its distance from the one before, and how many points each has; little-endian int64."""

    attributes: bytes
    counts: bytes


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


_Entry = _Floats | _ManyFloats | _Strings | _Files | _Drop | _Cut | _Histograms
_decoder = msgspec.msgpack.Decoder(list[_Entry])
_KINDS = {_Strings: Kind.STRING_SERIES, _Files: Kind.FILE_SERIES, _Histograms: Kind.HISTOGRAM_SERIES}


def encode_writes(writes: Sequence[Write]) -> bytes:
    """Return the writes as bytes.

    Raises:
        UnicodeEncodeError: a string holds half of a surrogate pair.
    """
    if len(writes) == 1 and isinstance(writes[0], FloatsWrite) and len(writes[0].columns) >= _MANY:
        return _compressed(_many_floats(writes[0]))
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
        if isinstance(write, FloatsWrite):
            entries.extend(map(_Floats, write.attributes.tolist(), write.counts.tolist()))
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
    return _compressed((msgspec.msgpack.encode(entries), steps.tobytes(), times.tobytes(), values.tobytes()))


def _compressed(parts: Sequence[bytes]) -> bytes:
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(pack(parts))


def _many_floats(write: FloatsWrite) -> Sequence[bytes]:
    attributes = np.diff(write.attributes, prepend=0).astype(_INT, copy=False)
    entry = _ManyFloats(attributes.tobytes(), write.counts.astype(_INT, copy=False).tobytes())
    columns = (write.columns.steps, write.columns.times, write.columns.values)
    # What comes again is told in a few bytes; Zstandard would have to look at all of it.
    return msgspec.msgpack.encode([entry]), *(encode_numbers(column, Codec.RAW) for column in columns)


def decode_writes(
    position: int, crc: int, body: bytes, decompressor: zstandard.ZstdDecompressor | None = None
) -> list[Write]:
    """Return the writes of the row at `position`.

    Args:
        position: the row's place in the log.
        crc: its checksum.
        body: what `encode_writes` has made.
        decompressor: for whoever reads many rows in one thread; a new one costs as much as a small row.

    Raises:
        CorruptRowError: `body` is not what was written.
    """
    if zlib.crc32(body) != crc:
        raise CorruptRowError(table="wal", row=position, reason="its checksum is wrong")
    try:
        return _decode(body, decompressor or zstandard.ZstdDecompressor())
    except (ValueError, IndexError, struct.error, zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise CorruptRowError(table="wal", row=position, reason=str(error)) from error


def _decode(body: bytes, decompressor: zstandard.ZstdDecompressor) -> list[Write]:
    header, *parts = unpack(decompressor.decompress(body))
    named = _decoder.decode(header)
    if named and isinstance(named[0], _ManyFloats):
        return [_many_floats_of(named[0], parts)]
    steps = np.frombuffer(parts[0], dtype=_FLOAT).astype(np.float64, copy=False)
    times = np.frombuffer(parts[1], dtype=_INT).astype(np.int64, copy=False)
    floats = np.frombuffer(parts[2], dtype=_FLOAT).astype(np.float64, copy=False)
    whole = _rising_floats(named, Columns(steps, times, floats))
    if whole is not None:
        return [whole]
    writes: list[Write] = []
    row = float_row = 0
    for each, some in groupby(named, key=type):
        if each is _Floats:
            entries = cast("list[_Floats]", list(some))
            counts = np.array([entry.count for entry in entries], dtype=np.int64)
            attributes = np.array([entry.attribute for entry in entries], dtype=np.int64)
            count = int(counts.sum())
            columns = Columns(steps[row : row + count], times[row : row + count], floats[float_row : float_row + count])
            row, float_row = row + count, float_row + count
            found = grouped(attributes, counts, columns)
            writes.extend([] if found is None else [found])
            continue
        for entry in some:
            if isinstance(entry, _Drop):
                writes.append(DropSeries(attribute=entry.attribute))
            elif isinstance(entry, _Cut):
                writes.append(CutSeries(attribute=entry.attribute, after_step=entry.after_step))
            elif not isinstance(entry, (_Floats, _ManyFloats)):
                count = len(entry.values)
                own = Columns(steps[row : row + count], times[row : row + count], objects(entry.values))
                writes.append(SeriesWrite(entry.attribute, _KINDS[type(entry)], own))
                row += count
    if row != len(steps) or row != len(times) or float_row != len(floats):
        message = f"{row} rows are named and {len(steps)} are there"
        raise ValueError(message)
    return writes


def _many_floats_of(entry: _ManyFloats, parts: Sequence[bytes]) -> FloatsWrite:
    attributes = np.cumsum(np.frombuffer(entry.attributes, dtype=_INT), dtype=np.int64)
    counts = np.frombuffer(entry.counts, dtype=_INT).astype(np.int64, copy=False)
    columns = Columns(decode_floats(parts[0]), decode_ints(parts[1]), decode_floats(parts[2]))
    found = grouped(attributes, counts, columns)
    if (
        found is None
        or len(attributes) != len(counts)
        or not int(counts.sum()) == len(columns.steps) == len(columns.times) == len(columns.values)
    ):
        message = f"columns of different lengths for {int(counts.sum())} points of {len(attributes)} series"
        raise ValueError(message)
    return found


def _rising_floats(entries: Sequence[_Entry], columns: Columns) -> FloatsWrite | None:
    """Return the one write of a row that is nearly always met, None if the row is another.

    A full log has ten thousand small rows, and arrays of ten numbers cost more than lists of them.
    """
    floats = [entry for entry in entries if type(entry) is _Floats]
    attributes = [entry.attribute for entry in floats]
    bounds = [0, *accumulate(entry.count for entry in floats)]
    if (
        not floats
        or len(floats) != len(entries)
        or not all(map(lt, attributes, attributes[1:]))
        or not all(map(lt, bounds, bounds[1:]))
        or not bounds[-1] == len(columns.steps) == len(columns.times) == len(columns.values)
    ):
        return None
    return FloatsWrite(np.array(attributes, dtype=np.int64), np.array(bounds, dtype=np.int64), columns)
