"""The syncer's third thread: waits for what the server wants of the run, and carries it out on this machine.

A request to stop is here as soon as it is made, because the server answers the waiting request with it. It is delivered
once to every process that wrote to the run when it was made:

* graceful: the process's stop flag is raised, which `run.should_stop` and `on_stop` see;
* abort: the flag, and SIGINT as by Ctrl-C; SIGTERM after half of the grace period, where SIGINT is ignored (as it is
  in a job that a shell put into the background); after all of it SIGKILL to the process and all it has started;
* kill: the flag, and that SIGKILL at once.

On Windows no process can be interrupted by another: it sees its flag and does that itself (self_interrupt.py), and
nothing stands between that and being killed.

A process number that was given to another process since is never signalled: the time of creation has to agree too.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import msgspec

from marigram.client.card import Card
from marigram.client.errors import MarigramError, NotFoundError
from marigram.client.stop_flag import read_state, stronger, write_state
from marigram.client.transport import Transport
from marigram.model import StopHow
from marigram.system.process import ask_to_end, interrupt, kill
from marigram.wire import StopCommand

if TYPE_CHECKING:
    import psutil

WAIT_S = 20.0
AFTER_A_FAILURE_S = 1.0
AFTER_AN_OLD_SERVER_S = 60.0
"""A server that does not know the question may be replaced by one that does."""

_LOOK_EVERY_S = 0.05
_SYNCER = "marigram.client.syncer"


class Commands:
    """Waits for commands to one run, until `stop`."""

    def __init__(
        self, *, run_id: str, transport: Transport, clock: Callable[[], float], log: Callable[[str], None]
    ) -> None:
        """Take the run, the way to the server, seconds since the machine started, and where lines go."""
        self._run_id = run_id
        self._transport = transport
        self._clock = clock
        self._log = log
        self._targets: dict[str, tuple[Card, FilePath]] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._newest: StopCommand | None = None
        self._newest_asked_at = 0.0
        self._thread = threading.Thread(target=self._listen, name="marigram-commands", daemon=True)

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for nothing more. The thread may be within a request; it then does nothing with its answer."""
        self._stopping.set()

    def watch(self, card: Card, directory: FilePath) -> None:
        """Deliver commands to this process of our machine too, those that have come already included."""
        with self._lock:
            self._targets[card.writer] = (card, directory)
            if self._newest is not None:
                self._deliver(self._newest, self._newest_asked_at, card, directory)

    def unwatch(self, writer: str) -> None:
        """Deliver nothing more to a process that has ended."""
        with self._lock:
            self._targets.pop(writer, None)

    def _listen(self) -> None:
        after = 0
        while not self._stopping.is_set():
            asked_at = self._clock()
            try:
                command = self._transport.wait_for_command(self._run_id, after=after, wait_s=WAIT_S).stop
            except NotFoundError:
                self._stopping.wait(AFTER_AN_OLD_SERVER_S)
                continue
            except MarigramError:
                self._stopping.wait(AFTER_A_FAILURE_S)
                continue
            if self._stopping.is_set():
                return
            if command is None:
                if self._clock() - asked_at < AFTER_A_FAILURE_S:  # a server that is about to end answers at once
                    self._stopping.wait(AFTER_A_FAILURE_S)
                continue
            after = command.number
            self._accept(command)

    def _accept(self, command: StopCommand) -> None:
        requested_at = self._clock() - command.age_s
        with self._lock:
            self._newest, self._newest_asked_at = command, requested_at
            targets = self._targets.values()
            delivered = [self._deliver(command, requested_at, card, directory) for card, directory in targets]
        if any(delivered):
            with contextlib.suppress(MarigramError):  # the run will be seen to end, which is better proof
                self._transport.note_delivery(self._run_id, command.number)

    def _deliver(self, command: StopCommand, requested_at: float, card: Card, directory: FilePath) -> bool:
        """Carry a command out on one process; return whether it was meant for it."""
        state = read_state(directory)
        process = _process(card)
        if state is None or process is None or requested_at < state.opened_at:
            return False
        how = StopHow(command.how)
        is_news = command.number > state.number
        try:
            if is_news:
                state = msgspec.structs.replace(state, how=stronger(state.how, how), number=command.number)
                write_state(directory, state)
                self._log(f"asked to stop process {card.pid}: {how.value}")
        except OSError as error:
            self._log(f"process {card.pid} cannot be told to stop: {error}")
        if how is StopHow.KILL:
            self._kill(process, directory)
        elif how is StopHow.ABORT:
            # Who takes over from a killed syncer goes on with the grace period, and does not interrupt again.
            left_s = command.grace_s - (self._clock() - requested_at)
            threading.Thread(
                target=self._abort,
                args=(process, directory),
                kwargs={"grace_s": max(0.0, left_s), "again": not is_news},
                name="marigram-abort",
                daemon=True,
            ).start()
        return True

    def _abort(self, process: psutil.Process, directory: FilePath, *, grace_s: float, again: bool) -> None:
        for send in (ask_to_end,) if again else (interrupt, ask_to_end):
            _do(send, process)
            if _is_gone(process, within_s=grace_s / 2):
                return
        self._log(f"process {process.pid} is still there after its grace period")
        self._kill(process, directory)

    def _kill(self, process: psutil.Process, directory: FilePath) -> None:
        state = read_state(directory)
        if state is not None:
            with contextlib.suppress(OSError):
                write_state(directory, msgspec.structs.replace(state, killed=True))
        self._log(f"killing process {process.pid} and what it has started")
        for each in _tree(process):
            _do(kill, each)


def was_killed(directory: FilePath) -> bool:
    """Return whether the process that wrote to this folder was killed on request."""
    state = read_state(directory)
    return state is not None and state.killed


def _process(card: Card) -> psutil.Process | None:
    """Return the writing process, if it is there and on this machine."""
    import psutil  # not at the top: only a syncer loads this module, but what it imports counts for all

    if not card.is_alive():
        return None
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(card.pid)
    return None


def _tree(process: psutil.Process) -> list[psutil.Process]:
    """Return the process and all below it, but no syncer: those are children too, and have data to send."""
    import psutil

    tree = [process]
    with contextlib.suppress(psutil.Error):
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if child.pid != os.getpid() and _SYNCER not in child.cmdline():
                    tree.append(child)
    return tree


def _do(act: Callable[[psutil.Process], object], process: psutil.Process) -> None:
    import psutil

    # psutil compares the time of creation before it acts.
    with contextlib.suppress(psutil.Error, OSError):
        act(process)


def _is_gone(process: psutil.Process, *, within_s: float) -> bool:
    import psutil

    deadline = time.monotonic() + within_s
    while True:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LOOK_EVERY_S)
