"""The questions that are asked of meta.db, one function each."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from marigram.model import Fork, Kind, Path, ProjectName, Run, RunStatus, StopHow, StopRequest, View, ViewKind
from marigram.server.store.meta.filter import Filter
from marigram.server.store.meta.keys import AFTER_SLASH, SEARCHED_TEXT_CHARACTERS
from marigram.server.store.meta.port import Attribute, ColumnRow, ProjectRow, RunSort
from marigram.server.store.meta.sqlite.columns import file_of_columns, value_of_columns
from marigram.server.store.meta.sqlite.conditions import condition

_VARIABLES = 500
"""Bound variables in one statement; SQLite before 3.32 allows 999."""

_SORTED_AT_ONCE = 5_000
"""Attributes of a run that may be read and sorted for one page: some ten milliseconds."""

_RUN = (
    "SELECT run.run_id, run.key, project.name, run.name, run.status, run.created_at, run.ended_at, run.heard_at,"
    " run.exit_code, run.failure, run.tags, run.trashed_at, fork.parent, fork.step,"
    " stop.number, stop.how, stop.grace_s, stop.requested_at, stop.requested_by, stop.delivered_at FROM run"
    " JOIN project ON project.id = run.project LEFT JOIN fork ON fork.run = run.id"
    " LEFT JOIN stop_request AS stop"
    " ON stop.number = (SELECT MAX(number) FROM stop_request WHERE stop_request.run = run.id)"
)
_SHOWN = "run.trashed_at IS NULL AND NOT run.is_project"
_SORT_COLUMNS = {
    "sys/creation_time": "run.created_at",
    "sys/name": "NULLIF(run.name, '') COLLATE NOCASE",
    "sys/state": "run.status",
    "sys/id": "run.id",
    "sys/running_time": "COALESCE(run.ended_at, run.heard_at) - run.created_at",
}
_tags_decoder = msgspec.json.Decoder(tuple[str, ...])
Heard = Mapping[str, int]


def projects(connection: sqlite3.Connection, news: Heard) -> list[ProjectRow]:
    """Return all projects, the most recently heard of first; `news` are what the file doesn't know yet."""
    latest: dict[str, int] = {}
    for run_id, project in connection.execute(
        "SELECT run.run_id, project.name FROM run JOIN project ON project.id = run.project"
        f" WHERE run.run_id IN (SELECT value FROM json_each(?)) AND {_SHOWN}",
        (msgspec.json.encode(list(news)).decode(),),
    ):
        latest[project] = max(latest.get(project, 0), news[run_id])
    rows: list[tuple[str, int, int, int, int | None]] = connection.execute(
        "SELECT name, run_count, running_count, created_at,"
        f" (SELECT MAX(heard_at) FROM run WHERE run.project = project.id AND {_SHOWN}) FROM project"
    ).fetchall()
    found = [
        ProjectRow(
            name=ProjectName(name),
            run_count=count,
            running_count=running,
            created_at=created_at,
            heard_at=max(heard_at or 0, latest.get(name, 0)) or created_at,
        )
        for name, count, running, created_at, heard_at in rows
    ]
    return sorted(found, key=lambda project: -project.heard_at)


def find_run(connection: sqlite3.Connection, heard: Heard, project: str, key_or_id: str) -> Run | None:
    """Return the run of the project with this key, or this id."""
    row = connection.execute(
        f"{_RUN} WHERE project.name = ? AND (run.key = ? COLLATE NOCASE OR run.run_id = ?)",
        (project, key_or_id, key_or_id),
    ).fetchone()
    return None if row is None else _run(row, heard)


def runs(connection: sqlite3.Connection, heard: Heard, run_ids: Sequence[str]) -> list[Run]:
    """Return the runs with these ids, in this order, those that exist."""
    found: dict[str, Run] = {}
    for at in range(0, len(run_ids), _VARIABLES):
        part = run_ids[at : at + _VARIABLES]
        for row in connection.execute(f"{_RUN} WHERE run.run_id IN ({_marks(part)})", list(part)):
            found[row[0]] = _run(row, heard)
    return [found[run_id] for run_id in run_ids if run_id in found]


