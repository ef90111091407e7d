"""A server that is killed at any moment has lost nothing that it acknowledged and doubled nothing.

The writer does as the syncer does: it asks where it is, goes on after that, and cuts its stream anew each time. Where
the kill falls, in the stream and within a commit, is drawn from the seed.
"""

from __future__ import annotations

import http.client
import random
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from asking import HttpWriter, ask
from marigram.model import (
    Append,
    AttachFile,
    CreateRun,
    Delete,
    EditSet,
    Operation,
    Rewind,
    RunStatus,
    SetStatus,
    SetValue,
    Tally,
)
from operations import CREATED_AT, attach, batch_of, create, delete, edit, file_of, floats, put, rewind, strings
from running_server import RunningServer

SEEDS = range(6)
OPERATIONS = 320
LARGEST_BATCH = 8
MOMENTS = (0.15, 0.55)
"""How far into the stream the server is killed, as a part of it; the seed adds to it."""

LONGEST_DELAY_S = 0.03
"""A commit takes some milliseconds, so a delay up to this falls anywhere in one of the next few."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Give one server for all seeds: each finds what the crashes before it have left."""
    folder = tmp_path_factory.mktemp("killed_server")
    server = RunningServer(folder / "data", folder / "server.log")
    server.start()
    yield server
    server.stop()


def content_of(seed: int, at: int) -> bytes:
    return f"file {at} of {seed}".encode() * 50


def stream(seed: int) -> list[Operation]:
    """Return what is written: every kind of operation, series that go and come again, steps that repeat."""
    dice = random.Random(seed)
    operations: list[Operation] = [create("lab/crash")]
    for at in range(1, OPERATIONS):
        place = dice.randrange(3)
        steps = [float(dice.randrange(400)) for _ in range(dice.randrange(1, 20))]
        operations.append(
            dice.choices(
                [
                    floats(f"f/{place}", steps, [at + dice.random() for _ in steps]),
                    strings(f"t/{place}", steps, [f"{at}: {step}" for step in steps]),
                    put(f"v/{place}", at),
                    edit(f"s/{place}", add=[f"m{at}"], remove=[f"m{dice.randrange(at)}"]),
                    attach(f"x/{place}", file_of(content_of(seed, at), f"{at}.txt")),
                    delete(f"{dice.choice('ftvsx')}/{place}"),
                    delete(dice.choice("ft")),
                    rewind(dice.randrange(400), dice.choice([None, "f", f"t/{place}"])),
                ],
                [40, 15, 10, 15, 5, 8, 3, 5],
            )[0]
        )
    return [*operations, SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 1, exit_code=0)]


def expected(operations: list[Operation]) -> dict[str, Any]:
    """Return what the run must have at each path in the end; a series is its value by step."""
    has: dict[str, Any] = {}
    for operation in operations:
        match operation:
            case CreateRun() | SetStatus():
                pass
            case SetValue(path=path, value=value):
                has[path] = value
            case EditSet(path=path, add=add, remove=remove):
                has[path] = (has.get(path, set[str]()) - set(remove)) | set(add)
            case Append(path=path, points=points):
                has.setdefault(path, {}).update(zip(points.steps, points.values, strict=True))
            case AttachFile(path=path, file=file):
                has[path] = file.sha256
            case Rewind(after_step=last, path=path):
                for each, series in has.items():
                    if isinstance(series, dict) and (path is None or each == path or each.startswith(f"{path}/")):
                        has[each] = {step: value for step, value in series.items() if step <= last}
            case Delete(path=path):
                for gone in [each for each in has if each == path or each.startswith(f"{path}/")]:
                    del has[gone]
    return has


