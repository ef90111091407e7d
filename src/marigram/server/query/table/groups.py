"""Groups of rows that have the same at some paths, and numbers over each group. Pure.

Numbers are one group if they are equal, whatever their kind; a set is one with the set that has the same strings. Texts
of which only a beginning is kept are one if that is the same. Rows that have nothing at a path are a group too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Kind, Value
from marigram.server.query.table.column import NOTHING, NUMBER_OF_KIND, Column, Other

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NUMBERS = [NUMBER_OF_KIND[kind] for kind in (Kind.INT, Kind.FLOAT, Kind.FLOAT_SERIES)]


class Keys(msgspec.Struct, frozen=True):
    """What rows have at one path: per row a place in `values`, which are in order; None, for nothing, is the last."""

    places: NDArray[np.int64]
    values: list[Value | None]


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """Per group how many rows have a number, and over those the mean, minimum and maximum; NaN if none has."""

    count: NDArray[np.int64]
    mean: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]


class Groups(msgspec.Struct, frozen=True):
    """Groups in order of their keys.

    Attributes:
        of_row: the group of each row.
        first: one row of each group, as a place among the rows.
        run_count: rows in each.
    """

    of_row: NDArray[np.int64]
    first: NDArray[np.int64]
    run_count: NDArray[np.int64]

    def numbers(self, each: NDArray[np.float64]) -> Numbers:
        """Return numbers over the groups, of one number per row; NaN is none."""
        groups = len(self.first)
        has = ~np.isnan(each)
        of_row, numbers = self.of_row[has], each[has]
        count = np.bincount(of_row, minlength=groups)
        low, high = np.full(groups, np.inf), np.full(groups, -np.inf)
        np.minimum.at(low, of_row, numbers)
        np.maximum.at(high, of_row, numbers)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.bincount(of_row, weights=numbers, minlength=groups) / count
        empty = count == 0
        low[empty] = high[empty] = np.nan
        return Numbers(count=count, mean=mean, min=low, max=high)


def grouped(keys: Sequence[Keys], rows: int) -> Groups:
    """Return the groups of so many rows that have the same keys."""
    of_row = np.zeros(rows, np.int64)
    for key in keys:
        # Made dense each time, so that the product can't overflow.
        _, of_row = np.unique(of_row * len(key.values) + key.places, return_inverse=True)
    _, first, run_count = np.unique(of_row, return_index=True, return_counts=True)
    return Groups(of_row, first, run_count)


def number_keys(numbers: NDArray[np.float64]) -> Keys:
    """Return the keys of plain numbers; NaN is nothing."""
    different, places = np.unique(numbers, return_inverse=True)
    values: list[Value | None] = [None if np.isnan(each) else _number(each) for each in different.tolist()]
    return Keys(places, values if values and values[-1] is None else [*values, None])


def moment_keys(milliseconds: NDArray[np.int64]) -> Keys:
    """Return the keys of moments."""
    different, places = np.unique(milliseconds, return_inverse=True)
    return Keys(places, [*(_EPOCH + timedelta(milliseconds=each) for each in different.tolist()), None])


def column_keys(column: Column, series: NDArray[np.float64] | None, rows: NDArray[np.int64]) -> Keys:
    """Return the keys of what some rows of a column have; `series` are numbers for rows that have a series there."""
    kind, number = column.kind[rows], column.number[rows]
    code = np.full(len(rows), NOTHING, np.int32) if column.code is None else column.code[rows]
    is_number = np.isin(kind, _NUMBERS) & (code == NOTHING)
    if series is not None:
        number = np.where(np.isnan(series[rows]), number, series[rows])
        is_number |= ~np.isnan(series[rows])
    places = np.full(len(rows), NOTHING, np.int64)
    values: list[Value | None] = []

    def add(chosen: NDArray[np.bool_], found: Sequence[Value], at: NDArray[np.int64]) -> None:
        places[chosen] = len(values) + at
        values.extend(found)

    is_bool = kind == NUMBER_OF_KIND[Kind.BOOL]
    is_moment = kind == NUMBER_OF_KIND[Kind.DATETIME]
    different, at = np.unique(number[is_bool], return_inverse=True)
    add(is_bool, [bool(each) for each in different.tolist()], at)
    different, at = np.unique(number[is_number], return_inverse=True)
    add(is_number, [_number(each) for each in different.tolist()], at)
    different, at = np.unique(number[is_moment], return_inverse=True)
    add(is_moment, [_EPOCH + timedelta(milliseconds=each) for each in different.tolist()], at)
    coded = code != NOTHING
    codes, at = np.unique(code[coded], return_inverse=True)
    others = [column.values[int(each)] for each in codes]
    in_order = sorted(range(len(others)), key=lambda each: _order(others[each]))
    rank = np.empty(len(codes), np.int64)
    rank[in_order] = np.arange(len(codes))
    add(coded, [others[each] for each in in_order], rank[at])
    places[places == NOTHING] = len(values)
    return Keys(places, [*values, None])


def _number(number: float) -> int | float:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _order(value: Other) -> tuple[int, float, str]:
    if isinstance(value, int):
        return 0, float(value), ""
    return 1, 0.0, (value if isinstance(value, str) else " ".join(sorted(value))).lower()
