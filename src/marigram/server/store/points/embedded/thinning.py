"""Thinning of float series: of each stretch of steps the ends and the extremes stay, all else goes for good.

Which points stay says `extremes.py`. Statistics of series are not touched: they go on telling what was logged.

First it is decided which steps of each series stay, then one block after the other, the oldest first, is replaced by
one that has these steps alone, each in a transaction of its own. Where blocks overlap, the older point of a step goes
before the newer, so none comes back that was replaced; if the process is killed, each block is the old one or the new
one, and what stays was in it all the time. Each transaction looks whether the run was written to meanwhile, or its
blocks were merged; then the run is left as it is by then, until the next time.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Kind
from marigram.server.store.points.embedded.block import BlockStyle, decoded, encoded
from marigram.server.store.points.embedded.columns import Columns, joined
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.extremes import thinned
from marigram.server.store.points.embedded.flushing import merged, put_blocks, put_merged, windows
from marigram.server.store.points.embedded.reading import SeriesReader
from marigram.server.store.points.embedded.statistics import SeriesState
from marigram.server.store.points.embedded.summaries import Summaries
from marigram.server.store.points.port import LEAST_POINTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIECE_POINTS = 262_144
"""Read in one go: six megabytes."""

_ROOM = 4
"""So many times the points that stay are kept of a piece, so that its cells are no wider than they are in the end."""

_PAUSE_PER_SLICE = 2.0
_TIDY_EVERY = 32
"""Blocks; what replaces them goes through SQLite's own log, which should not grow meanwhile."""

_POINTS_OF_RUNS = """
SELECT run.run_id, run.number, sum(block.points), max(block.position) FROM block JOIN run ON run.number = block.run
WHERE block.kind = ? GROUP BY block.run
"""

_BLOCKS = """
SELECT number, lvl, position, crc, attribute_first, attribute_last FROM block
WHERE run = ? AND kind = ? ORDER BY position, number
"""

_WRITERS = "SELECT writer, last_seq FROM writer WHERE run = ? ORDER BY writer"
_FLOATS = Kind.FLOAT_SERIES.value

Write = Callable[[], AbstractContextManager[sqlite3.Connection]]
Rest = Callable[[float], bool]
"""Leaves the file to others for so many seconds, and returns whether to stop."""


class Thinnable(msgspec.Struct, frozen=True, kw_only=True):
    """What thinning would take from a run, about."""

    points: int
    bytes: int


