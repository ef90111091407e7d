"""What a batch must be like before it may be committed. Pure, but for asking whether a blob exists."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import compress
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import (
    Append,
    Appends,
    AttachFile,
    Batch,
    CreateRun,
    Delete,
    EditSet,
    File,
    FilePoints,
    FloatPoints,
    Fork,
    HistogramPoints,
    Operation,
    Path,
    Points,
    Rejection,
    RejectionCode,
    Rewind,
    RunStatus,
    SetStatus,
    SetValue,
    StringPoints,
    histogram_fault,
)
from marigram.server.store.blobs.port import SHA256

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_STRING_CHARACTERS = 1024 * 1024
"""Longest string of a value; more is a document and belongs into a file."""

MIN_TIME_MS = -62_135_596_800_000
MAX_TIME_MS = 253_402_300_799_999
"""1 January 1 and 31 December 9999, between which Python's datetime can show a moment."""

SET_PATHS = frozenset({"sys/tags", "sys/group_tags"})
"""Attributes that are sets in every run, because lists of runs are searched by them."""

SERVER_PATHS = frozenset(
    {
        "sys",
        "sys/id",
        "sys/creation_time",
        "sys/state",
        "sys/forking",
        "sys/forking/parent",
        "sys/forking/step",
    }
)
"""Attributes that the server makes itself."""

_RUN_ID = re.compile(r"[0-9a-f]{32}")
_WRITER = re.compile(r"[A-Za-z0-9._-]{1,64}")

_INT64 = range(-(2**63), 2**63)

BlobSize = Callable[[str], "int | None"]


def broken_envelope(batch: Batch) -> str | None:
    """Return what is wrong with the batch as a whole, None if nothing is."""
    if not _RUN_ID.fullmatch(batch.run_id):
        return f"The run id {batch.run_id[:80]!r} is not 32 lowercase hexadecimal digits. Use uuid4().hex."
    if not _WRITER.fullmatch(batch.writer):
        return f"The writer {batch.writer[:80]!r} is not 1 to 64 letters, digits, '.', '_' or '-'."
    if not 1 <= batch.first_seq <= batch.last_seq < 2**63:
        return f"The positions {batch.first_seq} to {batch.last_seq} are not a range that begins at 1 or later."
    return None


def split(batch: Batch, blob_size: BlobSize) -> tuple[Batch, list[Rejection]]:
    """Return the batch without the operations and points that are refused, and why those are."""
    accepted: list[Operation | Appends] = []
    rejections: list[Rejection] = []
    for operation in _faulty_apart(batch.operations):
        if isinstance(operation, Appends):
            accepted.append(operation)
            continue
        if isinstance(operation, Append):
            kept, refused = _split_append(operation, blob_size)
            rejections.extend(refused)
            if kept is not None:
                accepted.append(kept)
            continue
        if isinstance(operation, CreateRun) and operation.fork is not None:
            fault = _fork_fault(operation.fork)
            if fault is not None:
                # Without the run itself everything that follows would be refused too.
                rejections.append(fault)
                operation = msgspec.structs.replace(operation, fork=None)  # noqa: PLW2901 what is accepted of it
        rejection = _fault(operation, blob_size)
        if rejection is None:
            accepted.append(operation)
        else:
            rejections.append(rejection)
    if not rejections:
        return batch, rejections
    return msgspec.structs.replace(batch, operations=tuple(accepted)), rejections


def _faulty_apart(operations: Iterable[Operation | Appends]) -> Iterator[Operation | Appends]:
    """Yield the operations; `Appends` come one by one if anything is wrong with any of them."""
    for operation in operations:
        if isinstance(operation, Appends) and not (
            SERVER_PATHS.isdisjoint(operation.paths) and bool(_placeable(operation.points).all())
        ):
            yield from operation.apart()
        else:
            yield operation


def _fault(
    operation: CreateRun | SetValue | EditSet | AttachFile | Delete | Rewind | SetStatus, blob_size: BlobSize
) -> Rejection | None:
    match operation:
        case CreateRun(created_at=at):
            if MIN_TIME_MS <= at <= MAX_TIME_MS:
                return None
            message = f"The run says it was created {at} ms after 1970, which no calendar shows. Set the clock."
            return Rejection(path=None, code=RejectionCode.INVALID_VALUE, message=message)
        case SetValue(path=path, value=value):
            if isinstance(value, str) and len(value) > MAX_STRING_CHARACTERS:
                message = f"The string for '{path}' has {len(value)} characters. Upload it as a file instead."
                return Rejection(path=path, code=RejectionCode.TOO_LARGE, message=message)
            if path in SET_PATHS and not isinstance(value, frozenset):
                message = (
                    f"'{path}' is a set of strings, so no {type(value).__name__} can be written there. Edit the set."
                )
                return Rejection(path=path, code=RejectionCode.INVALID_VALUE, message=message)
            return _server_path_fault(path)
        case EditSet(path=path) | Delete(path=path):
            return _server_path_fault(path)
        case Rewind(path=path, after_step=step):
            if math.isfinite(step):
                return None
            message = f"A run cannot be rewound to step {step}. Pass a finite step."
            return Rejection(path=path, code=RejectionCode.INVALID_VALUE, message=message)
        case AttachFile(path=path, file=file):
            return _server_path_fault(path) or _file_fault(path, file, blob_size)
        case SetStatus():
            return _status_fault(operation)


