"""`RunFinder`: which runs a question is about, and in which order. Any thread.

A filter becomes one truth per run, the sort keys one rank per run and key; from these a page is picked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from typing_extensions import assert_never

from marigram.model import Kind, Path, Run, RunStatus
from marigram.server.query.answers import BadQuestion
from marigram.server.query.keying import RunKeys, Within
from marigram.server.query.language import parse_filter
from marigram.server.query.series import WholeSeries
from marigram.server.query.table.cache import RunTables, Table
from marigram.server.query.table.column import TooBigError
from marigram.server.query.table.filters import (
    CLIENT,
    QUIET_STALLED_AFTER_MS,
    STALLED_AFTER_MS,
    VALUE_KINDS,
    Filters,
)
from marigram.server.query.table.order import (
    Continuation,
    Place,
    SortKey,
    behind,
    column_key,
    continuation_of,
    cursor_of,
    first_rows,
    number_key,
)
from marigram.server.store.meta.filter import (
    TRASHED,
    And,
    Compare,
    Filter,
    Has,
    Not,
    OneOf,
    Or,
    is_point,
    named,
)
from marigram.server.store.meta.port import MetaStore, RunSort

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_SORTS = 8
"""Keys of one order."""

_OFFSET_DIGITS = 18


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of runs, how many there are in all, and where to continue, None at the end."""

    run_ids: list[str]
    total: int
    cursor: str | None


