"""The body of a block of many floats: a head, and slabs of a few thousand points each that can be decoded alone.

Slabs are cut from the points of all series one after the other, so one may hold the end of a series and the beginning
of the next. The head has the checksum of each slab and the step of its first point; the checksum in the block's row is
that of the head. So a look at a stretch of a series reads and checks the head and the slabs it needs, nothing else.

A body of packed parts begins with how many there are, which is never 0; a body of slabs begins with 0.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.server.store.points.embedded.codec import (
    Codec,
    decode_floats,
    decode_ints,
    encode_numbers,
    pack,
    unpack,
)
from marigram.server.store.points.embedded.columns import Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLAB_POINTS = 8_192
"""Decoded in a tenth of a millisecond; with fewer, those who need many of them pay for each."""

_SLABS = 0
_START = struct.Struct("<BII")
"""What tells slabs from packed parts, how many points a slab has, and how long the rest of the head is."""


class Slabs(msgspec.Struct, frozen=True):
    """A body's head, and its slabs as they are stored.

    Attributes:
        attributes: which series there are, in rising order.
        ends: where each series ends.
        points: of each slab, the last one left aside.
        first_steps: the step of each slab's first point.
        starts: where each slab begins in `body`; one more at the end.
        crcs: their checksums.
        body: all bytes.
    """

    attributes: NDArray[np.int64]
    ends: NDArray[np.int64]
    points: int
    first_steps: NDArray[np.float64]
    starts: list[int]
    crcs: list[int]
    body: bytes

    def decoded(self, number: int) -> Columns:
        """Return the points of one slab.

        Raises:
            ValueError: they are damaged.
        """
        data = self.body[self.starts[number] : self.starts[number + 1]]
        if zlib.crc32(data) != self.crcs[number]:
            message = f"the checksum of its part {number} is wrong"
            raise ValueError(message)
        parts = unpack(data)
        columns = Columns(decode_floats(parts[0]), decode_ints(parts[1]), decode_floats(parts[2]))
        expected = min(self.points, int(self.ends[-1]) - number * self.points)
        if not len(columns.steps) == len(columns.times) == len(columns.values) == expected:
            message = f"columns of different lengths for {expected} points in its part {number}"
            raise ValueError(message)
        return columns


def encode_slabs(
    attributes: NDArray[np.int64], counts: NDArray[np.int64], columns: Columns, *, points: int, codec: Codec
) -> tuple[bytes, int]:
    """Return a body of slabs and its checksum.

    Args:
        attributes: the series, in rising order.
        counts: how many points each has.
        columns: those of all series, at least one point.
        points: in a slab.
        codec: of numbers.
    """
    slabs = [_encoded(columns.cut(at, at + points), codec) for at in range(0, len(columns), points)]
    parts = (
        attributes,
        counts,
        columns.steps[::points],
        np.array([len(slab) for slab in slabs], dtype=np.int64),
        np.array([zlib.crc32(slab) for slab in slabs], dtype=np.int64),
    )
    rest = pack([encode_numbers(part, codec) for part in parts])
    head = _START.pack(_SLABS, points, len(rest)) + rest
    return b"".join((head, *slabs)), zlib.crc32(head)


def _encoded(columns: Columns, codec: Codec) -> bytes:
    return pack([encode_numbers(column, codec) for column in (columns.steps, columns.times, columns.values)])


def has_slabs(body: bytes) -> bool:
    """Return whether a body is one of slabs."""
    return body[:1] == bytes((_SLABS,))


def open_slabs(body: bytes, crc: int) -> Slabs:
    """Return what a body of slabs says about itself; no slab is decoded.

    Raises:
        ValueError: the head is damaged, or the body is not as long as it says.
        struct.error: the body ends within the head.
    """
    _, points, length = _START.unpack_from(body)
    end = _START.size + length
    if zlib.crc32(memoryview(body)[:end]) != crc:
        message = "its checksum is wrong"
        raise ValueError(message)
    attributes, counts, first_steps, lengths, crcs = unpack(body[_START.size : end])
    starts = (end + np.cumsum(np.append(0, decode_ints(lengths)))).tolist()
    ends = np.cumsum(decode_ints(counts))
    if starts[-1] != len(body) or len(starts) - 1 != -(-int(ends[-1]) // points):
        message = f"{len(body)} bytes do not hold {len(starts) - 1} parts of {int(ends[-1])} points"
        raise ValueError(message)
    return Slabs(
        attributes=decode_ints(attributes),
        ends=ends,
        points=points,
        first_steps=decode_floats(first_steps),
        starts=starts,
        crcs=decode_ints(crcs).tolist(),
        body=body,
    )
