"""What one tracker costs, measured in a process of its own. `peers.py` runs this file with each tracker's Python.

    python peer.py TRACKER FOLDER STARTED SECONDS

STARTED is the time of the process's start in seconds since 1970, SECONDS bounds each measurement. Prints one line of
JSON, and after it the time at which the last call had returned, so that the caller can see how long the exit takes.
"""

# ruff: noqa: PLC0415 each tracker is imported only where it is installed

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

METRICS = 50
BLOCK_STEPS = 20
STEP_S = 0.005
SCALARS_AT_MOST = 50_000
WARM_UP = 20


class Calls:
    """One tracker, in the way its documentation says: log one scalar, log the metrics of one step, end the run."""

    def __init__(
        self,
        scalar: Callable[[float, int], object],
        scalars: Callable[[dict[str, float], int], object],
        end: Callable[[], object],
    ) -> None:
        """Take them."""
        self.scalar = scalar
        self.scalars = scalars
        self.end = end


def marigram(folder: Path) -> Calls:
    """Log to a queue whose server is away."""
    os.environ["MARIGRAM_HOME"] = str(folder)
    os.environ["MARIGRAM_URL"] = "http://127.0.0.1:9"
    os.environ["MARIGRAM_SYNC_PATIENCE_S"] = "1"
    import marigram

    run = marigram.init_run(project="benchmarks/peers")
    loss = run["loss"]

    def scalars(values: dict[str, float], step: int) -> None:
        for name, value in values.items():
            run[name].append(value, step=step)

    return Calls(lambda value, step: loss.append(value, step=step), scalars, run.stop)


def neptune(folder: Path) -> Calls:
    """Log in offline mode, which needs no server."""
    os.chdir(folder)
    import neptune

    run = neptune.init_run(project="benchmarks/peers", mode="offline")
    loss = run["loss"]

    def scalars(values: dict[str, float], step: int) -> None:
        for name, value in values.items():
            run[name].append(value, step=step)

    return Calls(lambda value, step: loss.append(value, step=step), scalars, run.stop)


def wandb(folder: Path) -> Calls:
    """Log in offline mode, which needs no server."""
    import wandb

    run = wandb.init(project="peers", mode="offline", dir=str(folder))
    return Calls(lambda value, _: run.log({"loss": value}), lambda values, _: run.log(values), run.finish)


def mlflow(folder: Path) -> Calls:
    """Log to the SQLite store in this process, which is kinder than a server would be."""
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    mlflow.start_run()

    def scalars(values: dict[str, float], step: int) -> None:
        mlflow.log_metrics(values, step=step)

    return Calls(lambda value, step: mlflow.log_metric("loss", value, step=step), scalars, mlflow.end_run)


def trackio(folder: Path) -> Calls:
    """Log to its local store."""
    os.environ["TRACKIO_DIR"] = str(folder)
    import trackio

    trackio.init(project="peers")
    return Calls(
        lambda value, step: trackio.log({"loss": value}, step=step),
        lambda values, step: trackio.log(values, step=step),
        trackio.finish,
    )


def tensorboardx(folder: Path) -> Calls:
    """Log to an event file."""
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(str(folder))

    def scalars(values: dict[str, float], step: int) -> None:
        for name, value in values.items():
            writer.add_scalar(name, value, step)

    return Calls(lambda value, step: writer.add_scalar("loss", value, step), scalars, writer.close)


TRACKERS: dict[str, Callable[[Path], Calls]] = {
    "marigram": marigram,
    "neptune": neptune,
    "wandb": wandb,
    "mlflow": mlflow,
    "trackio": trackio,
    "tensorboardX": tensorboardx,
}


def cost_of_scalars(tracker: Calls, seconds: float) -> dict[str, float]:
    """Return the median and the 99th percentile of what one scalar takes, in microseconds."""
    clock = time.perf_counter_ns
    clock_ns = statistics.median(-clock() + clock() for _ in range(1000))
    taken: list[int] = []
    deadline = clock() + int(seconds * 1e9)
    while len(taken) < SCALARS_AT_MOST:
        step = len(taken)
        began = clock()
        tracker.scalar(step * 0.5, step)
        ended = clock()
        taken.append(ended - began)
        if ended > deadline:
            break
    ordered = sorted(taken[WARM_UP:] or taken)
    return {
        "p50_us": max(0.0, ordered[len(ordered) // 2] - clock_ns) / 1000,
        "p99_us": max(0.0, ordered[len(ordered) * 99 // 100] - clock_ns) / 1000,
        "calls": float(len(taken)),
    }


def slowdown(tracker: Calls, seconds: float) -> float:
    """Return by what part a training loop is slower with 50 metrics per step, in turns with the loop alone."""
    import numpy as np

    def work(matrix: Any) -> None:  # noqa: ANN401 the type belongs to a package that is imported here
        _ = matrix @ matrix

    size = 200
    while True:
        matrix = np.random.default_rng(1).random((size, size))
        work(matrix)
        began = time.perf_counter()
        for _ in range(5):
            work(matrix)
        if (time.perf_counter() - began) / 5 >= STEP_S:
            break
        size += 40
    step = 0

    def block(*, logs: bool) -> list[float]:
        nonlocal step
        taken: list[float] = []
        for _ in range(BLOCK_STEPS):
            began = time.perf_counter()
            work(matrix)
            if logs:
                tracker.scalars({f"metrics/{name}": step * 0.1 + name for name in range(METRICS)}, step)
                step += 1
            taken.append(time.perf_counter() - began)
        return taken

    block(logs=True)
    alone: list[float] = []
    logging: list[float] = []
    deadline = time.perf_counter() + seconds
    while len(alone) < 3 * BLOCK_STEPS or time.perf_counter() < deadline:
        alone += block(logs=False)
        logging += block(logs=True)
    return statistics.median(logging) / statistics.median(alone) - 1


def main(name: str, folder: str, started: str, seconds: str) -> None:
    """Measure one tracker and print what was found."""
    tracker = TRACKERS[name](Path(folder))
    tracker.scalar(0.0, 0)
    found: dict[str, float] = {"first_point_s": time.time() - float(started)}
    found |= cost_of_scalars(tracker, float(seconds))
    found["slowdown"] = slowdown(tracker, float(seconds))
    out = sys.__stdout__ or sys.stdout
    out.write(f"RESULT {json.dumps(found)}\n")
    out.write(f"LAST {time.time()}\n")
    out.flush()
    tracker.end()


if __name__ == "__main__":
    main(*sys.argv[1:5])
