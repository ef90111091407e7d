"""Buckets of ordered float points: where the edges are, what stands in each, and how neighbours become one.

Edges are multiples of 2**k on the step axis, with the smallest integer k, negative ones included, that leaves at most
`max_buckets` cells with points. Cells of 2**(k+1) are unions of cells of 2**k, so finer cells can be put together to
coarser ones without looking at the points again. Everything here is exact for any finite steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.embedded.columns import Columns
from marigram.server.store.points.embedded.statistics import reduced

if TYPE_CHECKING:
    from numpy.typing import NDArray

FINEST = -1074
"""2**-1074 is the smallest positive float64: every step has a cell of its own."""

COARSEST = 1024
"""All finite float64 are below 2**1024: two cells are left, the negative steps and the others."""

NEVER = COARSEST + 1
"""Steps on both sides of zero share no cell."""

_EXACT = 2.0**52
"""From here on all float64 are whole numbers, so different steps are in different cells."""

_SCALABLE = 1022
"""2.0**-k is an ordinary number for all k up to here."""

_ORDINARY = 960
"""Of widths up to here, and down to its inverse, all multiples below `_EXACT` are ordinary numbers, too."""

_POINTS_PER_SEARCH = 16
"""With fewer points in a cell it is faster to look at each of them."""

_FRACTION_BITS = 52
_WITHOUT_SIGN = np.int64(2**63 - 1)
_BIAS = 1023
_CHUNK = 8_192
"""What is computed on the way stays in the processor's cache; fresh memory for large arrays costs more than that."""


def require_two(max_buckets: int) -> None:
    """Refuse what the port refuses: negative steps never share a cell with others.

    Raises:
        ValueError: `max_buckets` is below 2.
    """
    if max_buckets < 2:  # noqa: PLR2004 see above
        message = f"{max_buckets} buckets were asked for. Ask for at least 2."
        raise ValueError(message)


def buckets(columns: Columns, max_buckets: int) -> BucketColumns:
    """Return buckets of float points that are in order of step.

    Raises:
        ValueError: `max_buckets` is below 2.
    """
    require_two(max_buckets)
    return cells_of(columns, FINEST if len(columns) <= max_buckets else fitting_exponent(columns.steps, max_buckets))


def cells_of(columns: Columns, exponent: int, stretches: NDArray[np.int64] | None = None) -> BucketColumns:
    """Return the cells of width 2**exponent of points that are in order of step.

    Args:
        columns: the points.
        exponent: `FINEST` gives each point a cell of its own.
        stretches: one number per point; where it changes a cell ends, too.
    """
    steps = columns.steps
    every = exponent <= FINEST or not len(steps)
    return cells_at(columns, np.arange(len(steps)) if every else starts_of(steps, exponent, stretches))


def cells_at(columns: Columns, starts: NDArray[np.int64]) -> BucketColumns:
    """Return the cells of ordered points that begin at these of them; the first begins at 0 if there are points."""
    steps = columns.steps
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


def joined_cells(pieces: Sequence[BucketColumns]) -> BucketColumns:
    """Return the pieces one after the other; there is at least one."""
    if len(pieces) == 1:
        return pieces[0]
    return BucketColumns(
        **{name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in BucketColumns.__struct_fields__}
    )


