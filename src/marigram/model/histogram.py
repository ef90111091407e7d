"""A histogram: how many values fell between neighbouring edges."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec

MAX_BINS = 4096
"""More columns than a screen has pixels show nothing more."""


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a histogram series.

    Attributes:
        edges: rising, finite; one more than there are counts.
        counts: finite, not negative; how much lies between an edge and the next. Weights need not be whole.
    """

    edges: tuple[float, ...]
    counts: tuple[float, ...]


def histogram_fault(histogram: Histogram) -> str | None:
    """Return what is wrong with a histogram, None if nothing is."""
    edges, counts = histogram.edges, histogram.counts
    if not 1 <= len(counts) <= MAX_BINS:
        return f"A histogram has 1 to {MAX_BINS} bins, not {len(counts)}. Use fewer bins."
    if len(edges) != len(counts) + 1:
        return f"{len(edges)} edges do not enclose {len(counts)} bins. Pass one edge more than there are counts."
    if not all(map(math.isfinite, edges)) or any(right <= left for left, right in pairwise(edges)):
        return "The edges of a histogram must be finite and rise. Sort them and leave out repeated ones."
    if not all(math.isfinite(count) and count >= 0 for count in counts):
        return "The counts of a histogram must be finite and not negative. Pass how many values are in each bin."
    return None
