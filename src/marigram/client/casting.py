"""What the user handed in → a typed value, a number, or a file; or an error that says how to convert it.

Pure functions; NumPy and PyTorch scalars are recognised by their `item()`, so neither package is imported.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timezone
from typing import Any, cast

from marigram.client.errors import UnsupportedTypeError
from marigram.client.file import File
from marigram.model import Value

MAX_STRING_BYTES = 1 << 20
"""Longer text is a File: a table cell of a megabyte helps nobody."""

_INT64 = 1 << 63
_MILLISECONDS = 1000
_ACCEPTED = "bool, int, float, str, datetime, a set of strings, File, dict or argparse.Namespace of these"

Leaf = Value | File


def entries_of(value: object) -> Mapping[object, object] | None:
    """Return what is in a dict, a namespace of arguments, or another mapping; None if it is none."""
    if isinstance(value, argparse.Namespace):
        return {**vars(value)}
    if isinstance(value, Mapping):
        return cast("Mapping[object, object]", value)
    return None


def leaves_of(value: object) -> Iterator[tuple[str, Leaf | UnsupportedTypeError]]:
    """Yield (path below, what to store there), depth first; a leaf that cannot be stored comes as its error."""
    entries = entries_of(value)
    if entries is not None:
        for key, below in entries.items():
            for path, leaf in leaves_of(below):
                yield (f"{key}/{path}" if path else str(key)), leaf
        return
    try:
        yield "", leaf_of(value)
    except UnsupportedTypeError as error:
        yield "", error


def leaf_of(value: Any) -> Leaf:  # noqa: ANN401 whatever the user has
    """Return the typed value or the file that `value` stands for.

    Raises:
        UnsupportedTypeError: it stands for none; the message says how to convert it.
    """
    match value:
        case bool():
            return value
        case float():
            return float(value)  # numpy.float64 is a float, and yet not one to an encoder
        case int():
            return int(value) if -_INT64 <= value < _INT64 else _float_of(value)
        case str():
            return text_of(value)
        case datetime():
            return value if value.tzinfo is not None else value.astimezone()
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
        case set() | frozenset():
            return frozenset(str(entry) for entry in value)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
        case File():
            return value
        case os.PathLike():
            return os.fspath(value)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
        case _:
            pass
    scalar = _scalar_of(value)
    if scalar is not None:
        return scalar
    picture = _picture_of(value)
    if picture is not None:
        return picture
    raise UnsupportedTypeError(unsupported(value))


def number_of(value: Any) -> float:  # noqa: ANN401 whatever the user has
    """Return the number that a point of a float series is made of.

    Raises:
        UnsupportedTypeError: it is no number.
    """
    if isinstance(value, (int, float)):
        return _float_of(value)
    scalar = _scalar_of(value)
    if isinstance(scalar, (int, float)):
        return _float_of(scalar)
    raise UnsupportedTypeError(unsupported(value))


def step_of(step: Any) -> float:  # noqa: ANN401 whatever the user has
    """Return a step as a finite float.

    Raises:
        UnsupportedTypeError: it is none.
    """
    number = number_of(step)
    if not math.isfinite(number):
        message = f"A step must be a finite number, but it is {number}. Pass step=..., or leave it out to count."
        raise UnsupportedTypeError(message)
    return number


def milliseconds_of(timestamp: Any) -> int:  # noqa: ANN401 whatever the user has
    """Return a time, seconds since 1970 or a datetime, as milliseconds since 1970-01-01 UTC.

    Raises:
        UnsupportedTypeError: it is none.
    """
    seconds = timestamp.timestamp() if isinstance(timestamp, datetime) else number_of(timestamp)
    if not math.isfinite(seconds) or abs(seconds) >= _INT64 / _MILLISECONDS:
        message = f"{timestamp!r} is not a time. Pass seconds since 1970, like time.time(), or a datetime."
        raise UnsupportedTypeError(message)
    return int(seconds * _MILLISECONDS)


def text_of(text: str) -> str:
    """Return the text as UTF-8 can hold it.

    Raises:
        UnsupportedTypeError: it is longer than a megabyte.
    """
    if len(text) * 4 > MAX_STRING_BYTES and len(text.encode(errors="replace")) > MAX_STRING_BYTES:
        message = (
            f"A text of {len(text)} characters is too long for a value. Log it as a file: File.from_content(text)."
        )
        raise UnsupportedTypeError(message)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return str(text)


def unsupported(value: object) -> str:
    """Return what to tell somebody whose value cannot be stored."""
    name = type(value).__name__
    if value is None:
        return "None cannot be stored and was dropped. Leave it out, or log the text 'None'."
    if isinstance(value, (list, tuple)):
        return (
            f"A {name} cannot be stored as one value and was dropped. Log str(value), or use .extend(values) for a "
            "series."
        )
    return f"A {name} cannot be stored and was dropped. Accepted are {_ACCEPTED}; convert it, for example with str()."


def _float_of(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _scalar_of(value: Any) -> bool | int | float | str | None:  # noqa: ANN401 whatever the user has
    """Return what a NumPy scalar or a tensor of one element holds; None if it is neither."""
    item = getattr(value, "item", None)
    if not callable(item) or getattr(value, "size", 1) == 0:
        return None
    try:
        scalar = item()
    except (TypeError, ValueError, RuntimeError):
        return None
    if isinstance(scalar, bool):
        return scalar
    if isinstance(scalar, int):
        return scalar if -_INT64 <= scalar < _INT64 else _float_of(scalar)
    return scalar if isinstance(scalar, (float, str)) else None


def _picture_of(value: Any) -> File | None:  # noqa: ANN401 whatever the user has
    """Return a picture of what is plainly one: a Matplotlib figure or a PIL image; or the HTML of a Plotly figure."""
    module = type(value).__module__.partition(".")[0]
    if module in {"matplotlib", "PIL"}:
        return File.as_image(value)
    if module in {"plotly", "altair", "bokeh"} and callable(getattr(value, "to_html", None)):
        return File.as_html(value)
    return None
