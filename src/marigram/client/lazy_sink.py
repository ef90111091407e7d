"""A sink that makes itself with the first write, for those who may only want to read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path as FilePath

from marigram.client.position import Position
from marigram.client.sink import NoSink, Sink
from marigram.client.track import Track, Tracks
from marigram.model import Operation


class LazySink(NoSink):
    """Until somebody writes, it is as if nothing was kept. Safe to use from any thread."""

    def __init__(self, begin: Callable[[], Sink]) -> None:
        """Take what makes the sink that is written to; it is called once."""
        self._begin = begin
        self._sink: Sink | None = None
        self._lock = threading.RLock()

    @property
    def last_seq(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Number of the newest operation; 0 before the first write."""
        return 0 if self._sink is None else self._sink.last_seq

    @property
    def points(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """How many points were kept so far."""
        return 0 if self._sink is None else self._sink.points

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        """Keep one float point."""
        self._made().append_float(track, value, step, milliseconds)

    def append_row(self, tracks: Tracks, values: Iterable[float], step: float | None, milliseconds: int) -> bool:
        """Keep one float point for each track."""
        return self._made().append_row(tracks, values, step, milliseconds)

    def append(self, operation: Operation) -> int:
        """Keep an operation."""
        return self._made().append(operation)

    def take_step(self, track: Track, step: float | None) -> float:
        """Return the step of a point that is not a float."""
        return self._made().take_step(track, step)

    def stage_bytes(self, content: bytes) -> tuple[str, int]:
        """Keep a blob; return (SHA-256, bytes)."""
        return self._made().stage_bytes(content)

    def stage_file(self, source: FilePath) -> tuple[str, int]:
        """Keep a copy of a file; return (SHA-256, bytes)."""
        return self._made().stage_file(source)

    def end(self, *, exit_said: str | None = None, drops: Mapping[str, int] | None = None) -> None:
        """Say that no more comes, if anything has."""
        if self._sink is not None:
            self._sink.end(exit_said=exit_said, drops=drops)

    def position(self) -> Position:
        """Return how far the server has everything."""
        return Position() if self._sink is None else self._sink.position()

    def wait(self, *, seq: int, timeout_s: float) -> bool:
        """Wait until the server has everything up to `seq`."""
        return self._sink is None or self._sink.wait(seq=seq, timeout_s=timeout_s)

    def after_fork(self) -> None:
        """Become what a forked child may write to."""
        self._lock = threading.RLock()
        if self._sink is not None:
            self._sink.after_fork()

    def _made(self) -> Sink:
        sink = self._sink
        if sink is None:
            with self._lock:
                sink = self._sink
                if sink is None:
                    sink = self._sink = self._begin()
        return sink
