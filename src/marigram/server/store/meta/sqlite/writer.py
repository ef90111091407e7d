"""How batches change the tables of meta.db. Runs on the engine's one write connection, inside its transaction."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timezone

import msgspec
from typing_extensions import assert_never

from marigram.model import (
    Append,
    Appends,
    AttachFile,
    Batch,
    CreateRun,
    Delete,
    EditSet,
    Fork,
    Kind,
    Operation,
    Path,
    ProjectName,
    Rewind,
    RunStatus,
    SetStatus,
    SetValue,
    Value,
    kind_of_points,
    kind_of_value,
    project_run_id,
)
from marigram.model.value import SERIES_KINDS
from marigram.server.store.meta.changes import NOTHING, Changes, creation_in, refused_whole
from marigram.server.store.meta.earlier import is_kept
from marigram.server.store.meta.keys import (
    AFTER_SLASH,
    fork_refused,
    is_inherited,
    key_prefix,
    kind_conflict,
    reaches,
)
from marigram.server.store.meta.port import Outcome, Placement
from marigram.server.store.meta.sqlite import earlier, forks
from marigram.server.store.meta.sqlite.columns import (
    Number,
    Text,
    columns_of_file,
    columns_of_value,
    value_of_columns,
)

REMEMBERED_RUNS = 256
"""Runs whose attributes are kept in memory to know each path's kind; a run logs for a while, then rests."""

REMEMBERED_ATTRIBUTES = 200_000
"""Of all of them together: about 50 MB. A run that has more alone is remembered all the same."""


class _KnownRun(msgspec.Struct):
    """A run that is being written to, and what it has at each path: `(attribute id, kind)`."""

    id: int
    run_id: str
    project_id: int
    project: ProjectName
    attributes: dict[Path, tuple[int, Kind]]