def _fork_fault(fork: Fork) -> Rejection | None:
    if _RUN_ID.fullmatch(fork.run_id) and math.isfinite(fork.step):
        return None
    message = (
        f"A run cannot be forked from {fork.run_id[:80]!r} at step {fork.step}; it begins without a history. Name a "
        "run by its id of 32 digits, and a finite step."
    )
    return Rejection(path=None, code=RejectionCode.INVALID_VALUE, message=message)


def _status_fault(operation: SetStatus) -> Rejection | None:
    if operation.status is RunStatus.STALLED:
        message = "'stalled' is what a silent run is shown as; it can't be written. Write another status."
    elif not MIN_TIME_MS <= operation.at <= MAX_TIME_MS:
        message = f"The status has a time {operation.at} ms after 1970, which no calendar shows. Set the clock."
    elif operation.exit_code is not None and operation.exit_code not in _INT64:
        message = f"The exit code {operation.exit_code} does not fit 64 bits. Send the one that the system gave."
    else:
        return None
    return Rejection(path=None, code=RejectionCode.INVALID_VALUE, message=message)


def _split_append(operation: Append, blob_size: BlobSize) -> tuple[Append | None, list[Rejection]]:
    """Return the points that are in order; a faulty point must not cost its neighbours."""
    path, points = operation.path, operation.points
    fault = _server_path_fault(path, count=len(points.steps))
    if fault is not None:
        return None, [fault]
    good = _placeable(points)
    faults: dict[RejectionCode, Rejection] = {}
    if not good.all():
        _count(faults, _step_rejection(path, int((~good).sum())))
    if isinstance(points, FilePoints):
        for at, file in enumerate(points.values):
            missing = _file_fault(path, file, blob_size) if good[at] else None
            if missing is not None:
                good[at] = False
                _count(faults, missing)
    if isinstance(points, HistogramPoints):
        for at, histogram in enumerate(points.values):
            fault = histogram_fault(histogram) if good[at] else None
            if fault is not None:
                good[at] = False
                message = f"A point of '{path}' is refused. {fault}"
                _count(faults, Rejection(path=path, code=RejectionCode.INVALID_VALUE, message=message))
    if not faults:
        return operation, []
    kept = Append(path=path, points=_chosen(points, good)) if good.any() else None
    return kept, list(faults.values())


def _placeable(points: Points) -> NDArray[np.bool_]:
    """Return for each point whether its step is finite and its time is one that a calendar shows."""
    if isinstance(points, FloatPoints):
        steps = np.asarray(points.steps, dtype=np.float64)
        times = np.asarray(points.times, dtype=np.int64)
        return np.isfinite(steps) & (times >= MIN_TIME_MS) & (times <= MAX_TIME_MS)
    rows = zip(points.steps, points.times, strict=True)
    return np.array([math.isfinite(step) and MIN_TIME_MS <= time <= MAX_TIME_MS for step, time in rows], dtype=np.bool_)


def _chosen(points: Points, good: NDArray[np.bool_]) -> Points:
    steps, times = list(compress(points.steps, good)), list(compress(points.times, good))
    match points:
        case FloatPoints():
            return FloatPoints(steps=steps, times=times, values=list(compress(points.values, good)))
        case StringPoints():
            return StringPoints(steps=steps, times=times, values=list(compress(points.values, good)))
        case FilePoints():
            return FilePoints(steps=steps, times=times, values=list(compress(points.values, good)))
        case HistogramPoints():
            return HistogramPoints(steps=steps, times=times, values=list(compress(points.values, good)))


def _count(faults: dict[RejectionCode, Rejection], fault: Rejection) -> None:
    """Add to the rejection of the same code, so that a thousand faulty points are one rejection that counts them."""
    known = faults.get(fault.code)
    faults[fault.code] = fault if known is None else msgspec.structs.replace(known, count=known.count + fault.count)


def _step_rejection(path: Path, count: int) -> Rejection:
    message = f"{count} points of '{path}' have a step or time that is not a finite number. Pass a finite step."
    return Rejection(path=path, code=RejectionCode.INVALID_VALUE, message=message, count=count)


def _server_path_fault(path: Path, *, count: int = 1) -> Rejection | None:
    if path not in SERVER_PATHS:
        return None
    message = f"'{path}' is made by the server. Write to another path."
    return Rejection(path=path, code=RejectionCode.INVALID_PATH, message=message, count=count)


def _file_fault(path: Path, file: File, blob_size: BlobSize) -> Rejection | None:
    if not SHA256.fullmatch(file.sha256):
        message = f"The file for '{path}' has no valid SHA-256. Send 64 lowercase hexadecimal digits."
        return Rejection(path=path, code=RejectionCode.INVALID_VALUE, message=message)
    size = blob_size(file.sha256)
    if size is None:
        message = f"The bytes of the file for '{path}' have not been uploaded. Upload blob {file.sha256} first."
        return Rejection(path=path, code=RejectionCode.BLOB_MISSING, message=message)
    if size != file.size:
        message = f"The file for '{path}' is said to have {file.size} bytes, its blob has {size}. Send the blob's size."
        return Rejection(path=path, code=RejectionCode.INVALID_VALUE, message=message)
    return None
