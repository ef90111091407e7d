"""How many points per second one server makes durable, what a point costs it, and what memory it takes.

A real server is started in a process of its own, with its data in a temporary folder. A second process sends batches
that were made before, over HTTP on loopback in our own protocol, on several connections, one batch after the other on
each; several runs and writers take turns. A wide batch is 5 points of 1,000 series, a tall one 5,000 points of one
series. Printed are medians over the given number of rounds:

- points per second, from the first batch to the last receipt, and how long the receipts took;
- processor time of the server per point, all in: HTTP, decoding, checks, commits, flushes and merges, those that were
  still to be done when the last receipt came included;
- how long the server went on working after that: its debt;
- the largest resident set of the server, and how long a reader waited for a thousand points of one series meanwhile;
- how long the store itself takes for the newest points of a run, while another thread commits without a pause.

    python benchmarks/ingest.py [--shape wide tall] [--seconds 60] [--rounds 3] [--rate 0] [--json]
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import platform
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from array import array
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil
import zstandard

from marigram.model import Batch, CreateRun, FloatPoints, parse_project_name
from marigram.server.store.points.batch import PointBatch, WriteFloats
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.wire import encode_batch

BATCH_POINTS = 5_000
SERIES = {"wide": 1_000, "tall": 1}
CONNECTIONS = 4
RUNS_PER_CONNECTION = 3
PREPARED_PER_S = {"wide": 1_000_000, "tall": 1_600_000}
"""Points per second that batches are prepared for; who is faster runs out of them, and is measured all the same."""

READY_WITHIN_S = 60.0
TAIL_S = 10.0
IDLE_SHARE = 0.05
"""A server that uses less of a core than this for a second has no debt."""

DRAINED_WITHIN_S = 300.0
_PROJECT = parse_project_name("benchmarks/ingest")


@contextmanager
def server(folder: Path) -> Generator[tuple[int, psutil.Process]]:
    """Run a server for the length of the block; yield its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "marigram.cli", "up", "--host", "127.0.0.1", "--port", str(port)]
    # Where Python may not keep what it has compiled, a start takes twice as long as that of an installed package.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(
            [*command, "--data", str(folder / "data")], stdout=log, stderr=log, env=environment
        ) as process,
    ):
        try:
            deadline = time.monotonic() + READY_WITHIN_S
            while not answers(port):
                if time.monotonic() > deadline:
                    message = f"The server did not start. Its log says:\n{(folder / 'server.log').read_text()[-2000:]}"
                    raise SystemExit(message)
                time.sleep(0.05)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()


