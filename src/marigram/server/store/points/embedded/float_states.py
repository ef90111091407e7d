"""The statistics of a run's float series as rows of one table in RAM, brought up to date for a whole batch at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from marigram.model import Kind
from marigram.server.store.points.embedded.floats import FloatsWrite, in_order
from marigram.server.store.points.embedded.statistics import (
    SeriesState,
    reduced,
    shortened,
    squared_deviations,
    steps_of_extremes,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROW = np.dtype(
    [
        ("attribute", "i8"),
        ("position", "i8"),
        ("stale", "?"),
        ("unsaved", "?"),
        ("count", "i8"),
        ("first_step", "f8"),
        ("last_step", "f8"),
        ("last_time", "i8"),
        ("last", "f8"),
        ("min", "f8"),
        ("max", "f8"),
        ("mean", "f8"),
        ("squares", "f8"),
        ("nan_count", "i8"),
        ("inf_count", "i8"),
        ("min_step", "f8"),
        ("max_step", "f8"),
    ],
    align=True,
)
"""A count of 0 is a series that has no points; `min` is NaN where no value is finite, and `min_step` and `max_step` are
NaN then, too, or where the file has a state of an older version."""

_FIRST_ROWS = 16
_NANS = (np.nan, np.nan, np.nan, np.nan)

Rows = Any
"""An array of `_ROW`; NumPy's types do not know what its fields are."""


