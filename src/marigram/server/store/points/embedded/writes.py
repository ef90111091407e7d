"""What a batch writes, as columns of our own: so it goes to the disk, into memory and to those who follow a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from marigram.model import FloatPoints, Kind, kind_of_points
from marigram.server.store.points.batch import CutSeries, DropSeries, PointWrite, WriteFloats, WritePoints
from marigram.server.store.points.embedded.columns import Columns, SeriesWrite, columns_of, joined, points_of
from marigram.server.store.points.embedded.floats import FloatsWrite, grouped, together

if TYPE_CHECKING:
    from numpy.typing import NDArray

Write = SeriesWrite | FloatsWrite | DropSeries | CutSeries
"""A `SeriesWrite` is of text, files or histograms: float points are in `FloatsWrite`s."""


class _Gathering:
    """Points that came one after the other, with nothing in between that takes points away."""

    def __init__(self) -> None:
        self.others: list[SeriesWrite] = []
        self._attributes: list[NDArray[np.int64]] = []
        self._counts: list[NDArray[np.int64]] = []
        self._columns: list[Columns] = []

    def add(self, attributes: Sequence[int], counts: Sequence[int], points: FloatPoints) -> None:
        self._attributes.append(np.asarray(attributes, dtype=np.int64))
        self._counts.append(np.asarray(counts, dtype=np.int64))
        self._columns.append(columns_of(points))

    def end(self) -> Iterator[Write]:
        yield from self._floats()
        yield from self.others
        self.others = []

    def _floats(self) -> Iterator[FloatsWrite]:
        if not self._columns:
            return
        columns = joined(self._columns)
        if len(self._columns) == 1:
            # Joined columns are new ones; these may be views of what is not ours.
            columns = Columns(columns.steps, np.array(columns.times), np.array(columns.values))
        found = grouped(np.concatenate(self._attributes), np.concatenate(self._counts), columns)
        self._attributes, self._counts, self._columns = [], [], []
        if found is not None:
            yield found


def copied(writes: Sequence[PointWrite]) -> list[Write]:
    """Return the writes as columns of our own, whatever buffers the caller's are views of; empty ones are left out."""
    result: list[Write] = []
    gathering = _Gathering()
    for write in writes:
        if isinstance(write, WriteFloats):
            gathering.add(write.attributes, write.counts, write.points)
        elif not isinstance(write, WritePoints):
            result.extend(gathering.end())
            result.append(write)
        elif isinstance(write.points, FloatPoints):
            gathering.add((write.attribute,), (len(write.points.steps),), write.points)
        elif len(write.points.steps):
            columns = columns_of(write.points)
            own = Columns(columns.steps, np.array(columns.times), columns.values)
            gathering.others.append(SeriesWrite(write.attribute, kind_of_points(write.points), own))
    result.extend(gathering.end())
    return result


def condensed(writes: Sequence[Write]) -> list[Write]:
    """Return writes of one run that do the same in fewer: points of floats that come one after the other as one."""
    result: list[Write] = []
    floats: list[FloatsWrite] = []
    for write in writes:
        if isinstance(write, FloatsWrite):
            floats.append(write)
            continue
        if not isinstance(write, SeriesWrite) and floats:
            result.append(together(floats))
            floats = []
        result.append(write)
    return [*result, together(floats)] if floats else result


def told(write: Write) -> PointWrite:
    """Return a write as the port knows it."""
    if isinstance(write, FloatsWrite):
        points = points_of(Kind.FLOAT_SERIES, write.columns)
        assert isinstance(points, FloatPoints)  # noqa: S101 for the type checker
        return WriteFloats(attributes=write.attributes.tolist(), counts=write.counts.tolist(), points=points)
    if isinstance(write, SeriesWrite):
        return WritePoints(attribute=write.attribute, points=points_of(write.kind, write.columns))
    return write


def points_in(write: Write) -> int:
    """Return how many points a write brings."""
    return len(write.columns) if isinstance(write, (SeriesWrite, FloatsWrite)) else 0


def attributes_in(write: Write) -> NDArray[np.int64]:
    """Return the series that a write is to."""
    if isinstance(write, FloatsWrite):
        return write.attributes
    return np.array([write.attribute], dtype=np.int64)
