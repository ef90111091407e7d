"""How many kills, and which: CRASH_TIMES=20 for a long night, CRASH_SEED=1000 for other moments than yesterday's."""

from __future__ import annotations

import os

FIRST = int(os.environ.get("CRASH_SEED", "0"))
TIMES = int(os.environ.get("CRASH_TIMES", "1"))


def seeds(count: int) -> range:
    """Return the seeds of a test that has `count` of them in a short run."""
    return range(FIRST, FIRST + count * TIMES)