class BatchWriter:
    """Applies batches. Not thread-safe: the engine's one writing thread owns it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._runs: OrderedDict[str, _KnownRun] = OrderedDict()
        self._said: earlier.Said | None = None

    def forget(self, run_id: str | None = None) -> None:
        """Forget what is remembered, of one run or of all; called after a transaction was rolled back."""
        if run_id is None:
            self._runs.clear()
        else:
            self._runs.pop(run_id, None)

    def apply(self, batch: Batch, heard_at: int) -> Outcome:
        """Apply one batch within the open transaction."""
        self._said = earlier.Said(batch, heard_at)
        run = self._known(batch.run_id)
        changes = Changes()
        if run is None:
            create = creation_in(batch)
            if create is None:
                return refused_whole(batch)
            run = self._create(batch.run_id, create, heard_at)
            if create.fork is not None:
                self._fork(run, create.fork, changes)
            changes.run = True
        placements = tuple(self._apply(run, operation, changes) for operation in batch.operations)
        return changes.outcome(run.project, placements)

    def placed(self, batches: Sequence[Batch]) -> list[Outcome] | None:
        """Return what becomes of the batches if they change no metadata; None if one of them may."""
        outcomes: list[Outcome] = []
        for batch in batches:
            run = self._runs.get(batch.run_id)
            if run is None:
                return None
            placements: list[Placement] = []
            for operation in batch.operations:
                placement = _placed(run, operation)
                if placement is None:
                    return None
                placements.append(placement)
            outcomes.append(Changes().outcome(run.project, placements))
        return outcomes

    def _apply(self, run: _KnownRun, operation: Operation | Appends, changes: Changes) -> Placement:
        match operation:
            case CreateRun():
                return NOTHING
            case Append():
                points = operation.points
                return Placement(
                    attribute=self._append(run, operation.path, kind_of_points(points), len(points.steps), changes)
                )
            case Appends():
                each = [
                    self._append(run, path, Kind.FLOAT_SERIES, count, changes)
                    for path, count in zip(operation.paths, operation.counts, strict=True)
                ]
                return Placement(attributes=each)
            case SetValue():
                if self._put(run, operation.path, kind_of_value(operation.value), operation.value, changes):
                    self._mirror(run, operation.path, operation.value, changes)
                return NOTHING
            case EditSet():
                return self._edit_set(run, operation, changes)
            case AttachFile():
                self._put_columns(run, operation.path, Kind.FILE, columns_of_file(operation.file), changes)
                return NOTHING
            case Delete():
                return self._delete(run, operation, changes)
            case Rewind():
                return self._rewind(run, operation, changes)
            case SetStatus():
                self._set_status(run, operation, changes)
                return NOTHING
            case _:
                assert_never(operation)

    def _append(self, run: _KnownRun, path: Path, kind: Kind, count: int, changes: Changes) -> int | None:
        known = run.attributes.get(path)
        if known is None:
            attribute = self._place(run, path, kind, (None, None))
            changes.paths.add(path)
            self._hand_down(run, path, kind)
            return attribute
        if known[1] is not kind:
            changes.rejections.append(kind_conflict(path, known[1], kind, count))
            return None
        return known[0]

    def _put(self, run: _KnownRun, path: Path, kind: Kind, value: Value, changes: Changes) -> bool:
        return self._put_columns(run, path, kind, columns_of_value(value), changes)

    def _put_columns(
        self, run: _KnownRun, path: Path, kind: Kind, columns: tuple[Number, Text], changes: Changes
    ) -> bool:
        known = run.attributes.get(path)
        if known is not None and known[1] in SERIES_KINDS:
            changes.rejections.append(kind_conflict(path, known[1], kind, 1))
            return False
        if known is not None and self._said is not None and is_kept(path, known[1]):
            earlier.keep(self._connection, run.id, path, known, columns, self._said)
        if known is not None and known[1] is not kind:
            self._remove(run, path, known[0])
        self._place(run, path, kind, columns)
        changes.paths.add(path)
        return True

    def _edit_set(self, run: _KnownRun, operation: EditSet, changes: Changes) -> Placement:
        known = run.attributes.get(operation.path)
        if known is not None and known[1] is not Kind.STRING_SET:
            changes.rejections.append(kind_conflict(operation.path, known[1], Kind.STRING_SET, 1))
            return NOTHING
        members: frozenset[str] = frozenset()
        if known is not None:
            row = self._connection.execute(
                "SELECT number, text FROM attribute_value WHERE run = ? AND attribute = ?", (run.id, known[0])
            ).fetchone()
            current = value_of_columns(Kind.STRING_SET, *row)
            members = current if isinstance(current, frozenset) else members
        edited = (members - frozenset(operation.remove)) | frozenset(operation.add)
        self._put(run, operation.path, Kind.STRING_SET, edited, changes)
        self._mirror(run, operation.path, edited, changes)
        return NOTHING

    def _delete(self, run: _KnownRun, operation: Delete, changes: Changes) -> Placement:
        below = operation.path + "/"
        earlier.forget(self._connection, run.id, operation.path)
        for path in [path for path in run.attributes if path == operation.path or path.startswith(below)]:
            attribute, _ = run.attributes[path]
            self._remove(run, path, attribute)
            forks.disinherit(self._connection, run.id, attribute)
            changes.paths.add(path)
            self._mirror(run, path, "" if path == "sys/name" else frozenset(), changes)
        rows = self._connection.execute(
            "SELECT id, kind FROM attribute WHERE project = ? AND (path = ? OR (path > ? AND path < ?)) ORDER BY id",
            (run.project_id, operation.path, below, operation.path + AFTER_SLASH),
        )
        return Placement(dropped=tuple(id_ for id_, kind in rows if Kind(kind) in SERIES_KINDS))

    def _rewind(self, run: _KnownRun, rewind: Rewind, changes: Changes) -> Placement:
        cut = {
            path: attribute
            for path, (attribute, kind) in run.attributes.items()
            if kind in SERIES_KINDS and reaches(rewind, path)
        }
        changes.paths.update(cut)
        whole = rewind.path is None
        forks.shorten(self._connection, run.id, list(cut.values()), last_step=rewind.after_step, whole=whole)
        return Placement(cut=tuple(sorted(cut.values())))

    def _fork(self, run: _KnownRun, fork: Fork, changes: Changes) -> None:
        parent = self._known(fork.run_id)
        if parent is not None and parent.project_id != run.project_id:
            changes.rejections.append(fork_refused(f"Run {fork.run_id} belongs to another project."))
            return
        if run.run_id in forks.line(self._connection, fork.run_id):
            changes.rejections.append(fork_refused("A run cannot descend from itself."))
            return
        forks.begin(self._connection, run.id, fork)
        name = forks.key(self._connection, fork.run_id) or fork.run_id
        self._place(run, Path("sys/forking/parent"), Kind.STRING, columns_of_value(name))
        self._place(run, Path("sys/forking/step"), Kind.FLOAT, columns_of_value(fork.step))
        for path, (_, kind) in list(parent.attributes.items()) if parent is not None else []:
            if kind in SERIES_KINDS and is_inherited(path):
                self._inherit(run, path, kind, fork.step)

    def _hand_down(self, parent: _KnownRun, path: Path, kind: Kind) -> None:
        """Let the runs that were forked from this one have a series that is new in it."""
        if not is_inherited(path):
            return
        for run_id, last_step in forks.children(self._connection, parent.run_id):
            child = self._known(run_id)
            if child is not None and child.project_id == parent.project_id and path not in child.attributes:
                self._inherit(child, path, kind, last_step)

    def _inherit(self, child: _KnownRun, path: Path, kind: Kind, last_step: float) -> None:
        attribute = self._place(child, path, kind, (None, None))
        forks.inherit(self._connection, child.id, attribute, last_step)
        self._hand_down(child, path, kind)

    def _set_status(self, run: _KnownRun, operation: SetStatus, changes: Changes) -> None:
        status = operation.status
        running = status is RunStatus.RUNNING
        if running:
            # It was meant for processes that have ended.
            self._connection.execute(
                "DELETE FROM stop_request WHERE run = ? AND EXISTS"
                " (SELECT 1 FROM run WHERE run.id = stop_request.run AND run.status <> 'running')",
                (run.id,),
            )
        cursor = self._connection.execute(
            "UPDATE run SET status = ?, ended_at = ?, exit_code = ?, failure = ?"
            " WHERE id = ? AND (? <> 'crashed' OR status IN ('running', 'crashed'))"
            " AND NOT (status = 'failed' AND ? IN ('finished', 'stopped'))",
            (
                status.value,
                None if running else operation.at,
                operation.exit_code,
                operation.failure,
                run.id,
                status.value,
                status.value,
            ),
        )
        if not cursor.rowcount:
            return
        changes.run = True
        self._put(run, Path("sys/state"), Kind.STRING, status.value, changes)
        failed = status in {RunStatus.FAILED, RunStatus.CRASHED}
        self._put(run, Path("sys/failed"), Kind.BOOL, failed, changes)

    def _mirror(self, run: _KnownRun, path: Path, value: Value, changes: Changes) -> None:
        """Keep the run's own name and tags equal to their attributes."""
        if path == "sys/name":
            self._connection.execute("UPDATE run SET name = ? WHERE id = ?", (str(value), run.id))
            changes.run = True
        elif path == "sys/tags":
            tags = msgspec.json.encode(sorted(value) if isinstance(value, frozenset) else []).decode()
            self._connection.execute("UPDATE run SET tags = ? WHERE id = ?", (tags, run.id))
            changes.run = True

    def _place(self, run: _KnownRun, path: Path, kind: Kind, columns: tuple[Number, Text]) -> int:
        known = run.attributes.get(path)
        attribute = known[0] if known is not None else self._intern(run.project_id, path, kind)
        self._connection.execute(
            "INSERT INTO attribute_value (run, attribute, number, text) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (run, attribute) DO UPDATE SET number = excluded.number, text = excluded.text",
            (run.id, attribute, *columns),
        )
        run.attributes[path] = (attribute, kind)
        return attribute

    def _remove(self, run: _KnownRun, path: Path, attribute: int) -> None:
        self._connection.execute("DELETE FROM attribute_value WHERE run = ? AND attribute = ?", (run.id, attribute))
        del run.attributes[path]

    def _intern(self, project: int, path: Path, kind: Kind) -> int:
        row = self._connection.execute(
            "SELECT id FROM attribute WHERE project = ? AND path = ? AND kind = ?", (project, path, kind.value)
        ).fetchone()
        if row is not None:
            return int(row[0])
        cursor = self._connection.execute(
            "INSERT INTO attribute (project, path, kind) VALUES (?, ?, ?)", (project, path, kind.value)
        )
        return int(cursor.lastrowid or 0)

    def _known(self, run_id: str) -> _KnownRun | None:
        known = self._runs.get(run_id)
        if known is not None:
            self._runs.move_to_end(run_id)
            return known
        row = self._connection.execute(
            "SELECT run.id, project.id, project.name FROM run JOIN project ON project.id = run.project"
            " WHERE run.run_id = ?",
            (run_id,),
        ).fetchone()
        if row is None:
            return None
        attributes: dict[Path, tuple[int, Kind]] = {
            Path(path): (attribute, Kind(kind))
            for attribute, path, kind in self._connection.execute(
                "SELECT attribute.id, attribute.path, attribute.kind FROM attribute_value"
                " JOIN attribute ON attribute.id = attribute_value.attribute WHERE attribute_value.run = ?",
                (row[0],),
            )
        }
        return self._remember(_KnownRun(row[0], run_id, row[1], ProjectName(row[2]), attributes))

    def _remember(self, run: _KnownRun) -> _KnownRun:
        self._runs[run.run_id] = run
        attributes = sum(len(each.attributes) for each in self._runs.values())
        while len(self._runs) > 1 and (len(self._runs) > REMEMBERED_RUNS or attributes > REMEMBERED_ATTRIBUTES):
            attributes -= len(self._runs.popitem(last=False)[1].attributes)
        return run

    def _create(self, run_id: str, create: CreateRun, heard_at: int) -> _KnownRun:
        prefix = key_prefix(create.project)
        self._connection.execute(
            "INSERT INTO project (name, key_prefix, created_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
            (create.project, prefix, heard_at),
        )
        project, prefix, number = self._connection.execute(
            "SELECT id, key_prefix, next_number FROM project WHERE name = ?", (create.project,)
        ).fetchone()
        is_project = run_id == project_run_id(create.project)
        key = prefix if is_project else f"{prefix}-{number}"
        if not is_project:
            self._connection.execute("UPDATE project SET next_number = next_number + 1 WHERE id = ?", (project,))
        cursor = self._connection.execute(
            "INSERT INTO run (run_id, project, key, created_at, heard_at, is_project) VALUES (?, ?, ?, ?, ?, ?)",
            (run_id, project, key, create.created_at, heard_at, is_project),
        )
        run = self._remember(_KnownRun(int(cursor.lastrowid or 0), run_id, project, create.project, {}))
        created = datetime.fromtimestamp(create.created_at / 1000, tz=timezone.utc)
        self._place(run, Path("sys/id"), Kind.STRING, columns_of_value(key))
        self._place(run, Path("sys/creation_time"), Kind.DATETIME, columns_of_value(created))
        self._place(run, Path("sys/state"), Kind.STRING, columns_of_value(RunStatus.RUNNING.value))
        return run


def _placed(run: _KnownRun, operation: Operation | Appends) -> Placement | None:
    """Return where points of known series go; None for anything else."""
    if isinstance(operation, Append):
        known = run.attributes.get(operation.path)
        return (
            None if known is None or known[1] is not kind_of_points(operation.points) else Placement(attribute=known[0])
        )
    if not isinstance(operation, Appends):
        return None
    each = [run.attributes.get(path) for path in operation.paths]
    attributes = [known[0] for known in each if known is not None and known[1] is Kind.FLOAT_SERIES]
    return Placement(attributes=attributes) if len(attributes) == len(each) else None
