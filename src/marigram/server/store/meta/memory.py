"""The reference engine of metadata: plain dictionaries, nothing kept. Unit tests use it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

import msgspec
from typing_extensions import assert_never

from marigram.model import (
    Append,
    AttachFile,
    Batch,
    CreateRun,
    Delete,
    EditSet,
    File,
    Kind,
    Operation,
    Path,
    ProjectName,
    Rejection,
    Run,
    RunStatus,
    SetStatus,
    SetValue,
    StopHow,
    StopRequest,
    Value,
    kind_of_points,
    kind_of_value,
)
from marigram.model.value import SERIES_KINDS
from marigram.server.store.meta.keys import SEARCHED_TEXT_CHARACTERS, key_prefix, kind_conflict, run_unknown
from marigram.server.store.meta.port import Attribute, ColumnRow, Outcome, Placement, ProjectRow, RunSort

_NOTHING = Placement()


class _Held(msgspec.Struct):
    """A run, and what it has at each path."""

    run: Run
    attributes: dict[Path, Attribute]


class _Changes(msgspec.Struct):
    rejections: list[Rejection]
    paths: set[Path]
    run: bool = False


class MemoryMetaStore:
    """Keeps everything in memory; see `MetaStore` for what it promises, but for surviving anything."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._runs: dict[str, _Held] = {}
        self._created: dict[ProjectName, int] = {}
        self._ids: dict[tuple[ProjectName, Path, Kind], int] = {}
        self._tokens: set[str] = set()
        self._stop_requests = 0

    def commit(self, batches: Sequence[Batch], *, heard_at: int) -> list[Outcome]:
        """See `MetaStore.commit`."""
        with self._lock:
            return [self._apply_batch(batch, heard_at) for batch in batches]

    def hear(self, run_id: str, *, at: int) -> bool:
        """See `MetaStore.hear`."""
        with self._lock:
            held = self._runs.get(run_id)
            if held is not None:
                held.run = msgspec.structs.replace(held.run, heard_at=at)
            return held is not None

    def request_stop(
        self, run_id: str, *, how: StopHow, grace_s: float, requested_by: str, at: int
    ) -> StopRequest | None:
        """See `MetaStore.request_stop`."""
        with self._lock:
            held = self._runs.get(run_id)
            if held is None:
                return None
            self._stop_requests += 1
            request = StopRequest(
                number=self._stop_requests, how=how, grace_s=grace_s, requested_at=at, requested_by=requested_by
            )
            held.run = msgspec.structs.replace(held.run, stop=request)
            return request

    def note_delivery(self, run_id: str, number: int, *, at: int) -> bool:
        """See `MetaStore.note_delivery`."""
        with self._lock:
            held = self._runs.get(run_id)
            stop = None if held is None else held.run.stop
            if held is None or stop is None or stop.number != number or stop.delivered_at is not None:
                return False
            held.run = msgspec.structs.replace(held.run, stop=msgspec.structs.replace(stop, delivered_at=at))
            return True

    def projects(self) -> list[ProjectRow]:
        """See `MetaStore.projects`."""
        found: list[ProjectRow] = []
        for name, created_at in self._created.items():
            runs = [held.run for held in self._runs.values() if held.run.project == name]
            row = ProjectRow(
                name=name,
                run_count=len(runs),
                running_count=sum(run.status is RunStatus.RUNNING for run in runs),
                created_at=created_at,
                heard_at=max((run.heard_at for run in runs), default=created_at),
            )
            found.append(row)
        return sorted(found, key=lambda row: -row.heard_at)

    def run(self, run_id: str) -> Run | None:
        """See `MetaStore.run`."""
        held = self._runs.get(run_id)
        return None if held is None else held.run

    def find_run(self, project: str, key_or_id: str) -> Run | None:
        """See `MetaStore.find_run`."""
        runs = (held.run for held in self._runs.values() if held.run.project == project)
        wanted = (run for run in runs if run.key.lower() == key_or_id.lower() or run.id == key_or_id)
        return next(wanted, None)

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """See `MetaStore.runs`."""
        return [self._runs[run_id].run for run_id in run_ids if run_id in self._runs]

    def search_runs(self, project: str, *, text: str, sort: RunSort) -> list[str]:
        """See `MetaStore.search_runs`."""
        words = text.lower().split()
        newest_first = [held for held in reversed(self._runs.values()) if held.run.project == project]
        found = [held for held in newest_first if all(_matches(held, word) for word in words)]
        having = [held for held in found if _sort_value(held, sort.path) is not None]
        rest = [held for held in found if _sort_value(held, sort.path) is None]
        having.sort(key=lambda held: _sort_value(held, sort.path) or (), reverse=sort.descending)
        return [held.run.id for held in having + rest]

    def attributes(
        self, run_id: str, *, prefix: str = "", search: str = "", after: str = "", limit: int = 1000
    ) -> list[Attribute]:
        """See `MetaStore.attributes`."""
        held = self._runs.get(run_id)
        if held is None:
            return []
        paths = sorted(
            path
            for path in held.attributes
            if path > after
            and search.lower() in path.lower()
            and (not prefix or path == prefix or path.startswith(prefix + "/"))
        )
        return [held.attributes[path] for path in paths[:limit]]

    def attribute(self, run_id: str, path: str) -> Attribute | None:
        """See `MetaStore.attribute`."""
        return self.cells([run_id], [path]).get((run_id, path))

    def cells(self, run_ids: Sequence[str], paths: Sequence[str]) -> Mapping[tuple[str, str], Attribute]:
        """See `MetaStore.cells`."""
        return {
            (run_id, path): self._runs[run_id].attributes[Path(path)]
            for run_id in run_ids
            for path in paths
            if run_id in self._runs and Path(path) in self._runs[run_id].attributes
        }

    def columns(self, project: str, *, search: str = "", limit: int = 100) -> list[ColumnRow]:
        """See `MetaStore.columns`."""
        values: dict[tuple[int, Path, Kind], list[object]] = {}
        for held in self._runs.values():
            if held.run.project != project:
                continue
            for attribute in held.attributes.values():
                if search.lower() in attribute.path.lower():
                    key = (attribute.id, attribute.path, attribute.kind)
                    values.setdefault(key, []).append(attribute.value or attribute.file)
        rows = [
            ColumnRow(id=id_, path=path, kind=kind, run_count=len(seen), distinct=min(2, len(set(map(repr, seen)))))
            for (id_, path, kind), seen in values.items()
        ]
        return sorted(rows, key=lambda row: (-row.run_count, row.path))[:limit]

    def add_token(self, digest: str, *, name: str, created_at: int) -> None:
        """See `MetaStore.add_token`."""
        del name, created_at
        self._tokens.add(digest)

    def token_digests(self) -> frozenset[str]:
        """See `MetaStore.token_digests`."""
        return frozenset(self._tokens)

    def close(self) -> None:
        """See `MetaStore.close`."""

    def _apply_batch(self, batch: Batch, heard_at: int) -> Outcome:
        held = self._runs.get(batch.run_id)
        changes = _Changes([], set())
        if held is None:
            create = next((each for each in batch.operations if isinstance(each, CreateRun)), None)
            if create is None:
                return Outcome(
                    placements=(_NOTHING,) * len(batch.operations),
                    rejections=(run_unknown(batch.run_id, len(batch.operations)),),
                    project=None,
                    run_changed=False,
                    changed_paths=frozenset(),
                )
            held = self._create(batch.run_id, create, heard_at)
            changes.run = True
        placements = tuple(self._apply(held, operation, changes) for operation in batch.operations)
        held.run = msgspec.structs.replace(held.run, heard_at=heard_at)
        return Outcome(
            placements=placements,
            rejections=tuple(changes.rejections),
            project=held.run.project,
            run_changed=changes.run,
            changed_paths=frozenset(changes.paths),
        )

    def _create(self, run_id: str, create: CreateRun, heard_at: int) -> _Held:
        self._created.setdefault(create.project, heard_at)
        number = 1 + sum(held.run.project == create.project for held in self._runs.values())
        run = Run(
            id=run_id,
            key=f"{key_prefix(create.project)}-{number}",
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
        held = self._runs[run_id] = _Held(run, {})
        self._put(held, Path("sys/id"), Kind.STRING, value=run.key)
        created = datetime.fromtimestamp(create.created_at / 1000, tz=timezone.utc)
        self._put(held, Path("sys/creation_time"), Kind.DATETIME, value=created)
        self._put(held, Path("sys/state"), Kind.STRING, value=run.status.value)
        return held

    def _apply(self, held: _Held, operation: Operation, changes: _Changes) -> Placement:
        match operation:
            case CreateRun():
                return _NOTHING
            case Append(path=path, points=points):
                return self._append(held, path, kind_of_points(points), len(points.steps), changes)
            case SetValue(path=path, value=value):
                self._set(held, path, kind_of_value(value), changes, value=value)
                return _NOTHING
            case EditSet(path=path, add=add, remove=remove):
                has = held.attributes.get(path)
                if has is not None and has.kind is not Kind.STRING_SET:
                    changes.rejections.append(kind_conflict(path, has.kind, Kind.STRING_SET, 1))
                    return _NOTHING
                members = has.value if has is not None and isinstance(has.value, frozenset) else frozenset[str]()
                self._set(held, path, Kind.STRING_SET, changes, value=(members - set(remove)) | set(add))
                return _NOTHING
            case AttachFile(path=path, file=file):
                self._set(held, path, Kind.FILE, changes, file=file)
                return _NOTHING
            case Delete(path=path):
                return self._delete(held, path, changes)
            case SetStatus():
                self._set_status(held, operation, changes)
                return _NOTHING
            case _:
                assert_never(operation)

    def _append(self, held: _Held, path: Path, kind: Kind, count: int, changes: _Changes) -> Placement:
        has = held.attributes.get(path)
        if has is None:
            has = self._put(held, path, kind)
            changes.paths.add(path)
        if has.kind is not kind:
            changes.rejections.append(kind_conflict(path, has.kind, kind, count))
            return _NOTHING
        return Placement(attribute=has.id)

    def _set(
        self,
        held: _Held,
        path: Path,
        kind: Kind,
        changes: _Changes,
        *,
        value: Value | None = None,
        file: File | None = None,
    ) -> None:
        has = held.attributes.get(path)
        if has is not None and has.kind in SERIES_KINDS:
            changes.rejections.append(kind_conflict(path, has.kind, kind, 1))
            return
        self._put(held, path, kind, value=value, file=file)
        changes.paths.add(path)
        self._mirror(held, path, value, changes)

    def _put(
        self, held: _Held, path: Path, kind: Kind, *, value: Value | None = None, file: File | None = None
    ) -> Attribute:
        id_ = self._ids.setdefault((held.run.project, path, kind), len(self._ids) + 1)
        held.attributes[path] = Attribute(id=id_, path=path, kind=kind, value=value, file=file)
        return held.attributes[path]

    def _mirror(self, held: _Held, path: Path, value: Value | None, changes: _Changes) -> None:
        if path == "sys/name" and value is not None:
            held.run = msgspec.structs.replace(held.run, name=str(value))
            changes.run = True
        elif path == "sys/tags":
            tags = tuple(sorted(value)) if isinstance(value, frozenset) else ()
            held.run = msgspec.structs.replace(held.run, tags=tags)
            changes.run = True

    def _delete(self, held: _Held, path: Path, changes: _Changes) -> Placement:
        gone = [each for each in held.attributes if each == path or each.startswith(path + "/")]
        for each in gone:
            del held.attributes[each]
            changes.paths.add(each)
            self._mirror(held, each, "" if each == "sys/name" else frozenset(), changes)
        dropped = sorted(
            id_
            for (project, each, kind), id_ in self._ids.items()
            if project == held.run.project and kind in SERIES_KINDS and (each == path or each.startswith(path + "/"))
        )
        return Placement(dropped=tuple(dropped))

    def _set_status(self, held: _Held, operation: SetStatus, changes: _Changes) -> None:
        status = operation.status
        if status is RunStatus.CRASHED and held.run.status not in {RunStatus.RUNNING, RunStatus.CRASHED}:
            return
        held.run = msgspec.structs.replace(
            held.run,
            status=status,
            ended_at=None if status is RunStatus.RUNNING else operation.at,
            exit_code=operation.exit_code,
            failure=operation.failure,
        )
        changes.run = True
        failed = status in {RunStatus.FAILED, RunStatus.CRASHED}
        self._set(held, Path("sys/state"), Kind.STRING, changes, value=status.value)
        self._set(held, Path("sys/failed"), Kind.BOOL, changes, value=failed)


def _matches(held: _Held, word: str) -> bool:
    run = held.run
    texts = [run.name, run.key, run.status.value, *run.tags]
    for attribute in held.attributes.values():
        if isinstance(attribute.value, (str, int, float)):
            text = str(attribute.value)
            texts.extend([text] if len(text) <= SEARCHED_TEXT_CHARACTERS else [])
    return any(word in text.lower() for text in texts)


def _sort_value(held: _Held, path: str) -> tuple[bool, float, str] | None:
    run = held.run
    own: dict[str, float | str | None] = {
        "sys/creation_time": run.created_at,
        "sys/name": run.name or None,
        "sys/state": run.status.value,
        "sys/running_time": (run.ended_at or run.heard_at) - run.created_at,
    }
    value: object = own.get(path)
    if path not in own:
        attribute = held.attributes.get(Path(path))
        value = None if attribute is None else attribute.value
    if isinstance(value, datetime):
        value = value.timestamp()
    if isinstance(value, (int, float)):
        return (False, float(value), "")
    return (True, 0.0, value.lower()) if isinstance(value, str) else None
