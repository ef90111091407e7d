"""One record of the queue: what a segment's payload bytes mean.

A float point is a fixed structure that names its path by a number, valid within one segment; a PATH record says what
the number means. A row is one float point for each of several paths, at one step and time: it names them all by one
number, which a PATHS record explains, and counts as so many operations. Every other operation is MessagePack, and its
kind says which. Decoding is the exact inverse of encoding; a payload that fits no kind raises `CorruptRecordError`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from enum import IntEnum

import msgspec
from typing_extensions import assert_never

from marigram.model import (
    Append,
    AttachFile,
    CreateRun,
    Delete,
    EditSet,
    File,
    FilePoints,
    FloatPoints,
    Histogram,
    HistogramPoints,
    Kind,
    Operation,
    Path,
    Rewind,
    SetStatus,
    SetValue,
    StringPoints,
    Value,
    kind_of_value,
)

FLOAT_POINT = struct.Struct("=IIdqd")
"""Number of the path, zero, step, time in milliseconds, value. Native byte order: a queue never leaves its machine."""

FLOAT_ROW_FORMAT = "=IIdq"
"""Number of the paths, zero, step, time in milliseconds; a value for each path follows."""

FLOAT_ROW = struct.Struct(FLOAT_ROW_FORMAT)
PATH_NUMBER = struct.Struct("=I")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class RecordKind(IntEnum):
    """What a record is. The numbers are on disk: never reuse one."""

    PATH = 1
    FLOAT_POINT = 2
    CREATE_RUN = 3
    SET_VALUE = 4
    EDIT_SET = 5
    APPEND_FLOATS = 6
    APPEND_STRINGS = 7
    APPEND_FILES = 8
    ATTACH_FILE = 9
    DELETE = 10
    SET_STATUS = 11
    REWIND = 12
    APPEND_HISTOGRAMS = 13
    PATHS = 14
    FLOAT_ROW = 15


class CorruptRecordError(ValueError):
    """The bytes are not a record's payload."""


class _SetValue(msgspec.Struct, array_like=True, frozen=True):
    path: str
    kind: Kind
    value: bool | int | float | str | list[str]


class _AppendFloats(msgspec.Struct, array_like=True, frozen=True):
    path: str
    steps: list[float]
    times: list[int]
    values: list[float]


class _AppendStrings(msgspec.Struct, array_like=True, frozen=True):
    path: str
    steps: list[float]
    times: list[int]
    values: list[str]


class _AppendFiles(msgspec.Struct, array_like=True, frozen=True):
    path: str
    steps: list[float]
    times: list[int]
    values: list[File]


class _AppendHistograms(msgspec.Struct, array_like=True, frozen=True):
    path: str
    steps: list[float]
    times: list[int]
    values: list[Histogram]


_encode = msgspec.msgpack.Encoder().encode
_create_run = msgspec.msgpack.Decoder(CreateRun)
_set_value = msgspec.msgpack.Decoder(_SetValue)
_edit_set = msgspec.msgpack.Decoder(EditSet)
_append_floats = msgspec.msgpack.Decoder(_AppendFloats)
_append_strings = msgspec.msgpack.Decoder(_AppendStrings)
_append_files = msgspec.msgpack.Decoder(_AppendFiles)
_append_histograms = msgspec.msgpack.Decoder(_AppendHistograms)
_attach_file = msgspec.msgpack.Decoder(AttachFile)
_delete = msgspec.msgpack.Decoder(Delete)
_rewind = msgspec.msgpack.Decoder(Rewind)
_set_status = msgspec.msgpack.Decoder(SetStatus)
_paths = msgspec.msgpack.Decoder(list[Path])


def encode_paths(paths: Iterable[Path]) -> bytes:
    """Return what follows the number in a PATHS record."""
    return _encode(list(paths))


def decode_paths(names: bytes) -> list[Path]:
    """Return the paths of a PATHS record.

    Raises:
        CorruptRecordError: they cannot be read.
    """
    try:
        return _paths.decode(names)
    except msgspec.DecodeError as error:
        message = f"The paths of a row in the queue cannot be read: {error}"
        raise CorruptRecordError(message) from error


