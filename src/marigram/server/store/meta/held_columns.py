"""`HeldColumns`: the half of the reference engine that answers for all runs of a project at once, and tells of changes.

What a change was is found by comparing what was held before and after it, so none can be forgotten.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import msgspec
import numpy as np

from marigram.model import Kind, Path, ProjectName, Run, RunStatus, Value, project_run_id
from marigram.server.store.meta.filter import stored_number
from marigram.server.store.meta.held import Held, searched
from marigram.server.store.meta.port import Attribute, CellColumns, MetaChanges, MetaListener, RunColumns

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class _Before(msgspec.Struct, frozen=True):
    run: Run
    attributes: Mapping[Path, Attribute]
    inherited: Mapping[int, float]


class HeldColumns:
    """Holds runs, and what stands for a path and a kind; see `MetaStore` for what each call promises."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._runs: dict[str, Held] = {}
        self._ids: dict[tuple[ProjectName, Path, Kind], int] = {}
        self._listeners: list[MetaListener] = []

    def listen(self, listener: MetaListener) -> None:
        """See `MetaStore.listen`."""
        self._listeners.append(listener)

    def run_columns(self, project: str, *, numbers: Sequence[int] | None = None) -> RunColumns:
        """See `MetaStore.run_columns`."""
        runs = self._numbered(project, numbers)
        each_run = [held.run for held in runs]
        return RunColumns(
            number=np.array([held.number for held in runs], np.int64),
            created_at=np.array([run.created_at for run in each_run], np.int64),
            until=np.array([run.ended_at or run.heard_at for run in each_run], np.int64),
            running=np.array([run.status is RunStatus.RUNNING for run in each_run], np.bool_),
            trashed=np.array([run.trashed_at is not None for run in each_run], np.bool_),
            shown=np.array([run.id != project_run_id(run.project) for run in each_run], np.bool_),
        )

    def heard(self, project: str) -> Mapping[int, int]:
        """See `MetaStore.heard`."""
        going_on = (held for held in self._numbered(project, None) if held.run.ended_at is None)
        return {held.number: held.run.heard_at for held in going_on}

    def kinds_at(self, project: str, path: str) -> Mapping[Kind, int]:
        """See `MetaStore.kinds_at`."""
        with self._lock:
            return {kind: id_ for (home, at, kind), id_ in self._ids.items() if (home, at) == (project, path)}

    def cell_columns(self, project: str, path: str, *, numbers: Sequence[int] | None = None) -> Iterator[CellColumns]:
        """See `MetaStore.cell_columns`."""
        with self._lock:
            having = [
                (held.number, held.attributes[Path(path)])
                for held in self._numbered(project, numbers)
                if Path(path) in held.attributes
            ]
        cells = [_cell(attribute.value) for _, attribute in having]
        yield CellColumns(
            run=np.array([number for number, _ in having], np.int64),
            kind=[attribute.kind for _, attribute in having],
            number=[number for number, _ in cells],
            other=[other for _, other in cells],
        )

    def series_runs(
        self, attribute: int, *, numbers: Sequence[int] | None = None
    ) -> Iterator[Sequence[tuple[int, str]]]:
        """See `MetaStore.series_runs`."""
        with self._lock:
            having = [
                (held.number, held.run.id)
                for held in self._numbered(None, numbers)
                if any(each.id == attribute for each in held.attributes.values())
            ]
        yield having

    def search_texts(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """See `MetaStore.search_texts`."""
        with self._lock:
            return {held.number: "\n".join(searched(held)) for held in self._numbered(None, numbers)}

    def run_numbers(self, run_ids: Sequence[str]) -> Mapping[str, int]:
        """See `MetaStore.run_numbers`."""
        with self._lock:
            return {run_id: self._runs[run_id].number for run_id in run_ids if run_id in self._runs}

    def run_ids(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """See `MetaStore.run_ids`."""
        return {held.number: held.run.id for held in self._numbered(None, numbers)}

    def _numbered(self, project: str | None, numbers: Sequence[int] | None) -> list[Held]:
        with self._lock:
            wanted = None if numbers is None else set(numbers)
            return [
                held
                for held in self._runs.values()
                if (project is None or held.run.project == project) and (wanted is None or held.number in wanted)
            ]

    @contextmanager
    def _change(self) -> Generator[None]:
        """Run the body as one transaction, and tell what it changed."""
        with self._lock:
            before = {
                held.number: _Before(held.run, dict(held.attributes), dict(held.inherited))
                for held in self._runs.values()
            }
            known = len(self._ids)
            yield
            runs: list[tuple[ProjectName, int]] = []
            cells: list[tuple[int, int]] = []
            for held in self._runs.values():
                was = before.pop(held.number, None)
                if was is None or was.run is not held.run:
                    runs.append((held.run.project, held.number))
                cells.extend((held.number, attribute) for attribute in _changed(was, held))
            for number, was in before.items():
                runs.append((was.run.project, number))
                cells.extend((number, attribute.id) for attribute in was.attributes.values())
            news = list(self._ids.items())[known:]
            attributes = [(id_, project, path, kind) for (project, path, kind), id_ in news]
        if runs or cells or attributes:
            for listener in self._listeners:
                listener(MetaChanges(runs=runs, attributes=attributes, cells=cells))


def _changed(was: _Before | None, held: Held) -> set[int]:
    """Return the attributes of which the run has something else than before."""
    old = {} if was is None else {each.id: each for each in was.attributes.values()}
    new = {each.id: each for each in held.attributes.values()}
    inherited: Mapping[int, float] = {} if was is None else was.inherited
    changed = {id_ for id_ in old.keys() | new.keys() if old.get(id_) is not new.get(id_)}
    return changed | {id_ for id_, _ in inherited.items() ^ held.inherited.items()}


def _cell(value: Value | None) -> tuple[int | float | None, Value | None]:
    match value:
        case bool():
            return int(value), None
        case int():
            exact = stored_number(value)
            return (exact, None) if isinstance(exact, int) else (None, value)
        case float():
            return (None if math.isnan(value) else value), None
        case datetime():
            moment = value if value.tzinfo is not None else value.astimezone()
            return (moment - _EPOCH) // timedelta(milliseconds=1), None
        case _:
            return None, value
