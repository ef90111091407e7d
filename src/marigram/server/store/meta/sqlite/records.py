"""All that many runs have, in one go: for answers that hold whole runs, or all paths of some."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter

import msgspec

from marigram.model import Kind, Path
from marigram.model.value import SERIES_KINDS
from marigram.server.store.meta.keys import AFTER_SLASH
from marigram.server.store.meta.port import Attribute
from marigram.server.store.meta.sqlite.columns import file_of_columns, value_of_columns

_LISTED = "(SELECT value FROM json_each(?))"
_KINDS = {kind.value: kind for kind in Kind}
_FEW = 64
"""Of so many attributes each run is asked for each; of more, all that the runs have is read and the rest left out."""


def attributes_of(
    connection: sqlite3.Connection, run_ids: Sequence[str], below: Sequence[str] | None
) -> Mapping[str, list[Attribute]]:
    """Return the attributes of the runs that exist, by run, in order of path."""
    ids = msgspec.json.encode(run_ids).decode()
    runs: list[tuple[int, str, int]] = connection.execute(
        f"SELECT id, run_id, project FROM run WHERE run_id IN {_LISTED}", (ids,)
    ).fetchall()
    found: dict[int, list[Attribute]] = {number: [] for number, _, _ in runs}
    for project in {project for _, _, project in runs}:
        numbers = [number for number, _, home in runs if home == project]
        # Read once for all runs: a join would bring each path as often as there are runs that have it.
        names = _few_below(connection, project, below) if below is not None else None
        some, only = "", list[object]()
        if names is not None:
            some, only = f" AND attribute IN {_LISTED}", [msgspec.json.encode([each for each, _, _ in names]).decode()]
        else:
            names = _had(connection, numbers, below)
        named = {each: (Path(path), _KINDS[kind]) for each, path, kind in names}
        rows = connection.execute(
            f"SELECT run, attribute, number, text FROM attribute_value WHERE run IN {_LISTED}{some}",
            [msgspec.json.encode(numbers).decode(), *only],
        )
        for run, attribute, number, text in rows:
            known = named.get(attribute)
            if known is None:
                continue  # it is not below, or came after the names were read
            path, kind = known
            # Most of what runs have is series and texts; asking for each kind in turn costs more than reading the row.
            if text is not None and kind is Kind.STRING:
                value, file = text, None
            elif kind in SERIES_KINDS:
                value = file = None
            else:
                value = value_of_columns(kind, number, text)
                file = file_of_columns(kind, text)
            found[run].append(Attribute(id=attribute, path=path, kind=kind, value=value, file=file))
    for attributes in found.values():
        attributes.sort(key=attrgetter("path"))
    return {run_id: found[number] for number, run_id, _ in runs}


def paths(
    connection: sqlite3.Connection, run_ids: Sequence[str], kinds: Collection[Kind], below: str
) -> list[tuple[Path, Kind]]:
    """Return where any of the runs has something, each path and kind once, in order of path."""
    ids = msgspec.json.encode(run_ids).decode()
    numbers = [number for (number,) in connection.execute(f"SELECT id FROM run WHERE run_id IN {_LISTED}", (ids,))]
    names = _had(connection, numbers, [below] if below else None, kinds)
    return sorted({(Path(path), _KINDS[kind]) for _, path, kind in names})


def _few_below(connection: sqlite3.Connection, project: int, below: Sequence[str]) -> list[tuple[int, str, str]] | None:
    """Return id, path and kind of what the project has at or below the paths; None if that is more than a few."""
    few: list[tuple[int, str, str]] = []
    for path in below:
        few += connection.execute(
            "SELECT id, path, kind FROM attribute WHERE project = ? AND path = ?"
            " UNION ALL SELECT id, path, kind FROM attribute WHERE project = ? AND path > ? AND path < ? LIMIT ?",
            (project, path, project, path + "/", path + AFTER_SLASH, _FEW + 1),
        )
        if len(few) > _FEW:
            return None
    return few


def _had(
    connection: sqlite3.Connection,
    numbers: Sequence[int],
    below: Sequence[str] | None,
    kinds: Collection[Kind] = (),
) -> list[tuple[int, str, str]]:
    """Return id, path and kind of what one of the runs has: of a project with a million paths it may be forty."""
    wanted, values = "", list[object]()
    if below is not None:
        wanted = (
            " AND EXISTS (SELECT 1 FROM json_each(?) AS place WHERE attribute.path = place.value"
            " OR substr(attribute.path, 1, length(place.value) + 1) = place.value || '/')"
        )
        values.append(msgspec.json.encode(below).decode())
    if kinds:
        wanted += f" AND kind IN {_LISTED}"
        values.append(msgspec.json.encode([kind.value for kind in kinds]).decode())
    # Of one run each attribute is there once already; making sure of that again takes as long as all the rest.
    once = "DISTINCT " if len(numbers) > 1 else ""
    return connection.execute(
        "SELECT id, path, kind FROM"
        f" (SELECT {once}attribute AS had FROM attribute_value WHERE run IN {_LISTED})"
        f" CROSS JOIN attribute ON attribute.id = had WHERE 1{wanted}",
        [msgspec.json.encode(numbers).decode(), *values],
    ).fetchall()
