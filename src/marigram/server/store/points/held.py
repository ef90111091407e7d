"""What the engine in memory holds of a run, and how its points are put into cells. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from marigram.model import Tally
from marigram.server.store.points.batch import PointWrite


class HeldPoint(msgspec.Struct, frozen=True):
    """A point of any kind."""

    step: float
    time: int
    value: Any


class HeldRun:
    """What the store has of one run.

    `thinned_out` are points that are gone, which the statistics of their series still count; `thinned_to` and
    `thinned_at` say to how many points each series was thinned, and at which position.
    """

    def __init__(self) -> None:
        self.last_seqs: dict[str, int] = {}
        self.tallies: dict[str, Tally] = {}
        self.series: dict[int, dict[float, HeldPoint]] = {}
        self.told: list[tuple[int, tuple[PointWrite, ...]]] = []
        self.thinned_out: dict[int, dict[float, HeldPoint]] = {}
        self.thinned_to: int | None = None
        self.thinned_at = 0


def in_cells(points: Sequence[HeldPoint], exponent: int) -> list[list[HeldPoint]]:
    """Group ordered points by the multiple of 2**exponent that their step is in."""
    cells: dict[int, list[HeldPoint]] = {}
    for point in points:
        numerator, denominator = point.step.as_integer_ratio()
        cell = (numerator << max(-exponent, 0)) // (denominator << max(exponent, 0))
        cells.setdefault(cell, []).append(point)
    return list(cells.values())
