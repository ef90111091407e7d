"""Short ways to write batches of points, and to read them back, for tests of point stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from marigram.model import File, FilePoints, FloatPoints, Histogram, HistogramPoints, Points, StringPoints
from marigram.server.store.points.batch import CutSeries, DropSeries, PointBatch, PointWrite, WritePoints
from marigram.server.store.points.port import PointStore

RUN = "a" * 32
OTHER_RUN = "b" * 32


class StepRange(TypedDict):
    """Steps to read, both ends included."""

    first_step: float
    last_step: float


EVERYWHERE: StepRange = {"first_step": float("-inf"), "last_step": float("inf")}


def floats(steps: Sequence[float], values: Sequence[float], times: Sequence[int] | None = None) -> FloatPoints:
    """Return float points; times count up from 1,000 unless given."""
    return FloatPoints(steps=steps, times=_times(steps) if times is None else times, values=values)


def strings(steps: Sequence[float], values: Sequence[str]) -> StringPoints:
    """Return string points; times count up from 1,000."""
    return StringPoints(steps=steps, times=_times(steps), values=values)


def files(steps: Sequence[float], names: Sequence[str]) -> FilePoints:
    """Return file points of the names; times count up from 1,000."""
    return FilePoints(steps=steps, times=_times(steps), values=[file(name) for name in names])


def histograms(steps: Sequence[float], counts: Sequence[Sequence[float]]) -> HistogramPoints:
    """Return histogram points with edges at whole numbers; times count up from 1,000."""
    values = [Histogram(edges=tuple(map(float, range(len(own) + 1))), counts=tuple(map(float, own))) for own in counts]
    return HistogramPoints(steps=steps, times=_times(steps), values=values)


def file(name: str) -> File:
    """Return some file of the name."""
    return File(sha256=name[0] * 64, filename=name, media_type="image/png", size=len(name), caption=None)


def _times(steps: Sequence[float]) -> list[int]:
    return list(range(1_000, 1_000 + len(steps)))


def write(attribute: int, points: Points) -> WritePoints:
    """Return a write to the series."""
    return WritePoints(attribute=attribute, points=points)


def drop(attribute: int) -> DropSeries:
    """Return a drop of the series."""
    return DropSeries(attribute=attribute)


def cut(attribute: int, after_step: float) -> CutSeries:
    """Return a cut of the series."""
    return CutSeries(attribute=attribute, after_step=after_step)


def batch(seq: int, *writes: PointWrite, run_id: str = RUN, writer: str = "w") -> PointBatch:
    """Return a batch that ends at `seq`."""
    return PointBatch(run_id=run_id, writer=writer, last_seq=seq, writes=writes)


def series(store: PointStore, attribute: int = 1, run_id: str = RUN) -> dict[float, float]:
    """Return a float series as steps and values; NaN does not equal itself in it."""
    points = store.floats(run_id, attribute, **EVERYWHERE)
    assert list(points.steps) == sorted(set(points.steps))
    return dict(zip(map(float, points.steps), map(float, points.values), strict=True))


def text(store: PointStore, attribute: int = 1, run_id: str = RUN) -> list[str]:
    """Return the values of a string series in order."""
    return list(store.strings(run_id, attribute, **EVERYWHERE).values)


def bits(values: object) -> bytes:
    """Return float64 values bit for bit, so that NaN payloads and minus zero count."""
    return np.asarray(values, dtype="<f8").tobytes()
