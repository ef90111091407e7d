"""MLflow's protocol as two servers speak it, side by side in one run: Marigram, and MLflow's own with SQLite.

Both are asked over HTTP by the same few lines, over one connection that is kept, so what differs is the server. MLflow
has a virtual environment of its own below the user's cache folder, made at the first run from PyPI.

    python benchmarks/mlflow_server.py [--only marigram,mlflow] [--runs 2000] [--points 100000] [--json] [--write]

`--write` puts the table into docs/reference/mlflow-speed.md. Where the environment is there, all takes three minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from environments import python_of, quiet_environment, version_of
from performance import machine
from sync import server

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "reference" / "mlflow-speed.md"
READY_WITHIN_S = 120.0
BATCH = 1000
HISTORY_PAGE = 25_000
ATTRIBUTES = 20
"""Parameters of a run, and as many metrics."""

REPEATS = 3
SINGLE_CALLS = 100
WIDE_BATCHES = 5
START_MS = 1_700_000_000_000


class Speaker:
    """Asks a server in MLflow's protocol, over one connection."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=300)

    def post(self, path: str, body: bytes) -> bytes:
        """Send a body and return the answer."""
        return self._ask("POST", path, body)

    def get(self, path: str, **question: str | int) -> bytes:
        """Ask and return the answer."""
        return self._ask("GET", f"{path}?{urlencode(question)}", None)

    def _ask(self, method: str, path: str, body: bytes | None) -> bytes:
        headers = {"content-type": "application/json"} if body is not None else {}
        self._connection.request(method, f"/api/2.0/mlflow/{path}", body=body, headers=headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:
            message = f"{method} {path}: {answer.status} {content[:500]!r}"
            raise RuntimeError(message)
        return content

    def say(self, path: str, **message: Any) -> Any:  # noqa: ANN401 - JSON
        """Send a message and return the answer, decoded."""
        return json.loads(self.post(path, json.dumps(message).encode()) or b"{}")


@contextlib.contextmanager
def mlflow_server(folder: Path, python: Path) -> Generator[str]:
    """Yield the address of MLflow's own server with one worker, and its database in the folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    place = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"]
    command = [str(python), "-m", "mlflow", "server", *place, "--host", "127.0.0.1", "--port", str(port)]
    environment = {**quiet_environment(), "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen([*command, "--workers", "1"], stdout=log, stderr=log, env=environment)
        try:
            wait_until_ready(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    end = time.monotonic() + READY_WITHIN_S
    while process.poll() is None and time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health")
            if connection.getresponse().status == http.client.OK:
                return
        connection.close()
        time.sleep(0.1)
    message = f"MLflow's server did not answer within {READY_WITHIN_S:g} s."
    raise RuntimeError(message)


def points(keys: Sequence[str], count: int, first_step: int) -> bytes:
    """Return the `metrics` of a log-batch call: `count` points in all, over these keys in turn."""
    metrics = [
        {
            "key": keys[at % len(keys)],
            "value": 1 / (1 + first_step + at),
            "timestamp": START_MS + first_step + at,
            "step": first_step + at // len(keys),
        }
        for at in range(count)
    ]
    return json.dumps(metrics).encode()


def seeded_runs(count: int) -> list[tuple[str, dict[str, str], dict[str, float]]]:
    """Return runs with their parameters and metrics; the same ones at each call."""
    chance = random.Random(7)
    return [
        (
            uuid.UUID(int=chance.getrandbits(128), version=4).hex,
            {f"p{number}": f"{chance.random():.6f}" for number in range(ATTRIBUTES)},
            {f"m{number}": chance.random() for number in range(ATTRIBUTES)},
        )
        for _ in range(count)
    ]


def seed_by_calls(url: str, count: int, experiment: str) -> None:
    """Log the runs as a client does."""
    speaker = Speaker(url)
    for at, (_, params, metrics) in enumerate(seeded_runs(count)):
        made = speaker.say("runs/create", experiment_id=experiment, start_time=START_MS + at, run_name=f"run{at}")
        speaker.say(
            "runs/log-batch",
            run_id=made["run"]["info"]["run_id"],
            params=[{"key": key, "value": value} for key, value in params.items()],
            metrics=[{"key": key, "value": value, "timestamp": START_MS, "step": 0} for key, value in metrics.items()],
        )


def seed_by_sql(folder: Path, count: int, experiment: str) -> None:
    """Put the same runs into MLflow's database, where calls would take minutes."""
    with contextlib.closing(sqlite3.connect(folder / "mlflow.db", timeout=60)) as database, database:
        for at, (run_id, params, metrics) in enumerate(seeded_runs(count)):
            database.execute(
                "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, lifecycle_stage,"
                " artifact_uri, experiment_id) VALUES (?, ?, 'UNKNOWN', '', 'RUNNING', ?, 'active', ?, ?)",
                (run_id, f"run{at}", START_MS + at, f"mlflow-artifacts:/{experiment}/{run_id}", int(experiment)),
            )
            database.execute(
                "INSERT INTO tags (key, value, run_uuid) VALUES ('mlflow.runName', ?, ?)", (f"run{at}", run_id)
            )
            database.executemany(
                "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
                [(key, value, run_id) for key, value in params.items()],
            )
            rows = [(key, value, START_MS, run_id) for key, value in metrics.items()]
            for table in ("metrics", "latest_metrics"):
                database.executemany(
                    f"INSERT INTO {table} (key, value, timestamp, run_uuid, step, is_nan)"  # noqa: S608 - two constants
                    " VALUES (?, ?, ?, ?, 0, 0)",
                    rows,
                )


def seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return how long it takes, the median of some."""
    took: list[float] = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return statistics.median(took)


def measure(url: str, seed: Callable[[str], None], sizes: dict[str, int]) -> Iterator[tuple[str, float]]:
    """Yield one after the other what a server does per second, or how long its answer takes in seconds."""
    speaker = Speaker(url)
    experiment = speaker.say("experiments/create", name="speed")["experiment_id"]
    run = speaker.say("runs/create", experiment_id=experiment, start_time=START_MS)["run"]["info"]["run_id"]
    steps = itertools.count()

    def single_calls() -> None:
        for step in itertools.islice(steps, SINGLE_CALLS):
            speaker.say("runs/log-metric", run_id=run, key="one", value=0.5, timestamp=START_MS + step, step=step)

    yield "log_metric_per_s", SINGLE_CALLS / seconds(single_calls)
    head = f'{{"run_id": "{run}", "metrics": '.encode()
    keys = [f"wide{number}" for number in range(BATCH)]
    wide = [head + points(keys, BATCH, step) + b"}" for step in range(WIDE_BATCHES * REPEATS)]
    speaker = Speaker(url)  # servers hang up on who is silent for some seconds
    wide_s = seconds(lambda: [speaker.post("runs/log-batch", wide.pop(0)) for _ in range(WIDE_BATCHES)])
    yield "wide_points_per_s", BATCH * WIDE_BATCHES / wide_s
    tall = [head + points(["loss"], BATCH, first) + b"}" for first in range(0, sizes["points"], BATCH)]
    speaker = Speaker(url)
    tall_s = seconds(lambda: [speaker.post("runs/log-batch", body) for body in tall], 1)
    yield "tall_points_per_s", sizes["points"] / tall_s

    def history() -> None:
        token, count = "", 0
        while count == 0 or token:
            question = {"run_id": run, "metric_key": "loss", "max_results": HISTORY_PAGE}
            page = json.loads(
                speaker.get("metrics/get-history", **question, **({"page_token": token} if token else {}))
            )
            count += len(page.get("metrics", []))
            token = page.get("next_page_token", "")
        if count != sizes["points"]:
            message = f"{count} points came back, not {sizes['points']}."
            raise RuntimeError(message)

    speaker = Speaker(url)
    yield "history_s", seconds(history)
    home = Speaker(url).say("experiments/create", name="many runs")["experiment_id"]
    seed(home)

    def search(**question: Any) -> int:  # noqa: ANN401 - JSON
        body = json.dumps({"experiment_ids": [home], **question}).encode()
        return len(json.loads(speaker.post("runs/search", body)).get("runs", []))

    every = sizes["runs"]
    speaker = Speaker(url)
    if search(max_results=every) != every:
        message = f"Not all of {every} runs came back."
        raise RuntimeError(message)
    yield "search_all_s", seconds(lambda: search(max_results=every))
    for name, question in (
        ("search_page_s", {}),
        ("search_sorted_s", {"order_by": ["metrics.m3 DESC"]}),
        ("search_filtered_s", {"filter": "metrics.m3 > 0.9 and params.p1 LIKE '0.1%'"}),
    ):
        speaker = Speaker(url)
        yield name, seconds(lambda question=question: search(max_results=100, **question))


def results_of(names: Sequence[str], sizes: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Return what each server does; each thing is measured of one right after the other, so both have the same load."""
    with contextlib.ExitStack() as stack:
        found: dict[str, dict[str, Any]] = {}
        measured: list[Iterator[tuple[str, float]]] = []
        for name in names:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"mlflow-server-{name}-")))
            if name == "marigram":
                url = stack.enter_context(server(folder))
                found[name] = {"version": version_of(Path(sys.executable), "marigram")}
                measured.append(measure(url, partial(seed_by_calls, url, sizes["runs"]), sizes))
            else:
                python = python_of("mlflow", ["mlflow", "numpy"])
                found[name] = {"version": version_of(python, "mlflow")}
                url = stack.enter_context(mlflow_server(folder, python))
                measured.append(measure(url, partial(seed_by_sql, folder, sizes["runs"]), sizes))
        for values in zip(*measured, strict=True):
            for name, (what, value) in zip(names, values, strict=True):
                print(f"{what} of {name}: {value:,.3f}", file=sys.stderr)
                found[name][what] = value
        return found