class _Row(msgspec.Struct, frozen=True):
    """A block, without its points."""

    number: int
    lvl: int
    position: int
    crc: int
    attribute_first: int
    attribute_last: int


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A run whose points are all in blocks, as it was when it was looked at."""

    run: int
    writers: Sequence[tuple[str, int]]
    blocks: Sequence[_Row]
    states: Mapping[int, SeriesState]


class _ChangedError(Exception):
    """Somebody has written to the run, deleted it, or merged its blocks."""


class Thinner:
    """Thins series; see `marigram.server.store.points.port.Thinner` for what each call promises.

    Args:
        readers: for blocks and marks.
        reader: for series as everybody sees them.
        summaries: makes statistics anew that are out of date, while all points are there.
        write: opens a write transaction when it is its turn; commits wait for as long as it is open.
        flush: moves what is in memory to blocks.
        tidy: moves SQLite's own log to the file, as far as that disturbs nobody.
        free_room: gives free pages to the disk, in the background.
        style: how blocks are written.
    """

    def __init__(
        self,
        *,
        readers: Readers,
        reader: SeriesReader,
        summaries: Summaries,
        write: Write,
        flush: Callable[[], None],
        tidy: Callable[[], None],
        free_room: Callable[[], None],
        style: BlockStyle,
    ) -> None:
        self._readers = readers
        self._reader = reader
        self._summaries = summaries
        self._write = write
        self._flush = flush
        self._tidy = tidy
        self._free_room = free_room
        self._style = style

    def candidates(self, points: int) -> list[str]:
        """See the port."""
        return candidates(self._readers, points)

    def thin(self, run_id: str, *, points: int, after_step: float = -math.inf, rest: Rest) -> int:
        """See the port. Points that were replaced and are still in a block count as gone, too.

        Raises:
            ValueError: `points` is below `LEAST_POINTS`.
            CorruptRowError: a block of the run is damaged; blocks that come before it may have been thinned.
            OSError: the disk is full or broken.
        """
        if points < LEAST_POINTS:
            message = f"A series is not thinned to {points} points. Keep at least {LEAST_POINTS}."
            raise ValueError(message)
        seen = self._look(run_id)
        if seen is None:
            return 0
        kept: dict[int, NDArray[np.float64]] = {}
        for attribute, state in seen.states.items():
            if rest(0.0):
                return 0
            if state.stale:
                # What is out of date is made from the points, and they are still all there.
                self._summaries.of([run_id], [attribute], {})
            if state.stale or state.count > points:
                steps = self._steps_that_stay(run_id, attribute, points, after_step)
                if steps is not None:
                    kept[attribute] = steps
        gone = 0
        try:
            for went in self._rewritten(seen, kept, after_step, rest):
                gone += went
            self._mark(seen, points)
            self._merge(seen.run, rest)
        except _ChangedError:
            pass
        if gone:
            self._free_room()
        return gone

    def _look(self, run_id: str) -> _Seen | None:
        """Return the run if nothing of it is in memory alone."""
        for attempt in range(2):
            with self._readers.snapshot() as connection:
                row = connection.execute("SELECT number FROM run WHERE run_id = ?", (run_id,)).fetchone()
                if row is None:
                    return None
                if connection.execute("SELECT 1 FROM wal WHERE run = ? LIMIT 1", row).fetchone() is None:
                    return _seen(connection, row[0])
            if attempt == 0:
                self._flush()
        return None

    def _steps_that_stay(
        self, run_id: str, attribute: int, points: int, after_step: float
    ) -> NDArray[np.float64] | None:
        """Return the steps beyond `after_step` that stay, None if all do."""
        start = after_step if after_step == -math.inf else math.nextafter(after_step, math.inf)
        found: list[Columns] = []
        total = 0
        while True:
            piece = self._reader.read(
                run_id, attribute, Kind.FLOAT_SERIES, first_step=start, last_step=math.inf, limit=PIECE_POINTS
            )
            total += len(piece)
            if len(piece):
                found = [thinned(joined([*found, piece]), _ROOM * points)]
                start = math.nextafter(float(piece.steps[-1]), math.inf)
            if len(piece) < PIECE_POINTS:
                return thinned(found[0], points).steps if total > points else None

    def _rewritten(
        self, seen: _Seen, kept: Mapping[int, NDArray[np.float64]], after_step: float, rest: Rest
    ) -> Iterator[int]:
        """Replace one block after the other; yield how many points went with each."""
        for at, row in enumerate(seen.blocks):
            if not any(row.attribute_first <= attribute <= row.attribute_last for attribute in kept):
                continue
            with self._readers.snapshot() as connection:
                found = connection.execute("SELECT crc, body FROM block WHERE number = ?", (row.number,)).fetchone()
            if found is None or found[0] != row.crc:
                raise _ChangedError
            before = decoded(row.number, *found).every()
            after = [(attribute, _shorter(columns, kept.get(attribute), after_step)) for attribute, columns in before]
            went = sum(map(_length, before)) - sum(map(_length, after))
            if not went:
                continue
            blocks = list(encoded(Kind.FLOAT_SERIES, after, self._style))
            with self._write() as connection:
                began = time.monotonic()
                _require_unchanged(connection, seen, row)
                connection.execute("DELETE FROM block WHERE number = ?", (row.number,))
                put_blocks(connection, seen.run, row.lvl, row.position, blocks)
            yield went
            if at % _TIDY_EVERY == _TIDY_EVERY - 1:
                self._tidy()
            if rest(_PAUSE_PER_SLICE * (time.monotonic() - began)):
                raise _ChangedError

    def _mark(self, seen: _Seen, points: int) -> None:
        newest = max((row.position for row in seen.blocks), default=0)
        with self._write() as connection:
            _require_unchanged(connection, seen, None)
            connection.execute(
                "INSERT OR REPLACE INTO thinned (run, points, position) VALUES (?, ?, ?)", (seen.run, points, newest)
            )

    def _merge(self, run: int, rest: Rest) -> None:
        """Merge blocks that are small now."""
        while not rest(0.0):
            with self._readers.snapshot() as connection:
                window = next(iter(windows(connection, run)), None)
                if window is None:
                    return
                merge = merged(connection, window, self._style)
            with self._write() as connection:
                put_merged(connection, merge)


def _seen(connection: sqlite3.Connection, run: int) -> _Seen:
    decoder = msgspec.msgpack.Decoder(SeriesState)
    rows = connection.execute("SELECT attribute, state FROM series WHERE run = ? ORDER BY attribute", (run,))
    states = {attribute: decoder.decode(state) for attribute, state in rows}
    return _Seen(
        run=run,
        writers=connection.execute(_WRITERS, (run,)).fetchall(),
        blocks=[_Row(*row) for row in connection.execute(_BLOCKS, (run, _FLOATS))],
        states={attribute: state for attribute, state in states.items() if state.kind is Kind.FLOAT_SERIES},
    )


def _require_unchanged(connection: sqlite3.Connection, seen: _Seen, row: _Row | None) -> None:
    """See that nobody has written to the run, which would have moved a writer, and that its next block is there."""
    alive = connection.execute("SELECT 1 FROM run WHERE number = ?", (seen.run,)).fetchone()
    if alive is None or connection.execute(_WRITERS, (seen.run,)).fetchall() != seen.writers:
        raise _ChangedError
    if row is not None:
        found = connection.execute("SELECT run, position, crc FROM block WHERE number = ?", (row.number,)).fetchone()
        if found != (seen.run, row.position, row.crc):
            raise _ChangedError


def _length(series: tuple[int, Columns]) -> int:
    return len(series[1])


def _shorter(columns: Columns, kept: NDArray[np.float64] | None, after_step: float) -> Columns:
    if kept is None:
        return columns
    steps = columns.steps
    at = np.minimum(kept.searchsorted(steps), len(kept) - 1)
    stays = (kept[at] == steps) | (steps <= after_step)
    return Columns(steps[stays], columns.times[stays], columns.values[stays])


def candidates(readers: Readers, points: int) -> list[str]:
    """Return the runs that may have series of more than `points` points and have not been thinned to so many."""
    with readers.snapshot() as connection:
        marks = _marks(connection)
        rows = connection.execute(_POINTS_OF_RUNS, (_FLOATS,)).fetchall()
    found: list[str] = []
    for run_id, run, total, newest in rows:
        done, position = marks.get(run, (math.inf, 0))
        if total > points and (done > points or newest > position):
            found.append(run_id)
    return found


def thinnable(readers: Readers, run_id: str, points: int) -> Thinnable:
    """Return what thinning would take from a run, about: it is not known how many points of a cell are needed."""
    with readers.snapshot() as connection:
        row = connection.execute("SELECT number FROM run WHERE run_id = ?", (run_id,)).fetchone()
        if row is None:
            return Thinnable(points=0, bytes=0)
        seen = _seen(connection, row[0])
        done, _ = _marks(connection).get(row[0], (math.inf, 0))
        sums = "SELECT coalesce(sum(points), 0), coalesce(sum(length(body)), 0) FROM block WHERE run = ? AND kind = ?"
        total, size = connection.execute(sums, (row[0], _FLOATS)).fetchone()
    gone = min(sum(max(round(min(state.count, done)) - points, 0) for state in seen.states.values()), total)
    return Thinnable(points=gone, bytes=round(size * gone / total) if total else 0)


def _marks(connection: sqlite3.Connection) -> dict[int, tuple[float, int]]:
    """Return to how many points each thinned run was thinned, and its newest position then."""
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'thinned'").fetchone() is None:
        return {}
    rows = connection.execute("SELECT run, points, position FROM thinned")
    return {run: (points, position) for run, points, position in rows}
