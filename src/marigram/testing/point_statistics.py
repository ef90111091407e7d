"""The part of the contract of `PointStore` that is about numbers made from points: summaries and buckets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from marigram.model import Ancestor
from marigram.server.store.points.port import NO_ANCESTORS, PointStore
from marigram.testing.point_builders import (
    EVERYWHERE,
    OTHER_RUN,
    RUN,
    batch,
    bits,
    cut,
    drop,
    file,
    files,
    floats,
    strings,
    write,
)


class PointStatisticsContract:
    """Subclass `PointStoreContract`, which this is a part of."""

    @pytest.fixture
    def make_store(self) -> Callable[[], PointStore]:
        """Return a function that makes a new, empty store, open; the fixture closes what it made."""
        raise NotImplementedError

    def reopen(self, store: PointStore) -> PointStore:
        """Close the store and return one that has been opened on the same data."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, make_store: Callable[[], PointStore]) -> PointStore:
        """Return a new store."""
        return make_store()

    # Summaries

    def _check_summary(self, store: PointStore, values_by_step: dict[float, float]) -> None:
        summary = store.summaries([RUN], [1])[RUN, 1]
        steps = sorted(values_by_step)
        values = np.array([values_by_step[step] for step in steps])
        finite = values[np.isfinite(values)]
        assert summary.count == len(values)
        assert (summary.first_step, summary.last_step) == (steps[0], steps[-1])
        assert bits(summary.last) == bits(values[-1])
        assert summary.nan_count == np.isnan(values).sum()
        assert summary.inf_count == np.isinf(values).sum()
        if len(finite):
            assert (summary.min, summary.max) == (finite.min(), finite.max())
            assert summary.mean == pytest.approx(finite.mean(), rel=1e-12, abs=1e-12)
            assert summary.variance == pytest.approx(finite.var(), rel=1e-9, abs=1e-12)
            low, high = np.flatnonzero(values == finite.min()), np.flatnonzero(values == finite.max())
            assert (summary.min_step, summary.max_step) == (steps[low[0]], steps[high[0]])
        else:
            assert (summary.min, summary.max, summary.mean, summary.variance) == (None, None, None, None)
            assert (summary.min_step, summary.max_step) == (None, None)

    def test_summaries_agree_with_numpy_as_points_arrive(self, store: PointStore) -> None:
        random = np.random.default_rng(1)
        expected: dict[float, float] = {}
        for seq in range(1, 25):
            steps = [10.0 * seq + at for at in range(int(random.integers(1, 9)))]
            values = random.normal(1e6, 1.0, len(steps))
            values[random.random(len(steps)) < 0.1] = np.nan
            values[random.random(len(steps)) < 0.1] = -np.inf
            expected.update(zip(steps, values.tolist(), strict=True))
            store.commit([batch(seq, write(1, floats(steps, values.tolist())))])
            self._check_summary(store, expected)
        store = self.reopen(store)
        self._check_summary(store, expected)

    def test_summaries_agree_with_numpy_when_steps_come_late_or_twice(self, store: PointStore) -> None:
        random = np.random.default_rng(2)
        expected: dict[float, float] = {}
        for seq in range(1, 25):
            steps = random.integers(-5, 5 + 3 * seq, 6).astype(float).tolist()
            values = random.normal(size=6).tolist()
            expected.update(zip(steps, values, strict=True))
            store.commit([batch(seq, write(1, floats(steps, values)))])
            if seq % 3 == 0:
                self._check_summary(store, expected)
                self._check_summary(store, expected)
        self._check_summary(self.reopen(store), expected)

    def test_summaries_count_points_that_follow_late_ones(self, store: PointStore) -> None:
        for seq, step in enumerate([5, 6, 1, 7, 8], start=1):
            store.commit([batch(seq, write(1, floats([step], [step])), write(2, strings([step], [str(step)])))])
        self._check_summary(store, {1: 1, 5: 5, 6: 6, 7: 7, 8: 8})
        text = store.summaries([RUN], [2])[RUN, 2]
        assert (text.count, text.first_step, text.last_step, text.last) == (5, 1, 8, "8")

    def test_of_equal_extremes_the_first_step_counts(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([3, 4, 5], [2.0, 1.0, 1.0])))])
        store.commit([batch(2, write(1, floats([6, 7], [1.0, 2.0])))])
        self._check_summary(store, {3: 2.0, 4: 1.0, 5: 1.0, 6: 1.0, 7: 2.0})
        store.commit([batch(3, write(1, floats([4, 1], [7.0, 7.0])))])
        self._check_summary(store, {1: 7.0, 3: 2.0, 4: 7.0, 5: 1.0, 6: 1.0, 7: 2.0})
        store.commit([batch(4, cut(1, 3))])
        self._check_summary(store, {1: 7.0, 3: 2.0})
        self._check_summary(self.reopen(store), {1: 7.0, 3: 2.0})

    def test_a_series_without_finite_values_has_no_extremes(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2, 3], [np.nan, np.inf, -np.inf])))])
        self._check_summary(store, {1: np.nan, 2: np.inf, 3: -np.inf})
        store.commit([batch(2, write(1, floats([4], [2.0])))])
        self._check_summary(store, {1: np.nan, 2: np.inf, 3: -np.inf, 4: 2.0})

    def test_the_summary_of_huge_values_is_finite_where_it_can_be(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2], [1.7e308, 1.7e308])))])
        store.commit([batch(2, write(1, floats([3, 4], [-1.7e308, -1.7e308])))])
        summary = store.summaries([RUN], [1])[RUN, 1]
        assert (summary.min, summary.max) == (-1.7e308, 1.7e308)
        assert summary.mean == pytest.approx(0, abs=1e293)
        assert summary.variance == np.inf

    def test_the_last_value_and_time_belong_to_the_largest_step(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([5], [50], [500])), write(2, strings([5, 6], ["e", "f"])))])
        store.commit([batch(2, write(1, floats([4], [40], [900])), write(2, strings([1, 6], ["a", "g"])))])
        found = store.summaries([RUN], [1, 2])
        assert (found[RUN, 1].last, found[RUN, 1].last_time, found[RUN, 1].last_step) == (50, 500, 5)
        assert (found[RUN, 2].last, found[RUN, 2].count, found[RUN, 2].first_step) == ("g", 3, 1)

    def test_a_string_series_that_rewrites_its_last_step_counts_it_once(self, store: PointStore) -> None:
        for seq in range(1, 10):
            store.commit([batch(seq, write(1, strings([seq // 3], [f"{seq} %"])))])
        summary = store.summaries([RUN], [1])[RUN, 1]
        assert (summary.count, summary.first_step, summary.last_step, summary.last) == (4, 0, 3, "9 %")
        assert (summary.min, summary.mean, summary.variance, summary.nan_count) == (None, None, None, 0)

    def test_the_summary_of_files_ends_with_the_last_file(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, files([1, 2], ["a.png", "b.png"])))])
        assert store.summaries([RUN], [1])[RUN, 1].last == file("b.png")

    def test_summaries_are_given_for_those_of_the_runs_and_attributes_that_have_points(self, store: PointStore) -> None:
        store.commit([batch(1, *(write(a, floats([1], [a])) for a in range(2_000)))])
        store.commit([batch(1, write(3, floats([1], [-3])), run_id=OTHER_RUN)])
        found = store.summaries([RUN, OTHER_RUN, "c" * 32, RUN], [*range(1_990, 2_010), 3, 3])
        assert found.keys() == {*((RUN, a) for a in range(1_990, 2_000)), (RUN, 3), (OTHER_RUN, 3)}
        assert [found[RUN, 1_999].last, found[OTHER_RUN, 3].last] == [1_999, -3]
        assert store.summaries([], [1]) == store.summaries([RUN], []) == {}

    # Summaries as columns

    @staticmethod
    def _check_columns(
        store: PointStore,
        run_ids: list[str],
        attribute: int,
        ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
    ) -> None:
        """Check that the columns say what the summaries say."""
        columns = store.summary_columns(run_ids, attribute, ancestors=ancestors, with_steps=True)
        found = store.summaries(run_ids, [attribute], ancestors=ancestors)
        summaries = [found.get((run_id, attribute)) for run_id in run_ids]
        assert columns.there.tolist() == [summary is not None for summary in summaries]
        assert [repr(last) for last in columns.last] == [
            repr(None if summary is None else summary.last) for summary in summaries
        ]
        for name in ("first_step", "last_step", "count", "min", "max", "mean", "variance", "min_step", "max_step"):
            expected = [None if summary is None else getattr(summary, name) for summary in summaries]
            assert bits(getattr(columns, name)) == bits(np.array(expected, dtype=np.float64))

    def test_columns_of_summaries_have_a_row_for_each_run_that_was_asked_for(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2], [5, np.nan])), write(2, strings([1], ["a"])))])
        store.commit([batch(1, write(1, floats([1], [np.inf])), write(3, files([1], ["a.png"])), run_id=OTHER_RUN)])
        asked = [OTHER_RUN, "c" * 32, RUN, OTHER_RUN]
        columns = store.summary_columns(asked, 1)
        assert columns.there.tolist() == [True, False, True, True]
        assert bits(columns.min) == bits(columns.mean) == bits([np.nan, np.nan, 5, np.nan])
        assert columns.last[:2] == [np.inf, None]
        assert store.summary_columns(asked, 2).last == [None, None, "a", None]
        assert store.summary_columns(asked, 3).last == [file("a.png"), None, None, file("a.png")]
        assert store.summary_columns([], 1).there.tolist() == store.summary_columns([], 1).last == []
        for attribute in range(5):
            self._check_columns(store, asked, attribute)
        store = self.reopen(store)
        for attribute in range(5):
            self._check_columns(store, asked, attribute)

    def test_columns_of_summaries_follow_late_points_cuts_drops_and_deletions(self, store: PointStore) -> None:
        run_ids = [f"{number:032x}" for number in range(12)]
        for number, run_id in enumerate(run_ids):
            store.commit([batch(1, write(1, floats([5, 6], [number, 1])), run_id=run_id)])
        store.commit([batch(2, write(1, floats([1], [-9])), run_id=run_ids[1])])
        store.commit([batch(2, cut(1, 5), run_id=run_ids[2])])
        store.commit([batch(2, drop(1), run_id=run_ids[3])])
        store.delete_run(run_ids[4])
        assert store.summary_columns(run_ids[:5], 1).min.tolist()[:3] == [0, -9, 2]
        assert store.summary_columns(run_ids[:5], 1).there.tolist() == [True, True, True, False, False]
        self._check_columns(store, run_ids, 1)
        self._check_columns(self.reopen(store), run_ids, 1)

    def test_columns_of_summaries_have_what_runs_inherit(self, store: PointStore) -> None:
        heir, late = "c" * 32, "d" * 32
        store.commit([batch(1, write(1, floats([1, 2, 3], [1, 2, 3])))])
        store.commit([batch(1, write(1, floats([2], [20])), run_id=late)])
        above = {(each, 1): (Ancestor(run_id=RUN, last_step=2.0),) for each in (heir, late)}
        other_series = {(RUN, 2): (Ancestor(run_id=heir, last_step=2.0),)}
        columns = store.summary_columns([RUN, heir, late], 1, ancestors=above | other_series)
        assert (columns.last, columns.max.tolist()) == ([3, 2, 20], [3, 2, 20])
        self._check_columns(store, [late, heir, RUN], 1, above | other_series)

    # Buckets

    def test_few_points_are_buckets_of_their_own(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2, 4], [1, np.nan, np.inf], [7, 8, 9])))])
        found = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=3)
        assert found.step_first.tolist() == found.step_last.tolist() == [1, 2, 4]
        assert found.time_first.tolist() == found.time_last.tolist() == [7, 8, 9]
        assert bits(found.first) == bits(found.last) == bits([1, np.nan, np.inf])
        assert bits(found.min) == bits(found.max) == bits(found.mean) == bits([1, np.nan, np.nan])
        assert found.count.tolist() == [1, 1, 1]
        assert (found.nan_count.tolist(), found.inf_count.tolist()) == ([0, 1, 0], [0, 0, 1])

    @pytest.mark.parametrize("max_buckets", [2, 3, 10, 64, 100, 999])
    def test_buckets_agree_with_numpy(self, store: PointStore, max_buckets: int) -> None:
        random = np.random.default_rng(max_buckets)
        steps = np.sort(random.choice(np.arange(-2_000, 8_000), 1_000, replace=False)) * 0.375
        values = random.normal(size=1_000)
        values[random.random(1_000) < 0.05] = np.nan
        values[random.random(1_000) < 0.05] = np.inf
        for seq, rows in enumerate(np.array_split(random.permutation(1_000), 5), start=1):
            store.commit([batch(seq, write(1, floats(steps[rows].tolist(), values[rows].tolist(), rows.tolist())))])
        found = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=max_buckets)
        assert 1 <= len(found.count) <= max_buckets
        exponent = min(k for k in range(-5, 15) if len(np.unique(np.floor(steps / 2.0**k))) <= max_buckets)
        cell = np.floor(steps / 2.0**exponent)
        for row, number in enumerate(np.unique(cell)):
            inside = np.flatnonzero(cell == number)
            finite = values[inside][np.isfinite(values[inside])]
            assert (found.step_first[row], found.step_last[row]) == (steps[inside[0]], steps[inside[-1]])
            assert (found.time_first[row], found.time_last[row]) == (inside[0], inside[-1])
            assert bits(found.first[row]) == bits(values[inside[0]])
            assert bits(found.last[row]) == bits(values[inside[-1]])
            assert found.count[row] == len(inside)
            assert found.nan_count[row] == np.isnan(values[inside]).sum()
            assert found.inf_count[row] == np.isinf(values[inside]).sum()
            if len(finite):
                assert (found.min[row], found.max[row]) == (finite.min(), finite.max())
                assert found.mean[row] == pytest.approx(finite.mean(), rel=1e-12, abs=1e-12)
            else:
                assert np.isnan([found.min[row], found.max[row], found.mean[row]]).all()

    def test_a_single_spike_is_in_its_bucket(self, store: PointStore) -> None:
        values = [0.0] * 5_000
        values[1_234], values[4_321] = 1e9, -1e9
        store.commit([batch(1, write(1, floats(list(range(5_000)), values)))])
        found = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=10)
        assert (found.max.max(), found.min.min(), found.count.sum()) == (1e9, -1e9, 5_000)

    def test_edges_of_buckets_are_the_same_for_every_series(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats(list(range(1_000)), [0] * 1_000)))])
        store.commit([batch(2, write(2, floats(list(range(7, 1_007)), [0] * 1_000)))])
        one = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=20)
        two = store.downsample(RUN, 2, **EVERYWHERE, max_buckets=20)
        assert set(one.step_first.tolist()) & set(two.step_first.tolist()) >= set(range(64, 960, 64))

    def test_buckets_cover_only_the_range(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats(list(range(100)), list(range(100)))))])
        found = store.downsample(RUN, 1, first_step=10, last_step=50, max_buckets=5)
        assert (found.count.sum(), found.min.min(), found.max.max()) == (41, 10, 50)

    def test_steps_of_any_size_fall_into_buckets(self, store: PointStore) -> None:
        steps = [-1.7e308, -1e-300, -5e-324, 0, 5e-324, 1e-310, 1, 1 + 2**-52, 2**53, 1.7e308]
        store.commit([batch(1, write(1, floats(steps, [1.0] * len(steps))))])
        for max_buckets in range(2, 11):
            found = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=max_buckets)
            assert 2 <= len(found.count) <= max_buckets
            assert found.count.sum() == len(steps)

    def test_the_mean_of_a_bucket_is_between_its_ends_even_if_its_sum_is_too_large(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2, 3, 4], [1.7e308, 1.7e308, 0.1, 0.1])))])
        found = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=3)
        assert bool(((found.min <= found.mean) & (found.mean <= found.max)).all())

    def test_many_series_are_downsampled_each_as_if_it_were_alone(self, store: PointStore) -> None:
        random = np.random.default_rng(5)
        for seq in range(1, 7):
            late = random.integers(-50, 60 * seq, 40).astype(float).tolist()
            for run_id in (RUN, OTHER_RUN):
                writes = (
                    write(1, floats(list(range(60 * seq, 60 * seq + 60)), random.normal(size=60).tolist())),
                    write(2, floats(late, random.normal(size=40).tolist())),
                    write(3, strings([seq], ["x"])),
                )
                store.commit([batch(seq, *writes, run_id=run_id)])
        asked = [(OTHER_RUN, 2), (RUN, 1), ("d" * 32, 1), (RUN, 3), (OTHER_RUN, 1), (RUN, 1)]
        above = {(RUN, 1): [Ancestor(run_id=OTHER_RUN, last_step=100)]}
        for first_step, last_step in ((-math.inf, math.inf), (17.5, 250.0)):
            for max_buckets in (2, 25, 1_000):
                found = store.downsample_many(
                    asked, first_step=first_step, last_step=last_step, max_buckets=max_buckets, ancestors=above
                )
                assert len(found) == len(asked)
                for (run_id, attribute), buckets in zip(asked, found, strict=True):
                    alone = store.downsample(
                        run_id,
                        attribute,
                        first_step=first_step,
                        last_step=last_step,
                        max_buckets=max_buckets,
                        ancestors=above.get((run_id, attribute), ()),
                    )
                    for name in type(buckets).__struct_fields__:
                        if name != "mean":
                            assert bits(getattr(buckets, name)) == bits(getattr(alone, name))
                    np.testing.assert_allclose(buckets.mean, alone.mean, rtol=1e-12, atol=1e-12)
        firsts, lasts = [-math.inf, 100.5, 0.0, 0.0, 70.0, 17.0], [120.0, math.inf, 9.0, 9.0, 60.0, 300.0]
        found = store.downsample_many(asked, first_step=firsts, last_step=lasts, max_buckets=25, ancestors=above)
        for (run_id, attribute), first_step, last_step, buckets in zip(asked, firsts, lasts, found, strict=True):
            [alone] = store.downsample_many(
                [(run_id, attribute)], first_step=first_step, last_step=last_step, max_buckets=25, ancestors=above
            )
            assert bits(buckets.step_first) == bits(alone.step_first)
            assert bits(buckets.max) == bits(alone.max)
            assert buckets.count.tolist() == alone.count.tolist()
        assert store.downsample_many([], **EVERYWHERE, max_buckets=10) == []
        with pytest.raises(ValueError, match="at least 2"):
            store.downsample_many(asked, **EVERYWHERE, max_buckets=1)

    def test_fewer_than_two_buckets_are_refused(self, store: PointStore) -> None:
        with pytest.raises(ValueError, match="at least 2"):
            store.downsample(RUN, 1, **EVERYWHERE, max_buckets=1)
