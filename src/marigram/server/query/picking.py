"""`PointPicker`: a point that stands for a float series: its first, or that at the best step of another. Any thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from marigram.model import Kind, Path
from marigram.server.query.answers import BadQuestion
from marigram.server.query.series import WholeSeries
from marigram.server.query.standing import values_of_points
from marigram.server.store.meta.filter import AtBest
from marigram.server.store.meta.port import MetaStore

MOST_PICKS = 20


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """The point of the series at `path` that is asked for: its first, or that `at` the best step of another series."""

    path: Path
    at: AtBest | None = None


class PointPicker:
    """Picks points of the runs of a page."""

    def __init__(self, *, meta: MetaStore, points: WholeSeries) -> None:
        self._meta = meta
        self._points = points

    def values(self, run_ids: Sequence[str], picks: Sequence[Pick]) -> list[list[float | None]]:
        """Return for each pick the value of each run, None where there is none.

        At the best step of another series, a series that has no point at that very step has the one before it.

        Raises:
            BadQuestion: there are too many picks.
        """
        if len(picks) > MOST_PICKS:
            message = f"{len(picks)} points of each run are too many. Ask for at most {MOST_PICKS}."
            raise BadQuestion(message)
        paths = {path for pick in picks for path in (pick.path, pick.at and pick.at.of) if path is not None}
        if not paths or not run_ids:
            return [[None] * len(run_ids) for _ in picks]
        cells = self._meta.cells(run_ids, sorted(paths))
        ids = {place: each.id for place, each in cells.items() if each.kind is Kind.FLOAT_SERIES}
        return [self._values(run_ids, pick, ids) for pick in picks]

    def _values(self, run_ids: Sequence[str], pick: Pick, ids: Mapping[tuple[str, str], int]) -> list[float | None]:
        """Return the value of each run; `ids` are of its float series, by run and path."""
        found: dict[str, float] = {}
        # The runs may be of several projects, in which the same path is another attribute.
        alike: dict[tuple[int, int | None], list[str]] = {}
        for run_id in run_ids:
            attribute = ids.get((run_id, pick.path))
            other = None if pick.at is None else ids.get((run_id, pick.at.of))
            if attribute is not None and (pick.at is None or other is not None):
                alike.setdefault((attribute, other), []).append(run_id)
        for (attribute, other), some in alike.items():
            at = None if pick.at is None or other is None else (pick.at.best, other)
            column, _ = values_of_points(self._points, some, attribute, at=at)
            rows = zip(some, column.there.tolist(), column.value.tolist(), strict=True)
            found.update((run_id, value) for run_id, there, value in rows if there)
        return [found.get(run_id) for run_id in run_ids]
