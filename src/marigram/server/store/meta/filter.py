"""Which runs are wanted: a tree of conditions, and what each of them means.

`value_holds` is the specification of a comparison: an engine may answer with SQL, and a property test sees that it
answers the same. Pure. A condition on what a run does not have is false, whatever the comparison; negation is a node of
its own, so `x != 5` is `Not(Compare(x = 5))` and true for a run without `x`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from enum import Enum

import msgspec
from typing_extensions import assert_never

from marigram.model import Kind, Path, Value
from marigram.server.store.meta.pattern import like_of, matcher_of

MATCHED_CHARACTERS = 256
"""How much of a text a regular expression looks at: what names and parameters need, and a bound on its time."""

RUNNING_TIME = "sys/running_time"
TRASHED = "sys/trashed"
OWN_KINDS: Mapping[str, Kind] = {RUNNING_TIME: Kind.FLOAT, TRASHED: Kind.BOOL}
"""Paths that no run stores: seconds from creation to the end, or to the last sign of life; whether it is trashed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_INT64 = range(-(2**63), 2**63)


class Comparison(str, Enum):
    """How a value is compared with what was asked for."""

    EQUAL = "="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    CONTAINS = "CONTAINS"
    MATCHES = "MATCHES"
    LIKE = "LIKE"
    ILIKE = "ILIKE"


class Aggregate(str, Enum):
    """Which number stands for a series, by its name."""

    LAST = "last"
    MIN = "min"
    MAX = "max"
    AVERAGE = "average"
    VARIANCE = "variance"
    MIN_STEP = "min_step"
    MAX_STEP = "max_step"
    FIRST = "first"
    COUNT = "count"


class Best(str, Enum):
    """Which step of a series is its best: the first with its least or greatest value."""

    MIN = "min"
    MAX = "max"


class AtBest(msgspec.Struct, frozen=True, kw_only=True):
    """What stands for a series is its value at the best step of the series at `of`, or else that before the step."""

    best: Best
    of: Path


StandIn = Aggregate | AtBest
"""Which number stands for a series."""


def is_point(stand_in: StandIn) -> bool:
    """Return whether it is one of the series' points, which no other value can stand for."""
    return stand_in is Aggregate.FIRST or isinstance(stand_in, AtBest)


def named(path: str, stand_in: StandIn) -> str:
    """Return what stands for the series at a path as people write it: `min(loss)`, `accuracy@min(loss)`."""
    match stand_in:
        case AtBest(best=best, of=of):
            return f"{path}@{best.value}({of})"
        case Aggregate():
            return f"{stand_in.value}({path})"
        case _:
            assert_never(stand_in)


class Literal(msgspec.Struct, frozen=True, kw_only=True):
    """What a value is compared with, in every reading that its text allows.

    Attributes:
        text: as it was written, without quotes.
        number: None if it is no number; an int is within 64 bits.
        moment: milliseconds since 1970-01-01 UTC, None if it is no date and no duration.
        truth: None if it is neither true nor false.
    """

    text: str
    number: int | float | None = None
    moment: int | None = None
    truth: bool | None = None


class Compare(msgspec.Struct, frozen=True, kw_only=True):
    """What the run has at `path` compares so with `literal`; `kinds` None allows any kind."""

    path: Path
    comparison: Comparison
    literal: Literal
    kinds: frozenset[Kind] | None = None
    aggregate: StandIn = Aggregate.LAST


class Has(msgspec.Struct, frozen=True, kw_only=True):
    """The run has something at `path`, of one of `kinds` if they are given."""

    path: Path
    kinds: frozenset[Kind] | None = None


class OneOf(msgspec.Struct, frozen=True):
    """The run is one of these."""

    run_ids: frozenset[str]


class Not(msgspec.Struct, frozen=True):
    """The term does not hold."""

    term: Filter


class And(msgspec.Struct, frozen=True):
    """All terms hold; none of them: true."""

    terms: tuple[Filter, ...]


