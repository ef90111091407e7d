"""What people may set a value to after the fact: which paths, and what of JSON is a value of a kind. Pure.

A value keeps its kind. What the run says of itself stays as the run said it: its name, notes and tags are edited by
themselves, and all else at `sys/`, `monitoring/` and `source_code/` is what happened.
"""

from __future__ import annotations

import math
from datetime import datetime, timezone

from typing_extensions import assert_never

from marigram.model import Kind, Path, Value

MAX_TEXT = 100_000
"""Characters of a text that is typed in."""

_KEPT = ("sys/", "monitoring/", "source_code/")
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

JsonValue = bool | int | float | str | list[str]


class NoSuchValueError(ValueError):
    """What was typed cannot stand there; the message says what can."""


def check_editable(path: Path, kind: Kind) -> None:
    """Check that people may change what is at `path`.

    Raises:
        NoSuchValueError: they may not.
    """
    if path.startswith(_KEPT):
        message = f"{path!r} says what happened and stays as it is. Edit a value that the script has set."
        raise NoSuchValueError(message)
    if kind.value.endswith("series") or kind is Kind.FILE:
        message = f"{path!r} is a {kind.value}; only values are edited. Log to it from a script."
        raise NoSuchValueError(message)


def value_of(kind: Kind, given: JsonValue) -> Value:
    """Return `given` as a value of `kind`.

    Raises:
        NoSuchValueError: it is none.
    """
    found = _value_of(kind, given)
    if found is None:
        message = f"{str(given)[:60]!r} is no {kind.value}. {_HINTS[kind]}"
        raise NoSuchValueError(message)
    return found


_HINTS = {
    Kind.BOOL: "Use true or false.",
    Kind.INT: "Use a whole number.",
    Kind.FLOAT: "Use a number, NaN, Infinity or -Infinity.",
    Kind.STRING: f"Use a text of at most {MAX_TEXT} characters.",
    Kind.DATETIME: "Use a date and time such as 2024-02-29T12:30:00Z.",
    Kind.STRING_SET: "Use a list of texts.",
    Kind.FILE: "",
    Kind.FLOAT_SERIES: "",
    Kind.STRING_SERIES: "",
    Kind.FILE_SERIES: "",
    Kind.HISTOGRAM_SERIES: "",
}


def _value_of(kind: Kind, given: JsonValue) -> Value | None:
    match kind:
        case Kind.BOOL:
            return given if isinstance(given, bool) else None
        case Kind.INT:
            return given if isinstance(given, int) and not isinstance(given, bool) else None
        case Kind.FLOAT:
            if isinstance(given, str):
                return _WORDS.get(given)
            return float(given) if isinstance(given, (int, float)) and not isinstance(given, bool) else None
        case Kind.STRING:
            return given if isinstance(given, str) and len(given) <= MAX_TEXT else None
        case Kind.DATETIME:
            return _datetime_of(given) if isinstance(given, str) else None
        case Kind.STRING_SET:
            return frozenset(given) if isinstance(given, list) else None
        case Kind.FILE | Kind.FLOAT_SERIES | Kind.STRING_SERIES | Kind.FILE_SERIES | Kind.HISTOGRAM_SERIES:
            return None
        case _:
            assert_never(kind)


def _datetime_of(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found.replace(tzinfo=timezone.utc) if found.tzinfo is None else found
