from __future__ import annotations

import math
from datetime import datetime, timezone

import numpy as np
import pandas as pd
import pytest

from marigram.client.columns import floats_of, listed, steps_of, strings_of, times_of
from marigram.client.errors import UnsupportedTypeError


class PolarsColumn:
    """What a column of polars is to us."""

    def to_list(self) -> list[float]:
        return [1.0, 2.0]


class ArrowColumn:
    """What a column of PyArrow is to us."""

    def to_pylist(self) -> list[float]:
        return [1.0, 2.0]


@pytest.mark.parametrize(
    "given",
    [
        [1.0, 2.0],
        (1.0, 2.0),
        range(1, 3),
        iter([1.0, 2.0]),
        np.array([1, 2]),
        np.array([1, 2], dtype=np.float32),
        pd.Series([1.0, 2.0]),
        PolarsColumn(),
        ArrowColumn(),
        {1.0: "keys of a dict's view", 2.0: ""}.keys(),
    ],
)
def test_whatever_holds_numbers_becomes_floats(given: object) -> None:
    values = floats_of(listed("values", given)) or []
    assert values == [1.0, 2.0]
    assert {type(value) for value in values} == {float}


@pytest.mark.parametrize("given", [5, "text", b"bytes", None, np.float64(1.0)])
def test_what_is_no_list_is_refused(given: object) -> None:
    with pytest.raises(UnsupportedTypeError, match=r"values must be a list.*\[value, \.\.\.\]"):
        listed("values", given)


def test_columns_of_mixed_kinds_are_left_to_be_looked_at_one_by_one() -> None:
    assert floats_of([1.0, "a"]) is None
    assert floats_of([np.float32(1.0)]) is None
    assert floats_of([10**400]) is None
    assert floats_of([]) is None
    assert strings_of(["a", 1]) is None
    assert strings_of(["a", "b"]) == ["a", "b"]


def test_a_batch_of_pictures_is_a_list_of_pictures() -> None:
    assert [picture.shape for picture in listed("values", np.zeros((2, 4, 5, 3)))] == [(4, 5, 3)] * 2


def test_every_step_must_be_a_finite_number() -> None:
    assert steps_of([3, 1, 2]) == [3.0, 1.0, 2.0]
    assert steps_of([np.int64(3)]) == [3.0]
    for wrong in ([1.0, math.nan], ["a"], [math.inf]):
        with pytest.raises(UnsupportedTypeError):
            steps_of(wrong)


def test_times_are_seconds_or_moments() -> None:
    moment = datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert times_of([1.5, 2]) == [1500, 2000]
    assert times_of([moment, 0]) == [1_767_225_600_000, 0]
    with pytest.raises(UnsupportedTypeError, match=r"time\.time"):
        times_of([math.nan])
