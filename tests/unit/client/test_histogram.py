"""What a histogram is made of, and what is said of one that is none, when it is logged and not before."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from marigram import Histogram
from marigram.client.errors import UnsupportedTypeError


class Tensor:
    """As much of a tensor on a graphics card as counts."""

    def __init__(self, values: list[float]) -> None:
        self._values = values

    def detach(self) -> Tensor:
        return self

    cpu = float = detach

    def numpy(self) -> Any:
        return np.array(self._values)


def test_edges_and_counts_are_kept_as_they_are() -> None:
    stored = Histogram(edges=[0, 1, np.float32(2.5)], counts=np.array([3, 4])).stored()
    assert (stored.edges, stored.counts) == ((0.0, 1.0, 2.5), (3.0, 4.0))


@pytest.mark.parametrize(
    "values",
    [
        [0.0, 1.0, 1.0, 4.0],
        np.array([[0, 1], [1, 4]]),
        (0, 1, 1, 4),
        Tensor([0.0, 1.0, 1.0, 4.0]),
        [0.0, math.nan, 1.0, 1.0, math.inf, 4.0],
    ],
)
def test_values_of_any_array_are_counted(values: object) -> None:
    stored = Histogram.from_values(values, bins=4).stored()
    assert (stored.edges, stored.counts) == ((0.0, 1.0, 2.0, 3.0, 4.0), (1.0, 2.0, 0.0, 1.0))


def test_what_the_array_holds_later_changes_nothing() -> None:
    values = np.array([1.0, 2.0])
    histogram = Histogram.from_values(values, bins=2)
    values[:] = 99.0
    assert histogram.stored().edges == (1.0, 1.5, 2.0)


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (lambda: Histogram(edges=[0, 1], counts=[1, 2]), "one edge more"),
        (lambda: Histogram(edges=[1, 0], counts=[1]), "rise"),
        (lambda: Histogram(edges=[0, 1], counts=[-1]), "not negative"),
        (lambda: Histogram(edges=["a"], counts=[]), "made of numbers"),
        (lambda: Histogram(edges=3, counts=[]), "made of numbers"),  # pyright: ignore[reportArgumentType]
        (lambda: Histogram.from_values([]), "no finite values"),
        (lambda: Histogram.from_values(["a"]), "cannot be counted"),
        (lambda: Histogram.from_values([1.0], bins=0), "bins"),
    ],
)
def test_what_is_wrong_is_said_when_it_is_logged(make: Any, advice: str) -> None:
    histogram = make()
    with pytest.raises(UnsupportedTypeError, match=advice):
        histogram.stored()