def table(results: dict[str, dict[str, Any]], sizes: dict[str, int]) -> str:
    """Return the results as a Markdown table; the last column says how many times as fast the first server is."""
    runs, attributes = f"{sizes['runs']:,}", 2 * ATTRIBUTES
    rows = [
        ("log_metric_per_s", "`log_metric`, calls per second", "{:,.0f}"),
        ("tall_points_per_s", "`log_batch` of 1,000 points of one metric, points per second", "{:,.0f}"),
        ("wide_points_per_s", "`log_batch` of 1,000 metrics, points per second", "{:,.0f}"),
        ("history_s", f"history of {sizes['points']:,} points", "{:,.2f} s"),
        ("search_all_s", f"`search_runs`, {runs} runs x {attributes} attributes in one answer", "{:,.2f} s"),
        ("search_page_s", f"`search_runs`, the first 100 of {runs}", "{:,.3f} s"),
        ("search_sorted_s", "the same, sorted by a metric", "{:,.3f} s"),
        ("search_filtered_s", "the same, filtered by a metric and a parameter", "{:,.3f} s"),
    ]
    names = list(results)
    lines = [
        "| | " + " | ".join(f"{name} {results[name]['version']}" for name in names) + " | times as fast |",
        "|---|" + "---:|" * (len(names) + 1),
    ]
    for key, title, form in rows:
        values = [results[name][key] for name in names]
        faster = "-"
        if len(values) > 1:
            faster = f"{values[0] / values[1] if key.endswith('per_s') else values[1] / values[0]:,.1f}"
        lines.append(f"| {title} | " + " | ".join(form.format(value) for value in values) + f" | {faster} |")
    return "\n".join(lines)


