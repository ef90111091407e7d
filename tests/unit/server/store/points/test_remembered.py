"""Answers that are remembered: which are forgotten first, and that they keep no more memory than is counted."""

from __future__ import annotations

import numpy as np
import pytest

from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.embedded.cells import cells_of, taken
from marigram.server.store.points.embedded.columns import Columns
from marigram.server.store.points.embedded.remembered import RememberedBuckets


def buckets(count: int) -> BucketColumns:
    return cells_of(Columns(np.arange(float(count)), np.arange(count), np.arange(float(count))), -5)


def test_answers_of_one_question_are_kept_and_forgotten_together() -> None:
    remembered = RememberedBuckets()
    remembered.put({"a": buckets(60_000), "b": buckets(60_000)})
    remembered.put({"c": buckets(60_000)})
    assert remembered.get("a") is not None
    remembered.put({"d": buckets(60_000)})
    assert {key for key in "abcd" if remembered.get(key) is not None} == {"a", "b", "d"}
    remembered.put({"b": buckets(10), "e": buckets(10)})
    assert {key for key in "abcde" if remembered.get(key) is not None} == {"b", "d", "e"}


def test_what_alone_is_too_much_is_not_remembered() -> None:
    remembered = RememberedBuckets()
    remembered.put({"a": buckets(300_000)})
    remembered.put({})
    assert remembered.get("a") is None


def test_an_answer_that_is_a_small_part_of_larger_arrays_does_not_keep_them() -> None:
    remembered = RememberedBuckets()
    large = buckets(1_000)
    remembered.put({"small": taken(large, slice(10, 20)), "smaller": taken(large, slice(30, 31))})
    remembered.put({"most": taken(large, slice(0, 900))})
    for key, first, count in (("small", 10.0, 10), ("smaller", 30.0, 1), ("most", 0.0, 900)):
        found = remembered.get(key)
        assert found is not None
        assert (found.first[0], len(found.count)) == (first, count)
        assert (found.min.base is large.min) == (key == "most")
        with pytest.raises(ValueError, match="read-only"):
            found.min[0] = 7.0
