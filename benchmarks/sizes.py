"""Runs of extreme sizes, from the first batch to the last byte that a deletion frees.

A real server in a process of its own, with its data in a temporary folder, gets one run with many short series, and in
a second round one with a few long ones, in our own protocol over HTTP. Measured are the ingest, one page of the runs
table, of attributes and of points, a chart, the start after a SIGKILL with a full log, the deletion, the disk before
and after it, and the server's memory. All answers are compared with what was sent.

    python benchmarks/sizes.py [--only many long] [--series 100000] [--points 10000000] [--json] [--write]

`--write` puts the table into docs/reference/sizes.md. All takes about ten minutes and 1 GB of disk.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import sqlite3
import struct
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
import numpy as np
import psutil
import zstandard
from ingest import drain, processor_s, server
from performance import machine

from marigram.model import Batch, CreateRun, RunStatus, SetStatus, parse_project_name
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.wire import encode_batch

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "sizes.md"
PROJECT = "benchmarks/sizes"
CREATED_AT = 1_700_000_000_000
STEP_MS = 250
WRITERS = 2
IDLE_S = 3.0
REPEATS = 5
ZOOM_POINTS = 2_000
LOG_ROWS = 9_500
"""Batches of a hundred points; with 9,986 of them the log is moved to blocks."""

LOG_SERIES, LOG_STEPS, LOG_LOOK_EVERY, LOG_WRITERS = 10, 10, 256, 8
FREE_WITHIN_S = 600.0
FREE_BYTES = 1_000_000
"""An empty server has as much; the project also keeps the names of its attributes."""

SETTLED_S = 5.0
"""What is still on the disk when nothing has changed for so long will stay there."""

Found = dict[str, float]


class Shape(msgspec.Struct, frozen=True):
    """What a run consists of, and how it comes: batches of so many series with so many steps each."""

    series: int
    points: int
    batch_series: int
    batch_steps: int

    @property
    def total(self) -> int:
        """Return how many points there are in all."""
        return self.series * self.points


def path_of(series: int) -> str:
    """Return the path of a series."""
    return f"layers/{series // 100:04}/weights/{series % 100:02}/norm"


def losses(series: NDArray[np.uint64], steps: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return falling losses with noise as float32 has them; the same for the same series and step."""
    with np.errstate(over="ignore"):
        mixed = (steps + series * np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0x94D049BB133111EB)
    noise = (mixed >> np.uint64(40)).astype(np.float64) / 2**24 - 0.5
    return (1.0 / (1.0 + steps.astype(np.float64) / 1000) + 0.02 * noise).astype(np.float32).astype(np.float64)


class Connection:
    """One connection to the server; asks one thing after the other."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        """Return the answer's body, after as many attempts as a busy server wants.

        Raises:
            SystemExit: the server refuses.
        """
        while True:
            self._connection.request(method, path, body, headers or {})
            answer = self._connection.getresponse()
            content = answer.read()
            if answer.status == http.HTTPStatus.TOO_MANY_REQUESTS:
                time.sleep(0.1)
                continue
            if answer.status >= http.HTTPStatus.BAD_REQUEST:
                message = f"The server answered {answer.status} to {method} {path}: {content.decode()[:500]}"
                raise SystemExit(message)
            return content

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return an answer in JSON."""
        return msgspec.json.decode(self.ask("GET", f"/api/v1/{path}"))

    def send(self, body: bytes) -> None:
        """Send a batch; all of it must be accepted."""
        headers = {"content-type": "application/vnd.marigram.batch"}
        receipt = msgspec.json.decode(self.ask("POST", "/api/native/v1/batches", body, headers))
        require(not receipt.get("rejections"), f"The server refused points: {receipt}")


def require(truth: bool, message: str) -> None:  # noqa: FBT001 - like assert
    """End if something is not as it must be."""
    if not truth:
        raise SystemExit(message)


