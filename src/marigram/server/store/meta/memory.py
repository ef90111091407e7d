"""The reference engine of metadata: plain dictionaries, nothing kept. Unit tests use it."""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from marigram.model import (
    Ancestor,
    Kind,
    Path,
    Run,
    RunStatus,
    StopHow,
    StopRequest,
    View,
    ViewKind,
    project_run_id,
)
from marigram.server.store.meta.earlier import EarlierValue
from marigram.server.store.meta.filter import Filter, holds
from marigram.server.store.meta.held import Held, look, matches, sort_value
from marigram.server.store.meta.held_changes import HeldChanges
from marigram.server.store.meta.held_registry import HeldModelRegistry
from marigram.server.store.meta.port import Attribute, ColumnRow, ProjectRow, RunSort


class MemoryMetaStore(HeldChanges):
    """Keeps everything in memory; see `MetaStore` for what it promises, but for surviving anything."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens: set[str] = set()
        self._stop_requests = 0
        self._views: dict[tuple[str, ViewKind, str], View] = {}
        self._registry = HeldModelRegistry()

    @property
    def registry(self) -> HeldModelRegistry:
        """See `MetaStore.registry`."""
        return self._registry

    def ancestors(
        self, run_ids: Sequence[str], attributes: Sequence[int]
    ) -> Mapping[tuple[str, int], tuple[Ancestor, ...]]:
        """See `MetaStore.ancestors`."""
        with self._lock:
            found = {(run_id, each): tuple(self._line(run_id, each)) for run_id in run_ids for each in attributes}
        return {key: line for key, line in found.items() if line}

    def _line(self, run_id: str, attribute: int) -> Iterator[Ancestor]:
        last_step = math.inf
        held = self._runs.get(run_id)
        while held is not None and held.run.fork is not None and attribute in held.inherited:
            last_step = min(last_step, held.inherited[attribute])
            yield Ancestor(run_id=held.run.fork.run_id, last_step=last_step)
            held = self._runs.get(held.run.fork.run_id)

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
            runs = [held.run for held in self._shown(name)]
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

    def search_runs(
        self, project: str, *, text: str, sort: RunSort, where: Filter | None = None, trashed: bool | None = False
    ) -> list[str]:
        """See `MetaStore.search_runs`."""
        words = text.lower().split()
        found = [
            held
            for held in reversed(self._shown(project, trashed=trashed))
            if all(matches(held, word) for word in words)
            and (where is None or holds(where, held.run.id, functools.partial(look, held)))
        ]
        having = [held for held in found if sort_value(held, sort.path) is not None]
        rest = [held for held in found if sort_value(held, sort.path) is None]
        having.sort(key=lambda held: sort_value(held, sort.path) or (), reverse=sort.descending)
        return [held.run.id for held in having + rest]

    def recent_runs(self, *, text: str = "", ended: bool | None = None, limit: int = 100) -> list[Run]:
        """See `MetaStore.recent_runs`."""
        with self._lock:
            shown = {held.run.id for project in self._created for held in self._shown(project)}
            runs = [held.run for held in reversed(self._runs.values()) if held.run.id in shown]
        words = text.lower().split()
        found = [
            run
            for run in runs
            if all(word in f"{run.name}\n{run.key}\n{run.id}\n{run.project}".lower() for word in words)
            and (ended is None or (run.ended_at is not None if ended else run.status is RunStatus.RUNNING))
        ]
        found.sort(key=lambda run: (run.ended_at or 0) if ended else run.created_at, reverse=True)
        return found[:limit]

    def attributes(
        self,
        run_id: str,
        *,
        prefix: str = "",
        search: str = "",
        kinds: Collection[Kind] = (),
        after: str = "",
        limit: int = 1000,
    ) -> list[Attribute]:
        """See `MetaStore.attributes`."""
        held = self._runs.get(run_id)
        if held is None:
            return []
        paths = sorted(
            path
            for path, attribute in held.attributes.items()
            if path > after
            and search.lower() in path.lower()
            and (not kinds or attribute.kind in kinds)
            and (not prefix or path == prefix or path.startswith(prefix + "/"))
        )
        return [held.attributes[path] for path in paths[:limit]]

    def paths(
        self, run_ids: Sequence[str], *, kinds: Collection[Kind] = (), below: str = ""
    ) -> list[tuple[Path, Kind]]:
        """See `MetaStore.paths`."""
        return sorted(
            {
                (path, attribute.kind)
                for run_id in run_ids
                if (held := self._runs.get(run_id)) is not None
                for path, attribute in held.attributes.items()
                if (not kinds or attribute.kind in kinds)
                and (not below or path == below or path.startswith(below + "/"))
            }
        )

    def attributes_of(
        self, run_ids: Sequence[str], *, below: Sequence[str] | None = None
    ) -> Mapping[str, list[Attribute]]:
        """See `MetaStore.attributes_of`."""
        return {
            run_id: [
                held.attributes[path]
                for path in sorted(held.attributes)
                if below is None or any(path == top or path.startswith(f"{top}/") for top in below)
            ]
            for run_id in run_ids
            if (held := self._runs.get(run_id)) is not None
        }

    def attribute(self, run_id: str, path: str) -> Attribute | None:
        """See `MetaStore.attribute`."""
        return self.cells([run_id], [path]).get((run_id, path))

    def earlier_values(self, run_id: str, path: str) -> list[EarlierValue]:
        """See `MetaStore.earlier_values`."""
        held = self._runs.get(run_id)
        return [] if held is None else [each for each, _ in held.earlier.get(Path(path), ())]

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
        with self._lock:
            having = [attribute for held in self._shown(project) for attribute in held.attributes.values()]
        for attribute in having:
            if search.lower() in attribute.path.lower():
                key = (attribute.id, attribute.path, attribute.kind)
                values.setdefault(key, []).append(attribute.value or attribute.file)
        rows = [
            ColumnRow(id=id_, path=path, kind=kind, run_count=len(seen), distinct=min(2, len(set(map(repr, seen)))))
            for (id_, path, kind), seen in values.items()
        ]
        return sorted(rows, key=lambda row: (-row.run_count, row.path, row.id))[:limit]

    def columns_at(self, project: str, paths: Sequence[str]) -> list[ColumnRow]:
        """See `MetaStore.columns_at`."""
        return [row for row in self.columns(project, limit=len(self._ids)) if row.path in paths]

    def trash(self, run_ids: Sequence[str], *, at: int) -> list[Run]:
        """See `MetaStore.trash`."""
        return self._mark(run_ids, at)

    def restore(self, run_ids: Sequence[str]) -> list[Run]:
        """See `MetaStore.restore`."""
        return self._mark(run_ids, None)

    def forks(self, run_id: str) -> list[Run]:
        """See `MetaStore.forks`."""
        runs = [held.run for held in self._runs.values()]
        return [run for run in runs if run.fork is not None and run.fork.run_id == run_id]

    def trashed_before(self, at: int) -> list[Run]:
        """See `MetaStore.trashed_before`."""
        runs = [held.run for held in self._runs.values()]
        return [run for run in runs if run.trashed_at is not None and run.trashed_at < at]

    def named_blobs(self) -> Iterator[tuple[str, str]]:
        """See `MetaStore.named_blobs`."""
        for held in list(self._runs.values()):
            files = [each.file for each in list(held.attributes.values())]
            yield from ((held.run.id, file.sha256) for file in files if file is not None)

    def remove_some(self, run_id: str, *, at_most: int) -> bool:
        """See `MetaStore.remove_some`."""
        with self._change():
            held = self._runs.get(run_id)
            if held is None:
                return False
            paths, series = list(held.attributes)[:at_most], list(held.inherited)[:at_most]
            for path in paths:
                del held.attributes[path]
            for attribute in series:
                del held.inherited[attribute]
            return bool(paths or series)

    def delete_run(self, run_id: str) -> bool:
        """See `MetaStore.delete_run`."""
        with self._change():
            return self._runs.pop(run_id, None) is not None

    def views(self, project: str, kind: ViewKind) -> list[View]:
        """See `MetaStore.views`."""
        with self._lock:
            found = [view for (home, each, _), view in self._views.items() if home == project and each is kind]
        return sorted(found, key=lambda view: view.name)

    def save_view(self, project: str, view: View) -> bool:
        """See `MetaStore.save_view`."""
        with self._lock:
            if project not in self._created:
                return False
            self._views[project, view.kind, view.name] = view
            return True

    def remove_view(self, project: str, kind: ViewKind, name: str) -> bool:
        """See `MetaStore.remove_view`."""
        with self._lock:
            return self._views.pop((project, kind, name), None) is not None

    def add_token(self, digest: str, *, name: str, created_at: int) -> None:
        """See `MetaStore.add_token`."""
        del name, created_at
        self._tokens.add(digest)

    def token_digests(self) -> frozenset[str]:
        """See `MetaStore.token_digests`."""
        return frozenset(self._tokens)

    def close(self) -> None:
        """See `MetaStore.close`."""

    def _shown(self, project: str, *, trashed: bool | None = False) -> list[Held]:
        """Return what the table of runs is made of."""
        return [
            held
            for held in self._runs.values()
            if held.run.project == project
            and held.run.id != project_run_id(held.run.project)
            and (trashed is None or (held.run.trashed_at is not None) is trashed)
        ]

    def _mark(self, run_ids: Sequence[str], at: int | None) -> list[Run]:
        found: list[Run] = []
        with self._change():
            for run_id in run_ids:
                held = self._runs.get(run_id)
                if held is None or run_id == project_run_id(held.run.project):
                    continue
                since = None if at is None else held.run.trashed_at or at
                held.run = msgspec.structs.replace(held.run, trashed_at=since)
                found.append(held.run)
        return found
