"""Filters as SQL conditions on a row of `run`. Pure; says what `filter.value_holds` says.

Each condition is 0 or 1 and never NULL, so that NOT means what it says.
"""

from __future__ import annotations

import math

import msgspec
from typing_extensions import assert_never

from marigram.model import Kind
from marigram.server.store.meta.filter import (
    ORDERINGS,
    OWN_KINDS,
    RUNNING_TIME,
    And,
    Compare,
    Comparison,
    Filter,
    Has,
    Not,
    OneOf,
    Or,
    orders_text,
)

_HAD = (
    "EXISTS (SELECT 1 FROM attribute_value AS had JOIN attribute ON attribute.id = had.attribute"
    " WHERE had.run = run.id AND attribute.project = run.project AND attribute.path = ? AND ({}))"
)
_RUNNING_SECONDS = "((COALESCE(run.ended_at, run.heard_at) - run.created_at) / 1000.0)"
_FALSE = "0"

Condition = tuple[str, list[object]]


def condition(wanted: Filter) -> Condition:
    """Return the SQL and the values to bind."""
    match wanted:
        case Compare(path=path, kinds=kinds):
            if path not in OWN_KINDS:
                return _compare(wanted)
            if kinds is not None and OWN_KINDS[path] not in kinds:
                return _FALSE, []
            return _own_number(wanted) if path == RUNNING_TIME else _trashed(wanted)
        case Has(path=path, kinds=kinds):
            if path in OWN_KINDS:
                return str(int(kinds is None or OWN_KINDS[path] in kinds)), []
            if kinds is None:
                return _HAD.format("1"), [path]
            names = sorted(kind.value for kind in kinds)
            return _HAD.format(f"attribute.kind IN ({', '.join('?' * len(names))})"), [path, *names]
        case OneOf(run_ids):
            ids = msgspec.json.encode(sorted(run_ids)).decode()
            return "run.run_id IN (SELECT value FROM json_each(?))", [ids]
        case Not(term):
            text, values = condition(term)
            return f"NOT ({text})", values
        case And(terms):
            return _joined(terms, " AND ", empty="1")
        case Or(terms):
            return _joined(terms, " OR ", empty=_FALSE)
        case _:
            assert_never(wanted)


def _joined(terms: tuple[Filter, ...], word: str, *, empty: str) -> Condition:
    parts = [condition(term) for term in terms]
    text = word.join(f"({part})" for part, _ in parts) or empty
    return text, [value for _, values in parts for value in values]


def _compare(wanted: Compare) -> Condition:
    """Return one alternative per kind that could compare so."""
    alternatives: list[str] = []
    values: list[object] = [wanted.path]
    for kind in (Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.DATETIME, Kind.STRING, Kind.STRING_SET):
        if wanted.kinds is not None and kind not in wanted.kinds:
            continue
        test = _test(wanted, kind)
        if test is not None:
            alternatives.append(f"(attribute.kind = '{kind.value}' AND {test[0]})")
            values.append(test[1])
    if not alternatives:
        return _FALSE, []
    return _HAD.format(" OR ".join(alternatives)), values


def _test(wanted: Compare, kind: Kind) -> tuple[str, object] | None:
    """Return what a value of the kind must pass, and the one value to bind; None if none can."""
    literal, comparison = wanted.literal, wanted.comparison
    ordering = comparison in ORDERINGS
    number = f"had.number {comparison.value} ?"
    match kind:
        case Kind.BOOL if comparison is Comparison.EQUAL and literal.truth is not None:
            return number, int(literal.truth)
        case Kind.INT | Kind.FLOAT if ordering and literal.number is not None:
            if math.isnan(literal.number):  # kept as text, see columns.py
                return ("had.text = ?", "NaN") if kind is Kind.FLOAT and comparison is Comparison.EQUAL else None
            return number, literal.number
        case Kind.DATETIME if ordering and literal.moment is not None:
            return number, literal.moment
        case Kind.STRING:
            return _text_test(wanted)
        case Kind.STRING_SET if comparison in {Comparison.EQUAL, Comparison.CONTAINS}:
            return "EXISTS (SELECT 1 FROM json_each(had.text) AS member WHERE member.value = ?)", literal.text
        case _:
            return None


def _text_test(wanted: Compare) -> tuple[str, object] | None:
    match wanted.comparison:
        case Comparison.CONTAINS:
            return "instr(had.text, ?) > 0", wanted.literal.text
        case Comparison.MATCHES:
            return "matches(?, had.text)", wanted.literal.text
        case Comparison.LIKE | Comparison.ILIKE:
            return f"is_{wanted.comparison.value.lower()}(?, had.text)", wanted.literal.text
        case Comparison.EQUAL:
            return "had.text = ?", wanted.literal.text
        case comparison:
            return (f"had.text {comparison.value} ?", wanted.literal.text) if orders_text(wanted) else None


def _own_number(wanted: Compare) -> Condition:
    number = wanted.literal.number
    if wanted.comparison not in ORDERINGS or number is None or math.isnan(number):
        return _FALSE, []
    return f"{_RUNNING_SECONDS} {wanted.comparison.value} ?", [number]


def _trashed(wanted: Compare) -> Condition:
    if wanted.comparison is not Comparison.EQUAL or wanted.literal.truth is None:
        return _FALSE, []
    return "(run.trashed_at IS NOT NULL) = ?", [int(wanted.literal.truth)]
