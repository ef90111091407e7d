"""`PointPicker`: a point that stands for a float series: its first, or that at the best step of another. Any thread."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import Enum

import msgspec

from marigram.model import Kind, Path
from marigram.server.query.answers import BadQuestion
from marigram.server.query.series import WholeSeries
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.port import SeriesSummary

MOST_PICKS = 20
_FEWEST_BUCKETS = 2


class Best(str, Enum):
    """Which step of a series is its best: the first with its least or greatest value."""

    MIN = "min"
    MAX = "max"


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """The point of the series at `path` that is asked for.

    Attributes:
        path: the series.
        best: which step; None for the first point.
        of: the series whose best step it is.
    """

    path: Path
    best: Best | None = None
    of: Path | None = None


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
        paths = {path for pick in picks for path in (pick.path, pick.of) if path is not None}
        if not paths or not run_ids:
            return [[None] * len(run_ids) for _ in picks]
        cells = self._meta.cells(run_ids, sorted(paths))
        ids = {place: each.id for place, each in cells.items() if each.kind is Kind.FLOAT_SERIES}
        last_steps = self._last_steps(run_ids, picks, ids)
        asked = [
            ((at, run_id), ids[run_id, pick.path], last_steps[at, run_id])
            for at, pick in enumerate(picks)
            for run_id in run_ids
            if (run_id, pick.path) in ids and (at, run_id) in last_steps
        ]
        buckets = self._points.downsample_many(
            [(run_id, attribute) for (_, run_id), attribute, _ in asked],
            first_step=-math.inf,
            last_step=[last for _, _, last in asked],
            max_buckets=_FEWEST_BUCKETS,
        )
        found: dict[tuple[int, str], float] = {}
        for (place, _, _), columns in zip(asked, buckets, strict=True):
            if len(columns.step_first):
                found[place] = float(columns.first[0] if picks[place[0]].best is None else columns.last[-1])
        return [[found.get((at, run_id)) for run_id in run_ids] for at in range(len(picks))]

    def _last_steps(
        self, run_ids: Sequence[str], picks: Sequence[Pick], ids: Mapping[tuple[str, str], int]
    ) -> dict[tuple[int, str], float]:
        """Return up to which step each pick of each run looks; those of series that have no best step are left out."""
        others = sorted({each for (_, path), each in ids.items() if any(path == pick.of for pick in picks)})
        summaries: Mapping[tuple[str, int], SeriesSummary] = self._points.summaries(run_ids, others) if others else {}
        steps: dict[tuple[int, str], float] = {}
        for at, pick in enumerate(picks):
            for run_id in run_ids:
                if pick.best is None or pick.of is None:
                    steps[at, run_id] = math.inf
                    continue
                other = ids.get((run_id, pick.of))
                summary = None if other is None else summaries.get((run_id, other))
                step = None if summary is None else summary.min_step if pick.best is Best.MIN else summary.max_step
                if step is not None:
                    steps[at, run_id] = step
        return steps
