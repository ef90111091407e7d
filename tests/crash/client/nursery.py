"""Makes processes and kills them, many times over: everything is imported once, each victim is a fork.

    nursery.py writers HOME SEED COUNT      each writes a queue until SIGKILL; prints what had returned in each
    nursery.py family HOME SEED COUNT       the same, while a second thread writes and children are forked meanwhile
    nursery.py syncers HOME SEED COUNT URL  each sends the queues in HOME to URL until SIGKILL

The victims tell by a pipe what has returned. A line of a pipe is written whole or not at all.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path as FilePath

from marigram.client.errors import QueueFullError
from marigram.client.leftovers import sync_leftovers
from marigram.client.queue import Queue, new_writer_name
from marigram.client.track import Track, Tracks
from marigram.model import Append, AttachFile, File, Path, SetValue, StringPoints
from unit.client.making import a_card

LOSS, NOTE, LEFT, RIGHT = Path("loss"), Path("note"), Path("row/left"), Path("row/right")
CREATED_AT = 1_700_000_000_000
AFTER_A_WORD = 0.8


def write(queue: Queue, number: int, track: Track, row: Tracks) -> None:
    """Write the operations of one number: a point, a row, a line, now and then a value and a file."""
    queue.append_float(track, number * 0.5, number, CREATED_AT + number)
    queue.append_row(row, [float(number), -number], number, CREATED_AT)
    strings = StringPoints(steps=[float(number)], times=[CREATED_AT], values=[f"step {number}"])
    queue.append(Append(path=NOTE, points=strings))
    if number % 7 == 0:
        queue.append(SetValue(path=Path("at"), value=number))
    if number % 50 == 0:
        sha256, size = queue.stage_bytes(f"file {number}".encode())
        file = File(sha256=sha256, filename="f.txt", media_type="text/plain", size=size)
        queue.append(AttachFile(path=Path(f"files/{number}"), file=file))


def write_on(queue: Queue, tell: int, *, stop_after: int = 1 << 30) -> None:
    """Write for ever, and tell each number that has returned."""
    track = Track(LOSS)
    row = Tracks((Track(LEFT), Track(RIGHT)))
    for number in range(stop_after):
        write(queue, number, track, row)
        os.write(tell, f"{queue.card.writer} {number}\n".encode())


def write_alone(home: FilePath, tell: int, chance: random.Random) -> None:
    """Be a training with one thread. Its segments are small, so that kills fall into their change too."""
    card = a_card(run_id=f"{chance.getrandbits(128):032x}", writer=new_writer_name(), pid=os.getpid())
    write_on(Queue(home=home, card=card, segment_bytes=1 << 13, mapped=chance.random() < 0.7), tell)


def write_as_family(home: FilePath, tell: int, chance: random.Random) -> None:
    """Be a training that forks workers while another of its threads is in the middle of a write."""
    card = a_card(run_id=f"{chance.getrandbits(128):032x}", writer=new_writer_name(), pid=os.getpid())
    queue = Queue(home=home, card=card, segment_bytes=1 << 13)
    os.register_at_fork(after_in_child=queue.after_fork)
    threading.Thread(target=write_on, args=(queue, tell), daemon=True).start()
    while True:
        if os.fork() == 0:
            with contextlib.suppress(BaseException):
                write_on(queue, tell, stop_after=20)
            os._exit(0)
        threading.Event().wait(chance.random() * 0.005)


def victims(
    count: int, seed: int, live: Callable[[int, random.Random], None], *, longest_s: float, tells: bool = True
) -> tuple[dict[str, int], int]:
    """Start so many processes one after another and kill each with its children.

    Returns:
        What they told, and how many died of the kill.
    """
    told: dict[str, int] = {}
    killed = 0
    chance = random.Random(seed)
    for _ in range(count):
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        seed_of_victim = chance.getrandbits(64)
        victim = os.fork()
        if victim == 0:
            os.setpgid(0, 0)
            os.close(reader)
            with contextlib.suppress(QueueFullError):
                live(writer, random.Random(seed_of_victim))
            os._exit(0)
        os.close(writer)
        with contextlib.suppress(OSError):  # the child may have been first
            os.setpgid(victim, victim)
        killer = threading.Timer(0.002 + chance.random() * longest_s, os.killpg, (victim, signal.SIGKILL))
        # Some die at their start; for the others a slow machine must not make it so.
        waits = chance.random() < AFTER_A_WORD and tells
        if not waits:
            killer.start()
        with os.fdopen(reader) as lines:
            for line in lines:
                if waits:
                    waits = False
                    killer.start()
                name, _, number = line.rstrip("\n").partition(" ")
                if line.endswith("\n"):
                    told[name] = int(number)
        _, status = os.waitpid(victim, 0)
        killed += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        killer.join()
    return told, killed


def main(what: str, home: FilePath, seed: int, count: int, url: str | None = None) -> None:
    """Do one of the three."""
    if what == "syncers":
        told, killed = victims(
            count, seed, lambda *_: bool(sync_leftovers(home, url)) or None, longest_s=0.12, tells=False
        )
    else:
        live = write_alone if what == "writers" else write_as_family
        told, killed = victims(count, seed, lambda tell, chance: live(home, tell, chance), longest_s=0.05)
    print(json.dumps({"told": told, "killed": killed}))


if __name__ == "__main__":
    main(sys.argv[1], FilePath(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:6])