class Writer:
    """Sends points of one run as one writer."""

    def __init__(self, port: int, run_id: str, name: str) -> None:
        self._connection = Connection(port)
        self._run_id = run_id
        self._name = name
        self._compressor = zstandard.ZstdCompressor(level=1, write_checksum=True)
        self.seq = 0

    def say(self, operation: CreateRun | SetStatus) -> None:
        """Send one operation alone."""
        self.seq += 1
        batch = Batch(
            run_id=self._run_id, writer=self._name, first_seq=self.seq, last_seq=self.seq, operations=(operation,)
        )
        self._connection.send(encode_batch(batch))

    def write(
        self, paths: Sequence[str], first_step: int, values: NDArray[np.float64], *, since: int = CREATED_AT
    ) -> None:
        """Send points of some series from a step on, a row of `values` for each series; step 0 was at `since`."""
        each = values.shape[1]
        steps = np.arange(first_step, first_step + each, dtype="<f8")
        times = since + steps.astype("<i8") * STEP_MS
        first, self.seq = self.seq + 1, self.seq + values.size
        facts = (self._run_id, self._name, first, self.seq, values.size, [["f", path, each] for path in paths])
        header = msgspec.msgpack.encode(facts)
        start = struct.pack("<4sI", b"MGB1", len(header)) + header
        columns = np.tile(steps, len(paths)), np.tile(times, len(paths)), values.astype("<f8")
        plain = b"".join((start, bytes(-len(start) % 8), *(column.tobytes() for column in columns)))
        self._connection.send(self._compressor.compress(plain))


