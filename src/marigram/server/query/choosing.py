"""`RunChooser`: which runs a foreign protocol's question is about, and what to sort them by. Any thread.

The order itself is the asker's: protocols differ in where nothing, NaN and equal runs come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Kind, Path
from marigram.server.query.finding import RunFinder
from marigram.server.query.table.cache import Table
from marigram.server.query.table.column import NOTHING, NUMBER_OF_KIND, TooBigError
from marigram.server.query.table.filters import VALUE_KINDS
from marigram.server.store.meta.filter import Aggregate, Filter
from marigram.server.store.meta.port import MetaStore

if TYPE_CHECKING:
    from numpy.typing import NDArray

SortValue = float | str | None
"""What a run is sorted by: a number, which may be NaN, or a text of at most 256 characters; None for nothing."""


class RunChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Runs in no particular order, as columns of one length. Times are milliseconds since 1970-01-01 UTC.

    Attributes:
        run_ids: which runs.
        created_at: when each was made.
        ended_at: when each ended, None if it has not.
        places: for each path that was asked for, what each run is sorted by.
    """

    run_ids: Sequence[str]
    created_at: Sequence[int]
    ended_at: Sequence[int | None]
    places: Mapping[str, Sequence[SortValue]]


class RunChooser:
    """Chooses runs."""

    def __init__(self, *, meta: MetaStore, finder: RunFinder) -> None:
        self._meta = meta
        self._finder = finder

    def choose(self, project: str, wanted: Filter, *, trashed: bool | None, paths: Sequence[Path]) -> RunChoice:
        """Return the runs of a project for which a filter holds, and what they have at `paths`.

        Args:
            project: whose runs; none of one that is unknown.
            wanted: what has to hold.
            trashed: only runs that are in the trash, or only others; None: both.
            paths: what they may be sorted by. The last point of a float series is its number.

        Raises:
            BadQuestion: texts are too long for what is asked of them.
        """

        def look(table: Table) -> tuple[list[int], RunChoice]:
            index = table.index
            mask = index.shown
            if trashed is not None:
                mask &= index.trashed == trashed
            mask &= self._finder.mask(table, wanted)
            rows = np.flatnonzero(mask)
            until: list[int] = index.until({})[rows].tolist()
            running: list[bool] = index.running[rows].tolist()
            choice = RunChoice(
                run_ids=(),
                created_at=index.created_at[rows].tolist(),
                ended_at=[None if runs else end for runs, end in zip(running, until, strict=True)],
                places={path: self._places(table, path, rows) for path in paths},
            )
            return index.number[rows].tolist(), choice

        numbers, choice = self._finder.tables.ask(project, look)
        ids = self._meta.run_ids(numbers)
        if len(ids) == len(numbers):
            return msgspec.structs.replace(choice, run_ids=[ids[number] for number in numbers])
        # Some were deleted meanwhile; nobody asks for them any more.
        there = [at for at, number in enumerate(numbers) if number in ids]
        return RunChoice(
            run_ids=[ids[numbers[at]] for at in there],
            created_at=[choice.created_at[at] for at in there],
            ended_at=[choice.ended_at[at] for at in there],
            places={path: [column[at] for at in there] for path, column in choice.places.items()},
        )

    def _places(self, table: Table, path: Path, rows: NDArray[np.int64]) -> list[SortValue]:
        kinds = self._meta.kinds_at(table.project, path).keys()
        found: list[SortValue] = [None] * len(rows)
        if Kind.FLOAT_SERIES in kinds:
            column = table.series(path, Kind.FLOAT_SERIES, Aggregate.LAST)
            _put_numbers(found, column.kind[rows] == NUMBER_OF_KIND[Kind.FLOAT_SERIES], column.number[rows])
        if not kinds & VALUE_KINDS:
            return found
        try:
            column = table.values(path)
        except TooBigError:
            return self._asked(table, path, rows)
        numbers = [NUMBER_OF_KIND[kind] for kind in (Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.DATETIME)]
        _put_numbers(found, np.isin(column.kind[rows], numbers), column.number[rows])
        if column.code is not None:
            codes: list[int] = column.code[rows].tolist()
            values = [value if isinstance(value, str) else str(value) for value in column.values]
            for at, code in enumerate(codes):
                if code != NOTHING:
                    found[at] = values[code]
        return found

    def _asked(self, table: Table, path: Path, rows: NDArray[np.int64]) -> list[SortValue]:
        """Return what the runs have where there is too much of it to be kept."""
        numbers: list[int] = table.index.number[rows].tolist()
        by_number: dict[int, SortValue] = {}
        for part in self._meta.cell_columns(table.project, path, numbers=numbers):
            runs: list[int] = part.run.tolist()
            for run, number, other in zip(runs, part.number, part.other, strict=True):
                by_number[run] = str(other) if number is None and other is not None else number
        return [by_number.get(number) for number in numbers]


def _put_numbers(found: list[SortValue], there: NDArray[np.bool_], numbers: NDArray[np.float64]) -> None:
    rows: list[int] = np.flatnonzero(there).tolist()
    each: list[float] = numbers[there].tolist()
    for row, number in zip(rows, each, strict=True):
        found[row] = number
