"""What one `run["x"].append(value)` costs the training process, beside things whose cost everybody knows.

Everything is measured in one process, in turns, so that a busy machine is as unfair to all. The median and the 99th
percentile are of single calls, with the cost of reading the clock subtracted; the mean is of a plain loop. The queue is
a real one, on the disk of MARIGRAM_HOME or of a temporary folder; nothing is sent.

    python benchmarks/append.py [--calls 200000] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import queue
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import marigram

ROUNDS = 5
Loop = Callable[[int], None]


class Nothing:
    """An object with a method that does nothing: the least that any call of Python costs."""

    def append(self, value: float) -> None:
        """Do nothing."""


def loops(run: marigram.Run) -> dict[str, tuple[Loop, Callable[[], object]]]:
    """Return for each contestant a loop of plain calls, and one single call."""
    nothing = Nothing()
    waiting: queue.Queue[float] = queue.Queue()
    handle = run["hoisted/loss"]

    def call_nothing(count: int) -> None:
        for _ in range(count):
            nothing.append(0.5)

    def call_queue(count: int) -> None:
        for _ in range(count):
            waiting.put(0.5)
        waiting.queue.clear()

    def call_hoisted(count: int) -> None:
        for _ in range(count):
            handle.append(0.5)

    def call_looked_up(count: int) -> None:
        for _ in range(count):
            run["train/loss"].append(0.5)

    def call_with_step(count: int) -> None:
        for step in range(count):
            run["stepped/loss"].append(0.5, step=step)

    row = {f"metric_{number}": number * 0.5 for number in range(50)}

    def call_row(count: int) -> None:
        for step in range(count):
            run["metrics"].append(row, step=step)

    def call_text(count: int) -> None:
        for _ in range(count):
            run["text"].append("a line of text")

    return {
        "empty method": (call_nothing, lambda: nothing.append(0.5)),
        "queue.Queue.put": (call_queue, lambda: waiting.put(0.5)),
        "handle.append": (call_hoisted, lambda: handle.append(0.5)),
        'run["…"].append': (call_looked_up, lambda: run["train/loss"].append(0.5)),
        'run["…"].append(step=)': (call_with_step, lambda: run["stepped/loss"].append(0.5, step=1)),
        'run["…"].append(50 metrics)': (call_row, lambda: run["metrics"].append(row, step=1)),
        'run["…"].append(str)': (call_text, lambda: run["text"].append("a line of text")),
    }


def mean_ns(loop: Loop, calls: int) -> float:
    """Return what one call in a plain loop takes."""
    began = time.perf_counter_ns()
    loop(calls)
    return (time.perf_counter_ns() - began) / calls


def single_ns(call: Callable[[], object], calls: int) -> list[int]:
    """Return what each of so many calls takes, with the clock's own cost in it."""
    clock = time.perf_counter_ns
    taken = [0] * calls
    for index in range(calls):
        began = clock()
        call()
        taken[index] = clock() - began
    return taken


def measure(calls: int) -> dict[str, dict[str, float]]:
    """Return mean, median and 99th percentile of each contestant, in nanoseconds."""
    run = marigram.init_run(
        project="benchmarks/append",
        mode="offline",
        source_files=[],
        git_ref=False,
        capture_stdout=False,
        capture_stderr=False,
    )
    contestants = loops(run)
    means: dict[str, list[float]] = {name: [] for name in contestants}
    singles: dict[str, list[int]] = {name: [] for name in contestants}
    clock_ns = median(single_ns(lambda: None, calls // ROUNDS))
    for _ in range(ROUNDS):
        for name, (loop, call) in contestants.items():
            means[name].append(mean_ns(loop, calls // ROUNDS))
            singles[name] += single_ns(call, calls // ROUNDS)
    run.stop()
    results: dict[str, dict[str, float]] = {}
    for name in contestants:
        ordered = sorted(singles[name])
        results[name] = {
            "mean_ns": median(means[name]),
            "best_mean_ns": min(means[name]),
            "p50_ns": max(0.0, ordered[len(ordered) // 2] - clock_ns),
            "p99_ns": max(0.0, ordered[len(ordered) * 99 // 100] - clock_ns),
        }
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=200_000, help="calls of each contestant")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("MARIGRAM_HOME", home)
        results = measure(arguments.calls)
    if arguments.json:
        facts: dict[str, Any] = {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
        }
        print(json.dumps({"machine": facts, "results": results}))
        return
    put = results["queue.Queue.put"]["mean_ns"]
    print(f"{'':28}{'mean':>9}{'best':>9}{'p50':>9}{'p99':>9}   of queue.Queue.put")
    for name, numbers in results.items():
        columns = "".join(f"{numbers[key]:>9,.0f}" for key in ("mean_ns", "best_mean_ns", "p50_ns", "p99_ns"))
        print(f"{name:28}{columns}   {numbers['mean_ns'] / put:.2f}")
    load = os.getloadavg()[0]
    print(f"nanoseconds per call; Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")


if __name__ == "__main__":
    main()
