"""Batches survive the wire, and bytes that are no batch are refused in one way."""

from __future__ import annotations

import math
import struct
import tracemalloc
from array import array
from datetime import datetime, timedelta, timezone

import msgspec
import numpy as np
import pytest
import zstandard

from marigram.model import (
    Append,
    Batch,
    File,
    FloatPoints,
    Operation,
    RunStatus,
    SetStatus,
    SetValue,
    StringPoints,
    parse_path,
)
from marigram.wire import MAX_BATCH_BYTES, CorruptBatchError, decode_batch, encode_batch
from marigram.wire.messages import WireAppendFloats, WireBatch, WireCreateRun, WireSetValue
from operations import RUN, attach, batch_of, create, delete, edit, file_of, files, floats, put, strings

PICTURE = File(sha256="a" * 64, filename="ü.png", media_type="image/png", size=3, caption="a cat")

EVERY_KIND: list[Operation] = [
    create(),
    put("bool", True),
    put("int", -(2**63)),
    put("float", 0.1),
    put("string", "數\x00\n"),
    put("datetime", datetime(2024, 2, 29, 12, 30, 15, 123_000, tzinfo=timezone.utc)),
    put("set", frozenset({"b", "a", ""})),
    edit("tags", add=["x"], remove=["y", "z"]),
    strings("log", [1.0, 2.5], ["first", ""]),
    files("pictures", [3.0], [PICTURE]),
    attach("notes", file_of(b"hello")),
    delete("old/things"),
    SetStatus(status=RunStatus.FAILED, at=5, exit_code=-9, failure="ValueError: no"),
    SetStatus(status=RunStatus.FINISHED, at=6),
]


def packed(header: WireBatch, columns: bytes = b"", *, magic: bytes = b"MGB1", slack: int = 0) -> bytes:
    """Return a body as a client of bad manners could make it."""
    encoded = msgspec.msgpack.encode(header)
    start = struct.pack("<4sI", magic, len(encoded) + slack) + encoded
    return zstandard.compress(start + bytes(-len(start) % 8) + columns)


@pytest.mark.parametrize("operation", EVERY_KIND, ids=lambda operation: type(operation).__name__)
def test_every_kind_of_operation_comes_back_as_it_was(operation: Operation) -> None:
    batch = batch_of(operation, first=7, writer="host-1.2_3")
    assert decode_batch(encode_batch(batch)) == batch


def test_floats_come_back_bit_for_bit_and_in_the_order_of_the_operations() -> None:
    odd = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308]
    batch = batch_of(floats("a", range(6), odd), put("between", 1), floats("b", [-1.5]), floats("a", []))
    decoded = decode_batch(encode_batch(batch))
    assert len(decoded.operations) == 4
    first, _, second, empty = decoded.operations
    assert isinstance(first, Append)
    assert array("d", first.points.values).tobytes() == array("d", odd).tobytes()  # type: ignore[arg-type]
    assert isinstance(second, Append)
    assert (second.path, list(second.points.steps), list(second.points.values)) == ("b", [-1.5], [-1.5])
    assert isinstance(empty, Append)
    assert len(empty.points.steps) == 0


@pytest.mark.parametrize(
    "points",
    [
        FloatPoints(steps=array("d", [1, 2]), times=array("q", [3, 4]), values=array("d", [5, 6])),
        FloatPoints(
            steps=memoryview(array("d", [1, 2])),
            times=memoryview(array("q", [3, 4])),
            values=memoryview(array("d", [5, 6])),
        ),
        FloatPoints(steps=np.array([1.0, 2.0]).tolist(), times=[3, 4], values=np.array([5.0, 6.0]).tolist()),
        FloatPoints(steps=np.array([1.0, 2.0]), times=np.array([3, 4]), values=np.array([5.0, 6.0])),  # type: ignore[arg-type]
    ],
    ids=["array", "memoryview", "list", "numpy"],
)
def test_columns_may_be_anything_that_holds_numbers(points: FloatPoints) -> None:
    [append] = decode_batch(encode_batch(batch_of(Append(path=parse_path("x"), points=points)))).operations
    assert isinstance(append, Append)
    decoded = append.points
    assert [list(column) for column in (decoded.steps, decoded.times, decoded.values)] == [[1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, 10**40])
def test_an_int_of_any_size_comes_back(number: int) -> None:
    batch = batch_of(put("big", number))
    assert decode_batch(encode_batch(batch)) == batch


