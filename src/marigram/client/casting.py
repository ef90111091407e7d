"""What the user handed in → a typed value, a number, or a file; or an error that says how to convert it.

Pure functions; scalars of NumPy, PyTorch, JAX and TensorFlow are recognised by what they can do, so none of these
packages is imported.
"""

from __future__ import annotations

import math
import os
from datetime import date, datetime, timezone
from enum import Enum
from typing import Any, cast
from uuid import UUID

from marigram.client.errors import UnsupportedTypeError
from marigram.client.file import File
from marigram.client.typed import Series, Stringified, Typed
from marigram.model import Value

MAX_STRING_BYTES = 1 << 20
"""Longer text is a File: a table cell of a megabyte helps nobody."""

_INT64 = 1 << 63
_MILLISECONDS = 1000
_ACCEPTED = (
    "bool, int, float, str, datetime, None, a set of strings, File, figures and pictures, and dicts, dataclasses or "
    "configurations of these"
)

_PICTURE_DIMENSIONS = frozenset({2, 3})

Leaf = Value | File


def leaf_of(value: Any) -> Leaf:  # noqa: ANN401 whatever the user has
    """Return the typed value or the file that `value` stands for.

    Raises:
        UnsupportedTypeError: it stands for none; the message says how to convert it.
    """
    match value:
        case bool():
            return value
        case Enum():
            return leaf_of(value.value) if isinstance(value.value, (bool, int, float, str)) else value.name
        case float():
            return float(value)  # numpy.float64 is a float, and yet not one to an encoder
        case int():
            return int(value) if -_INT64 <= value < _INT64 else _float_of(value)
        case str():
            return text_of(value)
        case datetime():
            return _moment_of(value)
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
        case set() | frozenset():
            return frozenset(str(entry) for entry in value)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
        case File():
            return value
        case _:
            return _leaf_of_less_usual(value)


def _leaf_of_less_usual(value: Any) -> Leaf:  # noqa: ANN401 whatever the user has
    match value:
        case None:
            return "None"  # a parameter that was left at None says something, and a dict of them is common
        case Stringified():
            return _stringified(value)
        case Typed():
            return leaf_of(value.value)
        case list() | tuple():
            return text_of(str(cast("object", value)))
        case UUID():
            return str(value)
        case os.PathLike():
            return os.fspath(value)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
        case _:
            pass
    if _is_exact(value):
        return float(value)
    scalar = _scalar_of(value)
    if scalar is not None:
        return scalar
    if File.is_convertable_to_image(value):
        return File.as_image(value)
    if File.is_convertable_to_html(value):
        return File.as_html(value)
    if File.is_convertable_to_table(value):
        return File.as_table(value)
    raise UnsupportedTypeError(unsupported(value))


def point_of(value: Any) -> float | str | File:  # noqa: ANN401 whatever the user has
    """Return what a point of a series is made of: a number, a text or a file.

    Raises:
        UnsupportedTypeError: it stands for none of them; the message says how to convert it.
    """
    if type(value) is float:
        return value
    if isinstance(value, (int, float)) and not isinstance(value, Enum):
        return _float_of(value)
    if value is None:
        message = "None is no point of a series and was dropped. Leave it out, or append float('nan')."
        raise UnsupportedTypeError(message)
    if isinstance(value, (list, tuple, set, frozenset)):
        name = type(cast("object", value)).__name__
        message = f"A {name} is not one point and was dropped. Use .extend(values), or append str(values)."
        raise UnsupportedTypeError(message)
    if hasattr(cast("object", type(value)), "__array__") and not File.is_convertable(value):
        if getattr(value, "ndim", 0) in _PICTURE_DIMENSIONS:
            return File.as_image(value)
        scalar = _scalar_of(value)  # looked at first: in a training, losses are tensors
        if isinstance(scalar, (int, float)):
            return _float_of(scalar)
    leaf = leaf_of(value)
    if isinstance(leaf, (str, File)):
        return leaf
    return number_of(leaf)


def number_of(value: Any) -> float:  # noqa: ANN401 whatever the user has
    """Return the number that a point of a float series is made of.

    Raises:
        UnsupportedTypeError: it is no number.
    """
    if type(value) is float:
        return value
    if isinstance(value, (int, float)) or _is_exact(value):
        return _float_of(value)
    if isinstance(value, Typed):
        return number_of(value.value)
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
    # "An" by sight, not by sound: nobody minds "A hour", and everybody "A object".
    article = "An" if name[:1].lower() in "aeio" else "A"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"A {name} cannot be stored as a value and was dropped. Log it as a file: File.from_content(data)."
    if isinstance(value, Series):
        return f"A {name} is not one value and was dropped. Assign it, or use .extend(values)."
    if callable(getattr(value, "fetch_values", None)):
        return "A place in a run is not a value and was dropped. To copy what is there, assign its fetch()."
    if callable(getattr(value, "tolist", None)):
        return (
            f"A {name} of several numbers is not one value and was dropped. Use .extend(values) for a series, "
            "File.as_image(values) for a picture, or log str(values)."
        )
    return (
        f"{article} {name} cannot be stored and was dropped. Accepted are {_ACCEPTED}; convert it with str(value), or "
        "all that is inside with stringify_unsupported(value)."
    )


def _moment_of(moment: Any) -> Leaf:  # noqa: ANN401 a datetime, or what pandas makes of one
    """Return the moment with its time zone; one of pandas as a plain one, and its "not a time" as text."""
    to_plain = getattr(moment, "to_pydatetime", None)
    if callable(to_plain):
        if moment != moment:  # noqa: PLR0124 so NaT differs from itself, as NaN does
            return str(moment)
        moment = moment.floor("us").to_pydatetime()
    return moment if moment.tzinfo is not None else moment.astimezone()


def _stringified(value: Stringified) -> Leaf:
    try:
        return leaf_of(value.value)
    except UnsupportedTypeError:
        return text_of(str(value))


def _is_exact(value: object) -> bool:
    # By name, for these modules take longer to load than most of the client, and few have such numbers.
    kind = type(value)
    return (kind.__module__, kind.__name__) in {("decimal", "Decimal"), ("fractions", "Fraction")}


def _float_of(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _scalar_of(value: Any) -> bool | int | float | str | datetime | None:  # noqa: ANN401 whatever the user has
    """Return what a NumPy scalar or a tensor of one element holds; None if it is neither."""
    item = getattr(value, "item", None)
    if not callable(item):
        to_numpy = getattr(value, "numpy", None)  # a TensorFlow tensor has no item()
        if not callable(to_numpy):
            return None
        item = getattr(to_numpy(), "item", None)
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if kind == "m" or not callable(item) or getattr(value, "size", 1) == 0:
        return None
    try:
        # In nanoseconds a moment's item() is an int, which must not pass for a number.
        scalar = value.astype("datetime64[us]").item() if kind == "M" else item()
    except (TypeError, ValueError, RuntimeError):
        return None
    if isinstance(scalar, bool):
        return scalar
    if isinstance(scalar, int):
        return scalar if -_INT64 <= scalar < _INT64 else _float_of(scalar)
    if isinstance(scalar, datetime):
        return scalar.replace(tzinfo=timezone.utc)
    return scalar if isinstance(scalar, (float, str)) else None
