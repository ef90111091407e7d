"""`Batch` ↔ bytes.

One Zstandard frame, with its checksum, of: the magic `MGB1`, the header's length (u32), the header (MessagePack, see
`messages.py`), zeros up to a multiple of 8, then three columns of as many rows as the batch has float points: steps
(float64), times (int64, milliseconds), values (float64). Everything is little-endian. The rows of one `Append` are
contiguous and stand in the order of the operations.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from itertools import groupby
from typing import cast

import msgspec
import zstandard
from typing_extensions import assert_never

from marigram.model import (
    Append,
    Appends,
    AttachFile,
    Batch,
    CreateRun,
    Delete,
    EditSet,
    File,
    FilePoints,
    FloatPoints,
    Fork,
    Histogram,
    HistogramPoints,
    InvalidPathError,
    InvalidProjectNameError,
    Kind,
    Operation,
    Rewind,
    RunStatus,
    SetStatus,
    SetValue,
    StringPoints,
    Value,
    kind_of_value,
    parse_path,
    parse_paths,
    parse_project_name,
)
from marigram.wire.messages import (
    WireAppendFiles,
    WireAppendFloats,
    WireAppendHistograms,
    WireAppendStrings,
    WireAttachFile,
    WireBatch,
    WireCreateRun,
    WireDelete,
    WireEditSet,
    WireFile,
    WireOperation,
    WireRewind,
    WireSetStatus,
    WireSetValue,
)

MAX_BATCH_BYTES = 64 * 1024 * 1024
"""Most bytes of a batch before compression; a decoder refuses more, so a small body cannot fill its memory."""

_MAGIC = b"MGB1"
_HEADER_LENGTH = struct.Struct("<4sI")
_COLUMN_ALIGNMENT = 8
_ROW_BYTES = 24
_COMPRESSION_LEVEL = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_INT64 = range(-(2**63), 2**63)
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(WireBatch)


class CorruptBatchError(ValueError):
    """The bytes are not an encoded batch."""


def encode_batch(batch: Batch) -> bytes:
    """Return `batch` as bytes.

    Raises:
        ValueError: the columns of an `Append` differ in length.
    """
    steps, times, values = array("d"), array("q"), array("d")
    operations: list[WireOperation] = []
    for operation in _apart(batch.operations):
        if isinstance(operation, Append) and isinstance(operation.points, FloatPoints):
            points = operation.points
            _require_one_length(points.steps, points.times, points.values)
            _extend(steps, points.steps)
            _extend(times, points.times)
            _extend(values, points.values)
            operations.append(WireAppendFloats(operation.path, len(points.steps)))
        else:
            operations.append(_to_wire(operation))
    header = _encoder.encode(
        WireBatch(batch.run_id, batch.writer, batch.first_seq, batch.last_seq, len(steps), operations)
    )
    start = _HEADER_LENGTH.pack(_MAGIC, len(header)) + header
    padding = bytes(-len(start) % _COLUMN_ALIGNMENT)
    if sys.byteorder == "big":
        for column in (steps, times, values):
            column.byteswap()
    plain = b"".join((start, padding, steps.tobytes(), times.tobytes(), values.tobytes()))
    return zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL, write_checksum=True).compress(plain)


def decode_batch(data: bytes, *, gathered: bool = False) -> Batch:
    """Return the batch that `data` encodes; float columns are read-only views, not copies.

    Args:
        data: what `encode_batch` has made.
        gathered: `Append`s of floats that follow each other come as one `Appends`.

    Raises:
        CorruptBatchError: `data` is not what `encode_batch` makes, or larger than `MAX_BATCH_BYTES`.
    """
    plain = _decompress(data)
    if len(plain) < _HEADER_LENGTH.size:
        message = "The batch is cut short."
        raise CorruptBatchError(message)
    magic, header_bytes = _HEADER_LENGTH.unpack_from(plain)
    if magic != _MAGIC:
        message = f"The batch begins with {magic!r}, not {_MAGIC!r}. Use a client that speaks protocol version 1."
        raise CorruptBatchError(message)
    end = _HEADER_LENGTH.size + header_bytes
    try:
        header = _decoder.decode(plain[_HEADER_LENGTH.size : end])
        columns = _columns(plain, end + (-end % _COLUMN_ALIGNMENT), header.points)
        operations = tuple(_from_wire_all(header.operations, columns, gathered=gathered))
    except (
        msgspec.DecodeError,
        InvalidPathError,
        InvalidProjectNameError,
        ValueError,
        OverflowError,
    ) as error:
        message = f"The batch cannot be read: {error}"
        raise CorruptBatchError(message) from error
    return Batch(
        run_id=header.run_id,
        writer=header.writer,
        first_seq=header.first_seq,
        last_seq=header.last_seq,
        operations=operations,
    )


def _decompress(data: bytes) -> bytes:
    try:
        size = zstandard.frame_content_size(data)
        if not 0 <= size <= MAX_BATCH_BYTES:
            message = f"The batch says it is {size} bytes long; at most {MAX_BATCH_BYTES} are accepted."
            raise CorruptBatchError(message)
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_BATCH_BYTES)
    except zstandard.ZstdError as error:
        message = f"The batch is not a Zstandard frame: {error}"
        raise CorruptBatchError(message) from error


def _apart(operations: Iterable[Operation | Appends]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, Appends):
            yield from operation.apart()
        else:
            yield operation


def _require_one_length(steps: Sequence[float], times: Sequence[int], values: Sequence[object]) -> None:
    if not len(steps) == len(times) == len(values):
        message = f"columns of {len(steps)} steps, {len(times)} times and {len(values)} values"
        raise ValueError(message)


def _extend(column: array[float] | array[int], more: Sequence[float] | Sequence[int]) -> None:
    if isinstance(more, array) and more.typecode == column.typecode:
        column.frombytes(more.tobytes())
    else:
        column.extend(more)  # pyright: ignore[reportArgumentType] the caller pairs float with float, int with int


_Plain = bool | int | float | str | list[str]
_Columns = tuple["memoryview[float]", "memoryview[int]", "memoryview[float]"]


def _columns(plain: bytes, start: int, points: int) -> _Columns:
    if points < 0 or len(plain) != start + points * _ROW_BYTES:
        message = f"{len(plain)} bytes do not hold a header of {start} bytes and {points} points"
        raise ValueError(message)
    size = points * 8
    parts = [memoryview(plain)[start + at : start + at + size] for at in (0, size, 2 * size)]
    if sys.byteorder == "big":
        swapped: list[memoryview] = []
        for part, code in zip(parts, "dqd", strict=True):
            column = array(code, part.tobytes())
            column.byteswap()
            swapped.append(memoryview(column).cast("B"))
        parts = swapped
    return parts[0].cast("d"), parts[1].cast("q"), parts[2].cast("d")


def _to_wire(operation: Operation) -> WireOperation:
    match operation:
        case CreateRun():
            fork = operation.fork
            if fork is None:
                return WireCreateRun(operation.project, operation.created_at)
            return WireCreateRun(operation.project, operation.created_at, fork.run_id, fork.step)
        case SetValue():
            return WireSetValue(operation.path, kind_of_value(operation.value).value, _plain(operation.value))
        case EditSet():
            return WireEditSet(operation.path, list(operation.add), list(operation.remove))
        case Append(points=StringPoints() as points):
            _require_one_length(points.steps, points.times, points.values)
            return WireAppendStrings(operation.path, list(points.steps), list(points.times), list(points.values))
        case Append(points=FilePoints() as points):
            _require_one_length(points.steps, points.times, points.values)
            files = [_file_to_wire(file) for file in points.values]
            return WireAppendFiles(operation.path, list(points.steps), list(points.times), files)
        case Append(points=HistogramPoints() as points):
            _require_one_length(points.steps, points.times, points.values)
            histograms = [(list(each.edges), list(each.counts)) for each in points.values]
            return WireAppendHistograms(operation.path, list(points.steps), list(points.times), histograms)
        case AttachFile():
            return WireAttachFile(operation.path, _file_to_wire(operation.file))
        case Delete():
            return WireDelete(operation.path)
        case Rewind():
            return WireRewind(operation.after_step, operation.path, list(operation.keep))
        case SetStatus():
            return WireSetStatus(operation.status.value, operation.at, operation.exit_code, operation.failure)
        case Append():
            message = "float points go into the columns"
            raise AssertionError(message)
        case _:
            assert_never(operation)


def _from_wire_all(
    operations: Iterable[WireOperation], columns: _Columns, *, gathered: bool
) -> Iterable[Operation | Appends]:
    steps, times, values = columns
    row = 0
    for kind, some in groupby(operations, key=type):
        if kind is not WireAppendFloats:
            yield from map(_from_wire, some)
            continue
        appends = cast("list[WireAppendFloats]", list(some))
        counts = [append.count for append in appends]
        end = row + sum(counts)
        if min(counts) < 0 or end > len(steps):
            message = f"operations of more points than the {len(steps)} in the columns"
            raise ValueError(message)
        points = FloatPoints(steps=steps[row:end], times=times[row:end], values=values[row:end])
        paths = parse_paths([append.path for append in appends])
        row = end
        if gathered and len(appends) > 1:
            yield Appends(paths=paths, counts=counts, points=points)
        else:
            yield from Appends(paths=paths, counts=counts, points=points).apart()
    if row != len(steps):
        message = f"{len(steps) - row} points belong to no operation"
        raise ValueError(message)


def _from_wire(operation: WireOperation) -> Operation:
    match operation:
        case WireCreateRun():
            parent = operation.fork_run_id
            return CreateRun(
                project=parse_project_name(operation.project),
                created_at=operation.created_at,
                fork=None if parent is None else Fork(run_id=parent, step=operation.fork_step),
            )
        case WireSetValue():
            return SetValue(path=parse_path(operation.path), value=_value(Kind(operation.kind), operation.value))
        case WireEditSet():
            return EditSet(path=parse_path(operation.path), add=tuple(operation.add), remove=tuple(operation.remove))
        case WireAppendStrings():
            _require_one_length(operation.steps, operation.times, operation.values)
            strings = StringPoints(steps=operation.steps, times=operation.times, values=operation.values)
            return Append(path=parse_path(operation.path), points=strings)
        case WireAppendFiles():
            _require_one_length(operation.steps, operation.times, operation.values)
            files = [_file_from_wire(file) for file in operation.values]
            points = FilePoints(steps=operation.steps, times=operation.times, values=files)
            return Append(path=parse_path(operation.path), points=points)
        case WireAppendHistograms():
            _require_one_length(operation.steps, operation.times, operation.values)
            histograms = [Histogram(edges=tuple(edges), counts=tuple(counts)) for edges, counts in operation.values]
            shapes = HistogramPoints(steps=operation.steps, times=operation.times, values=histograms)
            return Append(path=parse_path(operation.path), points=shapes)
        case WireAttachFile():
            return AttachFile(path=parse_path(operation.path), file=_file_from_wire(operation.file))
        case WireDelete():
            return Delete(path=parse_path(operation.path))
        case WireRewind():
            return Rewind(
                after_step=operation.after_step,
                path=None if operation.path is None else parse_path(operation.path),
                keep=tuple(parse_path(path) for path in operation.keep),
            )
        case WireSetStatus():
            return SetStatus(
                status=RunStatus(operation.status),
                at=operation.at,
                exit_code=operation.exit_code,
                failure=operation.failure,
            )
        case WireAppendFloats():
            message = "float points come from the columns"
            raise AssertionError(message)
        case _:
            assert_never(operation)


def _plain(value: Value) -> _Plain:
    if isinstance(value, datetime):
        moment = value if value.tzinfo is not None else value.astimezone()
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, int) and value not in _INT64:
        return str(value)
    return value


def _value(kind: Kind, plain: _Plain) -> Value:
    match kind, plain:
        case Kind.BOOL, bool():
            return plain
        case Kind.INT, int() if not isinstance(plain, bool):
            return plain
        case Kind.INT, str():
            return int(plain)
        case Kind.FLOAT, (float() | int()) if not isinstance(plain, bool):
            return float(plain)
        case Kind.STRING, str():
            return plain
        case Kind.DATETIME, int() if not isinstance(plain, bool):
            return _EPOCH + timedelta(milliseconds=plain)
        case Kind.STRING_SET, list():
            return frozenset(plain)
        case _:
            message = f"a value of kind {kind.value} cannot be {plain!r}"
            raise ValueError(message)


def _file_to_wire(file: File) -> WireFile:
    return WireFile(file.sha256, file.filename, file.media_type, file.size, file.caption)


def _file_from_wire(file: WireFile) -> File:
    return File(
        sha256=file.sha256,
        filename=file.filename,
        media_type=file.media_type,
        size=file.size,
        caption=file.caption,
    )
