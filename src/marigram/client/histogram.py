"""`Histogram`: one point of a histogram series, as the user makes it.

Making one never raises; what is wrong with it is told when it is logged, where the guard takes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marigram.client.errors import MarigramError, UnsupportedTypeError
from marigram.model import Histogram as StoredHistogram
from marigram.model import histogram_fault


class Histogram:
    """How many values fell between neighbouring edges.

    Examples:
        >>> run["layers/1/weights"].append(Histogram.from_values(weights, bins=64), step=step)
        >>> run["ages"].append(Histogram(edges=[0, 18, 65, 120], counts=[12, 40, 7]))
    """

    __slots__ = ("_counts", "_edges", "_fault")

    def __init__(self, *, edges: Iterable[float], counts: Iterable[float]) -> None:
        """Take what is known already.

        Args:
            edges: rising; one more than there are counts.
            counts: how much lies between an edge and the next; not negative, need not be whole.
        """
        self._fault: str | None = None
        self._edges: tuple[float, ...] = ()
        self._counts: tuple[float, ...] = ()
        try:
            self._edges = tuple(float(edge) for edge in edges)
            self._counts = tuple(float(count) for count in counts)
        except (TypeError, ValueError) as error:
            self._fault = f"A histogram is made of numbers ({error}). Pass edges=[0.0, 0.5, 1.0], counts=[3, 4]."

    @classmethod
    def from_values(cls, values: Any, bins: int = 64) -> Histogram:  # noqa: ANN401 arrays and tensors share no type
        """Count the values of an array, a tensor or a list in `bins` bins of equal width; needs NumPy.

        Values that are not finite are left out. What the array holds later changes nothing.
        """
        try:
            from marigram.client.binning import binned

            edges, counts = binned(values, bins)
        except (MarigramError, TypeError, ValueError, OverflowError) as error:
            faulty = cls(edges=(), counts=())
            faulty._fault = str(error)
            return faulty
        return cls(edges=edges, counts=counts)

    @property
    def edges(self) -> tuple[float, ...]:
        """Where the bins begin and end; one more than there are counts."""
        return self._edges

    @property
    def counts(self) -> tuple[float, ...]:
        """How much lies in each bin."""
        return self._counts

    def stored(self) -> StoredHistogram:
        """Return what is sent.

        Raises:
            UnsupportedTypeError: it is no histogram; the message says what is wrong and how to put it right.
        """
        stored = StoredHistogram(edges=self._edges, counts=self._counts)
        fault = self._fault or histogram_fault(stored)
        if fault is not None:
            message = f"This histogram was dropped. {fault}"
            raise UnsupportedTypeError(message)
        return stored

    def __repr__(self) -> str:
        """Say how many bins it has."""
        return f"<marigram histogram of {len(self._counts)} bins>"
