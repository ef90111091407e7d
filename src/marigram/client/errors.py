"""The exceptions that users of the client can meet: at the start of a run, and when they read.

Logging raises none of them; what goes wrong there is counted and reported by the guard.
"""

from __future__ import annotations


class MarigramError(Exception):
    """Something that the caller can put right; the message says how."""


class SettingError(MarigramError):
    """An argument of `init_run`, or an environment variable, is missing or wrong."""


class AccessError(MarigramError):
    """The server does not accept the token, or the token may not use the project."""


class ServerError(MarigramError):
    """The server answered something else than what was asked for.

    Attributes:
        status: the HTTP status of the answer.
    """

    def __init__(self, message: str, *, status: int) -> None:
        """Take the sentence and the HTTP status."""
        super().__init__(message)
        self.status = status


class UnreachableError(MarigramError):
    """No answer came from the server: it is off, slow, busy, or somewhere else.

    Attributes:
        retry_after_s: when the server asked to come again, if it did.
        is_away: nothing else that is asked of this server now would be answered either.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None, is_away: bool = False) -> None:
        """Take the sentence, the server's wish, and whether the whole server is meant."""
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.is_away = is_away


class NotFoundError(MarigramError):
    """There is no such run, or nothing at that path."""


class UnsupportedTypeError(MarigramError):
    """A value of this type cannot be stored."""


class QueueFullError(MarigramError):
    """The queue may not grow, or its disk has no room left; what is said now is not kept.

    Attributes:
        reason: what such drops are counted under.
    """

    def __init__(self, message: str, *, reason: str = "disk_full") -> None:
        """Take the sentence and the reason."""
        super().__init__(message)
        self.reason = reason


class RunStoppedError(MarigramError):
    """Something was logged to a run after its end."""

    def __init__(self) -> None:
        """Say it."""
        super().__init__("The run has been stopped, so nothing more is stored. Log before run.stop(), or start anew.")


class ReadOnlyError(MarigramError):
    """Something was logged to a run that was opened to be read."""

    def __init__(self) -> None:
        """Say it."""
        super().__init__("The run was opened with mode='read-only', so nothing is stored. Open it with mode='async'.")


class StillQueuedError(UnreachableError):
    """What was said is kept, but the server did not have it in time. It is sent later, so it counts as no drop."""
