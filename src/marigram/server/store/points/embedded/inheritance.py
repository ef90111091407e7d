"""The statistics of what series inherit, remembered for as long as no ancestor is written to; safe from any thread.

They are made from all inherited points, which takes a while for a long history, and a table of runs asks for them at
every look.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from marigram.model import Ancestor
from marigram.server.store.points.embedded.memtable import Memtable
from marigram.server.store.points.embedded.reading import SeriesReader
from marigram.server.store.points.embedded.statistics import SeriesState, state_of

_MOST = 20_000
"""About 10 MB: two hundred forks with a hundred metrics each."""

_Key = tuple[int, tuple[tuple[str, float], ...]]
_Positions = tuple[int, ...]


class InheritedStates:
    """Makes and remembers states of inherited points."""

    def __init__(self, *, reader: SeriesReader, memtable: Memtable) -> None:
        self._reader = reader
        self._memtable = memtable
        self._lock = threading.Lock()
        self._known: OrderedDict[_Key, tuple[_Positions, SeriesState | None]] = OrderedDict()

    def state(
        self, attribute: int, ancestors: Sequence[Ancestor], states: Mapping[str, SeriesState]
    ) -> SeriesState | None:
        """Return the state of what a series inherits from its ancestors, None if that is nothing.

        Args:
            attribute: the series.
            ancestors: of the run that inherits, the nearest first.
            states: of the ancestors that have points of the series.
        """
        key = attribute, tuple((ancestor.run_id, ancestor.last_step) for ancestor in ancestors)
        found = [states[ancestor.run_id] for ancestor in ancestors if ancestor.run_id in states]
        positions = tuple(states[each.run_id].position if each.run_id in states else 0 for each in ancestors)
        with self._lock:
            known = self._known.get(key)
            if known is not None and known[0] == positions:
                self._known.move_to_end(key)
                return known[1]
        visible = self._memtable.position
        fresh = None if not found else self._made(attribute, ancestors, found[0])
        # A commit is on disk a moment before it is in memory; points read in that moment may lack its writes.
        if max(positions, default=0) <= visible:
            with self._lock:
                self._known[key] = positions, fresh
                while len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return fresh

    def _made(self, attribute: int, ancestors: Sequence[Ancestor], nearest: SeriesState) -> SeriesState | None:
        first, *others = ancestors
        columns = self._reader.read(
            first.run_id,
            attribute,
            nearest.kind,
            first_step=-math.inf,
            last_step=first.last_step,
            ancestors=others,
        )
        return state_of(attribute, nearest.kind, columns, nearest.position)
