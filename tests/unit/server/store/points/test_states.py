"""Repairing the statistics of a series while it is written to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import msgspec
import numpy as np
import pytest

from marigram.model import Kind
from marigram.server.store.points.embedded.columns import Columns, SeriesWrite
from marigram.server.store.points.embedded.states import SeriesStates
from marigram.server.store.points.embedded.statistics import SeriesState, state_of


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.execute("CREATE TABLE series (run, attribute, state, PRIMARY KEY (run, attribute))")
        yield opened


def write(*steps: float) -> SeriesWrite:
    column = np.array(steps, dtype=np.float64)
    return SeriesWrite(7, Kind.FLOAT_SERIES, Columns(column, np.zeros(len(steps), dtype=np.int64), column))


def advance(states: SeriesStates, connection: sqlite3.Connection, position: int, *steps: float) -> SeriesState:
    states.advance(connection, 1, [write(*steps)], position)
    states.store(connection)
    states.settle(committed=True)
    return stored(connection)


def stored(connection: sqlite3.Connection) -> SeriesState:
    (state,) = connection.execute("SELECT state FROM series").fetchone()
    return msgspec.msgpack.decode(state, type=SeriesState)


def fresh(position: int, *steps: float) -> SeriesState:
    state = state_of(7, Kind.FLOAT_SERIES, write(*steps).columns, position)
    assert state is not None
    return state


def test_a_repaired_state_follows_new_points_again(connection: sqlite3.Connection) -> None:
    states = SeriesStates()
    advance(states, connection, 1, 5)
    assert advance(states, connection, 2, 1).stale
    states.repair(connection, (1, 7), fresh(2, 1, 5))
    after = advance(states, connection, 3, 6)
    assert (after.stale, after.count, after.mean) == (False, 3, 4)


def test_a_repair_that_comes_too_late_changes_nothing(connection: sqlite3.Connection) -> None:
    states = SeriesStates()
    advance(states, connection, 1, 5)
    advance(states, connection, 2, 1)
    newest = advance(states, connection, 3, 2)
    states.repair(connection, (1, 7), fresh(2, 1, 5))
    assert stored(connection) == newest
    assert newest.stale


def test_what_was_gathered_for_a_commit_that_failed_is_forgotten(connection: sqlite3.Connection) -> None:
    states = SeriesStates()
    advance(states, connection, 1, 5)
    states.advance(connection, 1, [write(6)], 2)
    states.settle(committed=False)
    assert advance(states, connection, 2, 7).count == 2
