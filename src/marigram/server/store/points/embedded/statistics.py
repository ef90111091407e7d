"""Counts, extremes, mean and variance of float values; kept up to date as points arrive in order of step.

Only finite values enter minimum, maximum, mean and variance; NaN and infinities are counted apart. A `SeriesState` is
what the store keeps per series. It follows new points exactly as long as their steps are beyond all earlier ones.
When a point replaces or precedes another, the state is marked stale and is made anew from the points when it is asked
for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from marigram.model import File, Histogram, Kind
from marigram.server.store.points.answers import SeriesSummary
from marigram.server.store.points.embedded.columns import Columns, SeriesWrite, overlaid

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Reduced(msgspec.Struct, frozen=True, kw_only=True):
    """Stretches of values, one row each; `min`, `max` and `mean` are NaN where no value is finite."""

    count: NDArray[np.int64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    mean: NDArray[np.float64]
    nan_count: NDArray[np.int64]
    inf_count: NDArray[np.int64]


class SeriesState(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """A series' statistics. `squares` is the sum of squared deviations from `mean`; `position` is its last write's.

    Fields may only be added at the end, with a default: rows of older versions stay in the file. It holds nothing that
    could lead back to it, so the collector of cycles need not look at hundreds of thousands of them.
    """

    kind: Kind
    position: int
    stale: bool
    count: int
    first_step: float
    last_step: float
    last_time: int
    last: float | str | File | None
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    squares: float | None = None
    nan_count: int = 0
    inf_count: int = 0
    min_step: float | None = None
    max_step: float | None = None

    def lacks_steps(self) -> bool:
        """Return whether it has extremes of which it is not known where they are: an older version wrote it."""
        return (self.min is not None and self.min_step is None) or (self.max is not None and self.max_step is None)


def reduced(values: NDArray[np.float64], starts: NDArray[np.int64]) -> Reduced:
    """Reduce the stretches of `values` that begin at `starts`; none is empty and the first begins at 0."""
    if not len(starts):
        floats, ints = np.empty(0, dtype=np.float64), np.empty(0, dtype=np.int64)
        return Reduced(count=ints, min=floats, max=floats, mean=floats, nan_count=ints, inf_count=ints)
    count = np.diff(np.append(starts, len(values)))
    finite = np.isfinite(values)
    if bool(finite.all()):
        nan_count = np.zeros(len(starts), dtype=np.int64)
        low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
        return Reduced(
            count=count,
            min=low,
            max=high,
            mean=_means(values, starts, count, low, high),
            nan_count=nan_count,
            inf_count=np.zeros(len(starts), dtype=np.int64),
        )
    finite_count = np.add.reduceat(finite.astype(np.int64), starts)
    nan_count = np.add.reduceat(np.isnan(values).astype(np.int64), starts)
    none = finite_count == 0
    low = np.minimum.reduceat(np.where(finite, values, np.inf), starts)
    high = np.maximum.reduceat(np.where(finite, values, -np.inf), starts)
    mean = _means(np.where(finite, values, 0.0), starts, finite_count, low, high)
    for column in (low, high, mean):
        column[none] = np.nan
    return Reduced(
        count=count,
        min=low,
        max=high,
        mean=mean,
        nan_count=nan_count,
        inf_count=count - finite_count - nan_count,
    )


def _means(
    values: NDArray[np.float64],
    starts: NDArray[np.int64],
    finite_count: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the means of stretches whose values that are not finite were made zero, also where a sum overflows."""
    divisor = np.maximum(finite_count, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.add.reduceat(values, starts) / divisor
    if not bool(np.isfinite(mean).all()):
        count = np.diff(np.append(starts, len(values)))
        mean = np.add.reduceat(values / np.repeat(divisor, count), starts)
    # Rounding can put the mean of equal values next to them; charts draw it between minimum and maximum.
    return np.minimum(np.maximum(mean, low), high)


def squared_deviations(values: NDArray[np.float64], starts: NDArray[np.int64], inside: Reduced) -> NDArray[np.float64]:
    """Return the sums of squared deviations from the means of the stretches."""
    with np.errstate(over="ignore", invalid="ignore"):
        deviations = values - np.repeat(inside.mean, inside.count)
        squares = np.where(np.isfinite(values), deviations * deviations, 0.0)
        return np.add.reduceat(squares, starts)


def steps_of_extremes(
    steps: NDArray[np.float64], values: NDArray[np.float64], starts: NDArray[np.int64], inside: Reduced
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the first steps with the minimum and with the maximum of the stretches, NaN where nothing is finite."""
    some = np.flatnonzero(~np.isnan(inside.min))
    found: list[NDArray[np.float64]] = []
    for extremes in (inside.min, inside.max):
        rows = np.flatnonzero(values == np.repeat(extremes, inside.count))
        column = np.full(len(starts), np.nan)
        column[some] = steps[rows[np.searchsorted(rows, starts[some])]]
        found.append(column)
    return found[0], found[1]


def states_of(writes: Sequence[SeriesWrite], position: int) -> list[SeriesState]:
    """Return the state that each write alone would give its series."""
    if not writes:
        return []
    steps = np.concatenate([write.columns.steps for write in writes])
    starts = _starts(writes)
    rises = steps[1:] > steps[:-1]
    rises[starts[1:] - 1] = True
    if not bool(rises.all()):
        writes = [SeriesWrite(write.attribute, write.kind, overlaid([write.columns])) for write in writes]
    floats = [write for write in writes if write.kind is Kind.FLOAT_SERIES]
    rows = iter(_float_rows(floats))
    return [_state(write, position, next(rows) if write.kind is Kind.FLOAT_SERIES else _NOT_FLOAT) for write in writes]


_Row = tuple[Any, Any, Any, Any, Any, Any, int, int]
_NOT_FLOAT: _Row = (None, None, None, None, None, None, 0, 0)


def _float_rows(writes: Sequence[SeriesWrite]) -> list[_Row]:
    if not writes:
        return []
    values = np.concatenate([write.columns.values for write in writes])
    steps = np.concatenate([write.columns.steps for write in writes])
    starts = _starts(writes)
    inside = reduced(values, starts)
    numbers = (
        inside.min,
        inside.max,
        inside.mean,
        squared_deviations(values, starts, inside),
        *steps_of_extremes(steps, values, starts, inside),
        inside.nan_count,
        inside.inf_count,
    )
    rows: list[_Row] = list(zip(*(column.tolist() for column in numbers), strict=True))
    # Where nothing is finite the extremes are None, not the NaN that marks them in columns.
    return [(*_NOT_FLOAT[:6], *row[6:]) if math.isnan(row[0]) else row for row in rows]


def _starts(writes: Sequence[SeriesWrite]) -> NDArray[np.int64]:
    ends = np.cumsum([write.columns.steps.size for write in writes], dtype=np.int64)
    return np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))


def _state(write: SeriesWrite, position: int, row: _Row) -> SeriesState:
    columns = write.columns
    low, high, mean, squares, min_step, max_step, nan_count, inf_count = row
    last = columns.values[-1]
    return SeriesState(
        kind=write.kind,
        position=position,
        stale=False,
        count=columns.steps.size,
        first_step=float(columns.steps[0]),
        last_step=float(columns.steps[-1]),
        last_time=int(columns.times[-1]),
        last=float(last) if write.kind is Kind.FLOAT_SERIES else None if isinstance(last, Histogram) else last,
        min=low,
        max=high,
        mean=mean,
        squares=squares,
        nan_count=nan_count,
        inf_count=inf_count,
        min_step=min_step,
        max_step=max_step,
    )


def advanced(old: SeriesState | None, new: SeriesState) -> SeriesState:
    """Return the state of a series after a write, from that before it and that of the write alone."""
    if old is None:
        return new
    replaces_last = new.first_step == old.last_step and new.kind is not Kind.FLOAT_SERIES
    if old.stale or not (new.first_step > old.last_step or replaces_last):
        return msgspec.structs.replace(old, stale=True, position=new.position)
    low, high, mean, squares = _merged(old, new)
    return SeriesState(
        kind=new.kind,
        position=new.position,
        stale=False,
        count=old.count + new.count - replaces_last,
        first_step=old.first_step,
        last_step=new.last_step,
        last_time=new.last_time,
        last=new.last,
        min=low,
        max=high,
        mean=mean,
        squares=squares,
        nan_count=old.nan_count + new.nan_count,
        inf_count=old.inf_count + new.inf_count,
        min_step=old.min_step if low == old.min else new.min_step,
        max_step=old.max_step if high == old.max else new.max_step,
    )


def shortened(old: SeriesState | None, after_step: float, position: int) -> SeriesState | None:
    """Return the state of a series after its points beyond a step were removed, from that before it."""
    if old is None or (not old.stale and old.first_step > after_step):
        return None
    if not old.stale and old.last_step <= after_step:
        return old
    return msgspec.structs.replace(old, stale=True, position=position)


def _merged(old: SeriesState, new: SeriesState) -> tuple[float | None, float | None, float | None, float | None]:
    """Return minimum, maximum, mean and sum of squared deviations of two sets of values.

    The pairwise update of T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm for
    Computing Sample Variances", Stanford report STAN-CS-79-773 (1979), formulas 2.1.
    """
    if new.min is None or new.max is None or new.mean is None or new.squares is None:
        return old.min, old.max, old.mean, old.squares
    if old.min is None or old.max is None or old.mean is None or old.squares is None:
        return new.min, new.max, new.mean, new.squares
    n_old = old.count - old.nan_count - old.inf_count
    n_new = new.count - new.nan_count - new.inf_count
    n = n_old + n_new
    delta = new.mean - old.mean
    mean = old.mean + delta * (n_new / n)
    if not math.isfinite(mean):
        mean = old.mean * (n_old / n) + new.mean * (n_new / n)
    low, high = min(old.min, new.min), max(old.max, new.max)
    squares = old.squares + new.squares + delta * delta * n_old * (n_new / n)
    return low, high, min(max(mean, low), high), squares


def state_of(attribute: int, kind: Kind, columns: Columns, position: int) -> SeriesState | None:
    """Return the state of a series that has these points, in order of step; None if there are none."""
    if not len(columns):
        return None
    return states_of([SeriesWrite(attribute, kind, columns)], position)[0]


def summary_of(state: SeriesState) -> SeriesSummary:
    """Return a state that is not stale as the port's summary."""
    finite = state.count - state.nan_count - state.inf_count
    return SeriesSummary(
        count=state.count,
        first_step=state.first_step,
        last_step=state.last_step,
        last_time=state.last_time,
        last=state.last,
        min=state.min,
        max=state.max,
        mean=state.mean,
        variance=None if state.squares is None else state.squares / finite,
        nan_count=state.nan_count,
        inf_count=state.inf_count,
        min_step=state.min_step,
        max_step=state.max_step,
    )
