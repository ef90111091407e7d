"""Logs in rounds, each when a line comes on stdin, with points that are refused; prints what it has logged.

Usage: python counted.py. Prints `run ID`, `round N` after each round, and at the end `points KEPT DROPPED`.
"""

from __future__ import annotations

import math
import sys

import marigram

out = sys.__stdout__
run = marigram.init_run(
    project="lab/counted", capture_stdout=False, capture_stderr=False, source_files=[], git_ref=False
)
print(f"run {run.id}", file=out, flush=True)
run["loss"].append(0.5)
run["name"] = "a value"
kept, dropped = 1, 0
for number, _ in enumerate(sys.stdin):
    for step in range(3000):
        run["train/loss"].append(step * 0.5)
        kept += 1
    run["notes"].extend([f"round {number}", "again"])
    run["many"].extend([1.0, 2.0, 3.0])
    run["name"].append(1.0)  # refused by the server: there is a value
    kept += 6
    run["train/loss"].append(1.0, step=math.nan)  # dropped here: no step
    dropped += 1
    print(f"round {number}", file=out, flush=True)
run.stop(60)
print(f"points {kept} {dropped}", file=out, flush=True)
