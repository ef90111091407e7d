"""What the syncer itself says about a run, as a writer of its own.

It tells what was refused or lost, how a process has ended that could not say so, and at the end the receipt. What it
says goes through a queue like everybody's, so it survives the syncer's death too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path as FilePath

from marigram.client.card import Card, Role, process_created_at
from marigram.client.commands import was_killed
from marigram.client.errors import MarigramError, UnreachableError
from marigram.client.outbox import Outbox
from marigram.client.queue import Queue, new_writer_name
from marigram.client.reader import Reader
from marigram.client.receipt import SHARES_PATH, Account, Accounts, Share, shares_of, text_of
from marigram.client.transport import Transport
from marigram.model import EditSet, Path, RunStatus, SetStatus, SetValue

KILLED = (
    "The training process ended without saying how: killed (kill -9, out of memory), or os._exit. Look at the last "
    "lines of the console and at the machine's kernel log."
)

KILLED_ON_REQUEST = "killed on request"
EXIT_OF_KILL = 137
"""128 and the number of SIGKILL, as a shell would see it."""

_ROUNDS = 10
"""Syncers of several machines that add up at the same moment agree after two or three."""


class Teller:
    """Says things about one run. Not for several threads, except `queue`'s result."""

    def __init__(
        self,
        *,
        directory: FilePath,
        home: FilePath,
        transport: Transport,
        clock: Callable[[], float],
        log: Callable[[str], None],
    ) -> None:
        """Take the run's folder, MARIGRAM_HOME, the way to the server, seconds since 1970, and where lines go."""
        self._home = home
        self._transport = transport
        self._clock = clock
        self._log = log
        self._accounts = Accounts(directory)
        self._queue: Queue | None = None
        self._told: dict[str, int] = {}
        self._told_share: Share | None = None

    def queue(self, like: Card) -> Queue:
        """Return the queue of the syncer's own, made now if there is none."""
        if self._queue is None:
            self._queue = own_queue(self._home, like)
        return self._queue

    def is_own(self, writer: str) -> bool:
        """Return whether that is the syncer's own queue, and still open."""
        return self._queue is not None and self._queue.card.writer == writer

    def end(self) -> str | None:
        """Say no more; return the name of the queue, if there was one."""
        queue, self._queue = self._queue, None
        if queue is None:
            return None
        queue.end()
        return queue.card.writer

    def tell_losses(self, about: Card, outboxes: Iterable[Outbox]) -> None:
        """Write what the server refused, and what was lost, as far as it is news."""
        if about.role is Role.SYNCER:
            return  # its refusals are in the log; telling them would be refused again, for ever
        for path, count in self._accounts.counts(outboxes).items():
            if self._told.get(path) != count:
                self._told[path] = count
                self.queue(about).append(SetValue(path=Path(path), value=count))

    def tell_unsaid_end(self, outbox: Outbox) -> None:
        """Write how a run has ended whose process is gone without a word."""
        self._log(f"process {outbox.card.pid} is gone without an end")
        at = int(self._clock() * 1000)
        said = SetStatus(status=RunStatus.CRASHED, at=at, failure=KILLED)
        if was_killed(outbox.directory):
            said = SetStatus(status=RunStatus.STOPPED, at=at, exit_code=EXIT_OF_KILL, failure=KILLED_ON_REQUEST)
        self.queue(outbox.card).append(said)

    def correct_exit_code(self, outbox: Outbox) -> None:
        """Write that a program failed which ended like a good one, as its exit code shows."""
        code = outbox.exit_code()
        if not code:
            return
        self._log(f"process {outbox.card.pid} ended with exit code {code}")
        at = int(self._clock() * 1000)
        failure = outbox.exit_said() or f"exit code {code}"
        failed = SetStatus(status=RunStatus.FAILED, at=at, exit_code=code, failure=failure)
        self.queue(outbox.card).append(failed)

    def close(self, outbox: Outbox) -> None:
        """Remove a queue that is receipted, and keep its account."""
        self._accounts.close(outbox)
        outbox.remove()

    def tell_receipt(self, outboxes: Iterable[Outbox], *, send: Callable[[], bool]) -> bool:
        """Write what became of all points, also of those that other machines have logged.

        Each adds its own share first and adds up all afterwards, until the sum that stands there is that of all
        shares; so whoever comes last sees everybody's.

        Args:
            outboxes: the queues in the folder.
            send: sends all that is queued; returns whether that worked.

        Returns:
            False if the server has to be asked again later.
        """
        kept = list(outboxes)
        main = next((outbox.card for outbox in kept if outbox.card.role is Role.MAIN), None)
        share = None if main is None else self._accounts.share(kept)
        if main is None or share is None or share == self._told_share:
            return True
        reader = Reader(self._transport)
        self.queue(main).append(EditSet(path=Path(SHARES_PATH), add=(text_of(share),)))
        for _ in range(_ROUNDS):
            if not send():
                return False
            try:
                found = {each.path: each.value for each in reader.attributes(main.run_id, "sys")}
            except UnreachableError:
                return False
            except MarigramError as error:
                self._log(f"the receipts of other machines cannot be seen: {error}")
                found = None
            if not self._add_up(main, share, found) or found is None:
                break
        self._told_share = share
        return True

    def _add_up(self, main: Card, share: Share, found: Mapping[str, object] | None) -> bool:
        """Write the sums of all shares; return whether that was news."""
        texts = (found or {}).get(SHARES_PATH)
        shares = shares_of(texts if isinstance(texts, list) else ())  # pyright: ignore[reportUnknownArgumentType]
        mine = text_of(share)
        # What this folder has said earlier, before more was logged here.
        outdated = tuple(text for text, each in shares.items() if each.name == share.name and text != mine)
        total = share.account
        for text, each in shares.items():
            if text != mine and text not in outdated:
                total = total.with_more(each.account)
        wanted = _wanted(total, found or {})
        news = {path: count for path, count in wanted.items() if (found or {}).get(path) != count}
        queue = self.queue(main)
        if outdated:
            queue.append(EditSet(path=Path(SHARES_PATH), remove=outdated))
        for path, count in news.items():
            queue.append(SetValue(path=Path(path), value=count))
        return bool(news or outdated)


def _wanted(total: Account, found: Mapping[str, object]) -> dict[str, int]:
    """Return what shall stand in the run: sums, but no count that is smaller than what a process said before a kill."""
    wanted = total.values()
    for path, count in total.counts.items():
        said = found.get(path)
        wanted[path] = max(count, said) if isinstance(said, int) else count
    return wanted


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
            patience_s=like.patience_s,
        ),
    )
