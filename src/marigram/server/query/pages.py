"""Points of one series: a page at a time, or those in which a text is found. Any thread."""

from __future__ import annotations

import math
from functools import partial

from marigram.model import FloatPoints, Kind
from marigram.model.value import SERIES_KINDS
from marigram.server.query.answers import BadQuestion, NotThere, PointsAnswer
from marigram.server.query.attributes import Attributes
from marigram.server.query.searching import Found, TextSearch, find_text
from marigram.server.query.series import WholeSeries
from marigram.server.store.meta.port import MetaStore

MAX_POINTS = 10_000
"""Points in one page."""


class SeriesPages:
    """Reads pages of series."""

    def __init__(self, *, meta: MetaStore, points: WholeSeries, attributes: Attributes) -> None:
        self._meta = meta
        self._points = points
        self._attributes = attributes

    def points(
        self,
        run_id: str,
        path: str,
        *,
        first_step: float,
        last_step: float,
        limit: int,
        from_end: bool,
        cursor: str | None,
    ) -> PointsAnswer:
        """Return points of a series in order of step, the first `limit` in the range, or the last ones.

        Raises:
            NotThere: the run has no series at `path`.
            BadQuestion: the cursor is not one that this method made, or an end of the range is NaN.
        """
        _require_range(first_step, last_step)
        position = self._points.position()
        answer = self._attributes.at(run_id, path)
        attribute = answer.attribute
        if attribute.kind not in SERIES_KINDS:
            message = f"{path!r} is a {attribute.kind.value}, not a series. Ask for the attribute itself."
            raise NotThere(message)
        if cursor is not None:
            first_step = math.nextafter(_step(cursor), math.inf)
        limit = min(limit, MAX_POINTS)
        read = {
            Kind.FLOAT_SERIES: self._points.floats,
            Kind.STRING_SERIES: self._points.strings,
            Kind.FILE_SERIES: self._points.files,
            Kind.HISTOGRAM_SERIES: self._points.histograms,
        }[attribute.kind]
        points = read(run_id, attribute.id, first_step=first_step, last_step=last_step, limit=limit, from_end=from_end)
        full = len(points.steps) == limit and not from_end
        return PointsAnswer(
            kind=attribute.kind,
            points=points,
            total=answer.summary.count if answer.summary else 0,
            cursor=repr(float(points.steps[-1])) if full else None,
            position=position,
        )

    def floats(self, run_id: str, path: str, *, first_step: float, last_step: float, limit: int | None) -> FloatPoints:
        """Return points of a float series, as arrays, the first `limit`; none where the run has no such series."""
        found = self._meta.attribute(run_id, path)
        if found is None or found.kind is not Kind.FLOAT_SERIES:
            return FloatPoints(steps=[], times=[], values=[])
        return self._points.floats(run_id, found.id, first_step=first_step, last_step=last_step, limit=limit)

    def search(
        self,
        run_id: str,
        path: str,
        wanted: TextSearch,
        *,
        from_end: bool,
        limit: int,
        cursor: str | None,
    ) -> Found:
        """Look for text in a string series; the answer's `next_step` is the next cursor.

        Raises:
            NotThere: the run has no string series at `path`.
            BadQuestion: the cursor or the regular expression makes no sense.
        """
        attribute = self._attributes.at(run_id, path).attribute
        if attribute.kind is not Kind.STRING_SERIES:
            message = f"{path!r} is a {attribute.kind.value}, not a series of texts. Search the console or another one."
            raise NotThere(message)
        first_step = -math.inf if cursor is None or from_end else _step(cursor)
        last_step = math.inf if cursor is None or not from_end else _step(cursor)
        read = partial(self._points.strings, run_id, attribute.id)
        return find_text(
            read, wanted, first_step=first_step, last_step=last_step, from_end=from_end, limit=min(limit, MAX_POINTS)
        )


def _step(cursor: str) -> float:
    try:
        step = float(cursor)
    except ValueError:
        step = math.nan
    if math.isnan(step):
        raise BadQuestion(_no_cursor(cursor))
    return step


def _no_cursor(text: str) -> str:
    return f"{text[:40]!r} is not a cursor. Begin without one."


def _require_range(first_step: float, last_step: float) -> None:
    if math.isnan(first_step) or math.isnan(last_step):
        message = "NaN is no step. Ask for a range between two numbers."
        raise BadQuestion(message)
