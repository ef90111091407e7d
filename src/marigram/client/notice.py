"""Lines that Marigram itself says to the user, on the error stream.

They go to the stream that was there when the process began, so that captured output never contains them twice, and
saying something never raises: a closed or full stream is no reason to end a training.
"""

from __future__ import annotations

import sys

_PREFIX = "marigram: "


def say(text: str) -> None:
    """Write one line to the process's error stream; do nothing if that is impossible."""
    stream = sys.__stderr__
    if stream is None:
        return
    try:
        stream.write(f"{_PREFIX}{text}\n")
        stream.flush()
    except (OSError, ValueError, RuntimeError):
        # A notice is a courtesy: the stream may be closed, full, or busy below a signal handler.
        return
