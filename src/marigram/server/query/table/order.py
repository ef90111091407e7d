"""The order of rows, a page of them, and the cursor that goes on after a row. Pure.

A cursor says what its last row was sorted by and the row's number. So a page goes on behind that place whatever was
added, changed or removed since: no run that stayed where it was is shown twice or left out.
"""

from __future__ import annotations

import base64
import binascii
import sys
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.server.query.table.column import Column
from marigram.server.query.table.ordered import TextOrder

if TYPE_CHECKING:
    from numpy.typing import NDArray

Place = float | str | None
"""What a row is sorted by; None if it has nothing there."""

_LARGEST = sys.float_info.max
_NOTHING = np.inf
_FEW = 4
"""A page that is less than one of so many parts of the rows is found without sorting them all."""


class SortKey(msgspec.Struct, frozen=True):
    """One key of an order, ready to sort by.

    Attributes:
        ranks: per row; the smaller comes first, infinity is for rows that have nothing.
        rank_of: where a place of a cursor stands among them.
        place_of: what a cursor says of a row.
    """

    ranks: NDArray[np.float64]
    rank_of: Callable[[Place], float]
    place_of: Callable[[int], Place]


class Continuation(msgspec.Struct, frozen=True, array_like=True):
    """Behind which row a page begins: in which order, what the row was sorted by, and the run's number."""

    order: str
    places: tuple[Place, ...]
    number: int


def number_key(numbers: NDArray[np.float64], *, descending: bool) -> SortKey:
    """Return the key of numbers; NaN is nothing. Infinities stand beside the largest floats."""
    sign = -1.0 if descending else 1.0

    def rank_of(place: Place) -> float:
        if place is None:
            return _NOTHING
        # Texts come after numbers; there are none any more if one is asked for.
        return sign * (_LARGEST if isinstance(place, str) else min(max(place, -_LARGEST), _LARGEST))

    def place_of(row: int) -> Place:
        return None if np.isnan(numbers[row]) else float(np.clip(numbers[row], -_LARGEST, _LARGEST))

    ranks = sign * np.clip(numbers, -_LARGEST, _LARGEST)
    ranks[np.isnan(ranks)] = _NOTHING
    return SortKey(ranks, rank_of, place_of)


def column_key(
    column: Column | TextOrder, series: NDArray[np.float64] | None, *, descending: bool, empty_is_nothing: bool = False
) -> SortKey:
    """Return the key of what a column holds: numbers first, then texts, whatever their case; sets are nothing.

    Args:
        column: the values at a path.
        series: what stands for the series at the same path, for runs that have one.
        descending: whether the largest comes first.
        empty_is_nothing: whether an empty text counts as nothing.
    """
    numbers: NDArray[np.float64] = np.array(column.number)
    if series is not None:
        numbers = np.where(np.isnan(series), numbers, series)
    if isinstance(column, Column):
        if column.code is None:
            return number_key(numbers, descending=descending)
        for code, value in enumerate(column.values) if not column.only_texts else ():
            if isinstance(value, int):
                numbers[column.code == code] = float(value)
    different = np.unique(numbers[~np.isnan(numbers)])
    texts, place = column.ordered()
    if empty_is_nothing and texts and not texts[0]:
        place[place == 0] = np.nan
    sign = -1.0 if descending else 1.0
    ranks = np.where(np.isnan(place), np.searchsorted(different, numbers), len(different) + place)
    ranks = np.where(np.isnan(numbers) & np.isnan(place), _NOTHING, sign * ranks)

    def rank_of(sought: Place) -> float:
        if sought is None:
            return _NOTHING
        known: Sequence[float] | Sequence[str]
        known, before = (texts, len(different)) if isinstance(sought, str) else (different.tolist(), 0)
        at = bisect_left(known, sought)  # pyright: ignore[reportArgumentType] - both are of one type, see above
        exactly = at < len(known) and known[at] == sought
        return sign * (before + at - (0.0 if exactly else 0.5))

    def place_of(row: int) -> Place:
        if not np.isnan(numbers[row]):
            return float(np.clip(numbers[row], -_LARGEST, _LARGEST))
        return None if np.isnan(place[row]) else texts[int(place[row])]

    return SortKey(ranks, rank_of, place_of)


def behind(
    keys: Sequence[SortKey], numbers: NDArray[np.int64], rows: NDArray[np.int64], last: Continuation
) -> NDArray[np.int64]:
    """Return those of the rows that come after the one where a page ended; `numbers` are of all rows."""
    after = np.zeros(len(rows), np.bool_)
    equal = np.ones(len(rows), np.bool_)
    for key, place in zip(keys, last.places, strict=True):
        rank, ranks = key.rank_of(place), key.ranks[rows]
        after |= equal & (ranks > rank)
        equal &= ranks == rank
    return rows[after | (equal & (numbers[rows] < last.number))]


def first_rows(keys: Sequence[SortKey], rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the first `count` rows in order; the newest first where keys are equal. `rows` are in rising order."""
    if not keys:
        return rows[::-1][:count]
    if 0 < count < len(rows) // _FEW:
        ranks = keys[0].ranks[rows]
        limit = np.partition(ranks, count - 1)[count - 1]
        rows = rows[ranks <= limit]
    rows = rows[::-1]
    for key in reversed(keys):
        rows = rows[np.argsort(key.ranks[rows], kind="stable")]
    return rows[:count]


def cursor_of(last: Continuation) -> str:
    """Return a continuation as text for an address."""
    return "." + base64.urlsafe_b64encode(msgspec.json.encode(last)).decode().rstrip("=")


def continuation_of(cursor: str) -> Continuation | None:
    """Return what `cursor_of` was given, None if this text is not from there."""
    body = cursor.removeprefix(".")
    if body == cursor or len(cursor) % 4 == 2:  # noqa: PLR2004 - no text of base64 has this length
        return None
    try:
        text = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(text, type=Continuation)
    except (binascii.Error, UnicodeError, ValueError, msgspec.MsgspecError):
        return None
