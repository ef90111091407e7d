"""From MLflow's filter of runs to ours. Pure.

What columns in memory can answer becomes a `Filter`. The rest, `late`, is about what is known of each run that passes
it: its id, its times, where its artifacts are, and its data sets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from marigram.model import Kind, Path
from marigram.model.value import VALUE_KINDS
from marigram.server.protocols.mlflow.clauses import (
    LISTS,
    NULL_TESTS,
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Clause,
    check_operator,
    check_texts,
    clauses_of,
    holds,
)
from marigram.server.protocols.mlflow.errors import invalid
from marigram.server.protocols.mlflow.places import (
    NAME,
    OWNER,
    metric_path,
    native_path,
    param_path,
    tag_path,
)
from marigram.server.query import And, Compare, Comparison, Filter, Has, Literal, Not, OneOf, Or

STATE = Path("sys/state")
STATES = {
    "RUNNING": ("running", "stalled"),
    "FINISHED": ("finished",),
    "FAILED": ("failed", "crashed"),
    "KILLED": ("stopped",),
    "SCHEDULED": (),
}
"""The states that a run of ours has where MLflow's has a status."""

METRIC_WORDS = frozenset({"metric", "metrics"})
PARAM_WORDS = frozenset({"param", "params", "parameter", "parameters"})
TAG_WORDS = frozenset({"tag", "tags"})
ATTRIBUTE_WORDS = frozenset({"", "attr", "attribute", "attributes", "run"})
DATASET_WORDS = frozenset({"dataset", "datasets"})

NUMBER_ATTRIBUTES = frozenset({"start_time", "end_time"})
TEXT_ATTRIBUTES = frozenset({"run_id", "run_name", "status", "artifact_uri", "user_id"})
DATASET_KEYS = frozenset({"name", "digest", "context"})
_ATTRIBUTE_NAMES = {"created": "start_time", "run name": "run_name"}

_COMPARISONS = {
    "=": Comparison.EQUAL,
    ">": Comparison.MORE,
    ">=": Comparison.AT_LEAST,
    "<": Comparison.LESS,
    "<=": Comparison.AT_MOST,
    "LIKE": Comparison.LIKE,
    "ILIKE": Comparison.ILIKE,
}
_SERIES = frozenset({Kind.FLOAT_SERIES})


class RunFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of runs.

    Attributes:
        wanted: what columns can answer.
        late: what is looked at afterwards; all of it has to hold.
    """

    wanted: Filter
    late: tuple[Clause, ...]


def attribute_name(key: str) -> str:
    """Return MLflow's own name of an attribute of runs that may be written in several ways."""
    return _ATTRIBUTE_NAMES.get(key.lower(), key)


def run_filter(text: str | None) -> RunFilter:
    """Return what a filter wants.

    Raises:
        MlflowError: it is no filter, or compares what can't be compared so.
    """
    terms: list[Filter] = []
    late: list[Clause] = []
    for clause in clauses_of(text):
        if clause.entity in METRIC_WORDS:
            terms.append(_metric(clause))
        elif clause.entity in PARAM_WORDS:
            terms.append(_text(clause, param_paths(clause.key)))
        elif clause.entity in TAG_WORDS:
            terms.append(_text(clause, [tag_path(clause.key)]))
        elif clause.entity in DATASET_WORDS:
            late.append(_dataset(clause))
        elif clause.entity in ATTRIBUTE_WORDS:
            term = _attribute(clause)
            if isinstance(term, Clause):
                late.append(term)
            else:
                terms.append(term)
        else:
            message = (
                f"Invalid entity type '{clause.entity}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', "
                "'dataset']"
            )
            raise invalid(message)
    return RunFilter(wanted=And(tuple(terms)), late=tuple(late))


def metric_paths(key: str) -> list[Path]:
    """Return where a metric may be: where MLflow's clients put it, and where a native client may have."""
    return _both(metric_path(key), native_path(key))


def param_paths(key: str) -> list[Path]:
    """Return where a parameter may be."""
    return _both(param_path(key), native_path(key))


def _both(own: Path, native: Path | None) -> list[Path]:
    return [own] if native is None else [own, native]


