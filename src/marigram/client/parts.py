"""The parts that a run and a project are put together from, made as the settings say."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from marigram.client.companion import Companion
from marigram.client.cost import CostWatch
from marigram.client.errors import SettingError
from marigram.client.guard import Guard
from marigram.client.lag import Alarm, LagWatch
from marigram.client.launch import start_syncer
from marigram.client.lock import LOG_NAME
from marigram.client.notice import say
from marigram.client.queue import Queue
from marigram.client.recorder import Recorder
from marigram.client.run_folder import queue_directory
from marigram.client.settings import KEEPING, SENDING, Settings
from marigram.client.sink import Sink
from marigram.client.steady import uptime_s
from marigram.client.stop_flag import UNFLAGGED, open_flag
from marigram.client.syncer_watch import SyncerWatch
from marigram.model import Path, RunStatus, SetStatus, SetValue

if TYPE_CHECKING:
    import mmap
    import subprocess

    from marigram.client.reader import Reader


def make_recorder(sink: Sink, *, reraise: bool) -> Recorder:
    """Return a recorder whose guard counts what is dropped, and writes the counts to the sink."""

    def write_count(reason: str, count: int) -> None:
        recorder.sink.append(SetValue(path=Path(f"sys/drops/{reason}"), value=count))

    guard = Guard(say=say, clock=time.monotonic, write_count=write_count, reraise=reraise)
    recorder = Recorder(sink=sink, guard=guard, clock_ns=time.time_ns)
    return recorder


def open_queue(recorder: Recorder, queue: Queue, runs_since: int | None) -> None:
    """Write the first operation; a queue that cannot be opened is found now, not at the first point."""
    try:
        if runs_since is not None:
            recorder.sink.append(SetStatus(status=RunStatus.RUNNING, at=runs_since))
        else:
            queue.open()
    except OSError as error:
        message = f"The queue {queue.directory} cannot be written ({error}). Set MARIGRAM_HOME to a folder that can."
        raise SettingError(message) from error


def stop_flag_of(queue: Queue) -> mmap.mmap | bytes:
    """Return the flag by which the process that writes to this queue is asked to stop."""
    try:
        return open_flag(queue.directory, now=uptime_s())
    except OSError as error:  # a full disk may stop the stop button, but not the training
        say(f"This run cannot be asked to stop: its flag in {queue.directory} cannot be made ({error}).")
        return UNFLAGGED


def syncer_of(settings: Settings, run_id: str) -> SyncerWatch:
    """Return what keeps a syncer at work on a run's queues; nothing, in a mode that sends nothing."""
    directory = queue_directory(settings.home, run_id)
    sends = settings.mode in SENDING and settings.mode in KEEPING
    start = (lambda: start_syncer_of(settings, run_id)) if sends else None
    return SyncerWatch(start=start, say=say, log_file=str(directory / LOG_NAME))


def send_rest(settings: Settings, run_id: str) -> None:
    """Start a syncer for what earlier processes have left of a run."""
    syncer = start_syncer_of(settings, run_id)
    if syncer is not None:
        # It goes on without us, as it should: no warning about a child that was not waited for.
        syncer.returncode = 0


def start_syncer_of(settings: Settings, run_id: str) -> subprocess.Popen[bytes] | None:
    """Start a syncer for a run's queues; say so and return None if that does not work."""
    try:
        environ = {**os.environ, "MARIGRAM_PROXY": settings.proxy} if settings.proxy else os.environ
        return start_syncer(queue_directory(settings.home, run_id), environ=environ, token=settings.token)
    except FileNotFoundError:
        return None  # all of it is sent, and the folder is gone
    except OSError as error:
        say(f"The process that sends could not be started ({error}). Everything is kept; send it with: marigram sync")
        return None


def lag_watch_of(recorder: Recorder, lag: Alarm | None, no_progress: Alarm | None) -> LagWatch:
    """Return what looks how far the server is behind a recorder."""

    def position() -> tuple[int, int]:
        return recorder.sink.last_seq, recorder.sink.position().durable_seq

    return LagWatch(position=position, clock=time.monotonic, say=say, lag=lag, no_progress=no_progress)


def watches_of(
    recorder: Recorder, queue: Queue, alarms: tuple[Alarm | None, Alarm | None], *, costs: bool
) -> list[Companion]:
    """Return what looks after a recorder that sends: for the alarms, if any, and for what logging costs, if wanted."""
    watches: list[Companion] = []
    if any(alarms):
        watches.append(lag_watch_of(recorder, *alarms))
    if costs:
        watches.append(cost_watch_of(recorder, queue))
    return watches


def cost_watch_of(recorder: Recorder, queue: Queue) -> CostWatch:
    """Return what clocks calls of a recorder now and then."""
    return CostWatch(
        recorder=recorder,
        directory=queue.directory,
        queue_bytes=queue.held_bytes,
        clock=time.monotonic,
        clock_ns=time.perf_counter_ns,
    )


def line_writer_of(
    recorder: Recorder, monitoring: Path, next_steps: Mapping[Path, float]
) -> Callable[[str], Callable[[int, str], None]]:
    """Return what makes, for the name of a stream, a function that records its lines by number.

    Lines that the run has there already, because it was resumed, stay: the numbers go on after them.
    """

    def of_stream(name: str) -> Callable[[int, str], None]:
        path = Path(f"{monitoring}/{name}")
        before = next_steps.get(path, 1.0) - 1
        return lambda number, text: recorder.append(path, text, step=before + number, timestamp=None)

    return of_stream


def connect_reader(settings: Settings) -> Reader:
    """Return a reader of the settings' server."""
    from marigram.client.reader import Reader
    from marigram.client.transport import Transport

    return Reader(Transport(url=settings.url, token=settings.token, proxy=settings.proxy))