class Memory(threading.Thread):
    """Looks at the memory of a process twenty times a second."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._peak = 0
        self.start()

    def run(self) -> None:
        """Look until the process is gone."""
        try:
            while True:
                self._peak = max(self._peak, self._process.memory_info().rss)
                time.sleep(0.05)
        except psutil.NoSuchProcess:
            return

    def peak_mb(self) -> float:
        """Return the most since the last call."""
        peak, self._peak = max(self._peak, self._process.memory_info().rss), 0
        return peak / 1e6


def disk_bytes(folder: Path) -> int:
    """Return what all files of the server take."""
    return sum(path.stat().st_size for path in (folder / "data").rglob("*") if path.is_file())


def timed(question: Connection, path: str) -> tuple[Any, float, float]:
    """Return an answer, how long the first took, and the fastest of the next ones, in milliseconds."""
    waits: list[float] = []
    answer: Any = None
    for _ in range(1 + REPEATS):
        began = time.perf_counter()
        body = question.ask("GET", f"/api/v1/{path}")
        waits.append((time.perf_counter() - began) * 1e3)
        answer = msgspec.json.decode(body)
    return answer, waits[0], min(waits[1:])


def ingest(port: int, process: psutil.Process, run_id: str, shape: Shape) -> tuple[Found, dict[str, int]]:
    """Send the run; return what it took, and where each writer stands."""
    Writer(port, run_id, "main").say(CreateRun(project=parse_project_name(PROJECT), created_at=CREATED_AT))
    each = -(-shape.series // WRITERS)
    writers = {
        f"w{at}": (Writer(port, run_id, f"w{at}"), range(at * each, min(shape.series, (at + 1) * each)))
        for at in range(WRITERS)
    }
    before, began = processor_s(process), time.perf_counter()
    first_pass: list[float] = []

    def send(writer: Writer, series: range) -> None:
        for start in range(0, shape.points, shape.batch_steps):
            if start == shape.batch_steps:
                first_pass.append(processor_s(process) - before)
            steps = np.arange(start, min(shape.points, start + shape.batch_steps), dtype=np.uint64)
            for at in range(0, len(series), shape.batch_series):
                some = series[at : at + shape.batch_series]
                values = losses(np.array(some, dtype=np.uint64)[:, None], steps[None, :])
                writer.write([path_of(number) for number in some], start, values)

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(send, writer, series) for writer, series in writers.values()]:
            done.result()
    taken, used = time.perf_counter() - began, processor_s(process) - before
    debt_s = drain(process)
    found = {
        "stored_s": taken,
        "points_per_s": shape.total / taken,
        "cpu_us_per_point": (processor_s(process) - before) / shape.total * 1e6,
        "cpu_us_per_point_until_stored": used / shape.total * 1e6,
        "debt_s": debt_s,
    }
    if shape.batch_steps == 1 and first_pass:
        found["cpu_us_per_new_series"] = max(first_pass) / shape.series * 1e6
    return found, {name: writer.seq for name, (writer, _) in writers.items()}


def read(port: int, run_id: str, shape: Shape) -> Found:
    """Ask what a person asks, and compare the answers with what was sent."""
    question = Connection(port)
    found: Found = {}
    series = shape.series // 2
    path = path_of(series)
    sent = losses(np.array([series], dtype=np.uint64), np.arange(shape.points, dtype=np.uint64))

    name = quote(path, safe="")
    table, found["table_first_ms"], found["table_ms"] = timed(
        question, f"projects/{PROJECT}/runs?limit=50&sort=min({name})&column={name}&query={quote(f'`{path}` < 100')}"
    )
    cell = table["rows"][0]["cells"][path]["series"]
    require(table["total"] == 1 and cell["count"] == shape.points, f"The table is wrong: {cell}")
    require(cell["min"] == sent.min() and cell["max"] == sent.max() and cell["last"] == sent[-1], f"Wrong: {cell}")

    page, found["attributes_first_ms"], found["attributes_ms"] = timed(
        question, f"runs/{run_id}/attributes?prefix=layers&limit=1000"
    )
    paths = [each["path"] for each in page["attributes"]]
    require(paths == [path_of(at) for at in range(min(1000, shape.series))], "The attributes are wrong.")

    chart, found["chart_first_ms"], found["chart_ms"] = timed(
        question, f"series/buckets?run={run_id}&path={name}&max_buckets=1000"
    )
    buckets = chart["series"][0]
    require(sum(buckets["count"]) == shape.points, f"The chart has {sum(buckets['count'])} points.")
    starts = np.array(buckets["step_first"], dtype=np.int64)
    for column, ends in (("min", np.minimum.reduceat(sent, starts)), ("max", np.maximum.reduceat(sent, starts))):
        require(buckets[column] == ends.tolist(), f"The chart's column {column} is wrong.")

    first = shape.points // 3
    count = min(ZOOM_POINTS, shape.points - first)
    points, found["zoom_first_ms"], found["zoom_ms"] = timed(
        question, f"runs/{run_id}/points?path={name}&first_step={first}&limit={count}"
    )
    values = [each["value"] for each in points["points"]]
    require(values == sent[first : first + count].tolist(), "The points are wrong.")
    return found


def fill_log(port: int, folder: Path, run_id: str) -> int:
    """Send small batches until the log of what is not in blocks is full; return how many rows it has."""
    log = sqlite3.connect(f"file:{folder / 'data' / 'points.db'}?mode=ro", uri=True)
    writers = [Writer(port, run_id, f"log{at}") for at in range(LOG_WRITERS)]
    paths = [f"log/{at}" for at in range(LOG_SERIES)]
    steps = dict.fromkeys(range(len(writers)), 0)

    def send(at: int) -> None:
        for _ in range(LOG_LOOK_EVERY // len(writers)):
            values = np.random.default_rng(steps[at]).normal(size=(LOG_SERIES, LOG_STEPS))
            writers[at].write([f"{path}/{at}" for path in paths], steps[at], values)
            steps[at] += LOG_STEPS

    rows = 0
    with ThreadPoolExecutor(len(writers)) as pool:
        while rows < LOG_ROWS:
            list(pool.map(send, range(len(writers))))
            rows = log.execute("SELECT count(*) FROM wal").fetchone()[0]
    log.close()
    return rows


def delete(port: int, folder: Path, run_id: str) -> Found:
    """Delete the run; return how long it took until it was gone, and until the disk was free."""
    connection = Connection(port)
    Writer(port, run_id, "end").say(SetStatus(status=RunStatus.FINISHED, at=CREATED_AT))
    full = disk_bytes(folder)
    connection.ask("POST", f"/api/v1/runs/{run_id}/trash")
    began = time.perf_counter()
    connection.ask("POST", f"/api/v1/runs/{run_id}/delete")
    gone = time.perf_counter() - began
    table = connection.get(f"projects/{PROJECT}/runs")
    require(table["total"] == 0, f"The run is still there: {table}")
    size, changed = disk_bytes(folder), time.perf_counter()
    while size > FREE_BYTES and time.perf_counter() - began < FREE_WITHIN_S:
        if time.perf_counter() - changed > SETTLED_S:
            break
        time.sleep(0.1)
        if disk_bytes(folder) != size:
            size, changed = disk_bytes(folder), time.perf_counter()
    return {
        "gone_ms": gone * 1e3,
        "free_s": changed - began,
        "disk_mb": full / 1e6,
        "disk_after_mb": size / 1e6,
    }


def reopen(folder: Path) -> float:
    """Return how long the point store alone takes to open a copy of its file, in seconds."""
    with tempfile.TemporaryDirectory(prefix="sizes-") as temporary:
        for path in (folder / "data").glob("points.db*"):
            shutil.copy(path, temporary)
        store = EmbeddedPointStore(Path(temporary) / "points.db")
        began = time.perf_counter()
        store.start()
        took = time.perf_counter() - began
        store.close()
    return took


def measure(shape: Shape) -> Found:
    """Return what was measured of one run."""
    run_id = uuid.uuid4().hex
    found: Found = {}
    with tempfile.TemporaryDirectory(prefix="sizes-") as temporary:
        folder = Path(temporary)
        with server(folder) as (port, process):
            time.sleep(IDLE_S)
            found["rss_idle_mb"] = process.memory_info().rss / 1e6
            memory = Memory(process)
            progress("stores the points")
            stored, standing = ingest(port, process, run_id, shape)
            found |= stored | {"rss_ingest_mb": memory.peak_mb()}
            found["disk_bytes_per_point"] = disk_bytes(folder) / shape.total
            progress("asks")
            found |= read(port, run_id, shape) | {"rss_reading_mb": memory.peak_mb()}
            progress("fills the log")
            found["log_rows"] = fill_log(port, folder, run_id)
            process.kill()
        progress("starts again")
        found["store_reopened_s"] = reopen(folder)
        began = time.perf_counter()
        with server(folder) as (port, process):
            found["reopened_s"] = time.perf_counter() - began
            found["reopened_cpu_s"] = processor_s(process)
            memory = Memory(process)
            for name, seq in standing.items():
                answer = Connection(port).ask("GET", f"/api/native/v1/runs/{run_id}/writers/{name}")
                require(msgspec.json.decode(answer)["durable_seq"] == seq, f"{name} lost points: {answer.decode()}")
            again = read(port, run_id, shape)
            found["chart_after_start_ms"], found["table_after_start_ms"] = (
                again["chart_first_ms"],
                again["table_first_ms"],
            )
            found["rss_reopened_mb"] = memory.peak_mb()
            progress("deletes")
            found |= delete(port, folder, run_id) | {"rss_deleting_mb": memory.peak_mb()}
            drain(process)
            found["rss_after_mb"] = process.memory_info().rss / 1e6
    return found


def progress(what: str) -> None:
    """Say on standard error what is being done."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr)


