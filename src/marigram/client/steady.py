"""Time that goes on evenly, whatever is done to the machine's clock: for intervals, deadlines and orders of events.

The clock is set by people and by the network, and jumps then; only what is stored with a point is read from it.
"""

from __future__ import annotations

import time


def uptime_s() -> float:
    """Return seconds since the machine started, the same for all its processes; sleep counts where the system can."""
    number: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux
    return time.monotonic() if number is None else time.clock_gettime(number)
