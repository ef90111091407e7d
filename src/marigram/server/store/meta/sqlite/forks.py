"""Who was forked from whom, and up to which step each series is inherited: one function for each question and change.

A run's parent is set when the run is made and never changes, and a run that would descend from itself is refused
before: lines of ancestors end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from marigram.model import Ancestor, Fork

_VARIABLES = 400
"""Bound variables for each of the two lists in one statement; SQLite before 3.32 allows 999."""

_LINES = """
WITH RECURSIVE line (run_id, attribute, parent, last_step, distance) AS (
    SELECT run.run_id, inherited.attribute, fork.parent, inherited.last_step, 1
    FROM run JOIN fork ON fork.run = run.id JOIN inherited ON inherited.run = run.id
    WHERE run.run_id IN ({runs}) AND inherited.attribute IN ({attributes})
    UNION ALL
    SELECT line.run_id, line.attribute, fork.parent, min(line.last_step, inherited.last_step), line.distance + 1
    FROM line JOIN run ON run.run_id = line.parent JOIN fork ON fork.run = run.id
    JOIN inherited ON inherited.run = run.id AND inherited.attribute = line.attribute
)
SELECT run_id, attribute, parent, last_step FROM line ORDER BY distance
"""


def begin(connection: sqlite3.Connection, run: int, fork: Fork) -> None:
    """Remember where the run's history comes from."""
    connection.execute(
        "INSERT INTO fork (run, parent, step, last_step) VALUES (?, ?, ?, ?)", (run, fork.run_id, fork.step, fork.step)
    )


def inherit(connection: sqlite3.Connection, run: int, attribute: int, last_step: float) -> None:
    """Let the run have what its parent has of a series."""
    connection.execute(
        "INSERT OR REPLACE INTO inherited (run, attribute, last_step) VALUES (?, ?, ?)", (run, attribute, last_step)
    )


def disinherit(connection: sqlite3.Connection, run: int, attribute: int) -> None:
    """Let the run have nothing of its parent's series any more."""
    connection.execute("DELETE FROM inherited WHERE run = ? AND attribute = ?", (run, attribute))


def shorten(
    connection: sqlite3.Connection, run: int, attributes: Sequence[int], *, last_step: float, whole: bool
) -> None:
    """Let the run inherit these series no further than a step; if `whole`, those to come as well."""
    connection.executemany(
        "UPDATE inherited SET last_step = min(last_step, ?) WHERE run = ? AND attribute = ?",
        [(last_step, run, attribute) for attribute in attributes],
    )
    if whole:
        connection.execute("UPDATE fork SET last_step = min(last_step, ?) WHERE run = ?", (last_step, run))


def children(connection: sqlite3.Connection, run_id: str) -> list[tuple[str, float]]:
    """Return the runs that were forked from this one, and up to which step each inherits series that are new."""
    return connection.execute(
        "SELECT run.run_id, fork.last_step FROM fork JOIN run ON run.id = fork.run WHERE fork.parent = ?", (run_id,)
    ).fetchall()


def key(connection: sqlite3.Connection, run_id: str) -> str | None:
    """Return the run's key, None if it is not known."""
    row = connection.execute("SELECT key FROM run WHERE run_id = ?", (run_id,)).fetchone()
    return None if row is None else row[0]


def line(connection: sqlite3.Connection, run_id: str) -> set[str]:
    """Return the run and all it descends from, as far as they are known."""
    rows = connection.execute(
        "WITH RECURSIVE line (run_id) AS (SELECT ? UNION SELECT fork.parent FROM line"
        " JOIN run ON run.run_id = line.run_id JOIN fork ON fork.run = run.id) SELECT run_id FROM line",
        (run_id,),
    )
    return {row[0] for row in rows}


def ancestors(
    connection: sqlite3.Connection, run_ids: Sequence[str], attributes: Sequence[int]
) -> Mapping[tuple[str, int], tuple[Ancestor, ...]]:
    """Return from whom each of the series inherits, the nearest first."""
    found: dict[tuple[str, int], tuple[Ancestor, ...]] = {}
    if connection.execute("SELECT 1 FROM inherited LIMIT 1").fetchone() is None:
        return found  # where nobody forks, a hundred thousand runs need not be looked through
    if len(run_ids) > _VARIABLES:
        forked = _forked(connection)
        run_ids = [run_id for run_id in run_ids if run_id in forked]
    for runs in _chunks(run_ids):
        for some in _chunks(attributes):
            statement = _LINES.format(runs=", ".join("?" * len(runs)), attributes=", ".join("?" * len(some)))
            for run_id, attribute, parent, last_step in connection.execute(statement, [*runs, *some]):
                nearer = found.get((run_id, attribute), ())
                found[run_id, attribute] = (*nearer, Ancestor(run_id=parent, last_step=last_step))
    return found


def _forked(connection: sqlite3.Connection) -> set[str]:
    return {run_id for (run_id,) in connection.execute("SELECT run.run_id FROM fork JOIN run ON run.id = fork.run")}


def _chunks(values: Sequence[str] | Sequence[int]) -> Iterator[list[str | int]]:
    distinct = list(dict.fromkeys(values))
    for at in range(0, len(distinct), _VARIABLES):
        yield list(distinct[at : at + _VARIABLES])
