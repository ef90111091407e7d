"""The statistics of series in RAM and in the file: repairs, replays, and what is forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from marigram.model import Kind
from marigram.server.store.points.batch import PointWrite
from marigram.server.store.points.embedded.columns import Columns
from marigram.server.store.points.embedded.states import SeriesStates, stored_states
from marigram.server.store.points.embedded.statistics import SeriesState, state_of
from marigram.server.store.points.embedded.writes import condensed, copied
from marigram.testing.point_builders import RUN, cut, drop, floats, strings, write

SERIES, LINES = 7, 8
NUMBER = 1


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.execute("CREATE TABLE run (number INTEGER PRIMARY KEY, run_id)")
        opened.execute("CREATE TABLE series (run, attribute, state, PRIMARY KEY (run, attribute))")
        opened.execute("INSERT INTO run VALUES (?, ?)", (NUMBER, RUN))
        yield opened


def points(*steps: float) -> PointWrite:
    return write(SERIES, floats(steps, steps))


def advance(
    states: SeriesStates, connection: sqlite3.Connection, position: int, *writes: PointWrite, replaying: bool = False
) -> SeriesState | None:
    own = copied(writes)
    states.load(connection, RUN, NUMBER, own, is_new=False)
    states.advance(RUN, own, position, replaying=replaying)
    return states.known([RUN], [SERIES]).get((RUN, SERIES))


def stored(connection: sqlite3.Connection) -> dict[int, SeriesState]:
    return {attribute: state for _, attribute, state in stored_states(connection, [RUN], [SERIES, LINES])}


def save(states: SeriesStates, connection: sqlite3.Connection) -> None:
    for run_id, attributes in states.unsaved([RUN]):
        states.save(connection, run_id, attributes)


def fresh(position: int, *steps: float) -> SeriesState:
    column = np.array(steps, dtype=np.float64)
    state = state_of(SERIES, Kind.FLOAT_SERIES, Columns(column, np.zeros(len(steps), np.int64), column), position)
    assert state is not None
    return state


def test_a_repaired_state_follows_new_points_again(connection: sqlite3.Connection) -> None:
    states = SeriesStates()
    advance(states, connection, 1, points(5))
    late = advance(states, connection, 2, points(1))
    assert late is not None
    assert late.stale
    states.repair(connection, RUN, SERIES, fresh(2, 1, 5))
    after = advance(states, connection, 3, points(6))
    assert after is not None
    assert (after.stale, after.count, after.mean) == (False, 3, 4)


def test_a_repair_that_comes_too_late_changes_nothing(connection: sqlite3.Connection) -> None:
    states = SeriesStates()
    advance(states, connection, 1, points(5))
    advance(states, connection, 2, points(1))
    newest = advance(states, connection, 3, points(2))
    states.repair(connection, RUN, SERIES, fresh(2, 1, 5))
    assert states.known([RUN], [SERIES]) == {(RUN, SERIES): newest}


def test_a_state_that_is_only_in_the_file_is_repaired_there(connection: sqlite3.Connection) -> None:
    states = SeriesStates()
    advance(states, connection, 1, points(5))
    advance(states, connection, 2, points(1))
    save(states, connection)
    SeriesStates().repair(connection, RUN, SERIES, fresh(1, 5))
    assert stored(connection)[SERIES].stale
    SeriesStates().repair(connection, RUN, SERIES, fresh(2, 1, 5))
    assert stored(connection)[SERIES] == fresh(2, 1, 5)


@pytest.mark.parametrize("saved_after", range(6))
def test_replaying_what_a_saved_state_knows_already_changes_nothing(
    connection: sqlite3.Connection, saved_after: int
) -> None:
    history = [
        [points(1, 2), write(LINES, strings([1], ["a"]))],
        [points(3), points(4), write(LINES, strings([2], ["b"]))],
        [cut(SERIES, 2.0), points(5)],
        [drop(SERIES), points(1), drop(LINES)],
        [points(2, 3), write(LINES, strings([3], ["c"]))],
    ]
    states = SeriesStates()
    for position, writes in enumerate(history, 1):
        advance(states, connection, position, *writes)
        if position == saved_after:
            save(states, connection)
    expected = states.known([RUN], [SERIES, LINES])
    for first in range(saved_after + 1):
        again = SeriesStates()
        for position, writes in enumerate(history[first:], first + 1):
            advance(again, connection, position, *writes, replaying=True)
        for key, state in again.known([RUN], [SERIES, LINES]).items():
            assert state == expected[key]


@pytest.mark.parametrize("saved_after", range(5))
def test_rows_that_are_replayed_together_count_once_whatever_was_saved(
    connection: sqlite3.Connection, saved_after: int
) -> None:
    history = [
        [points(1, 2), write(LINES, strings([1], ["a"]))],
        [points(4), write(LINES, strings([2], ["b"]))],
        [points(6), points(3, 5)],
        [points(7), write(LINES, strings([3], ["c"]))],
    ]
    states = SeriesStates()
    for position, writes in enumerate(history, 1):
        advance(states, connection, position, *writes)
        if position == saved_after:
            save(states, connection)
    again = SeriesStates()
    rows = [(position, copied(writes)) for position, writes in enumerate(history, 1)]
    at_once = condensed([write for _, writes in rows for write in writes])
    again.replay(connection, RUN, NUMBER, rows, at_once=at_once)
    found = again.known([RUN], [SERIES, LINES])
    floats_state, lines = found[RUN, SERIES], found[RUN, LINES]
    assert floats_state is not None
    assert floats_state.position == 4
    assert saved_after or not floats_state.stale
    assert floats_state.stale or (floats_state.count, floats_state.mean) == (7, 4)
    assert lines == states.known([RUN], [LINES])[RUN, LINES]


def test_states_that_are_saved_are_forgotten_if_there_are_many_and_read_again(
    connection: sqlite3.Connection,
) -> None:
    states = SeriesStates(max_known=0)
    advance(states, connection, 1, points(1), write(LINES, strings([1], ["a"])))
    states.shrink()
    assert len(states.known([RUN], [SERIES, LINES])) == 2
    save(states, connection)
    states.shrink()
    assert states.known([RUN], [SERIES, LINES]) == {}
    after = advance(states, connection, 2, points(2))
    assert after is not None
    assert after.count == 2


def test_what_came_to_nothing_in_the_file_is_saved_again(connection: sqlite3.Connection) -> None:
    states = SeriesStates()
    advance(states, connection, 1, points(1), write(LINES, strings([1], ["a"])))
    [(_, attributes)] = states.unsaved([RUN])
    states.save(connection, RUN, attributes)
    assert states.unsaved([RUN]) == [(RUN, [])]
    states.not_saved(RUN, attributes)
    assert states.unsaved([RUN]) == [(RUN, [SERIES, LINES])]


def test_what_waits_is_in_what_is_saved_and_nothing_is_left_to_save(connection: sqlite3.Connection) -> None:
    states = SeriesStates()
    for position in (1, 2, 3):
        own = copied([points(position)])
        states.load(connection, RUN, NUMBER, own, is_new=False)
        states.advance(RUN, own, position)
    states.save(connection, RUN, [SERIES])
    saved = stored(connection)[SERIES]
    assert (saved.position, saved.count, saved.mean, saved.min_step, saved.max_step) == (3, 3, 2, 1, 3)
    assert states.known([RUN], [SERIES]) == {(RUN, SERIES): saved}
    assert states.unsaved([RUN]) == [(RUN, [])]
