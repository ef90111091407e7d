"""Calls what the user passed as `on_stop` when somebody asks the run to stop, once, on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

LOOK_EVERY_S = 0.2
"""Soon enough for a person who waits, and next to no work for a training that runs for days."""


class StopCallback:
    """Looks at the run's flag until it is raised or the run ends."""

    def __init__(self, *, is_asked: Callable[[], bool], call: Callable[[], object], say: Callable[[str], None]) -> None:
        """Take how to look, what to call, and where to complain if it fails."""
        self._is_asked = is_asked
        self._call = call
        self._say = say
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look, name="marigram-on-stop", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more. A call that has begun goes on; it may be the one that ends the run."""
        self._stopping.set()

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            if not self._is_asked():
                continue
            try:
                self._call()
            except Exception as error:  # noqa: BLE001 a mistake in it must not look like one of the training
                self._say(f"on_stop failed: {type(error).__name__}: {error}. The run goes on; run.should_stop is True.")
            return
