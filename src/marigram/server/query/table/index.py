"""`RunIndex`: the runs of a project, one row each, in rising order of number. Not thread-safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from marigram.server.store.meta.port import RunColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RunIndex:
    """A run keeps its row for as long as the index lives; a run that was deleted leaves a row that is not there."""

    def __init__(self, runs: RunColumns) -> None:
        """Begin with all runs of a project."""
        self._columns = runs
        self._there = np.ones(len(runs.number), np.bool_)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._there)

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        return len(self) * 36

    @property
    def number(self) -> NDArray[np.int64]:
        """The store's number of each run; this array never changes, the next one may be longer."""
        return self._columns.number

    @property
    def created_at(self) -> NDArray[np.int64]:
        """When each was created, in milliseconds since 1970-01-01 UTC."""
        return self._columns.created_at

    @property
    def running(self) -> NDArray[np.bool_]:
        """Whether each says that it runs."""
        return self._columns.running

    @property
    def trashed(self) -> NDArray[np.bool_]:
        """Whether each is in the trash."""
        return self._columns.trashed

    @property
    def shown(self) -> NDArray[np.bool_]:
        """Whether each is there, and not what holds what is said of the project itself."""
        return self._columns.shown & self._there

    def until(self, heard: Mapping[int, int]) -> NDArray[np.int64]:
        """Return when each ended or was last heard of; `heard` is by number and newer."""
        if not heard:
            return self._columns.until
        rows, known = self.rows(np.fromiter(heard.keys(), np.int64, len(heard)))
        until = np.array(self._columns.until)
        until[rows] = np.maximum(until[rows], np.fromiter(heard.values(), np.int64, len(heard))[known])
        return until

    def rows(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the rows of the runs that have one, and which of the runs have one."""
        return rows_among(self.number, numbers)

    def update(self, numbers: NDArray[np.int64], now: RunColumns) -> bool:
        """Take in how these runs are now; those that `now` doesn't have are gone.

        Returns:
            False if the index can't: a run has a number below that of a run that is gone. Make a new one then.
        """
        rows, _ = self.rows(numbers)
        self._there[rows] = False
        rows, known = self.rows(now.number)
        fresh = ~known
        if fresh.any() and len(self) and int(now.number[fresh][0]) < int(self.number[-1]):
            return False
        self._there[rows] = True
        for name in ("created_at", "until", "running", "trashed", "shown"):
            getattr(self._columns, name)[rows] = getattr(now, name)[known]
        if fresh.any():
            names = RunColumns.__struct_fields__
            parts = {name: (getattr(self._columns, name), getattr(now, name)[fresh]) for name in names}
            self._columns = RunColumns(**{name: np.concatenate(part) for name, part in parts.items()})
            self._there = np.concatenate((self._there, np.ones(int(fresh.sum()), np.bool_)))
        return True


def rows_among(runs: NDArray[np.int64], numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where in `runs`, which rise, those of `numbers` stand that are there, and which of them are."""
    at = np.searchsorted(runs, numbers)
    known = at < len(runs)
    known[known] = runs[at[known]] == numbers[known]
    return at[known], known
