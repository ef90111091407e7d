"""A row of the table `block`: points of one run and kind in order of (attribute, step), no step of a series twice.

A body is packed parts: attributes and their counts, then steps, times and values of all series, one after the other,
each column encoded as `codec.py` says. That of more floats than fit into a slab is one of slabs; see `slabs.py`. Both
are read for ever, whatever their kind and length.
"""

from __future__ import annotations

import math
import struct
import zlib
from bisect import bisect_right
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import zstandard

from marigram.model import Kind
from marigram.server.store.points.embedded.codec import (
    Codec,
    best_codec,
    decode_floats,
    decode_ints,
    decode_values,
    encode_files,
    encode_histograms,
    encode_numbers,
    encode_strings,
    pack,
    unpack,
)
from marigram.server.store.points.embedded.columns import Columns, joined
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.embedded.floats import FloatsWrite, side_by_side
from marigram.server.store.points.embedded.rollup import Rollup, RollupStyle, rollups_of
from marigram.server.store.points.embedded.slabs import SLAB_POINTS, Slabs, encode_slabs, has_slabs, open_slabs

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK_POINTS = 65_536
"""Few enough blocks of a long series for a chart, and one is quickly merged with another."""

_TEXT_BLOCK_POINTS = 4_096
_TEXT_BLOCK_CHARACTERS = 262_144
"""The end of a console is read by decoding one block of text; this one takes less than a millisecond."""

_BIN_WEIGHT = 18
"""What an edge and a count take in MessagePack."""


class BlockStyle(msgspec.Struct, frozen=True, kw_only=True):
    """How blocks are written.

    Attributes:
        codec: of numbers; None is the best that this installation can write.
        points: that a block of floats has at the most.
        slab_points: of floats that are decoded together; a block of no more is not cut into slabs.
        rollups: how fine its rollups are.
    """

    codec: Codec | None = None
    points: int = BLOCK_POINTS
    slab_points: int = SLAB_POINTS
    rollups: RollupStyle = RollupStyle()


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """An encoded block, what its row says about it, and what is stored with it."""

    kind: Kind
    attribute_first: int
    attribute_last: int
    step_first: float
    step_last: float
    points: int
    crc: int
    body: bytes
    rollups: Sequence[Rollup] = ()


def encoded_floats(write: FloatsWrite, style: BlockStyle) -> Iterator[Block]:
    """Yield blocks that hold the points, which are in order of step in each series."""
    for start in range(0, len(write.columns), style.points):
        yield _encode_floats(write.part(start, min(start + style.points, len(write.columns))), style)


def _encode_floats(write: FloatsWrite, style: BlockStyle) -> Block:
    codec = best_codec() if style.codec is None else style.codec
    attributes, counts, columns = write.attributes, write.counts, write.columns
    if len(columns) > style.slab_points:
        body, crc = encode_slabs(attributes, counts, columns, points=style.slab_points, codec=codec)
    else:
        numbers = (attributes, counts, columns.steps, columns.times, columns.values)
        body = pack([encode_numbers(column, codec) for column in numbers])
        crc = zlib.crc32(body)
    rollups = rollups_of(write, style.rollups)
    return _block(Kind.FLOAT_SERIES, attributes, columns, body=body, crc=crc, rollups=rollups)


def encoded(kind: Kind, series: Iterable[tuple[int, Columns]], style: BlockStyle) -> Iterator[Block]:
    """Yield blocks that hold the series; they come in rising order of attribute and each is in order of step."""
    if kind is Kind.FLOAT_SERIES:
        found = side_by_side(series)
        if found is not None:
            yield from encoded_floats(found, style)
        return
    waiting: list[tuple[int, Columns]] = []
    size = 0
    for attribute, columns in series:
        start = 0
        while start < len(columns):
            stop = _stop(kind, columns, start, size)
            if stop > start:
                waiting.append((attribute, columns.cut(start, stop)))
                size += _weight(kind, columns, start, stop)
                start = stop
            if start < len(columns):
                yield _encode(kind, waiting, style)
                waiting, size = [], 0
    if waiting:
        yield _encode(kind, waiting, style)


