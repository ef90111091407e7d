"""What a batch must be like before it may be committed. Pure, but for asking whether a blob exists."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np

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
    Path,
    Rejection,
    RejectionCode,
    RunStatus,
    SetStatus,
    SetValue,
    StringPoints,
)
from marigram.server.store.blobs.port import SHA256

MAX_STRING_CHARACTERS = 1024 * 1024
"""Longest string of a value; more is a document and belongs into a file."""

MAX_TIME_MS = 253_402_300_799_999
"""31 December 9999, the last moment that Python's datetime can show."""

SERVER_PATHS = frozenset({"sys", "sys/id", "sys/creation_time", "sys/state"})
"""Attributes that the server makes itself."""

_RUN_ID = re.compile(r"[0-9a-f]{32}")
_WRITER = re.compile(r"[A-Za-z0-9._-]{1,64}")

BlobExists = Callable[[str], bool]


def broken_envelope(batch: Batch) -> str | None:
    """Return what is wrong with the batch as a whole, None if nothing is."""
    if not _RUN_ID.fullmatch(batch.run_id):
        return f"The run id {batch.run_id[:80]!r} is not 32 lowercase hexadecimal digits. Use uuid4().hex."
    if not _WRITER.fullmatch(batch.writer):
        return f"The writer {batch.writer[:80]!r} is not 1 to 64 letters, digits, '.', '_' or '-'."
    if not 1 <= batch.first_seq <= batch.last_seq < 2**63:
        return f"The positions {batch.first_seq} to {batch.last_seq} are not a range that begins at 1 or later."
    return None


def split(batch: Batch, blob_exists: BlobExists) -> tuple[Batch, list[Rejection]]:
    """Return the batch without the operations that are refused, and why those are."""
    accepted: list[Operation] = []
    rejections: list[Rejection] = []
    for operation in batch.operations:
        rejection = _fault(operation, blob_exists)
        if rejection is None:
            accepted.append(operation)
        elif isinstance(operation, Append) and isinstance(operation.points, FloatPoints):
            good, bad = _split_floats(operation.path, operation.points)
            if good is not None:
                accepted.append(good)
            rejections.append(bad)
        else:
            rejections.append(rejection)
    if not rejections:
        return batch, rejections
    cleaned = Batch(
        run_id=batch.run_id,
        writer=batch.writer,
        first_seq=batch.first_seq,
        last_seq=batch.last_seq,
        operations=tuple(accepted),
    )
    return cleaned, rejections


def _fault(operation: Operation, blob_exists: BlobExists) -> Rejection | None:
    match operation:
        case CreateRun():
            return None
        case Append():
            return _append_fault(operation, blob_exists)
        case SetValue(path=path, value=value):
            if isinstance(value, str) and len(value) > MAX_STRING_CHARACTERS:
                message = f"The string for '{path}' has {len(value)} characters. Upload it as a file instead."
                return Rejection(path=path, code=RejectionCode.TOO_LARGE, message=message)
            return _server_path_fault(path)
        case EditSet(path=path) | Delete(path=path):
            return _server_path_fault(path)
        case AttachFile(path=path, file=file):
            return _server_path_fault(path) or _file_fault(path, file, blob_exists)
        case SetStatus(status=status):
            if status is not RunStatus.STALLED:
                return None
            message = "'stalled' is what a silent run is shown as; it can't be written."
            return Rejection(path=None, code=RejectionCode.INVALID_VALUE, message=message)


def _append_fault(operation: Append, blob_exists: BlobExists) -> Rejection | None:
    path, points = operation.path, operation.points
    fault = _server_path_fault(path)
    if fault is not None:
        return fault
    if isinstance(points, FloatPoints):
        good = np.isfinite(np.asarray(points.steps, dtype=np.float64))
        times = np.asarray(points.times, dtype=np.int64)
        good &= np.abs(times) <= MAX_TIME_MS
        return None if bool(good.all()) else _step_rejection(path, int((~good).sum()))
    if not all(math.isfinite(step) for step in points.steps) or _bad_times(points.times):
        return _step_rejection(path, len(points.steps))
    match points:
        case StringPoints():
            return None
        case FilePoints():
            faults = (_file_fault(path, file, blob_exists) for file in points.values)
            return next((fault for fault in faults if fault is not None), None)


def _split_floats(path: Path, points: FloatPoints) -> tuple[Append | None, Rejection]:
    """Keep the points of a faulty `Append` that are in order; a NaN step must not cost its neighbours."""
    fault = _server_path_fault(path)
    if fault is not None:
        return None, Rejection(path=path, code=fault.code, message=fault.message, count=len(points.steps))
    steps = np.asarray(points.steps, dtype=np.float64)
    times = np.asarray(points.times, dtype=np.int64)
    values = np.asarray(points.values, dtype=np.float64)
    good = np.isfinite(steps) & (np.abs(times) <= MAX_TIME_MS)
    bad = _step_rejection(path, int((~good).sum()))
    if not good.any():
        return None, bad
    kept = FloatPoints(steps=steps[good], times=times[good], values=values[good])  # pyright: ignore[reportArgumentType]
    return Append(path=path, points=kept), bad


def _bad_times(times: Sequence[int]) -> bool:
    return any(abs(time) > MAX_TIME_MS for time in times)


def _step_rejection(path: Path, count: int) -> Rejection:
    message = f"{count} points of '{path}' have a step or time that is not a finite number. Pass a finite step."
    return Rejection(path=path, code=RejectionCode.INVALID_VALUE, message=message, count=count)


def _server_path_fault(path: Path) -> Rejection | None:
    if path not in SERVER_PATHS:
        return None
    message = f"'{path}' is made by the server. Write to another path."
    return Rejection(path=path, code=RejectionCode.INVALID_PATH, message=message)


def _file_fault(path: Path, file: File, blob_exists: BlobExists) -> Rejection | None:
    if not SHA256.fullmatch(file.sha256):
        message = f"The file for '{path}' has no valid SHA-256. Send 64 lowercase hexadecimal digits."
        return Rejection(path=path, code=RejectionCode.INVALID_VALUE, message=message)
    if not blob_exists(file.sha256):
        message = f"The bytes of the file for '{path}' have not been uploaded. Upload blob {file.sha256} first."
        return Rejection(path=path, code=RejectionCode.BLOB_MISSING, message=message)
    return None
