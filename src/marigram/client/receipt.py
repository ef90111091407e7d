"""What a run is told at its end: how many points were logged, how many the server has, and how many not.

Logged is what the training process counted itself, so that a loss on the way is seen; for a process that was killed, it
is what its queue held. Stored is the server's own count, which moves with the points. What was logged and is not stored
was dropped: the reasons stand in the run's `sys/drops` and `sys/rejections`.

Several machines may write to one run, and one machine may go on with it later. Each run's folder of queues therefore
has a share of its own in the receipt, which stands as one text in the set `sys/receipt/shares`; `points_logged` and
`points_stored` are the sums over the shares. The account of queues that are gone is kept in the folder, in such a way
that no death of the syncer makes it count one twice or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import msgspec

from marigram.client.card import Role
from marigram.client.position import Position
from marigram.client.run_folder import ACCOUNT_NAME
from marigram.system.files import replace

if TYPE_CHECKING:
    from marigram.client.outbox import Outbox

SHARES_PATH = "sys/receipt/shares"
_LOGGED_NAME = "logged"


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """What a process counted until its end.

    Attributes:
        points: points in its queue.
        drops: calls that never came so far, by reason; each counts as one point.
    """

    points: int
    drops: dict[str, int] = {}


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What became of points; `logged` is `stored` and `dropped` together.

    Attributes:
        logged, stored: points.
        counts: what was dropped, refused or changed, by the path that tells of it.
    """

    logged: int = 0
    stored: int = 0
    counts: dict[str, int] = {}

    @property
    def dropped(self) -> int:
        """Points that were logged and are not stored."""
        return max(0, self.logged - self.stored)

    def with_more(self, other: Account) -> Account:
        """Return both together."""
        return Account(
            logged=self.logged + other.logged,
            stored=self.stored + other.stored,
            counts=sum_of((self.counts, other.counts)),
        )

    def sentence(self) -> str:
        """Return it as people read it."""
        return f"{self.logged:,} points logged, {self.stored:,} stored, {self.dropped:,} dropped"

    def values(self) -> dict[str, int]:
        """Return it as paths and values of the run."""
        return {
            "sys/receipt/points_logged": self.logged,
            "sys/receipt/points_stored": self.stored,
            "sys/receipt/points_dropped": self.dropped,
        }


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one folder of queues has in a run's receipt; its name is no other's."""

    name: str
    account: Account


class _Closed(msgspec.Struct, frozen=True, kw_only=True):
    """The account of queues that are gone, or just about to go.

    Attributes:
        name: of the folder's share.
        last: the writer that was added last. If its queue is still there, its remover was killed.
        is_whole: False once a server that does not count has taken a queue.
    """

    name: str
    account: Account = Account()
    last: str = ""
    is_whole: bool = True


class Accounts:
    """The account of all processes of a run that have a queue in one folder, also of those whose queues are gone."""

    def __init__(self, directory: FilePath) -> None:
        """Take the run's folder, and go on from what an earlier syncer has left there."""
        self._file = directory / ACCOUNT_NAME
        try:
            self._closed = msgspec.json.decode(self._file.read_bytes(), type=_Closed)
        except (OSError, msgspec.DecodeError):
            self._closed = _Closed(name=os.urandom(6).hex())

    def close(self, outbox: Outbox) -> None:
        """Keep the account of a queue that is about to be removed.

        Raises:
            OSError: it cannot be written.
        """
        if outbox.card.role is Role.SYNCER or outbox.card.writer == self._closed.last:
            return
        account = _account_of(outbox)
        if account == Account():
            return  # data loaders may fork thousands of times in one run
        self._save(
            msgspec.structs.replace(
                self._closed,
                account=self._closed.account if account is None else self._closed.account.with_more(account),
                is_whole=self._closed.is_whole and account is not None,
                last=outbox.card.writer,
            )
        )

    def share(self, outboxes: Iterable[Outbox]) -> Share | None:
        """Return the account of these queues and the closed ones; None if the server counts for nobody.

        Raises:
            OSError: the name of the share cannot be kept, so it could be counted twice.
        """
        total = self._closed.account
        for outbox in outboxes:
            if outbox.card.role is Role.SYNCER or outbox.card.writer == self._closed.last:
                continue
            account = _account_of(outbox)
            if account is None:
                return None
            total = total.with_more(account)
        if not self._closed.is_whole:
            return None
        self._save(self._closed)
        return Share(name=self._closed.name, account=total)

    def counts(self, outboxes: Iterable[Outbox]) -> dict[str, int]:
        """Return what these queues and the closed ones have lost so far, as far as the syncer has seen it."""
        open_ones = (
            counts_of(outbox.position)
            for outbox in outboxes
            if outbox.card.role is not Role.SYNCER and outbox.card.writer != self._closed.last
        )
        return sum_of((self._closed.account.counts, *open_ones))

    def _save(self, closed: _Closed) -> None:
        temporary = self._file.with_name(ACCOUNT_NAME + ".new")
        temporary.write_bytes(msgspec.json.encode(closed))
        replace(temporary, self._file)
        self._closed = closed


def save_logged(directory: FilePath, logged: Logged) -> None:
    """Leave what a process counted beside its queue.

    Raises:
        OSError: it cannot be written.
    """
    (directory / _LOGGED_NAME).write_bytes(msgspec.json.encode(logged))


def account_of(logged: Logged, position: Position) -> Account | None:
    """Return the account of a process all of whose queue is receipted; None if the server does not count."""
    if position.points_stored is None:
        return None
    drops = {f"sys/drops/{reason}": count for reason, count in logged.drops.items()}
    return Account(
        logged=logged.points + sum(logged.drops.values()),
        stored=position.points_stored,
        counts=sum_of((drops, counts_of(position))),
    )


def counts_of(position: Position) -> dict[str, int]:
    """Return what a run is told of one queue: paths, and numbers above 0."""
    counts = {f"sys/rejections/{code}": count for code, count in position.rejected.items()}
    counts["sys/drops/queue_damaged"] = position.lost
    counts["sys/drops/file_gone"] = position.files_gone
    counts["sys/files_changed"] = position.files_changed
    return {path: count for path, count in counts.items() if count}


def sum_of(all_counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return counts added up, path by path."""
    total: dict[str, int] = {}
    for counts in all_counts:
        for path, count in counts.items():
            total[path] = total.get(path, 0) + count
    return total


def text_of(share: Share) -> str:
    """Return a share as it stands in the run's set."""
    return msgspec.json.encode(share, order="sorted").decode()


def shares_of(texts: Iterable[str]) -> dict[str, Share]:
    """Return the shares by text that a run's set holds; what somebody else has put there is passed over."""
    shares: dict[str, Share] = {}
    for text in texts:
        try:
            shares[text] = msgspec.json.decode(text, type=Share)
        except msgspec.DecodeError:
            continue
    return shares


def _account_of(outbox: Outbox) -> Account | None:
    position = outbox.position
    try:
        logged = msgspec.json.decode((outbox.directory / _LOGGED_NAME).read_bytes(), type=Logged)
    except (OSError, msgspec.DecodeError):
        logged = Logged(points=(position.points_stored or 0) + position.points_refused + position.lost)
    return account_of(logged, position)
