"""Trains until somebody stops it. Usage: python stoppable.py WAY [RUN_ID].

`polite` looks at should_stop, `called` waits for on_stop, `deaf` looks at nothing, `stubborn` ignores SIGINT and
SIGTERM, `parent` starts a child that sleeps and prints `child PID`.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import marigram

way = sys.argv[1]
out = sys.__stdout__
left = threading.Event()
run = marigram.init_run(
    project="lab/stops",
    with_id=sys.argv[2] if len(sys.argv) > 2 else None,
    on_stop=left.set if way == "called" else None,
)
if way == "stubborn":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if way == "parent":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(f"child {child.pid}", file=out, flush=True)
print(f"run {run.id}", file=out, flush=True)
step = 0
while not ((way == "polite" and run.should_stop) or left.is_set()):
    run["train/loss"].append(1 / (step + 1), step=step)
    step += 1
    time.sleep(0.01)  # a training step takes time too
print(f"left {time.time()}", file=out, flush=True)
run.stop()
