"""Regular expressions whose time grows with the text alone, whatever the pattern. Pure.

Python's matcher goes back and tries again, so there are patterns that take it years on a short text, and it lets no
other thread run meanwhile. RE2 has no such patterns; look-around and back-references, which need that, it refuses.
"""

from __future__ import annotations

from collections.abc import Callable
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
