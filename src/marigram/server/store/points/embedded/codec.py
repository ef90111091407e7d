"""Arrays ↔ bytes, one codec byte in front of each.

pcodec, where it can be imported, is smallest and fastest to read; byte-shuffle and Zstandard is what is written where
it cannot. Whatever wrote a column, every float comes back bit for bit, NaN payloads included. Decoding trusts its
input to be what was encoded: callers check a CRC first.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import zstandard

from marigram.model import File, Histogram
from marigram.server.store.points.embedded.columns import objects

try:
    # `standalone` is no attribute of some versions' package, but all of them let it be imported like this.
    from pcodec import (  # pyright: ignore[reportMissingTypeStubs]
        ChunkConfig,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
        standalone,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
    )
except ImportError:
    ChunkConfig = standalone = None

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PCODEC_LEVEL = 4
"""Within 6 % of the smallest in all our data; level 8 takes twice the time, level 1 makes integers ten times larger."""

# The package has no types.
_CHUNK_CONFIG: Any = ChunkConfig  # pyright: ignore[reportUnknownVariableType]
_STANDALONE: Any = standalone  # pyright: ignore[reportUnknownVariableType]

_TINY = 32
"""Below this many values pcodec's own header costs more than it saves."""

_ZSTD_LEVEL = 1
_WIDTH = 8
_FLOAT = np.dtype("<f8")
_INT = np.dtype("<i8")

_EVEN = struct.Struct("<Idd")
"""How many floats, the first, and the distance between any two: the steps of nearly all trainings."""

_PERIODIC = struct.Struct("<III")
"""How many numbers, how many until they come again, and after how many the first rise of them begins."""

_RISES = 4
"""Numbers that come again less often take about as little room without being told of it."""


class Codec(IntEnum):
    """How a column is written; the first byte of it. Numbers are never reused."""

    RAW = 0
    PCODEC = 1
    SHUFFLE_ZSTD = 2
    STRINGS_ZSTD = 3
    FILES_ZSTD = 4
    HISTOGRAMS_ZSTD = 5
    EVEN = 6
    PERIODIC = 7
    NARROW = 8


def best_codec() -> Codec:
    """Return the codec for numbers that this installation can write best."""
    return Codec.SHUFFLE_ZSTD if _STANDALONE is None else Codec.PCODEC


def encode_numbers(column: NDArray[np.float64] | NDArray[np.int64], codec: Codec) -> bytes:
    """Return a column of float64 or int64 as bytes.

    Few values are raw, even ones `EVEN` and those that come again `PERIODIC`, whatever `codec` says; what is to be raw
    is `NARROW` where that loses nothing.
    """
    plain = np.ascontiguousarray(column, dtype=_FLOAT if column.dtype.kind == "f" else _INT)
    if len(plain) < _TINY:
        codec = Codec.RAW
    elif plain.dtype == _FLOAT and _is_even(plain):
        return bytes((Codec.EVEN,)) + _EVEN.pack(len(plain), plain[0], plain[1] - plain[0])
    elif (periodic := _periodic(plain, codec)) is not None:
        return periodic
    if codec is Codec.RAW:
        narrow = _narrow(plain) if len(plain) >= _TINY and plain.dtype == _FLOAT else None
        if narrow is not None:
            return narrow
        body = plain.tobytes()
    elif codec is Codec.PCODEC:
        if _STANDALONE is None:
            raise _no_pcodec()
        config = _CHUNK_CONFIG(compression_level=_PCODEC_LEVEL)
        body: bytes = _STANDALONE.simple_compress(plain, config)
    else:
        plain_bytes = plain.tobytes()
        shuffled = b"".join(plain_bytes[at::_WIDTH] for at in range(_WIDTH))
        body = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(shuffled)
    return bytes((codec,)) + body


def _periodic(column: NDArray[Any], codec: Codec) -> bytes | None:
    """Return a column in which the same rise comes again and again; None for others.

    So are the steps and times of series that are logged together, one series after the other.
    """
    bits = column.view(np.int64)
    falls = np.flatnonzero(bits[1:] < bits[:-1])
    if len(falls) < _RISES:
        return None
    phase, period = int(falls[0]) + 1, int(falls[1] - falls[0])
    if bits[0] != bits[period] or phase > period or not np.array_equal(bits[period:], bits[:-period]):
        return None
    rise = encode_numbers(column[phase : phase + period], codec)
    return b"".join((bytes((Codec.PERIODIC,)), _PERIODIC.pack(len(column), period, phase), rise))


def _narrow(column: NDArray[Any]) -> bytes | None:
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = column.astype("<f4")
        if not np.array_equal(narrow.astype(_FLOAT).view(np.int64), column.view(np.int64)):
            return None
    return bytes((Codec.NARROW,)) + narrow.tobytes()


def _is_even(column: NDArray[Any]) -> bool:
    """Return whether an `EVEN` column would come back bit for bit, on whatever processor."""
    first, second, last = column[[0, 1, -1]].tolist()
    if not (math.isfinite(first) and math.isfinite(second) and math.isfinite(last)):
        return False
    with np.errstate(over="ignore"):
        distance = column[1] - column[0]
        if not math.isfinite(distance) or first + distance * (len(column) - 1) != last:
            return False
        return _even(len(column), first, float(distance)).tobytes() == column.tobytes()