def encode_operation(operation: Operation) -> tuple[RecordKind, bytes]:
    """Return the kind and the payload that hold `operation`."""
    match operation:
        case CreateRun():
            return RecordKind.CREATE_RUN, _encode(operation)
        case SetValue():
            value = operation.value
            plain = _SetValue(operation.path, kind_of_value(value), _plain(value))
            return RecordKind.SET_VALUE, _encode(plain)
        case EditSet():
            return RecordKind.EDIT_SET, _encode(operation)
        case Append(points=FloatPoints() as points):
            floats = _AppendFloats(operation.path, list(points.steps), list(points.times), list(points.values))
            return RecordKind.APPEND_FLOATS, _encode(floats)
        case Append(points=StringPoints() as points):
            strings = _AppendStrings(operation.path, list(points.steps), list(points.times), list(points.values))
            return RecordKind.APPEND_STRINGS, _encode(strings)
        case Append(points=FilePoints() as points):
            files = _AppendFiles(operation.path, list(points.steps), list(points.times), list(points.values))
            return RecordKind.APPEND_FILES, _encode(files)
        case Append(points=HistogramPoints() as points):
            shapes = _AppendHistograms(operation.path, list(points.steps), list(points.times), list(points.values))
            return RecordKind.APPEND_HISTOGRAMS, _encode(shapes)
        case AttachFile():
            return RecordKind.ATTACH_FILE, _encode(operation)
        case Delete():
            return RecordKind.DELETE, _encode(operation)
        case Rewind():
            return RecordKind.REWIND, _encode(operation)
        case SetStatus():
            return RecordKind.SET_STATUS, _encode(operation)
        case Append():
            message = f"points of type {type(operation.points).__name__} have no record"
            raise AssertionError(message)
        case _:
            assert_never(operation)


def decode_operation(kind: int, payload: bytes) -> Operation:
    """Return the operation that a record holds.

    Raises:
        CorruptRecordError: it holds none, or belongs to a newer version.
    """
    try:
        return _decode(RecordKind(kind), payload)
    except (msgspec.DecodeError, ValueError) as error:
        message = f"A record of kind {kind} in the queue cannot be read: {error}"
        raise CorruptRecordError(message) from error


def _decode(kind: RecordKind, payload: bytes) -> Operation:
    match kind:
        case RecordKind.CREATE_RUN:
            return _create_run.decode(payload)
        case RecordKind.SET_VALUE:
            plain = _set_value.decode(payload)
            return SetValue(path=Path(plain.path), value=_value(plain))
        case RecordKind.EDIT_SET:
            return _edit_set.decode(payload)
        case RecordKind.APPEND_FLOATS:
            floats = _append_floats.decode(payload)
            points = FloatPoints(steps=floats.steps, times=floats.times, values=floats.values)
            return Append(path=Path(floats.path), points=points)
        case RecordKind.APPEND_STRINGS:
            strings = _append_strings.decode(payload)
            text = StringPoints(steps=strings.steps, times=strings.times, values=strings.values)
            return Append(path=Path(strings.path), points=text)
        case RecordKind.APPEND_FILES:
            files = _append_files.decode(payload)
            pictures = FilePoints(steps=files.steps, times=files.times, values=files.values)
            return Append(path=Path(files.path), points=pictures)
        case RecordKind.APPEND_HISTOGRAMS:
            shapes = _append_histograms.decode(payload)
            histograms = HistogramPoints(steps=shapes.steps, times=shapes.times, values=shapes.values)
            return Append(path=Path(shapes.path), points=histograms)
        case RecordKind.ATTACH_FILE:
            return _attach_file.decode(payload)
        case RecordKind.DELETE:
            return _delete.decode(payload)
        case RecordKind.REWIND:
            return _rewind.decode(payload)
        case RecordKind.SET_STATUS:
            return _set_status.decode(payload)
        case RecordKind.PATH | RecordKind.FLOAT_POINT | RecordKind.PATHS | RecordKind.FLOAT_ROW:
            message = "it is not an operation by itself"
            raise ValueError(message)
        case _:
            assert_never(kind)


def _plain(value: Value) -> bool | int | float | str | list[str]:
    if isinstance(value, datetime):
        moment = value if value.tzinfo is not None else value.astimezone()
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    if isinstance(value, frozenset):
        return sorted(value)
    return value


def _value(plain: _SetValue) -> Value:
    match plain.kind, plain.value:
        case Kind.DATETIME, int(milliseconds):
            return _EPOCH + timedelta(milliseconds=milliseconds)
        case Kind.STRING_SET, list(strings):
            return frozenset(strings)
        case Kind.FLOAT, (float() | int()) as number:
            return float(number)
        case ((Kind.BOOL | Kind.INT | Kind.STRING), (bool() | int() | str()) as value):
            return value
        case _:
            message = f"a {plain.kind.value} cannot be {plain.value!r}"
            raise ValueError(message)
