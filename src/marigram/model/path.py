"""Where an attribute lives in a run: segments joined by `/`, for example `train/loss`."""

from __future__ import annotations

from collections.abc import Sequence
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


_CONTROLS = bytes([*range(ord("\n")), *range(ord("\n") + 1, ord(_FIRST_PRINTABLE)), 0x7F])


def parse_paths(texts: Sequence[str]) -> Sequence[Path]:
    """Return what `parse_path` makes of each; a thousand in order cost little more than one.

    Raises:
        InvalidPathError: one of them is no path.
    """
    joined = "\n".join(("", *texts, ""))
    # Only lines of plain text that cannot be anything but paths are judged together.
    if joined.isascii() and max(map(len, texts), default=0) <= MAX_PATH_BYTES:
        lines = joined.encode()
        if (
            lines.count(b"\n") == len(texts) + 1
            # With a slash for each end of a line, an empty path or segment is two slashes.
            and b"//" not in lines.replace(b"\n", b"/")
            and len(lines.translate(None, _CONTROLS)) == len(lines)
        ):
            return texts  # pyright: ignore[reportReturnType] they have just been found to be paths
    return [parse_path(text) for text in texts]


def namespace_of(path: Path) -> str:
    """Return what stands before the last `/`, or an empty string: `train/loss` → `train`."""
    return path.rpartition("/")[0]