def _stop(kind: Kind, columns: Columns, start: int, size: int) -> int:
    """Return up to which point the series fits into a block of `size` so far; an empty block takes at least one."""
    stop = start
    while stop < len(columns):
        size += _weight(kind, columns, stop, stop + 1)
        if size > _TEXT_BLOCK_CHARACTERS and (stop > start or size > _weight(kind, columns, stop, stop + 1)):
            break
        stop += 1
    return stop


def _weight(kind: Kind, columns: Columns, start: int, stop: int) -> int:
    each = _TEXT_BLOCK_CHARACTERS // _TEXT_BLOCK_POINTS
    if kind is Kind.FILE_SERIES:
        return each * (stop - start)
    if kind is Kind.HISTOGRAM_SERIES:
        return sum(max(each, _BIN_WEIGHT * len(histogram.counts)) for histogram in columns.values[start:stop])
    return sum(max(each, len(text)) for text in columns.values[start:stop])


def _encode(kind: Kind, series: Sequence[tuple[int, Columns]], style: BlockStyle) -> Block:
    codec = best_codec() if style.codec is None else style.codec
    attributes = np.array([attribute for attribute, _ in series], dtype=np.int64)
    counts = np.array([len(columns) for _, columns in series], dtype=np.int64)
    columns = joined([columns for _, columns in series])
    numbers = (attributes, counts, columns.steps, columns.times)
    body = pack((*(encode_numbers(column, codec) for column in numbers), _encode_values(kind, columns)))
    return _block(kind, attributes, columns, body=body, crc=zlib.crc32(body))


def _block(
    kind: Kind,
    attributes: NDArray[np.int64],
    columns: Columns,
    *,
    body: bytes,
    crc: int,
    rollups: Sequence[Rollup] = (),
) -> Block:
    return Block(
        kind=kind,
        attribute_first=int(attributes[0]),
        attribute_last=int(attributes[-1]),
        step_first=float(columns.steps.min()),
        step_last=float(columns.steps.max()),
        points=len(columns),
        crc=crc,
        body=body,
        rollups=rollups,
    )


def _encode_values(kind: Kind, columns: Columns) -> bytes:
    if kind is Kind.STRING_SERIES:
        return encode_strings(columns.values.tolist())
    if kind is Kind.HISTOGRAM_SERIES:
        return encode_histograms(columns.values.tolist())
    return encode_files(columns.values.tolist())


class DecodedBlock(msgspec.Struct, frozen=True):
    """The points of a block: which series there are, in rising order, where each ends, and the columns of all."""

    attributes: NDArray[np.int64]
    ends: NDArray[np.int64]
    columns: Columns

    def floats(self) -> FloatsWrite:
        """Return all series of a block of floats at once."""
        return FloatsWrite(self.attributes, np.append(0, self.ends), self.columns)

    def every(self) -> list[tuple[int, Columns]]:
        """Return all series."""
        ends = self.ends.tolist()
        return [
            (attribute, self.columns.cut(start, end))
            for attribute, start, end in zip(self.attributes.tolist(), [0, *ends[:-1]], ends, strict=True)
        ]


