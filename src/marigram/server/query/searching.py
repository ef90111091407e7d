"""Text search in one string series, for consoles of millions of lines. Pure, but for reading points.

Colours are not seen: a line is searched as a terminal would show it.

A question looks at a bounded number of points and says where to continue, so none takes long.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Protocol

import msgspec

from marigram.model import StringPoints
from marigram.server.query.answers import BadQuestion
from marigram.server.store.meta.pattern import PatternError, matcher_of

MOST_SCANNED = 200_000
"""Points that one question looks at."""

SEARCHED_CHARACTERS = 10_000
"""How much of one text a regular expression looks at."""

_SLICE = 20_000

_ESCAPE = re.compile("\x1b(?:\\[[0-9;:?]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[@-_])")
"""What terminals understand as colours, movements and titles."""


def plain(text: str) -> str:
    """Return a line as a terminal would leave it standing, without colours: the part behind the last return."""
    shown = text.rstrip("\r\n").rpartition("\r")[2]
    return _ESCAPE.sub("", shown) if "\x1b" in shown else shown


class TextSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What is searched for: a text, or a regular expression of those that RE2 knows."""

    text: str
    regex: bool = False
    ignore_case: bool = True


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Points that match, in the order in which they were looked at.

    Attributes:
        points: the matches.
        next_step: where to look on, None at the end of the series.
        scanned: how many points were looked at.
    """

    points: StringPoints
    next_step: float | None
    scanned: int


class ReadStrings(Protocol):
    """Reads a slice of the series, in order of step."""

    def __call__(self, *, first_step: float, last_step: float, limit: int, from_end: bool) -> StringPoints:
        """Return the first or last `limit` points between two steps, both included."""
        ...


def find_text(
    read: ReadStrings, wanted: TextSearch, *, first_step: float, last_step: float, from_end: bool, limit: int
) -> Found:
    """Look for at most `limit` matches between two steps, from the first on or from the last back.

    Raises:
        BadQuestion: the regular expression cannot be used.
    """
    matches = _matcher(wanted)
    steps: list[float] = []
    times: list[int] = []
    values: list[str] = []
    scanned = 0
    while scanned < MOST_SCANNED:
        part = read(first_step=first_step, last_step=last_step, limit=_SLICE, from_end=from_end)
        rows = list(zip(part.steps, part.times, part.values, strict=True))
        for step, time, value in reversed(rows) if from_end else rows:
            scanned += 1
            if matches(value):
                steps.append(float(step))
                times.append(int(time))
                values.append(value)
                if len(steps) == limit:
                    points = StringPoints(steps=steps, times=times, values=values)
                    return Found(points=points, next_step=_beyond(float(step), from_end=from_end), scanned=scanned)
        if len(rows) < _SLICE:
            return Found(points=StringPoints(steps=steps, times=times, values=values), next_step=None, scanned=scanned)
        if from_end:
            last_step = _beyond(float(rows[0][0]), from_end=True)
        else:
            first_step = _beyond(float(rows[-1][0]), from_end=False)
    return Found(
        points=StringPoints(steps=steps, times=times, values=values),
        next_step=last_step if from_end else first_step,
        scanned=scanned,
    )


def _beyond(step: float, *, from_end: bool) -> float:
    return math.nextafter(step, -math.inf if from_end else math.inf)


def _matcher(wanted: TextSearch) -> Callable[[str], bool]:
    if wanted.regex:
        try:
            found_in = matcher_of(wanted.text, ignore_case=wanted.ignore_case)
        except PatternError as error:
            raise BadQuestion(str(error)) from error
        return lambda value: found_in(plain(value)[:SEARCHED_CHARACTERS])
    if wanted.ignore_case:
        text = wanted.text.casefold()
        return lambda value: text in plain(value).casefold()
    return lambda value: wanted.text in plain(value)
