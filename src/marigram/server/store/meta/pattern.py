"""Patterns whose time grows with the text alone: regular expressions, and those of SQL's LIKE. Pure.

Python's matcher goes back and tries again, so there are patterns that take it years on a short text, and it lets no
other thread run meanwhile. RE2 has no such patterns; look-around and back-references, which need that, it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, cast

import re2

LONGEST_PATTERN = 200
_MAX_BYTES = 1024 * 1024
"""What a compiled pattern may take; repetitions of repetitions grow fast."""

_re2 = cast("Any", re2)  # it has no types

_MEANS_A_TEXT = re.compile(r"\\[AzCQ]|\(\?(?!:|i\))")
"""The ends of the whole text, single bytes, and flags other than that for the case of letters."""


class PatternError(ValueError):
    """The pattern cannot be used; the message says why, and what to write."""


@lru_cache(maxsize=64)
def matcher_of(pattern: str, *, ignore_case: bool = False) -> Callable[[str], bool]:
    """Return what says whether the pattern is found in a text.

    Raises:
        PatternError: it is no regular expression, or it is too long or too large.
    """
    if len(pattern) > LONGEST_PATTERN:
        message = f"The pattern has {len(pattern)} characters. Use at most {LONGEST_PATTERN}."
        raise PatternError(message)
    try:
        search = _re2.compile(pattern, _options(ignore_case=ignore_case)).search
    except (_re2.error, UnicodeEncodeError) as error:
        reason = error.args[0]
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else "half of a surrogate pair"
        message = (
            f"{pattern!r} is no regular expression that can be used here ({said}). Put a backslash before special "
            "characters; look-around and back-references are not possible."
        )
        raise PatternError(message) from error
    return lambda text: search(text) is not None


def line_finder_of(pattern: str) -> Callable[[bytes], Iterator[int]] | None:
    """Return what finds a usable pattern in many lines of UTF-8 at once: it yields where, in each line that matches.

    The ends of a line are those of the text to the pattern, and what is found is in one line. Lines may come twice.
    None for a pattern that means something else in a line than in a text.
    """
    if _MEANS_A_TEXT.search(pattern):
        return None
    options = _options(ignore_case=False)
    # Without it a pattern could run on through all lines, and from each of them anew.
    options.never_nl = True
    options.never_capture = True
    try:
        # The rest of a line is taken with what is found, so that the next search begins in the next line.
        finditer = _re2.compile(f"(?m)(?:{pattern}).*", options).finditer
    except _re2.error:
        return None
    return lambda lines: (found.start() for found in finditer(lines))


def _options(*, ignore_case: bool) -> Any:  # noqa: ANN401 - the package has no types
    options = _re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_BYTES
    options.case_sensitive = not ignore_case
    return options


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
