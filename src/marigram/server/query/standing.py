"""`values_of_points`: the point that stands for a float series, of many runs: its first, or that at a best step.

Most such points are told by the summaries, which are in memory or quickly read: the first one is often the greatest or
the least, and the best step of one series that of another one. Only the rest is looked up among the points. Stateless;
any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from marigram.server.query.series import WholeSeries
from marigram.server.store.meta.filter import Best
from marigram.server.store.points.answers import FloatColumn, SummaryColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray


def values_of_points(
    points: WholeSeries, run_ids: Sequence[str], attribute: int, *, at: tuple[Best, int] | None
) -> tuple[FloatColumn, frozenset[str]]:
    """Return what stands for one series, a row for each run, and the runs of which it changes with their ancestors.

    A series that has no point at the very step has the one before it, or else none.

    Args:
        points: where they are.
        run_ids: the runs.
        attribute: the series.
        at: which step, and the series whose best step it is, which may be the same; None for the first point.
    """
    own, heirs = points.summary_columns(run_ids, attribute, with_steps=True)
    if at is None:
        steps = own.first_step
    else:
        best, other = at
        of, inheriting = points.summary_columns(run_ids, other, with_steps=True)
        heirs |= inheriting
        steps = of.min_step if best is Best.MIN else of.max_step
    there = own.there & (steps >= own.first_step)
    value, unknown = _told(own, steps, there)
    rows: list[int] = np.flatnonzero(unknown).tolist()
    if rows:
        found = points.values_at([run_ids[row] for row in rows], attribute, steps[rows].tolist())
        there[rows], value[rows] = found.there, found.value
    return FloatColumn(there=there, value=value), heirs


def _told(
    own: SummaryColumns, steps: NDArray[np.float64], there: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the values that summaries tell, NaN for others, and which of those that are there they do not tell."""
    value = np.full(len(steps), np.nan)
    unknown = np.array(there)
    last = np.array([each if isinstance(each, float) else None for each in own.last], np.float64)
    for told, known in (
        (steps >= own.last_step, last),
        (steps == own.min_step, own.min),
        (steps == own.max_step, own.max),
    ):
        rows = unknown & told
        value[rows] = known[rows]
        unknown &= ~rows
    return value, unknown
