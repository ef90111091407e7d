"""Which runs of a project an address asks for: by words, by a query, and by the groups that they are in. Pure."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar.di import Provide
from litestar.params import Parameter

from marigram.model import InvalidPathError, Value, parse_path
from marigram.server.api.encode import json_value
from marigram.server.api.messages import JsonValue
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
            description="Only the runs of a group: a JSON array of a path and of its key as /groups writes it: "
            '["opt", "adam"]. Repeat it for a group inside a group.'
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
        path, key = msgspec.json.decode(text, type=tuple[str, JsonValue | None])
        return Within(path=parse_path(path), wants=lambda value: _is_written(value, key))
    except (msgspec.MsgspecError, InvalidPathError, UnicodeError) as error:
        message = f'{text[:100]!r} names no group ({error}). Write a path and a key as JSON, such as ["opt", "adam"].'
        raise BadQuestion(message) from error


def _is_written(value: Value | None, key: JsonValue | None) -> bool:
    shown = None if value is None else json_value(value)
    if isinstance(shown, bool) or isinstance(key, bool):
        return shown is key
    if isinstance(shown, (int, float)) and isinstance(key, (int, float)):
        # A browser reads every number as a float, and writes it so.
        return float(shown) == float(key)
    return shown == key


CHOSEN = {"chosen": Provide(chosen_runs, sync_to_thread=False)}
"""For routers whose routes take `chosen`."""
