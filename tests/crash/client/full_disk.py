"""Fills a small disk of its own and is killed there; for `test_full_disk.py`.

    unshare --user --map-root-user --mount python full_disk.py FOLDER SEED

Mounts 4 MiB of memory at FOLDER, which only this process and its children see. Prints what a child that wrote until it
was killed had said, and what a reader finds.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path as FilePath

from marigram.client.errors import QueueFullError
from marigram.client.queue import Queue, Track
from marigram.model import Append, Path, SetValue, StringPoints
from unit.client.making import CREATED_AT, a_backlog, a_queue, everything, points_at

ENOUGH = 50
"""After so many values without a point, the points have been refused; the kill comes later."""


def fill(queue: Queue, tell: int, chance: random.Random) -> None:
    """Write points, lines, values and files, whether they are taken or not, and tell which were."""
    track = Track(Path("loss"))
    number = 0
    while True:
        with contextlib.suppress(QueueFullError):
            queue.append_float(track, float(number), number, CREATED_AT)
            os.write(tell, f"loss {number}\n".encode())
        with contextlib.suppress(QueueFullError):
            strings = StringPoints(steps=[float(number)], times=[CREATED_AT], values=["x" * chance.randrange(2000)])
            queue.append(Append(path=Path("note"), points=strings))
        with contextlib.suppress(QueueFullError):
            queue.append(SetValue(path=Path("at"), value=number))
            os.write(tell, f"at {number}\n".encode())
        with contextlib.suppress(QueueFullError, OSError):
            queue.stage_bytes(chance.randbytes(chance.randrange(5000)))
        number += 1


def main(folder: FilePath, seed: int) -> None:
    """Mount, fork, kill, and report."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True)
    chance = random.Random(seed)
    queue = a_queue(folder, segment_bytes=1 << 16)
    reader, writer = os.pipe()
    victim = os.fork()
    if victim == 0:
        os.close(reader)
        fill(queue, writer, chance)
    os.close(writer)
    told: dict[str, list[int]] = {"loss": [], "at": []}
    killer = threading.Timer(chance.random() * 0.3, os.kill, (victim, signal.SIGKILL))
    armed = False
    with os.fdopen(reader) as lines:
        for line in lines:
            name, _, number = line.rstrip("\n").partition(" ")
            if line.endswith("\n"):
                told[name].append(int(number))
            if not armed and told["loss"] and told["at"] and told["at"][-1] > told["loss"][-1] + ENOUGH:
                armed = True
                killer.start()
    _, status = os.waitpid(victim, 0)
    operations = everything(a_backlog(queue), max_bytes=1 << 26)
    found = {
        "loss": [int(step) for step, _, _ in points_at(operations, "loss")],
        "at": [operation.value for operation in operations if isinstance(operation, SetValue)],
    }
    print(json.dumps({"told": told, "found": found, "signal": os.WTERMSIG(status)}))


if __name__ == "__main__":
    main(FilePath(sys.argv[1]), int(sys.argv[2]))
