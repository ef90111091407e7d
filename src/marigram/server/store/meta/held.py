"""What the engine in memory holds of a run, and what a search looks at in it. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from marigram.model import Kind, Path, Run, Value
from marigram.server.store.meta.earlier import EarlierValue
from marigram.server.store.meta.filter import RUNNING_TIME, TRASHED
from marigram.server.store.meta.keys import SEARCHED_TEXT_CHARACTERS
from marigram.server.store.meta.port import Attribute


class Held(msgspec.Struct):
    """A run, what it has at each path, and up to which step it inherits each series, and series to come."""

    number: int
    run: Run
    attributes: dict[Path, Attribute]
    inherited: dict[int, float]
    inherits_to: float = 0.0
    earlier: dict[Path, list[tuple[EarlierValue, int]]] = msgspec.field(
        default_factory=dict[Path, "list[tuple[EarlierValue, int]]"]
    )
    """Earlier values at each path, the newest first, each with the last seq of the batch that replaced it."""


def searched(held: Held) -> list[str]:
    """Return the run's name, key, status, tags and short values."""
    run = held.run
    texts = [run.name, run.key, run.status.value, *run.tags]
    for attribute in held.attributes.values():
        if isinstance(attribute.value, (str, int, float)):
            text = str(attribute.value)
            texts.extend([text] if len(text) <= SEARCHED_TEXT_CHARACTERS else [])
    return texts


def matches(held: Held, word: str) -> bool:
    """Return whether the word stands in what is searched of the run; it is in small letters."""
    return any(word in text.lower() for text in searched(held))


def look(held: Held, path: Path) -> tuple[Kind, Value | None] | None:
    """Return what a filter sees at a path: kind, and value unless it is a series or a file."""
    run = held.run
    if path == RUNNING_TIME:
        return Kind.FLOAT, ((run.ended_at or run.heard_at) - run.created_at) / 1000
    if path == TRASHED:
        return Kind.BOOL, run.trashed_at is not None
    found = held.attributes.get(path)
    return None if found is None else (found.kind, found.value)


def sort_value(held: Held, path: str) -> tuple[bool, float, str] | None:
    """Return what the run is sorted by, in a form that orders numbers before text; None if it has nothing there."""
    run = held.run
    own: dict[str, float | str | None] = {
        "sys/creation_time": run.created_at,
        "sys/name": run.name or None,
        "sys/state": run.status.value,
        "sys/running_time": (run.ended_at or run.heard_at) - run.created_at,
    }
    value: object = own.get(path)
    if path not in own:
        attribute = held.attributes.get(Path(path))
        value = None if attribute is None else attribute.value
    if isinstance(value, datetime):
        value = value.timestamp()
    if isinstance(value, (int, float)):
        return (False, float(value), "")
    return (True, 0.0, value.lower()) if isinstance(value, str) else None
