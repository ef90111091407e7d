"""Interrupts this process when its stop flag says so, where no other process can: on Windows.

The syncer raises the flag there and sends nothing. What happens then is what Ctrl-C would do.
"""

from __future__ import annotations

import mmap
import signal
import threading

from marigram.client.stop_flag import state_of
from marigram.model import StopHow

LOOK_EVERY_S = 0.2
"""Soon enough for a person who waits, and next to no work for a training that runs for days."""


class SelfInterrupt:
    """Looks at the flag from `start` to `stop`, and interrupts once for each request to abort."""

    def __init__(self, flag: mmap.mmap | bytes) -> None:
        """Take the flag of this process."""
        self._flag = flag
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look, name="marigram-interrupt", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()

    def after_fork(self) -> None:
        """In a forked child: look no more, the thread is not here."""
        self._stopping.set()

    def _look(self) -> None:
        seen = 0
        while not self._stopping.wait(LOOK_EVERY_S):
            state = state_of(self._flag)
            if state.number != seen and state.how is StopHow.ABORT:
                # Not `interrupt_main`, which wakes no program that sleeps.
                signal.raise_signal(signal.SIGINT)
            seen = state.number