class Or(msgspec.Struct, frozen=True):
    """One of the terms holds."""

    terms: tuple[Filter, ...]


Filter = Compare | Has | OneOf | Not | And | Or

ORDERINGS: Mapping[Comparison, Callable[[int | float | str, int | float | str], bool]] = {
    Comparison.EQUAL: operator.eq,
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.MORE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
}


Look = Callable[[Path], tuple[Kind, Value | None] | None]
"""What a run has at a path: its kind, and its value unless it is a series or a file."""


def holds(wanted: Filter, run_id: str, look: Look) -> bool:
    """Return whether the run is wanted. Of a series it is only known that it is there: resolve comparisons before."""
    match wanted:
        case Compare(path=path):
            found = look(path)
            return found is not None and value_holds(wanted, *found)
        case Has(path=path, kinds=kinds):
            found = look(path)
            return found is not None and (kinds is None or found[0] in kinds)
        case OneOf(run_ids):
            return run_id in run_ids
        case Not(term):
            return not holds(term, run_id, look)
        case And(terms):
            return all(holds(term, run_id, look) for term in terms)
        case Or(terms):
            return any(holds(term, run_id, look) for term in terms)
        case _:
            assert_never(wanted)


def value_holds(compare: Compare, kind: Kind, value: Value | None) -> bool:
    """Return whether a value of this kind compares as wanted. A file or a series has no value and never does."""
    if value is None or (compare.kinds is not None and kind not in compare.kinds):
        return False
    literal = compare.literal
    match value:
        case bool():
            return compare.comparison is Comparison.EQUAL and literal.truth is value
        case int() | float():
            return number_holds(compare.comparison, stored_number(value), literal.number)
        case datetime():
            moment = value if value.tzinfo is not None else value.astimezone()
            milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
            order = ORDERINGS.get(compare.comparison)
            return order is not None and literal.moment is not None and order(milliseconds, literal.moment)
        case str():
            return _text_holds(compare, value)
        case frozenset():
            return compare.comparison in {Comparison.EQUAL, Comparison.CONTAINS} and literal.text in value
        case _:
            assert_never(value)


def number_holds(comparison: Comparison, value: int | float, wanted: int | float | None) -> bool:
    """Return whether a number compares so. NaN equals NaN here, because one looks for runs that have diverged."""
    order = ORDERINGS.get(comparison)
    if order is None or wanted is None:
        return False
    both_nan = value != value and wanted != wanted  # noqa: PLR0124 - only NaN differs from itself
    return order(value, wanted) or (both_nan and comparison is Comparison.EQUAL)


def stored_number(value: int | float) -> int | float:
    """Return a number as engines compare it: an int beyond 64 bits is a float."""
    return value if isinstance(value, float) or value in _INT64 else float(value)


def orders_text(compare: Compare) -> bool:
    """Return whether `<` and its like look at text too: not if a number or a date was meant, unless it was said so."""
    said = compare.kinds is not None and Kind.STRING in compare.kinds
    return said or (compare.literal.number is None and compare.literal.moment is None)


def text_matches(pattern: str, text: str) -> bool:
    """Return whether the pattern is found in the first `MATCHED_CHARACTERS` of the text.

    Raises:
        PatternError: it is no regular expression.
    """
    return matcher_of(pattern)(text[:MATCHED_CHARACTERS])


def _text_holds(compare: Compare, text: str) -> bool:
    wanted = compare.literal.text
    match compare.comparison:
        case Comparison.EQUAL:
            return text == wanted
        case Comparison.CONTAINS:
            return wanted in text
        case Comparison.MATCHES:
            return text_matches(wanted, text)
        case Comparison.LIKE | Comparison.ILIKE:
            return like_of(wanted, ignore_case=compare.comparison is Comparison.ILIKE)(text)
        case Comparison.LESS | Comparison.AT_MOST | Comparison.MORE | Comparison.AT_LEAST:
            return orders_text(compare) and ORDERINGS[compare.comparison](text, wanted)
        case _:
            assert_never(compare.comparison)