def _even(count: int, first: float, distance: float) -> NDArray[np.float64]:
    # Two operations, each rounded for itself: the same numbers everywhere.
    column = np.arange(count, dtype=np.float64)
    column *= distance
    column += first
    return column


def decode_floats(data: bytes) -> NDArray[np.float64]:
    """Return the float64 column that `data` encodes."""
    return _decode_numbers(data, _FLOAT).astype(np.float64, copy=False)


def decode_ints(data: bytes) -> NDArray[np.int64]:
    """Return the int64 column that `data` encodes."""
    return _decode_numbers(data, _INT).astype(np.int64, copy=False)


def encode_strings(column: Sequence[str]) -> bytes:
    """Return strings as bytes.

    Raises:
        UnicodeEncodeError: a string holds half of a surrogate pair.
    """
    body = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(msgspec.msgpack.encode(column))
    return bytes((Codec.STRINGS_ZSTD,)) + body


def encode_files(column: Sequence[File]) -> bytes:
    """Return files as bytes."""
    body = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(msgspec.msgpack.encode(column))
    return bytes((Codec.FILES_ZSTD,)) + body


def encode_histograms(column: Sequence[Histogram]) -> bytes:
    """Return histograms as bytes."""
    body = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(msgspec.msgpack.encode(column))
    return bytes((Codec.HISTOGRAMS_ZSTD,)) + body


def decode_objects(data: bytes) -> NDArray[np.object_]:
    """Return the strings, files or histograms that `data` encodes, as an object array."""
    plain = zstandard.ZstdDecompressor().decompress(data[1:])
    if Codec(data[0]) is Codec.STRINGS_ZSTD:
        return objects(msgspec.msgpack.decode(plain, type=list[str]))
    if Codec(data[0]) is Codec.HISTOGRAMS_ZSTD:
        return objects(msgspec.msgpack.decode(plain, type=list[Histogram]))
    return objects(msgspec.msgpack.decode(plain, type=list[File]))


def decode_values(data: bytes) -> NDArray[Any]:
    """Return the column of values of any kind that `data` encodes."""
    if Codec(data[0]) in (Codec.STRINGS_ZSTD, Codec.FILES_ZSTD, Codec.HISTOGRAMS_ZSTD):
        return decode_objects(data)
    return decode_floats(data)


def pack(parts: Sequence[bytes]) -> bytes:
    """Return byte strings as one, so that `unpack` finds them again."""
    head = struct.pack(f"<B{len(parts)}I", len(parts), *(len(part) for part in parts))
    return b"".join((head, *parts))


def unpack(data: bytes) -> list[bytes]:
    """Return the byte strings that `pack` was given.

    Raises:
        ValueError: `data` is not as long as it says.
    """
    count = data[0]
    lengths = struct.unpack_from(f"<{count}I", data, 1)
    at = 1 + 4 * count
    if len(data) != at + sum(lengths):
        message = f"{len(data)} bytes do not hold parts of {lengths} bytes"
        raise ValueError(message)
    parts: list[bytes] = []
    for length in lengths:
        parts.append(data[at : at + length])
        at += length
    return parts


def _decode_numbers(data: bytes, dtype: np.dtype[Any]) -> NDArray[Any]:
    codec = Codec(data[0])
    if codec is Codec.RAW:
        return np.frombuffer(data[1:], dtype=dtype)
    if codec is Codec.EVEN and dtype == _FLOAT:
        return _even(*_EVEN.unpack(data[1:]))
    if codec is Codec.PERIODIC:
        count, period, phase = _PERIODIC.unpack_from(data, 1)
        rise = _decode_numbers(data[1 + _PERIODIC.size :], dtype)
        if len(rise) != period:
            message = f"a rise of {period} numbers has {len(rise)}"
            raise ValueError(message)
        return rise[(np.arange(int(count)) - phase) % period]
    if codec is Codec.NARROW and dtype == _FLOAT:
        return np.frombuffer(data[1:], dtype="<f4").astype(_FLOAT)
    if codec is Codec.SHUFFLE_ZSTD:
        shuffled = zstandard.ZstdDecompressor().decompress(data[1:])
        count = len(shuffled) // _WIDTH
        plain = bytearray(len(shuffled))
        for at in range(_WIDTH):
            plain[at::_WIDTH] = shuffled[at * count : (at + 1) * count]
        return np.frombuffer(plain, dtype=dtype)
    if codec is not Codec.PCODEC:
        message = f"a column of numbers cannot have the codec {codec.name}"
        raise ValueError(message)
    if _STANDALONE is None:
        raise _no_pcodec()
    column: NDArray[Any] | None = _STANDALONE.simple_decompress(data[1:])
    if column is None or column.dtype.kind != dtype.kind or column.itemsize != _WIDTH:
        message = f"a column of {dtype} holds something else"
        raise ValueError(message)
    return column


def _no_pcodec() -> ModuleNotFoundError:
    return ModuleNotFoundError("These points were written with pcodec. Run `pip install pcodec` and start again.")
