"""Time that goes on evenly, whatever is done to the machine's clock: for intervals, deadlines and orders of events.

The clock is set by people and by the network, and jumps then; only what is stored with a point is read from it.
"""

from __future__ import annotations

import sys
import time


def uptime_s() -> float:
    """Return seconds since the machine started, the same for all its processes; sleep counts where the system can."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