def test_a_datetime_travels_in_utc_and_in_milliseconds() -> None:
    local = datetime(2024, 1, 1, 1, 0, 0, 1_999, tzinfo=timezone(timedelta(hours=1)))
    [operation] = decode_batch(encode_batch(batch_of(put("at", local)))).operations
    assert operation == put("at", datetime(2024, 1, 1, 0, 0, 0, 1_000, tzinfo=timezone.utc))


def test_columns_of_different_lengths_are_not_encoded() -> None:
    short = FloatPoints(steps=[1.0, 2.0], times=[1], values=[1.0, 2.0])
    with pytest.raises(ValueError, match="2 steps, 1 times"):
        encode_batch(batch_of(Append(path=parse_path("x"), points=short)))
    with pytest.raises(ValueError, match="1 steps, 0 times"):
        encode_batch(batch_of(Append(path=parse_path("x"), points=StringPoints(steps=[1.0], times=[], values=["a"]))))


def header(*operations: object, points: int = 0) -> WireBatch:
    """Return a header around operations that may be wrong."""
    return WireBatch(RUN, "w", 1, 1, points, list(operations))  # type: ignore[arg-type]


ROW = bytes(24)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "not a Zstandard frame"),
        (b"not zstandard", "not a Zstandard frame"),
        (zstandard.compress(b"MGB1"), "cut short"),
        (zstandard.compress(b"JPEG" + bytes(20)), "begins with b'JPEG'"),
        (packed(header(), magic=b"MGB2"), "protocol version 1"),
        (packed(header(), slack=100), "cannot be read"),
        (packed(header(), slack=-1), "cannot be read"),
        (packed(header(points=1)), "do not hold"),
        (packed(header(), ROW), "do not hold"),
        (packed(header(points=-1)), "do not hold"),
        (packed(header(points=2**62)), "do not hold"),
        (packed(header(points=1), ROW), "belong to no operation"),
        (packed(header(WireAppendFloats("x", 2), points=1), ROW), "more points"),
        (packed(header(WireAppendFloats("x", -1), WireAppendFloats("x", 2), points=1), ROW), "more points"),
        (packed(header(WireAppendFloats("", 1), points=1), ROW), "empty"),
        (packed(header(WireCreateRun("cats", 1))), "not a project name"),
        (packed(header(WireSetValue("x", "int", "one"))), "cannot"),
        (packed(header(WireSetValue("x", "bool", 1))), "cannot"),
        (packed(header(WireSetValue("x", "int", True))), "cannot"),
        (packed(header(WireSetValue("x", "datetime", 2**62))), "cannot be read"),
        (packed(header(WireSetValue("x", "float_series", 1.0))), "cannot"),
        (packed(header(WireSetValue("x", "colour", 1))), "cannot"),
        (packed(header(["zz", 1])), "cannot be read"),
    ],
)
def test_bytes_that_are_no_batch_are_refused_with_a_reason(body: bytes, complaint: str) -> None:
    with pytest.raises(CorruptBatchError, match=complaint):
        decode_batch(body)


def test_a_small_body_cannot_fill_the_memory() -> None:
    bomb = zstandard.compress(bytes(MAX_BATCH_BYTES + 1))
    unnamed = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(MAX_BATCH_BYTES + 1))
    assert len(bomb) < 20_000
    tracemalloc.start()
    try:
        with pytest.raises(CorruptBatchError, match="at most 67108864"):
            decode_batch(bomb)
        with pytest.raises(CorruptBatchError):
            decode_batch(unnamed)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_batch_as_large_as_allowed_is_taken() -> None:
    rows = (MAX_BATCH_BYTES - 4096) // 24
    points = FloatPoints(
        steps=array("d", bytes(8 * rows)), times=array("q", bytes(8 * rows)), values=array("d", bytes(8 * rows))
    )
    [append] = decode_batch(encode_batch(batch_of(Append(path=parse_path("x"), points=points)))).operations
    assert isinstance(append, Append)
    assert len(append.points.steps) == rows


def test_decoded_columns_cannot_be_written_to() -> None:
    [append] = decode_batch(encode_batch(batch_of(floats("x", [1.0])))).operations
    assert isinstance(append, Append)
    with pytest.raises(TypeError):
        append.points.values[0] = 2.0  # type: ignore[index]


def test_a_path_is_checked_again_at_the_servers_end() -> None:
    smuggled = Batch(
        run_id=RUN,
        writer="w",
        first_seq=1,
        last_seq=1,
        operations=(SetValue(path=" ok\n"[1:], value=1),),  # type: ignore[arg-type]
    )
    with pytest.raises(CorruptBatchError, match="control character"):
        decode_batch(encode_batch(smuggled))
