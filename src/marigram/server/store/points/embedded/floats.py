"""Float points of many series of one run in one set of columns, so that a thousand series cost as little as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.server.store.points.embedded.columns import Columns, joined

if TYPE_CHECKING:
    from numpy.typing import NDArray


class FloatsWrite(msgspec.Struct, frozen=True):
    """Points that are written to some float series, at least one to each.

    Attributes:
        attributes: rising, each once.
        bounds: one more than attributes; the points of the n-th series are the rows from `bounds[n]` to `bounds[n+1]`.
        columns: the points; those of one series in order of arrival.
    """

    attributes: NDArray[np.int64]
    bounds: NDArray[np.int64]
    columns: Columns

    @property
    def counts(self) -> NDArray[np.int64]:
        """Return how many points each series has."""
        return self.bounds[1:] - self.bounds[:-1]

    def series(self) -> Iterator[tuple[int, Columns]]:
        """Yield each series with its points."""
        bounds = self.bounds.tolist()
        for at, attribute in enumerate(self.attributes.tolist()):
            yield attribute, self.columns.cut(bounds[at], bounds[at + 1])

    def of(self, attribute: int) -> Columns | None:
        """Return the points of one series, None if there are none."""
        at = int(self.attributes.searchsorted(attribute))
        if at == len(self.attributes) or self.attributes[at] != attribute:
            return None
        return self.columns.cut(int(self.bounds[at]), int(self.bounds[at + 1]))

    def part(self, start: int, stop: int) -> FloatsWrite:
        """Return the points from `start` up to `stop`, of which there is at least one, without copying them."""
        first = int(self.bounds.searchsorted(start, side="right")) - 1
        last = int(self.bounds.searchsorted(stop))
        bounds = np.clip(self.bounds[first : last + 1], start, stop) - start
        return FloatsWrite(self.attributes[first:last], bounds, self.columns.cut(start, stop))

    def chosen(self, wanted: NDArray[np.bool_]) -> FloatsWrite | None:
        """Return the series that are wanted, one truth for each; None if none is."""
        if bool(wanted.all()):
            return self
        counts = self.counts
        return grouped(self.attributes[wanted], counts[wanted], self._rows(np.repeat(wanted, counts)))

    def _rows(self, kept: NDArray[np.bool_]) -> Columns:
        columns = self.columns
        return Columns(columns.steps[kept], columns.times[kept], columns.values[kept])


def grouped(attributes: NDArray[np.int64], counts: NDArray[np.int64], columns: Columns) -> FloatsWrite | None:
    """Return points that come in stretches of one series each, series by series; None if there are no points.

    Stretches of one series are put together in the order in which they stand.
    """
    if not len(columns.steps):
        return None
    if not bool(counts.all()):
        attributes, counts = attributes[counts > 0], counts[counts > 0]
    if not bool((attributes[1:] > attributes[:-1]).all()):
        order = np.argsort(attributes, kind="stable")
        starts = (np.cumsum(counts) - counts)[order]
        attributes, counts = attributes[order], counts[order]
        rows = np.arange(len(columns.steps)) + np.repeat(starts - (np.cumsum(counts) - counts), counts)
        columns = Columns(columns.steps[rows], columns.times[rows], columns.values[rows])
        first = np.flatnonzero(np.append(True, attributes[1:] != attributes[:-1]))
        attributes, counts = attributes[first], np.add.reduceat(counts, first)
    bounds = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=bounds[1:])
    return FloatsWrite(attributes, bounds, columns)


def side_by_side(series: Iterable[tuple[int, Columns]]) -> FloatsWrite | None:
    """Return series, which come in rising order of attribute, in one set of columns; None if none has points."""
    some = [(attribute, columns) for attribute, columns in series if len(columns)]
    if not some:
        return None
    attributes = np.array([attribute for attribute, _ in some], dtype=np.int64)
    counts = np.array([len(columns) for _, columns in some], dtype=np.int64)
    return grouped(attributes, counts, joined([columns for _, columns in some]))


def together(writes: Sequence[FloatsWrite]) -> FloatsWrite:
    """Return all that was written, in order of arrival within each series; there is at least one write."""
    if len(writes) == 1:
        return writes[0]
    found = grouped(
        np.concatenate([write.attributes for write in writes]),
        np.concatenate([write.counts for write in writes]),
        joined([write.columns for write in writes]),
    )
    return writes[0] if found is None else found


def in_order(write: FloatsWrite) -> FloatsWrite:
    """Return the points in order of step within each series; of points at one step the last wins."""
    steps = write.columns.steps
    rises = steps[1:] > steps[:-1]
    rises[write.bounds[1:-1] - 1] = True
    if bool(rises.all()):
        return write
    owner = np.repeat(np.arange(len(write.attributes)), write.counts)
    order = np.lexsort((steps, owner))
    steps, owner = steps[order], owner[order]
    is_last = np.append((steps[1:] != steps[:-1]) | (owner[1:] != owner[:-1]), True)
    order = order[is_last]
    bounds = np.zeros(len(write.bounds), dtype=np.int64)
    np.cumsum(np.bincount(owner[is_last], minlength=len(write.attributes)), out=bounds[1:])
    columns = Columns(steps[is_last], write.columns.times[order], write.columns.values[order])
    return FloatsWrite(write.attributes, bounds, columns)


def shortened_to(writes: Sequence[FloatsWrite], limits: dict[int, float]) -> list[FloatsWrite]:
    """Return the writes without the points of some series beyond a step; minus infinity takes all of a series."""
    ids = np.array(sorted(limits), dtype=np.int64)
    steps = np.array([limits[attribute] for attribute in ids.tolist()])
    kept: list[FloatsWrite] = []
    for write in writes:
        at = np.minimum(ids.searchsorted(write.attributes), len(ids) - 1)
        limit = np.where(ids[at] == write.attributes, steps[at], np.inf)
        owner_limit = np.repeat(limit, write.counts)
        stays = write.columns.steps <= owner_limit
        if bool(stays.all()):
            kept.append(write)
            continue
        counts = np.add.reduceat(stays.astype(np.int64), write.bounds[:-1])
        columns = write.columns
        shorter = grouped(
            write.attributes, counts, Columns(columns.steps[stays], columns.times[stays], columns.values[stays])
        )
        if shorter is not None:
            kept.append(shorter)
    return kept
