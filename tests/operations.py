"""Operations in few words, for tests that write."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from marigram.model import (
    Append,
    AttachFile,
    Batch,
    CreateRun,
    Delete,
    EditSet,
    File,
    FilePoints,
    FloatPoints,
    Operation,
    ProjectName,
    Rewind,
    SetValue,
    StringPoints,
    Value,
    parse_path,
)

RUN = "0123456789abcdef" * 2
PROJECT = ProjectName("lab/cats")
CREATED_AT = 1_700_000_000_000


def create(project: str = PROJECT, *, at: int = CREATED_AT) -> CreateRun:
    """Make the run exist."""
    return CreateRun(project=ProjectName(project), created_at=at)


def put(path: str, value: Value) -> SetValue:
    """Set a value."""
    return SetValue(path=parse_path(path), value=value)


def edit(path: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> EditSet:
    """Edit a set."""
    return EditSet(path=parse_path(path), add=tuple(add), remove=tuple(remove))


def floats(path: str, steps: Sequence[float], values: Sequence[float] | None = None) -> Append:
    """Append floats; a point's time is its place in the call, its value the step if none is given."""
    times = [CREATED_AT + at for at in range(len(steps))]
    return Append(
        path=parse_path(path),
        points=FloatPoints(steps=list(steps), times=times, values=list(steps if values is None else values)),
    )


def strings(path: str, steps: Sequence[float], values: Sequence[str]) -> Append:
    """Append strings; a point's time is its place in the call."""
    times = [CREATED_AT + at for at in range(len(steps))]
    return Append(path=parse_path(path), points=StringPoints(steps=list(steps), times=times, values=list(values)))


def files(path: str, steps: Sequence[float], values: Sequence[File]) -> Append:
    """Append files; a point's time is its place in the call."""
    times = [CREATED_AT + at for at in range(len(steps))]
    return Append(path=parse_path(path), points=FilePoints(steps=list(steps), times=times, values=list(values)))


def attach(path: str, file: File) -> AttachFile:
    """Attach a file."""
    return AttachFile(path=parse_path(path), file=file)


def delete(path: str) -> Delete:
    """Delete what is at the path and below."""
    return Delete(path=parse_path(path))


def rewind(after_step: float, path: str | None = None) -> Rewind:
    """Take away what comes after the step, at the path and below or everywhere."""
    return Rewind(after_step=float(after_step), path=None if path is None else parse_path(path))


def file_of(content: bytes, filename: str = "notes.txt", media_type: str = "text/plain") -> File:
    """Return the file that names these bytes."""
    digest = hashlib.sha256(content).hexdigest()
    return File(sha256=digest, filename=filename, media_type=media_type, size=len(content))


def batch_of(
    *operations: Operation, first: int = 1, last: int | None = None, run: str = RUN, writer: str = "w"
) -> Batch:
    """Return a batch; each operation is one position if `last` does not say otherwise."""
    return Batch(
        run_id=run,
        writer=writer,
        first_seq=first,
        last_seq=first + max(1, len(operations)) - 1 if last is None else last,
        operations=operations,
    )