def answers(port: int) -> bool:
    """Return whether a server answers."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False


class Stream:
    """The batches of one writer of one run."""

    def __init__(self, shape: str, number: int) -> None:
        self.run_id = uuid.uuid4().hex
        self._writer = f"writer-{number}"
        self._series = SERIES[shape]
        self._each = BATCH_POINTS // self._series
        self._random = np.random.default_rng(number)
        operations = [["f", f"train/layer_{at}/loss", self._each] for at in range(self._series)]
        self._operations = msgspec.msgpack.encode(operations)
        self._seq = 1
        self._step = 0

    def create(self) -> bytes:
        """Return the batch that makes the run."""
        create = CreateRun(project=_PROJECT, created_at=1_700_000_000_000)
        batch = Batch(run_id=self.run_id, writer=self._writer, first_seq=1, last_seq=1, operations=(create,))
        return encode_batch(batch)

    def batch(self) -> bytes:
        """Return the next batch of points, as `marigram.wire` would encode it, but with less work."""
        steps = np.arange(self._step, self._step + self._each, dtype="<f8")
        self._step += self._each
        noise = self._random.normal(0.0, 0.1, BATCH_POINTS).astype(np.float32).astype("<f8")
        times = 1_700_000_000_000 + (steps * 37).astype("<i8")
        first, last = self._seq + 1, self._seq + BATCH_POINTS
        self._seq = last
        encode = msgspec.msgpack.encode
        facts = (self.run_id, self._writer, first, last, BATCH_POINTS)
        header = b"\x96" + b"".join(map(encode, facts)) + self._operations
        start = struct.pack("<4sI", b"MGB1", len(header)) + header
        columns = np.tile(steps, self._series), np.tile(times, self._series), noise
        plain = b"".join((start, bytes(-len(start) % 8), *(column.tobytes() for column in columns)))
        return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(plain)


class Sender(threading.Thread):
    """One connection, which sends batches of its runs by turns."""

    def __init__(self, port: int, shape: str, number: int, batches: int, rate: float) -> None:
        super().__init__()
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._pause_s = BATCH_POINTS / rate if rate else 0.0
        streams = [Stream(shape, number * RUNS_PER_CONNECTION + at) for at in range(RUNS_PER_CONNECTION)]
        self.run_ids = [stream.run_id for stream in streams]
        for stream in streams:
            self._send(stream.create())
            self._send(stream.batch())  # the series exist from now on
        self._bodies = [streams[at % len(streams)].batch() for at in range(batches)]
        self.latencies: list[float] = []
        self.busy = 0
        self.began = self.ended = 0.0
        self.until = 0.0
        self.failure: str | None = None

    def run(self) -> None:
        """Send until the time is over, or all that was prepared is sent, or something is not as it must be."""
        try:
            self._send_all()
        except (SystemExit, OSError) as error:
            self.failure = str(error)

    def _send_all(self) -> None:
        self.began = due = time.perf_counter()
        for body in self._bodies:
            if self._pause_s:
                time.sleep(max(0.0, due - time.perf_counter()))
                due += self._pause_s
            sent = time.perf_counter()
            if sent > self.until:
                break
            while not self._send(body):
                self.busy += 1
                time.sleep(0.05)
            self.latencies.append(time.perf_counter() - sent)
        self.ended = time.perf_counter()

    def _send(self, body: bytes) -> bool:
        head = (
            "POST /api/native/v1/batches HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/vnd.marigram.batch\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + body)
        while b"\r\n\r\n" not in self._received:
            self._read()
        answer, _, rest = self._received.partition(b"\r\n\r\n")
        [length] = [int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        self._received = rest
        while len(self._received) < length:
            self._read()
        answered, self._received = self._received[:length], self._received[length:]
        status = int(answer[9:12])
        if status not in {http.HTTPStatus.OK, http.HTTPStatus.TOO_MANY_REQUESTS}:
            message = f"The server answered {status}: {answered.decode()}"
            raise SystemExit(message)
        return status == http.HTTPStatus.OK

    def _read(self) -> None:
        more = self._socket.recv(65_536)
        if not more:
            message = "The server closed the connection."
            raise SystemExit(message)
        self._received += more


def send(port: int, shape: str, seconds: float, rate: float, told: Connection) -> None:
    """Prepare batches, say so, wait for the word, send them, and tell what was measured; a process of its own."""
    each = int(seconds * (rate or PREPARED_PER_S[shape])) // (BATCH_POINTS * CONNECTIONS) + 1
    senders = [Sender(port, shape, number, each, rate / CONNECTIONS) for number in range(CONNECTIONS)]
    told.send([run_id for sender in senders for run_id in sender.run_ids])
    told.recv()
    for sender in senders:
        sender.until = time.perf_counter() + seconds
        sender.start()
    for sender in senders:
        sender.join()
    failures = [sender.failure for sender in senders if sender.failure is not None]
    if failures:
        told.send({"failure": failures[0]})
        return
    latencies = [latency for sender in senders for latency in sender.latencies]
    taken = max(sender.ended for sender in senders) - min(sender.began for sender in senders)
    told.send({"latencies": latencies, "taken_s": taken, "busy": sum(sender.busy for sender in senders)})


class Watching(threading.Thread):
    """Looks at the server's memory, and asks for points of a series that grows, until it is stopped."""

    def __init__(self, port: int, process: psutil.Process, run_id: str) -> None:
        super().__init__()
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._process = process
        self._question = f"/api/v1/runs/{run_id}/points?path=train/layer_0/loss&limit=1000"
        self.stopping = threading.Event()
        self.peak = 0
        self.waits: list[float] = []

    def run(self) -> None:
        """Look five times a second."""
        while not self.stopping.wait(0.2):
            self.peak = max(self.peak, self._process.memory_info().rss)
            asked = time.perf_counter()
            self._connection.request("GET", self._question)
            answer = self._connection.getresponse()
            answer.read()
            if answer.status != http.HTTPStatus.OK:
                message = f"The server answered {answer.status} to {self._question}."
                raise SystemExit(message)
            self.waits.append(time.perf_counter() - asked)


def tail(shape: str, seconds: float) -> dict[str, float]:
    """Return how long the newest points of a run are waited for in the store itself, while it commits all the time."""
    series = SERIES[shape]
    run_id = uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as temporary:
        store = EmbeddedPointStore(Path(temporary) / "points.db")
        store.start()
        stopping = threading.Event()
        committed: list[int] = []

        def commit() -> None:
            each = BATCH_POINTS // series
            values = np.random.default_rng(1).normal(size=BATCH_POINTS).tolist()
            while not stopping.is_set():
                first = each * len(committed)
                steps = np.tile(np.arange(first, first + each, dtype=np.float64), series)
                points = FloatPoints(steps=array("d", steps), times=array("q", steps.astype(int)), values=values)
                write = WriteFloats(attributes=range(1, series + 1), counts=[each] * series, points=points)
                seq = len(committed) + 1
                store.commit([PointBatch(run_id=run_id, writer="w", last_seq=seq, writes=(write,))])
                committed.append(seq)

        committing = threading.Thread(target=commit)
        committing.start()
        waits: list[float] = []
        position, end = store.position(), time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.02)
            asked = time.perf_counter()
            found = store.tail(run_id, after=position)
            waits.append(time.perf_counter() - asked)
            position = store.position() if found is None else found.position
        stopping.set()
        committing.join()
        store.close()
    return {
        "tail_p50_ms": float(np.quantile(waits, 0.5)) * 1e3,
        "tail_p99_ms": float(np.quantile(waits, 0.99)) * 1e3,
        "tail_while_points_per_s": BATCH_POINTS * len(committed) / seconds,
    }


