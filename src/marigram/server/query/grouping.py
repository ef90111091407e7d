"""`RunGrouper`: runs that have the same somewhere, counted and averaged. Any thread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from typing_extensions import assert_never

from marigram.model import Kind, Path
from marigram.server.query.answers import BadQuestion, GroupNumbers, RunGroup, RunGroupsAnswer
from marigram.server.query.finding import RunFinder, offset_of
from marigram.server.query.keying import GroupKey, Within
from marigram.server.query.table.cache import Table
from marigram.server.query.table.column import TooBigError
from marigram.server.query.table.filters import VALUE_KINDS
from marigram.server.query.table.groups import Groups, Keys, Numbers, grouped
from marigram.server.store.meta.filter import Aggregate, StandIn, is_point
from marigram.server.store.meta.port import MetaStore

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_KEYS = 5
MOST_NUMBERS = 20


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A number of each run: at a path; `aggregate` is what stands for a series."""

    path: Path
    aggregate: StandIn = Aggregate.LAST


class GroupSort(str, Enum):
    """What groups are sorted by: how many runs, the keys themselves, or what the first measure is over the group."""

    COUNT = "count"
    KEY = "key"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"


class GroupQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs are grouped, and how.

    Attributes:
        by: what runs of a group have in common; what they don't have is in common too.
        measures: numbers of runs, of which each group gets mean, minimum and maximum.
        text: words that a run must hold somewhere.
        query: more of which runs are wanted, in the query language.
        trashed: the runs in the trash instead of the others.
        within: only the runs of these groups: so the groups inside a group are asked for.
        sort: the order of the groups.
        descending: whether the largest comes first.
    """

    by: Sequence[GroupKey]
    measures: Sequence[Measure] = ()
    text: str = ""
    query: str = ""
    trashed: bool = False
    within: Sequence[Within] = ()
    sort: GroupSort = GroupSort.COUNT
    descending: bool = True


class RunGrouper:
    """Groups the runs that a finder finds."""

    def __init__(self, *, meta: MetaStore, finder: RunFinder) -> None:
        self._meta = meta
        self._finder = finder

    def groups(self, project: str, asked: GroupQuestion, *, cursor: str | None, limit: int) -> RunGroupsAnswer:
        """Return a page of the groups of the runs that are wanted; equal ones are in order of their keys.

        Raises:
            BadQuestion: too many or no keys to group by, too many measures, texts that are too long, a sort by a
                measure that is not there, or a cursor of nobody's making.
            FilterError: the query cannot be understood.
        """
        by, measures, sort = asked.by, asked.measures, asked.sort
        if not 1 <= len(by) <= MOST_KEYS or len(measures) > MOST_NUMBERS:
            message = f"Group by 1 to {MOST_KEYS} paths, with at most {MOST_NUMBERS} measures."
            raise BadQuestion(message)
        if sort not in {GroupSort.COUNT, GroupSort.KEY} and not measures:
            message = f"Groups can't be sorted by {sort.value}: nothing is measured. Name a measure."
            raise BadQuestion(message)
        start = offset_of(cursor)

        def look(table: Table) -> tuple[int, list[Keys], Groups, list[Numbers]]:
            rows = self._finder.rows(
                table, text=asked.text, query=asked.query, trashed=asked.trashed, within=asked.within
            )
            keys = [self._finder.keys.keys(table, each, rows) for each in by]
            groups = grouped(keys, len(rows))
            return len(rows), keys, groups, [groups.numbers(self.measured(table, each)[rows]) for each in measures]

        run_count, keys, groups, numbers = self._finder.tables.ask(project, look)
        order = _order(groups, numbers, sort, descending=asked.descending)
        page = order[start : start + limit].tolist()
        return RunGroupsAnswer(
            groups=[
                RunGroup(
                    keys=tuple(key.values[int(key.places[groups.first[group]])] for key in keys),
                    run_count=int(groups.run_count[group]),
                    numbers=tuple(_numbers_of(each, group) for each in numbers),
                )
                for group in page
            ],
            total=len(order),
            run_count=run_count,
            cursor=str(start + limit) if start + limit < len(order) else None,
        )

    def measured(self, table: Table, measure: Measure) -> NDArray[np.float64]:
        """Return the number of each run, NaN where there is none."""
        if measure.path == "sys/running_time":
            return self._finder.running_ms(table) / 1000
        kinds = self._meta.kinds_at(table.project, measure.path).keys()
        numbers = np.full(len(table.index), np.nan)
        if kinds & (VALUE_KINDS - {Kind.STRING, Kind.STRING_SET}) and not is_point(measure.aggregate):
            try:
                numbers = np.array(table.values(measure.path).number)
            except TooBigError:
                message = f"The texts at {measure.path!r} take too much memory. Measure another attribute."
                raise BadQuestion(message) from None
        if Kind.FLOAT_SERIES in kinds:
            series = table.series(measure.path, Kind.FLOAT_SERIES, measure.aggregate).number
            numbers = np.where(np.isnan(series), numbers, series)
        return numbers


def _order(groups: Groups, numbers: Sequence[Numbers], sort: GroupSort, *, descending: bool) -> NDArray[np.int64]:
    """Return the groups in order; those without a number come last either way."""
    match sort:
        case GroupSort.COUNT:
            ranks = groups.run_count.astype(np.float64)
        case GroupSort.KEY:
            ranks = np.arange(len(groups.first), dtype=np.float64)
        case GroupSort.MEAN:
            ranks = numbers[0].mean
        case GroupSort.MIN:
            ranks = numbers[0].min
        case GroupSort.MAX:
            ranks = numbers[0].max
        case _:
            assert_never(sort)
    return np.lexsort((-ranks if descending else ranks, np.isnan(ranks)))


def _numbers_of(numbers: Numbers, group: int) -> GroupNumbers:
    mean, low, high = (
        None if math.isnan(each) else each
        for each in (float(numbers.mean[group]), float(numbers.min[group]), float(numbers.max[group]))
    )
    return GroupNumbers(count=int(numbers.count[group]), mean=mean, min=low, max=high)
