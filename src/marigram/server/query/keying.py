"""`RunKeys`: what runs have, as keys to group them by; and the runs within a group. Any thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Kind, Path, RunStatus, Value
from marigram.server.query.answers import BadQuestion
from marigram.server.query.table.cache import Table
from marigram.server.query.table.column import TooBigError
from marigram.server.query.table.filters import Filters
from marigram.server.query.table.groups import Keys, column_keys, moment_keys, number_keys
from marigram.server.store.meta.filter import Aggregate, StandIn
from marigram.server.store.meta.port import MetaStore

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STATE = Path("sys/state")


class GroupKey(msgspec.Struct, frozen=True, kw_only=True):
    """What the runs of a group have the same of: what is at `path`; `aggregate` is what stands for a series there.

    No plain value stands for an aggregate of a series other than the last value: such runs have nothing, as in filters.
    """

    path: Path
    aggregate: StandIn = Aggregate.LAST


class Within(msgspec.Struct, frozen=True, kw_only=True):
    """Only the runs of a group: those whose `key` is wanted. `wants` is asked once per different one."""

    key: GroupKey
    wants: Callable[[Value | None], bool]


class RunKeys:
    """Reads keys of the runs of a table."""

    def __init__(self, *, meta: MetaStore, filters: Filters) -> None:
        self._meta = meta
        self._filters = filters

    def keys(self, table: Table, key: GroupKey, rows: NDArray[np.int64]) -> Keys:
        """Return what these rows have.

        Raises:
            BadQuestion: the texts there take too much memory.
        """
        path = key.path
        if key.aggregate is not Aggregate.LAST:
            return self._standing(table, key, rows)
        match path:
            case "sys/creation_time":
                return moment_keys(table.index.created_at[rows])
            case "sys/running_time":
                return number_keys(self._filters.running_ms(table)[rows] / 1000)
            case "sys/trashed":
                return Keys(table.index.trashed[rows].astype(np.int64), [False, True, None])
            case _:
                keys = self._stored(table, path, rows)
        if path == _STATE:
            return self._states_as_shown(table, keys, rows)
        return keys

    def within(self, table: Table, rows: NDArray[np.int64], groups: Sequence[Within]) -> NDArray[np.int64]:
        """Return those of the rows that are in all of these groups.

        Raises:
            BadQuestion: the texts at a path take too much memory.
        """
        for group in groups:
            keys = self.keys(table, group.key, rows)
            wanted = [place for place, value in enumerate(keys.values) if group.wants(value)]
            rows = rows[np.isin(keys.places, wanted)]
        return rows

    def _states_as_shown(self, table: Table, keys: Keys, rows: NDArray[np.int64]) -> Keys:
        stalled = (table.index.running & self._filters.silent(table))[rows]
        values: list[Value | None] = [*keys.values[:-1], RunStatus.STALLED.value, None]
        places = np.where(keys.places == len(keys.values) - 1, len(values) - 1, keys.places)
        return Keys(np.where(stalled, len(values) - 2, places), values)

    def _standing(self, table: Table, key: GroupKey, rows: NDArray[np.int64]) -> Keys:
        """Return the numbers that stand for series."""
        if Kind.FLOAT_SERIES not in self._meta.kinds_at(table.project, key.path):
            return Keys(np.zeros(len(rows), np.int64), [None])
        return column_keys(table.series(key.path, Kind.FLOAT_SERIES, key.aggregate), None, rows)

    def _stored(self, table: Table, path: Path, rows: NDArray[np.int64]) -> Keys:
        kinds = self._meta.kinds_at(table.project, path).keys()
        series = table.series(path, Kind.FLOAT_SERIES, Aggregate.LAST).number if Kind.FLOAT_SERIES in kinds else None
        try:
            return column_keys(table.values(path), series, rows)
        except TooBigError:
            message = f"The texts at {path!r} take too much memory to group by. Group by another attribute."
            raise BadQuestion(message) from None
