"""The questions about all runs of a project at once, answered in columns: one function each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from marigram.model import Kind, Value
from marigram.server.store.meta.keys import SEARCHED_TEXT_CHARACTERS
from marigram.server.store.meta.port import CellColumns, RunColumns
from marigram.server.store.meta.sqlite.columns import value_of_columns

_ROWS_AT_ONCE = 10_000
"""Rows of SQLite that are Python objects at one time: a few megabytes."""

_LISTED = "(SELECT value FROM json_each(?))"
_RUN_DTYPES = (np.int64, np.int64, np.int64, np.bool_, np.bool_, np.bool_)


def run_columns(connection: sqlite3.Connection, project: str, numbers: Sequence[int] | None) -> RunColumns:
    """Return the runs of the project, or those with these numbers."""
    some, values = _some("run.id", numbers)
    rows = connection.execute(
        "SELECT run.id, run.created_at, COALESCE(run.ended_at, run.heard_at), run.status = 'running',"
        " run.trashed_at IS NOT NULL, NOT run.is_project FROM run JOIN project ON project.id = run.project"
        f" WHERE project.name = ?{some} ORDER BY run.id",
        [project, *values],
    )
    parts = [
        [np.array(column, dtype) for column, dtype in zip(zip(*part, strict=True), _RUN_DTYPES, strict=True)]
        for part in _parts(rows)
    ]
    empty = [np.empty(0, dtype) for dtype in _RUN_DTYPES]
    number, created_at, until, running, trashed, shown = (
        np.concatenate(columns) for columns in zip(empty, *parts, strict=True)
    )
    return RunColumns(number=number, created_at=created_at, until=until, running=running, trashed=trashed, shown=shown)


def heard(connection: sqlite3.Connection, project: str, news: Mapping[str, int]) -> Mapping[int, int]:
    """Return the news of runs of the project by number."""
    if not news:
        return {}
    rows = connection.execute(
        "SELECT run.id, run.run_id FROM run JOIN project ON project.id = run.project"
        f" WHERE run.run_id IN {_LISTED} AND project.name = ? AND run.ended_at IS NULL",
        (_json(list(news)), project),
    )
    return {number: news[run_id] for number, run_id in rows}


def kinds_at(connection: sqlite3.Connection, project: str, path: str) -> Mapping[Kind, int]:
    """Return the attributes at a path by kind."""
    rows = connection.execute(
        "SELECT attribute.kind, attribute.id FROM attribute JOIN project ON project.id = attribute.project"
        " WHERE project.name = ? AND attribute.path = ?",
        (project, path),
    )
    return {Kind(kind): attribute for kind, attribute in rows}


def cell_columns(
    connection: sqlite3.Connection, project: str, path: str, numbers: Sequence[int] | None
) -> Iterator[CellColumns]:
    """Yield what runs have at a path; one statement, so that a change of kind is seen once."""
    some, values = _some("had.run", numbers)
    rows = connection.execute(
        "SELECT had.run, attribute.kind, had.number, had.text FROM project"
        " JOIN attribute ON attribute.project = project.id"
        " JOIN attribute_value AS had ON had.attribute = attribute.id"
        f" WHERE project.name = ? AND attribute.path = ?{some}",
        [project, path, *values],
    )
    kinds = {kind.value: kind for kind in Kind}
    for part in _parts(rows):
        run, names, number, text = zip(*part, strict=True)
        kind = [kinds[name] for name in names]
        other = [
            None if words is None else _other(of, exactly, words)
            for of, exactly, words in zip(kind, number, text, strict=True)
        ]
        # What has an exact value beside its number is compared by that.
        exact = [None if found is not None else each for each, found in zip(number, other, strict=True)]
        yield CellColumns(run=np.array(run, np.int64), kind=kind, number=exact, other=other)


def series_runs(
    connection: sqlite3.Connection, attribute: int, numbers: Sequence[int] | None
) -> Iterator[Sequence[tuple[int, str]]]:
    """Yield number and id of runs that have an attribute."""
    some, values = _some("had.run", numbers)
    rows = connection.execute(
        "SELECT run.id, run.run_id FROM attribute_value AS had JOIN run ON run.id = had.run"
        f" WHERE had.attribute = ?{some}",
        [attribute, *values],
    )
    return _parts(rows)


def search_texts(connection: sqlite3.Connection, numbers: Sequence[int]) -> Mapping[int, str]:
    """Return what a text search looks at by number of run."""
    rows = connection.execute(
        "SELECT run.id, run.name || char(10) || run.key || char(10) || run.tags || char(10) || run.status || char(10)"
        " || COALESCE((SELECT group_concat(COALESCE(had.text, had.number), char(10)) FROM attribute_value AS had"
        f" WHERE had.run = run.id AND LENGTH(COALESCE(had.text, '')) <= {SEARCHED_TEXT_CHARACTERS}), '')"
        f" FROM run WHERE run.id IN {_LISTED}",
        (_json(numbers),),
    )
    return dict(rows.fetchall())


def run_numbers(connection: sqlite3.Connection, run_ids: Sequence[str]) -> Mapping[str, int]:
    """Return the numbers of runs by id."""
    rows = connection.execute(f"SELECT run_id, id FROM run WHERE run_id IN {_LISTED}", (_json(run_ids),))
    return dict(rows.fetchall())


def run_ids(connection: sqlite3.Connection, numbers: Sequence[int]) -> Mapping[int, str]:
    """Return the ids of runs by number."""
    rows = connection.execute(f"SELECT id, run_id FROM run WHERE id IN {_LISTED}", (_json(numbers),))
    return dict(rows.fetchall())


def _other(kind: Kind, number: int | float | None, text: str) -> Value | None:
    if kind in {Kind.STRING, Kind.STRING_SET, Kind.INT}:
        return value_of_columns(kind, number, text)
    return None


def _some(column: str, numbers: Sequence[int] | None) -> tuple[str, list[object]]:
    return ("", []) if numbers is None else (f" AND {column} IN {_LISTED}", [_json(numbers)])


def _parts(rows: sqlite3.Cursor) -> Iterator[list[Any]]:
    while part := rows.fetchmany(_ROWS_AT_ONCE):
        yield part


def _json(values: Sequence[object]) -> str:
    return msgspec.json.encode(values).decode()
