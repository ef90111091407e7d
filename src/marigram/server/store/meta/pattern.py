"""Patterns whose time grows with the text alone: regular expressions, and those of SQL's LIKE. Pure.

Python's matcher goes back and tries again, so there are patterns that take it years on a short text, and it lets no
other thread run meanwhile. RE2 has no such patterns; look-around and back-references, which need that, it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import re2

LONGEST_PATTERN = 200
_MAX_BYTES = 1024 * 1024
"""What a compiled pattern may take; repetitions of repetitions grow fast."""

_re2 = cast("Any", re2)  # it has no types


class PatternError(ValueError):
    """The pattern cannot be used; the message says why, and what to write."""


def matcher_of(pattern: str, *, ignore_case: bool = False) -> Callable[[str], bool]:
    """Return what says whether the pattern is found in a text.

    Raises:
        PatternError: it is no regular expression, or it is too long or too large.
    """
    if len(pattern) > LONGEST_PATTERN:
        message = f"The pattern has {len(pattern)} characters. Use at most {LONGEST_PATTERN}."
        raise PatternError(message)
    options = _re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_BYTES
    options.case_sensitive = not ignore_case
    try:
        search = _re2.compile(pattern, options).search
    except (_re2.error, UnicodeEncodeError) as error:
        reason = error.args[0]
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else "half of a surrogate pair"
        message = (
            f"{pattern!r} is no regular expression that can be used here ({said}). Put a backslash before special "
            "characters; look-around and back-references are not possible."
        )
        raise PatternError(message) from error
    return lambda text: search(text) is not None


@lru_cache(maxsize=64)
def like_of(pattern: str, *, ignore_case: bool) -> Callable[[str], bool]:
    """Return what says whether a whole text is like the pattern: `%` stands for any text, `_` for one character."""
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    # Between two % is text of a fixed length; the first place where it fits is as good as any later one.
    pieces = [
        (re.compile("".join("." if each == "_" else re.escape(each) for each in piece), flags), len(piece))
        for piece in pattern.split("%")
    ]
    if len(pieces) == 1:
        whole, _ = pieces[0]
        return lambda text: whole.fullmatch(text) is not None
    (first, _), *middle, (last, last_length) = pieces

    def is_like(text: str) -> bool:
        found = first.match(text)
        for piece, _ in middle:
            if found is None:
                return False
            found = piece.search(text, found.end())
        rest = len(text) - last_length
        return found is not None and rest >= found.end() and last.fullmatch(text, rest) is not None

    return is_like


def text_is_like(pattern: str, text: str) -> bool:
    """Return whether a text is like the pattern."""
    return like_of(pattern, ignore_case=False)(text)


def text_is_ilike(pattern: str, text: str) -> bool:
    """Return whether a text is like the pattern, whatever the case of letters."""
    return like_of(pattern, ignore_case=True)(text)
