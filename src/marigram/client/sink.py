"""Where operations go: the durable queue, or what stands in for it in the other modes."""

# ruff: noqa: ARG002 what stands in for a queue has its signatures and ignores most of them

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Protocol

from marigram.client.errors import RunStoppedError, StillQueuedError
from marigram.client.position import Position
from marigram.client.queue import Queue
from marigram.client.track import Track, Tracks
from marigram.model import Operation


class Sink(Protocol):
    """What a run writes to; `Queue` says what each method guarantees."""

    @property
    def last_seq(self) -> int:
        """Number of the newest operation."""
        ...

    @property
    def points(self) -> int:
        """How many points were kept so far."""
        ...

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        """Keep one float point."""
        ...

    def append_row(self, tracks: Tracks, values: Iterable[float], step: float | None, milliseconds: int) -> bool:
        """Keep one float point for each track, or return False with nothing kept."""
        ...

    def append(self, operation: Operation) -> int:
        """Keep an operation."""
        ...

    def take_step(self, track: Track, step: float | None) -> float:
        """Return the step of a point that is not a float."""
        ...

    def stage_bytes(self, content: bytes) -> tuple[str, int]:
        """Keep a blob; return (SHA-256, bytes)."""
        ...

    def stage_file(self, source: FilePath) -> tuple[str, int]:
        """Keep a copy of a file; return (SHA-256, bytes)."""
        ...

    def end(self, *, exit_said: str | None = None, drops: Mapping[str, int] | None = None) -> None:
        """Say that no more comes, and how many calls were dropped, by reason.

        `exit_said`: and that the program's exit code is still to be seen, and the reason given for it, if any.
        """
        ...

    def position(self) -> Position:
        """Return how far the server has everything."""
        ...

    def wait(self, *, seq: int, timeout_s: float) -> bool:
        """Wait until the server has everything up to `seq`."""
        ...

    def after_fork(self) -> None:
        """Become what a forked child may write to."""
        ...


class NoSink:
    """Stores nothing: for `mode="debug"`, `"disabled"` and `"read-only"`."""

    last_seq = 0
    points = 0

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        """Do nothing."""

    def append_row(self, tracks: Tracks, values: Iterable[float], step: float | None, milliseconds: int) -> bool:
        """Do nothing."""
        return True

    def append(self, operation: Operation) -> int:
        """Do nothing."""
        return 0

    def take_step(self, track: Track, step: float | None) -> float:
        """Return any step."""
        return step if step is not None else track.next_step

    def stage_bytes(self, content: bytes) -> tuple[str, int]:
        """Keep nothing."""
        return "0" * 64, len(content)

    def stage_file(self, source: FilePath) -> tuple[str, int]:
        """Keep nothing, but fail as a queue would where there is no file."""
        return "0" * 64, source.stat().st_size

    def end(self, *, exit_said: str | None = None, drops: Mapping[str, int] | None = None) -> None:
        """Do nothing."""

    def position(self) -> Position:
        """Return the start."""
        return Position()

    def wait(self, *, seq: int, timeout_s: float) -> bool:
        """Return at once: there is nothing to wait for."""
        return True

    def after_fork(self) -> None:
        """Do nothing."""


class WaitingSink:
    """A queue whose every write waits for the server's receipt: for `mode="sync"`."""

    def __init__(self, queue: Queue, *, timeout_s: float) -> None:
        """Take the queue and how long one call may wait, in seconds."""
        self._queue = queue
        self._timeout_s = timeout_s

    @property
    def last_seq(self) -> int:
        """Number of the newest operation."""
        return self._queue.last_seq

    @property
    def points(self) -> int:
        """How many points were kept so far."""
        return self._queue.points

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        """Keep one float point and wait."""
        self._queue.append_float(track, value, step, milliseconds)
        self._wait()

    def append_row(self, tracks: Tracks, values: Iterable[float], step: float | None, milliseconds: int) -> bool:
        """Keep one float point for each track and wait once."""
        kept = self._queue.append_row(tracks, values, step, milliseconds)
        if kept:
            self._wait()
        return kept

    def append(self, operation: Operation) -> int:
        """Keep an operation and wait."""
        seq = self._queue.append(operation)
        self._wait()
        return seq

    def take_step(self, track: Track, step: float | None) -> float:
        """Return the step of a point that is not a float."""
        return self._queue.take_step(track, step)

    def stage_bytes(self, content: bytes) -> tuple[str, int]:
        """Keep a blob; return (SHA-256, bytes)."""
        return self._queue.stage_bytes(content)

    def stage_file(self, source: FilePath) -> tuple[str, int]:
        """Keep a copy of a file; return (SHA-256, bytes)."""
        return self._queue.stage_file(source)

    def end(self, *, exit_said: str | None = None, drops: Mapping[str, int] | None = None) -> None:
        """Say that no more comes."""
        self._queue.end(exit_said=exit_said, drops=drops)

    def position(self) -> Position:
        """Return how far the server has everything."""
        return self._queue.position()

    def wait(self, *, seq: int, timeout_s: float) -> bool:
        """Wait until the server has everything up to `seq`."""
        return self._queue.wait(seq=seq, timeout_s=timeout_s)

    def after_fork(self) -> None:
        """Become what a forked child may write to."""
        self._queue.after_fork()

    def _wait(self) -> None:
        if not self._queue.wait(seq=self._queue.last_seq, timeout_s=self._timeout_s):
            problem = self._queue.position().problem or "The server has not answered yet."
            message = (
                f"{problem} After {self._timeout_s:g} s this call no longer waits; what it wrote stays in the queue. "
                "Use mode='async' to log without waiting."
            )
            raise StillQueuedError(message)


class ClosedSink(NoSink):
    """What a run writes to after `stop`: every write is an error, which the guard counts."""

    def __init__(self, last: Sink) -> None:
        """Take the sink that was closed, which still knows its position."""
        self._last = last

    @property
    def last_seq(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Number of the newest operation before the end."""
        return self._last.last_seq

    @property
    def points(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """How many points were kept before the end."""
        return self._last.points

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        """Refuse."""
        raise RunStoppedError

    def append_row(self, tracks: Tracks, values: Iterable[float], step: float | None, milliseconds: int) -> bool:
        """Refuse."""
        raise RunStoppedError

    def append(self, operation: Operation) -> int:
        """Refuse."""
        raise RunStoppedError

    def stage_bytes(self, content: bytes) -> tuple[str, int]:
        """Refuse."""
        raise RunStoppedError

    def stage_file(self, source: FilePath) -> tuple[str, int]:
        """Refuse."""
        raise RunStoppedError

    def position(self) -> Position:
        """Return how far the server has everything."""
        return self._last.position()

    def wait(self, *, seq: int, timeout_s: float) -> bool:
        """Wait until the server has everything up to `seq`."""
        return self._last.wait(seq=seq, timeout_s=timeout_s)
