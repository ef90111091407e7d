"""Fills a server with what a person or a benchmark wants to look at.

    python benchmarks/seeding.py light --data FOLDER      100,000 small runs, for "marigram up --data FOLDER"
    python benchmarks/seeding.py rich [--runs 50]         a sweep with everything in it, by the public client
    python benchmarks/seeding.py wide [--series 10000]    one run of many series
    python benchmarks/seeding.py long [--runs 100]        runs with a long series each
    python benchmarks/seeding.py light [--runs 100000]    the same for a server that runs, in minutes

The server is `--url`, by default the one on this machine; each kind has a project of its own below `--workspace`. With
`--data` there is no server yet: the files of its stores are written in bulk into a new folder.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import os
import random
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import table
from sizes import CREATED_AT, Connection, Writer, losses

from marigram.model import (
    Append,
    Batch,
    CreateRun,
    FloatPoints,
    Operation,
    RunStatus,
    SetStatus,
    SetValue,
    parse_path,
    parse_project_name,
)
from marigram.wire import encode_batch

WORKSPACE = "seeded"
OPTIMIZERS = ("adam", "sgd", "lamb", "adafactor")
LIGHT_AT_ONCE = 4
LIGHT_ATTRIBUTES = 12
TELL_EVERY = 500
LONG_POINTS = 100_000
LONG_BATCH_POINTS = 20_000
WIDE_POINTS = 100
WIDE_BATCH_SERIES = 500

Tell = Callable[[str], None]


def rich(url: str, workspace: str, runs: int, tell: Tell) -> None:
    """Log a sweep by the public client: parameters, curves, pictures, texts, files, a page and a console each."""
    os.environ["MARIGRAM_URL"] = url
    import marigram  # noqa: PLC0415 it reads the environment, and the other kinds do without it

    chance = random.Random(1)
    # What the runs print is kept with them; a person looks at how far it is.
    with tempfile.TemporaryDirectory() as home, contextlib.redirect_stdout(io.StringIO()):
        os.environ["MARIGRAM_HOME"] = home
        for number in range(runs):
            rate, depth = 10 ** chance.uniform(-4, -0.5), chance.choice([4, 8, 16])
            run = marigram.init_run(
                project=f"{workspace}/rich",
                name=f"sweep {number}",
                tags=["sweep", OPTIMIZERS[number % len(OPTIMIZERS)]],
                capture_hardware_metrics=False,
            )
            run["parameters"] = {"learning_rate": rate, "depth": depth, "optimizer": OPTIMIZERS[number % 4]}
            speed = 300 / (1 + abs(math.log10(rate) + 2.5))
            loss = 1.0
            for step in range(600):
                loss = math.exp(-step / speed) + chance.random() * 0.1
                run["train"].append({"loss": loss, "accuracy": 1 - 0.9 * loss}, step=step)
                if step % 100 == 0:
                    print(f"\x1b[32mepoch {step // 100}\x1b[0m loss {loss:.4f}")
                    run["samples"].append(_picture(number, step), step=step, description=f"after {step} steps")
                    run["notes"].append(f"step {step}: loss {loss:.4f}", step=step)
            page = f"<h1>Run {number}</h1><p>learning rate {rate:.2g}</p>"
            run["report"].upload(marigram.File.from_content(page, extension="html"))
            run["result/f1"] = 1 - loss
            run.stop()
            tell(f"{number + 1:,} of {runs:,} rich runs")


def light_files(folder: Path, workspace: str, runs: int) -> None:
    """Write what a server keeps of many finished runs into a new folder."""
    if folder.exists() and any(folder.iterdir()):
        message = f"{folder} holds files. Name a new folder, or leave --data out to seed a server that runs."
        raise SystemExit(message)
    folder.mkdir(parents=True, exist_ok=True)
    table.build(folder, runs, LIGHT_ATTRIBUTES, f"{workspace}/light")


def light(url: str, workspace: str, runs: int, tell: Tell) -> None:
    """Send many finished runs with a name, some parameters and three short series each."""
    project = parse_project_name(f"{workspace}/light")
    done = [0]
    local = threading.local()

    def send(number: int) -> None:
        connection = getattr(local, "connection", None)
        if connection is None:
            connection = local.connection = Connection(_port(url))
        chance = random.Random(number)
        at = CREATED_AT + number * 60_000
        operations: list[Operation] = [
            CreateRun(project=project, created_at=at),
            SetValue(path=parse_path("sys/name"), value=f"run {number}"),
            SetValue(path=parse_path("parameters/learning_rate"), value=10 ** chance.uniform(-5, -1)),
            SetValue(path=parse_path("parameters/optimizer"), value=chance.choice(OPTIMIZERS)),
            SetValue(path=parse_path("parameters/depth"), value=chance.randrange(2, 64)),
            SetValue(path=parse_path("parameters/dropout"), value=chance.random() / 2),
            SetValue(path=parse_path("seed"), value=number),
        ]
        for path in ("train/loss", "validation/loss", "validation/accuracy"):
            values = [chance.random() / (step + 1) for step in range(3)]
            points = FloatPoints(steps=[0.0, 1.0, 2.0], times=[at, at + 1, at + 2], values=values)
            operations.append(Append(path=parse_path(path), points=points))
        operations.append(SetStatus(status=RunStatus.FINISHED, at=at + 3))
        size = sum(len(each.points.steps) if isinstance(each, Append) else 1 for each in operations)
        batch = Batch(
            run_id=uuid.UUID(int=number + 1, version=4).hex,
            writer="seed",
            first_seq=1,
            last_seq=size,
            operations=tuple(operations),
        )
        connection.send(encode_batch(batch))
        done[0] += 1
        if done[0] % TELL_EVERY == 0:
            tell(f"{done[0]:,} of {runs:,} light runs")

    with ThreadPoolExecutor(LIGHT_AT_ONCE) as pool:
        for _ in pool.map(send, range(runs)):
            pass


def wide(url: str, workspace: str, series: int, tell: Tell) -> str:
    """Send one run of many series; return its id."""
    run_id = uuid.uuid4().hex
    writer = Writer(_port(url), run_id, "seed")
    writer.say(CreateRun(project=parse_project_name(f"{workspace}/wide"), created_at=CREATED_AT))
    steps = np.arange(WIDE_POINTS, dtype=np.uint64)
    for start in range(0, series, WIDE_BATCH_SERIES):
        some = range(start, min(series, start + WIDE_BATCH_SERIES))
        values = losses(np.array(some, dtype=np.uint64)[:, None], steps[None, :])
        writer.write([f"layers/{number // 100:03}/unit{number % 100:02}" for number in some], 0, values)
        tell(f"{some.stop:,} of {series:,} series")
    writer.say(SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 1))
    return run_id


def long(url: str, workspace: str, runs: int, tell: Tell) -> None:
    """Send runs with one long series each."""
    for number in range(runs):
        writer = Writer(_port(url), uuid.uuid4().hex, "seed")
        writer.say(CreateRun(project=parse_project_name(f"{workspace}/long"), created_at=CREATED_AT + number))
        for start in range(0, LONG_POINTS, LONG_BATCH_POINTS):
            steps = np.arange(start, start + LONG_BATCH_POINTS, dtype=np.uint64)
            writer.write(["train/loss"], start, losses(np.array([[number]], dtype=np.uint64), steps[None, :]))
        writer.say(SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + number + 1))
        tell(f"{number + 1:,} of {runs:,} long runs")


def tell(text: str) -> None:
    """Say how far it is, where a person looks on."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text}  ")


