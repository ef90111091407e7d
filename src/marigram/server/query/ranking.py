"""`ParameterRanker`: which parameters explain a number of the runs of a project. Any thread.

A parameter is what runs have as a value outside of what the system writes and outside of results; `differences` says
which paths those are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Kind, Path, Value
from marigram.server.query.answers import BadQuestion
from marigram.server.query.differences import Area, area_of
from marigram.server.query.finding import RunFinder
from marigram.server.query.grouping import Measure, RunGrouper
from marigram.server.query.importance import Importance, importance_of
from marigram.server.query.table.cache import Table
from marigram.server.query.table.column import TooBigError
from marigram.server.query.table.groups import Keys, column_keys
from marigram.server.store.meta.port import Attribute, MetaStore

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PARAMETERS = 300
"""Parameters that are looked at, those that most runs have."""

MOST_RUNS_NAMED = 1000
_COLUMNS_LOOKED_AT = 2000
_PARAMETER_KINDS = frozenset({Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.STRING})


class ImportanceQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be explained, and over which runs.

    Attributes:
        target: the number to explain.
        run_ids: only these; None is all.
        text: words that a run must hold somewhere.
        query: more of which runs are wanted, in the query language.
    """

    target: Measure
    run_ids: Sequence[str] | None = None
    text: str = ""
    query: str = ""


class ImportanceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters, the most important first.

    Attributes:
        run_count: runs that were asked about.
        measured_count: those of them that have a finite target.
    """

    parameters: list[Importance]
    run_count: int
    measured_count: int


class ParameterRanker:
    """Ranks parameters of the runs that a finder finds."""

    def __init__(self, *, meta: MetaStore, finder: RunFinder, grouper: RunGrouper) -> None:
        self._meta = meta
        self._finder = finder
        self._grouper = grouper

    def importance(self, project: str, asked: ImportanceQuestion) -> ImportanceAnswer:
        """Return what each parameter that varies says about the target.

        Raises:
            BadQuestion: too many runs are named.
            FilterError: the query cannot be understood.
        """
        if asked.run_ids is not None and len(asked.run_ids) > MOST_RUNS_NAMED:
            message = f"{len(asked.run_ids)} runs are too many to name. Ask with a query instead."
            raise BadQuestion(message)
        named = None if asked.run_ids is None else list(self._meta.run_numbers(asked.run_ids).values())

        def look(table: Table) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
            rows = self._finder.rows(table, text=asked.text, query=asked.query, trashed=False)
            if named is not None:
                rows = rows[np.isin(table.index.number[rows], named)]
            return table.index.number[rows], self._grouper.measured(table, asked.target)[rows]

        numbers, target = self._finder.tables.ask(project, look)
        measured = np.isfinite(target)
        numbers, measured_target = numbers[measured], target[measured]
        found = [
            importance
            for path in self._parameters(project, asked.target.path)
            if (keys := self._keys(project, path, numbers)) is not None
            and (importance := importance_of(path, keys.places, _values(keys), measured_target)) is not None
        ]
        found.sort(key=lambda each: (-(each.importance or 0), -abs(each.correlation or 0), each.path))
        return ImportanceAnswer(parameters=found, run_count=len(target), measured_count=len(numbers))

    def _parameters(self, project: str, target: Path) -> list[Path]:
        columns = self._meta.columns(project, limit=_COLUMNS_LOOKED_AT)
        paths = [
            column.path
            for column in columns
            if column.kind in _PARAMETER_KINDS
            and column.path != target
            and _is_config(Attribute(id=column.id, path=column.path, kind=column.kind))
        ]
        return list(dict.fromkeys(paths))[:MOST_PARAMETERS]

    def _keys(self, project: str, path: Path, numbers: NDArray[np.int64]) -> Keys | None:
        """Return what the runs have at a path; None if that takes too much memory. A run that is gone has nothing."""

        def look(table: Table) -> Keys:
            rows, known = table.index.rows(numbers)
            keys = column_keys(table.values(path), None, rows)
            places = np.full(len(numbers), len(keys.values) - 1, np.int64)
            places[known] = keys.places
            return Keys(places, keys.values)

        try:
            return self._finder.tables.ask(project, look)
        except TooBigError:
            return None


def _values(keys: Keys) -> list[Value]:
    """Return the values without the one that stands for nothing, which is the last."""
    return [value for value in keys.values if value is not None]


def _is_config(attribute: Attribute) -> bool:
    found = area_of(attribute)
    return found is not None and found[0] is Area.CONFIG
