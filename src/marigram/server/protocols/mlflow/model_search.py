"""Searches for models: registered ones, their versions, and logged ones. Pure.

All that there are is looked at: a server has thousands of models, not millions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from marigram.model import LoggedMetric, LoggedModel, ModelVersion, RegisteredModel
from marigram.server.protocols.mlflow.clauses import (
    LISTS,
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Clause,
    check_operator,
    check_texts,
    clauses_of,
    holds,
    number_of_clause,
    orders_of,
)
from marigram.server.protocols.mlflow.errors import invalid
from marigram.server.protocols.mlflow.messages.logged_models import DatasetScope, ModelOrder
from marigram.server.protocols.mlflow.model_encode import STATUSES

PROMPT_TAG = "mlflow.prompt.is_prompt"
"""Prompts ride on the registry; they are found only by who asks for them."""

_ATTRIBUTE = frozenset({"", "attribute", "attributes", "attr"})
_TAG = frozenset({"tag", "tags"})
_VERSION_KEYS = {
    "name": "name",
    "version_number": "number",
    "version": "number",
    "creation_timestamp": "created_at",
    "last_updated_timestamp": "updated_at",
}
_MODEL_KEYS = {"name": "name", "timestamp": "updated_at", "last_updated_timestamp": "updated_at"}
_LOGGED_NUMBERS = {
    "creation_timestamp": "created_at",
    "creation_timestamp_ms": "created_at",
    "creation_time": "created_at",
    "last_updated_timestamp": "updated_at",
    "last_updated_timestamp_ms": "updated_at",
}
_NONE = frozenset[str]()
_LOGGED_TEXTS = frozenset({"name", "model_id", "model_type", "status", "source_run_id"})

_Item = TypeVar("_Item")


def found_models(
    models: Sequence[RegisteredModel], filter_text: str | None, order_by: Sequence[str]
) -> list[RegisteredModel]:
    """Return the registered models that a filter wants, in order.

    Raises:
        MlflowError: the filter or the order is none.
    """
    clauses = clauses_of(filter_text)
    for clause in clauses:
        _check_registry(clause, texts=frozenset({"name"}), numbers=_NONE, lists=frozenset({"name"}))
    prompts, clauses = _without_prompts(clauses)
    found = [
        model
        for model in models
        if (prompts or not is_prompt(model))
        and all(
            holds(clause, model.tags.get(clause.key) if clause.entity in _TAG else model.name) for clause in clauses
        )
    ]
    orders = orders_of(order_by, _MODEL_KEYS)
    return _in_order(found, [*orders, ("name", False)], getattr)


def found_versions(
    versions: Sequence[ModelVersion],
    models: Mapping[str, RegisteredModel],
    filter_text: str | None,
    order_by: Sequence[str],
) -> list[ModelVersion]:
    """Return the versions that a filter wants, in order; `models` says by name what they are versions of.

    Raises:
        MlflowError: the filter or the order is none.
    """
    clauses = tuple(
        number_of_clause(clause) if clause.key in {"version_number", "version"} else clause
        for clause in clauses_of(filter_text)
    )
    for clause in clauses:
        _check_registry(
            clause,
            texts=frozenset({"name", "run_id", "source_path"}),
            numbers=frozenset({"version_number", "version"}),
            lists=frozenset({"name", "run_id"}),
        )
    prompts, clauses = _without_prompts(clauses)
    found = [
        version
        for version in versions
        if (prompts or version.model not in models or not is_prompt(models[version.model]))
        and all(holds(clause, _of_version(version, clause)) for clause in clauses)
    ]
    orders = orders_of(order_by, _VERSION_KEYS) if order_by else [("updated_at", True)]
    return _in_order(
        found,
        [*orders, ("name", False), ("number", True)],
        lambda version, key: version.model if key == "name" else getattr(version, key),
    )


def found_logged(
    models: Sequence[LoggedModel],
    filter_text: str | None,
    datasets: Sequence[DatasetScope],
    order_by: Sequence[ModelOrder],
) -> list[LoggedModel]:
    """Return the logged models that a filter wants, in order; only what was measured on the data sets counts in it.

    Raises:
        MlflowError: the filter or the order is none, or a data set has no name.
    """
    if any(not scope.dataset_name for scope in datasets):
        message = "`dataset_name` in the `datasets` clause must be specified."
        raise invalid(message)
    clauses = [_logged_clause(clause) for clause in clauses_of(filter_text)]
    found = [model for model in models if _wanted(model, clauses, datasets)]
    ordered = sorted(found, key=lambda model: (-model.created_at, model.id))
    for order in reversed(order_by):
        look = _logged_key(order)
        having = [model for model in ordered if look(model) is not None]
        having.sort(key=lambda model: _sortable(look(model)), reverse=not order.ascending)
        ordered = [*having, *(model for model in ordered if look(model) is None)]
    return ordered


def is_prompt(model: RegisteredModel) -> bool:
    """Return whether a registered model is a prompt."""
    return model.tags.get(PROMPT_TAG, "").lower() == "true"


def _check_registry(clause: Clause, *, texts: frozenset[str], numbers: frozenset[str], lists: frozenset[str]) -> None:
    if clause.entity in _TAG:
        check_operator(clause, TEXT_OPERATORS)
        check_texts(clause)
    elif clause.entity not in _ATTRIBUTE:
        message = f"Invalid token type: {clause.entity}. Ask for an attribute or a tag."
        raise invalid(message)
    elif clause.key in numbers:
        check_operator(clause, NUMBER_OPERATORS)
    elif clause.key in texts:
        check_operator(clause, TEXT_OPERATORS | (LISTS if clause.key in lists else _NONE))
        check_texts(clause)
    else:
        message = f"Invalid attribute name: {clause.key}. Use one of {', '.join(sorted(texts | numbers))}."
        raise invalid(message)


def _without_prompts(clauses: Sequence[Clause]) -> tuple[bool, Sequence[Clause]]:
    """Return whether a filter asks for prompts, and what else it asks: models have no tag that says they are none."""
    asking = [clause for clause in clauses if clause.entity in _TAG and clause.key == PROMPT_TAG]
    prompts = any((each.operator, str(each.value).lower()) in {("=", "true"), ("!=", "false")} for each in asking)
    return prompts, clauses if prompts else [clause for clause in clauses if clause not in asking]


def _of_version(version: ModelVersion, clause: Clause) -> str | float | None:
    if clause.entity in _TAG:
        return version.tags.get(clause.key)
    match clause.key:
        case "name":
            return version.model
        case "run_id":
            return version.run_id
        case "source_path":
            return version.source
        case _:
            return version.number


def _logged_clause(clause: Clause) -> Clause:
    """Return a clause about logged models with its value as it is compared."""
    if clause.entity in {"metric", "metrics"} or (clause.entity in _ATTRIBUTE and clause.key in _LOGGED_NUMBERS):
        check_operator(clause, NUMBER_OPERATORS)
        return number_of_clause(clause)
    known = clause.entity in {*_TAG, "param", "params"} or (clause.entity in _ATTRIBUTE and clause.key in _LOGGED_TEXTS)
    if not known:
        message = f"Invalid attribute name: {clause.text}. Ask for an attribute, metrics, params or tags."
        raise invalid(message)
    check_operator(clause, TEXT_OPERATORS | LISTS)
    check_texts(clause)
    return clause


def _wanted(model: LoggedModel, clauses: Sequence[Clause], datasets: Sequence[DatasetScope]) -> bool:
    about_metrics = [clause for clause in clauses if clause.entity in {"metric", "metrics"}]
    if datasets and not about_metrics:
        return any(_measured_on(metric, scope) for metric in model.metrics for scope in datasets)
    for clause in clauses:
        if clause in about_metrics:
            # Any measurement will do, as of several steps or data sets.
            values = [
                metric.value
                for metric in model.metrics
                if metric.key == clause.key and (not datasets or any(_measured_on(metric, each) for each in datasets))
            ]
            if not any(holds(clause, value) for value in values):
                return False
        elif not holds(clause, _of_logged(model, clause)):
            return False
    return True


def _of_logged(model: LoggedModel, clause: Clause) -> str | float | None:
    if clause.entity in _TAG:
        return model.tags.get(clause.key)
    if clause.entity in {"param", "params"}:
        return model.params.get(clause.key)
    return _logged_attribute(model, clause.key)


def _logged_attribute(model: LoggedModel, key: str) -> str | float | None:
    if key in _LOGGED_NUMBERS:
        return model.created_at if _LOGGED_NUMBERS[key] == "created_at" else model.updated_at
    match key:
        case "name":
            return model.name
        case "model_id":
            return model.id
        case "model_type":
            return model.model_type
        case "status":
            return STATUSES[model.status].removeprefix("LOGGED_MODEL_")
        case _:
            return model.source_run_id


def _logged_key(order: ModelOrder) -> Callable[[LoggedModel], str | float | None]:
    """Return what looks up what to sort by."""
    entity, dot, key = order.field_name.partition(".")
    if not dot:
        if entity not in _LOGGED_TEXTS and entity not in _LOGGED_NUMBERS:
            message = f"Invalid order by field name: {order.field_name}"
            raise invalid(message)
        return lambda model: _logged_attribute(model, entity)
    if entity != "metrics":
        message = f"Invalid order by field name: {order.field_name}. Only metrics are supported."
        raise invalid(message)
    scope = DatasetScope(dataset_name=order.dataset_name or "", dataset_digest=order.dataset_digest)

    def latest(model: LoggedModel) -> float | None:
        having = [
            metric
            for metric in model.metrics
            if metric.key == key.strip("`") and (not scope.dataset_name or _measured_on(metric, scope))
        ]
        newest = max(having, key=lambda metric: (metric.time, metric.step), default=None)
        return None if newest is None else newest.value

    return latest


def _measured_on(metric: LoggedMetric, scope: DatasetScope) -> bool:
    return metric.dataset_name == scope.dataset_name and (
        not scope.dataset_digest or metric.dataset_digest == scope.dataset_digest
    )


def _sortable(value: str | float | None) -> tuple[bool, float | str]:
    """Return a key by which NaN comes after numbers."""
    if isinstance(value, str):
        return False, value
    number = math.nan if value is None else value
    return (True, 0.0) if math.isnan(number) else (False, number)


def _in_order(
    items: Sequence[_Item], orders: Sequence[tuple[str, bool]], look: Callable[[_Item, str], str | float]
) -> list[_Item]:
    ordered = list(items)
    for key, falling in reversed(orders):
        ordered.sort(key=lambda item: look(item, key), reverse=falling)
    return ordered
