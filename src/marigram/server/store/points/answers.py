"""What the port of points answers beside points themselves: summaries, buckets, single values, and what is new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from marigram.model import File
from marigram.server.store.points.batch import PointWrite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class SeriesSummary(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A series in one line.

    `first_step`, `last_step` are the smallest and largest step; `last` and `last_time` belong to the largest. `min`,
    `max`, `mean` and `variance` (population) are over the finite values of a float series after last-write-wins, and
    None if there are none or the series is not of floats; `min_step` and `max_step` are the first steps with the
    minimum and the maximum. `last` is None for a histogram series.
    """

    count: int
    first_step: float
    last_step: float
    last_time: int
    last: float | str | File | None
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    variance: float | None = None
    nan_count: int = 0
    inf_count: int = 0
    min_step: float | None = None
    max_step: float | None = None


class SummaryColumns(msgspec.Struct, frozen=True, kw_only=True):
    """Summaries of one attribute's series in many runs, as columns of one length; see `SeriesSummary`.

    Attributes:
        there: bool, whether the run has or inherits points; where it has none, the other columns have None or NaN.
        last: what belongs to the largest step; None where a summary has None.
        first_step, last_step, count: float64, NaN where there are no points.
        min, max, mean, variance: float64, NaN where a summary has None.
        min_step, max_step: float64, NaN where a summary has None, and everywhere if they were not asked for.
    """

    there: NDArray[np.bool_]
    last: Sequence[float | str | File | None]
    first_step: NDArray[np.float64]
    last_step: NDArray[np.float64]
    count: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    min_step: NDArray[np.float64]
    max_step: NDArray[np.float64]


class FloatColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A float of each of many runs.

    Attributes:
        there: bool, whether the run has one.
        value: float64; NaN, which may be a value, too, where it has none.
    """

    there: NDArray[np.bool_]
    value: NDArray[np.float64]


class BucketColumns(msgspec.Struct, frozen=True, kw_only=True):
    """Buckets of one float series in order of step, as columns of one length; see `marigram.model.Bucket`.

    float64: step_first, step_last, first, last, min, max, mean. int64: time_first, time_last, count, nan_count,
    inf_count.
    """

    step_first: NDArray[np.float64]
    step_last: NDArray[np.float64]
    time_first: NDArray[np.int64]
    time_last: NDArray[np.int64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    mean: NDArray[np.float64]
    count: NDArray[np.int64]
    nan_count: NDArray[np.int64]
    inf_count: NDArray[np.int64]


class Tail(msgspec.Struct, frozen=True, kw_only=True):
    """What a run's series got after a position, each in order of arrival; one attribute may occur several times."""

    position: int
    writes: tuple[PointWrite, ...]
