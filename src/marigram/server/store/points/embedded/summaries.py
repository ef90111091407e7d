"""Summaries of series: states from RAM and file, made anew from the points where stale, with what is inherited."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from marigram.model import Ancestor
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.embedded.inheritance import InheritedStates
from marigram.server.store.points.embedded.memtable import Memtable
from marigram.server.store.points.embedded.reading import SeriesReader
from marigram.server.store.points.embedded.states import SeriesStates, stored_states
from marigram.server.store.points.embedded.statistics import SeriesState, advanced, state_of, summary_of
from marigram.server.store.points.port import SeriesSummary

Write = Callable[[], AbstractContextManager[sqlite3.Connection]]


class Summaries:
    """Answers `PointStore.summaries`; safe from any thread.

    Args:
        states: those of series that were written to lately.
        memtable: says what is visible.
        reader: for what has to be made anew.
        readers: for states in the file.
        write: opens a write transaction when it is its turn.
    """

    def __init__(
        self, *, states: SeriesStates, memtable: Memtable, reader: SeriesReader, readers: Readers, write: Write
    ) -> None:
        self._states = states
        self._memtable = memtable
        self._reader = reader
        self._readers = readers
        self._write = write
        self._inherited = InheritedStates(reader=reader, memtable=memtable)

    def of(
        self,
        run_ids: Sequence[str],
        attributes: Sequence[int],
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]],
    ) -> dict[tuple[str, int], SeriesSummary]:
        """Return the summary of every series of these runs and attributes that has or inherits points."""
        found: dict[tuple[str, int], SeriesSummary] = {}
        for key, state in self._current(run_ids, attributes).items():
            if key not in ancestors:
                fresh = self._refreshed(*key, state) if state.stale else state
                if fresh is not None:
                    found[key] = summary_of(fresh)
        wanted_runs, wanted = set(run_ids), set(attributes)
        for (run_id, attribute), above in ancestors.items():
            if run_id in wanted_runs and attribute in wanted:
                summary = self._with_history(run_id, attribute, above)
                if summary is not None:
                    found[run_id, attribute] = summary
        return found

    def _current(self, run_ids: Sequence[str], attributes: Sequence[int]) -> dict[tuple[str, int], SeriesState]:
        # RAM is asked first: what leaves it in the meantime is in the file by then.
        in_ram = self._states.known(run_ids, attributes)
        found: dict[tuple[str, int], SeriesState] = {}
        if len(in_ram) < len(set(run_ids)) * len(set(attributes)):
            with self._readers.snapshot() as connection:
                stored = stored_states(connection, run_ids, attributes)
                found = {(run_id, attribute): state for run_id, attribute, state in stored}
        for key, state in in_ram.items():
            if state is None:
                found.pop(key, None)
            else:
                found[key] = state
        return found

    def _with_history(self, run_id: str, attribute: int, ancestors: Sequence[Ancestor]) -> SeriesSummary | None:
        """Return the summary of a series that inherits; nothing keeps a state of it, for its ancestors can change."""
        line = [run_id, *(ancestor.run_id for ancestor in ancestors)]
        states = {each: state for (each, _), state in self._current(line, [attribute]).items()}
        own = states.get(run_id)
        if own is not None and own.stale:
            own = self._refreshed(run_id, attribute, own)
        inherited = self._inherited.state(attribute, ancestors, states)
        if own is None or inherited is None:
            state = own or inherited
        elif own.first_step > inherited.last_step:
            state = advanced(inherited, own)
        else:
            columns = self._reader.read(
                run_id, attribute, own.kind, first_step=float("-inf"), last_step=float("inf"), ancestors=ancestors
            )
            state = state_of(attribute, own.kind, columns, 0)
        return None if state is None else summary_of(state)

    def _refreshed(self, run_id: str, attribute: int, state: SeriesState) -> SeriesState | None:
        """Make a stale state anew from the points, and keep it."""
        visible = self._memtable.position
        try:
            columns = self._reader.read(run_id, attribute, state.kind, first_step=float("-inf"), last_step=float("inf"))
        except CorruptRowError:
            # A table of runs is not to fail for one series; whoever looks at the series itself is told.
            return state
        fresh = state_of(attribute, state.kind, columns, state.position)
        # A commit is in the states a moment before its points can be read; points of that moment may lack its writes.
        if fresh is not None and state.position <= visible:
            with self._write() as connection:
                self._states.repair(connection, run_id, attribute, fresh)
        return fresh