_ROWS = {
    "Stored, until the last receipt": "{stored_s:,.1f} s; {points_per_s:,.0f} points/s",
    "Processor time of the server": "{cpu_us_per_point:.2f} µs per point",
    "the same for a new series with its first points": "{cpu_us_per_new_series:.0f} µs per series",
    "Work left when all was stored": "{debt_s:.0f} s",
    "On the disk": "{disk_bytes_per_point:.1f} bytes per point",
    "Page of the runs table, sorted by one series": "{table_first_ms:.1f} ms, then {table_ms:.1f} ms",
    "Page of 1,000 attributes of the run": "{attributes_first_ms:.1f} ms, then {attributes_ms:.1f} ms",
    "Chart of one series": "{chart_first_ms:.1f} ms, then {chart_ms:.1f} ms",
    "2,000 points of one series, or all": "{zoom_first_ms:.1f} ms, then {zoom_ms:.1f} ms",
    "Points opened again after SIGKILL, with {log_rows:,.0f} batches in the log": "{store_reopened_s:.2f} s",
    "the whole server, with Python's start": "{reopened_s:.1f} s ({reopened_cpu_s:.1f} s of processor time)",
    "First page of the table, first chart after that": "{table_after_start_ms:.1f} ms, {chart_after_start_ms:.1f} ms",
    "Deleted": "gone in {gone_ms:.0f} ms, room free in {free_s:.1f} s",
    "On the disk before and after": "{disk_mb:,.0f} MB, {disk_after_mb:,.1f} MB",
    "Memory of the server: at rest, before": "{rss_idle_mb:.0f} MB",
    "at most while points come": "{rss_ingest_mb:.0f} MB",
    "at most while reading": "{rss_reading_mb:.0f} MB",
    "at most after the new start": "{rss_reopened_mb:.0f} MB",
    "at most during the deletion": "{rss_deleting_mb:.0f} MB",
    "at rest, in the end": "{rss_after_mb:.0f} MB",
}


