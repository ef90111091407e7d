"""Bodies and answers recorded from version 1 of the native protocol stay readable for ever."""

from __future__ import annotations

import json
import math
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from asking import HttpWriter, ask
from marigram.model import (
    Append,
    AttachFile,
    CreateRun,
    Delete,
    EditSet,
    File,
    FilePoints,
    FloatPoints,
    Fork,
    Histogram,
    HistogramPoints,
    Operation,
    ProjectName,
    Receipt,
    Rejection,
    RejectionCode,
    Rewind,
    RunStatus,
    SetStatus,
    SetValue,
    StringPoints,
    parse_path,
)
from marigram.wire import Handshake, HeartbeatReply, WriterPosition, decode_batch
from running_server import RunningServer

RECORDED = Path(__file__).parent / "1"
RUN = "00112233445566778899aabbccddeeff"
PICTURE = File(sha256="ab" * 32, filename="ü cat.png", media_type="image/png", size=7, caption="a cat")
NOTES = File(sha256="cd" * 32, filename="notes.txt", media_type="text/plain", size=11)

EXPECTED: list[Operation] = [
    CreateRun(project=ProjectName("lab/cats"), created_at=1_700_000_000_123),
    SetValue(path=parse_path("params/bool"), value=False),
    SetValue(path=parse_path("params/int"), value=-42),
    SetValue(path=parse_path("params/big"), value=2**80),
    SetValue(path=parse_path("params/float"), value=0.1),
    SetValue(path=parse_path("params/string"), value="ein Wort, 數"),
    SetValue(path=parse_path("params/datetime"), value=datetime(2024, 2, 29, 23, 59, 59, 999_000, tzinfo=timezone.utc)),
    SetValue(path=parse_path("params/set"), value=frozenset({"b", "a"})),
    EditSet(path=parse_path("sys/tags"), add=("new",), remove=("old", "older")),
    Append(
        path=parse_path("train/loss"),
        points=FloatPoints(
            steps=[0.0, 0.5, 1e300], times=[1_700_000_000_124, 0, -1], values=[0.25, math.inf, -math.inf]
        ),
    ),
    Append(path=parse_path("log"), points=StringPoints(steps=[1.0, 2.0], times=[5, 6], values=["first", ""])),
    Append(path=parse_path("pictures"), points=FilePoints(steps=[3.0], times=[7], values=[PICTURE])),
    AttachFile(path=parse_path("notes"), file=NOTES),
    Append(path=parse_path("test/loss"), points=FloatPoints(steps=[7.0], times=[8], values=[0.125])),
    Delete(path=parse_path("old/things")),
    SetStatus(status=RunStatus.FAILED, at=1_700_000_000_999, exit_code=-9, failure="MemoryError"),
]


LATER: list[Operation] = [
    CreateRun(project=ProjectName("lab/cats"), created_at=1_700_000_000_123, fork=Fork(run_id="ab" * 16, step=500.5)),
    Rewind(after_step=-2.5, keep=(parse_path("monitoring"), parse_path("system"))),
    Rewind(after_step=7.0, path=parse_path("train/loss")),
    Append(
        path=parse_path("weights"),
        points=HistogramPoints(steps=[1.0], times=[9], values=[Histogram(edges=(-1.0, 0.0, 0.5), counts=(3.0, 0.25))]),
    ),
]
"""What was added later. An older server refuses rewinds and histograms, and takes a fork for a run without history."""


def listed(operation: Operation) -> Operation:
    """Return the operation with columns that compare by what they hold."""
    if not isinstance(operation, Append):
        return operation
    points = operation.points
    columns: dict[str, Any] = {"steps": list(points.steps), "times": list(points.times), "values": list(points.values)}
    return msgspec.structs.replace(operation, points=type(points)(**columns))


def test_a_recorded_body_is_read_as_the_operations_it_was_made_of() -> None:
    batch = decode_batch((RECORDED / "every_operation.batch").read_bytes())
    assert (batch.run_id, batch.writer, batch.first_seq, batch.last_seq) == (RUN, "host-1.worker_2", 41, 60)
    assert [listed(operation) for operation in batch.operations] == EXPECTED


def test_a_recorded_body_of_what_was_added_is_read_as_the_operations_it_was_made_of() -> None:
    batch = decode_batch((RECORDED / "history.batch").read_bytes())
    assert [listed(operation) for operation in batch.operations] == LATER


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("handshake", Handshake, Handshake(version="0.1.0", protocol=1)),
        ("writer", WriterPosition, WriterPosition(durable_seq=60)),
        ("heartbeat", HeartbeatReply, HeartbeatReply(known=True)),
        (
            "receipt",
            Receipt,
            Receipt(
                durable_seq=60,
                rejections=(
                    Rejection(path=parse_path("x"), code=RejectionCode.KIND_CONFLICT, message="No. Do.", count=3),
                    Rejection(path=None, code=RejectionCode.RUN_UNKNOWN, message="No. Do.", count=1),
                ),
            ),
        ),
    ],
)
def test_a_recorded_answer_is_read_and_made_the_same(name: str, kind: type[msgspec.Struct], expected: object) -> None:
    recorded = json.loads((RECORDED / "answers.json").read_bytes())[name]
    assert msgspec.json.decode(json.dumps(recorded).encode(), type=kind) == expected
    assert json.loads(msgspec.json.encode(expected)) == recorded


def test_every_code_of_a_rejection_is_one_that_version_1_knows() -> None:
    recorded = json.loads((RECORDED / "answers.json").read_bytes())["rejection_codes"]
    assert [code.value for code in RejectionCode] == recorded


def test_a_server_takes_the_recorded_conversation(shared_server: RunningServer) -> None:
    url, native = shared_server.url, "/api/native/v1"
    assert set(ask(url, f"{native}/handshake", project="lab/cats").json()) == {"version", "protocol"}
    writer = HttpWriter(url, run=RUN, writer="host-1.worker_2")
    assert ask(url, f"{native}/runs/{RUN}/writers/host-1.worker_2").json() == {"durable_seq": 0}
    body = (RECORDED / "every_operation.batch").read_bytes()
    gap = writer.post(body)
    assert (gap.status, gap.json()) == (200, {"durable_seq": 0, "rejections": []})
    before = HttpWriter(url, run=RUN, writer="host-1.worker_2")
    assert before.write(*([EXPECTED[0]] * 40)).durable_seq == 40
    receipt = writer.post(body).json()
    assert receipt["durable_seq"] == 60
    lost = {(rejection["path"], rejection["code"], rejection["count"]) for rejection in receipt["rejections"]}
    assert lost == {("notes", "blob_missing", 1), ("pictures", "blob_missing", 1)}
    assert ask(url, f"{native}/runs/{RUN}/writers/host-1.worker_2").json() == {"durable_seq": 60}
    assert ask(url, f"{native}/runs/{RUN}/heartbeat", method="POST").json() == {"known": True}
    assert ask(url, f"{native}/runs/{'f' * 32}/heartbeat", method="POST").json() == {"known": False}
