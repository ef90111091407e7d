"""How many bytes may wait to be committed: the bound on the memory of the door in."""

from __future__ import annotations

import threading

from marigram.model import (
    Append,
    Appends,
    Batch,
    EditSet,
    FilePoints,
    FloatPoints,
    HistogramPoints,
    Points,
    SetValue,
    StringPoints,
)

_OPERATION_BYTES = 500
"""An operation with its path; also a file, or a histogram without its bins."""

_FLOAT_POINT_BYTES = 24
_OBJECT_BYTES = 100
"""A step, a time and the head of a string as Python objects."""


class Room:
    """Counts what is taken; safe from any thread."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._taken = 0

    def take(self, size: int) -> bool:
        """Take so many bytes, if they are there or nobody else has any; return whether they were taken."""
        with self._lock:
            if self._taken and self._taken + size > self._limit:
                return False
            self._taken += size
            return True

    def give_back(self, size: int) -> None:
        """Give back what was taken."""
        with self._lock:
            self._taken -= size


def weight_of(batch: Batch) -> int:
    """Return about how many bytes of memory a batch takes."""
    total = _OPERATION_BYTES
    for operation in batch.operations:
        if isinstance(operation, Appends):
            total += _OBJECT_BYTES * len(operation.paths) + _weight_of_points(operation.points)
            continue
        total += _OPERATION_BYTES
        if isinstance(operation, Append):
            total += _weight_of_points(operation.points)
        elif isinstance(operation, SetValue) and isinstance(operation.value, str):
            total += len(operation.value)
        elif isinstance(operation, EditSet):
            total += sum(_OBJECT_BYTES + len(text) for text in (*operation.add, *operation.remove))
    return total


def _weight_of_points(points: Points) -> int:
    match points:
        case FloatPoints():
            return _FLOAT_POINT_BYTES * len(points.steps)
        case StringPoints():
            return sum(_OBJECT_BYTES + len(text) for text in points.values)
        case FilePoints():
            return _OPERATION_BYTES * len(points.steps)
        case HistogramPoints():
            return sum(_OPERATION_BYTES + _OBJECT_BYTES * len(each.counts) for each in points.values)
