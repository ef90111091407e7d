"""Empties the queues of one run to the server.

Sends the queue of every writer in `queue/<run id>`: the training process, its forks, and the syncer itself. When the
training process is gone without having ended the run, that is told to the server after all else is sent; so is what
the server refused. A folder is deleted when everything in it is receipted and its writers have ended. The caller holds
the folder's lock.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path as FilePath

from marigram.client.card import Card, Role, load_card, process_created_at
from marigram.client.commands import Commands, was_killed
from marigram.client.errors import MarigramError, UnreachableError
from marigram.client.outbox import Outbox
from marigram.client.position import Position
from marigram.client.pulse import Pulse
from marigram.client.queue import Queue, new_writer_name
from marigram.client.receipt import Account, Accounts
from marigram.client.run_folder import remove_empty, writer_folders
from marigram.client.transport import Transport
from marigram.model import Path, RunStatus, SetStatus, SetValue

LOOK_EVERY_S = 0.1
IDLE_AFTER_S = 10.0
LOOK_WHEN_IDLE_EVERY_S = 0.3
"""A point that ends a silence is still on the chart within a second."""

LOOK_FOR_ENDS_EVERY_S = 1.0
SYNC_TO_DISK_EVERY_S = 1.0
FIRST_RETRY_S = 0.2
RETRY_UNREACHABLE_S = 2.0
"""A server that comes up finds what was logged before it within this time."""

RETRY_REFUSED_S = 30.0
RETRY_AT_MOST_S = 60.0
"""Even a server that asks for an hour is asked again within a minute: it may have been restarted since."""

GRACE_S = 0.5
"""So long the receipt stays after the last one, for a training process that waits for it."""

KILLED = (
    "The training process ended without saying how: killed (kill -9, out of memory), or os._exit. Look at the last "
    "lines of the console and at the machine's kernel log."
)

KILLED_ON_REQUEST = "killed on request"
EXIT_OF_KILL = 137
"""128 and the number of SIGKILL, as a shell would see it."""


class Syncer:
    """Empties the queues of one run."""

    def __init__(
        self,
        *,
        directory: FilePath,
        home: FilePath,
        transport: Transport,
        log: Callable[[str], None],
        clock: Callable[[], float] = time.time,
        follow: bool = True,
        patience_s: float | None = None,
        progress: Callable[[int], None] | None = None,
        stopping: threading.Event | None = None,
    ) -> None:
        """Take the run's queue folder and the way to the server.

        Args:
            directory: `queue/<run id>`.
            home: the folder that holds `queue`.
            transport: the way to the server.
            log: takes a line for whoever looks for trouble.
            clock: seconds since 1970.
            follow: wait for more while writers live, and sample their hardware; otherwise send what there is and end.
            patience_s: how long to try after the writers ended; None: what their cards say.
            progress: is told how many operations a receipt covered.
            stopping: set it, and `run` returns soon and leaves the rest in the queue.
        """
        self._directory = directory
        self._home = home
        self._transport = transport
        self._log = log
        self._clock = clock
        self._follow = follow
        self._patience_s = patience_s
        self._progress = progress
        self._outboxes: dict[str, Outbox] = {}
        self._sent_at: dict[str, float] = {}
        self._gone: set[str] = set()
        self._own: Queue | None = None
        self._pulse: Pulse | None = None
        self._commands: Commands | None = None
        self._accounts = Accounts()
        self._told_account: Account | None = None
        self._stopping = stopping or threading.Event()
        self._told: dict[str, int] = {}
        self._failures = 0
        self.problem: str | None = None

    def run(self) -> bool:
        """Send until there is nothing left to wait for; return whether everything was sent and the folder is gone."""
        ended_since: float | None = None
        look_for_ends_at = sync_to_disk_at = 0.0
        try:
            while not self._stopping.is_set():
                now = self._clock()
                if now >= look_for_ends_at:
                    self._discover()
                sent, delay = self._send_all()
                if now >= look_for_ends_at or not self._follow:
                    look_for_ends_at = now + LOOK_FOR_ENDS_EVERY_S
                    self._look_for_ends()
                if now >= sync_to_disk_at and self._follow:
                    sync_to_disk_at = now + SYNC_TO_DISK_EVERY_S
                    self._sync_to_disk()
                if sent:
                    continue
                if not self.problem and self._finish():
                    return True
                if self.problem and self._nobody_writes():
                    ended_since = ended_since or now
                    if now - ended_since > self._patience():
                        self._log(f"giving up for now: {self.problem}")
                        return False
                elif not self._follow:
                    return False
                self._stopping.wait(delay)
            return False
        finally:
            self._close()

    def _sync_to_disk(self) -> None:
        for outbox in self._outboxes.values():
            with contextlib.suppress(OSError):  # a disk that fails is reported by those who read it
                outbox.sync_to_disk()

    def _discover(self) -> None:
        for directory in writer_folders(self._directory):
            if directory.name in self._outboxes:
                continue
            card = load_card(directory)
            if card is None:
                continue
            self._outboxes[card.writer] = Outbox(
                directory=directory, card=card, transport=self._transport, log=self._log
            )
            if (
                self._follow
                and card.role is Role.MAIN
                and card.is_alive()
                and not self._outboxes[card.writer].has_ended
            ):
                self._start_commands(card).watch(card, directory)
                pulse = self._start_pulse(card)
                if card.hardware:
                    pulse.watch(namespace=card.monitoring, pid=card.pid, visible_devices=card.visible_devices)

    def _send_all(self) -> tuple[int, float]:
        """Send one batch of each queue; return how many were sent, and how long to wait if none."""
        sent = 0
        now = self._clock()
        for name, outbox in list(self._outboxes.items()):
            if self._is_collecting(name, outbox, now):
                continue
            try:
                sent += self._send_one(outbox)
            except (MarigramError, OSError) as error:
                return sent, self._trouble(error)
        self._recovered()
        idle = all(now - self._sent_at.get(name, 0.0) > IDLE_AFTER_S for name in self._outboxes)
        return sent, LOOK_WHEN_IDLE_EVERY_S if idle else LOOK_EVERY_S

    def _is_collecting(self, name: str, outbox: Outbox, now: float) -> bool:
        """Return whether it is too early for the next batch: a run that goes on makes it larger."""
        since = now - self._sent_at.get(name, 0.0)
        early = self._follow and 0 <= since < outbox.card.flush_period_s
        return early and not outbox.is_behind and not outbox.has_ended

    def _send_one(self, outbox: Outbox) -> bool:
        """Send one batch of a queue; return whether there was one."""
        count = outbox.send_next()
        if count is None:
            return False
        self._sent_at[outbox.card.writer] = self._clock()
        self._recovered()
        self._tell(outbox)
        if self._progress is not None:
            self._progress(count)
        return True

    def _trouble(self, error: Exception) -> float:
        if str(error) != self.problem:
            self._log(f"cannot send, trying on: {error}")
        self.problem = str(error)
        for outbox in self._outboxes.values():
            with contextlib.suppress(OSError):
                outbox.note_problem(self.problem)
        self._failures += 1
        patient = RETRY_UNREACHABLE_S if isinstance(error, UnreachableError) else RETRY_REFUSED_S
        delay = min(FIRST_RETRY_S * 2 ** min(self._failures - 1, 10), patient)
        wish = error.retry_after_s if isinstance(error, UnreachableError) else None
        if wish is not None:
            return min(wish, RETRY_AT_MOST_S)
        return delay * random.uniform(0.5, 1.0)  # noqa: S311 spreads many syncers after an outage; no secret

    def _recovered(self) -> None:
        if self.problem is not None:
            self._log("sending goes on")
            self.problem = None
            for outbox in self._outboxes.values():
                outbox.note_problem(None)
        self._failures = 0

    def _tell(self, outbox: Outbox) -> None:
        """Write what the server refused, and what was lost, to the run itself."""
        if outbox.card.role is Role.SYNCER:
            return  # its refusals are in the log; telling them would be refused again, for ever
        for path, count in _counts(outbox.position).items():
            total = sum(_counts(other.position).get(path, 0) for other in self._outboxes.values())
            if self._told.get(path) != total:
                self._told[path] = total
                self._own_queue(outbox.card).append(SetValue(path=Path(path), value=max(total, count)))

    def _look_for_ends(self) -> None:
        for name, outbox in list(self._outboxes.items()):
            card = outbox.card
            if name in self._gone or self._is_own(name):
                continue
            has_ended = outbox.has_ended
            if not has_ended and card.is_alive() is not False:
                continue
            if outbox.awaits_exit_code and card.is_alive():
                continue
            # Its last records may have come after our last look: send once more before concluding.
            if not self._send_rest(outbox):
                continue
            if card.role is Role.MAIN and not has_ended:
                self._log(f"process {card.pid} is gone without an end")
                at = int(self._clock() * 1000)
                self._own_queue(card).append(_unsaid_end(outbox, at))
            self._correct_exit_code(outbox)
            outbox.mark_ended()
            if self._pulse is not None:
                self._pulse.unwatch(namespace=card.monitoring)
            if self._commands is not None:
                self._commands.unwatch(name)
            if card.role is Role.FORK:
                self._accounts.close(outbox)
                outbox.remove()  # data loaders may fork thousands of times in one run
                del self._outboxes[name]
            else:
                self._gone.add(name)

    def _correct_exit_code(self, outbox: Outbox) -> None:
        """A `SystemExit` that nobody saw leave the program: it said finished, and the exit code says no."""
        code = outbox.exit_code()
        if code:
            self._log(f"process {outbox.card.pid} ended with exit code {code}")
            failed = SetStatus(
                status=RunStatus.FAILED, at=int(self._clock() * 1000), exit_code=code, failure=f"exit code {code}"
            )
            self._own_queue(outbox.card).append(failed)

    def _send_rest(self, outbox: Outbox) -> bool:
        """Send all that is left of a queue; return whether that worked."""
        try:
            while self._send_one(outbox):
                pass
        except (MarigramError, OSError) as error:
            self._trouble(error)
            return False
        return True

    def _all_ended(self) -> bool:
        return all(name in self._gone or self._is_own(name) for name in self._outboxes)

    def _nobody_writes(self) -> bool:
        return all(
            self._is_own(name) or outbox.has_ended or outbox.card.is_alive() is False
            for name, outbox in self._outboxes.items()
        )

    def _finish(self) -> bool:
        """If all writers have ended and all is sent, end our own queue, send it, and remove the folder."""
        if not self._all_ended():
            return False
        if self._pulse is not None:
            self._pulse.stop()
            self._pulse = None
        self._stop_commands()
        self._write_receipt()
        self._end_own()
        results = [self._send_rest(outbox) for outbox in list(self._outboxes.values())]
        if not all(results):
            return False
        if self._follow:
            self._stopping.wait(GRACE_S)
        for outbox in self._outboxes.values():
            self._accounts.close(outbox)
            outbox.remove()
        self._outboxes.clear()
        self._gone.clear()
        self._log("everything is receipted")
        return remove_empty(self._directory)

    def _write_receipt(self) -> None:
        """Write to the run what became of all points that its processes here have logged."""
        account = self._accounts.total(self._outboxes.values())
        cards = [outbox.card for outbox in self._outboxes.values() if outbox.card.role is not Role.SYNCER]
        if account is None or account == self._told_account or not cards:
            return
        for path, value in account.values().items():
            self._own_queue(cards[0]).append(SetValue(path=Path(path), value=value))
        self._told_account = account

    def _end_own(self) -> None:
        if self._own is not None:
            self._own.end()
            if self._directory.exists():
                self._discover()
            self._gone.add(self._own.card.writer)
            self._own = None

    def _is_own(self, name: str) -> bool:
        return self._own is not None and self._own.card.writer == name

    def _own_queue(self, like: Card) -> Queue:
        if self._own is None:
            self._own = own_queue(self._home, like)
        return self._own

    def _start_pulse(self, card: Card) -> Pulse:
        if self._pulse is None:
            self._pulse = Pulse(
                run_id=card.run_id,
                created_at=card.created_at,
                transport=self._transport,
                queue=self._own_queue(card),
                clock=self._clock,
            )
            self._pulse.start()
        return self._pulse

    def _start_commands(self, card: Card) -> Commands:
        if self._commands is None:
            self._commands = Commands(run_id=card.run_id, transport=self._transport, clock=self._clock, log=self._log)
            self._commands.start()
        return self._commands

    def _stop_commands(self) -> None:
        if self._commands is not None:
            self._commands.stop()
            self._commands = None

    def _patience(self) -> float:
        if self._patience_s is not None:
            return self._patience_s
        return max((outbox.card.patience_s for outbox in self._outboxes.values()), default=0.0)

    def _close(self) -> None:
        self._stop_commands()
        if self._pulse is not None:
            self._pulse.stop()
        self._end_own()
        for outbox in self._outboxes.values():
            outbox.close()


def _unsaid_end(outbox: Outbox, at: int) -> SetStatus:
    """Return how a run has ended whose process is gone without a word."""
    if was_killed(outbox.directory):
        return SetStatus(status=RunStatus.STOPPED, at=at, exit_code=EXIT_OF_KILL, failure=KILLED_ON_REQUEST)
    return SetStatus(status=RunStatus.CRASHED, at=at, failure=KILLED)


def _counts(position: Position) -> dict[str, int]:
    """Return what a run is told of one queue: paths, and numbers above 0."""
    counts = {f"sys/rejections/{code}": count for code, count in position.rejected.items()}
    counts["sys/drops/queue_damaged"] = position.lost
    counts["sys/drops/file_gone"] = position.files_gone
    counts["sys/files_changed"] = position.files_changed
    return {path: count for path, count in counts.items() if count}


def own_queue(home: FilePath, like: Card) -> Queue:
    """Return a queue for what a syncer itself has to say about a run."""
    return Queue(
        home=home,
        card=Card(
            run_id=like.run_id,
            writer=new_writer_name(),
            role=Role.SYNCER,
            project=like.project,
            url=like.url,
            created_at=like.created_at,
            fork=like.fork,
            pid=os.getpid(),
            process_created_at=process_created_at(),
            host=like.host,
            monitoring=like.monitoring,
        ),
    )
