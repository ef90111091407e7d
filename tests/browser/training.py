"""A training script for the browser tests: waits for a line on stdin, then logs points, prints and ends.

Usage: python training.py PROJECT ROUNDS PAUSE_S. It prints the run's id, then `logged STEP TIME_MS` for each point.
"""

from __future__ import annotations

import math
import sys
import threading
import time

import marigram


def main() -> None:
    """Log until done."""
    project, rounds, pause_s = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    run = marigram.init_run(project=project, name="live test", tags=["browser"])
    run["parameters"] = {"learning_rate": 0.1, "optimizer": "adam"}
    print(f"run {run.id}", file=sys.__stdout__, flush=True)
    sys.stdin.readline()
    pause = threading.Event()
    for step in range(rounds):
        now = time.time()
        run["train/loss"].append(math.exp(-step / 40), step=step, timestamp=now)
        run["train/accuracy"].append(1 - math.exp(-step / 30), step=step, timestamp=now)
        print(f"round {step}: loss {math.exp(-step / 40):.4f}")
        print(f"logged {step} {now * 1000:.0f}", file=sys.__stdout__, flush=True)
        pause.wait(pause_s)
    run.stop()


main()
