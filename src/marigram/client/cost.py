"""What logging costs the training: how long calls take, how much waits in the queue, and how far the server is behind.

Calls are not counted or clocked one by one. A thread of its own puts a stopwatch before the queue for a hundredth of
the time, and takes it away again; calls in between pay nothing, and a call pays a few nanoseconds on average. What it
finds lies in a file beside the queue, from where the syncer writes it to the run, so that the run's own points are the
user's alone.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path as FilePath

import msgspec

from marigram.client.lag import Backlog
from marigram.client.position import Position
from marigram.client.recorder import Recorder
from marigram.client.sink import Sink
from marigram.client.track import Track, Tracks
from marigram.model import Operation
from marigram.system.files import replace

CLOCKED_FOR_S = 0.01
CLOCKED_EVERY_S = 1.0
TOLD_EVERY_S = 2.0
LATEST_CALLS = 2000
"""The newest tell what calls cost now; so many are enough for the slowest hundredth."""

_NAME = "cost"
_NS_PER_US = 1000


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What one process pays for logging.

    Attributes:
        call_p50_us, call_p99_us: microseconds that the middle call, and one of a hundred, spends at the queue.
        queue_operations, queue_bytes: what waits for a receipt, and what the files of the queue hold.
        lag_s: the age in seconds of the oldest call without a receipt.
    """

    call_p50_us: float
    call_p99_us: float
    queue_operations: int
    queue_bytes: int
    lag_s: float

    def readings(self) -> dict[str, float]:
        """Return it as names below `logging`, and numbers."""
        return {f"logging/{name}": float(getattr(self, name)) for name in self.__struct_fields__}


def load_cost(directory: FilePath) -> Cost | None:
    """Return what the process with the queue in `directory` found last; None if it found nothing yet."""
    try:
        return msgspec.json.decode((directory / _NAME).read_bytes(), type=Cost)
    except (OSError, msgspec.DecodeError):
        return None


class Stopwatch:
    """A sink that clocks the calls on their way to another."""

    def __init__(self, sink: Sink, *, clock_ns: Callable[[], int], took_ns: deque[int]) -> None:
        """Take the sink, a clock that never jumps, in nanoseconds, and where to put what each call took."""
        self.sink = sink
        self._clock_ns = clock_ns
        self._took_ns = took_ns

    @property
    def last_seq(self) -> int:
        """Number of the newest operation."""
        return self.sink.last_seq

    @property
    def points(self) -> int:
        """How many points were kept so far."""
        return self.sink.points

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        """Keep one float point."""
        began = self._clock_ns()
        self.sink.append_float(track, value, step, milliseconds)
        self._took_ns.append(self._clock_ns() - began)

    def append_row(self, tracks: Tracks, values: Iterable[float], step: float | None, milliseconds: int) -> bool:
        """Keep one float point for each track, or return False with nothing kept."""
        began = self._clock_ns()
        kept = self.sink.append_row(tracks, values, step, milliseconds)
        self._took_ns.append(self._clock_ns() - began)
        return kept

    def append(self, operation: Operation) -> int:
        """Keep an operation."""
        began = self._clock_ns()
        seq = self.sink.append(operation)
        self._took_ns.append(self._clock_ns() - began)
        return seq

    def take_step(self, track: Track, step: float | None) -> float:
        """Return the step of a point that is not a float."""
        return self.sink.take_step(track, step)

    def stage_bytes(self, content: bytes) -> tuple[str, int]:
        """Keep a blob; return (SHA-256, bytes)."""
        return self.sink.stage_bytes(content)

    def stage_file(self, source: FilePath) -> tuple[str, int]:
        """Keep a copy of a file; return (SHA-256, bytes)."""
        return self.sink.stage_file(source)

    def end(self, *, exit_said: str | None = None, drops: Mapping[str, int] | None = None) -> None:
        """Say that no more comes."""
        self.sink.end(exit_said=exit_said, drops=drops)

    def position(self) -> Position:
        """Return how far the server has everything."""
        return self.sink.position()

    def wait(self, *, seq: int, timeout_s: float) -> bool:
        """Wait until the server has everything up to `seq`."""
        return self.sink.wait(seq=seq, timeout_s=timeout_s)

    def after_fork(self) -> None:
        """Become what a forked child may write to."""
        self.sink.after_fork()


class CostWatch:
    """The thread that clocks calls now and then, from `start` to `stop`."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        directory: FilePath,
        queue_bytes: Callable[[], int],
        clock: Callable[[], float],
        clock_ns: Callable[[], int],
        clocked_for_s: float = CLOCKED_FOR_S,
    ) -> None:
        """Take whose calls are clocked, and where the result lies.

        Args:
            recorder: what calls go through.
            directory: of the process's queue.
            queue_bytes: tells what the queue's files hold.
            clock: seconds that never jump.
            clock_ns: nanoseconds that never jump.
            clocked_for_s: of each second, so much is clocked.
        """
        self._recorder = recorder
        self._directory = directory
        self._queue_bytes = queue_bytes
        self._clock = clock
        self._clock_ns = clock_ns
        self._clocked_for_s = clocked_for_s
        self._took_ns: deque[int] = deque(maxlen=LATEST_CALLS)
        self._backlog = Backlog()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="marigram-cost", daemon=True)

    def start(self) -> None:
        """Begin to clock."""
        self._thread.start()

    def stop(self) -> None:
        """End; the stopwatch is gone when this returns."""
        self._stopping.set()
        self._thread.join()

    def after_fork(self) -> None:
        """In a forked child: the thread is not here, so take the stopwatch away; there is nothing to join."""
        self._thread = threading.Thread(target=lambda: None, daemon=True)
        self._thread.start()
        self._take_away()

    def clock_calls(self) -> None:
        """Clock the calls of a moment."""
        recorder = self._recorder
        recorder.sink = Stopwatch(recorder.sink, clock_ns=self._clock_ns, took_ns=self._took_ns)
        try:
            self._stopping.wait(self._clocked_for_s)
        finally:
            self._take_away()

    def tell(self) -> None:
        """Leave what is known for the syncer; nothing, before a call was clocked.

        Raises:
            OSError: it cannot be written.
        """
        sink = self._recorder.sink
        last_seq, durable_seq = sink.last_seq, sink.position().durable_seq
        lag_s, _ = self._backlog.observe(self._clock(), last_seq=last_seq, durable_seq=durable_seq)
        took = sorted(self._took_ns)
        if not took:
            return
        waiting = max(0, last_seq - durable_seq)
        cost = Cost(
            call_p50_us=took[len(took) // 2] / _NS_PER_US,
            call_p99_us=took[len(took) * 99 // 100] / _NS_PER_US,
            queue_operations=waiting,
            queue_bytes=self._queue_bytes() if waiting else 0,
            lag_s=round(lag_s, 3),
        )
        new = self._directory / f"{_NAME}.new"
        new.write_bytes(msgspec.json.encode(cost))
        replace(new, self._directory / _NAME)

    def _take_away(self) -> None:
        sink = self._recorder.sink
        if isinstance(sink, Stopwatch):
            self._recorder.sink = sink.sink

    def _watch(self) -> None:
        tell_at = self._clock() + TOLD_EVERY_S
        while not self._stopping.wait(CLOCKED_EVERY_S):
            self.clock_calls()
            if self._clock() >= tell_at:
                tell_at = self._clock() + TOLD_EVERY_S
                with contextlib.suppress(OSError):  # a full disk, or a queue that is gone: the next time tells
                    self.tell()