def _metric(clause: Clause) -> Filter:
    if clause.operator in NULL_TESTS:
        raise _no_null_test(clause)
    check_operator(clause, NUMBER_OPERATORS)
    number = clause.value
    if isinstance(number, str):
        message = f"Expected numeric value type for metric. Found {number}"
        raise invalid(message)
    # SQL's numbers end where a float's do.
    literal = Literal(text=str(number), number=float(number) if abs(number) < math.inf else number)
    return _any(metric_paths(clause.key), clause.operator, literal, _SERIES)


def _text(clause: Clause, paths: Sequence[Path]) -> Filter:
    if clause.operator in NULL_TESTS:
        there = Or(tuple(Has(path=path, kinds=VALUE_KINDS) for path in paths))
        return there if clause.operator == "IS NOT NULL" else Not(there)
    check_operator(clause, TEXT_OPERATORS)
    check_texts(clause)
    return _any(paths, clause.operator, literal_of_text(str(clause.value)), VALUE_KINDS)


def literal_of_text(text: str) -> Literal:
    """Return what a text stands for: itself, and the number or truth that a native client may have logged."""
    try:
        number = float(text)
    except ValueError:
        number = None
    truth = {"true": True, "false": False}.get(text.lower())
    return Literal(text=text, number=number, truth=truth)


def _any(paths: Sequence[Path], operator: str, literal: Literal, kinds: frozenset[Kind]) -> Filter:
    """Return that what is at one of the paths compares so; `!=` wants something to be there."""
    if operator == "!=":
        return Or(
            tuple(
                And(
                    (
                        Has(path=path, kinds=kinds),
                        Not(Compare(path=path, comparison=Comparison.EQUAL, literal=literal, kinds=kinds)),
                    )
                )
                for path in paths
            )
        )
    comparison = _COMPARISONS[operator]
    return Or(tuple(Compare(path=path, comparison=comparison, literal=literal, kinds=kinds) for path in paths))


def _attribute(clause: Clause) -> Filter | Clause:
    """Return the clause as a filter, or itself under MLflow's own name if it is for later."""
    name = attribute_name(clause.key)
    if clause.operator in NULL_TESTS:
        raise _no_null_test(clause)
    if name in NUMBER_ATTRIBUTES:
        check_operator(clause, NUMBER_OPERATORS)
        if isinstance(clause.value, str):
            message = f"Expected numeric value type for numeric attribute: {name}. Found {clause.value}"
            raise invalid(message)
        return msgspec.structs.replace(clause, key=name)
    if name not in TEXT_ATTRIBUTES:
        known = sorted(NUMBER_ATTRIBUTES | TEXT_ATTRIBUTES)
        message = f"Invalid attribute key '{clause.key}' specified. Valid keys are {known}"
        raise invalid(message)
    check_operator(clause, TEXT_OPERATORS | LISTS if name == "run_id" else TEXT_OPERATORS)
    check_texts(clause)
    texts = frozenset(str(value) for value in clause.values)
    match name, clause.operator:
        case "run_id", "=" | "IN":
            return OneOf(texts)
        case "run_id", "!=" | "NOT IN":
            return Not(OneOf(texts))
        case "status", _:
            states = [state for status, states in STATES.items() if holds(clause, status) for state in states]
            return Or(tuple(_is_state(state) for state in states))
        case "run_name" | "user_id", operator:
            path = NAME if name == "run_name" else OWNER
            return _any([path], operator, Literal(text=str(clause.value)), frozenset({Kind.STRING}))
        case _:
            return msgspec.structs.replace(clause, key=name)


def _is_state(state: str) -> Filter:
    return Compare(path=STATE, comparison=Comparison.EQUAL, literal=Literal(text=state))


def _dataset(clause: Clause) -> Clause:
    if clause.key not in DATASET_KEYS:
        message = f"Invalid dataset key '{clause.key}' specified. Valid keys are {sorted(DATASET_KEYS)}"
        raise invalid(message)
    check_operator(clause, TEXT_OPERATORS | LISTS)
    check_texts(clause)
    return clause


def _no_null_test(clause: Clause) -> Exception:
    message = (
        "IS NULL / IS NOT NULL is only supported for tags and params, "
        f"not for '{clause.entity or 'attribute'}' '{clause.key}'"
    )
    return invalid(message)
