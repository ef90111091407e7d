"""Keeps a syncer at work for as long as a run is written to, and waits for receipts only while there is hope.

A thread waits in the operating system for the syncer's end, which costs the training nothing; a syncer that was killed
is started anew, the first time at once and then ever later. One that ends again and again is given up: everything is
kept on the disk, and who waits for receipts is told so instead of waiting for nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from marigram.client.errors import MarigramError, UnreachableError

if TYPE_CHECKING:
    import subprocess

    from marigram.client.sink import Sink

STARTS_AT_MOST = 8
"""With the delays below that takes about a minute: what ends it so often will not cease by itself."""

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 16.0
WORKED_WELL_S = 600.0
"""One that is killed after so long, and be it each day, is started anew for ever."""

REFUSED_FOR_S = 2.0
"""So long somebody who waits hopes that a server which refuses something will take it after all."""

AWAY_FOR_S = 2.0
"""At the end of a script, the same for a server that does not answer: the syncer asks again within this time, and goes
on when the script is gone."""

_LOOK_EVERY_S = 0.25

Start = Callable[[], "subprocess.Popen[bytes] | None"]


class SyncerWatch:
    """The syncer of one run, from `start` to `leave`. Safe to use from any thread."""

    def __init__(
        self,
        *,
        start: Start | None,
        say: Callable[[str], None],
        log_file: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what a syncer is made by, and where to speak.

        Args:
            start: starts a syncer, or says itself why not and returns None; None: nothing is sent in this mode.
            say: takes a line for the user.
            log_file: where a syncer writes its log, to be named in messages.
            clock: seconds that go on evenly.
        """
        self._start = start
        self._say = say
        self._log_file = log_file
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._started_at = 0.0
        self._lock = threading.RLock()
        self._left = threading.Event()

    @property
    def given_up(self) -> str | None:
        """Why there is no syncer and will be none, and what to do; None while there is hope."""
        with self._lock:
            if self._starts <= STARTS_AT_MOST:
                return None
        return (
            f"The process that sends has ended {STARTS_AT_MOST} times, so nothing more is sent; {self._log_file} says "
            "why. Everything is kept; send it with: marigram sync"
        )

    def start(self) -> None:
        """Start the syncer, and the thread that waits for its end."""
        if self._start is not None:
            self.ensure()
            threading.Thread(target=self._watch, name="marigram-syncer-watch", daemon=True).start()

    def ensure(self) -> None:
        """Start the syncer anew if it is gone, unless that was done too often."""
        with self._lock:
            # While the thread waits for the process, poll() takes it to be alive.
            alive = self._process is not None and self._process.poll() is None
            if self._start is None or alive or self._left.is_set() or self._starts > STARTS_AT_MOST:
                return
            now = self._clock()
            if now - self._started_at > WORKED_WELL_S:
                self._starts = 0
            self._starts += 1
            self._started_at = now
            if self.given_up is None:
                self._process = self._start()
                return
        self._say(self.given_up)

    def wait_for(self, sink: Sink, *, timeout_s: float, away_s: float | None = None) -> MarigramError | None:
        """Wait until the server has everything said so far, at most so many seconds, less where waiting is in vain.

        Args:
            sink: what was said.
            timeout_s: wait at most so many seconds.
            away_s: wait no longer than so many seconds while nothing can be sent; None: as long as for anything else.

        Returns:
            None if it has; else what is the case and what to do. `UnreachableError`: it may come later.
        """
        began = moved_at = time.monotonic()
        seq, durable_seq = sink.last_seq, -1
        while True:
            left_s = began + timeout_s - time.monotonic()
            if sink.wait(seq=seq, timeout_s=min(_LOOK_EVERY_S, max(0.0, left_s))):
                return None
            position = sink.position()
            if self._start is not None:
                self.ensure()
            if self.given_up is not None:
                return MarigramError(self.given_up)
            if position.refused and position.problem and time.monotonic() - began >= min(REFUSED_FOR_S, timeout_s):
                return MarigramError(position.problem)
            if position.durable_seq != durable_seq or position.problem is None:
                moved_at, durable_seq = time.monotonic(), position.durable_seq
            away = away_s is not None and time.monotonic() - moved_at >= away_s
            if left_s <= 0 or away:
                return UnreachableError(position.problem or "The server has not answered yet.")

    def leave(self, *, for_good: bool) -> None:
        """Let the syncer go on without us, as it should when the run has ended.

        Args:
            for_good: this process ends too; otherwise the thread stays until the syncer has ended, so that no dead
                process stays in the system's table for as long as a notebook lives.
        """
        self._left.set()
        if for_good and self._process is not None:
            self._process.returncode = 0  # no warning about a child that was not waited for

    def after_fork(self) -> None:
        """In a forked child: the syncer is the parent's."""
        self._lock = threading.RLock()
        if self._process is not None:
            self._process.returncode = 0
        self._start = self._process = None

    def _watch(self) -> None:
        delay_s = 0.0
        while True:
            process, began = self._process, self._clock()
            if process is not None:
                process.wait()
            if self._clock() - began > WORKED_WELL_S:
                delay_s = 0.0
            if self._left.wait(delay_s) or self.given_up is not None:
                latest = self._process
                if latest is not None and latest is not process:
                    latest.wait()  # somebody has started it while this thread waited for its turn
                return
            delay_s = min(max(FIRST_DELAY_S, delay_s * 2), LONGEST_DELAY_S)
            self.ensure()