def processor_s(process: psutil.Process) -> float:
    """Return the processor time that a process has used, in seconds."""
    times = process.cpu_times()
    return times.user + times.system


def drain(process: psutil.Process) -> float:
    """Return after how many seconds the server has nothing left to do."""
    began = quiet_since = time.monotonic()
    before = processor_s(process)
    while time.monotonic() < began + DRAINED_WITHIN_S:
        time.sleep(1.0)
        now = processor_s(process)
        if now - before < IDLE_SHARE:
            return quiet_since - began
        before, quiet_since = now, time.monotonic()
    return DRAINED_WITHIN_S


def measure(shape: str, seconds: float, rate: float) -> dict[str, float]:
    """Return what was measured in one round."""
    spawning = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as temporary, server(Path(temporary)) as (port, process):
        idle = process.memory_info().rss
        ours, theirs = spawning.Pipe()
        sending = spawning.Process(target=send, args=(port, shape, seconds, rate, theirs))
        sending.start()
        run_ids = ours.recv()
        watching = Watching(port, process, run_ids[0])
        watching.start()
        before = processor_s(process)
        ours.send(None)
        result = ours.recv()
        if "failure" in result:
            log = (Path(temporary) / "server.log").read_text()[-2000:]
            message = f"{result['failure']}\nThe server's log says:\n{log}"
            raise SystemExit(message)
        at_end = processor_s(process)
        watching.stopping.set()
        watching.join()
        debt_s = drain(process)
        used = processor_s(process) - before
        sending.join()
        resting = process.memory_info().rss
        database = Path(temporary) / "data" / "points.db"
        size = sum(path.stat().st_size for path in database.parent.glob("points.db*"))
    latencies = np.array(result["latencies"])
    points = len(latencies) * BATCH_POINTS
    return {
        "points": points,
        "points_per_s": points / result["taken_s"],
        "cpu_us_per_point": used / points * 1e6,
        "cpu_us_per_point_while_sending": (at_end - before) / points * 1e6,
        "receipt_p50_ms": float(np.quantile(latencies, 0.5)) * 1e3,
        "receipt_p99_ms": float(np.quantile(latencies, 0.99)) * 1e3,
        "receipt_max_ms": float(latencies.max()) * 1e3,
        "read_p50_ms": float(np.quantile(watching.waits, 0.5)) * 1e3,
        "read_p99_ms": float(np.quantile(watching.waits, 0.99)) * 1e3,
        "answers_busy": result["busy"],
        "debt_s": debt_s,
        "rss_idle_mb": idle / 1e6,
        "rss_peak_mb": watching.peak / 1e6,
        "rss_after_mb": resting / 1e6,
        "bytes_per_point_on_disk": size / points,
        **tail(shape, TAIL_S),
    }


def rounds(arguments: argparse.Namespace) -> Iterator[tuple[str, list[dict[str, float]]]]:
    """Yield each shape with the results of its rounds."""
    for shape in arguments.shape:
        yield shape, [measure(shape, arguments.seconds, arguments.rate) for _ in range(arguments.rounds)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shape", nargs="+", choices=sorted(SERIES), default=["wide", "tall"])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long batches are sent in each round")
    parser.add_argument("--rounds", type=int, default=3, help="of which the medians are printed")
    parser.add_argument("--rate", type=float, default=0.0, help="points per second; 0: as fast as they are taken")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    facts: dict[str, Any] = {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    results = {
        shape: {name: statistics.median(each[name] for each in found) for name in found[0]}
        for shape, found in rounds(arguments)
    }
    if arguments.json:
        print(json.dumps({"machine": facts, "results": results}))
        return
    for shape, found in results.items():
        print(f"{shape}: {found.pop('points'):,.0f} points in batches of {BATCH_POINTS:,}")
        for name, value in found.items():
            print(f"  {name.replace('_', ' '):<32}{value:>14,.2f}")
    print(f"Python {facts['python']}, {facts['cores']} cores, load {facts['load']:.1f}")


if __name__ == "__main__":
    main()