def found(url: str, run: str) -> dict[str, Any]:
    """Return what the run has at each path, and see that a series counts its points right."""
    has: dict[str, Any] = {}
    for info in ask(url, f"/api/v1/runs/{run}/attributes").json()["attributes"]:
        path, kind = info["path"], info["kind"]
        if path.startswith("sys/"):
            continue
        if kind.endswith("_series"):
            points = ask(url, f"/api/v1/runs/{run}/points", path=path, limit=10_000).json()["points"]
            steps = [point["step"] for point in points]
            assert steps == sorted(set(steps)), f"{path} has a step twice"
            assert (info["series"] or {"count": 0})["count"] == len(points), f"{path} counts wrong"
            has[path] = {point["step"]: point["value"] for point in points}
        elif kind == "file":
            blob = ask(url, f"/api/v1/runs/{run}/file", path=path)
            assert blob.status == 200
            assert file_of(blob.body).sha256 == info["file"]["sha256"], "the bytes are those of the file"
            has[path] = info["file"]["sha256"]
        else:
            has[path] = set(info["value"]) if kind == "string_set" else info["value"]
    return has


class CrashingWriter:
    """Writes a stream to a server that is killed on the way."""

    def __init__(self, server: RunningServer, seed: int) -> None:
        self.dice = random.Random(f"writer {seed}")
        self.operations = stream(seed)
        self.http = HttpWriter(server.url, run=UUID(int=seed).hex, writer="syncer")
        self.acknowledged = 0
        self.kills = 0
        self._server = server
        self._seed = seed
        self._killing: threading.Timer | None = None
        self._moments = [int(OPERATIONS * (part + self.dice.random() / 4)) for part in MOMENTS]

    def write_all(self) -> None:
        """Write until the whole stream is acknowledged."""
        while self.acknowledged < len(self.operations):
            if self._moments and self.acknowledged >= self._moments[0]:
                self._moments.pop(0)
                self._kill_soon()
            try:
                self._write_some()
            except (OSError, http.client.HTTPException):
                assert self._killing is not None, self._server.log_tail()
                self._come_back()
        if self._killing is not None:
            self._come_back()

    def _write_some(self) -> None:
        first = self.acknowledged + 1
        some = self.operations[first - 1 : first - 1 + self.dice.randrange(1, LARGEST_BATCH + 1)]
        for at, operation in enumerate(some, first - 1):
            if isinstance(operation, AttachFile):
                assert self.http.upload(operation.file.sha256, content_of(self._seed, at)).status == 201
        receipt = self.http.send(batch_of(*some, first=first, run=self.http.run, writer=self.http.writer))
        assert (receipt.durable_seq, receipt.rejections) == (first + len(some) - 1, ())
        done = self.operations[: receipt.durable_seq]
        points = sum(len(operation.points.steps) for operation in done if isinstance(operation, Append))
        assert receipt.tally == Tally(points_stored=points), "repeats and crashes count nothing twice"
        self.acknowledged = receipt.durable_seq

    def _kill_soon(self) -> None:
        assert self._killing is None
        self._killing = threading.Timer(self.dice.random() * LONGEST_DELAY_S, self._server.kill)
        self._killing.start()

    def _come_back(self) -> None:
        assert self._killing is not None
        self._killing.join()
        self._killing = None
        self.kills += 1
        self._server.start()
        durable = self.http.durable_seq()
        assert durable >= self.acknowledged, "what was acknowledged is lost"
        self.acknowledged = durable


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_acknowledged_survives_and_nothing_is_doubled(server: RunningServer, seed: int) -> None:
    writer = CrashingWriter(server, seed)
    writer.write_all()
    assert writer.kills == len(MOMENTS)
    wanted = expected(writer.operations)
    assert found(server.url, writer.http.run) == wanted
    server.kill()
    server.start()
    assert writer.http.durable_seq() == len(writer.operations)
    assert found(server.url, writer.http.run) == wanted, "after one more crash, with nothing in flight"
    run = ask(server.url, f"/api/v1/runs/{writer.http.run}").json()
    assert (run["status"], run["exit_code"], run["key"]) == ("finished", 0, f"CRAS-{seed + 1}")
