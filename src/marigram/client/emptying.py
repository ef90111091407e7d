"""Empties the queues of one run to the server.

Sends the queue of every writer in `queue/<run id>`: the training process, its forks, and the syncer itself. A writer
whose batch is refused waits alone; the others go on. When the training process is gone without having ended the run,
that is told to the server after all else is sent; so is what the server refused. A folder is deleted when everything in
it is receipted and its writers have ended. The caller holds the folder's lock.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable
from pathlib import Path as FilePath

from marigram.client.card import FLUSH_PERIOD_S, Card, Role, load_card
from marigram.client.commands import Commands
from marigram.client.errors import MarigramError, UnreachableError
from marigram.client.outbox import Outbox
from marigram.client.pulse import Pulse
from marigram.client.retry import Retry
from marigram.client.run_folder import remove_empty, writer_folders
from marigram.client.steady import uptime_s
from marigram.client.teller import Teller
from marigram.client.transport import Transport

LOOK_EVERY_S = FLUSH_PERIOD_S / 2
IDLE_AFTER_S = 10.0
LOOK_WHEN_IDLE_EVERY_S = 0.3
"""A point that ends a silence is still on the chart within a second."""

LOOK_FOR_ENDS_EVERY_S = 1.0
SYNC_TO_DISK_EVERY_S = 1.0
GRACE_S = 0.5
"""So long the receipt stays after the last one, for a training process that waits for it."""


class Syncer:
    """Empties the queues of one run."""

    def __init__(  # noqa: PLR0913 all are keywords, and most have a value that fits
        self,
        *,
        directory: FilePath,
        home: FilePath,
        transport: Transport,
        log: Callable[[str], None],
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
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
            clock: seconds since 1970, for what is stored.
            steady: seconds that never jump, for everything that waits.
            follow: wait for more while writers live, and sample their hardware; otherwise send what there is and end.
            patience_s: how long to try after the writers ended; None: what their cards say.
            progress: is told how many operations a receipt covered.
            stopping: set it, and `run` returns soon and leaves the rest in the queue.
        """
        self._directory = directory
        self._transport = transport
        self._log = log
        self._clock = clock
        self._steady = steady
        self._follow = follow
        self._patience_s = patience_s
        self._progress = progress
        self._outboxes: dict[str, Outbox] = {}
        self._sent_at: dict[str, float] = {}
        self._gone: set[str] = set()
        self._pulse: Pulse | None = None
        self._commands: Commands | None = None
        self._teller = Teller(directory=directory, home=home, transport=transport, clock=clock, log=log)
        self._stopping = stopping or threading.Event()
        self._away = Retry()
        self._retries: dict[str, Retry] = {}

    @property
    def problem(self) -> str | None:
        """Why sending does not go on, for everybody or for one writer; None if it does."""
        return self._away.problem or next((each.problem for each in self._retries.values() if each.problem), None)

    def run(self) -> bool:
        """Send until there is nothing left to wait for; return whether everything was sent and the folder is gone."""
        ended_since: float | None = None
        look_for_ends_at = sync_to_disk_at = 0.0
        try:
            while not self._stopping.is_set():
                now = self._steady()
                if now >= look_for_ends_at:
                    if not self._directory.exists():
                        self._log(f"{self._directory} was removed, so there is nothing left to send")
                        return False
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
                    pulse.watch(
                        namespace=card.monitoring,
                        pid=card.pid,
                        visible_devices=card.visible_devices,
                        directory=directory,
                    )

    def _send_all(self) -> tuple[int, float]:
        """Send one batch of each queue; return how many were sent, and how long to wait if none."""
        now = self._steady()
        sent = sum(
            self._send_one(outbox)
            for name, outbox in list(self._outboxes.items())
            if not self._is_collecting(name, outbox, now)
        )
        idle = all(now - self._sent_at.get(name, -math.inf) > IDLE_AFTER_S for name in self._outboxes)
        return sent, LOOK_WHEN_IDLE_EVERY_S if idle and self.problem is None else LOOK_EVERY_S

    def _is_collecting(self, name: str, outbox: Outbox, now: float) -> bool:
        """Return whether it is too early for the next batch: a run that goes on makes it larger."""
        since = now - self._sent_at.get(name, -math.inf)
        early = self._follow and 0 <= since < outbox.card.flush_period_s
        return early and not outbox.is_behind and not outbox.has_ended

    def _send_one(self, outbox: Outbox) -> bool:
        """Send one batch of a queue, if it is its turn; return whether that worked and there was one."""
        now = self._steady()
        retry = self._retries.setdefault(outbox.card.writer, Retry())
        if not (self._away.is_due(now) and retry.is_due(now)):
            return False
        try:
            count = outbox.send_next()
        except (MarigramError, OSError) as error:
            self._trouble(outbox, retry, error, now)
            return False
        if count is None:
            return False
        self._sent_at[outbox.card.writer] = self._steady()
        self._answered()
        if retry.recovered():
            self._note(outbox)
        self._teller.tell_losses(outbox.card, self._outboxes.values())
        if self._progress is not None:
            self._progress(count)
        return True

    def _trouble(self, outbox: Outbox, retry: Retry, error: Exception, now: float) -> None:
        """A server that is away is away for all; whatever else it is concerns this writer, and the others go on."""
        away = isinstance(error, UnreachableError) and error.is_away
        if not away:
            self._answered()
        which = self._away if away else retry
        if which.problem != str(error):
            self._log(f"cannot send{'' if away else f' {outbox.card.writer}'}, trying on: {error}")
        which.failed(error, now=now)
        for each in self._outboxes.values() if away else (outbox,):
            self._note(each)

    def _answered(self) -> None:
        if self._away.recovered():
            self._log("sending goes on")
            for outbox in self._outboxes.values():
                self._note(outbox)

    def _note(self, outbox: Outbox) -> None:
        retry = self._retries.get(outbox.card.writer)
        worst = self._away if retry is None or self._away.problem else retry
        with contextlib.suppress(OSError):
            outbox.note_problem(worst.problem, refused=worst.is_refusal)

    def _look_for_ends(self) -> None:
        for name, outbox in list(self._outboxes.items()):
            card = outbox.card
            if name in self._gone or self._teller.is_own(name):
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
                self._teller.tell_unsaid_end(outbox)
            self._teller.correct_exit_code(outbox)
            outbox.mark_ended()
            if self._pulse is not None:
                self._pulse.unwatch(namespace=card.monitoring)
            if self._commands is not None:
                self._commands.unwatch(name)
            if card.role is Role.FORK:
                self._teller.close(outbox)  # data loaders may fork thousands of times in one run
                self._forget(name)
            else:
                self._gone.add(name)

    def _forget(self, name: str) -> None:
        del self._outboxes[name]
        self._retries.pop(name, None)
        self._sent_at.pop(name, None)

    def _send_rest(self, outbox: Outbox) -> bool:
        """Send all that is left of a queue; return whether that worked."""
        while self._send_one(outbox):
            pass
        return outbox.is_empty

    def _all_ended(self) -> bool:
        return all(name in self._gone or self._teller.is_own(name) for name in self._outboxes)

    def _nobody_writes(self) -> bool:
        return all(
            self._teller.is_own(name) or outbox.has_ended or outbox.card.is_alive() is False
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
        if not self._teller.tell_receipt(self._outboxes.values(), send=self._send_everything):
            return False
        self._end_own()
        if not self._send_everything():
            return False
        if not self._all_ended():
            return False  # a process that has begun meanwhile is neither in the receipt nor at its end
        if self._follow:
            self._stopping.wait(GRACE_S)
        for name, outbox in list(self._outboxes.items()):
            self._teller.close(outbox)
            self._forget(name)
        self._gone.clear()
        self._log("everything is receipted")
        return remove_empty(self._directory)

    def _send_everything(self) -> bool:
        self._discover()
        sent = [self._send_rest(outbox) for outbox in list(self._outboxes.values())]
        return all(sent)

    def _end_own(self) -> None:
        writer = self._teller.end()
        if writer is not None:
            if self._directory.exists():
                self._discover()
            self._gone.add(writer)

    def _start_pulse(self, card: Card) -> Pulse:
        if self._pulse is None:
            self._pulse = Pulse(
                run_id=card.run_id,
                created_at=card.created_at,
                transport=self._transport,
                queue=self._teller.queue(card),
                clock=self._clock,
                steady=self._steady,
            )
            self._pulse.start()
        return self._pulse

    def _start_commands(self, card: Card) -> Commands:
        if self._commands is None:
            self._commands = Commands(run_id=card.run_id, transport=self._transport, clock=uptime_s, log=self._log)
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
