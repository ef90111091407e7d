"""Tells the user's own functions when the server is far behind, or does not move at all.

A thread of its own compares how much was logged with how much has a receipt. `async_lag_callback` is called when the
oldest call without a receipt is older than its threshold, `async_no_progress_callback` when there was no receipt for
longer than its threshold although something waits; each with the run, and again after another threshold if it is still
so. Nothing is lost meanwhile: the functions are there to tell somebody, or to end the training.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

import msgspec

from marigram.client.errors import SettingError

LAG_THRESHOLD_S = 1800.0
NO_PROGRESS_THRESHOLD_S = 300.0
_LOOK_AT_MOST_EVERY_S = 5.0
_LOOK_AT_LEAST_EVERY_S = 0.02
_LOOKS_PER_THRESHOLD = 10.0
_MAX_MARKS = 1000
"""While nothing is receipted only the oldest mark counts, so the list need not grow for days."""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """What to call, and after how many seconds."""

    name: str
    call: Callable[[], object]
    threshold_s: float


def check_alarms(
    *, lag: tuple[object, object], no_progress: tuple[object, object], argument: Callable[[], object]
) -> tuple[Alarm | None, Alarm | None]:
    """Return the two alarms that pairs of (callback, threshold) stand for; `argument` gives the run.

    Raises:
        SettingError: one of them cannot be understood.
    """
    return (
        _check_alarm("async_lag_callback", *lag, LAG_THRESHOLD_S, argument),
        _check_alarm("async_no_progress_callback", *no_progress, NO_PROGRESS_THRESHOLD_S, argument),
    )


def _check_alarm(
    name: str, callback: object, threshold: object, default_s: float, argument: Callable[[], object]
) -> Alarm | None:
    if callback is None:
        return None
    if not callable(callback):
        message = f"{name} must be a function of the run, but it is {callback!r}. Pass for example {name}=warn_me."
        raise SettingError(message)
    seconds = default_s if threshold is None else threshold
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
        option = name.replace("_callback", "_threshold")
        message = f"{option} must be seconds above 0, but it is {threshold!r}. Pass for example {option}=600."
        raise SettingError(message)
    return Alarm(name=name, call=lambda: callback(argument()), threshold_s=float(seconds))


class Backlog:
    """How old the oldest call without a receipt is, and for how long nothing was receipted."""

    def __init__(self) -> None:
        """Begin with nothing logged."""
        self._marks: deque[tuple[float, int]] = deque()
        self._marked_seq = 0
        self._durable_seq = 0
        self._moved_at = 0.0

    def observe(self, now: float, *, last_seq: int, durable_seq: int) -> tuple[float, float]:
        """Return (lag, time without progress) in seconds; both 0 when everything has a receipt."""
        if durable_seq > self._durable_seq or durable_seq >= last_seq or not self._marks:
            self._durable_seq = durable_seq
            self._moved_at = now
        while self._marks and self._marks[0][1] <= durable_seq:
            self._marks.popleft()
        if last_seq > max(self._marked_seq, durable_seq) and len(self._marks) < _MAX_MARKS:
            self._marks.append((now, last_seq))
            self._marked_seq = last_seq
        if durable_seq >= last_seq or not self._marks:
            return 0.0, 0.0
        return now - self._marks[0][0], now - self._moved_at


class LagWatch:
    """The thread that looks, from `start` to `stop`."""

    def __init__(
        self,
        *,
        position: Callable[[], tuple[int, int]],
        clock: Callable[[], float],
        say: Callable[[str], None],
        lag: Alarm | None,
        no_progress: Alarm | None,
    ) -> None:
        """Take who tells (last seq, durable seq), a monotonic clock in seconds, where to speak, and the alarms."""
        self._position = position
        self._clock = clock
        self._say = say
        self._alarms = (lag, no_progress)
        thresholds = [alarm.threshold_s for alarm in self._alarms if alarm is not None]
        shortest = min(thresholds, default=_LOOK_AT_MOST_EVERY_S) / _LOOKS_PER_THRESHOLD
        self._look_every_s = max(_LOOK_AT_LEAST_EVERY_S, min(_LOOK_AT_MOST_EVERY_S, shortest))
        self._backlog = Backlog()
        self._called_at: dict[str, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="marigram-lag", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End; a function that is being called is not waited for."""
        self._stopping.set()

    def after_fork(self) -> None:
        """In a forked child: threads do not survive a fork, so there is nothing to end."""

    def look(self) -> None:
        """Look once, and call who is to be called."""
        now = self._clock()
        last_seq, durable_seq = self._position()
        ages = self._backlog.observe(now, last_seq=last_seq, durable_seq=durable_seq)
        for alarm, age in zip(self._alarms, ages, strict=True):
            if alarm is None:
                continue
            if age < alarm.threshold_s:
                self._called_at.pop(alarm.name, None)
            elif now - self._called_at.get(alarm.name, float("-inf")) >= alarm.threshold_s:
                self._called_at[alarm.name] = now
                self._call(alarm)

    def _call(self, alarm: Alarm) -> None:
        try:
            alarm.call()
        except Exception as error:  # noqa: BLE001 the user's function, on our thread
            self._say(f"{alarm.name} raised {type(error).__name__}: {error}. The training goes on.")

    def _watch(self) -> None:
        while not self._stopping.wait(self._look_every_s):
            try:
                self.look()
            except OSError:
                continue  # the receipt could not be read just now
