"""The port of metadata. The docstrings here are the specification; `marigram.testing.meta_store` checks an engine.

What a run has at a path is exactly one of a value, a series or a file. Of a series the meta store knows that it exists
and its attribute id; its points are the point store's. An attribute id stands for a path and a kind within a project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from marigram.model import Ancestor, Batch, File, Kind, Path, ProjectName, Rejection, Run, StopHow, StopRequest, Value
from marigram.server.store.meta.filter import Filter


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation means for the point store.

    Attributes:
        attribute: the id of the series that an `Append` writes to; None if it was refused, or for other operations.
        dropped: for a `Delete`, the ids of all series that its project knows at and below the path. The run may not
            have had them any more: a crash can have come between the metadata and the points of a first time.
        cut: for a `Rewind`, the ids of all series that the run has and that it reaches.
    """

    attribute: int | None = None
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


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has at a path; `value` or `file` is set for those kinds, neither for a series."""

    id: int
    path: Path
    kind: Kind
    value: Value | None = None
    file: File | None = None


class ColumnRow(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute of a project and how many of its runs have it. `distinct` counts different values, up to 2."""

    id: int
    path: Path
    kind: Kind
    run_count: int
    distinct: int


class RunSort(msgspec.Struct, frozen=True, kw_only=True):
    """Sort by what runs have at `path`; runs that have nothing there come last either way."""

    path: Path
    descending: bool


class MetaStore(Protocol):
    """Where metadata is kept.

    Threads: `commit` is called from one thread; all else from any thread, at any time.
    """

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

    def attributes(
        self, run_id: str, *, prefix: str = "", search: str = "", after: str = "", limit: int = 1000
    ) -> list[Attribute]:
        """Return attributes of the run in order of path, those after `after`, the first `limit`.

        `prefix` narrows to a path and what is below it, `search` to paths that contain the text, whatever the case.
        """
        ...

    def attribute(self, run_id: str, path: str) -> Attribute | None:
        """Return what the run has at exactly this path."""
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
        """Return the runs that were forked from this one, in and out of the trash."""
        ...

    def trashed_before(self, at: int) -> list[Run]:
        """Return the runs of all projects that have been in the trash since before this time."""
        ...

    def named_blobs(self) -> Iterator[str]:
        """Yield the SHA-256 of every file that an attribute names, those of runs in the trash too; some twice.

        What was committed before the call is seen.
        """
        ...

    def delete_run(self, run_id: str) -> bool:
        """Remove all that the store holds of the run; return whether there was one. Its key is not given again.

        Called from the thread that commits.
        """
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
