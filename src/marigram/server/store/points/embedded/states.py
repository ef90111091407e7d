"""The statistics of series in the file, with the hot ones kept in RAM for the thread that commits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from marigram.server.store.points.embedded.columns import SeriesWrite, Write
from marigram.server.store.points.embedded.statistics import SeriesState, advanced, shortened, states_of
from marigram.server.store.points.port import DropSeries

_MAX_CACHED = 200_000
"""About 100 MB; ten runs of ten thousand series at once, with room to spare."""

_CHUNK = 400
"""Bound values per query; SQLite's oldest limit is 999."""

_ONE = "SELECT state FROM series WHERE run = ? AND attribute = ?"
_PUT = "INSERT OR REPLACE INTO series (run, attribute, state) VALUES (?, ?, ?)"
_DROP = "DELETE FROM series WHERE run = ? AND attribute = ?"

Key = tuple[int, int]
"""A run's number and an attribute."""


class SeriesStates:
    """Reads and writes states inside the caller's transaction; used by one caller at a time."""

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(SeriesState)
        self._cache: dict[Key, SeriesState | None] = {}
        self._pending: dict[Key, SeriesState | None] = {}

    def advance(self, connection: sqlite3.Connection, run: int, writes: Sequence[Write], position: int) -> None:
        """Take the writes of one batch into account; `store` writes the result."""
        alone = iter(states_of([write for write in writes if isinstance(write, SeriesWrite)], position))
        for write in writes:
            key = (run, write.attribute)
            if isinstance(write, DropSeries):
                self._pending[key] = None
                continue
            old = self._pending[key] if key in self._pending else self._known(connection, key)
            if isinstance(write, SeriesWrite):
                self._pending[key] = advanced(old, next(alone))
            else:
                self._pending[key] = shortened(old, write.after_step, position)

    def _known(self, connection: sqlite3.Connection, key: Key) -> SeriesState | None:
        if key in self._cache:
            return self._cache[key]
        row = connection.execute(_ONE, key).fetchone()
        return None if row is None else self._decoder.decode(row[0])

    def store(self, connection: sqlite3.Connection) -> None:
        """Write what `advance` gathered."""
        encode = self._encoder.encode
        present = [(*key, encode(state)) for key, state in self._pending.items() if state is not None]
        absent = [key for key, state in self._pending.items() if state is None]
        connection.executemany(_PUT, present)
        connection.executemany(_DROP, absent)

    def settle(self, *, committed: bool) -> None:
        """Remember what was gathered if its transaction was committed, forget it if not."""
        if committed:
            if len(self._cache) + len(self._pending) > _MAX_CACHED:
                self._cache.clear()
            self._cache.update(self._pending)
        self._pending = {}

    def repair(self, connection: sqlite3.Connection, key: Key, fresh: SeriesState) -> None:
        """Replace a stale state by one made from the points, unless the series was written to since."""
        row = connection.execute(_ONE, key).fetchone()
        if row is not None and self._decoder.decode(row[0]).position == fresh.position:
            connection.execute(_PUT, (*key, self._encoder.encode(fresh)))
            self._cache.pop(key, None)

    def forget(self, run: int) -> None:
        """Forget a deleted run."""
        self._cache = {key: state for key, state in self._cache.items() if key[0] != run}


def stored_states(
    connection: sqlite3.Connection, run_ids: Sequence[str], attributes: Sequence[int]
) -> Iterator[tuple[str, int, int, SeriesState]]:
    """Yield run id, run number, attribute and state of each of the series that has one."""
    decoder = msgspec.msgpack.Decoder(SeriesState)
    for runs in _chunks(run_ids):
        for some in _chunks(attributes):
            rows = connection.execute(
                f"SELECT run.run_id, series.run, series.attribute, series.state FROM run "
                f"JOIN series ON series.run = run.number "
                f"WHERE run.run_id IN ({_marks(runs)}) AND series.attribute IN ({_marks(some)})",
                (*runs, *some),
            )
            for run_id, run, attribute, state in rows:
                yield run_id, run, attribute, decoder.decode(state)


def _chunks(values: Sequence[str] | Sequence[int]) -> Iterator[list[str | int]]:
    remaining = iter(dict.fromkeys(values))
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