def _port(url: str) -> int:
    parts = urlsplit(url)
    if parts.hostname not in {"127.0.0.1", "localhost"} or parts.port is None:
        message = f"Seeding goes to a server on this machine, such as http://127.0.0.1:6274, but the URL is {url}."
        raise SystemExit(message)
    return parts.port


def _picture(number: int, step: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    across, down = np.meshgrid(np.arange(96), np.arange(96))
    waves = np.sin(across / (4 + number % 7) + step / 100) + np.cos(down / (3 + number % 5))
    return ((waves + 2) * 63).astype(np.uint8)


def main() -> None:
    """Seed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=("rich", "light", "wide", "long"))
    parser.add_argument("--url", default="http://127.0.0.1:6274", help="a server on this machine")
    parser.add_argument("--workspace", default=WORKSPACE, help="projects are made below it")
    parser.add_argument("--data", type=Path, help="light runs: the data folder of a server to be, instead of a URL")
    parser.add_argument("--runs", type=int, help="how many runs: rich 50, light 100,000, long 100 by default")
    parser.add_argument("--series", type=int, default=10_000, help="of the wide run")
    arguments = parser.parse_args()

    match arguments.kind:
        case "rich":
            rich(arguments.url, arguments.workspace, arguments.runs or 50, tell)
        case "light" if arguments.data is not None:
            light_files(arguments.data, arguments.workspace, arguments.runs or 100_000)
            print(f"seeded: {arguments.data}. Look at it with: marigram up --data {arguments.data}")
            return
        case "light":
            light(arguments.url, arguments.workspace, arguments.runs or 100_000, tell)
        case "wide":
            wide(arguments.url, arguments.workspace, arguments.series, tell)
        case _:
            long(arguments.url, arguments.workspace, arguments.runs or 100, tell)
    print(f"seeded: {arguments.url}/{arguments.workspace}/{arguments.kind}")


if __name__ == "__main__":
    main()
