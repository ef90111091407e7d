"""Somebody's wish that a run shall end, and how."""

from __future__ import annotations

from enum import Enum

import msgspec


class StopHow(str, Enum):
    """How a run shall end.

    `graceful` asks the script, which ends when it likes. `abort` interrupts it as Ctrl-C does, and kills its processes
    if they are still there after a grace period. `kill` kills them at once.
    """

    GRACEFUL = "graceful"
    ABORT = "abort"
    KILL = "kill"


class StopRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request to stop a run.

    Attributes:
        number: grows with every request to the server.
        how: what was asked for.
        grace_s: seconds between an interrupt and the kill, for `abort`.
        requested_at: milliseconds since 1970-01-01 UTC, by the server's clock.
        requested_by: who asked, as they call themselves; empty if they said nothing.
        delivered_at: when a process of the run first had it, by the server's clock; None if none has yet.
    """

    number: int
    how: StopHow
    grace_s: float
    requested_at: int
    requested_by: str
    delivered_at: int | None = None
