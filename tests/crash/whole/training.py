"""Logs until it is killed, and prints what each call that has returned had logged."""

from __future__ import annotations

import sys
import time

import marigram

out = sys.__stdout__
run = marigram.init_run(project="lab/crash", name="doomed")
print(f"run {run.id}", file=out, flush=True)
for step in range(1_000_000):
    run["train/loss"].append(step * 0.5, step=step)
    run["note"].append(f"step {step}", step=step)
    print(f"console line {step}")
    print(f"returned {step}", file=out, flush=True)
    if step % 50 == 0:
        run["at"] = step
        time.sleep(0.002)  # a training step takes time too
