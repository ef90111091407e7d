"""The one guard between logging calls and the training process.

It guarantees that a logging call does not raise (KeyboardInterrupt and SystemExit pass), that everything dropped is
counted under a reason, that a reason is spoken of at most once a minute for each path and for five paths at most, and
that the counts are written to the run.
With `reraise` (the environment variable MARIGRAM_RERAISE, set by tests) it lets exceptions through.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from types import TracebackType

from marigram.client.errors import (
    MarigramError,
    QueueFullError,
    ReadOnlyError,
    RunStoppedError,
    StillQueuedError,
    UnsupportedTypeError,
)
from marigram.model import InvalidPathError

SPEAK_AGAIN_AFTER_S = 60.0
"""A loop that logs a wrong value a thousand times a second shall not fill the terminal."""

SPEAKS_OF_PATHS = 5
"""Who has a wrong type in many places shall see some of them, and not a page of the same."""

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Guard:
    """Catches, counts, and speaks seldom. Safe to use from any thread."""

    def __init__(
        self,
        *,
        say: Callable[[str], None],
        clock: Callable[[], float],
        write_count: Callable[[str, int], None],
        reraise: bool = False,
    ) -> None:
        """Take where to speak, a monotonic clock in seconds, and how to write a count to the run."""
        self._say = say
        self._clock = clock
        self._write_count = write_count
        self._reraise = reraise
        self._counts: dict[str, int] = {}
        self._written: dict[str, int] = {}
        self._spoken: dict[str, list[tuple[float, str | None]]] = {}
        self._lock = threading.RLock()

    @property
    def counts(self) -> dict[str, int]:
        """How many calls were dropped, by reason."""
        return dict(self._counts)

    def caught(self, error: Exception, path: str | None = None) -> None:
        """Count a call that failed, and say where, if that is known.

        Raises:
            Exception: `error` itself, if the guard was made to let it through.
        """
        if self._reraise:
            raise error
        if isinstance(error, StillQueuedError):
            with self._lock:
                is_news = self._is_news("still_queued", None)
            if is_news:
                self._say(str(error))
            return
        sentence = _sentence_of(error)
        self.drop(_reason_of(error), sentence if path is None else f"{path!r}: {sentence}", path=path)

    def drop(self, reason: str, message: str, count: int = 1, *, path: str | None = None) -> None:
        """Count something that is not stored; say so if this reason was not spoken of for a minute at this path."""
        with self._lock:
            total = self._counts[reason] = self._counts.get(reason, 0) + count
            is_news = self._is_news(reason, path)
        if is_news:
            self._say(f"{message} (Dropped for this reason so far: {total}.)")
            self.write_counts()

    def at(self, path: str | None) -> _Place:
        """Return what guards a call about `path`, for a `with` block."""
        return _Place(self, path)

    def _is_news(self, reason: str, path: str | None) -> bool:
        now = self._clock()
        spoken = [(at, where) for at, where in self._spoken.get(reason, ()) if now - at < SPEAK_AGAIN_AFTER_S]
        is_news = len(spoken) < SPEAKS_OF_PATHS and path not in [where for _, where in spoken]
        self._spoken[reason] = [*spoken, (now, path)] if is_news else spoken
        return is_news

    def write_counts(self) -> None:
        """Write the counts that the run does not have yet."""
        for reason, count in self.counts.items():
            if self._written.get(reason) != count:
                self._written[reason] = count
                try:
                    self._write_count(reason, count)
                except RunStoppedError:
                    continue  # what comes after the end stands nowhere but on the console
                except Exception as error:  # the count of a loss must not become a second loss
                    if self._reraise:
                        raise
                    self._say(f"The number of dropped calls could not be written to the run: {error}")

    def after_fork(self) -> None:
        """Become usable in a forked child, where another thread may have held the lock."""
        self._lock = threading.RLock()
        self._counts, self._written = {}, {}

    def __enter__(self) -> None:
        """Begin a call that must not raise."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Swallow and count an exception; let exits and interrupts pass."""
        if isinstance(error, Exception):
            self.caught(error)
            return True
        return False


class _Place:
    """A `with` block of a guard that knows which path it is about."""

    __slots__ = ("_guard", "_path")

    def __init__(self, guard: Guard, path: str | None) -> None:
        self._guard = guard
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            self._guard.caught(error, self._path)
            return True
        return False


def _reason_of(error: Exception) -> str:
    match error:
        case UnsupportedTypeError():
            return "unsupported_type"
        case InvalidPathError():
            return "invalid_path"
        case QueueFullError(reason=reason):
            return reason
        case RunStoppedError():
            return "run_stopped"
        case ReadOnlyError():
            return "read_only"
        case OSError() if error.errno in _DISK_FULL:
            return "disk_full"
        case FileNotFoundError():
            return "file_not_found"
        case OSError():
            return "os_error"
        case _:
            return "error_" + type(error).__name__.lower()


def _sentence_of(error: Exception) -> str:
    if isinstance(error, (MarigramError, InvalidPathError)):
        return str(error)
    return f"Something was not logged: {type(error).__name__}: {error}. The training goes on."
