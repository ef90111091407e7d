"""The newest writes of all runs in order of arrival, for those who follow a run live; bounded in RAM."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from marigram.server.store.points.answers import Tail
from marigram.server.store.points.embedded.memtable import Entry
from marigram.server.store.points.embedded.writes import told


class RecentWrites:
    """A window of `max_points` points or `max_writes` writes over what was committed, whichever is smaller.

    It does not care what is flushed, so a chart that is looked at does not stutter when blocks are made. All methods
    are safe from any thread.
    """

    def __init__(self, *, max_points: int, max_writes: int) -> None:
        self._max_points = max_points
        self._max_writes = max_writes
        self._lock = threading.Lock()
        self._order: deque[Entry] = deque()
        self._by_run: dict[str, deque[Entry]] = {}
        self._points = 0
        self._writes = 0
        self._floor = 0
        self._position = 0

    def begin_at(self, position: int) -> None:
        """Start with nothing up to `position` at hand."""
        self._floor = self._position = position

    def apply(self, entries: Sequence[Entry]) -> None:
        """Add committed batches, and let go of the oldest."""
        with self._lock:
            for entry in entries:
                self._order.append(entry)
                self._by_run.setdefault(entry.run_id, deque()).append(entry)
                self._count(entry, 1)
                self._position = entry.position
            while self._order and (self._points > self._max_points or self._writes > self._max_writes):
                oldest = self._order.popleft()
                self._count(oldest, -1)
                self._floor = oldest.position
                # A run that was deleted in the meantime has let go of its own entries already.
                own = self._by_run.get(oldest.run_id)
                if own and own[0] is oldest:
                    own.popleft()
                    if not own:
                        del self._by_run[oldest.run_id]

    def _count(self, entry: Entry, sign: int) -> None:
        self._points += sign * entry.points
        self._writes += sign * (len(entry.writes) + 1)

    def forget(self, run_id: str) -> None:
        """Forget a deleted run."""
        with self._lock:
            self._by_run.pop(run_id, None)

    def after(self, run_id: str, position: int, max_points: int | None) -> Tail | None:
        """Return what the run got after `position`, None if that is not at hand, too much, or lies in the future."""
        with self._lock:
            if not self._floor <= position <= self._position:
                return None
            newest = self._position
            points = 0
            found: list[Entry] = []
            for entry in reversed(self._by_run.get(run_id, ())):
                if entry.position <= position:
                    break
                points += entry.points
                if max_points is not None and points > max_points:
                    return None
                found.append(entry)
        writes = tuple(told(write) for entry in reversed(found) for write in entry.writes)
        return Tail(position=newest, writes=writes)
