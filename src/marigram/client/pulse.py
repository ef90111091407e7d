"""The syncer's second thread: says that the run is alive, samples its hardware, and reads what logging costs.

It is a thread of its own because sending may block for minutes on a large file, and a run that uploads is not stalled.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path as FilePath

from marigram.client.cost import load_cost
from marigram.client.errors import MarigramError
from marigram.client.hardware import Sampler
from marigram.client.queue import Queue
from marigram.client.track import Track
from marigram.client.transport import Transport
from marigram.model import Path, SetValue

HEARTBEAT_EVERY_S = 5.0
SAMPLE_EVERY_AT_FIRST_S = 2.0
SAMPLE_EVERY_S = 10.0
AT_FIRST_S = 60.0
"""Somebody watches the first minute; over days, a reading each ten seconds is plenty."""


class Pulse:
    """Heartbeats and hardware samples of one run, until `stop`."""

    def __init__(
        self,
        *,
        run_id: str,
        created_at: int,
        transport: Transport,
        queue: Queue,
        clock: Callable[[], float],
        steady: Callable[[], float],
    ) -> None:
        """Take the run, the way to the server, the syncer's own queue, seconds since 1970, and ones that never jump."""
        self._run_id = run_id
        self._transport = transport
        self._queue = queue
        self._clock = clock
        self._steady = steady
        # Where a second syncer goes on when the first was killed; from here on the clock may jump.
        self._step_at_0 = clock() - created_at / 1000 - steady()
        self._samplers: dict[str, Sampler] = {}
        self._queues: dict[str, FilePath] = {}
        self._tracks: dict[str, Track] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="marigram-pulse", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, within the timeout of a heartbeat."""
        self._stopping.set()
        self._thread.join(timeout=2.0)
        with self._lock:
            for sampler in self._samplers.values():
                sampler.stop()
            self._samplers.clear()

    def watch(
        self, *, namespace: str, pid: int, visible_devices: str | None = None, directory: FilePath | None = None
    ) -> None:
        """Sample the hardware around a process, below `namespace`, and what logging costs it.

        It may use the GPUs that `visible_devices` names; `directory` is that of its queue.
        """
        sampler = Sampler(pid=pid, visible_devices=visible_devices)
        sampler.start()
        with contextlib.suppress(MarigramError, OSError):  # a full disk: the readings tell enough
            for name, fact in sampler.facts().items():
                self._queue.append(SetValue(path=Path(f"{namespace}/{name}"), value=fact))
        with self._lock:
            self._samplers[namespace] = sampler
            if directory is not None:
                self._queues[namespace] = directory

    def unwatch(self, *, namespace: str) -> None:
        """Sample it no more."""
        with self._lock:
            sampler = self._samplers.pop(namespace, None)
            self._queues.pop(namespace, None)
        if sampler is not None:
            sampler.stop()

    def _beat(self) -> None:
        started = self._steady()
        beat_at = sample_at = started
        while not self._stopping.wait(max(0.05, min(beat_at, sample_at) - self._steady())):
            now = self._steady()
            if now >= sample_at:
                self._sample(step=round(self._step_at_0 + now, 1))
                sample_at = now + (SAMPLE_EVERY_AT_FIRST_S if now - started < AT_FIRST_S else SAMPLE_EVERY_S)
            if now >= beat_at:
                beat_at = now + HEARTBEAT_EVERY_S
                try:
                    self._transport.heartbeat(self._run_id)
                except MarigramError:
                    continue  # the sending side meets the same trouble and reports it

    def _sample(self, *, step: float) -> None:
        """Read everything; the step is seconds since the run began."""
        at = int(self._clock() * 1000)
        with self._lock:
            for namespace, sampler in self._samplers.items():
                for name, value in {**sampler.sample(), **self._cost_in(namespace)}.items():
                    path = f"{namespace}/{name}"
                    track = self._tracks.setdefault(path, Track(Path(path)))
                    try:
                        self._queue.append_float(track, value, step, at)
                    except (MarigramError, OSError):
                        return  # a full disk: the next sample finds room, or not

    def _cost_in(self, namespace: str) -> dict[str, float]:
        directory = self._queues.get(namespace)
        cost = None if directory is None else load_cost(directory)
        return {} if cost is None else cost.readings()
