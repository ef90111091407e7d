"""Kills a process at a chosen moment of its work on a store, many times over; everything is imported once.

    moments.py SCENARIO FOLDER SEED COUNT     prints one line of JSON for each process that was killed

A moment is the n-th time that the process runs an SQL statement, a stretch of one, or opens, renames or removes a file.
The process counts them and sends itself SIGKILL, so moments within a transaction, a flush, a purge or a copy are met as
often as those between. What a victim has finished it says through a pipe; what must be true then is checked by opening
the store again, in a process that has no part in the killing.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import scenarios

STRETCH = 400
"""Steps of SQLite's machine after which a statement that goes on is another moment."""

FILE_EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.truncate", "os.utime"})
ATTEMPTS_PER_KILL = 6


class Countdown:
    """Counts moments, and kills at the last one; with no last one it only counts."""

    def __init__(self, last: int | None) -> None:
        self.count = 0
        self._last = last

    def tick(self, *_: object) -> int:
        """Be one moment further."""
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take an audit event for a moment if it changes or opens a file."""
        del arguments
        if event in FILE_EVENTS:
            self.tick()

    def install(self) -> None:
        """Count from now on, in this process."""
        connect = sqlite3.connect

        def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **options)
            connection.set_trace_callback(self.tick)
            connection.set_progress_handler(self.tick, STRETCH)
            return connection

        sqlite3.connect = watched  # pyright: ignore[reportAttributeAccessIssue] the victim's own
        sys.addaudithook(self.hear)


def victim(act: Callable[[Path, scenarios.Tell], None], folder: Path, last: int | None) -> tuple[bool, list[str]]:
    """Act in a process of its own; return whether it was killed, and what it had said."""
    told, tell = os.pipe()

    def say(word: str) -> None:
        os.write(tell, f"{word}\n".encode())

    child = os.fork()
    if child == 0:
        os.close(told)
        status = 1
        try:
            countdown = Countdown(last)
            countdown.install()
            act(folder, say)
            say(f"moments {countdown.count}")
            status = 0
        finally:
            os._exit(status)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        words = [line.decode() for line in pipe.read().split(b"\n")[:-1]]
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not killed and os.waitstatus_to_exitcode(status) != 0:
        message = f"The victim ended by itself with {os.waitstatus_to_exitcode(status)} after {words}."
        raise AssertionError(message)
    return killed, words


def main(name: str, folder: Path, seed: int, count: int) -> None:
    """Kill `count` processes of a scenario and check after each."""
    scenario = scenarios.ALL[name]
    chance = random.Random(f"{name} {seed}")
    template = folder / "template"
    template.mkdir(parents=True)
    scenario.prepare(template)
    trial = folder / "trial"
    shutil.copytree(template, trial)
    _, words = victim(scenario.act, trial, None)
    moments = int(words[-1].split()[1])
    shutil.rmtree(trial)
    kills = 0
    for _ in range(count * ATTEMPTS_PER_KILL):
        if kills == count:
            break
        place = folder / "place"
        if not (scenario.goes_on and place.exists()):
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(template, place)
        last = chance.randrange(1, moments + 1)
        killed, words = victim(scenario.act, place, last)
        try:
            scenario.check(place, words)
        except BaseException as error:
            message = f"{name}, seed {seed}: killed at moment {last} of {moments}, after {words[-3:]}"
            raise AssertionError(message) from error
        if killed:
            kills += 1
            sys.stdout.write(json.dumps({"moment": last, "said": len(words)}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
