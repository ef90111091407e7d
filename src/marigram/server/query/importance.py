"""How much of a target a parameter explains, alone, and in which direction. Pure.

Runs are put into k groups by the parameter: by its value, or, if it is a number with more than `MOST_GROUPS` different
ones, into up to that many stretches of about as many runs each. Importance is what the groups explain of the variance
of the target's ranks, less what k groups of n runs would explain by chance (eta squared of Kruskal and Wallis' H):

    H = 12 / (n (n + 1)) * sum over groups of size * (mean rank - (n + 1) / 2)^2 / (1 - sum(t^3 - t) / (n^3 - n))
    importance = max(0, (H - k + 1) / (n - k))

with t the numbers of equal targets. It is 0 for a parameter that says nothing and 1 for one that says all of the order.
Ranks make it proof against single diverged runs; it also sees a best value in the middle, which a correlation does not.
It looks at one parameter at a time: one that only matters together with another, or that was always changed along with
another, is not told apart from it.

Correlation is Spearman's, -1 to 1, for numbers and truth values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_GROUPS = 6
FEWEST_RUNS = 4
"""Fewer have an order by chance too often."""

_MOST_GROUP_SHARE = 0.5
"""With more groups than this share of the runs, most groups are a single run and explain it by naming it."""


class ParameterGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Runs with one value of a parameter, or one stretch of values.

    Attributes:
        low, high: the least and the greatest value; the same for a single value.
        run_count: how many runs.
        median: of the target.
    """

    low: Value
    high: Value
    run_count: int
    median: float


class Importance(msgspec.Struct, frozen=True, kw_only=True):
    """What one parameter says about the target.

    Attributes:
        importance: 0 to 1; None where there are too few runs for the values.
        correlation: -1 to 1; None for texts and sets.
        run_count: runs that have both the parameter and a finite target.
        distinct: different values among them.
        groups: in order of value; empty where `importance` is None.
    """

    path: str
    importance: float | None
    correlation: float | None
    run_count: int
    distinct: int
    groups: tuple[ParameterGroup, ...]


def importance_of(
    path: str, places: NDArray[np.int64], values: Sequence[Value], target: NDArray[np.float64]
) -> Importance | None:
    """Return what a parameter says about a target; None if it does not vary.

    Args:
        path: the parameter's.
        places: per run its value, as a place in `values`; beyond its end the run has none.
        values: the different ones, in order.
        target: per run a number; one that is not finite is none.
    """
    there = (places < len(values)) & np.isfinite(target)
    used, of_run = np.unique(places[there], return_inverse=True)
    if len(used) < 2:  # noqa: PLR2004 - what does not vary explains nothing
        return None
    different = [values[int(place)] for place in used]
    target = target[there]
    numbers = _numbers(different)
    group_of_run = of_run
    if numbers is not None and len(used) > MOST_GROUPS:
        group_of_run = _stretches(of_run, numbers)
    correlation = None if numbers is None or len(target) < FEWEST_RUNS else _spearman(numbers[of_run], target)
    group_count = int(group_of_run.max()) + 1
    if len(target) < FEWEST_RUNS or group_count > max(2, len(target) * _MOST_GROUP_SHARE):
        importance = None
    else:
        importance = _explained(group_of_run, ranks(target))
    return Importance(
        path=path,
        importance=importance,
        correlation=correlation,
        run_count=len(target),
        distinct=len(used),
        groups=() if importance is None else _groups(group_of_run, of_run, different, target),
    )


def ranks(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank of each number, from 1; equal ones share their mean rank."""
    _, places, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def _numbers(values: Sequence[Value]) -> NDArray[np.float64] | None:
    found: list[float] = []
    for value in values:
        if not isinstance(value, (bool, int, float)):
            return None
        try:
            found.append(float(value))
        except OverflowError:
            return None
    return np.array(found)


def _stretches(of_run: NDArray[np.int64], numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return groups of about as many runs each; equal values are in one group."""
    count = max(2, min(MOST_GROUPS, len(of_run) // 2))
    place = ranks(numbers[of_run]) - 0.5
    group = np.minimum((place * count / len(of_run)).astype(np.int64), count - 1)
    return np.unique(group, return_inverse=True)[1]


def _explained(group: NDArray[np.int64], rank: NDArray[np.float64]) -> float | None:
    size = np.bincount(group)
    runs, groups = len(rank), len(size)
    _, ties = np.unique(rank, return_counts=True)
    untied = 1 - float((ties.astype(np.float64) ** 3 - ties).sum()) / (runs**3 - runs)
    if runs <= groups or untied <= 0:
        return None
    mean = np.bincount(group, weights=rank) / size
    between = float((size * (mean - (runs + 1) / 2) ** 2).sum())
    statistic = 12 / (runs * (runs + 1)) * between / untied
    return min(1.0, max(0.0, (statistic - groups + 1) / (runs - groups)))


def _spearman(numbers: NDArray[np.float64], target: NDArray[np.float64]) -> float | None:
    one, other = ranks(numbers), ranks(target)
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / size if size else None


def _groups(
    group: NDArray[np.int64], of_run: NDArray[np.int64], values: Sequence[Value], target: NDArray[np.float64]
) -> tuple[ParameterGroup, ...]:
    found: list[ParameterGroup] = []
    for each in range(int(group.max()) + 1):
        inside = group == each
        found.append(
            ParameterGroup(
                low=values[int(of_run[inside].min())],
                high=values[int(of_run[inside].max())],
                run_count=int(inside.sum()),
                median=_median(target[inside]),
            )
        )
    return tuple(found)


def _median(numbers: NDArray[np.float64]) -> float:
    # Halves, because the sum of the two in the middle can be infinite.
    return 2 * float(np.median(numbers / 2))