def search_runs(
    connection: sqlite3.Connection,
    project: str,
    *,
    text: str,
    sort: RunSort,
    where: Filter | None,
    trashed: bool | None,
) -> list[str]:
    """Return the ids of all runs of the project that match, in order."""
    parameters: list[object] = [project]
    conditions = ["project.name = ?", "NOT run.is_project"]
    if trashed is not None:
        conditions.append(f"run.trashed_at IS {'NOT NULL' if trashed else 'NULL'}")
    if where is not None:
        wanted, values = condition(where)
        conditions.append(f"({wanted})")
        parameters.extend(values)
    for word in text.split():
        like = f"%{_escaped(word)}%"
        conditions.append(
            "(run.name LIKE ? ESCAPE '\\' OR run.key LIKE ? ESCAPE '\\' OR run.tags LIKE ? ESCAPE '\\'"
            " OR run.status LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM attribute_value AS had"
            " WHERE had.run = run.id AND COALESCE(had.text, had.number) LIKE ? ESCAPE '\\'"
            f" AND LENGTH(COALESCE(had.text, '')) <= {SEARCHED_TEXT_CHARACTERS}))"
        )
        parameters.extend([like] * 5)
    direction = "DESC" if sort.descending else "ASC"
    column = _SORT_COLUMNS.get(sort.path)
    join = ""
    if column is None:
        join = (
            " LEFT JOIN (SELECT attribute_value.run AS run, MAX(attribute_value.number) AS number,"
            " MAX(attribute_value.text) AS text FROM attribute_value"
            " JOIN attribute ON attribute.id = attribute_value.attribute"
            " JOIN project AS home ON home.id = attribute.project"
            " WHERE attribute.path = ? AND home.name = ? GROUP BY attribute_value.run) AS sorted"
            " ON sorted.run = run.id"
        )
        parameters = [sort.path, project, *parameters]
        order = (
            f"sorted.number IS NULL AND sorted.text IS NULL, sorted.number {direction},"
            f" sorted.text COLLATE NOCASE {direction}"
        )
    else:
        order = f"{column} IS NULL, {column} {direction}"
    statement = (
        f"SELECT run.run_id FROM run JOIN project ON project.id = run.project{join}"
        f" WHERE {' AND '.join(conditions)} ORDER BY {order}, run.id DESC"
    )
    return [row[0] for row in connection.execute(statement, parameters)]


def recent_runs(
    connection: sqlite3.Connection, heard: Heard, *, text: str, ended: bool | None, limit: int
) -> list[Run]:
    """Return runs of all projects that match, the newest or the last to end first."""
    conditions, parameters = [_SHOWN], list[object]()
    if ended is not None:
        conditions.append("run.ended_at IS NOT NULL" if ended else "run.status = 'running'")
    for word in text.split():
        sought = "run.name || char(10) || run.key || char(10) || run.run_id || char(10) || project.name"
        conditions.append(f"{sought} LIKE ? ESCAPE '\\'")
        parameters.append(f"%{_escaped(word)}%")
    order = "run.ended_at" if ended else "run.created_at"
    ids = connection.execute(
        "SELECT run.run_id FROM run JOIN project ON project.id = run.project"
        f" WHERE {' AND '.join(conditions)} ORDER BY {order} DESC, run.id DESC LIMIT ?",
        [*parameters, limit],
    )
    return runs(connection, heard, [row[0] for row in ids])


def views(connection: sqlite3.Connection, project: str, kind: ViewKind) -> list[View]:
    """Return the saved views of a project, in order of name."""
    rows = connection.execute(
        "SELECT view.name, content, saved_at FROM view JOIN project ON project.id = view.project"
        " WHERE project.name = ? AND kind = ? ORDER BY view.name",
        (project, kind.value),
    )
    return [View(kind=kind, name=name, content=content, saved_at=saved_at) for name, content, saved_at in rows]


def attributes(
    connection: sqlite3.Connection,
    run_id: str,
    *,
    prefix: str,
    search: str,
    kinds: Collection[Kind],
    after: str,
    limit: int,
) -> list[Attribute]:
    """Return attributes of the run in order of path."""
    wanted = "attribute.path > ? AND (? = '' OR attribute.path = ? OR (attribute.path > ? AND attribute.path < ?))"
    values: list[object] = [after, prefix, prefix, prefix + "/", prefix + AFTER_SLASH]
    if search:
        wanted += " AND attribute.path LIKE ? ESCAPE '\\'"
        values.append(f"%{_escaped(search)}%")
    if kinds:
        wanted += f" AND attribute.kind IN ({_marks(kinds)})"
        values.extend(kind.value for kind in kinds)
    row = connection.execute("SELECT id, project FROM run WHERE run_id = ?", (run_id,)).fetchone()
    if row is None:
        return []
    many = "SELECT COUNT(*) FROM (SELECT 1 FROM attribute_value WHERE run = ? LIMIT ?)"
    if connection.execute(many, (row[0], _SORTED_AT_ONCE)).fetchone()[0] == _SORTED_AT_ONCE:
        # Most of what follows in the project is likely to be this run's; sorting all that it has would take longer.
        found = connection.execute(
            "SELECT next.id, next.path, next.kind, had.number, had.text FROM (SELECT id, path, kind FROM attribute"
            f" WHERE project = ? AND {wanted} ORDER BY path LIMIT ?) AS next"
            " CROSS JOIN attribute_value AS had ON had.run = ? AND had.attribute = next.id ORDER BY next.path LIMIT ?",
            [row[1], *values, _SORTED_AT_ONCE, row[0], limit],
        ).fetchall()
        if len(found) == limit:
            return [_attribute(*each) for each in found]
    rows = connection.execute(
        "SELECT attribute.id, attribute.path, attribute.kind, had.number, had.text FROM attribute_value AS had"
        f" CROSS JOIN attribute ON attribute.id = had.attribute WHERE had.run = ? AND {wanted}"
        " ORDER BY attribute.path LIMIT ?",
        [row[0], *values, limit],
    )
    return [_attribute(*each) for each in rows]


