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


def attributes_of(
    connection: sqlite3.Connection, run_ids: Sequence[str], below: Sequence[str] | None
) -> Mapping[str, list[Attribute]]:
    """Return the attributes of the runs that exist, by run, in order of path."""
    ids = msgspec.json.encode(run_ids).decode()
    runs: list[tuple[int, str, int]] = connection.execute(
        f"SELECT id, run_id, project FROM run WHERE run_id IN {_LISTED}", (ids,)
    ).fetchall()
    found: dict[int, list[Attribute]] = {number: [] for number, _, _ in runs}
    wanted, values = _wanted(below)
    for project in {project for _, _, project in runs}:
        # Read once for all runs: a join would bring each path as often as there are runs that have it.
        named: dict[int, tuple[Path, Kind]] = {
            each: (Path(path), Kind(kind))
            for each, path, kind in connection.execute(
                f"SELECT id, path, kind FROM attribute WHERE project = ?{wanted}", [project, *values]
            )
        }
        numbers = msgspec.json.encode([number for number, _, home in runs if home == project]).decode()
        some, only = "", list[object]()
        if below is not None:
            some, only = f" AND attribute IN {_LISTED}", [msgspec.json.encode(list(named)).decode()]
        rows = connection.execute(
            f"SELECT run, attribute, number, text FROM attribute_value WHERE run IN {_LISTED}{some}", [numbers, *only]
        )
        for run, attribute, number, text in rows:
            known = named.get(attribute)
            if known is None:
                continue  # it came after the names were read
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
    wanted, values = _wanted([below] if below else None)
    if kinds:
        wanted += f" AND kind IN {_LISTED}"
        values.append(msgspec.json.encode([kind.value for kind in kinds]).decode())
    ids = msgspec.json.encode(run_ids).decode()
    numbers = [number for (number,) in connection.execute(f"SELECT id FROM run WHERE run_id IN {_LISTED}", (ids,))]
    # Of one run each attribute is there once already; making sure of that again takes as long as all the rest.
    once = "DISTINCT " if len(numbers) > 1 else ""
    rows = connection.execute(
        "SELECT path, kind FROM"
        f" (SELECT {once}attribute AS had FROM attribute_value WHERE run IN {_LISTED})"
        f" CROSS JOIN attribute ON attribute.id = had WHERE 1{wanted}",
        [msgspec.json.encode(numbers).decode(), *values],
    )
    return sorted([(Path(path), _KINDS[kind]) for path, kind in rows])


def _wanted(below: Sequence[str] | None) -> tuple[str, list[object]]:
    if below is None:
        return "", []
    if not below:
        return " AND 0", []
    terms = " OR ".join(["path = ? OR (path > ? AND path < ?)"] * len(below))
    return f" AND ({terms})", [value for path in below for value in (path, path + "/", path + AFTER_SLASH)]