class OpenBlock:
    """A block whose points are decoded as they are asked for, those of a slab once.

    What it has of a series is in parts, one after the other, each of which is decoded alone.
    """

    def __init__(self, number: int, content: Slabs | DecodedBlock) -> None:
        self._number = number
        self._content = content
        self._slabs: dict[int, Columns] = {}

    def series(
        self, attribute: int, first_steps: NDArray[np.float64], last_steps: NDArray[np.float64]
    ) -> Columns | None:
        """Return points of one series, in order of step; None if there are none.

        They are those of stretches of steps, in rising order and both ends included, and maybe others.

        Raises:
            CorruptRowError: what is needed is damaged.
            ModuleNotFoundError: it was written with a codec that is not installed here.
        """
        numbers = parts_with(self.bounds(attribute), first_steps, last_steps)
        parts = [self.part(attribute, number) for number in numbers]
        return joined(parts) if parts else None

    def bounds(self, attribute: int) -> list[float]:
        """Return for each part of a series a step: no point of it is before that, and none of an earlier part after.

        The first is minus infinity; of a series that is not here there are none.
        """
        start, stop = self._rows(attribute)
        content = self._content
        if start == stop or isinstance(content, DecodedBlock):
            return [-math.inf] if start < stop else []
        # The first slab may begin with another series.
        first, last = start // content.points, (stop - 1) // content.points
        return [-math.inf, *content.first_steps[first + 1 : last + 1].tolist()]

    def part(self, attribute: int, number: int) -> Columns:
        """Return the points of one part of a series, from 0, in order of step.

        Raises:
            CorruptRowError: it is damaged.
            ModuleNotFoundError: it was written with a codec that is not installed here.
        """
        start, stop = self._rows(attribute)
        content = self._content
        if isinstance(content, DecodedBlock):
            return content.columns.cut(start, stop)
        slab = start // content.points + number
        before = slab * content.points
        return self._slab(content, slab).cut(max(start - before, 0), min(stop - before, content.points))

    def _rows(self, attribute: int) -> tuple[int, int]:
        # A block holds a series once, because it is cut where a series ends or it is full.
        content = self._content
        place = int(np.searchsorted(content.attributes, attribute))
        if place == len(content.attributes) or int(content.attributes[place]) != attribute:
            return 0, 0
        return int(content.ends[place - 1]) if place else 0, int(content.ends[place])

    def whole(self) -> DecodedBlock:
        """Return all points.

        Raises:
            CorruptRowError: any of it is damaged.
            ModuleNotFoundError: it was written with a codec that is not installed here.
        """
        content = self._content
        if isinstance(content, DecodedBlock):
            return content
        columns = joined([self._slab(content, number) for number in range(len(content.crcs))])
        return DecodedBlock(content.attributes, content.ends, columns)

    def _slab(self, content: Slabs, number: int) -> Columns:
        found = self._slabs.get(number)
        if found is None:
            with _naming_the_row(self._number):
                found = self._slabs[number] = content.decoded(number)
        return found


def parts_between(bounds: Sequence[float], first_step: float, last_step: float) -> range:
    """Return which parts of a series can have points between two steps; see `parts_with`."""
    if not bounds or first_step > last_step:
        return range(0)
    return range(max(bisect_right(bounds, first_step) - 1, 0), bisect_right(bounds, last_step))


def parts_with(
    bounds: Sequence[float], first_steps: NDArray[np.float64], last_steps: NDArray[np.float64]
) -> Sequence[int]:
    """Return which parts of a series can have points in stretches of steps; `bounds` are what `OpenBlock` returns.

    Args:
        bounds: of the parts.
        first_steps: where each stretch begins, in rising order.
        last_steps: where it ends; both are included.
    """
    lowest = np.array(bounds)
    beyond = np.append(lowest[1:], np.inf)
    stretch = np.searchsorted(last_steps, lowest)
    reaches = stretch < len(last_steps)
    reaches[reaches] = first_steps[stretch[reaches]] < beyond[reaches]
    return np.flatnonzero(reaches).tolist()


def opened(number: int, crc: int, body: bytes) -> OpenBlock:
    """Return what the row `number` holds, to look into.

    Raises:
        CorruptRowError: `body` is not what was written.
        ModuleNotFoundError: it was written with a codec that is not installed here.
    """
    with _naming_the_row(number):
        if has_slabs(body):
            return OpenBlock(number, open_slabs(body, crc))
        if zlib.crc32(body) != crc:
            raise CorruptRowError(table="block", row=number, reason="its checksum is wrong")
        return OpenBlock(number, _decode(body))


def decoded(number: int, crc: int, body: bytes) -> DecodedBlock:
    """Return all that the row `number` holds.

    Raises:
        CorruptRowError: `body` is not what was written.
        ModuleNotFoundError: it was written with a codec that is not installed here.
    """
    return opened(number, crc, body).whole()


@contextmanager
def _naming_the_row(number: int) -> Generator[None]:
    try:
        yield
    except (ValueError, IndexError, TypeError, RuntimeError, struct.error) as error:
        raise CorruptRowError(table="block", row=number, reason=str(error)) from error
    except (zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise CorruptRowError(table="block", row=number, reason=str(error)) from error


def _decode(body: bytes) -> DecodedBlock:
    parts = unpack(body)
    attributes, counts = decode_ints(parts[0]), decode_ints(parts[1])
    columns = Columns(decode_floats(parts[2]), decode_ints(parts[3]), decode_values(parts[4]))
    ends = np.cumsum(counts)
    if not len(columns.steps) == len(columns.times) == len(columns.values) == int(ends[-1]):
        message = f"columns of different lengths for {int(ends[-1])} points"
        raise ValueError(message)
    return DecodedBlock(attributes, ends, columns)
