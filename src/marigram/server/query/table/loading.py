"""Reading columns from the stores, of all runs or of some. Any thread.

Runs that the table does not have yet are not put into a column; the caller is told which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from marigram.model import Kind, Path
from marigram.server.query.series import WholeSeries
from marigram.server.query.standing import values_of_points
from marigram.server.query.table.column import Column
from marigram.server.query.table.index import rows_among
from marigram.server.query.table.lines import TextLines
from marigram.server.query.table.ordered import TextOrder
from marigram.server.store.meta.filter import Aggregate, Best
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.answers import SummaryColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray


_STEPS = (Aggregate.MIN_STEP, Aggregate.MAX_STEP)


def read_values(
    column: Column | TextOrder | TextLines,
    runs: NDArray[np.int64],
    *,
    meta: MetaStore,
    project: str,
    path: Path,
    numbers: Sequence[int] | None,
) -> set[int]:
    """Put what runs have at a path into a column with one row for each of `runs`, and return those that are newer.

    Args:
        column: of which the rows to be read have nothing so far.
        runs: numbers, rising.
        meta: where the values are.
        project: whose runs.
        path: which values.
        numbers: the runs to be read, None for all.

    Raises:
        TooBigError: the texts take too much memory.
    """
    newer: set[int] = set()
    for part in meta.cell_columns(project, path, numbers=numbers):
        rows, known = rows_among(runs, part.run)
        if known.all():
            column.put(rows, part.kind, part.number, part.other)
            continue
        at: list[int] = np.flatnonzero(known).tolist()
        column.put(
            rows,
            [part.kind[each] for each in at],
            [part.number[each] for each in at],
            [part.other[each] for each in at],
        )
        newer.update(part.run[~known].tolist())
    return newer


def read_series(
    column: Column,
    runs: NDArray[np.int64],
    *,
    meta: MetaStore,
    points: WholeSeries,
    attributes: Iterable[int],
    kind: Kind,
    aggregate: Aggregate,
    numbers: Sequence[int] | None,
) -> tuple[set[int], set[int]]:
    """Put what stands for series into a column as `read_values` does; return newer runs, and those that inherit.

    Raises:
        TooBigError: the texts take too much memory.
    """
    newer: set[int] = set()
    heirs: set[int] = set()
    for attribute in attributes:
        for part in meta.series_runs(attribute, numbers=numbers):
            run_ids = [run_id for _, run_id in part]
            found, inheriting = points.summary_columns(run_ids, attribute, with_steps=aggregate in _STEPS)
            if inheriting:
                heirs.update(number for number, run_id in part if run_id in inheriting)
            each = np.array([number for number, _ in part], np.int64)
            _, known = rows_among(runs, each)
            newer.update(each[~known].tolist())
            if kind is Kind.STRING_SERIES:
                _put_texts(column, runs, each, found, found.there & known)
            else:
                has, values = _numbers_of(found, aggregate)
                has &= known
                column.put_numbers(rows_among(runs, each[has])[0], kind, values[has])
    return newer, heirs


def read_points(
    column: Column,
    runs: NDArray[np.int64],
    *,
    meta: MetaStore,
    points: WholeSeries,
    attribute: int,
    at: tuple[Best, int] | None,
    numbers: Sequence[int] | None,
) -> tuple[set[int], set[int]]:
    """Put points that stand for a float series into a column as `read_series` does, with the same answer.

    `at` says which points, as for `values_of_points`.
    """
    newer: set[int] = set()
    heirs: set[int] = set()
    for part in meta.series_runs(attribute, numbers=numbers):
        found, inheriting = values_of_points(points, [run_id for _, run_id in part], attribute, at=at)
        heirs.update(number for number, run_id in part if run_id in inheriting)
        each = np.array([number for number, _ in part], np.int64)
        _, known = rows_among(runs, each)
        newer.update(each[~known].tolist())
        has = found.there & known
        column.put_numbers(rows_among(runs, each[has])[0], Kind.FLOAT_SERIES, found.value[has])
    return newer, heirs


def _put_texts(
    column: Column, runs: NDArray[np.int64], each: NDArray[np.int64], found: SummaryColumns, has: NDArray[np.bool_]
) -> None:
    rows: list[int] = np.flatnonzero(has).tolist()
    last = [found.last[row] for row in rows]
    texts = [text if isinstance(text, str) else None for text in last]
    column.put(rows_among(runs, each[has])[0], [Kind.STRING_SERIES] * len(texts), [None] * len(texts), texts)


def _numbers_of(found: SummaryColumns, aggregate: Aggregate) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which series have a number that stands for them, and the numbers."""
    match aggregate:
        case Aggregate.LAST:
            are_floats = np.array([isinstance(last, float) for last in found.last], np.bool_)
            last = [last if isinstance(last, float) else None for last in found.last]
            return are_floats, np.array(last, np.float64)
        case Aggregate.MIN:
            values = found.min
        case Aggregate.MAX:
            values = found.max
        case Aggregate.AVERAGE:
            values = found.mean
        case Aggregate.VARIANCE:
            values = found.variance
        case Aggregate.MIN_STEP:
            values = found.min_step
        case Aggregate.MAX_STEP:
            values = found.max_step
        case Aggregate.COUNT:
            values = found.count
        case Aggregate.FIRST:
            message = "No summary tells the first value of a series. Read it with read_points()."
            raise ValueError(message)
    return ~np.isnan(values), values
