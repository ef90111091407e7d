"""Points that are committed and not yet in blocks, in RAM; what stands in the table `wal`, ready to be read.

Points gather in the active generation. When it is large enough it is frozen and a new one begins; the flusher moves
frozen generations to blocks, the oldest first, and retires them. All methods are safe from any thread.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from itertools import groupby
from typing import Any, cast

import msgspec

from marigram.model import Kind
from marigram.server.store.points.batch import CutSeries, DropSeries
from marigram.server.store.points.embedded.columns import Columns, SeriesWrite, joined, up_to
from marigram.server.store.points.embedded.floats import FloatsWrite, shortened_to, together
from marigram.server.store.points.embedded.writes import Write, points_in

_POINT_BYTES = 24
_WRITE_BYTES = 400
"""What a write costs in RAM beside its points: three array headers and their holder."""

_BIN_BYTES = 64
"""Two numbers as objects, and their places."""

_SEGMENT_BYTES = 16
"""What each series of a write of floats costs beside its points."""

_INDEX_PARTS = 16
"""Reads put the writes of a run together when there are more; each costs a read a few microseconds per series."""

_JOIN_PARTS = 64
"""A series of this many small parts is joined, so that reading one that got a point per commit stays cheap."""


class Buffer:
    """What one generation has of one series of text, files or histograms, in order of arrival.

    `dropped`: nothing older than it counts; `kept_to`: nothing older than it counts after this step. A float series
    that was dropped or cut has one, too, without points.
    """

    __slots__ = ("dropped", "kept_to", "kind", "parts")

    def __init__(self) -> None:
        self.kind: Kind | None = None
        self.dropped = False
        self.kept_to = math.inf
        self.parts: list[Columns] = []

    def write(self, kind: Kind, columns: Columns) -> None:
        """Add points that arrived."""
        self.kind = kind
        self.parts.append(columns)
        if len(self.parts) >= _JOIN_PARTS:
            self.parts = _with_tail_joined(self.parts)

    def drop(self) -> None:
        """Forget the points and hide all older ones."""
        self.dropped = True
        self.kept_to = math.inf
        self.parts = []

    def cut(self, after_step: float) -> None:
        """Forget the points after a step, and hide the older ones."""
        self.kept_to = min(self.kept_to, after_step)
        self.parts = [kept for part in self.parts if len(kept := up_to(part, after_step))]


def _with_tail_joined(parts: list[Columns]) -> list[Columns]:
    # Parts stay in falling sizes, each more than twice what follows it, so a point is copied a few times in all.
    start = len(parts) - 1
    total = len(parts[start])
    while start > 0 and len(parts[start - 1]) <= 2 * total:
        start -= 1
        total += len(parts[start])
    return [*parts[:start], joined(parts[start:])]


class RunBuffers:
    """What one generation has of one run; `number` is the run's in the file.

    Float points are in `floats`, in order of arrival; all else is in `series`. `changes` grows when anything but the
    end of `floats` changes. A list in `floats` only ever grows, and stays as it is once its generation is frozen: what
    else changes is in a new list, so whoever goes through the old one sees all points once.
    """

    __slots__ = ("changes", "floats", "number", "series")

    def __init__(self, number: int) -> None:
        self.number = number
        self.series: dict[int, Buffer] = {}
        self.floats: list[FloatsWrite] = []
        self.changes = 0

    def shorten(self, writes: Sequence[DropSeries | CutSeries]) -> None:
        """Take points away, and hide older ones."""
        limits: dict[int, float] = {}
        for write in writes:
            buffer = self.series.get(write.attribute)
            if buffer is None:
                buffer = self.series[write.attribute] = Buffer()
            if isinstance(write, DropSeries):
                buffer.drop()
                limits[write.attribute] = -math.inf
            else:
                buffer.cut(write.after_step)
                limits[write.attribute] = min(write.after_step, limits.get(write.attribute, math.inf))
        self.floats = shortened_to(self.floats, limits)
        self.changes += 1


class Generation:
    """The writes of consecutive positions `first` to `last`, both included; 0 if there are none yet."""

    __slots__ = ("bytes", "first", "last", "points", "runs")

    def __init__(self) -> None:
        self.first = 0
        self.last = 0
        self.points = 0
        self.bytes = 0
        self.runs: dict[str, RunBuffers] = {}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A committed batch."""

    position: int
    run_id: str
    run_number: int
    writes: Sequence[Write]

    @property
    def points(self) -> int:
        """Return how many points it writes."""
        return sum(map(points_in, self.writes))


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What a generation that begins at position `first` had of one series when it was asked."""

    first: int
    kind: Kind | None
    dropped: bool
    kept_to: float
    parts: tuple[Columns, ...]


class Memtable:
    """The generations. `position` is the newest that is visible; `flush_points` and `flush_bytes` say what is large."""

    def __init__(self, *, flush_points: int, flush_bytes: int) -> None:
        self._flush_points = flush_points
        self._flush_bytes = flush_bytes
        self._lock = threading.Lock()
        self._active = Generation()
        self._frozen: list[Generation] = []
        self._position = 0

    @property
    def position(self) -> int:
        """Return the position up to which everything committed is visible."""
        return self._position

    @property
    def frozen_count(self) -> int:
        """Return how many generations wait for the flusher."""
        return len(self._frozen)

    def begin_at(self, position: int) -> None:
        """Start with everything up to `position` in blocks."""
        self._position = position

    def apply(self, entries: Sequence[Entry]) -> None:
        """Make committed batches visible, all at once; their positions follow the newest without a gap."""
        with self._lock:
            active = self._active
            for entry in entries:
                active.first = active.first or entry.position
                active.last = entry.position
                run = active.runs.get(entry.run_id)
                if run is None or run.number != entry.run_number:
                    run = active.runs[entry.run_id] = RunBuffers(entry.run_number)
                for takes_away, writes in groupby(entry.writes, key=_takes_away):
                    if takes_away:
                        run.shorten(cast("list[DropSeries | CutSeries]", list(writes)))
                        continue
                    for write in writes:
                        self._apply_write(active, run, write)
                active.bytes += _WRITE_BYTES
                self._position = entry.position
            if active.points >= self._flush_points or active.bytes >= self._flush_bytes:
                self._freeze()

    @staticmethod
    def _apply_write(active: Generation, run: RunBuffers, write: Write) -> None:
        active.points += points_in(write)
        if isinstance(write, FloatsWrite):
            run.floats.append(write)
            active.bytes += _WRITE_BYTES + _POINT_BYTES * len(write.columns) + _SEGMENT_BYTES * len(write.attributes)
        elif isinstance(write, SeriesWrite):
            buffer = run.series.get(write.attribute)
            if buffer is None:
                buffer = run.series[write.attribute] = Buffer()
            buffer.write(write.kind, write.columns)
            active.bytes += _WRITE_BYTES + _bytes_of(write)

    def freeze(self) -> None:
        """End the active generation, so that the flusher takes it."""
        with self._lock:
            if self._active.first:
                self._freeze()

    def _freeze(self) -> None:
        self._frozen.append(self._active)
        self._active = Generation()

    def oldest_frozen(self) -> Generation | None:
        """Return the generation to be flushed next."""
        with self._lock:
            return self._frozen[0] if self._frozen else None

    def runs_of(self, generation: Generation) -> list[tuple[str, RunBuffers]]:
        """Return what a frozen generation has, run by run."""
        with self._lock:
            return list(generation.runs.items())

    def retire(self, generation: Generation) -> None:
        """Forget a frozen generation, because it is in blocks."""
        with self._lock:
            self._frozen.remove(generation)

    def forget(self, run_id: str) -> None:
        """Forget a deleted run."""
        with self._lock:
            for generation in (*self._frozen, self._active):
                generation.runs.pop(run_id, None)

    def values_of(self, kind: Kind) -> list[tuple[str, Any]]:
        """Return run id and value of each point in all series of a kind, of which some may be gone since."""
        with self._lock:
            parts = [
                (run_id, part)
                for generation in (*self._frozen, self._active)
                for run_id, run in generation.runs.items()
                for buffer in run.series.values()
                if buffer.kind is kind
                for part in buffer.parts
            ]
        return [(run_id, value) for run_id, part in parts for value in part.values]

    def pieces(self, run_id: str, attribute: int) -> list[Piece]:
        """Return what there is of one series, the oldest generation first."""
        with self._lock:
            runs = [
                (generation.first, run)
                for generation in (*self._frozen, self._active)
                if (run := generation.runs.get(run_id)) is not None
            ]
        found: list[Piece] = []
        for first, run in runs:
            self._index(run)
            with self._lock:
                buffer, floats = run.series.get(attribute), tuple(run.floats)
                kind, dropped, kept_to, parts = _parts(buffer)
            own = [columns for write in floats if (columns := write.of(attribute)) is not None]
            if buffer is not None or own:
                kind = Kind.FLOAT_SERIES if own else kind
                parts = tuple(own) if own else parts
                found.append(Piece(first=first, kind=kind, dropped=dropped, kept_to=kept_to, parts=parts))
        return found

    def _index(self, run: RunBuffers) -> None:
        """Put small writes of a run together, so that a series is found in few of them; commits need not wait."""
        with self._lock:
            if len(run.floats) <= _INDEX_PARTS:
                return
            floats, changes = list(run.floats), run.changes
        # Parts stay in falling sizes, each more than twice what follows it, so a point is moved a few times in all.
        start = len(floats) - 1
        total = len(floats[start].columns)
        while start > 0 and len(floats[start - 1].columns) <= 2 * total:
            start -= 1
            total += len(floats[start].columns)
        joined_end = together(floats[start:])
        with self._lock:
            if run.changes == changes:
                # A new list: a flush may be going through the old one at this moment.
                run.floats = [*run.floats[:start], joined_end, *run.floats[len(floats) :]]
                run.changes += 1


def _takes_away(write: Write) -> bool:
    return isinstance(write, (DropSeries, CutSeries))


def _parts(buffer: Buffer | None) -> tuple[Kind | None, bool, float, tuple[Columns, ...]]:
    if buffer is None:
        return None, False, math.inf, ()
    return buffer.kind, buffer.dropped, buffer.kept_to, tuple(buffer.parts)


def _bytes_of(write: SeriesWrite) -> int:
    if write.kind is Kind.STRING_SERIES:
        return _POINT_BYTES * len(write.columns) + sum(map(len, write.columns.values))
    if write.kind is Kind.FILE_SERIES:
        return (_POINT_BYTES + _WRITE_BYTES) * len(write.columns)
    if write.kind is Kind.HISTOGRAM_SERIES:
        bins = sum(len(histogram.counts) for histogram in write.columns.values)
        return (_POINT_BYTES + _WRITE_BYTES) * len(write.columns) + _BIN_BYTES * bins
    return _POINT_BYTES * write.columns.steps.size
