"""Which series have changed, for those who listen: the noun, and how an engine makes it of what it committed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class SeriesChange(msgspec.Struct, frozen=True, kw_only=True):
    """Series of one run that may have another summary than before.

    Attributes:
        run_id: the run.
        attributes: ids in rising order, each once, int64; None: all that the run had, for the run was deleted.
    """

    run_id: str
    attributes: NDArray[np.int64] | None


Listener = Callable[[Sequence[SeriesChange]], None]


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
