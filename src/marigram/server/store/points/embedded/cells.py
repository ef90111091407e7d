"""Buckets of ordered float points: where the edges are, and what stands in each.

Edges are multiples of 2**k on the step axis, with the smallest integer k, negative ones included, that leaves at most
`max_buckets` cells with points. Cells of 2**(k+1) are unions of cells of 2**k, so the number of cells falls as k
grows and k can be searched for. Everything here is exact for any finite steps.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from marigram.server.store.points.embedded.columns import Columns
from marigram.server.store.points.embedded.statistics import reduced
from marigram.server.store.points.port import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FINEST = -1074
"""2**-1074 is the smallest positive float64: every step has a cell of its own."""

_COARSEST = 1024
"""All finite float64 are below 2**1024: two cells are left, the negative steps and the others."""

_EXACT = 2.0**52
"""From here on all float64 are whole numbers, so different steps are in different cells."""


def buckets(columns: Columns, max_buckets: int) -> BucketColumns:
    """Return buckets of float points that are in order of step.

    Raises:
        ValueError: `max_buckets` is below 2.
    """
    if max_buckets < 2:  # noqa: PLR2004 the port's own minimum: negative steps never share a cell with others
        message = f"{max_buckets} buckets were asked for. Ask for at least 2."
        raise ValueError(message)
    steps = columns.steps
    starts = np.arange(len(steps)) if len(steps) <= max_buckets else _starts(steps, _exponent(steps, max_buckets))
    stops = np.append(starts[1:], len(steps)) - 1 if len(steps) else starts
    inside = reduced(columns.values, starts)
    return BucketColumns(
        step_first=steps[starts],
        step_last=steps[stops],
        time_first=columns.times[starts],
        time_last=columns.times[stops],
        first=columns.values[starts],
        last=columns.values[stops],
        min=inside.min,
        max=inside.max,
        mean=inside.mean,
        count=inside.count,
        nan_count=inside.nan_count,
        inf_count=inside.inf_count,
    )


def _starts(steps: NDArray[np.float64], exponent: int) -> NDArray[np.int64]:
    """Return the index of the first point of each cell of width 2**exponent."""
    with np.errstate(over="ignore", under="ignore"):
        scaled = np.ldexp(steps, -exponent)
    cell = np.floor(scaled)
    # A tiny negative step can become -0.0 when it is scaled; it still belongs to the cell below zero.
    cell[(scaled == 0) & (steps < 0)] = -1
    edge = cell[1:] != cell[:-1]
    # Large steps can overflow when they are scaled; long before that each is a cell of its own.
    edge |= (np.abs(scaled[1:]) >= _EXACT) | (np.abs(scaled[:-1]) >= _EXACT)
    return np.concatenate((np.zeros(1, dtype=np.int64), np.flatnonzero(edge) + 1))


def _exponent(steps: NDArray[np.float64], max_buckets: int) -> int:
    """Return the smallest exponent that leaves at most `max_buckets` cells."""

    def fits(exponent: int) -> bool:
        return len(_starts(steps, exponent)) <= max_buckets

    span = float(steps[-1]) / max_buckets - float(steps[0]) / max_buckets
    # Evenly spread steps need an exponent near this one; others are found from here in growing strides.
    guess = min(max(math.frexp(span)[1], _FINEST), _COARSEST)
    stride = 1
    if fits(guess):
        high, low = guess, guess - stride
        while low >= _FINEST and fits(low):
            stride *= 2
            high, low = low, low - stride
        low = max(low, _FINEST - 1)
    else:
        low, high = guess, guess + stride
        while high < _COARSEST and not fits(high):
            stride *= 2
            low, high = high, high + stride
        high = min(high, _COARSEST)
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle
    return high
