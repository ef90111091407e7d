"""The port of metadata. The docstrings here are the specification; `marigram.testing.meta_store` checks an engine.

What a run has at a path is exactly one of a value, a series or a file. Of a series the meta store knows that it exists
and its attribute id; its points are the point store's. An attribute id stands for a path and a kind within a project.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from marigram.model import (
    Ancestor,
    Batch,
    File,
    Kind,
    Path,
    ProjectName,
    Rejection,
    Run,
    StopHow,
    StopRequest,
    Value,
    View,
    ViewKind,
)
from marigram.server.store.meta.earlier import EarlierValue
from marigram.server.store.meta.filter import Aggregate, Filter, StandIn
from marigram.server.store.meta.registry import ModelRegistry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation means for the point store.

    Attributes:
        attribute: the id of the series that an `Append` writes to; None if it was refused, or for other operations.
        attributes: for `Appends`, the same for each of them.
        dropped: for a `Delete`, the ids of all series that its project knows at and below the path. The run may not
            have had them any more: a crash can have come between the metadata and the points of a first time.
        cut: for a `Rewind`, the ids of all series that the run has and that it reaches.
    """

    attribute: int | None = None
    attributes: Sequence[int | None] = ()
    dropped: tuple[int, ...] = ()
    cut: tuple[int, ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one batch.

    Attributes:
        placements: one per operation of the batch, in order.
        rejections: operations that were refused.
        project: the run's project; None if the run is unknown, and then nothing was applied.
        run_changed: the run's own row changed (status, name, tags, or it is new).
        changed_paths: attributes that were set, removed or appeared.
    """

    placements: tuple[Placement, ...]
    rejections: tuple[Rejection, ...]
    project: ProjectName | None
    run_changed: bool
    changed_paths: frozenset[Path]


class ProjectRow(msgspec.Struct, frozen=True, kw_only=True):
    """A project and how much is in it. Times are milliseconds since 1970-01-01 UTC."""

    name: ProjectName
    run_count: int
    running_count: int
    created_at: int
    heard_at: int


class Attribute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a run has at a path; `value` or `file` is set for those kinds, neither for a series.

    Nothing in it refers back, so that the collector need not look through the many that an answer may hold.
    """

    id: int
    path: Path
    kind: Kind
    value: Value | None = None
    file: File | None = None


class ColumnRow(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute of a project and how many of its runs have it.

    `distinct` counts their different values, up to 2; a value that was replaced or is gone may count too.
    """

    id: int
    path: Path
    kind: Kind
    run_count: int
    distinct: int


class RunSort(msgspec.Struct, frozen=True, kw_only=True):
    """Sort by what runs have at `path`; runs that have nothing there come last either way.

    `aggregate` is the number that stands for a series; the meta store knows none and doesn't look at it.
    """

    path: Path
    descending: bool
    aggregate: StandIn = Aggregate.LAST


class RunColumns(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of one project as columns of one length, in rising order of number.

    Attributes:
        number: int64, the store's own number of the run. A new run's is larger than that of every run there is.
        created_at: int64, milliseconds since 1970-01-01 UTC.
        until: int64, the same of its end, or of the last sign of life if it has not ended.
        running: bool, whether its status is `running`.
        trashed: bool, whether it is in the trash.
        shown: bool, false for the run that holds what is said of the project itself.
    """

    number: NDArray[np.int64]
    created_at: NDArray[np.int64]
    until: NDArray[np.int64]
    running: NDArray[np.bool_]
    trashed: NDArray[np.bool_]
    shown: NDArray[np.bool_]


class CellColumns(msgspec.Struct, frozen=True, kw_only=True):
    """What some runs have at one path, as columns of one length.

    Attributes:
        run: int64, numbers of runs.
        kind: of what each has.
        number: a bool as 0 or 1, an int within 64 bits, a float, or a datetime in milliseconds since 1970-01-01 UTC;
            None for other kinds, for NaN, and for an int that is larger.
        other: a string, a set, or an int that is larger; None for all else.
    """

    run: NDArray[np.int64]
    kind: Sequence[Kind]
    number: Sequence[int | float | None]
    other: Sequence[Value | None]


class MetaChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What one transaction may have changed.

    Attributes:
        runs: project and number of runs of which `run_columns` may say something else than before.
        attributes: id, project, path and kind of attributes that are new.
        cells: number of a run and id of an attribute: what it has there may be new, another, gone, or inherited from
            elsewhere.
    """

    runs: Sequence[tuple[ProjectName, int]]
    attributes: Sequence[tuple[int, ProjectName, Path, Kind]]
    cells: Sequence[tuple[int, int]]


MetaListener = Callable[[MetaChanges], None]


class MetaStore(Protocol):
    """Where metadata is kept.

    Threads: `commit` is called from one thread; all else from any thread, at any time.
    """

    @property
    def registry(self) -> ModelRegistry:
        """The registry of models, which is kept with the rest."""
        ...

    def commit(self, batches: Sequence[Batch], *, heard_at: int) -> list[Outcome]:
        """Apply the batches in order in one transaction and say what became of each. `Append`s make series exist.

        Applying a stretch of a writer's stream again, up to any point at or after where it was applied to, leads to the
        same state. On return all of it survives `kill -9` and loss of power.

        The rules: a batch for an unknown run that has no `CreateRun` is refused whole (`run_unknown`). A value takes
        the place of a value of any kind, and of a file. A series can't take the place of a value or file, nor the
        other way round, nor of a series of another kind (`kind_conflict`); `Delete` first. `SetStatus(crashed)` counts
        only while the run is `running`, and what has `failed` is not `finished` or `stopped` before it runs again:
        one failure among many processes is the run's. The store writes `sys/id`, `sys/creation_time`, `sys/state`,
        `sys/failed`, and keeps the run's own name and tags equal to `sys/name` and `sys/tags`.
        """
        ...

    def ancestors(
        self, run_ids: Sequence[str], attributes: Sequence[int]
    ) -> Mapping[tuple[str, int], tuple[Ancestor, ...]]:
        """Return, for each series of these runs and attributes that inherits, from whom: the nearest first.

        A run that was forked has the series of its parent, but for those below `monitoring/`, and also those that the
        parent gets later, as long as it has nothing else at their paths. What is deleted in it is no longer inherited,
        and a `Rewind` shortens what is. A fork from itself, from a run of another project, or from a run that descends
        from it is refused (`invalid_value`), and the run begins without a history; the parent may be unknown as yet.
        """
        ...

    def hear(self, run_id: str, *, at: int) -> bool:
        """Note that the run's writer is alive; return whether the run is known. May be lost with the process."""
        ...

    def request_stop(
        self, run_id: str, *, how: StopHow, grace_s: float, requested_by: str, at: int
    ) -> StopRequest | None:
        """Keep a request to stop the run, which from now on shows it; None if the run is unknown.

        Its number is larger than that of every request before, of any run. On return it survives `kill -9` and loss
        of power. It is forgotten when the run goes on after an end: it was meant for processes that have ended.
        """
        ...

    def note_delivery(self, run_id: str, number: int, *, at: int) -> bool:
        """Note that a process of the run has the request; return whether that is news. Only the first time counts."""
        ...

    def projects(self) -> list[ProjectRow]:
        """Return all projects, the most recently heard of first."""
        ...

    def run(self, run_id: str) -> Run | None:
        """Return the run with this id."""
        ...

    def find_run(self, project: str, key_or_id: str) -> Run | None:
        """Return the run of the project with this key, or this id."""
        ...

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """Return the runs with these ids, in this order, those that exist."""
        ...

    def search_runs(
        self, project: str, *, text: str, sort: RunSort, where: Filter | None = None, trashed: bool | None = False
    ) -> list[str]:
        """Return the ids of all runs of the project that match, in order; newest first where `sort` leaves it open.

        `where` says more of what is wanted; `marigram.server.store.meta.filter` says what it means, and no series
        compares. `trashed` None returns runs in and out of the trash. The run that holds what is said of the project
        itself is never among them.

        `text` matches if every one of its words stands somewhere in the name, key, a tag, the status or a short
        value, whatever the case. The sort sees values; series and files count as nothing.
        """
        ...

    def recent_runs(self, *, text: str = "", ended: bool | None = None, limit: int = 100) -> list[Run]:
        """Return runs of all projects, the first `limit`, the newest first; none that is in the trash.

        `ended` False narrows to those whose status is `running`; True to those that have ended, the last end first.
        `text` matches if every one of its words stands in the run's name, key or id, or in the name of its project,
        whatever the case.
        """
        ...

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
        """Return attributes of the run in order of path, those after `after`, the first `limit`.

        `prefix` narrows to a path and what is below it, `search` to paths that contain the text, whatever the case,
        `kinds` to those kinds, if there are any.
        """
        ...

    def paths(
        self, run_ids: Sequence[str], *, kinds: Collection[Kind] = (), below: str = ""
    ) -> list[tuple[Path, Kind]]:
        """Return where any of these runs has something, each path and kind once, in order of path, without values.

        `kinds` narrows to those kinds, if there are any; `below` to a path and what is below it. Runs that are
        unknown have nothing. Meant for a hundred thousand paths at once.
        """
        ...

    def attributes_of(
        self, run_ids: Sequence[str], *, below: Sequence[str] | None = None
    ) -> Mapping[str, list[Attribute]]:
        """Return all that these runs have, by run, in order of path; runs that are unknown are left out.

        `below` narrows to these paths and what is below each. Meant for thousands of runs at once.
        """
        ...

    def attribute(self, run_id: str, path: str) -> Attribute | None:
        """Return what the run has at exactly this path."""
        ...

    def earlier_values(self, run_id: str, path: str) -> list[EarlierValue]:
        """Return what stood at this path until it was set to something else, the newest first, `EARLIER_KEPT` at most.

        What a writer set several times in one batch was replaced once, and a batch that comes again replaces nothing.
        Kept is what `earlier.is_kept` names, texts up to `LONGEST_EARLIER_TEXT` characters, until the path is deleted.
        """
        ...

    def cells(self, run_ids: Sequence[str], paths: Sequence[str]) -> Mapping[tuple[str, str], Attribute]:
        """Return what these runs have at these paths, by `(run_id, path)`."""
        ...

    def columns(self, project: str, *, search: str = "", limit: int = 100) -> list[ColumnRow]:
        """Return attributes of the project whose path contains `search`, those that most runs have first.

        Only what a run has counts that is not in the trash and is not the project's own.
        """
        ...

    def columns_at(self, project: str, paths: Sequence[str]) -> list[ColumnRow]:
        """Return the attributes at exactly these paths, as `columns` does, in its order."""
        ...

    def trash(self, run_ids: Sequence[str], *, at: int) -> list[Run]:
        """Put runs into the trash at this time, and return them as they are now; one that is there already stays.

        A run in the trash goes on to be written to and is found by its id. On return it survives loss of power. Runs
        that are unknown, and those that hold what is said of a project, are left out.
        """
        ...

    def restore(self, run_ids: Sequence[str]) -> list[Run]:
        """Take runs out of the trash, and return those that exist as they are now."""
        ...

    def forks(self, run_id: str) -> list[Run]:
        """Return the runs that were forked from this one itself, in and out of the trash, in no particular order.

        A fork that was refused is none. The run may be unknown: its forks can be there first.
        """
        ...

    def trashed_before(self, at: int) -> list[Run]:
        """Return the runs of all projects that have been in the trash since before this time, in no particular order.

        `at` is in milliseconds since 1970-01-01 UTC; what was put there at that moment is not among them.
        """
        ...

    def named_blobs(self) -> Iterator[tuple[str, str]]:
        """Yield run id and SHA-256 of every file that an attribute names, those of runs in the trash too.

        What was committed before the call is seen; what changes meanwhile may be or not. Some may come twice.
        """
        ...

    def remove_some(self, run_id: str, *, at_most: int) -> bool:
        """Remove up to so many attributes of a run that is going to be deleted; return whether there was anything left.

        Of a hundred thousand attributes so many go at a time that commits in between need not wait for long. Which go
        first is open. False for a run that is unknown. Called from the thread that commits.
        """
        ...

    def delete_run(self, run_id: str) -> bool:
        """Remove all that the store holds of the run; return whether there was one. Its key is not given again.

        Called from the thread that commits.
        """
        ...

    def views(self, project: str, kind: ViewKind) -> list[View]:
        """Return the saved views of this kind, in order of name; none of a project that is unknown."""
        ...

    def save_view(self, project: str, view: View) -> bool:
        """Keep the view in place of the one of this kind and name; return whether the project is known.

        On return it survives `kill -9` and loss of power.
        """
        ...

    def remove_view(self, project: str, kind: ViewKind, name: str) -> bool:
        """Forget a view; return whether there was one."""
        ...

    def listen(self, listener: MetaListener) -> None:
        """Call `listener` after each transaction with all that it may have changed; called before the first of them.

        It is called by the thread that has committed, before the call that it made returns: from then on all reads
        have what changed. It must be quick and must not raise.
        """
        ...

    def run_columns(self, project: str, *, numbers: Sequence[int] | None = None) -> RunColumns:
        """Return the runs of the project, or those of its runs that have these numbers. `heard` may know more."""
        ...

    def heard(self, project: str) -> Mapping[int, int]:
        """Return when runs that have not ended were last heard of, by number, where `run_columns` may lag behind."""
        ...

    def kinds_at(self, project: str, path: str) -> Mapping[Kind, int]:
        """Return the attributes that the project knows at a path: id by kind. No run may have one of them any more."""
        ...

    def cell_columns(self, project: str, path: str, *, numbers: Sequence[int] | None = None) -> Iterator[CellColumns]:
        """Yield what all runs of the project have at a path, or those with these numbers, in parts.

        All parts are of one moment.
        """
        ...

    def series_runs(
        self, attribute: int, *, numbers: Sequence[int] | None = None
    ) -> Iterator[Sequence[tuple[int, str]]]:
        """Yield number and id of the runs that have the attribute, all or those with these numbers, in parts."""
        ...

    def search_texts(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """Return what the text of `search_runs` looks at, of the runs with these numbers: its parts as lines."""
        ...

    def run_numbers(self, run_ids: Sequence[str]) -> Mapping[str, int]:
        """Return the numbers of the runs with these ids, those that exist."""
        ...

    def run_ids(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """Return the ids of the runs with these numbers, those that exist."""
        ...

    def add_token(self, digest: str, *, name: str, created_at: int) -> None:
        """Keep the SHA-256 of a new token."""
        ...

    def token_digests(self) -> frozenset[str]:
        """Return the SHA-256 of every token."""
        ...

    def close(self) -> None:
        """Release the files. Nothing that was committed is lost without this call."""
        ...
