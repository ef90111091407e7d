"""What is refused at the door: one operation, or one point, and never its neighbours."""

from __future__ import annotations

import math

import msgspec
import pytest

from doors import Doors, without_messages
from marigram.model import (
    Append,
    AttachFile,
    FloatPoints,
    Fork,
    Histogram,
    HistogramPoints,
    Operation,
    RunStatus,
    SetStatus,
    SetValue,
    StringPoints,
    parse_path,
)
from marigram.model.histogram import MAX_BINS
from marigram.server.ingest import EnvelopeError
from marigram.server.ingest.check import MAX_STRING_CHARACTERS, MAX_TIME_MS
from operations import (
    CREATED_AT,
    PROJECT,
    RUN,
    attach,
    batch_of,
    create,
    delete,
    edit,
    file_of,
    files,
    floats,
    put,
    rewind,
    strings,
)

NOT_UPLOADED = file_of(b"nobody has uploaded this")


def refused(operation: Operation) -> list[Operation]:
    """Return the operation among others that are in order."""
    return [create(), put("before", 1), operation, put("after", 2)]


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (put("sys/id", "MINE-1"), "invalid_path"),
        (put("sys/state", "finished"), "invalid_path"),
        (put("sys/creation_time", 1), "invalid_path"),
        (put("sys", 1), "invalid_path"),
        (put("sys/tags", 5), "invalid_value"),
        (edit("sys/id", add=["x"]), "invalid_path"),
        (delete("sys"), "invalid_path"),
        (delete("sys/state"), "invalid_path"),
        (attach("sys/id", NOT_UPLOADED), "invalid_path"),
        (put("long", "x" * (MAX_STRING_CHARACTERS + 1)), "too_large"),
        (attach("lost", NOT_UPLOADED), "blob_missing"),
        (attach("bad", msgspec.structs.replace(NOT_UPLOADED, sha256="../../etc/passwd")), "invalid_value"),
        (SetStatus(status=RunStatus.STALLED, at=1), "invalid_value"),
        (rewind(math.nan), "invalid_value"),
        (rewind(-math.inf, "before"), "invalid_value"),
        (put("sys/forking/parent", "MINE-1"), "invalid_path"),
        (delete("sys/forking"), "invalid_path"),
        (SetStatus(status=RunStatus.FINISHED, at=2**63), "invalid_value"),
        (SetStatus(status=RunStatus.FINISHED, at=-(MAX_TIME_MS + 1)), "invalid_value"),
        (SetStatus(status=RunStatus.FINISHED, at=1, exit_code=2**63), "invalid_value"),
    ],
)
def test_one_operation_is_refused_and_the_rest_of_the_batch_is_stored(
    doors: Doors, operation: Operation, code: str
) -> None:
    receipt = doors.write(*refused(operation))
    path = getattr(operation, "path", None)
    assert without_messages(receipt) == [(path, code, 1)]
    assert receipt.durable_seq == 4
    assert doors.values() == {"before": 1, "after": 2}
    assert doors.query.run(RUN).status is RunStatus.RUNNING


@pytest.mark.parametrize("at", [MAX_TIME_MS + 1, 2**63, -(2**63)])
def test_a_run_that_was_created_at_no_moment_of_the_calendar_is_refused(doors: Doors, at: int) -> None:
    receipt = doors.write(create(at=at), put("x", 1))
    assert receipt.durable_seq == 0
    assert {code for _, code, _ in without_messages(receipt)} == {"invalid_value", "run_unknown"}
    assert doors.write(create(), put("x", 1)).durable_seq == 2, "the door still works"


@pytest.mark.parametrize("fork", [Fork(run_id="CATS-1", step=1), Fork(run_id="a" * 32, step=math.nan)])
def test_a_fork_that_names_no_place_is_refused_and_the_run_is_made(doors: Doors, fork: Fork) -> None:
    receipt = doors.write(msgspec.structs.replace(create(), fork=fork), put("x", 1))
    assert without_messages(receipt) == [(None, "invalid_value", 1)]
    assert doors.query.run(RUN).fork is None
    assert doors.values() == {"x": 1}


@pytest.mark.parametrize(
    "histogram",
    [
        Histogram(edges=(0.0, 1.0), counts=(1.0, 2.0)),
        Histogram(edges=(0.0,), counts=()),
        Histogram(edges=(1.0, 1.0), counts=(1.0,)),
        Histogram(edges=(0.0, math.inf), counts=(1.0,)),
        Histogram(edges=(0.0, 1.0), counts=(-1.0,)),
        Histogram(edges=(0.0, 1.0), counts=(math.nan,)),
        Histogram(edges=tuple(map(float, range(MAX_BINS + 2))), counts=(1.0,) * (MAX_BINS + 1)),
    ],
)
def test_a_histogram_that_is_none_costs_only_its_own_point(doors: Doors, histogram: Histogram) -> None:
    good = Histogram(edges=(0.0, 0.5, 2.0), counts=(0.0, 1.5))
    points = HistogramPoints(steps=[1.0, 2.0], times=[5, 6], values=[histogram, good])
    receipt = doors.write(create(), Append(path=parse_path("h"), points=points))
    assert without_messages(receipt) == [("h", "invalid_value", 1)]
    assert doors.values() == {"h": [(2.0, 6, good)]}


def test_a_file_of_another_size_than_its_blob_is_refused(doors: Doors) -> None:
    doors.keep(b"seven b")
    file = file_of(b"seven b")
    lie = AttachFile(path=parse_path("lie"), file=msgspec.structs.replace(file, size=-1))
    receipt = doors.write(create(), lie, attach("truth", file))
    assert without_messages(receipt) == [("lie", "invalid_value", 1)]
    assert "7" in receipt.rejections[0].message
    assert doors.values() == {"truth": file}


