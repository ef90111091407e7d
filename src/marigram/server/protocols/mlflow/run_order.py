"""MLflow's order of runs. Pure.

Numbers come before NaN and NaN before nothing, upwards and downwards alike; what is equal comes newest first, then by
id.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import msgspec

from marigram.model import Path
from marigram.server.protocols.mlflow.errors import invalid
from marigram.server.protocols.mlflow.places import NAME, OWNER, tag_path
from marigram.server.protocols.mlflow.run_filters import (
    ATTRIBUTE_WORDS,
    METRIC_WORDS,
    NUMBER_ATTRIBUTES,
    PARAM_WORDS,
    STATE,
    STATES,
    TAG_WORDS,
    TEXT_ATTRIBUTES,
    attribute_name,
    metric_paths,
    param_paths,
)
from marigram.server.query import RunChoice, SortValue

_KEY = re.compile(r"""\s*(?:([A-Za-z_]\w*)\.)?(`[^`]*`|"[^"]*"|.+?)(?:\s+(ASC|DESC))?\s*""", re.IGNORECASE | re.DOTALL)
_STATUS_OF = {state: status for status, states in STATES.items() for state in states}
_PATHS = {"run_name": [NAME], "status": [STATE], "user_id": [OWNER]}


class RunOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One key of an order.

    Attributes:
        name: what is sorted by, in MLflow's words.
        paths: where it is, the first one that has something counts; none for what every run has.
        descending: whether the largest comes first.
    """

    name: str
    paths: tuple[Path, ...]
    descending: bool


def run_orders(order_by: Sequence[str]) -> list[RunOrder]:
    """Return what to sort by.

    Raises:
        MlflowError: something is no key, or comes twice.
    """
    found: list[RunOrder] = []
    for text in order_by:
        order = _order_of(text)
        if any(order.name == known.name for known in found):
            message = f"`order_by` contains duplicate fields: {list(order_by)}"
            raise invalid(message)
        found.append(order)
    return found


def in_order(choices: Sequence[RunChoice], orders: Sequence[RunOrder]) -> list[str]:
    """Return the ids of all runs in order."""
    ids = [run_id for choice in choices for run_id in choice.run_ids]
    created = [at for choice in choices for at in choice.created_at]
    rows = sorted(range(len(ids)), key=lambda row: (-created[row], ids[row]))
    for order in reversed(orders):
        places = [place for choice in choices for place in _places(choice, order)]
        rows = _sorted(rows, places, descending=order.descending)
    return [ids[row] for row in rows]


def _order_of(text: str) -> RunOrder:
    found = _KEY.fullmatch(text)
    if found is None:
        message = f"Invalid order_by clause '{text}': name what to sort by, for example 'metrics.loss DESC'."
        raise invalid(message)
    entity, key, descending = (found[1] or "").lower(), found[2].strip('`"'), (found[3] or "").upper() == "DESC"
    if not key or (found[2] == key and re.search(r"\s", key)):
        message = f"Invalid order_by clause '{text}': put a key with spaces into backticks, and end with ASC or DESC."
        raise invalid(message)
    paths: Sequence[Path]
    if entity in METRIC_WORDS:
        paths = metric_paths(key)
    elif entity in PARAM_WORDS:
        paths = param_paths(key)
    elif entity in TAG_WORDS:
        paths = [tag_path(key)]
    elif entity in ATTRIBUTE_WORDS:
        key = attribute_name(key)
        if key not in NUMBER_ATTRIBUTES | TEXT_ATTRIBUTES:
            known = sorted(NUMBER_ATTRIBUTES | TEXT_ATTRIBUTES)
            message = f"Invalid order_by key '{key}' specified. Valid keys are {known}"
            raise invalid(message)
        entity, paths = "", _PATHS.get(key, [])
    else:
        message = f"Invalid order_by clause '{text}': '{entity}' is neither metric, parameter, tag nor attribute."
        raise invalid(message)
    return RunOrder(name=f"{entity[:3]}.{key}", paths=tuple(paths), descending=descending)


def _places(choice: RunChoice, order: RunOrder) -> Sequence[SortValue]:
    match order.name:
        case ".start_time":
            return choice.created_at
        case ".end_time":
            return choice.ended_at
        case ".run_id" | ".artifact_uri":
            return choice.run_ids
        case ".status":
            return [_STATUS_OF.get(str(place)) for place in choice.places[STATE]]
        case _:
            first, *others = (choice.places[path] for path in order.paths)
            for other in others:
                first = [mine if mine is not None else theirs for mine, theirs in zip(first, other, strict=True)]
            return first


def _sorted(rows: Sequence[int], places: Sequence[SortValue], *, descending: bool) -> list[int]:
    """Return the rows by their places; those that are equal stay as they were."""
    numbers: list[int] = []
    texts: list[int] = []
    nans: list[int] = []
    nothing: list[int] = []
    for row in rows:
        place = places[row]
        if place is None:
            nothing.append(row)
        elif isinstance(place, str):
            texts.append(row)
        elif math.isnan(place):
            nans.append(row)
        else:
            numbers.append(row)
    key: Callable[[int], SortValue] = places.__getitem__
    numbers.sort(key=key, reverse=descending)  # pyright: ignore[reportArgumentType,reportCallIssue] these are numbers
    texts.sort(key=key, reverse=descending)  # pyright: ignore[reportArgumentType,reportCallIssue] and these texts
    return [*texts, *numbers, *nans, *nothing] if descending else [*numbers, *nans, *texts, *nothing]
