"""Where an attribute lives in a run: segments joined by `/`, for example `train/loss`."""

from __future__ import annotations

from typing import NewType

Path = NewType("Path", str)

MAX_PATH_BYTES = 1024
"""Longest path in UTF-8 bytes; keeps index keys small and is what Neptune's servers allowed."""

_FIRST_PRINTABLE = " "


class InvalidPathError(ValueError):
    """The text does not name a place for an attribute."""


def parse_path(text: str) -> Path:
    """Return `text` as a path, without slashes at either end.

    Raises:
        InvalidPathError: the path is empty, has an empty segment, is too long or contains control characters.
    """
    path = text.strip("/")
    if not path:
        message = f"The path {text!r} is empty. Name a place, for example run['train/loss']."
        raise InvalidPathError(message)
    if "//" in path:
        message = f"The path {text!r} has an empty segment. Remove the doubled '/'."
        raise InvalidPathError(message)
    try:
        size = len(path.encode())
    except UnicodeEncodeError as error:
        message = f"The path {text!r} is not valid Unicode text. Use characters that UTF-8 can encode."
        raise InvalidPathError(message) from error
    if size > MAX_PATH_BYTES:
        message = f"The path {path[:60]!r}… is {size} bytes long; at most {MAX_PATH_BYTES} are allowed. Shorten it."
        raise InvalidPathError(message)
    if any(character < _FIRST_PRINTABLE or character == "\x7f" for character in path):
        message = f"The path {text!r} contains a control character. Use printable characters."
        raise InvalidPathError(message)
    return Path(path)


def namespace_of(path: Path) -> str:
    """Return what stands before the last `/`, or an empty string: `train/loss` → `train`."""
    return path.rpartition("/")[0]
