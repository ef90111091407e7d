"""What addresses name: paths, and what stands for series there, as `min(loss)` or `accuracy@min(loss)`. Pure."""

from __future__ import annotations

import re

from marigram.model import InvalidPathError, Path, parse_path
from marigram.server.query import Aggregate, AtBest, BadQuestion, Best, GroupKey, Measure, Pick, RunSort

_AT_BEST = re.compile(rf"(.+)@({'|'.join(each.value for each in Best)})\((.+)\)")
_CALLED = re.compile(rf"({'|'.join(each.value for each in Aggregate)})\((.+)\)")


def path_of(text: str) -> Path:
    """Return the path that is asked about.

    Raises:
        BadQuestion: it is none.
    """
    try:
        return parse_path(text)
    except InvalidPathError as error:
        raise BadQuestion(str(error)) from error


def measure_of(text: str) -> Measure:
    """Return which number is asked for: at a path, or what stands for a series. What looks like that is that.

    Raises:
        BadQuestion: it is no path.
    """
    at_best = _AT_BEST.fullmatch(text)
    if at_best:
        return Measure(path=path_of(at_best[1]), aggregate=AtBest(best=Best(at_best[2]), of=path_of(at_best[3])))
    called = _CALLED.fullmatch(text)
    aggregate, path = (Aggregate(called[1]), called[2]) if called else (Aggregate.LAST, text)
    return Measure(path=path_of(path), aggregate=aggregate)


def pick_of(text: str) -> Pick:
    """Return which point is asked for.

    Raises:
        BadQuestion: it is no point of a series.
    """
    measure = measure_of(text)
    if isinstance(measure.aggregate, AtBest):
        return Pick(path=measure.path, at=measure.aggregate)
    if measure.aggregate is Aggregate.FIRST:
        return Pick(path=measure.path)
    message = f"{text[:100]!r} picks no point. Write first(loss), or accuracy@min(loss)."
    raise BadQuestion(message)


def sort_of(text: str) -> RunSort:
    """Return which order is asked for: a measure, the largest first behind a '-'.

    Raises:
        BadQuestion: it is no path.
    """
    key = measure_of(text.removeprefix("-"))
    return RunSort(path=key.path, descending=text.startswith("-"), aggregate=key.aggregate)


def group_key_of(text: str) -> GroupKey:
    """Return what runs of a group have in common, which is named as a measure is.

    Raises:
        BadQuestion: it is no path.
    """
    key = measure_of(text)
    return GroupKey(path=key.path, aggregate=key.aggregate)
