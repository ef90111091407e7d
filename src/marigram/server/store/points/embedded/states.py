"""The statistics of series: in RAM as far as they are written to, in the table `series` as of some flush.

A state in the file says the position of the last write that it knows, so it does not matter that it lags behind the
`wal`: replaying brings it up to date and passes over what it has. A flush saves the states of its runs before it
removes their rows from the `wal`. All methods are safe from any thread; those that change anything are called by
whoever has been lent one of the `WriteConnections`.

Float points wait in RAM until many of them are taken into account in one go, or somebody asks, or a flush saves.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Kind
from marigram.server.store.points.batch import CutSeries, DropSeries
from marigram.server.store.points.embedded.columns import SeriesWrite
from marigram.server.store.points.embedded.float_states import FloatStates
from marigram.server.store.points.embedded.floats import FloatsWrite, together
from marigram.server.store.points.embedded.statistics import SeriesState, advanced, shortened, states_of
from marigram.server.store.points.embedded.writes import Write, attributes_in

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_KNOWN = 200_000
"""Series in RAM that are saved already: about 50 MB."""

_CHUNK = 400
"""Bound values per query; SQLite's oldest limit is 999."""

_COLUMN_ROWS = 10_000
"""States that are Python objects at one time: a few megabytes."""

_WAITING_POINTS = 50_000
_WAITING_WRITES = 64
"""What float points of a run wait for; taking this many into account takes a few milliseconds."""

_ARRAY = b"\xdd"
_SOME = "SELECT attribute, state FROM series WHERE run = ? AND attribute IN ({marks})"
_COLUMN = (
    "SELECT wanted.key, series.state FROM json_each(?) AS wanted CROSS JOIN run ON run.run_id = wanted.value "
    "CROSS JOIN series ON series.run = run.number AND series.attribute = ?"
)
_ONE = "SELECT state FROM series WHERE run = ? AND attribute = ?"
_PUT = "INSERT OR REPLACE INTO series (run, attribute, state) VALUES (?, ?, ?)"
_DROP = "DELETE FROM series WHERE run = ? AND attribute = ?"


class _Run:
    """What is known of one run. A series of another kind than floats is in `others`, None if it has no points."""

    __slots__ = ("floats", "is_new", "number", "others", "position", "unsaved", "waiting", "waiting_points")

    def __init__(self, number: int, *, is_new: bool) -> None:
        self.number = number
        self.is_new = is_new
        self.floats = FloatStates()
        self.others: dict[int, SeriesState | None] = {}
        self.unsaved: set[int] = set()
        self.waiting: list[FloatsWrite] = []
        self.waiting_points = 0
        self.position = 0

    def __len__(self) -> int:
        return len(self.floats) + len(self.others)

    def take(self, write: FloatsWrite, position: int) -> None:
        self.waiting.append(write)
        self.waiting_points += len(write.columns)
        self.position = position
        if self.waiting_points >= _WAITING_POINTS or len(self.waiting) >= _WAITING_WRITES:
            self.settle()

    def settle(self) -> None:
        """Take into account what waits. The states then have the last position, though not all changed there."""
        if self.waiting:
            writes, self.waiting, self.waiting_points = self.waiting, [], 0
            self.floats.advance(together(writes), self.position)

    def knows(self, attribute: int) -> bool:
        return attribute in self.others or self.floats.knows(attribute)

    def state(self, attribute: int) -> SeriesState | None:
        return self.others[attribute] if attribute in self.others else self.floats.state(attribute)

    def keep_unsaved(self) -> None:
        self.settle()
        self.floats.keep_unsaved()
        self.others = {attribute: self.others[attribute] for attribute in self.unsaved}
        self.is_new = False


