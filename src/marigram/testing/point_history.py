"""The part of the contract of `PointStore` that is about history: series that are cut, inherited, and histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from marigram.model import Ancestor
from marigram.server.store.points.port import NO_ANCESTORS, PointStore
from marigram.testing.point_builders import (
    EVERYWHERE,
    OTHER_RUN,
    RUN,
    batch,
    cut,
    drop,
    files,
    floats,
    histograms,
    series,
    strings,
    text,
    write,
)

GRANDPARENT = "c" * 32


def inherited(store: PointStore, *ancestors: Ancestor, attribute: int = 1) -> dict[float, float]:
    """Return a float series with what it inherits."""
    found = store.floats(RUN, attribute, **EVERYWHERE, ancestors=ancestors)
    return dict(zip(map(float, found.steps), map(float, found.values), strict=True))


def parent(last_step: float) -> Ancestor:
    """Return the other run as an ancestor up to a step."""
    return Ancestor(run_id=OTHER_RUN, last_step=last_step)


def check_values_at(
    store: PointStore,
    asked: Sequence[tuple[str, float]],
    ancestors: Mapping[tuple[str, int], Sequence[Ancestor]] = NO_ANCESTORS,
) -> None:
    """Check that the values of series 1 at steps of runs are the last of its points up to there."""
    found = store.values_at([run for run, _ in asked], 1, [step for _, step in asked], ancestors=ancestors)
    for (run, step), there, value in zip(asked, found.there.tolist(), found.value.tolist(), strict=True):
        own = ancestors.get((run, 1), ())
        points = store.floats(run, 1, first_step=-np.inf, last_step=step, ancestors=own)
        expected = None if not len(points.values) else repr(float(points.values[-1]))
        assert (repr(value) if there else None) == expected
        assert there or np.isnan(value)


class PointHistoryContract:
    """Subclass `PointStoreContract`, which this is a part of."""

    def reopen(self, store: PointStore) -> PointStore:
        """Close the store and return one that has been opened on the same data."""
        raise NotImplementedError

    # Cuts

    def test_a_cut_removes_what_comes_after_the_step_and_keeps_the_step(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2, 3, 4], [1, 2, 3, 4])), write(2, floats([9], [9])))])
        store.commit([batch(2, cut(1, 2))])
        assert series(store) == {1: 1, 2: 2}
        assert series(store, 2) == {9: 9}
        assert series(self.reopen(store)) == {1: 1, 2: 2}

    def test_a_cut_leaves_alone_what_is_written_after_it(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 5, 9], [1, 5, 9])), cut(1, 4), write(1, floats([6, 9], [60, 90])))])
        assert series(store) == {1: 1, 6: 60, 9: 90}
        store.commit([batch(2, cut(1, 6)), batch(3, write(1, floats([7], [70])))])
        assert series(store) == {1: 1, 6: 60, 7: 70}

    def test_an_early_cut_is_not_undone_by_a_later_one_at_a_larger_step(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2, 3, 4], [1, 2, 3, 4])))])
        store.commit([batch(2, cut(1, 1))])
        store.commit([batch(3, write(1, floats([10, 20], [10, 20])))])
        store.commit([batch(4, cut(1, 15))])
        assert series(store) == {1: 1, 10: 10}
        assert series(self.reopen(store)) == {1: 1, 10: 10}

    def test_a_cut_before_all_points_leaves_nothing(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2], [1, 2]))), batch(2, cut(1, -5))])
        assert series(store) == {}
        assert store.summaries([RUN], [1]) == {}
        store.commit([batch(3, write(1, floats([3], [3])))])
        assert series(store) == {3: 3}
        assert store.summaries([RUN], [1])[RUN, 1].count == 1

    def test_a_cut_and_a_drop_are_in_order(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2], [1, 2])))])
        store.commit([batch(2, cut(1, 1), drop(1), write(1, floats([0, 5], [0, 5])))])
        assert series(store) == {0: 0, 5: 5}
        store.commit([batch(3, drop(1), write(1, floats([3, 4], [3, 4])), cut(1, 3))])
        assert series(store) == {3: 3}

    def test_statistics_follow_a_cut(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2, 3], [5, -7, 100])))])
        store.commit([batch(2, cut(1, 2))])
        summary = store.summaries([RUN], [1])[RUN, 1]
        assert (summary.count, summary.last_step, summary.last) == (2, 2, -7)
        assert (summary.min, summary.max, summary.mean) == (-7, 5, -1)
        store.commit([batch(3, write(1, floats([3], [1])))])
        assert store.summaries([RUN], [1])[RUN, 1].max == 5

    def test_text_and_files_are_cut_too(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, strings([1, 2], ["a", "b"])), write(2, files([1, 2], ["a", "b"])))])
        store.commit([batch(2, cut(1, 1), cut(2, 1))])
        assert text(store) == ["a"]
        assert store.files(RUN, 2, **EVERYWHERE) == files([1], ["a"])

    def test_a_cut_batch_that_comes_again_cuts_nothing_more(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2], [1, 2])))])
        store.commit([batch(2, cut(1, 1))])
        store.commit([batch(3, write(1, floats([2], [20])))])
        store.commit([batch(2, cut(1, 1))])
        assert series(store) == {1: 1, 2: 20}

    def test_those_who_follow_a_run_learn_of_a_cut(self, store: PointStore) -> None:
        position = store.commit([batch(1, write(1, floats([1, 2], [1, 2])))])
        store.commit([batch(2, cut(1, 1))])
        tail = store.tail(RUN, after=position)
        assert tail is None or tail.writes == (cut(1, 1),)

    def test_limits_count_what_a_cut_has_left(self, store: PointStore) -> None:
        for seq in range(1, 9):
            store.commit([batch(seq, write(1, strings([seq], [str(seq)])))])
        store.commit([batch(9, cut(1, 5))])
        last = store.strings(RUN, 1, **EVERYWHERE, limit=2, from_end=True)
        assert list(last.values) == ["4", "5"]

    # Ancestors

    def test_a_series_inherits_up_to_the_step(self, store: PointStore) -> None:
        store.commit(
            [
                batch(1, write(1, floats([1, 2, 3], [10, 20, 30])), run_id=OTHER_RUN),
                batch(1, write(1, floats([3, 4], [3, 4]))),
            ]
        )
        assert inherited(store, parent(2)) == {1: 10, 2: 20, 3: 3, 4: 4}
        assert inherited(store) == {3: 3, 4: 4}

    def test_a_run_without_points_of_its_own_has_those_it_inherits(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2, 3], [10, 20, 30])), run_id=OTHER_RUN)])
        assert inherited(store, parent(2)) == {1: 10, 2: 20}
        summary = store.summaries([RUN], [1], ancestors={(RUN, 1): [parent(2)]})[RUN, 1]
        assert (summary.count, summary.last, summary.last_step, summary.max) == (2, 20, 2, 20)

    def test_the_nearer_run_wins_at_a_step(self, store: PointStore) -> None:
        store.commit(
            [
                batch(1, write(1, floats([1, 2, 3, 4], [1, 1, 1, 1])), run_id=GRANDPARENT),
                batch(1, write(1, floats([2, 3], [2, 2])), run_id=OTHER_RUN),
                batch(1, write(1, floats([3], [3]))),
            ]
        )
        line = parent(3), Ancestor(run_id=GRANDPARENT, last_step=2)
        assert inherited(store, *line) == {1: 1, 2: 2, 3: 3}

    def test_limits_and_buckets_see_inherited_points(self, store: PointStore) -> None:
        steps = list(range(100))
        store.commit(
            [
                batch(1, write(1, floats(steps, steps)), write(2, strings([1, 2], ["a", "b"])), run_id=OTHER_RUN),
                batch(1, write(1, floats([50, 51], [0, 0])), write(2, strings([3], ["c"]))),
            ]
        )
        found = store.floats(RUN, 1, **EVERYWHERE, limit=3, ancestors=[parent(49)])
        assert list(found.steps) == [0, 1, 2]
        assert list(store.strings(RUN, 2, **EVERYWHERE, limit=2, from_end=True, ancestors=[parent(1)]).values) == [
            "a",
            "c",
        ]
        whole = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=10, ancestors=[parent(49)])
        assert int(np.sum(whole.count)) == 52
        assert float(np.max(whole.max)) == 49

    def test_an_unknown_ancestor_has_no_points(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([3], [3])))])
        assert inherited(store, Ancestor(run_id="d" * 32, last_step=9)) == {3: 3}

    # Histograms

    def test_histograms_come_back_as_they_were_written(self, store: PointStore) -> None:
        written = histograms([1, 2], [[1, 2.5], [0, 7, 9]])
        store.commit([batch(1, write(1, written))])
        assert store.histograms(RUN, 1, **EVERYWHERE) == written
        summary = store.summaries([RUN], [1])[RUN, 1]
        assert (summary.count, summary.last, summary.min) == (2, None, None)
        assert self.reopen(store).histograms(RUN, 1, **EVERYWHERE) == written

    def test_values_at_steps_are_those_of_the_last_points_up_to_there(self, store: PointStore) -> None:
        random = np.random.default_rng(11)
        runs = [f"{number:032x}" for number in range(6)]
        above = {
            (runs[4], 1): (Ancestor(run_id=runs[0], last_step=40.0),),
            (runs[5], 1): (Ancestor(run_id=runs[4], last_step=60.0), Ancestor(run_id=runs[1], last_step=25.0)),
        }
        asked = [(run, step) for run in [*runs, "f" * 32] for step in (-1.0, 0.0, 12.25, 30.0, 33.5, 70.0, 1e9)]
        seq = 0
        for rounds in range(3):
            for number, run_id in enumerate(runs):
                seq += 1
                # One run grows, others get points late; one has few, one none at its own.
                steps = random.choice(np.arange(100), 30, replace=False) / 2 + (20 * rounds if number == 0 else 0)
                values = random.choice([1.5, -0.0, np.nan, np.inf, 2.0**70], 30)
                if number != 4:
                    some = slice(2) if number == 3 else slice(30)
                    points = floats(steps[some].tolist(), values[some].tolist())
                    store.commit([batch(seq, write(1, points), write(2, floats([1], [9])), run_id=run_id)])
            seq += 1
            store.commit([batch(seq, cut(1, 30.0) if rounds else drop(1), run_id=runs[2])])
            check_values_at(store, asked, above)
        store = self.reopen(store)
        check_values_at(store, asked, above)
        store.delete_run(runs[0])
        check_values_at(store, asked, above)
        assert not len(store.values_at([], 1, []).there)

    def test_the_value_at_a_step_of_a_long_series_is_found(self, store: PointStore) -> None:
        for seq, first in enumerate((0, 300, 600, 450), start=1):
            steps = [float(step) for step in range(first, first + 300)]
            values = [step + seq / 8 for step in steps]
            store.commit([batch(seq, write(1, floats(steps, values)), write(2, floats(steps, steps)))])
        asked = [(RUN, step) for step in (0.0, 299.5, 300.0, 449.0, 450.0, 599.0, 749.0, 750.0, 899.0, 2000.0)]
        check_values_at(store, asked)
        check_values_at(self.reopen(store), asked)
