"""Points of a series, held as columns, and the buckets that charts draw.

A step is any finite float64. A time is whole milliseconds since 1970-01-01 UTC. For one series and step the last
write wins; order of arrival does not matter otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from marigram.model.file import File
from marigram.model.histogram import Histogram


class FloatPoints(msgspec.Struct, frozen=True, kw_only=True):
    """Points of a float series; the three columns have one length.

    The columns may be lists, `array.array`, memoryviews or NumPy arrays of float64, int64 and float64: anything that
    `numpy.asarray` takes without guessing.
    """

    steps: Sequence[float]
    times: Sequence[int]
    values: Sequence[float]


class StringPoints(msgspec.Struct, frozen=True, kw_only=True):
    """Points of a string series; the three columns have one length."""

    steps: Sequence[float]
    times: Sequence[int]
    values: Sequence[str]


class FilePoints(msgspec.Struct, frozen=True, kw_only=True):
    """Points of a file series, for example images; the three columns have one length."""

    steps: Sequence[float]
    times: Sequence[int]
    values: Sequence[File]


class HistogramPoints(msgspec.Struct, frozen=True, kw_only=True):
    """Points of a histogram series; the three columns have one length."""

    steps: Sequence[float]
    times: Sequence[int]
    values: Sequence[Histogram]


Points = FloatPoints | StringPoints | FilePoints | HistogramPoints


class Ancestor(msgspec.Struct, frozen=True, kw_only=True):
    """A run whose points up to `last_step`, included, count as those of the run that was forked from it.

    Where several runs have a point at one step, the run itself wins, then its nearest ancestor.
    """

    run_id: str
    last_step: float


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """A downsampled stretch of a float series, `[step_first, step_last]`, both included.

    `first`, `last` are the values at the ends as they were logged. `min`, `max`, `mean` are over finite values alone
    and NaN if there are none. `count` counts all points, `nan_count` and `inf_count` those that are not finite.
    """

    step_first: float
    step_last: float
    time_first: int
    time_last: int
    first: float
    last: float
    min: float
    max: float
    mean: float
    count: int
    nan_count: int
    inf_count: int