class RunFinder:
    """Finds runs of a project."""

    def __init__(self, *, meta: MetaStore, points: WholeSeries, clock_ms: Callable[[], int]) -> None:
        self._meta = meta
        self._clock_ms = clock_ms
        self._filters = Filters(meta=meta, clock_ms=clock_ms)
        self.keys = RunKeys(meta=meta, filters=self._filters)
        self.tables = RunTables(meta=meta, points=points)

    def find(
        self,
        project: str,
        *,
        text: str,
        query: str,
        sort: Sequence[RunSort],
        trashed: bool,
        cursor: str | None,
        limit: int,
        within: Sequence[Within] = (),
    ) -> Found:
        """Return a page of the runs that `text` and `query` want, of those `within` groups, in order.

        A query that asks about the trash itself sees runs in and out of it.

        Raises:
            BadQuestion: the cursor is of another order or of nobody's making, or there are too many sort keys.
            FilterError: the query cannot be understood.
        """
        if len(sort) > MOST_SORTS:
            message = f"{len(sort)} sort keys are too many. Use at most {MOST_SORTS}."
            raise BadQuestion(message)
        offset, last = _start(cursor, sort)

        def look(table: Table) -> tuple[int, list[int], str | None]:
            rows = self.rows(table, text=text, query=query, trashed=trashed, within=within)
            total = len(rows)
            keys = [self._key(table, each) for each in sort]
            if last is not None:
                rows = behind(keys, table.index.number, rows, last)
            page = first_rows(keys, rows, offset + limit)[offset:]
            more = None
            if len(rows) > offset + limit and len(page):
                row = int(page[-1])
                places = tuple(key.place_of(row) for key in keys)
                more = cursor_of(Continuation(_named(sort), places, int(table.index.number[row])))
            return total, table.index.number[page].tolist(), more

        total, numbers, more = self.tables.ask(project, look)
        ids = self._meta.run_ids(numbers)
        return Found(run_ids=[ids[number] for number in numbers if number in ids], total=total, cursor=more)

    def as_seen(self, run: Run) -> Run:
        """Return the run as it is shown: stalled if it says that it runs and nothing is heard of it."""
        return self.all_as_seen([run])[0]

    def all_as_seen(self, runs: Sequence[Run]) -> list[Run]:
        """Return the runs as `as_seen` does, in order."""
        now = self._clock_ms()
        silent = [run for run in runs if run.status is RunStatus.RUNNING and now - run.heard_at > STALLED_AFTER_MS]
        if not silent:
            return list(runs)
        quiet = {run_id for run_id, _ in self._meta.cells([run.id for run in silent], [CLIENT])}
        stalled = {run.id for run in silent if run.id not in quiet or now - run.heard_at > QUIET_STALLED_AFTER_MS}
        return [msgspec.structs.replace(run, status=RunStatus.STALLED) if run.id in stalled else run for run in runs]

    def rows(
        self, table: Table, *, text: str, query: str, trashed: bool, within: Sequence[Within] = ()
    ) -> NDArray[np.int64]:
        """Return the rows that `text` and `query` want, in rising order; see `find`.

        Raises:
            BadQuestion: the texts at the path of a group take too much memory.
            FilterError: the query cannot be understood.
        """
        wanted = parse_filter(query, now_ms=self._clock_ms())
        mask = table.index.shown
        if not _mentions(wanted, TRASHED):
            mask &= table.index.trashed == trashed
        mask &= self._filters.mask(table, wanted)
        if text.split():
            mask = table.search(text.split(), mask)
        return self.keys.within(table, np.flatnonzero(mask), within)

    def mask(self, table: Table, wanted: Filter) -> NDArray[np.bool_]:
        """Return per row whether a filter holds for the run.

        Raises:
            BadQuestion: texts are too long for what is asked of them.
        """
        return self._filters.mask(table, wanted)

    def running_ms(self, table: Table) -> NDArray[np.int64]:
        """Return for how long each run has been running, in milliseconds."""
        return self._filters.running_ms(table)

    def _key(self, table: Table, sort: RunSort) -> SortKey:
        index, descending = table.index, sort.descending
        match sort.path:
            case "sys/id":
                return number_key(index.number.astype(np.float64), descending=descending)
            case "sys/creation_time":
                return number_key(index.created_at.astype(np.float64), descending=descending)
            case "sys/running_time":
                return number_key(self._filters.running_ms(table).astype(np.float64), descending=descending)
            case "sys/trashed":
                return number_key(index.trashed.astype(np.float64), descending=descending)
            case path:
                return self._stored_key(table, path, sort)

    def _stored_key(self, table: Table, path: Path, sort: RunSort) -> SortKey:
        kinds = self._meta.kinds_at(table.project, path).keys()
        series = None
        if Kind.FLOAT_SERIES in kinds:
            series = table.series(path, Kind.FLOAT_SERIES, sort.aggregate).number
            if not kinds & VALUE_KINDS or is_point(sort.aggregate):
                return number_key(series, descending=sort.descending)
        if not kinds & VALUE_KINDS or is_point(sort.aggregate):
            return number_key(np.full(len(table.index), np.nan), descending=sort.descending)
        empty_is_nothing = path == "sys/name"
        for read in (table.values, table.ordered):
            try:
                return column_key(read(path), series, descending=sort.descending, empty_is_nothing=empty_is_nothing)
            except TooBigError:
                continue
        return self._asked_key(table, sort)

    def _asked_key(self, table: Table, sort: RunSort) -> SortKey:
        """Return the key of an order that the meta store makes, which takes longer. A cursor then names a run."""
        ids = self._meta.search_runs(table.project, text="", sort=sort, trashed=None)
        numbers = self._meta.run_numbers(ids)
        each = np.fromiter((numbers[run_id] for run_id in ids if run_id in numbers), np.int64)
        rows, known = table.index.rows(each)
        ranks = np.full(len(table.index), np.nan)
        ranks[rows] = np.flatnonzero(known)

        def rank_of(place: Place) -> float:
            row = np.flatnonzero(table.index.number == place)
            return float(ranks[row[0]]) if len(row) else np.inf

        return SortKey(np.where(np.isnan(ranks), np.inf, ranks), rank_of, lambda row: float(table.index.number[row]))


def offset_of(cursor: str | None) -> int:
    """Return how many rows come before a page.

    Raises:
        BadQuestion: the cursor is no number.
    """
    if cursor is None:
        return 0
    if cursor.isascii() and cursor.isdigit() and len(cursor) <= _OFFSET_DIGITS:
        return int(cursor)
    message = f"{cursor[:40]!r} is not a cursor. Begin without one."
    raise BadQuestion(message)


def _start(cursor: str | None, sort: Sequence[RunSort]) -> tuple[int, Continuation | None]:
    """Return after how many rows, and behind which one, a page begins."""
    last = None if cursor is None else continuation_of(cursor)
    if last is None:
        return offset_of(cursor), None
    if last.order != _named(sort) or len(last.places) != len(sort):
        message = "This cursor belongs to another order of the table. Begin without one."
        raise BadQuestion(message)
    return 0, last


def _named(sort: Sequence[RunSort]) -> str:
    return " ".join(f"{'-' if each.descending else ''}{named(each.path, each.aggregate)}" for each in sort)


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
