"""What batches do to plain dictionaries: one method for each operation, and for what follows from it."""

from __future__ import annotations

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
    File,
    Fork,
    Kind,
    Operation,
    Path,
    ProjectName,
    Rewind,
    Run,
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
from marigram.server.store.meta.earlier import EARLIER_KEPT, LONGEST_EARLIER_TEXT, EarlierValue, is_kept
from marigram.server.store.meta.held import Held
from marigram.server.store.meta.held_columns import HeldColumns
from marigram.server.store.meta.keys import (
    fork_refused,
    is_inherited,
    key_prefix,
    kind_conflict,
    reaches,
)
from marigram.server.store.meta.port import Attribute, Outcome, Placement


class HeldChanges(HeldColumns):
    """The part of `MemoryMetaStore` that applies what is committed."""

    def __init__(self) -> None:
        super().__init__()
        self._created: dict[ProjectName, int] = {}
        self._number = 0
        self._said: tuple[Batch, int] | None = None
        self._numbers: dict[ProjectName, int] = {}

    def commit(self, batches: Sequence[Batch], *, heard_at: int) -> list[Outcome]:
        """See `MetaStore.commit`."""
        with self._change():
            return [self._apply_batch(batch, heard_at) for batch in batches]

    def _apply_batch(self, batch: Batch, heard_at: int) -> Outcome:
        self._said = (batch, heard_at)
        held = self._runs.get(batch.run_id)
        changes = Changes()
        if held is None:
            create = creation_in(batch)
            if create is None:
                return refused_whole(batch)
            held = self._create(batch.run_id, create, heard_at)
            if create.fork is not None:
                self._fork(held, create.fork, changes)
            changes.run = True
        placements = tuple(self._apply(held, operation, changes) for operation in batch.operations)
        held.run = msgspec.structs.replace(held.run, heard_at=heard_at)
        return changes.outcome(held.run.project, placements)

    def _create(self, run_id: str, create: CreateRun, heard_at: int) -> Held:
        self._created.setdefault(create.project, heard_at)
        prefix = key_prefix(create.project)
        if run_id == project_run_id(create.project):
            key = prefix
        else:
            number = self._numbers[create.project] = self._numbers.get(create.project, 0) + 1
            key = f"{prefix}-{number}"
        run = Run(
            id=run_id,
            key=key,
            project=create.project,
            name="",
            status=RunStatus.RUNNING,
            created_at=create.created_at,
            ended_at=None,
            heard_at=heard_at,
            exit_code=None,
            failure=None,
            tags=(),
        )
        self._number += 1
        held = self._runs[run_id] = Held(self._number, run, {}, {})
        self._put(held, Path("sys/id"), Kind.STRING, value=run.key)
        created = datetime.fromtimestamp(create.created_at / 1000, tz=timezone.utc)
        self._put(held, Path("sys/creation_time"), Kind.DATETIME, value=created)
        self._put(held, Path("sys/state"), Kind.STRING, value=run.status.value)
        return held

    def _apply(self, held: Held, operation: Operation | Appends, changes: Changes) -> Placement:
        match operation:
            case CreateRun():
                return NOTHING
            case Append(path=path, points=points):
                return self._append(held, path, kind_of_points(points), len(points.steps), changes)
            case Appends():
                each = [
                    self._append(held, path, Kind.FLOAT_SERIES, count, changes).attribute
                    for path, count in zip(operation.paths, operation.counts, strict=True)
                ]
                return Placement(attributes=each)
            case SetValue(path=path, value=value):
                self._set(held, path, kind_of_value(value), changes, value=value)
                return NOTHING
            case EditSet(path=path, add=add, remove=remove):
                has = held.attributes.get(path)
                if has is not None and has.kind is not Kind.STRING_SET:
                    changes.rejections.append(kind_conflict(path, has.kind, Kind.STRING_SET, 1))
                    return NOTHING
                members = has.value if has is not None and isinstance(has.value, frozenset) else frozenset[str]()
                self._set(held, path, Kind.STRING_SET, changes, value=(members - set(remove)) | set(add))
                return NOTHING
            case AttachFile(path=path, file=file):
                self._set(held, path, Kind.FILE, changes, file=file)
                return NOTHING
            case Delete(path=path):
                return self._delete(held, path, changes)
            case Rewind():
                return self._rewind(held, operation, changes)
            case SetStatus():
                self._set_status(held, operation, changes)
                return NOTHING
            case _:
                assert_never(operation)

    def _append(self, held: Held, path: Path, kind: Kind, count: int, changes: Changes) -> Placement:
        has = held.attributes.get(path)
        if has is None:
            has = self._put(held, path, kind)
            changes.paths.add(path)
            self._hand_down(held, path, kind)
        if has.kind is not kind:
            changes.rejections.append(kind_conflict(path, has.kind, kind, count))
            return NOTHING
        return Placement(attribute=has.id)

    def _set(
        self,
        held: Held,
        path: Path,
        kind: Kind,
        changes: Changes,
        *,
        value: Value | None = None,
        file: File | None = None,
    ) -> None:
        has = held.attributes.get(path)
        if has is not None and has.kind in SERIES_KINDS:
            changes.rejections.append(kind_conflict(path, has.kind, kind, 1))
            return
        if has is not None and has.value is not None and has.value != value and is_kept(path, has.kind):
            self._keep(held, has, has.value)
        self._put(held, path, kind, value=value, file=file)
        changes.paths.add(path)
        self._mirror(held, path, value, changes)

    def _put(
        self, held: Held, path: Path, kind: Kind, *, value: Value | None = None, file: File | None = None
    ) -> Attribute:
        id_ = self._ids.setdefault((held.run.project, path, kind), len(self._ids) + 1)
        held.attributes[path] = Attribute(id=id_, path=path, kind=kind, value=value, file=file)
        return held.attributes[path]

    def _keep(self, held: Held, has: Attribute, value: Value) -> None:
        if self._said is None or len(str(value)) > LONGEST_EARLIER_TEXT:
            return
        batch, at = self._said
        kept = held.earlier.setdefault(has.path, [])
        if any(each.writer == batch.writer and last_seq >= batch.first_seq for each, last_seq in kept):
            return
        kept.insert(0, (EarlierValue(kind=has.kind, value=value, replaced_at=at, writer=batch.writer), batch.last_seq))
        del kept[EARLIER_KEPT:]

    def _mirror(self, held: Held, path: Path, value: Value | None, changes: Changes) -> None:
        if path == "sys/name" and value is not None:
            held.run = msgspec.structs.replace(held.run, name=str(value))
            changes.run = True
        elif path == "sys/tags":
            tags = tuple(sorted(value)) if isinstance(value, frozenset) else ()
            held.run = msgspec.structs.replace(held.run, tags=tags)
            changes.run = True

    def _delete(self, held: Held, path: Path, changes: Changes) -> Placement:
        gone = [each for each in held.attributes if each == path or each.startswith(path + "/")]
        for each in [each for each in held.earlier if each == path or each.startswith(path + "/")]:
            del held.earlier[each]
        for each in gone:
            held.inherited.pop(held.attributes[each].id, None)
            del held.attributes[each]
            changes.paths.add(each)
            self._mirror(held, each, "" if each == "sys/name" else frozenset(), changes)
        dropped = sorted(
            id_
            for (project, each, kind), id_ in self._ids.items()
            if project == held.run.project and kind in SERIES_KINDS and (each == path or each.startswith(path + "/"))
        )
        return Placement(dropped=tuple(dropped))

    def _rewind(self, held: Held, rewind: Rewind, changes: Changes) -> Placement:
        cut = [each for each in held.attributes.values() if each.kind in SERIES_KINDS and reaches(rewind, each.path)]
        for attribute in cut:
            changes.paths.add(attribute.path)
            if attribute.id in held.inherited:
                held.inherited[attribute.id] = min(held.inherited[attribute.id], rewind.after_step)
        if rewind.path is None:
            held.inherits_to = min(held.inherits_to, rewind.after_step)
        return Placement(cut=tuple(sorted(attribute.id for attribute in cut)))

    def _fork(self, held: Held, fork: Fork, changes: Changes) -> None:
        parent = self._runs.get(fork.run_id)
        if parent is not None and parent.run.project != held.run.project:
            changes.rejections.append(fork_refused(f"Run {fork.run_id} belongs to another project."))
            return
        ancestor: str | None = fork.run_id
        while ancestor is not None and ancestor != held.run.id:
            above = self._runs.get(ancestor)
            ancestor = above.run.fork.run_id if above is not None and above.run.fork is not None else None
        if ancestor is not None:
            changes.rejections.append(fork_refused("A run cannot descend from itself."))
            return
        held.run = msgspec.structs.replace(held.run, fork=fork)
        held.inherits_to = fork.step
        self._put(held, Path("sys/forking/parent"), Kind.STRING, value=parent.run.key if parent else fork.run_id)
        self._put(held, Path("sys/forking/step"), Kind.FLOAT, value=fork.step)
        for each in list(parent.attributes.values()) if parent else []:
            if each.kind in SERIES_KINDS and is_inherited(each.path):
                self._inherit(held, each.path, each.kind)

    def _hand_down(self, parent: Held, path: Path, kind: Kind) -> None:
        if not is_inherited(path):
            return
        for child in list(self._runs.values()):
            fork = child.run.fork
            related = fork is not None and fork.run_id == parent.run.id and child.run.project == parent.run.project
            if related and path not in child.attributes:
                self._inherit(child, path, kind)

    def _inherit(self, child: Held, path: Path, kind: Kind) -> None:
        child.inherited[self._put(child, path, kind).id] = child.inherits_to
        self._hand_down(child, path, kind)

    def _set_status(self, held: Held, operation: SetStatus, changes: Changes) -> None:
        status = operation.status
        if status is RunStatus.CRASHED and held.run.status not in {RunStatus.RUNNING, RunStatus.CRASHED}:
            return
        if held.run.status is RunStatus.FAILED and status in {RunStatus.FINISHED, RunStatus.STOPPED}:
            return
        goes_on = status is RunStatus.RUNNING and held.run.status is not RunStatus.RUNNING
        held.run = msgspec.structs.replace(
            held.run,
            stop=None if goes_on else held.run.stop,
            status=status,
            ended_at=None if status is RunStatus.RUNNING else operation.at,
            exit_code=operation.exit_code,
            failure=operation.failure,
        )
        changes.run = True
        failed = status in {RunStatus.FAILED, RunStatus.CRASHED}
        self._set(held, Path("sys/state"), Kind.STRING, changes, value=status.value)
        self._set(held, Path("sys/failed"), Kind.BOOL, changes, value=failed)
