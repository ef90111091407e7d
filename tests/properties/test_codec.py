"""The codec's laws: every batch comes back, and no bytes whatever raise anything but `CorruptBatchError`."""

from __future__ import annotations

import struct
from datetime import datetime, timezone
from typing import Any

import msgspec
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marigram.model import (
    Append,
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
    ProjectName,
    Rewind,
    RunStatus,
    SetStatus,
    SetValue,
    StringPoints,
)
from marigram.model.path import MAX_PATH_BYTES
from marigram.wire import CorruptBatchError, decode_batch, encode_batch

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INT64 = st.integers(-(2**63), 2**63 - 1)
SEGMENT = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="/"), min_size=1, max_size=12)
PATHS = (
    st.lists(SEGMENT, min_size=1, max_size=4).map("/".join).filter(lambda path: len(path.encode()) <= MAX_PATH_BYTES)
)
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(  # noqa: DTZ001 - gets its zone next
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=timezone.utc)
)
VALUES = st.one_of(
    st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT, MOMENTS, st.frozensets(TEXT, max_size=4)
)
FILES = st.builds(
    File,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    filename=TEXT,
    media_type=TEXT,
    size=st.integers(0, 2**63 - 1),
    caption=st.none() | TEXT,
)


COUNTS = st.lists(st.floats(allow_nan=False), max_size=3).map(tuple)
HISTOGRAMS = st.builds(Histogram, edges=COUNTS, counts=COUNTS)
FORKS = st.builds(Fork, run_id=TEXT, step=st.floats(allow_nan=False))


def columns(kind: Any, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    rows = st.lists(st.tuples(st.floats(allow_nan=False), INT64, values), max_size=5)
    return rows.map(
        lambda rows: kind(
            steps=[row[0] for row in rows], times=[row[1] for row in rows], values=[row[2] for row in rows]
        )
    )


POINTS = st.one_of(
    columns(FloatPoints, st.floats(allow_nan=False)),
    columns(StringPoints, TEXT),
    columns(FilePoints, FILES),
    columns(HistogramPoints, HISTOGRAMS),
)
OPERATIONS = st.one_of(
    st.builds(CreateRun, project=st.just(ProjectName("lab/cats")), created_at=INT64, fork=st.none() | FORKS),
    st.builds(
        Rewind,
        after_step=st.floats(allow_nan=False),
        path=st.none() | PATHS,
        keep=st.lists(PATHS, max_size=2).map(tuple),
    ),
    st.builds(SetValue, path=PATHS, value=VALUES),
    st.builds(
        EditSet, path=PATHS, add=st.lists(TEXT, max_size=3).map(tuple), remove=st.lists(TEXT, max_size=3).map(tuple)
    ),
    st.builds(Append, path=PATHS, points=POINTS),
    st.builds(AttachFile, path=PATHS, file=FILES),
    st.builds(Delete, path=PATHS),
    st.builds(
        SetStatus, status=st.sampled_from(RunStatus), at=INT64, exit_code=st.none() | INT64, failure=st.none() | TEXT
    ),
)
BATCHES = st.builds(
    Batch,
    run_id=TEXT,
    writer=TEXT,
    first_seq=st.integers(0, 2**63 - 1),
    last_seq=st.integers(0, 2**63 - 1),
    operations=st.lists(OPERATIONS, max_size=6).map(tuple),
)


def as_lists(batch: Batch) -> Batch:
    """Return the batch with columns that compare by what they hold."""
    operations = [
        msgspec.structs.replace(
            operation,
            points=type(operation.points)(
                steps=list(operation.points.steps),
                times=list(operation.points.times),
                values=list(operation.points.values),  # type: ignore[arg-type]
            ),
        )
        if isinstance(operation, Append)
        else operation
        for operation in batch.operations
    ]
    return msgspec.structs.replace(batch, operations=tuple(operations))


@given(BATCHES)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_batch_comes_back_as_it_was(batch: Batch) -> None:
    assert as_lists(decode_batch(encode_batch(batch))) == batch


@given(BATCHES, st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_body_that_was_cut_short_is_refused(batch: Batch, data: st.DataObject) -> None:
    body = encode_batch(batch)
    kept = data.draw(st.integers(0, len(body) - 1))
    try:
        decode_batch(body[:kept])
    except CorruptBatchError:
        return
    message = f"{kept} of {len(body)} bytes were taken for a batch"
    raise AssertionError(message)


@given(BATCHES, st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_body_with_a_flipped_bit_is_refused_or_means_the_same(batch: Batch, data: st.DataObject) -> None:
    body = bytearray(encode_batch(batch))
    bit = data.draw(st.integers(0, 8 * len(body) - 1))
    body[bit // 8] ^= 1 << bit % 8
    try:
        decoded = decode_batch(bytes(body))
    except CorruptBatchError:
        return
    assert as_lists(decoded) == batch


@given(BATCHES, st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_wrong_bytes_inside_a_sound_frame_raise_nothing_else(batch: Batch, data: st.DataObject) -> None:
    plain = bytearray(zstandard.decompress(encode_batch(batch)))
    for _ in range(data.draw(st.integers(1, 4))):
        plain[data.draw(st.integers(0, len(plain) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode_batch(zstandard.compress(bytes(plain)))
    except CorruptBatchError:
        return


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_any_bytes_after_the_magic_raise_nothing_else(rest: bytes, length: int) -> None:
    for start in (struct.pack("<4sI", b"MGB1", length), struct.pack("<4sI", b"MGB1", len(rest))):
        try:
            decode_batch(zstandard.compress(start + rest))
        except CorruptBatchError:
            continue
