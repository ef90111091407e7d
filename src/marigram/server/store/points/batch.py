"""What a commit is made of: batches of one run each, with the points that they write and those that they take away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from marigram.model import FloatPoints, Points


class WritePoints(msgspec.Struct, frozen=True, kw_only=True):
    """Write points to one series. The columns have one length and steps are finite; ingest has checked that."""

    attribute: int
    points: Points


class WriteFloats(msgspec.Struct, frozen=True, kw_only=True):
    """Write points to many float series: as many `WritePoints`, one after the other, in one set of columns.

    `counts` says how many rows of `points` belong to each of `attributes`; an attribute may occur more than once.
    """

    attributes: Sequence[int]
    counts: Sequence[int]
    points: FloatPoints

    def apart(self) -> Iterator[WritePoints]:
        """Yield them one by one."""
        start = 0
        steps, times, values = self.points.steps, self.points.times, self.points.values
        for attribute, count in zip(self.attributes, self.counts, strict=True):
            end = start + count
            points = FloatPoints(steps=steps[start:end], times=times[start:end], values=values[start:end])
            yield WritePoints(attribute=attribute, points=points)
            start = end


class DropSeries(msgspec.Struct, frozen=True, kw_only=True):
    """Remove all points that one series has so far."""

    attribute: int


class CutSeries(msgspec.Struct, frozen=True, kw_only=True):
    """Remove the points that one series has so far after a step. The step itself is kept; it is finite."""

    attribute: int
    after_step: float


PointWrite = WritePoints | WriteFloats | DropSeries | CutSeries


class PointBatch(msgspec.Struct, frozen=True, kw_only=True):
    """What one batch does to the points of one run, in order. `writes` may be empty: the position still moves.

    `points_refused` and `rejections` (refused points and operations by code) only count, for the writer's tally.
    """

    run_id: str
    writer: str
    last_seq: int
    writes: tuple[PointWrite, ...]
    points_refused: int = 0
    rejections: dict[str, int] = {}


def points_of_batch(batch: PointBatch) -> int:
    """Return how many points a batch writes."""
    return sum(len(write.points.steps) for write in batch.writes if isinstance(write, (WritePoints, WriteFloats)))


def writes_apart(writes: Iterable[PointWrite]) -> Iterator[WritePoints | DropSeries | CutSeries]:
    """Yield the writes, those of `WriteFloats` one by one."""
    for write in writes:
        if isinstance(write, WriteFloats):
            yield from write.apart()
        else:
            yield write
