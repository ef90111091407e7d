"""Which regular expressions a query may hold: those whose time is bounded. Pure.

Python's matcher goes back and tries again, so a repetition of something that itself repeats or chooses can take
exponential time on a short text. Such patterns, and back-references, are refused; what is left is polynomial, and the
text it looks at is short.
"""

from __future__ import annotations

import re

LONGEST_PATTERN = 200
MOST_REPEATS = 4

_UNIT = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?[:=!])?|\)|\||\*|\+|\?|\{[0-9,]*\}|.", re.DOTALL)
_REPEATS = ("*", "+", "{")


def fault_of(pattern: str) -> str | None:
    """Return what is wrong with the pattern and what to do, None if it may be used."""
    if len(pattern) > LONGEST_PATTERN:
        return f"The pattern has {len(pattern)} characters. Use at most {LONGEST_PATTERN}."
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"{pattern!r} is no regular expression ({error}). Put a backslash before special characters."
    repeats = 0
    moving = [False]  # per open group: whether it repeats or chooses inside
    closed_moving = False
    for unit in _UNIT.findall(pattern):
        if re.fullmatch(r"\\[1-9]", unit) or unit == "(?":
            return "Back-references and special groups are not possible here. Use plain groups."
        if unit.startswith("(") and unit != ")":
            moving.append(False)
        elif unit == ")":
            inner = moving.pop() if len(moving) > 1 else False
            moving[-1] = moving[-1] or inner
            closed_moving = inner
            continue
        elif unit.startswith(_REPEATS) or unit == "?":
            if closed_moving and unit != "?":
                return "A group that repeats or chooses inside can't be repeated. Write the pattern without that."
            repeats += unit != "?"
            moving[-1] = True
        elif unit == "|":
            moving[-1] = True
        closed_moving = False
    if repeats > MOST_REPEATS:
        return f"The pattern repeats {repeats} times (*, +, {{}}). Use at most {MOST_REPEATS} repetitions."
    return None
