"""`Texts`: string series as a person reads them: by time, and several as one text. Stateless; any thread.

Times are taken to grow with the steps, as those of printed lines do. Where they do not, because a line was written anew
later, a line still keeps its place among those of its own series.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from functools import partial

from marigram.model import Kind
from marigram.server.query.answers import BadQuestion, NotThere
from marigram.server.query.searching import ReadStrings, plain
from marigram.server.query.series import WholeSeries
from marigram.server.store.meta.port import MetaStore

MOST_SERIES = 64
"""Series that are read as one text."""

_SLICE = 5_000
_CHUNK_CHARACTERS = 256 * 1024

_Line = tuple[int, int, str]
"""When, of which series, what."""


class Texts:
    """Answers what consoles ask."""

    def __init__(self, *, meta: MetaStore, points: WholeSeries) -> None:
        self._meta = meta
        self._points = points

    def step_at(self, run_id: str, path: str, time: int) -> float | None:
        """Return the step of the first point that is not older than `time` (ms), None if all are older.

        Raises:
            NotThere: the run has no string series at `path`.
        """
        return step_at(self._reader(run_id, path), time)

    def whole(self, run_id: str, paths: Sequence[str]) -> Iterator[str]:
        """Yield the lines of all series, by time and without colours, in pieces of the text.

        Raises:
            NotThere: the run has no string series at one of the paths; raised at the call.
            BadQuestion: there are no paths, or too many.
        """
        if not 0 < len(paths) <= MOST_SERIES:
            message = f"{len(paths)} series can't be read as one text. Name 1 to {MOST_SERIES}."
            raise BadQuestion(message)
        readers = [self._reader(run_id, path) for path in dict.fromkeys(paths)]
        return _pieces([_lines(read, number) for number, read in enumerate(readers)])

    def _reader(self, run_id: str, path: str) -> ReadStrings:
        found = self._meta.attribute(run_id, path)
        if found is None or found.kind is not Kind.STRING_SERIES:
            message = f"The run has no series of texts at {path!r}. Look at its attributes for the paths there are."
            raise NotThere(message)
        return partial(self._points.strings, run_id, found.id)


def step_at(read: ReadStrings, time: int) -> float | None:
    """Return the step of the first point that is not older than `time`, None if all are older. Some 20 short reads."""
    first = _one(read, -math.inf, math.inf, from_end=False)
    last = _one(read, -math.inf, math.inf, from_end=True)
    if first is None or last is None or last[1] < time:
        return None
    if first[1] >= time:
        return first[0]
    older, newer = first[0], last[0]
    while True:
        middle = max(older / 2 + newer / 2, math.nextafter(older, math.inf))
        here = _one(read, middle, newer, from_end=False)
        if here is None:
            return newer
        if here[1] < time:
            older = here[0]
            continue
        before = _one(read, older, math.nextafter(middle, -math.inf), from_end=True)
        if before is None or before[0] <= older or before[1] < time:
            return here[0]
        newer = before[0]


def _one(read: ReadStrings, first: float, last: float, *, from_end: bool) -> tuple[float, int] | None:
    found = read(first_step=first, last_step=last, limit=1, from_end=from_end)
    return (float(found.steps[0]), int(found.times[0])) if len(found.steps) else None


def _lines(read: ReadStrings, number: int) -> Iterator[_Line]:
    first, held = -math.inf, -(2**63)
    while True:
        part = read(first_step=first, last_step=math.inf, limit=_SLICE, from_end=False)
        # A line that was written anew may not push those below it down: it counts as old as the oldest of them.
        latest, times = 2**63, [0] * len(part.times)
        for at in range(len(part.times) - 1, -1, -1):
            latest = min(latest, int(part.times[at]))
            times[at] = latest
        for time, value in zip(times, part.values, strict=True):
            held = max(held, time)
            yield held, number, value
        if len(part.steps) < _SLICE:
            return
        first = math.nextafter(float(part.steps[-1]), math.inf)


def _pieces(series: Sequence[Iterator[_Line]]) -> Iterator[str]:
    piece: list[str] = []
    size = 0
    for _, _, value in heapq.merge(*series, key=lambda line: line[:2]):
        text = plain(value)
        piece.append(text)
        size += len(text)
        if size >= _CHUNK_CHARACTERS:
            yield "\n".join([*piece, ""])
            piece, size = [], 0
    if piece:
        yield "\n".join([*piece, ""])