def page(text: str) -> str:
    """Return the page of the reference."""
    return f"""# MLflow's protocol, measured

Made by `python benchmarks/mlflow_server.py --write`; run it on your machine. {machine()}.

{text}

- Both servers are real ones, each in a process of its own with one worker, asked by the same lines over one HTTP
  connection that is kept: each thing of one right after the other. MLflow's has its default database, SQLite.
- Marigram has synced all that it acknowledged to the disk; MLflow's SQLite as well.
- All are the median of {REPEATS} rounds, but for the points of one metric, which are logged once. Reads include the
  time to decode the answer.
- MLflow's own client needs time of its own to put requests together and to read answers, which is not counted here.
- The runs to be searched are logged by calls to Marigram, and put straight into MLflow's database.
- [Stores beside each other](performance.md) measures the trackers' own calls; [the guide](../guides/mlflow.md) says how
  to point a script here.
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--runs", type=int, default=2000, help="runs to be searched")
    parser.add_argument("--points", type=int, default=100_000, help="points of the long metric")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--write", action="store_true", help="write docs/reference/mlflow-speed.md")
    arguments = parser.parse_args()
    sizes = {"runs": arguments.runs, "points": arguments.points // BATCH * BATCH}
    names = [name for name in ("marigram", "mlflow") if not arguments.only or name in arguments.only.split(",")]
    results = results_of(names, sizes)
    if arguments.write:
        PAGE.write_text(page(table(results, sizes)))
    if arguments.json:
        print(json.dumps({"machine": machine(), "sizes": sizes, "results": results}))
    else:
        print(table(results, sizes))
        print(machine())


if __name__ == "__main__":
    main()