class SeriesStates:
    """Knows the states of all series that were written to lately."""

    def __init__(self, *, max_known: int = MAX_KNOWN) -> None:
        self._max_known = max_known
        self._lock = threading.Lock()
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(SeriesState)
        self._runs: OrderedDict[str, _Run] = OrderedDict()

    def load(
        self, connection: sqlite3.Connection, run_id: str, number: int, writes: Sequence[Write], *, is_new: bool
    ) -> None:
        """Learn what the file has of the series that are about to be written to; `is_new`: it has none of the run."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is None or run.number != number:
                run = self._runs[run_id] = _Run(number, is_new=is_new)
            self._runs.move_to_end(run_id)
        for write in writes:
            if isinstance(write, FloatsWrite):
                unknown = run.floats.unknown(write.attributes)
            else:
                unknown = [] if run.knows(write.attribute) else [write.attribute]
            if unknown:
                found = {} if run.is_new else self._in_file(connection, number, unknown)
                with self._lock:
                    self._learn(run, unknown, found, write)

    @staticmethod
    def _learn(run: _Run, unknown: Sequence[int], found: dict[int, SeriesState], write: Write) -> None:
        if isinstance(write, FloatsWrite):
            run.floats.learn((attribute, found.get(attribute)) for attribute in unknown)
            return
        for attribute in unknown:
            state = found.get(attribute)
            if state is not None and state.kind is Kind.FLOAT_SERIES:
                run.floats.learn([(attribute, state)])
            elif state is not None or isinstance(write, SeriesWrite):
                run.others[attribute] = state

    def _in_file(
        self, connection: sqlite3.Connection, number: int, attributes: Sequence[int]
    ) -> dict[int, SeriesState]:
        found: dict[int, SeriesState] = {}
        for some in _chunks(attributes):
            rows = connection.execute(_SOME.format(marks=_marks(some)), (number, *some))
            found.update((attribute, self._decoder.decode(state)) for attribute, state in rows)
        return found

    def advance(self, run_id: str, writes: Sequence[Write], position: int, *, replaying: bool = False) -> None:
        """Take the writes of one committed batch into account, of series that were loaded.

        `replaying`: some states may have them already.
        """
        with self._lock:
            run = self._runs[run_id]
            known = self._known_already(run, writes, position) if replaying else frozenset[int]()
            for write in writes:
                if isinstance(write, FloatsWrite):
                    news = write if not known else write.chosen(~np.isin(write.attributes, list(known)))
                    if news is not None:
                        run.take(news, position)
                elif write.attribute not in known and run.knows(write.attribute):
                    run.settle()
                    _advance_one(run, write, position)

    def replay(
        self,
        connection: sqlite3.Connection,
        run_id: str,
        number: int,
        rows: Sequence[tuple[int, Sequence[Write]]],
        *,
        at_once: Sequence[Write],
    ) -> None:
        """Take rows of the log of one run, each with its position, into account; some states may have them already.

        `at_once`: the same `condensed`.
        """
        every = [write for _, writes in rows for write in writes]
        self.load(connection, run_id, number, every, is_new=False)
        floats = [write for write in every if isinstance(write, FloatsWrite)]
        takes_away = any(isinstance(write, (DropSeries, CutSeries)) for write in every)
        with self._lock:
            run = self._runs[run_id]
            together_at_once = len(floats) > 1 and not takes_away and not self._known_already(run, floats, rows[0][0])
        if together_at_once:
            self.advance(run_id, [write for write in at_once if isinstance(write, FloatsWrite)], rows[-1][0])
        for position, writes in rows:
            left = [write for write in writes if not (together_at_once and isinstance(write, FloatsWrite))]
            if left:
                self.advance(run_id, left, position, replaying=True)

    @staticmethod
    def _known_already(run: _Run, writes: Sequence[Write], position: int) -> frozenset[int]:
        run.settle()
        every: NDArray[np.int64] = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *map(attributes_in, writes)]))
        found: set[int] = set()
        for attribute in set(every.tolist()):
            state = run.others.get(attribute)
            at = state.position if state is not None else 0
            if run.floats.knows(attribute):
                at = run.floats.position(attribute)
            if at >= position:
                found.add(attribute)
        return frozenset(found)

    def known(self, run_ids: Sequence[str], attributes: Sequence[int]) -> dict[tuple[str, int], SeriesState | None]:
        """Return what is in RAM of these series, None for those without points; the file has the rest."""
        found: dict[tuple[str, int], SeriesState | None] = {}
        wanted = set(run_ids)
        with self._lock:
            for run_id in wanted if len(wanted) < len(self._runs) else list(self._runs):
                run = self._runs.get(run_id)
                if run is not None and run_id in wanted:
                    run.settle()
                    for attribute in attributes:
                        if run.knows(attribute):
                            found[run_id, attribute] = run.state(attribute)
        return found

    def unsaved(self, run_ids: Sequence[str]) -> list[tuple[str, list[int]]]:
        """Return the series of these runs whose states the file lacks."""
        with self._lock:
            runs = [(run_id, self._runs[run_id]) for run_id in run_ids if run_id in self._runs]
        found: list[tuple[str, list[int]]] = []
        for run_id, run in runs:
            # Commits wait for one run at a time.
            with self._lock:
                run.settle()
                found.append((run_id, [*run.floats.unsaved(), *run.unsaved]))
        return found

    def save(self, connection: sqlite3.Connection, run_id: str, attributes: Sequence[int]) -> None:
        """Write states as they are now into the file, inside the caller's transaction."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is None:
                return
            # Whoever asks from now on finds nothing that waits, so no state becomes newer than what is saved.
            run.settle()
            floats = run.floats.states([attribute for attribute in attributes if attribute not in run.others])
            found = [*floats, *((each, run.others[each]) for each in attributes if each in run.others)]
        encode, number = self._encoder.encode, run.number
        present = [(number, attribute, encode(state)) for attribute, state in found if state is not None]
        connection.executemany(_PUT, present)
        connection.executemany(_DROP, [(number, attribute) for attribute, state in found if state is None])
        self._note_saved(run, attributes, saved=True)

    def not_saved(self, run_id: str, attributes: Sequence[int]) -> None:
        """Note that a transaction of `save` has come to nothing."""
        run = self._runs.get(run_id)
        if run is not None:
            self._note_saved(run, attributes, saved=False)

    def _note_saved(self, run: _Run, attributes: Sequence[int], *, saved: bool) -> None:
        with self._lock:
            for attribute in run.floats.set_saved(attributes, saved=saved):
                if saved:
                    run.unsaved.discard(attribute)
                elif attribute in run.others:
                    run.unsaved.add(attribute)

    def shrink(self) -> None:
        """Forget states that are in the file if there are many, those first that were not written to for longest."""
        with self._lock:
            total = sum(map(len, self._runs.values()))
            for run_id, run in list(self._runs.items()):
                if total <= self._max_known:
                    return
                total -= len(run)
                run.keep_unsaved()
                total += len(run)
                if not len(run):
                    del self._runs[run_id]

    def repair(self, connection: sqlite3.Connection, run_id: str, attribute: int, state: SeriesState) -> None:
        """Replace a stale state by one made from the points, unless the series was written to since."""
        row = connection.execute("SELECT number FROM run WHERE run_id = ?", (run_id,)).fetchone()
        if row is None:
            return
        (number,) = row
        with self._lock:
            run = self._runs.get(run_id)
            if run is not None and run.knows(attribute):
                run.settle()
                old = run.state(attribute)
                if old is None or old.position != state.position:
                    return
                _replace(run, attribute, state)
            else:
                stored = connection.execute(_ONE, (number, attribute)).fetchone()
                if stored is None or self._decoder.decode(stored[0]).position != state.position:
                    return
        connection.execute(_PUT, (number, attribute, self._encoder.encode(state)))

    def forget(self, run_id: str) -> None:
        """Forget a deleted run."""
        with self._lock:
            self._runs.pop(run_id, None)


