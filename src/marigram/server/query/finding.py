"""`RunFinder`: which runs a question is about, and in which order. Stateless; any thread.

The meta store knows values, the point store knows series. A condition on a series is answered first, from statistics,
and becomes the set of runs for which it holds; the rest is one question to the meta store. Sorting by a series uses its
last value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import msgspec
from typing_extensions import assert_never

from marigram.model import Kind, Path, Run, RunStatus
from marigram.server.query.language import parse_filter
from marigram.server.query.series import WholeSeries
from marigram.server.store.meta.filter import (
    TRASHED,
    Aggregate,
    And,
    Compare,
    Comparison,
    Filter,
    Has,
    Literal,
    Not,
    OneOf,
    Or,
    number_holds,
    value_holds,
)
from marigram.server.store.meta.port import MetaStore, RunSort
from marigram.server.store.points.port import SeriesSummary

STALLED_AFTER_MS = 60_000
"""A running run that was not heard of for so long is shown as stalled; its writers are heard of every few seconds."""

_STATE = Path("sys/state")
_ANY_ORDER = RunSort(path=Path("sys/id"), descending=True)
_RUNNING = Compare(path=_STATE, comparison=Comparison.EQUAL, literal=Literal(text=RunStatus.RUNNING.value))
_COMPARED_SERIES = (Kind.FLOAT_SERIES, Kind.STRING_SERIES)


class RunFinder:
    """Finds runs of a project."""

    def __init__(self, *, meta: MetaStore, points: WholeSeries, clock_ms: Callable[[], int]) -> None:
        self._meta = meta
        self._points = points
        self._clock_ms = clock_ms

    def find(self, project: str, *, text: str, query: str, sort: RunSort, trashed: bool) -> list[str]:
        """Return the ids of all runs that `text` and `query` want, in order.

        A query that asks about the trash itself sees runs in and out of it.

        Raises:
            FilterError: the query cannot be understood.
        """
        wanted = parse_filter(query, now_ms=self._clock_ms())
        within = None if _mentions(wanted, TRASHED) else trashed
        where = self._resolved(project, wanted) if query.strip() else None
        run_ids = self._meta.search_runs(project, text=text, sort=sort, where=where, trashed=within)
        return self._sorted_by_series(project, run_ids, sort)

    def as_seen(self, run: Run) -> Run:
        """Return the run as it is shown: stalled if it says that it runs and nothing is heard of it."""
        silent = self._clock_ms() - run.heard_at > STALLED_AFTER_MS
        if run.status is RunStatus.RUNNING and silent:
            return msgspec.structs.replace(run, status=RunStatus.STALLED)
        return run

    def _resolved(self, project: str, wanted: Filter) -> Filter:
        """Return a filter that the meta store can answer alone."""
        match wanted:
            case Compare(path=path, comparison=Comparison.EQUAL) if path == _STATE:
                return self._state(project, wanted)
            case Compare():
                return self._compare(project, wanted)
            case Has() | OneOf():
                return wanted
            case Not(term):
                return Not(self._resolved(project, term))
            case And(terms):
                return And(tuple(self._resolved(project, term) for term in terms))
            case Or(terms):
                return Or(tuple(self._resolved(project, term) for term in terms))
            case _:
                assert_never(wanted)

    def _state(self, project: str, wanted: Compare) -> Filter:
        """Return the filter for a state as it is shown; `active` and `idle` are what Neptune's users write."""
        state = wanted.literal.text.lower()
        running_ids = self._meta.search_runs(project, text="", sort=_ANY_ORDER, where=_RUNNING, trashed=None)
        seen = [self.as_seen(run) for run in self._meta.runs(running_ids)]
        running = OneOf(frozenset(run.id for run in seen if run.status is RunStatus.RUNNING))
        match state:
            case "running" | "active":
                return running
            case "idle" | "inactive":
                return Not(running)
            case "stalled":
                return OneOf(frozenset(running_ids) - running.run_ids)
            case _:
                return wanted

    def _compare(self, project: str, wanted: Compare) -> Filter:
        held = [
            self._series_that_hold(project, wanted, kind)
            for kind in _COMPARED_SERIES
            if wanted.kinds is None or kind in wanted.kinds
        ]
        return Or((wanted, *held)) if held else wanted

    def _series_that_hold(self, project: str, wanted: Compare, kind: Kind) -> OneOf:
        summaries = self._summaries(project, wanted.path, kind, run_ids=None)
        return OneOf(frozenset(run_id for run_id, summary in summaries.items() if _series_holds(wanted, kind, summary)))

    def _summaries(
        self, project: str, path: Path, kind: Kind, *, run_ids: list[str] | None
    ) -> Mapping[str, SeriesSummary]:
        """Return the summaries of the series at a path by run; `run_ids` None asks for all runs that have it."""
        having = Has(path=path, kinds=frozenset({kind}))
        found = self._meta.search_runs(project, text="", sort=_ANY_ORDER, where=having, trashed=None)
        if not found:
            return {}
        attribute = self._meta.cells(found[:1], [path])[found[0], path].id
        summaries = self._points.summaries(found if run_ids is None else run_ids, [attribute])
        return {run_id: summary for (run_id, _), summary in summaries.items()}

    def _sorted_by_series(self, project: str, run_ids: list[str], sort: RunSort) -> list[str]:
        """Sort by the last value of a float series, for runs that have one; NaN counts as nothing."""
        summaries = self._summaries(project, sort.path, Kind.FLOAT_SERIES, run_ids=run_ids)
        last = {
            run_id: summary.last
            for run_id, summary in summaries.items()
            if isinstance(summary.last, float) and not math.isnan(summary.last)
        }
        having = sorted((run_id for run_id in run_ids if run_id in last), key=last.__getitem__, reverse=sort.descending)
        return having + [run_id for run_id in run_ids if run_id not in last]


def _series_holds(wanted: Compare, kind: Kind, summary: SeriesSummary) -> bool:
    if kind is Kind.STRING_SERIES:
        last = summary.last if isinstance(summary.last, str) else None
        return value_holds(msgspec.structs.replace(wanted, kinds=None), Kind.STRING, last)
    number = _aggregated(wanted.aggregate, summary)
    return number is not None and number_holds(wanted.comparison, number, wanted.literal.number)


def _aggregated(aggregate: Aggregate, summary: SeriesSummary) -> float | None:
    match aggregate:
        case Aggregate.LAST:
            return summary.last if isinstance(summary.last, float) else None
        case Aggregate.MIN:
            return summary.min
        case Aggregate.MAX:
            return summary.max
        case Aggregate.AVERAGE:
            return summary.mean
        case Aggregate.VARIANCE:
            return summary.variance
        case _:
            assert_never(aggregate)


def _mentions(wanted: Filter, path: str) -> bool:
    match wanted:
        case Compare() | Has():
            return wanted.path == path
        case OneOf():
            return False
        case Not(term):
            return _mentions(term, path)
        case And(terms) | Or(terms):
            return any(_mentions(term, path) for term in terms)
        case _:
            assert_never(wanted)
