"""What `extend` was given → columns of one kind, as fast as Python allows: a million floats take well under a second.

Pure functions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, cast

from marigram.client.casting import milliseconds_of, step_of
from marigram.client.errors import UnsupportedTypeError

_NUMBERS = frozenset({bool, int, float})
_MS = 1000
_EARLIEST_S, _LATEST_S = -1e12, 1e12


def listed(name: str, values: Any) -> list[Any]:  # noqa: ANN401 whatever the user has
    """Return the entries of a list, an array, a data frame's column or any other iterable.

    Raises:
        UnsupportedTypeError: it is none.
    """
    one_dimension = getattr(values, "ndim", 1) == 1
    for way in ("tolist", "to_list", "to_pylist"):  # NumPy, PyTorch, JAX, pandas; polars; PyArrow
        convert = getattr(values, way, None)
        if one_dimension and callable(convert):
            return cast("list[Any]", convert())
    if isinstance(values, Iterable) and not isinstance(values, (str, bytes)):
        return list(cast("Iterable[Any]", values))
    message = (
        f"{name} must be a list, but it is a {type(values).__name__}; nothing was stored. Pass [{name[:-1]}, ...]."
    )
    raise UnsupportedTypeError(message)


def floats_of(values: list[Any]) -> list[float] | None:
    """Return the values as floats if all are plain numbers; None if one is something else."""
    kinds = set(map(type, values))
    if not kinds or not kinds <= _NUMBERS:
        return None
    if kinds == {float}:
        return values
    try:
        return list(map(float, values))
    except OverflowError:
        return None  # an int beyond all floats; one by one it becomes an infinity


def strings_of(values: list[Any]) -> list[str] | None:
    """Return the values if all are texts; None if one is something else."""
    return values if values and set(map(type, values)) == {str} else None


def steps_of(values: list[Any]) -> list[float]:
    """Return steps.

    Raises:
        UnsupportedTypeError: one is no finite number.
    """
    floats = floats_of(values)
    if floats is not None and all(map(math.isfinite, floats)):
        return floats
    return [step_of(value) for value in values]


def times_of(values: list[Any]) -> list[int]:
    """Return milliseconds since 1970-01-01 UTC of moments, or of seconds.

    Raises:
        UnsupportedTypeError: one is neither.
    """
    floats = floats_of(values)
    if floats is not None and all(_EARLIEST_S < value < _LATEST_S for value in floats):
        return [int(value * _MS) for value in floats]
    return [milliseconds_of(value) for value in values]
