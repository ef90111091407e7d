"""Which series some committed batches have changed, for those who listen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from marigram.server.store.points.port import SeriesChange

if TYPE_CHECKING:
    from numpy.typing import NDArray


def changes_of(written: Iterable[tuple[str, Iterable[Sequence[int] | NDArray[np.int64]]]]) -> list[SeriesChange]:
    """Return one change per run, from the runs and attributes that were written to."""
    by_run: dict[str, list[Sequence[int] | NDArray[np.int64]]] = {}
    for run_id, attributes in written:
        by_run.setdefault(run_id, []).extend(attributes)
    return [
        SeriesChange(run_id=run_id, attributes=np.unique(np.concatenate(found).astype(np.int64)))
        for run_id, found in by_run.items()
        if found
    ]