def taken(cells: BucketColumns, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> BucketColumns:
    """Return the rows of cells in the order given; a slice copies nothing."""
    return BucketColumns(**{name: getattr(cells, name)[rows] for name in BucketColumns.__struct_fields__})


def put_together(cells: BucketColumns, starts: NDArray[np.int64]) -> BucketColumns:
    """Return one cell for each stretch of ordered cells that begins at `starts`; the first begins at 0."""
    if len(starts) == len(cells.count):
        return cells
    stops = np.append(starts[1:], len(cells.count)) - 1
    count = np.add.reduceat(cells.count, starts)
    if bool(cells.nan_count.any()) or bool(cells.inf_count.any()):
        finite = cells.count - cells.nan_count - cells.inf_count
        some = finite > 0
        finite_count = np.add.reduceat(finite, starts)
        nan_count, inf_count = np.add.reduceat(cells.nan_count, starts), np.add.reduceat(cells.inf_count, starts)
        low, high = np.where(some, cells.min, np.inf), np.where(some, cells.max, -np.inf)
        mean = np.where(some, cells.mean, 0.0)
    else:
        finite, finite_count = cells.count, count
        nan_count, inf_count = np.zeros_like(count), np.zeros_like(count)
        low, high, mean = cells.min, cells.max, cells.mean
    low, high = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    mean = _mean_of_means(mean, finite, finite_count, starts)
    # Rounding can put the mean of equal values next to them.
    mean = np.minimum(np.maximum(mean, low, out=mean), high, out=mean)
    none = finite_count == 0
    for column in (low, high, mean):
        column[none] = np.nan
    return BucketColumns(
        step_first=cells.step_first[starts],
        step_last=cells.step_last[stops],
        time_first=cells.time_first[starts],
        time_last=cells.time_last[stops],
        first=cells.first[starts],
        last=cells.last[stops],
        min=low,
        max=high,
        mean=mean,
        count=count,
        nan_count=nan_count,
        inf_count=inf_count,
    )


def _mean_of_means(
    mean: NDArray[np.float64],
    finite: NDArray[np.int64],
    finite_count: NDArray[np.int64],
    starts: NDArray[np.int64],
) -> NDArray[np.float64]:
    divisor = np.maximum(finite_count, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.add.reduceat(mean * finite, starts) / divisor
    if not bool(np.isfinite(found).all()):
        # Shares before the sum: the sum of finite values can be infinite, their mean cannot.
        shares = finite / np.repeat(divisor, np.diff(np.append(starts, len(mean))))
        found = np.add.reduceat(mean * shares, starts)
    return found


def meetings(steps: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each two neighbours among steps the smallest exponent of which one cell holds both.

    Equal neighbours give less than `FINEST`, those on both sides of zero more than `COARSEST`.
    """
    found = np.empty(max(len(steps) - 1, 0), dtype=np.int64)
    for start in range(0, len(found), _CHUNK):
        stop = min(start + _CHUNK, len(found))
        found[start:stop] = _meetings(steps[start : stop + 1])
    return found


def _meetings(steps: NDArray[np.float64]) -> NDArray[np.int64]:
    bits = np.ascontiguousarray(steps).view(np.int64)
    below = bits < 0
    # As bits, floats of one sign are in order, and neighbours differ by one. Below zero a cell includes its upper edge
    # in terms of size, not its lower one; the next smaller float is on the right side of every edge.
    sizes = (bits & _WITHOUT_SIGN) - below
    differing = sizes[1:] ^ sizes[:-1]
    field = np.maximum(sizes[1:], sizes[:-1]) >> _FRACTION_BITS
    # With nothing set below the highest bit's neighbour, the conversion cannot round up to the next power of two.
    top = (differing & ~(differing >> 1)).astype(np.float64).view(np.int64) >> _FRACTION_BITS
    found = np.maximum(field, 1) + (top - (2 * _BIAS + _FRACTION_BITS - 1))
    other_power = differing >> _FRACTION_BITS != 0
    if bool(other_power.any()):
        found[other_power] = field[other_power] - (_BIAS - 1)
    found[differing == 0] = FINEST - 1
    if bool(below.any()):
        found[below[1:] != below[:-1]] = NEVER
    return found


def fitting_exponent(steps: NDArray[np.float64], max_buckets: int) -> int:
    """Return the smallest exponent that leaves at most `max_buckets` cells of ordered, different steps."""
    if len(steps) <= max_buckets:
        return FINEST
    found = meetings(steps)
    place = len(found) - max_buckets
    return int(np.partition(found, place)[place])


def loose_exponent(first_step: float, last_step: float, max_buckets: int) -> int:
    """Return an exponent that leaves at most `max_buckets` cells between two steps, however many points there are."""
    room = max_buckets - 2
    span = last_step / 2 - first_step / 2
    if room == 0 or span == 0:
        return COARSEST if room == 0 else FINEST
    return min(max(math.frexp(span / room)[1] + 1, FINEST), COARSEST)


def fitting_exponents(
    met: NDArray[np.int64], owner: NDArray[np.int64], widest: NDArray[np.int64], max_buckets: int
) -> NDArray[np.int64]:
    """Return for each of many series the smallest exponent that leaves at most `max_buckets` cells.

    Args:
        met: for each cell where it meets the one before it, `NEVER` for the first cell of a series.
        owner: which series each cell belongs to, from 0.
        widest: the exponent of the widest cell of each series; smaller ones are not returned.
        max_buckets: at least 2.
    """
    low = int(widest.min())
    width = max(int(met.max()) - low, 0) + 1
    place = np.maximum(met, low)
    place += owner * width - low
    counts = np.bincount(place, minlength=len(widest) * width).reshape(len(widest), width)
    # Column j: how many cells there are with exponent low + j - 1.
    apart = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]
    return np.maximum(low - 1 + (apart > max_buckets).sum(axis=1), widest)


def cells_with_an_end(cells: BucketColumns, owner: NDArray[np.int64], exponent: int) -> NDArray[np.int64]:
    """Return for each series in how many cells of width 2**exponent a first or last step of ordered cells is.

    Args:
        cells: those of several series.
        owner: which series each cell belongs to, from 0.
        exponent: of the cells to be counted.
    """
    ends = np.empty(2 * len(owner))
    ends[0::2], ends[1::2] = cells.step_first, cells.step_last
    return np.bincount(owner[starts_of(ends, exponent, np.repeat(owner, 2)) // 2])


def starts_of(steps: NDArray[np.float64], exponent: int, stretches: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Return the index of the first of the steps, in order in each stretch, in each cell of width 2**exponent."""
    if stretches is None and (found := _starts_of_few(steps, exponent)) is not None:
        return found
    with np.errstate(over="ignore", under="ignore"):
        scaled = steps * 2.0**-exponent if abs(exponent) <= _SCALABLE else np.ldexp(steps, -exponent)
    cell = np.floor(scaled)
    if float(steps.min()) < 0:
        # A tiny negative step can become -0.0 when it is scaled; it still belongs to the cell below zero.
        cell[(scaled == 0) & (steps < 0)] = -1
    edge = cell[1:] != cell[:-1]
    if max(-float(scaled.min()), float(scaled.max())) >= _EXACT:
        # Large steps can overflow when they are scaled; long before that each is a cell of its own.
        far = (np.abs(scaled[1:]) >= _EXACT) | (np.abs(scaled[:-1]) >= _EXACT)
        edge |= far & (steps[1:] != steps[:-1])
    if stretches is not None:
        edge |= stretches[1:] != stretches[:-1]
    return np.concatenate((np.zeros(1, dtype=np.int64), np.flatnonzero(edge) + 1))


def _starts_of_few(steps: NDArray[np.float64], exponent: int) -> NDArray[np.int64] | None:
    """Return what `_starts` does, by a search for each edge; None where there are many, or edges are no floats."""
    if abs(exponent) > _ORDINARY:
        return None
    width = 2.0**exponent
    low, high = float(steps[0]) / width, float(steps[-1]) / width
    if not -_EXACT < low <= high < _EXACT or high - low > len(steps) // _POINTS_PER_SEARCH:
        return None
    # A tiny negative step can become zero when it is scaled.
    lowest = min(math.floor(low), -1) if steps[0] < 0 else math.floor(low)
    edges = np.arange(lowest, math.floor(high) + 1, dtype=np.float64)
    edges *= width
    places = np.searchsorted(steps, edges)
    places[0] = 0
    kept = places < len(steps)
    kept[1:] &= places[1:] != places[:-1]
    return places[kept]