class FloatStates:
    """The table. Not thread-safe: `SeriesStates` has the lock."""

    def __init__(self) -> None:
        self._rows: Rows = np.zeros(_FIRST_ROWS, dtype=_ROW)
        self._places: dict[int, int] = {}
        self._last: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        """Return how many series are known, those without points too."""
        return len(self._places)

    def unknown(self, attributes: NDArray[np.int64]) -> list[int]:
        """Return those of the series of which nothing is known."""
        if self._last is not None and np.array_equal(self._last[0], attributes):
            return []
        places = self._places
        return [attribute for attribute in attributes.tolist() if attribute not in places]

    def learn(self, states: Iterable[tuple[int, SeriesState | None]]) -> None:
        """Take what the file has, None for nothing."""
        for attribute, state in states:
            self._put(self._place(attribute), state, unsaved=False)

    def state(self, attribute: int) -> SeriesState | None:
        """Return the state of a series, None if it has no points or nothing is known of it."""
        place = self._places.get(attribute)
        return None if place is None else _state(self._rows[place].item())

    def knows(self, attribute: int) -> bool:
        """Return whether it is known what the series has."""
        return attribute in self._places

    def position(self, attribute: int) -> int:
        """Return the position of the last write to a series that is known."""
        return int(self._rows[self._places[attribute]]["position"])

    def put(self, attribute: int, state: SeriesState | None) -> None:
        """Replace a state."""
        self._put(self._place(attribute), state, unsaved=True)

    def shorten(self, attribute: int, after_step: float | None, position: int) -> None:
        """Take the removal of points after a step into account; None: of all."""
        state = None if after_step is None else shortened(self.state(attribute), after_step, position)
        self.put(attribute, state)
        self._rows["position"][self._places[attribute]] = position

    def advance(self, write: FloatsWrite, position: int) -> None:
        """Take points into account, of series that are all known."""
        places = self._places_of(write.attributes)
        old = self._rows[places]
        new = _alone(in_order(write), position)
        follows = new["first_step"] > old["last_step"]
        fresh = old["count"] == 0
        if not bool(fresh.any()) and bool(follows.all()) and not bool(old["stale"].any()):
            self._rows[places] = _merged(old, new)
            return
        goes_on = follows & ~old["stale"] & ~fresh
        result = old.copy()
        result["stale"] = True
        result["unsaved"] = True
        result["position"] = position
        result[fresh] = new[fresh]
        result[goes_on] = _merged(old[goes_on], new[goes_on])
        self._rows[places] = result

    def unsaved(self) -> list[int]:
        """Return the series whose states are not in the file as they are here."""
        rows = self._rows[: len(self._places)]
        return rows["attribute"][rows["unsaved"]].tolist()

    def states(self, attributes: Sequence[int]) -> list[tuple[int, SeriesState | None]]:
        """Return those of the series that are known, each with its state, None if it has no points."""
        known = [attribute for attribute in attributes if attribute in self._places]
        rows = self._rows[[self._places[attribute] for attribute in known]]
        return [(attribute, _state(row)) for attribute, row in zip(known, rows.tolist(), strict=True)]

    def set_saved(self, attributes: Sequence[int], *, saved: bool) -> list[int]:
        """Note whether states are in the file, and return the series of which nothing is known."""
        places = [self._places[attribute] for attribute in attributes if attribute in self._places]
        self._rows["unsaved"][places] = not saved
        return [] if len(places) == len(attributes) else [each for each in attributes if each not in self._places]

    def keep_unsaved(self) -> None:
        """Forget what can be read from the file again."""
        rows = self._rows[: len(self._places)]
        kept = rows[rows["unsaved"]]
        self._rows = np.zeros(max(_FIRST_ROWS, len(kept)), dtype=_ROW)
        self._rows[: len(kept)] = kept
        self._places = {attribute: place for place, attribute in enumerate(kept["attribute"].tolist())}
        self._last = None

    def _places_of(self, attributes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of series that are known; most writes are to the same series as the one before."""
        last = self._last
        if last is None or not np.array_equal(last[0], attributes):
            places = np.array([self._places[attribute] for attribute in attributes.tolist()], dtype=np.int64)
            last = self._last = attributes, places
        return last[1]

    def _place(self, attribute: int) -> int:
        place = self._places.get(attribute)
        if place is None:
            place = len(self._places)
            if place == len(self._rows):
                self._rows = np.concatenate((self._rows, np.zeros(len(self._rows), dtype=_ROW)))
            self._places[attribute] = place
            self._rows["attribute"][place] = attribute
        return place

    def _put(self, place: int, state: SeriesState | None, *, unsaved: bool) -> None:
        attribute = self._rows["attribute"][place]
        if state is None:
            row: tuple[Any, ...] = (attribute, 0, False, unsaved, 0, 0, 0, 0, 0, *_NANS, 0, 0, *_NANS[:2])
        else:
            row = (
                attribute,
                state.position,
                state.stale,
                unsaved,
                state.count,
                state.first_step,
                state.last_step,
                state.last_time,
                state.last,
                *(np.nan if each is None else each for each in (state.min, state.max, state.mean, state.squares)),
                state.nan_count,
                state.inf_count,
                *(np.nan if each is None else each for each in (state.min_step, state.max_step)),
            )
        self._rows[place] = row


def _state(row: tuple[Any, ...]) -> SeriesState | None:
    _, position, stale, _, count, first, last_step, time, last, low, high, mean, squares, *others = row
    if not count:
        return None
    nans, infs, low_at, high_at = others
    none = low != low  # noqa: PLR0124 only NaN differs from itself
    return SeriesState(
        kind=Kind.FLOAT_SERIES,
        position=position,
        stale=stale,
        count=count,
        first_step=first,
        last_step=last_step,
        last_time=time,
        last=last,
        min=None if none else low,
        max=None if none else high,
        mean=None if none else mean,
        squares=None if none else squares,
        nan_count=nans,
        inf_count=infs,
        min_step=None if math.isnan(low_at) else low_at,
        max_step=None if math.isnan(high_at) else high_at,
    )


def _alone(write: FloatsWrite, position: int) -> Rows:
    """Return the states that the points alone would give their series; they are in order of step."""
    starts, ends = write.bounds[:-1], write.bounds[1:] - 1
    columns = write.columns
    inside = reduced(columns.values, starts)
    rows: Rows = np.empty(len(starts), dtype=_ROW)
    rows["attribute"] = write.attributes
    rows["position"] = position
    rows["stale"] = False
    rows["unsaved"] = True
    rows["count"] = inside.count
    rows["first_step"] = columns.steps[starts]
    rows["last_step"] = columns.steps[ends]
    rows["last_time"] = columns.times[ends]
    rows["last"] = columns.values[ends]
    rows["min"] = inside.min
    rows["max"] = inside.max
    rows["mean"] = inside.mean
    rows["squares"] = np.where(np.isnan(inside.min), np.nan, squared_deviations(columns.values, starts, inside))
    rows["nan_count"] = inside.nan_count
    rows["inf_count"] = inside.inf_count
    rows["min_step"], rows["max_step"] = steps_of_extremes(columns.steps, columns.values, starts, inside)
    return rows


def _merged(old: Rows, new: Rows) -> Rows:
    """Return the states of series after points beyond all that they had, by the formulas of `statistics.advanced`."""
    result = new.copy()
    result["count"] += old["count"]
    result["first_step"] = old["first_step"]
    result["nan_count"] += old["nan_count"]
    result["inf_count"] += old["inf_count"]
    n_old = (old["count"] - old["nan_count"] - old["inf_count"]).astype(np.float64)
    n_new = (new["count"] - new["nan_count"] - new["inf_count"]).astype(np.float64)
    some = (n_old > 0) & (n_new > 0)
    total = np.where(some, n_old + n_new, 1.0)
    low, high = np.fmin(old["min"], new["min"]), np.fmax(old["max"], new["max"])
    with np.errstate(over="ignore", invalid="ignore"):
        delta = new["mean"] - old["mean"]
        mean: Rows = old["mean"] + delta * (n_new / total)
        wide = old["mean"] * (n_old / total) + new["mean"] * (n_new / total)
        mean = np.minimum(np.maximum(_where(np.isfinite(mean), mean, wide), low), high)
        squares: Rows = old["squares"] + new["squares"] + delta * delta * n_old * (n_new / total)
    result["min"], result["max"] = low, high
    for name, extreme in (("min", low), ("max", high)):
        step = f"{name}_step"
        result[step] = _where(extreme == old[name], old[step], new[step])
    for name, of_both in (("mean", mean), ("squares", squares)):
        result[name] = _where(some, of_both, _where(n_new > 0, new[name], old[name]))
    return result


def _where(condition: NDArray[np.bool_], yes: Rows, no: Rows) -> NDArray[np.float64]:
    return np.choose(condition, (no, yes))
