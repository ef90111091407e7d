"""Conditions over columns: which rows compare as wanted. Pure; says what `filter.value_holds` says."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import assert_never

from marigram.model import Kind
from marigram.server.query.table.column import KEPT_CHARACTERS, NOTHING, NUMBER_OF_KIND, Column, Other, TooBigError
from marigram.server.store.meta.filter import ORDERINGS, Compare, Comparison, orders_text, value_holds
from marigram.server.store.meta.pattern import like_of, matcher_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UFUNCS: dict[Comparison, Callable[[NDArray[np.float64], float], NDArray[np.bool_]]] = {
    Comparison.EQUAL: np.equal,
    Comparison.LESS: np.less,
    Comparison.AT_MOST: np.less_equal,
    Comparison.MORE: np.greater,
    Comparison.AT_LEAST: np.greater_equal,
}


def rows_that_compare(column: Column, wanted: Compare) -> NDArray[np.bool_]:
    """Return which runs have a value that compares as wanted; what a series has is not looked at.

    Raises:
        TooBigError: texts were shortened too much to tell.
    """
    literal, comparison = wanted.literal, wanted.comparison
    found = np.zeros(len(column.kind), np.bool_)
    for kind in (Kind.INT, Kind.FLOAT):
        if literal.number is not None and _allows(wanted, kind):
            found |= (column.kind == NUMBER_OF_KIND[kind]) & numbers_that_compare(
                column.number, comparison, literal.number, nan_counts=kind is Kind.FLOAT
            )
    if literal.truth is not None and comparison is Comparison.EQUAL and _allows(wanted, Kind.BOOL):
        found |= (column.kind == NUMBER_OF_KIND[Kind.BOOL]) & (column.number == literal.truth)
    if literal.moment is not None and _allows(wanted, Kind.DATETIME):
        found |= (column.kind == NUMBER_OF_KIND[Kind.DATETIME]) & numbers_that_compare(
            column.number, comparison, literal.moment, nan_counts=False
        )
    return found | _coded_that_compare(column, wanted)


def numbers_that_compare(
    numbers: NDArray[np.float64], comparison: Comparison, wanted: float, *, nan_counts: bool
) -> NDArray[np.bool_]:
    """Return which numbers compare so; an int beyond 53 bits is compared exactly. NaN equals NaN if it counts."""
    compare = _UFUNCS.get(comparison)
    if compare is None:
        return np.zeros(len(numbers), np.bool_)
    if math.isnan(wanted):
        both = nan_counts and comparison is Comparison.EQUAL
        return np.isnan(numbers) if both else np.zeros(len(numbers), np.bool_)
    rounded = float(wanted)
    found = compare(numbers, rounded)
    if rounded != wanted:
        found[numbers == rounded] = ORDERINGS[comparison](rounded, wanted)
    return found


def texts_that_compare(column: Column, wanted: Compare) -> NDArray[np.bool_]:
    """Return which runs have a text that compares as wanted, of whatever kind the column says it is.

    Raises:
        TooBigError: texts were shortened too much to tell.
    """
    return _coded(column, lambda value: isinstance(value, str), _text_test(wanted), wanted)


def _coded_that_compare(column: Column, wanted: Compare) -> NDArray[np.bool_]:
    test_text = _text_test(wanted)

    def holds(value: Other) -> bool:
        if isinstance(value, str):
            return test_text(value)
        return value_holds(wanted, Kind.INT if isinstance(value, int) else Kind.STRING_SET, value)

    def allowed(value: Other) -> bool:
        kind = Kind.STRING if isinstance(value, str) else Kind.INT if isinstance(value, int) else Kind.STRING_SET
        return _allows(wanted, kind)

    return _coded(column, allowed, holds, wanted)


def _coded(
    column: Column, allowed: Callable[[Other], bool], holds: Callable[[Other], bool], wanted: Compare
) -> NDArray[np.bool_]:
    """Test each different value once, and spread the answers over the rows."""
    if column.code is None:
        return np.zeros(len(column.kind), np.bool_)
    _require_enough_text(column, wanted)
    if column.only_texts and wanted.comparison is Comparison.EQUAL:
        code = column.code_of(wanted.literal.text)
        yes = code != NOTHING and allowed(wanted.literal.text)
        return column.code == code if yes else np.zeros(len(column.kind), np.bool_)
    answers = np.zeros(len(column.values) + 1, np.bool_)  # the last one is for NOTHING, which is -1
    if not column.only_texts:
        answers[:NOTHING] = [allowed(value) and holds(value) for value in column.values]
    elif allowed(""):
        answers[:NOTHING] = [holds(value) for value in column.values]
    return answers[column.code]


def _require_enough_text(column: Column, wanted: Compare) -> None:
    if not column.shortened or wanted.comparison is Comparison.MATCHES:
        return
    whole = {Comparison.CONTAINS, Comparison.LIKE, Comparison.ILIKE}
    if wanted.comparison in whole or len(wanted.literal.text) >= KEPT_CHARACTERS:
        raise TooBigError


def _text_test(wanted: Compare) -> Callable[[Other], bool]:
    text = wanted.literal.text
    match wanted.comparison:
        case Comparison.EQUAL:
            return lambda value: value == text
        case Comparison.CONTAINS:
            return lambda value: isinstance(value, str) and text in value
        case Comparison.MATCHES:
            # Texts are kept to the length that a pattern looks at.
            found_in = matcher_of(text)
            return lambda value: isinstance(value, str) and found_in(value)
        case Comparison.LIKE | Comparison.ILIKE:
            is_like = like_of(text, ignore_case=wanted.comparison is Comparison.ILIKE)
            return lambda value: isinstance(value, str) and is_like(value)
        case Comparison.LESS | Comparison.AT_MOST | Comparison.MORE | Comparison.AT_LEAST:
            order = ORDERINGS[wanted.comparison]
            if not orders_text(wanted):
                return lambda _: False
            return lambda value: isinstance(value, str) and order(value, text)
        case _:
            assert_never(wanted.comparison)


def _allows(wanted: Compare, kind: Kind) -> bool:
    return wanted.kinds is None or kind in wanted.kinds
