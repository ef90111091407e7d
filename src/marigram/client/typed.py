"""Values that say their type, for those who want to be explicit: `run["lr"] = Float(1)`.

Nothing needs them; a plain Python value does the same. They carry the names that users of similar clients import.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast


class Typed:
    """A value of a type that was asked for."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        """Take the value."""
        self.value = value

    def __repr__(self) -> str:
        """Say type and value."""
        return f"{type(self).__name__}({self.value!r})"


class Float(Typed):
    """A float."""

    def __init__(self, value: Any) -> None:  # noqa: ANN401 whatever float() takes
        """Convert by `float()`.

        Raises:
            TypeError, ValueError: it cannot be converted.
        """
        super().__init__(float(value))


class Integer(Typed):
    """An int."""

    def __init__(self, value: Any) -> None:  # noqa: ANN401 whatever int() takes
        """Convert by `int()`.

        Raises:
            TypeError, ValueError: it cannot be converted.
        """
        super().__init__(int(value))


class Boolean(Typed):
    """A bool."""

    def __init__(self, value: object) -> None:
        """Convert by `bool()`."""
        super().__init__(bool(value))


class String(Typed):
    """A text."""

    def __init__(self, value: object) -> None:
        """Convert by `str()`."""
        super().__init__(str(value))


class Datetime(Typed):
    """A moment."""

    def __init__(self, value: datetime) -> None:
        """Take a moment; without time zone it is local time.

        Raises:
            TypeError: it is none.
        """
        if not isinstance(value, datetime):  # pyright: ignore[reportUnnecessaryIsInstance] callers are not all typed
            message = f"Datetime is made of a datetime, but this is a {type(value).__name__}. Pass datetime.now()."
            raise TypeError(message)
        super().__init__(value)


class StringSet(Typed):
    """A set of strings."""

    def __init__(self, values: Iterable[str]) -> None:
        """Take the strings."""
        super().__init__(frozenset(str(value) for value in values))


class Stringified(Typed):
    """A value that is stored as its text where its own type cannot be stored."""

    def __str__(self) -> str:
        """Return the text."""
        return str(self.value)


class FileSet:
    """The files that some patterns match; assigning one is `upload_files`."""

    __slots__ = ("file_globs",)

    def __init__(self, file_globs: str | os.PathLike[str] | Iterable[str]) -> None:
        """Take one pattern or several."""
        one = isinstance(file_globs, (str, os.PathLike))
        self.file_globs = (os.fspath(file_globs),) if one else tuple(file_globs)


class Series:
    """Points that replace a whole series when assigned, or join it by `extend`."""

    __slots__ = ("steps", "timestamps", "values")

    def __init__(
        self,
        values: Any,  # noqa: ANN401 lists, arrays, or a `Stringified` of them
        *,
        timestamps: Sequence[float] | None = None,
        steps: Sequence[float] | None = None,
    ) -> None:
        """Take the values, and seconds since 1970 and a step for each, if given."""
        self.values = values
        self.timestamps = timestamps
        self.steps = steps


class FloatSeries(Series):
    """Numbers over steps."""

    def __init__(
        self,
        values: Any,  # noqa: ANN401 see above
        min: float | None = None,  # noqa: A002 see above
        max: float | None = None,  # noqa: A002 see above
        unit: str | None = None,
        timestamps: Sequence[float] | None = None,
        steps: Sequence[float] | None = None,
    ) -> None:
        """Take the numbers. `min`, `max` and `unit` are for drawing; they are accepted and not stored."""
        super().__init__(values, timestamps=timestamps, steps=steps)
        self.min, self.max, self.unit = min, max, unit

    __slots__ = ("max", "min", "unit")


class StringSeries(Series):
    """Texts over steps."""


class FileSeries(Series):
    """Files over steps, with one name and description for all, if given."""

    def __init__(
        self,
        values: Any,  # noqa: ANN401 see above
        *,
        timestamps: Sequence[float] | None = None,
        steps: Sequence[float] | None = None,
        name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Take files or pictures."""
        super().__init__(values, timestamps=timestamps, steps=steps)
        self.name, self.description = name, description

    __slots__ = ("description", "name")


def stringify_unsupported(value: object, expand: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 as it is known
    """Return `value` such that all of it is stored: what has no type of its own, as its text.

    Args:
        value: a value, a collection or a mapping, of any depth.
        expand: store lists, tuples and sets entry by entry, numbered from 0, instead of as one text.
    """
    if isinstance(value, Mapping):
        mapping = cast("Mapping[object, object]", value)
        return {str(key): stringify_unsupported(below, expand=expand) for key, below in mapping.items()}
    if expand and isinstance(value, (list, tuple, set, frozenset)):
        entries = cast("Iterable[object]", value)
        return {str(place): stringify_unsupported(below, expand=True) for place, below in enumerate(entries)}
    return Stringified(value)
