"""The immutable writes that everything anybody logs becomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from marigram.model.file import File
from marigram.model.path import Path
from marigram.model.point import FloatPoints, Points
from marigram.model.project import ProjectName
from marigram.model.run import Fork, RunStatus
from marigram.model.value import Value


class CreateRun(msgspec.Struct, frozen=True, kw_only=True):
    """Make the run exist. Doing it again changes nothing.

    Attributes:
        project: where the run belongs; made too if it does not exist.
        created_at: milliseconds since 1970-01-01 UTC, by the client's clock.
        fork: where the run's history comes from, if it goes on from another run of the project.
    """

    project: ProjectName
    created_at: int
    fork: Fork | None = None


class SetValue(msgspec.Struct, frozen=True, kw_only=True):
    """Make the attribute at `path` hold `value`; what was there is replaced."""

    path: Path
    value: Value


class EditSet(msgspec.Struct, frozen=True, kw_only=True):
    """Add strings to a set and remove strings from it; `remove` is done first."""

    path: Path
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Append(msgspec.Struct, frozen=True, kw_only=True):
    """Write points of one kind to the series at `path`; a point at a step that exists replaces it."""

    path: Path
    points: Points


class Appends(msgspec.Struct, frozen=True, kw_only=True):
    """`Append`s of float points that follow each other, in one set of columns: a thousand series are one object.

    Attributes:
        paths: one per `Append`, in order; a path may occur more than once.
        counts: how many rows of `points` belong to each; they stand in the same order and none is left over.
    """

    paths: Sequence[Path]
    counts: Sequence[int]
    points: FloatPoints

    def apart(self) -> Iterator[Append]:
        """Yield them one by one; columns are views as far as slices of theirs are."""
        start = 0
        steps, times, values = self.points.steps, self.points.times, self.points.values
        for path, count in zip(self.paths, self.counts, strict=True):
            end = start + count
            yield Append(
                path=path,
                points=FloatPoints(steps=steps[start:end], times=times[start:end], values=values[start:end]),
            )
            start = end


class AttachFile(msgspec.Struct, frozen=True, kw_only=True):
    """Make the attribute at `path` name a blob. The blob is uploaded before the operation is sent."""

    path: Path
    file: File


class Delete(msgspec.Struct, frozen=True, kw_only=True):
    """Remove the attribute at `path`, and all below it."""

    path: Path


class Rewind(msgspec.Struct, frozen=True, kw_only=True):
    """Remove every point after a step that the run has or inherits so far; the series stay, if need be empty.

    Attributes:
        after_step: the largest step that is kept; finite.
        path: the series at this path and below are cut; None: all of the run.
        keep: series at these paths and below are left alone. A console counts lines, not steps.
    """

    after_step: float
    path: Path | None = None
    keep: tuple[Path, ...] = ()


class SetStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Say how the run stands.

    Attributes:
        status: any but `stalled`.
        at: milliseconds since 1970-01-01 UTC, by the client's clock.
        exit_code: of the training process, if it has ended and it is known.
        failure: one line that says why it failed, if it did.
    """

    status: RunStatus
    at: int
    exit_code: int | None = None
    failure: str | None = None


Operation = CreateRun | SetValue | EditSet | Append | AttachFile | Delete | Rewind | SetStatus
