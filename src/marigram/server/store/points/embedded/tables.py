"""Cells in one array with a row for each of their columns, so that those of many series are put side by side in one go.

A row holds the bits of its column: of a float64 or an int64, as the column is in `BucketColumns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from marigram.server.store.points.answers import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = BucketColumns.__struct_fields__
WHOLE_NUMBERS = frozenset({"time_first", "time_last", "count", "nan_count", "inf_count"})
"""The columns of int64; the others are of float64."""

_STEP_FIRST, _STEP_LAST = COLUMNS.index("step_first"), COLUMNS.index("step_last")


def room_for(cells: int) -> NDArray[np.int64]:
    """Return a table of so many cells whose content is arbitrary."""
    return np.empty((len(COLUMNS), cells), dtype=np.int64)


def table_of(cells: BucketColumns) -> NDArray[np.int64]:
    """Return a copy of cells as a table."""
    table = room_for(len(cells.count))
    for row, name in zip(table, COLUMNS, strict=True):
        row[:] = getattr(cells, name).view(np.int64)
    return table


def cells_in(table: NDArray[np.int64]) -> BucketColumns:
    """Return the cells of a table, whose memory they share."""
    return BucketColumns(
        **{
            name: row if name in WHOLE_NUMBERS else row.view(np.float64)
            for name, row in zip(COLUMNS, table, strict=True)
        }
    )


def side_by_side(tables: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the cells of tables one after the other; of a single one without a copy."""
    if len(tables) == 1:
        return tables[0]
    return np.concatenate(tables, axis=1) if tables else room_for(0)


def steps_of(table: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the first and the last step of each cell, without a copy."""
    return table[_STEP_FIRST].view(np.float64), table[_STEP_LAST].view(np.float64)
