"""Summaries of series: states from RAM and file, made anew from the points where stale, with what is inherited."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import numpy as np

from marigram.model import Ancestor
from marigram.server.store.points.answers import SeriesSummary, SummaryColumns
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.embedded.inheritance import InheritedStates
from marigram.server.store.points.embedded.memtable import Memtable
from marigram.server.store.points.embedded.reading import SeriesReader
from marigram.server.store.points.embedded.states import SeriesStates, stored_column, stored_states
from marigram.server.store.points.embedded.statistics import SeriesState, advanced, state_of, summary_of

_STATE_COLUMNS = ("first_step", "last_step", "count", "min", "max", "mean", "squares", "min_step", "max_step")
_SQUARES = _STATE_COLUMNS.index("squares")

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
                fresh = self._refreshed(*key, state) if state.stale or state.lacks_steps() else state
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

    def columns(
        self,
        run_ids: Sequence[str],
        attribute: int,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]],
        *,
        with_steps: bool,
    ) -> SummaryColumns:
        """Return what `of` says of one attribute, a row for each run."""
        # RAM is asked first: what leaves it in the meantime is in the file by then.
        in_ram = self._states.known(run_ids, [attribute])
        with self._readers.snapshot() as connection:
            rows = stored_column(connection, run_ids, attribute)
        if in_ram:
            rows = [in_ram.get((run_id, attribute), row) for run_id, row in zip(run_ids, rows, strict=True)]
        odd = {
            at for at, row in enumerate(rows) if row is not None and (row.stale or (with_steps and row.lacks_steps()))
        }
        if ancestors:
            odd.update(at for at, run_id in enumerate(run_ids) if (run_id, attribute) in ancestors)
        made = self.of([run_ids[at] for at in odd], [attribute], ancestors) if odd else {}
        found = _columns_of(rows, {at: made.get((run_ids[at], attribute)) for at in odd})
        if not with_steps:
            found.min_step[:], found.max_step[:] = np.nan, np.nan
        return found

    def _with_history(self, run_id: str, attribute: int, ancestors: Sequence[Ancestor]) -> SeriesSummary | None:
        """Return the summary of a series that inherits; nothing keeps a state of it, for its ancestors can change."""
        line = [run_id, *(ancestor.run_id for ancestor in ancestors)]
        states = {each: state for (each, _), state in self._current(line, [attribute]).items()}
        own = states.get(run_id)
        if own is not None and (own.stale or own.lacks_steps()):
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


def _columns_of(states: Sequence[SeriesState | None], others: Mapping[int, SeriesSummary | None]) -> SummaryColumns:
    """Return the summaries of states, but for rows of which `others` says what they are."""
    rows = np.array([at for at, state in enumerate(states) if state is not None], dtype=np.int64)
    some = [state for state in states if state is not None]
    there = np.zeros(len(states), dtype=np.bool_)
    there[rows] = True
    last = [None if state is None else state.last for state in states]
    columns = np.full((len(_STATE_COLUMNS), len(states)), np.nan)
    for column, name in zip(columns, _STATE_COLUMNS, strict=True):
        column[rows] = np.array([getattr(state, name) for state in some], dtype=np.float64)  # None becomes NaN
    finite = np.array([state.count - state.nan_count - state.inf_count for state in some], dtype=np.int64)
    columns[_SQUARES, rows] /= np.maximum(finite, 1)  # where nothing is finite there are no squares to be divided
    for at, summary in others.items():
        there[at] = summary is not None
        last[at] = None if summary is None else summary.last
        if summary is not None:
            names = ("variance" if name == "squares" else name for name in _STATE_COLUMNS)
            columns[:, at] = np.array([getattr(summary, name) for name in names], np.float64)
        else:
            columns[:, at] = np.nan
    first_step, last_step, count, low, high, mean, variance, low_at, high_at = columns
    return SummaryColumns(
        there=there,
        last=last,
        first_step=first_step,
        last_step=last_step,
        count=count,
        min=low,
        max=high,
        mean=mean,
        variance=variance,
        min_step=low_at,
        max_step=high_at,
    )