def test_a_step_that_is_not_finite_costs_only_its_own_point(doors: Doors) -> None:
    receipt = doors.write(create(), floats("loss", [1, math.nan, 2, math.inf, -math.inf, 3], [10, 11, 12, 13, 14, 15]))
    assert without_messages(receipt) == [("loss", "invalid_value", 3)]
    at = CREATED_AT
    assert doors.values() == {"loss": [(1.0, at, 10.0), (2.0, at + 2, 12.0), (3.0, at + 5, 15.0)]}


def test_a_step_that_is_not_finite_costs_only_its_own_line_of_text(doors: Doors) -> None:
    receipt = doors.write(create(), strings("log", [1, math.nan, 2], ["a", "b", "c"]))
    assert without_messages(receipt) == [("log", "invalid_value", 1)]
    assert doors.values() == {"log": [(1.0, CREATED_AT, "a"), (2.0, CREATED_AT + 2, "c")]}


@pytest.mark.parametrize("time", [MAX_TIME_MS + 1, -(2**63), 2**63 - 1])
def test_a_time_beyond_the_calendar_costs_only_its_own_point(doors: Doors, time: int) -> None:
    some_floats = FloatPoints(steps=[1.0, 2.0], times=[time, 5], values=[1.0, 2.0])
    some_strings = StringPoints(steps=[1.0, 2.0], times=[5, time], values=["a", "b"])
    receipt = doors.write(
        create(),
        Append(path=parse_path("f"), points=some_floats),
        Append(path=parse_path("s"), points=some_strings),
    )
    assert without_messages(receipt) == [("f", "invalid_value", 1), ("s", "invalid_value", 1)]
    assert doors.values() == {"f": [(2.0, 5, 2.0)], "s": [(1.0, 5, "a")]}


def test_an_image_whose_bytes_are_missing_costs_only_its_own_point(doors: Doors) -> None:
    doors.keep(b"cat")
    cat = file_of(b"cat", "cat.png", "image/png")
    receipt = doors.write(create(), files("pictures", [1, 2, 3, math.nan], [cat, NOT_UPLOADED, cat, cat]))
    assert sorted(without_messages(receipt), key=str) == [
        ("pictures", "blob_missing", 1),
        ("pictures", "invalid_value", 1),
    ]
    assert doors.values() == {"pictures": [(1.0, CREATED_AT, cat), (3.0, CREATED_AT + 2, cat)]}


def test_every_point_of_a_refused_append_is_counted(doors: Doors) -> None:
    receipt = doors.write(
        create(),
        put("value", 1),
        floats("value", [1, 2, 3]),
        floats("sys/state", [1, 2]),
        strings("sys/id", [1, 2, 3, 4], ["a"] * 4),
        floats("none", [math.nan, math.nan]),
        files("lost", [1, 2], [NOT_UPLOADED, NOT_UPLOADED]),
    )
    assert sorted(without_messages(receipt), key=str) == [
        ("lost", "blob_missing", 2),
        ("none", "invalid_value", 2),
        ("sys/id", "invalid_path", 4),
        ("sys/state", "invalid_path", 2),
        ("value", "kind_conflict", 3),
    ]
    assert doors.values() == {"value": 1}


def test_values_that_are_not_finite_are_no_fault(doors: Doors) -> None:
    receipt = doors.write(create(), floats("loss", [1, 2, 3], [math.inf, -math.inf, math.nan]), put("x", math.inf))
    assert receipt.rejections == ()
    rows = doors.values()["loss"]
    assert isinstance(rows, list)
    assert [str(row[2]) for row in rows] == ["inf", "-inf", "nan"]


@pytest.mark.parametrize(
    ("batch", "complaint"),
    [
        (batch_of(create(), run="short"), "32 lowercase hexadecimal"),
        (batch_of(create(), run=RUN.upper()), "32 lowercase hexadecimal"),
        (batch_of(create(), run=RUN + "\n"), "32 lowercase hexadecimal"),
        (batch_of(create(), writer=""), "1 to 64"),
        (batch_of(create(), writer="w" * 65), "1 to 64"),
        (batch_of(create(), writer="a/b"), "1 to 64"),
        (batch_of(create(), first=0), "positions 0 to 0"),
        (batch_of(create(), first=5, last=4), "positions 5 to 4"),
        (batch_of(create(), first=1, last=2**63), "positions 1 to"),
    ],
)
def test_an_envelope_that_no_writer_makes_is_an_error_and_nothing_is_stored(
    doors: Doors, batch: object, complaint: str
) -> None:
    with pytest.raises(EnvelopeError, match=complaint):
        doors.accept(batch)  # type: ignore[arg-type]
    assert doors.query.projects() == []


def test_two_kinds_at_one_path_are_refused_until_the_first_is_deleted(doors: Doors) -> None:
    receipt = doors.write(create(PROJECT), floats("x", [1]), put("x", 5), delete("x"), put("x", 6))
    assert without_messages(receipt) == [("x", "kind_conflict", 1)]
    assert doors.values() == {"x": 6}


def test_a_value_may_change_its_kind(doors: Doors) -> None:
    receipt = doors.write(create(), put("x", 1), put("x", "one"), SetValue(path=parse_path("x"), value=True))
    assert receipt.rejections == ()
    assert doors.values() == {"x": True}
