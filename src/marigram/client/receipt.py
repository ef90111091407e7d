"""What a run is told at its end: how many points were logged, how many the server has, and how many not.

Logged is what the training process counted itself, so that a loss on the way is seen; for a process that was killed, it
is what its queue held. Stored is the server's own count, which moves with the points. What was logged and is not stored
was dropped: the reasons stand in the run's `sys/drops` and `sys/rejections`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import msgspec

from marigram.client.card import Role
from marigram.client.position import Position

if TYPE_CHECKING:
    from marigram.client.outbox import Outbox

_LOGGED_NAME = "logged"


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """What a process counted until its end.

    Attributes:
        points: points in its queue.
        dropped: calls that never came so far; each counts as one point.
    """

    points: int
    dropped: int = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What became of points; `logged` is `stored` and `dropped` together."""

    logged: int = 0
    stored: int = 0

    @property
    def dropped(self) -> int:
        """Points that were logged and are not stored."""
        return max(0, self.logged - self.stored)

    def with_more(self, other: Account) -> Account:
        """Return both together."""
        return Account(logged=self.logged + other.logged, stored=self.stored + other.stored)

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


class Accounts:
    """The account of all processes of a run on this machine, also of those whose queues are gone."""

    def __init__(self) -> None:
        self._closed = Account()
        self._is_whole = True

    def close(self, outbox: Outbox) -> None:
        """Keep the account of a queue that is about to be removed."""
        if outbox.card.role is Role.SYNCER:
            return
        account = _account_of(outbox)
        if account is None:
            self._is_whole = False
        else:
            self._closed = self._closed.with_more(account)

    def total(self, outboxes: Iterable[Outbox]) -> Account | None:
        """Return the account of these queues and the closed ones; None if the server counts for nobody."""
        total = self._closed
        for outbox in outboxes:
            if outbox.card.role is Role.SYNCER:
                continue
            account = _account_of(outbox)
            if account is None or not self._is_whole:
                return None
            total = total.with_more(account)
        return total


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
    return Account(logged=logged.points + logged.dropped, stored=position.points_stored)


def _account_of(outbox: Outbox) -> Account | None:
    position = outbox.position
    try:
        logged = msgspec.json.decode((outbox.directory / _LOGGED_NAME).read_bytes(), type=Logged)
    except (OSError, msgspec.DecodeError):
        logged = Logged(points=(position.points_stored or 0) + position.points_refused + position.lost)
    return account_of(logged, position)
