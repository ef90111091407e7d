"""The part of the contract of `PointStore` that is about what goes, and about what there is in all."""

from __future__ import annotations

import math

import numpy as np
import pytest

from marigram.server.store.points.port import LEAST_POINTS, PointStore
from marigram.testing.point_builders import (
    EVERYWHERE,
    OTHER_RUN,
    RUN,
    batch,
    bits,
    drop,
    file,
    files,
    floats,
    series,
    strings,
    text,
    write,
)

LONG = 1_000


def goes_on(_: float) -> bool:
    """Say that thinning goes on."""
    return False


def fill_a_long_series(store: PointStore) -> dict[float, float]:
    """Write a long series to two runs, with others beside it; return the long one."""
    values = np.random.default_rng(1).normal(size=LONG)
    values[[10, 300, 301]] = math.nan
    values[700] = math.inf
    long = floats(list(map(float, range(LONG))), values.tolist())
    store.commit([batch(1, write(1, long), write(2, floats([1, 2], [1, 2])), write(3, strings([1], ["one"])))])
    store.commit([batch(1, write(1, long), run_id=OTHER_RUN)])
    return dict(zip(long.steps, long.values, strict=True))


class PointLifeContract:
    """Subclass `PointStoreContract`, which this is a part of."""

    def reopen(self, store: PointStore) -> PointStore:
        """Close the store and return one that has been opened on the same data."""
        raise NotImplementedError

    # Thinning a series

    def test_thinning_keeps_the_ends_and_extremes_of_wide_cells_and_what_was_told_of_the_series(
        self, store: PointStore
    ) -> None:
        logged = fill_a_long_series(store)
        told = store.summaries([RUN, OTHER_RUN], [1, 2, 3])
        wide = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=8)
        gone = store.thinner.thin(RUN, points=LEAST_POINTS, rest=goes_on)
        left = series(store)
        assert gone == len(logged) - len(left)
        assert 10 <= len(left) <= LEAST_POINTS
        assert all(math.isnan(value) or logged[step] == value for step, value in left.items())
        assert store.summaries([RUN, OTHER_RUN], [1, 2, 3]) == told
        thin = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=8)
        for name in ("step_first", "step_last", "first", "last", "min", "max", "time_first", "time_last"):
            assert bits(getattr(thin, name)) == bits(getattr(wide, name)), name
        assert sum(map(math.isnan, left.values())) >= 1
        assert sum(map(math.isinf, left.values())) >= 1
        assert series(store, 2) == {1: 1, 2: 2}
        assert text(store, 3) == ["one"]
        assert len(series(store, 1, OTHER_RUN)) == len(logged)
        assert RUN not in store.thinner.candidates(LEAST_POINTS)
        assert store.thinner.thin(RUN, points=LEAST_POINTS, rest=goes_on) == 0
        reopened = self.reopen(store)
        assert series(reopened).keys() == left.keys()
        assert reopened.summaries([RUN, OTHER_RUN], [1, 2, 3]) == told

    def test_a_thinned_series_goes_on_and_what_replaces_old_points_is_told_of_what_is_left(
        self, store: PointStore
    ) -> None:
        logged = fill_a_long_series(store)
        store.thinner.thin(RUN, points=LEAST_POINTS, rest=goes_on)
        store.commit([batch(2, write(1, floats([LONG + 1.0], [0.5])))])
        assert store.summaries([RUN], [1])[RUN, 1].count == len(logged) + 1
        left = series(store)
        store.commit([batch(3, write(1, floats([0.25], [0.125])))])
        assert series(store).keys() == {*left, 0.25}
        assert store.summaries([RUN], [1])[RUN, 1].count == len(left) + 1

    def test_points_up_to_a_step_are_left_alone_and_whoever_is_told_to_stop_takes_nothing(
        self, store: PointStore
    ) -> None:
        logged = fill_a_long_series(store)
        assert store.thinner.thin(RUN, points=LEAST_POINTS, rest=lambda _: True) == 0
        assert series(store).keys() == logged.keys()
        half = LONG / 2
        store.thinner.thin(RUN, points=LEAST_POINTS, after_step=half, rest=goes_on)
        left = series(store)
        assert [step for step in left if step <= half] == [step for step in logged if step <= half]
        assert len([step for step in left if step > half]) <= LEAST_POINTS

    def test_only_what_is_there_is_thinned_and_not_to_next_to_nothing(self, store: PointStore) -> None:
        assert store.thinner.thin(RUN, points=LEAST_POINTS, rest=goes_on) == 0
        with pytest.raises(ValueError, match="Keep at least"):
            store.thinner.thin(RUN, points=LEAST_POINTS - 1, rest=goes_on)
        assert store.thinner.candidates(LEAST_POINTS) == []

    # Dropping a series

    def test_a_dropped_series_has_no_points(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2], [1, 2])), write(2, floats([1], [1])))])
        store.commit([batch(2, drop(1))])
        assert series(store, 1) == {}
        assert series(store, 2) == {1: 1}
        assert set(store.summaries([RUN], [1, 2])) == {(RUN, 2)}
        reopened = self.reopen(store)
        assert series(reopened, 1) == {}
        assert series(reopened, 2) == {1: 1}

    def test_a_drop_acts_in_the_order_of_the_writes(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2], [1, 2])))])
        store.commit([batch(2, write(1, floats([3], [3])), drop(1), write(1, floats([2], [20])))])
        assert series(store) == {2: 20}
        assert store.summaries([RUN], [1])[RUN, 1].count == 1
        store.commit([batch(3, write(1, floats([1], [10])))])
        assert series(self.reopen(store)) == {1: 10, 2: 20}

    def test_an_unknown_series_can_be_dropped(self, store: PointStore) -> None:
        store.commit([batch(1, drop(1), drop(1), write(1, floats([1], [1])))])
        assert series(store) == {1: 1}

    def test_a_series_can_be_dropped_and_written_again_and_again(self, store: PointStore) -> None:
        for seq in range(1, 25):
            store.commit([batch(seq, drop(1), write(1, strings([seq, 0], [str(seq), "zero"])))])
            assert text(store) == ["zero", str(seq)]
        assert text(self.reopen(store)) == ["zero", "24"]

    # Deleting a run

    def test_nothing_of_a_deleted_run_is_left(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1], [1])), write(2, strings([1], ["a"])))])
        store.commit([batch(1, write(1, floats([1], [7])), run_id=OTHER_RUN)])
        position = store.position()
        store.delete_run(RUN)
        self._check_that_the_run_is_gone(store, position)
        self._check_that_the_run_is_gone(self.reopen(store), position)

    @staticmethod
    def _check_that_the_run_is_gone(store: PointStore, position: int) -> None:
        assert series(store) == {}
        assert text(store, 2) == []
        assert store.summaries([RUN, OTHER_RUN], [1, 2]).keys() == {(OTHER_RUN, 1)}
        assert store.writer_seq(RUN, "w") == 0
        assert series(store, 1, OTHER_RUN) == {1: 7}
        assert store.position() >= position

    def test_a_deleted_run_can_be_written_again_from_the_start(self, store: PointStore) -> None:
        store.commit([batch(9, write(1, floats([1, 2], [1, 2])))])
        store.delete_run(RUN)
        store.commit([batch(1, write(1, floats([2], [3])))])
        assert series(store) == {2: 3}
        assert store.summaries([RUN], [1])[RUN, 1].count == 1
        assert series(self.reopen(store)) == {2: 3}

    def test_an_unknown_run_can_be_deleted(self, store: PointStore) -> None:
        store.delete_run(RUN)
        assert store.commit([batch(1)]) > 0

    # Which blobs are named

    @staticmethod
    def _named(store: PointStore) -> set[tuple[str, str]]:
        return set(store.named_blobs())

    def test_every_file_that_a_point_names_is_told_with_its_run(self, store: PointStore) -> None:
        assert self._named(store) == set()
        store.commit([batch(1, write(1, files([1, 2], ["a.png", "b.png"])), write(2, strings([1], ["c.png"])))])
        store.commit([batch(1, write(7, files([5], ["a.png"])), run_id=OTHER_RUN)])
        expected = {(run_id, file(name).sha256) for run_id, name in ((RUN, "a"), (RUN, "b"), (OTHER_RUN, "a"))}
        assert self._named(store) == expected
        store.commit([batch(2, write(1, files([3], ["d.png"])))])
        expected.add((RUN, file("d").sha256))
        assert self._named(store) == expected
        assert self._named(self.reopen(store)) == expected

    def test_a_file_that_is_still_named_is_told_whatever_was_dropped_and_replaced(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, files([1, 2], ["a.png", "b.png"])), write(2, files([1], ["c.png"])))])
        store.commit([batch(2, write(1, files([2], ["d.png"])), drop(2))])
        named = self._named(store)
        # A file that is named no more may still be told, one that is named is always.
        assert {(RUN, file(name).sha256) for name in "ad"} <= named
        assert named <= {(RUN, file(name).sha256) for name in "abcd"}

    def test_a_deleted_run_names_no_file(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, files([1], ["a.png"])))])
        store.commit([batch(1, write(1, files([1], ["b.png"])), run_id=OTHER_RUN)])
        store.delete_run(RUN)
        assert self._named(store) == {(OTHER_RUN, file("b").sha256)}
        assert self._named(self.reopen(store)) == {(OTHER_RUN, file("b").sha256)}

    # Use of the disk

    def test_a_run_takes_room_while_it_has_points(self, store: PointStore) -> None:
        assert dict(store.usage()) == {}
        assert dict(store.series_usage(RUN)) == {}
        store.commit([batch(1, write(1, floats(range(100), [0.1] * 100)))])
        store.commit([batch(1, write(1, floats([1], [1])), run_id=OTHER_RUN)])
        assert store.usage().keys() == {RUN, OTHER_RUN}
        assert min(store.usage().values()) > 0
        store = self.reopen(store)
        assert store.usage().keys() == {RUN, OTHER_RUN}
        store.delete_run(RUN)
        assert store.usage().keys() == {OTHER_RUN}
        assert dict(store.series_usage(RUN)) == {}

    def test_the_series_of_a_run_take_no_more_room_than_the_run(self, store: PointStore) -> None:
        for seq in range(1, 6):
            steps = range(100 * seq, 100 * seq + 100)
            store.commit([batch(seq, write(1, floats(steps, [0.1] * 100)), write(2, strings([seq], ["a" * 50])))])
        store.commit([batch(1, write(3, floats([1], [1])), run_id=OTHER_RUN)])
        each = store.series_usage(RUN)
        assert each.keys() <= {1, 2}
        assert min(each.values(), default=1) > 0
        assert sum(each.values()) <= store.usage()[RUN] + len(each)  # what each takes is rounded
