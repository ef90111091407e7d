"""What one tracker costs, measured in a process of its own. `peers.py` runs this file with each tracker's Python.

    python peer.py TRACKER FOLDER cost STARTED SECONDS
    python peer.py TRACKER FOLDER until-killed

STARTED is the time of the process's start in seconds since 1970, SECONDS bounds each measurement. `cost` prints one
line of JSON, and after it the time at which the last call had returned, so that the caller can see how long the exit
takes. `until-killed` logs scalars whose value and step are their number, and says the number after each call that has
returned.
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
BLOCK_STEPS = 8
PAIRS_AT_LEAST = 5
STEP_S = 0.005
SCALARS_AT_MOST = 50_000
WARM_UP = 20


class Calls:
    """One tracker, in the way its documentation says: log one scalar, log the metrics of one step, end the run."""

    def __init__(
        self,
        *,
        scalar: Callable[[float, int], object],
        end: Callable[[], object],
        together: Callable[[dict[str, float], int], object] | None = None,
    ) -> None:
        """Take them.

        Args:
            scalar: log one value of the series `loss`.
            end: end the run.
            together: log all metrics of a step in one call; None if there is no such call.
        """
        self.scalar = scalar
        self.end = end
        self.together = together
        self.each: Callable[[dict[str, float], int], object] | None = None


def _each(one: Callable[[str, float, int], object]) -> Callable[[dict[str, float], int], None]:
    def each(values: dict[str, float], step: int) -> None:
        for name, value in values.items():
            one(name, value, step)

    return each


def marigram(folder: Path) -> Calls:
    """Log to a queue; its server is away unless MARIGRAM_URL names one."""
    os.environ["MARIGRAM_HOME"] = str(folder)
    os.environ.setdefault("MARIGRAM_URL", "http://127.0.0.1:9")
    os.environ["MARIGRAM_SYNC_PATIENCE_S"] = "1"
    import marigram

    run = marigram.init_run(project="benchmarks/peers")
    loss = run["loss"]
    calls = Calls(
        scalar=lambda value, step: loss.append(value, step=step),
        together=lambda values, step: run["metrics"].append(values, step=step),
        end=run.stop,
    )
    calls.each = _each(lambda name, value, step: run[name].append(value, step=step))
    return calls


def neptune(folder: Path) -> Calls:
    """Log in offline mode, which needs no server."""
    os.chdir(folder)
    import neptune

    run = neptune.init_run(project="benchmarks/peers", mode="offline")
    loss = run["loss"]
    calls = Calls(
        scalar=lambda value, step: loss.append(value, step=step),
        together=lambda values, step: run["metrics"].append(values, step=step),
        end=run.stop,
    )
    calls.each = _each(lambda name, value, step: run[name].append(value, step=step))
    return calls


def wandb(folder: Path) -> Calls:
    """Log in offline mode, which needs no server."""
    import wandb

    run = wandb.init(project="peers", mode="offline", dir=str(folder))
    return Calls(
        scalar=lambda value, _: run.log({"loss": value}), together=lambda values, _: run.log(values), end=run.finish
    )


def mlflow(folder: Path) -> Calls:
    """Log to the SQLite store in this process, which is kinder than a server would be."""
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    mlflow.start_run()
    return Calls(
        scalar=lambda value, step: mlflow.log_metric("loss", value, step=step),
        together=lambda values, step: mlflow.log_metrics(values, step=step),
        end=mlflow.end_run,
    )


def trackio(folder: Path) -> Calls:
    """Log to its local store."""
    os.environ["TRACKIO_DIR"] = str(folder)
    import trackio

    trackio.init(project="peers")
    return Calls(
        scalar=lambda value, step: trackio.log({"loss": value}, step=step),
        together=lambda values, step: trackio.log(values, step=step),
        end=trackio.finish,
    )


def tensorboardx(folder: Path) -> Calls:
    """Log to an event file."""
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(str(folder))
    calls = Calls(scalar=lambda value, step: writer.add_scalar("loss", value, step), end=writer.close)
    calls.each = _each(writer.add_scalar)
    return calls


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


def _work() -> Callable[[], object]:
    """Return a product of matrices that takes about 5 ms."""
    import numpy as np

    size = 200
    while True:
        matrix = np.random.default_rng(1).random((size, size))
        result = np.empty_like(matrix)
        taken = []
        for _ in range(9):
            began = time.perf_counter()
            np.matmul(matrix, matrix, out=result)
            taken.append(time.perf_counter() - began)
        if statistics.median(taken) >= STEP_S:
            return lambda: np.matmul(matrix, matrix, out=result)
        size += 20


def slowdown(log: Callable[[dict[str, float], int], object], seconds: float) -> dict[str, float]:
    """Return by what part a training loop is slower with 50 metrics per step.

    Blocks of steps with and without logging take turns, so that each pair sees the same machine. Of the pairs'
    differences the median is told with its quartiles. What the calls themselves take is clocked beside it: it misses
    what threads and processes of the tracker take from the loop, and is exact where other work makes the pairs differ.
    """
    work = _work()
    clock = time.perf_counter
    names = [f"metric_{name}" for name in range(METRICS)]
    step = 0
    in_calls: list[float] = []

    def block(*, logs: bool) -> float:
        nonlocal step
        began = clock()
        for _ in range(BLOCK_STEPS):
            work()
            values = {name: step * 0.5 + place for place, name in enumerate(names)}  # a training has them anyway
            step += 1
            if logs:
                before = clock()
                log(values, step)
                in_calls.append(clock() - before)
        return clock() - began

    block(logs=True)
    in_calls.clear()
    alone: list[float] = []
    differences: list[float] = []
    deadline = clock() + seconds
    while len(alone) < PAIRS_AT_LEAST or clock() < deadline:
        if len(alone) % 2:
            without = block(logs=False)
            more = block(logs=True) - without
        else:
            more = block(logs=True)
            without = block(logs=False)
            more -= without
        alone.append(without)
        differences.append(more)
    usual = statistics.median(alone)
    low, middle, high = (part / usual for part in statistics.quantiles(differences, n=4))
    return {
        "slower": middle,
        "slower_low": low,
        "slower_high": high,
        "in_calls": statistics.median(in_calls) * BLOCK_STEPS / usual,
        "pairs": float(len(alone)),
    }


def cost(name: str, folder: str, started: str, seconds: str) -> None:
    """Measure one tracker and print what was found."""
    tracker = TRACKERS[name](Path(folder))
    tracker.scalar(0.0, 0)
    found: dict[str, Any] = {"first_point_s": time.time() - float(started)}
    found |= cost_of_scalars(tracker, float(seconds))
    if tracker.together is not None:
        found["together"] = slowdown(tracker.together, float(seconds))
    if tracker.each is not None:
        found["each"] = slowdown(tracker.each, float(seconds))
    out = sys.__stdout__ or sys.stdout
    out.write(f"RESULT {json.dumps(found)}\n")
    out.write(f"LAST {time.time()}\n")
    out.flush()
    tracker.end()


def log_until_killed(name: str, folder: str) -> None:
    """Log scalars, and say each that has returned; a line goes out in one system call."""
    out = os.dup(1)
    tracker = TRACKERS[name](Path(folder))
    number = 0
    while True:
        tracker.scalar(float(number), number)
        os.write(out, f"RETURNED {number}\n".encode())
        number += 1


if __name__ == "__main__":
    _, tracker_name, place, what, *rest = sys.argv
    if what == "cost":
        cost(tracker_name, place, *rest)
    else:
        log_until_killed(tracker_name, place)
