"""MLflow keeps all values of a step, a series one; so the values of a step get places of their own. Pure.

A place is `step + k * 2**-20`: `k` counts the points of the step in order of time, then value. For steps below 2**31 in
size a float64 holds that exactly, and rounding down gives the step back. Beyond, a step has one place.
"""

from __future__ import annotations

import math

PLACES = 2**20
"""Values that one step can keep."""

MOST_STEP = 2**31


def place_of(step: int, nth: int) -> float:
    """Return where the nth value of a step is; the last place takes all that are too many."""
    if abs(step) >= MOST_STEP:
        return float(step)
    return step + min(nth, PLACES - 1) / PLACES


def step_of(place: float) -> int:
    """Return the step that a place belongs to."""
    return math.floor(place)


def nth_of(place: float) -> int:
    """Return which value of its step is at a place, from 0."""
    return round((place - math.floor(place)) * PLACES)


def last_place(step: int) -> float:
    """Return the last place that belongs to a step."""
    return place_of(step, PLACES - 1)


def age_of(time: int, value: float) -> tuple[int, bool, float]:
    """Return what the values of one step are ordered by: MLflow's newest one is the one with the largest."""
    return time, math.isnan(value), 0.0 if math.isnan(value) else value