def _advance_one(run: _Run, write: SeriesWrite | DropSeries | CutSeries, position: int) -> None:
    attribute = write.attribute
    if isinstance(write, SeriesWrite):
        old = run.others.get(attribute)
        _replace(run, attribute, advanced(old, states_of([write], position)[0]))
        return
    after_step = None if isinstance(write, DropSeries) else write.after_step
    if run.floats.knows(attribute):
        run.floats.shorten(attribute, after_step, position)
        return
    old = run.others.get(attribute)
    run.others[attribute] = None if after_step is None else shortened(old, after_step, position)
    run.unsaved.add(attribute)


def _replace(run: _Run, attribute: int, state: SeriesState) -> None:
    if state.kind is Kind.FLOAT_SERIES:
        run.floats.put(attribute, state)
    else:
        run.others[attribute] = state
        run.unsaved.add(attribute)


def stored_states(
    connection: sqlite3.Connection, run_ids: Sequence[str], attributes: Sequence[int]
) -> Iterator[tuple[str, int, SeriesState]]:
    """Yield run id, attribute and state of each of the series that has one in the file."""
    decoder = msgspec.msgpack.Decoder(SeriesState)
    for runs in _chunks(run_ids):
        for some in _chunks(attributes):
            rows = connection.execute(
                f"SELECT run.run_id, series.attribute, series.state FROM run "
                f"JOIN series ON series.run = run.number "
                f"WHERE run.run_id IN ({_marks(runs)}) AND series.attribute IN ({_marks(some)})",
                (*runs, *some),
            )
            for run_id, attribute, state in rows:
                yield run_id, attribute, decoder.decode(state)


def stored_column(connection: sqlite3.Connection, run_ids: Sequence[str], attribute: int) -> list[SeriesState | None]:
    """Return for each of the runs the state that its series has in the file, None if it has none."""
    decoder = msgspec.msgpack.Decoder(list[SeriesState])
    found: list[SeriesState | None] = [None] * len(run_ids)
    for first in range(0, len(run_ids), _COLUMN_ROWS):
        wanted = msgspec.json.encode(run_ids[first : first + _COLUMN_ROWS]).decode()
        rows = connection.execute(_COLUMN, (wanted, attribute)).fetchall()
        # MessagePack's array of that many, for one call of the decoder.
        packed = b"".join([_ARRAY, len(rows).to_bytes(4, "big"), *[state for _, state in rows]])
        for (at, _), state in zip(rows, decoder.decode(packed), strict=True):
            found[first + at] = state
    return found


def _chunks(values: Sequence[str] | Sequence[int]) -> Iterator[list[str | int]]:
    remaining = iter(dict.fromkeys(values))
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
