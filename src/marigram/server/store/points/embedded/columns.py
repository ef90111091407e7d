"""Points as three NumPy columns, whatever their kind, and the two things done to them: overlay and cut.

Float values are a float64 array; strings, files and histograms are an object array, so that one code serves all kinds.
Arrays are never changed after they were put into a `Columns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from typing_extensions import assert_never

from marigram.model import FilePoints, FloatPoints, HistogramPoints, Kind, Points, StringPoints

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Columns(msgspec.Struct, frozen=True):
    """Points of one series; the three arrays have one length."""

    steps: NDArray[np.float64]
    times: NDArray[np.int64]
    values: NDArray[Any]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.steps)

    def cut(self, start: int, stop: int) -> Columns:
        """Return the points from `start` up to `stop`, without copying."""
        return Columns(self.steps[start:stop], self.times[start:stop], self.values[start:stop])


class SeriesWrite(msgspec.Struct, frozen=True):
    """Points that are written to one series, at least one."""

    attribute: int
    kind: Kind
    columns: Columns


def objects(values: Sequence[object]) -> NDArray[np.object_]:
    """Return strings or files as an object array."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def empty(kind: Kind) -> Columns:
    """Return no points of the kind."""
    values = np.empty(0, dtype=np.float64 if kind is Kind.FLOAT_SERIES else object)
    return Columns(np.empty(0, dtype=np.float64), np.empty(0, dtype=np.int64), values)


def columns_of(points: Points) -> Columns:
    """Return the points as columns. Minus zero, which equals zero, becomes zero in the steps.

    The arrays may share memory with `points`.
    """
    steps = np.asarray(points.steps, dtype=np.float64) + 0.0
    times = np.asarray(points.times, dtype=np.int64)
    match points:
        case FloatPoints():
            return Columns(steps, times, np.asarray(points.values, dtype=np.float64))
        case StringPoints() | FilePoints() | HistogramPoints():
            return Columns(steps, times, objects(points.values))
        case _:
            assert_never(points)


def points_of(kind: Kind, columns: Columns) -> Points:
    """Return the columns as points of the kind."""
    if kind is Kind.FLOAT_SERIES:
        return FloatPoints(
            steps=columns.steps,  # pyright: ignore[reportArgumentType] the port promises arrays here
            times=columns.times,  # pyright: ignore[reportArgumentType]
            values=columns.values,  # pyright: ignore[reportArgumentType]
        )
    steps, times, values = columns.steps.tolist(), columns.times.tolist(), columns.values.tolist()
    if kind is Kind.STRING_SERIES:
        return StringPoints(steps=steps, times=times, values=values)
    if kind is Kind.HISTOGRAM_SERIES:
        return HistogramPoints(steps=steps, times=times, values=values)
    return FilePoints(steps=steps, times=times, values=values)


def joined(pieces: Sequence[Columns]) -> Columns:
    """Return the pieces one after the other; there is at least one."""
    if len(pieces) == 1:
        return pieces[0]
    return Columns(
        np.concatenate([piece.steps for piece in pieces]),
        np.concatenate([piece.times for piece in pieces]),
        np.concatenate([piece.values for piece in pieces]),
    )


def overlaid(pieces: Sequence[Columns]) -> Columns:
    """Return the points of the pieces in order of step; of points at one step the last in the last piece wins.

    There is at least one piece.
    """
    columns = joined(pieces)
    steps = columns.steps
    if len(steps) <= 1 or bool(np.all(steps[1:] > steps[:-1])):
        return columns
    order = np.argsort(steps, kind="stable")
    ordered = steps[order]
    is_last = np.append(ordered[1:] != ordered[:-1], True)
    order = order[is_last]
    return Columns(steps[order], columns.times[order], columns.values[order])


def between(columns: Columns, first_step: float, last_step: float) -> Columns:
    """Return those of the ordered points with `first_step <= step <= last_step`."""
    start = int(columns.steps.searchsorted(first_step, side="left"))
    stop = int(columns.steps.searchsorted(last_step, side="right"))
    return columns.cut(start, max(start, stop))


def up_to(columns: Columns, last_step: float) -> Columns:
    """Return those of the points, in whatever order, with `step <= last_step`."""
    kept = columns.steps <= last_step
    if bool(kept.all()):
        return columns
    return Columns(columns.steps[kept], columns.times[kept], columns.values[kept])
