"""The part of the contract of `PointStore` that is about many series in one set of columns."""

from __future__ import annotations

import numpy as np

from marigram.server.store.points.batch import PointWrite, WriteFloats, writes_apart
from marigram.server.store.points.port import PointStore
from marigram.testing.point_builders import RUN, batch, cut, drop, floats, series, strings, text, write


def many(attributes: list[int], counts: list[int], steps: list[float]) -> WriteFloats:
    """Return a write to several series; the values are the steps in their order, counted."""
    return WriteFloats(attributes=attributes, counts=counts, points=floats(steps, list(map(float, range(len(steps))))))


class PointColumnsContract:
    """Part of `PointStoreContract`."""

    def test_a_write_to_many_series_is_as_many_writes(self, store: PointStore) -> None:
        store.commit([batch(1, many([3, 1, 2], [2, 0, 1], [1.0, 2.0, 7.0]))])
        assert [series(store, attribute) for attribute in (1, 2, 3)] == [{}, {7.0: 2.0}, {1.0: 0.0, 2.0: 1.0}]
        tally = store.tally(RUN, "w")
        assert tally is not None
        assert tally.points_stored == 3
        assert set(store.summaries([RUN], [1, 2, 3])) == {(RUN, 2), (RUN, 3)}

    def test_a_series_may_occur_more_than_once_in_a_write(self, store: PointStore) -> None:
        store.commit([batch(1, many([5, 4, 5, 4], [1, 1, 2, 1], [2.0, 1.0, 1.0, 2.0, 1.0]))])
        assert series(store, 5) == {1.0: 2.0, 2.0: 3.0}
        assert series(store, 4) == {1.0: 4.0}
        assert store.summaries([RUN], [5])[RUN, 5].count == 2

    def test_writes_to_many_series_keep_their_order_with_others(self, store: PointStore) -> None:
        writes: list[PointWrite] = [
            many([1, 2], [2, 2], [1.0, 2.0, 1.0, 2.0]),
            write(3, strings([1.0], ["a"])),
            drop(1),
            cut(2, 1.0),
            many([2, 1], [1, 1], [3.0, 4.0]),
            write(1, floats([5.0], [9.0])),
            write(3, strings([2.0], ["b"])),
            drop(3),
            write(3, strings([3.0], ["c"])),
        ]
        store.commit([batch(1, *writes)])
        assert series(store, 1) == {4.0: 1.0, 5.0: 9.0}
        assert series(store, 2) == {1.0: 2.0, 3.0: 0.0}
        assert text(store, 3) == ["c"]
        found = store.summaries([RUN], [1, 2, 3])
        assert {key[1]: (each.count, each.last) for key, each in found.items()} == {
            1: (2, 9.0),
            2: (2, 0.0),
            3: (1, "c"),
        }

    def test_many_small_batches_are_read_as_one_series_in_between(self, store: PointStore) -> None:
        expected: dict[float, float] = {}
        chance = np.random.default_rng(7)
        for seq in range(1, 61):
            steps = chance.integers(0, 40, 4).astype(float).tolist()
            store.commit([batch(seq, many([1, 2, 1], [2, 1, 1], steps))])
            expected.update({steps[0]: 0.0})
            expected.update({steps[1]: 1.0})
            expected.update({steps[3]: 3.0})
            if seq == 30:
                store.commit([batch(1, cut(1, 20.0), writer="other")])
                expected = {step: value for step, value in expected.items() if step <= 20.0}
            if seq % 7 == 0:
                assert series(store, 1) == expected
        assert series(store, 1) == expected
        assert store.summaries([RUN], [1])[RUN, 1].count == len(expected)

    def test_a_tail_that_would_be_too_long_is_not_given(self, store: PointStore) -> None:
        first = store.commit([batch(1, write(1, floats([0.0], [0.0])))])
        store.commit([batch(2, many([1, 2], [2, 1], [1.0, 2.0, 3.0]))])
        assert store.tail(RUN, after=first, max_points=2) is None
        tail = store.tail(RUN, after=first, max_points=3)
        if tail is not None:
            assert [each.attribute for each in writes_apart(tail.writes)] == [1, 2]
