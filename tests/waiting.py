"""Waiting for a condition with a deadline: the one place where tests let time pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

LOOK_EVERY_S = 0.02


def wait_until(ask: Callable[[], Answer], what: str, *, within_s: float = 30.0) -> Answer:
    """Ask until the answer is true, and return it.

    Raises:
        AssertionError: it was not true `within_s` seconds from now; the message says `what` was waited for.
    """
    end = time.monotonic() + within_s
    pause = threading.Event()
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() >= end:
            message = f"After {within_s:g} s: not {what}. The last answer was {answer!r}."
            raise AssertionError(message)
        pause.wait(LOOK_EVERY_S)