def table(results: dict[str, Found], shapes: dict[str, Shape]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    titles = [f"{shapes[name].series:,} series x {shapes[name].points:,} points" for name in results]
    yield f"| | {' | '.join(titles)} |"
    yield "|---|" + "---:|" * len(results)
    some = next(iter(results.values()))
    for title, text in _ROWS.items():
        yield f"| {title.format(**some)} | {' | '.join(_cell(text, found) for found in results.values())} |"


def _cell(text: str, found: Found) -> str:
    try:
        return text.format(**found)
    except KeyError:
        return "-"


def page(results: dict[str, Found], shapes: dict[str, Shape], measured_on: str) -> str:
    """Return the page of the reference."""
    lines = "\n".join(table(results, shapes))
    return f"""# Runs of extreme sizes

Made by `python benchmarks/sizes.py --write`; run it on your machine. {measured_on}.

{lines}

- One run on an empty server, which does all over HTTP and syncs points to the disk before each receipt. The benchmark
  sends from {WRITERS} connections and shares the machine's cores with it.
- Every answer is compared with what was sent.
- **Then** is the best of {REPEATS}. A chart has at most 1,000 buckets, each with its minimum and maximum, as JSON.
- **Opened again** is until the point store answers. The log has what is committed and not yet moved to blocks; it is
  full, so all of it has to be read back. **The whole server** is from the call of the command to the first answer.
- **Gone** is until no answer shows the run; its room on the disk becomes free in slices, so that others need not wait.
  The project keeps the names of its attributes.
- [What logging costs](client-cost.md) the training process is a page of its own.
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=("many", "long"), default=["many", "long"])
    parser.add_argument("--series", type=int, default=100_000, help="series of the run with many, 10 points each")
    parser.add_argument("--points", type=int, default=10_000_000, help="points of each of the 10 long series")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--write", action="store_true", help="write docs/reference/sizes.md")
    arguments = parser.parse_args()
    shapes = {
        "many": Shape(series=arguments.series, points=10, batch_series=5_000, batch_steps=1),
        "long": Shape(series=10, points=arguments.points, batch_series=5, batch_steps=20_000),
    }
    measured_on = machine()
    results = {name: measure(shapes[name]) for name in arguments.only}
    if arguments.write:
        PAGE.write_text(page(results, shapes, measured_on))
    if arguments.json:
        print(json.dumps({"machine": measured_on, "load": os.getloadavg()[0], "results": results}))
    else:
        print("\n".join(table(results, shapes)))
        print(measured_on)


if __name__ == "__main__":
    main()