def cells(
    connection: sqlite3.Connection, run_ids: Sequence[str], paths: Sequence[str]
) -> Mapping[tuple[str, str], Attribute]:
    """Return what these runs have at these paths, by `(run_id, path)`."""
    found: dict[tuple[str, str], Attribute] = {}
    for run_at in range(0, len(run_ids), _VARIABLES // 2):
        some_runs = run_ids[run_at : run_at + _VARIABLES // 2]
        for path_at in range(0, len(paths), _VARIABLES // 2):
            some_paths = paths[path_at : path_at + _VARIABLES // 2]
            rows = connection.execute(
                "SELECT run.run_id, attribute.id, attribute.path, attribute.kind, had.number, had.text FROM run"
                " JOIN attribute ON attribute.project = run.project"
                " JOIN attribute_value AS had ON had.run = run.id AND had.attribute = attribute.id"
                f" WHERE run.run_id IN ({_marks(some_runs)}) AND attribute.path IN ({_marks(some_paths)})",
                [*some_runs, *some_paths],
            )
            for row in rows:
                found[row[0], row[2]] = _attribute(*row[1:])
    return found


def columns(connection: sqlite3.Connection, project: str, search: str, limit: int) -> list[ColumnRow]:
    """Return attributes of the project whose path contains `search`, those that most runs have first."""
    wanted, values = (" AND attribute.path LIKE ? ESCAPE '\\'", [f"%{_escaped(search)}%"]) if search else ("", [])
    return _columns(connection, project, wanted, values, limit)


def columns_at(connection: sqlite3.Connection, project: str, paths: Sequence[str]) -> list[ColumnRow]:
    """Return the attributes at exactly these paths."""
    wanted = " AND attribute.path IN (SELECT value FROM json_each(?))"
    return _columns(connection, project, wanted, [msgspec.json.encode(paths).decode()], -1)


def _columns(
    connection: sqlite3.Connection, project: str, wanted: str, values: Sequence[str], limit: int
) -> list[ColumnRow]:
    rows = connection.execute(
        "SELECT attribute.id, attribute.path, attribute.kind, attribute.run_count, attribute.varies FROM project"
        " JOIN attribute ON attribute.project = project.id"
        f" WHERE project.name = ? AND attribute.run_count > 0{wanted}"
        " ORDER BY attribute.run_count DESC, attribute.path, attribute.id LIMIT ?",
        [project, *values, limit],
    )
    return [
        ColumnRow(id=row[0], path=Path(row[1]), kind=Kind(row[2]), run_count=row[3], distinct=1 + row[4])
        for row in rows
    ]


def _run(row: Any, heard: Heard) -> Run:  # noqa: ANN401 - nineteen columns of as many types
    return Run(
        id=row[0],
        key=row[1],
        project=ProjectName(row[2]),
        name=row[3],
        status=RunStatus(row[4]),
        created_at=row[5],
        ended_at=row[6],
        heard_at=heard.get(row[0], row[7]),
        exit_code=row[8],
        failure=row[9],
        tags=_tags_decoder.decode(row[10]),
        trashed_at=row[11],
        fork=None if row[12] is None else Fork(run_id=row[12], step=row[13]),
        stop=None if row[14] is None else _stop_request(*row[14:]),
    )


def _stop_request(
    number: int, how: str, grace_s: float, requested_at: int, requested_by: str, delivered_at: int | None
) -> StopRequest:
    return StopRequest(
        number=number,
        how=StopHow(how),
        grace_s=grace_s,
        requested_at=requested_at,
        requested_by=requested_by,
        delivered_at=delivered_at,
    )


def _attribute(id_: int, path: str, kind: str, number: int | float | None, text: str | None) -> Attribute:
    known = Kind(kind)
    return Attribute(
        id=id_,
        path=Path(path),
        kind=known,
        value=value_of_columns(known, number, text),
        file=file_of_columns(known, text),
    )


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _escaped(text: str) -> str:
    """Return `text` so that LIKE takes every character literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
