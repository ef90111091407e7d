"""What a logging call starts and does not wait for, such as hashing files: one errand after the other, in order.

Any thread may start one and wait for all. Threads are daemons: a program that ends without waiting is not held up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from marigram.client.guard import Guard


class Errands:
    """Errands of one run."""

    def __init__(self, guard: Guard) -> None:
        """Take the guard that counts those that fail."""
        self._guard = guard
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self, errand: Callable[[], None]) -> None:
        """Do it in the background, after those that were started before."""
        with self._lock:
            before = self._threads[-1] if self._threads else None

            def work() -> None:
                if before is not None:
                    before.join()
                with self._guard:
                    errand()

            thread = threading.Thread(target=work, name="marigram-errand", daemon=True)
            self._threads = [*(other for other in self._threads if other.is_alive()), thread]
            thread.start()

    def finish(self, *, timeout_s: float) -> bool:
        """Wait at most so many seconds until all are done; return whether they are."""
        deadline = time.monotonic() + timeout_s
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def after_fork(self) -> None:
        """In a forked child: forget the parent's, whose threads are not here."""
        self._lock = threading.Lock()
        self._threads = []
