"""When to try again what did not work: soon at first, ever later, spread by chance, and as the server wishes.

Each writer's queue has a `Retry` of its own, so that one whose batch is refused holds up nobody; one more is about the
server as a whole, when it does not answer anybody.
"""

from __future__ import annotations

import random

from marigram.client.errors import MarigramError, UnreachableError

FIRST_RETRY_S = 0.2
RETRY_UNREACHABLE_S = 2.0
"""A server that comes up finds what was logged before it within this time."""

RETRY_REFUSED_S = 30.0
RETRY_AT_MOST_S = 60.0
"""Even a server that asks for an hour is asked again within a minute: it may have been restarted since."""


class Retry:
    """What is wrong with one thing that is tried again and again, and when its next turn is.

    Attributes:
        problem: what went wrong; None while all is well.
        is_refusal: it was an answer that will not change by itself.
    """

    def __init__(self) -> None:
        """Begin with all well."""
        self.problem: str | None = None
        self.is_refusal = False
        self._failures = 0
        self._failed_at = 0.0
        self._delay_s = 0.0

    def failed(self, error: Exception, *, now: float) -> None:
        """Take note of a failure, at so many seconds by a clock that never jumps."""
        self.problem = str(error)
        self._failures += 1
        self._failed_at = now
        unreachable = isinstance(error, UnreachableError)
        self.is_refusal = isinstance(error, MarigramError) and not unreachable
        wish = error.retry_after_s if unreachable else None
        if wish is not None:
            self._delay_s = min(wish, RETRY_AT_MOST_S)
            return
        delay = FIRST_RETRY_S * 2 ** min(self._failures - 1, 10)
        longest = RETRY_UNREACHABLE_S if unreachable else RETRY_REFUSED_S
        # Chance spreads many syncers after an outage; it is no secret.
        self._delay_s = min(delay, longest) * random.uniform(0.5, 1.0)  # noqa: S311

    def recovered(self) -> bool:
        """Take note that it worked; return whether something was wrong before."""
        was_wrong = self.problem is not None
        self.problem = None
        self.is_refusal = False
        self._failures = 0
        self._delay_s = 0.0
        return was_wrong

    def is_due(self, now: float) -> bool:
        """Return whether it may be tried now, by the same clock."""
        return now - self._failed_at >= self._delay_s
