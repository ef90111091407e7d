"""The part of the contract of `PointStore` that is about what goes, and about what there is in all."""

from __future__ import annotations

from marigram.server.store.points.port import PointStore
from marigram.testing.point_builders import (
    OTHER_RUN,
    RUN,
    batch,
    drop,
    file,
    files,
    floats,
    series,
    strings,
    text,
    write,
)


class PointLifeContract:
    """Subclass `PointStoreContract`, which this is a part of."""

    def reopen(self, store: PointStore) -> PointStore:
        """Close the store and return one that has been opened on the same data."""
        raise NotImplementedError

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
