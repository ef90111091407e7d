"""Which runs of a project an address asks for: by words, by a query, and by the groups that they are in. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec
from litestar.di import Provide
from litestar.params import Parameter

from marigram.model import Value
from marigram.server.api.encode import json_value
from marigram.server.api.messages import JsonValue
from marigram.server.api.naming import group_key_of
from marigram.server.query import BadQuestion, Within


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Only the runs that all of these find."""

    text: str
    query: str
    within: list[Within]


def chosen_runs(
    search: Annotated[str, Parameter(description="Words that a run must hold somewhere.")] = "",
    wanted: Annotated[
        str, Parameter(query="query", description="Which runs, in the query language: `lr` > 0.1 AND NOT ...")
    ] = "",
    within: Annotated[
        list[str] | None,
        Parameter(
            description="Only the runs of a group: a JSON array of what it was grouped by and of its key as /groups "
            'writes it: ["opt", "adam"], ["first(loss)", 0.5]. Repeat it for a group inside a group.'
        ),
    ] = None,
) -> Chosen:
    """Return which runs an address asks for.

    Raises:
        BadQuestion: what is said of a group is no array of a path and a key.
    """
    return Chosen(text=search, query=wanted, within=[_within(each) for each in within or ()])


def _within(text: str) -> Within:
    try:
        by, key = msgspec.json.decode(text, type=tuple[str, JsonValue | None])
        return Within(key=group_key_of(by), wants=_wanted(key))
    except (msgspec.MsgspecError, BadQuestion, UnicodeError) as error:
        message = f'{text[:100]!r} names no group ({error}). Write a path and a key as JSON, such as ["opt", "adam"].'
        raise BadQuestion(message) from error


def _wanted(key: JsonValue | None) -> Callable[[Value | None], bool]:
    """Return what tells the values that are written as this key; it is asked once for each of many thousands."""
    if key is None or isinstance(key, bool):
        return lambda value: value is key
    if isinstance(key, (int, float)):
        # A browser reads every number as a float, and writes it so.
        number = float(key)
        return lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and float(value) == number
    return lambda value: value is not None and json_value(value) == key


CHOSEN = {"chosen": Provide(chosen_runs, sync_to_thread=False)}
"""For routers whose routes take `chosen`."""
