"""The contract suite of `PointStore`: what every engine promises, as tests.

An engine's own test file subclasses `PointStoreContract`, gives it a fixture `make_store` and a way to `reopen`, and
pytest finds the rest. The suite asks for nothing that the port's docstrings do not say.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from marigram.model import FloatPoints, Tally
from marigram.server.store.points.answers import Tail
from marigram.server.store.points.batch import WritePoints, writes_apart
from marigram.server.store.points.changes import SeriesChange
from marigram.server.store.points.port import PointStore
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
    series,
    strings,
    text,
    write,
)
from marigram.testing.point_columns import PointColumnsContract
from marigram.testing.point_history import PointHistoryContract
from marigram.testing.point_life import PointLifeContract
from marigram.testing.point_statistics import PointStatisticsContract

DEADLINE_S = 30.0


class PointStoreContract(PointStatisticsContract, PointHistoryContract, PointColumnsContract, PointLifeContract):
    """Subclass it, give it the fixture `make_store` and the method `reopen`."""

    # Writing and reading back

    def test_a_tally_counts_every_batch_once(self, store: PointStore) -> None:
        assert store.tally(RUN, "w") is None
        store.commit([batch(3, write(1, floats([1.0, 2.0], [1.0, 2.0])))])
        refused = msgspec.structs.replace(
            batch(5, write(1, floats([2.0], [3.0])), drop(1)), points_refused=2, rejections={"kind_conflict": 2}
        )
        store.commit([refused, refused, batch(1, write(1, floats([9.0], [9.0])), writer="other")])
        store.commit([refused, msgspec.structs.replace(batch(6), points_refused=1, rejections={"invalid_value": 1})])
        assert store.tally(RUN, "w") == Tally(
            points_stored=3, points_refused=3, rejections={"kind_conflict": 2, "invalid_value": 1}
        )
        assert store.tally(RUN, "other") == Tally(points_stored=1)
        store.delete_run(RUN)
        assert store.tally(RUN, "w") is None

    def test_a_listener_hears_which_series_have_another_summary(self, store: PointStore) -> None:
        heard: list[tuple[str, list[int] | None]] = []
        counts: list[int] = []

        def listener(changes: Sequence[SeriesChange]) -> None:
            for change in changes:
                heard.append((change.run_id, None if change.attributes is None else change.attributes.tolist()))
                counts.extend(each.count for each in store.summaries([change.run_id], [1]).values())

        store.listen(listener)
        own = batch(2, write(3, floats([1], [1])), write(1, floats([1], [1])), write(3, floats([2], [1])), drop(2))
        store.commit([own, batch(1, write(1, floats([1, 2], [1, 2])), run_id=OTHER_RUN)])
        store.commit([own, batch(3), batch(4, cut(1, 0.5))])
        store.delete_run(OTHER_RUN)
        store.delete_run("c" * 32)
        assert heard == [(RUN, [1, 2, 3]), (OTHER_RUN, [1]), (RUN, [1]), (OTHER_RUN, None)]
        assert counts == [1, 2]

    def test_a_new_store_has_nothing(self, store: PointStore) -> None:
        assert store.position() == 0
        assert store.writer_seq(RUN, "w") == 0
        assert series(store) == {}
        assert text(store) == []
        assert list(store.files(RUN, 1, **EVERYWHERE).values) == []
        assert store.summaries([RUN], [1]) == {}
        assert len(store.downsample(RUN, 1, **EVERYWHERE, max_buckets=10).count) == 0

    def test_float_columns_are_numpy_arrays_of_the_promised_types(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1], [2])))])
        for attribute in (1, 2):
            points = store.floats(RUN, attribute, **EVERYWHERE)
            assert [np.asarray(column).dtype for column in (points.steps, points.times, points.values)] == [
                np.float64,
                np.int64,
                np.float64,
            ]
            assert all(isinstance(column, np.ndarray) for column in (points.steps, points.times, points.values))

    def test_points_of_each_kind_come_back_as_they_were_written(self, store: PointStore) -> None:
        store.commit(
            [
                batch(
                    1,
                    write(1, floats([1, 2.5], [0.5, -7], [11, 12])),
                    write(2, strings([1, 2], ["first", "ünïcode ☃\n"])),
                    write(3, files([1, 2], ["a.png", "b.png"])),
                )
            ]
        )
        found = store.floats(RUN, 1, **EVERYWHERE)
        assert (list(found.steps), list(found.times), list(found.values)) == ([1, 2.5], [11, 12], [0.5, -7])
        assert store.strings(RUN, 2, **EVERYWHERE) == strings([1, 2], ["first", "ünïcode ☃\n"])
        assert store.files(RUN, 3, **EVERYWHERE) == files([1, 2], ["a.png", "b.png"])

    @pytest.mark.parametrize(
        "points",
        [
            FloatPoints(steps=[1, 2], times=[3, 4], values=[5, 6]),
            FloatPoints(steps=array("d", [1, 2]), times=array("q", [3, 4]), values=array("d", [5, 6])),
            FloatPoints(
                steps=memoryview(array("d", [1, 2])),
                times=memoryview(array("q", [3, 4])),
                values=memoryview(array("d", [5, 6])),
            ),
            FloatPoints(
                steps=np.array([1.0, 2.0]),  # pyright: ignore[reportArgumentType] arrays are allowed by its docstring
                times=np.array([3, 4]),  # pyright: ignore[reportArgumentType]
                values=np.array([5.0, 6.0]),  # pyright: ignore[reportArgumentType]
            ),
        ],
        ids=["lists", "arrays", "memoryviews", "numpy"],
    )
    def test_columns_may_be_any_sequence_of_numbers(self, store: PointStore, points: FloatPoints) -> None:
        store.commit([batch(1, write(1, points))])
        found = store.floats(RUN, 1, **EVERYWHERE)
        assert (list(found.steps), list(found.times), list(found.values)) == ([1, 2], [3, 4], [5, 6])

    def test_a_buffer_that_changes_after_the_commit_changes_nothing(self, store: PointStore) -> None:
        column = array("d", [1.0, 2.0])
        store.commit([batch(1, write(1, floats(memoryview(column), memoryview(column))))])
        column[0] = column[1] = 99.0
        assert series(store) == {1: 1, 2: 2}

    def test_a_write_of_no_points_makes_no_series(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([], [])), write(2, strings([], [])))])
        assert series(store) == {}
        assert store.summaries([RUN], [1, 2]) == {}

    def test_float_values_come_back_bit_for_bit(self, store: PointStore) -> None:
        payload = np.frombuffer(b"\x01\x02\x00\x00\x00\x00\xf8\x7f\xff\xff\xff\xff\xff\xff\xff\xff", dtype="<f8")
        values = np.array([0.0, -0.0, np.inf, -np.inf, 5e-324, 1.7976931348623157e308, 0.1, *payload] * 20)
        steps = np.arange(len(values), dtype=np.float64)
        store.commit([batch(1, write(1, floats(steps.tolist(), values)))])  # pyright: ignore[reportArgumentType]
        assert bits(store.floats(RUN, 1, **EVERYWHERE).values) == bits(values)
        reopened = self.reopen(store)
        assert bits(reopened.floats(RUN, 1, **EVERYWHERE).values) == bits(values)

    def test_times_are_whole_milliseconds_of_any_size(self, store: PointStore) -> None:
        times = [-(2**63), -1, 0, 2**53 + 1, 2**63 - 1]
        store.commit([batch(1, write(1, floats([1, 2, 3, 4, 5], [0] * 5, times)))])
        assert list(store.floats(RUN, 1, **EVERYWHERE).times) == times

    def test_runs_and_series_do_not_mix(self, store: PointStore) -> None:
        store.commit(
            [
                batch(1, write(1, floats([1], [1])), write(2, floats([1], [2]))),
                batch(1, write(1, floats([1], [3])), run_id=OTHER_RUN),
            ]
        )
        assert [series(store, 1), series(store, 2), series(store, 1, OTHER_RUN)] == [{1: 1}, {1: 2}, {1: 3}]
        assert series(store, 2, OTHER_RUN) == {}

    def test_many_runs_with_many_series_are_kept_apart(self, store: PointStore) -> None:
        runs = [f"{number:032x}" for number in range(12)]
        for seq in range(1, 4):
            store.commit(
                [
                    batch(
                        seq,
                        *(write(a, floats([seq], [100 * number + 10 * a + seq])) for a in range(9)),
                        run_id=run_id,
                    )
                    for number, run_id in enumerate(runs)
                ]
            )
        for number, run_id in enumerate(runs):
            for a in range(9):
                assert series(store, a, run_id) == {seq: 100 * number + 10 * a + seq for seq in range(1, 4)}

    # Order of steps, and the last write wins

    def test_points_are_in_order_of_step_whatever_the_order_of_arrival(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([5, -3.25, 1e300], [1, 2, 3])))])
        store.commit([batch(2, write(1, floats([-1e300, 0, 5e-324, 4.999], [4, 5, 6, 7])))])
        assert list(series(store).items()) == [
            (-1e300, 4),
            (-3.25, 2),
            (0, 5),
            (5e-324, 6),
            (4.999, 7),
            (5, 1),
            (1e300, 3),
        ]

    def test_the_last_write_of_a_step_wins_within_one_write(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2, 1], [10, 20, 11], [5, 6, 4])))])
        found = store.floats(RUN, 1, **EVERYWHERE)
        assert (list(found.steps), list(found.times), list(found.values)) == ([1, 2], [4, 6], [11, 20])

    def test_the_last_write_of_a_step_wins_within_one_batch(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1, 2], [10, 20])), write(1, floats([0, 1], [0, 11])))])
        assert series(store) == {0: 0, 1: 11, 2: 20}

    def test_the_last_write_of_a_step_wins_across_batches_and_commits(self, store: PointStore) -> None:
        for seq in range(1, 30):
            store.commit(
                [
                    batch(2 * seq - 1, write(1, floats([1, seq], [seq, -1]))),
                    batch(2 * seq, write(1, floats([seq], [seq]))),
                ]
            )
            assert series(store)[seq] == seq
        reopened = self.reopen(store)
        assert series(reopened) == {seq: 29 if seq == 1 else seq for seq in range(1, 30)}

    def test_the_last_write_of_a_string_or_file_wins(self, store: PointStore) -> None:
        for seq in range(1, 20):
            store.commit(
                [batch(seq, write(1, strings([3, 1], [f"bar {seq}", "head"])), write(2, files([3], [f"{seq}.png"])))]
            )
        assert text(store) == ["head", "bar 19"]
        assert list(store.files(RUN, 2, **EVERYWHERE).values) == [file("19.png")]

    def test_minus_zero_and_zero_are_one_step(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([0.0], [1])))])
        store.commit([batch(2, write(1, floats([-0.0], [2])))])
        assert series(store) == {0.0: 2}

    # Ranges and limits

    def test_both_ends_of_a_range_are_included(self, store: PointStore) -> None:
        store.commit(
            [batch(1, write(1, floats([1, 2, 3, 4], [1, 2, 3, 4])), write(2, strings([1, 2, 3], ["a", "b", "c"])))]
        )
        assert list(store.floats(RUN, 1, first_step=2, last_step=3).steps) == [2, 3]
        assert list(store.floats(RUN, 1, first_step=2.5, last_step=2.6).steps) == []
        assert list(store.floats(RUN, 1, first_step=3, last_step=2).steps) == []
        assert list(store.strings(RUN, 2, first_step=2, last_step=9).values) == ["b", "c"]

    @pytest.mark.parametrize("limit", [0, 1, 3, 7, 60, 1_000])
    def test_a_limit_gives_the_first_points_or_the_last(self, store: PointStore, limit: int) -> None:
        for seq in range(1, 11):
            steps = [10 * seq + at for at in range(6)]
            store.commit(
                [
                    batch(
                        seq,
                        write(1, floats(steps, steps)),
                        write(2, strings(steps, [str(step) for step in steps])),
                        write(3, files(steps, [str(step) for step in steps])),
                    )
                ]
            )
        store.commit([batch(11, write(2, strings([10, 105, 12], ["10", "105", "12"])))])
        every = [10 * seq + at for seq in range(1, 11) for at in range(6)]
        names = [str(step) for step in every]
        assert list(store.floats(RUN, 1, **EVERYWHERE, limit=limit).steps) == every[:limit]
        before_55 = store.floats(RUN, 1, first_step=0, last_step=54, limit=limit, from_end=True)
        assert list(before_55.steps) == (every[:29][-limit:] if limit else [])
        assert list(store.strings(RUN, 2, **EVERYWHERE, limit=limit).values) == names[:limit]
        assert list(store.strings(RUN, 2, **EVERYWHERE, limit=limit, from_end=True).values) == (
            names[-limit:] if limit else []
        )
        until_54 = store.strings(RUN, 2, first_step=0, last_step=54, limit=limit, from_end=True)
        assert list(until_54.values) == (names[:29][-limit:] if limit else [])
        listed = store.files(RUN, 3, **EVERYWHERE, limit=limit, from_end=True)
        assert [each.filename for each in listed.values] == (names[-limit:] if limit else [])

    # Batches, writers and positions

    def test_a_batch_that_is_known_changes_nothing(self, store: PointStore) -> None:
        store.commit([batch(5, write(1, floats([1], [1])))])
        for seq in (5, 4, 1):
            store.commit([batch(seq, write(1, floats([1, 2], [9, 9])), drop(1))])
        assert series(store) == {1: 1}
        assert store.writer_seq(RUN, "w") == 5
        assert store.summaries([RUN], [1])[RUN, 1].count == 1

    def test_a_batch_twice_in_one_commit_is_applied_once(self, store: PointStore) -> None:
        store.commit([batch(1, write(1, floats([1], [1]))), batch(1, write(1, floats([1], [2])))])
        assert series(store) == {1: 1}

    def test_a_batch_that_is_known_changes_nothing_after_reopening(self, store: PointStore) -> None:
        store.commit([batch(3, write(1, floats([1], [1])))])
        reopened = self.reopen(store)
        assert reopened.writer_seq(RUN, "w") == 3
        reopened.commit([batch(3, write(1, floats([1], [2])))])
        assert series(reopened) == {1: 1}

    def test_each_writer_of_each_run_has_its_own_sequence(self, store: PointStore) -> None:
        store.commit([batch(7), batch(3, writer="other"), batch(2, run_id=OTHER_RUN)])
        assert store.writer_seq(RUN, "w") == 7
        assert store.writer_seq(RUN, "other") == 3
        assert store.writer_seq(OTHER_RUN, "w") == 2
        assert store.writer_seq(OTHER_RUN, "other") == 0

    def test_a_batch_without_writes_moves_the_position_and_the_sequence(self, store: PointStore) -> None:
        before = store.commit([batch(1)])
        assert store.commit([batch(2)]) > before
        assert store.writer_seq(RUN, "w") == 2

    def test_a_commit_of_nothing_changes_nothing(self, store: PointStore) -> None:
        position = store.commit([batch(1)])
        assert store.commit([]) == position == store.position()

    def test_the_position_grows_with_every_commit_and_across_restarts(self, store: PointStore) -> None:
        positions = [0]
        for seq in range(1, 9):
            positions.append(store.commit([batch(seq, write(1, floats([seq], [0])))]))
            assert store.position() == positions[-1]
            if seq % 2 == 0:
                store = self.reopen(store)
                assert store.position() == positions[-1]
        assert positions == sorted(set(positions))

    # The tail

    @staticmethod
    def _values(tail: Tail) -> list[object]:
        return [
            (each.attribute, list(each.points.steps), list(each.points.values))
            if isinstance(each, WritePoints)
            else "drop"
            for each in writes_apart(tail.writes)
        ]

    def test_the_tail_has_what_came_after_a_position_in_order_of_arrival(self, store: PointStore) -> None:
        first = store.commit([batch(1, write(1, floats([1], [1])))])
        store.commit([batch(1, write(1, floats([8], [8])), run_id=OTHER_RUN)])
        store.commit([batch(2, write(1, floats([3, 2], [3, 2])), write(2, strings([1], ["a"])))])
        store.commit([batch(3, drop(1), write(1, floats([2], [9])))])
        tail = store.tail(RUN, after=first)
        if tail is not None:
            assert tail.position == store.position()
            assert self._values(tail) == [(1, [3, 2], [3, 2]), (2, [1], ["a"]), "drop", (1, [2], [9])]

    def test_nothing_came_after_the_newest_position(self, store: PointStore) -> None:
        position = store.commit([batch(1, write(1, floats([1], [1])))])
        for run_id in (RUN, OTHER_RUN):
            tail = store.tail(run_id, after=position)
            assert tail in (None, Tail(position=position, writes=()))

    def test_the_tail_after_reopening_is_complete_or_none(self, store: PointStore) -> None:
        first = store.commit([batch(1, write(1, floats([1], [1])))])
        store.commit([batch(2, write(1, floats([2], [2])))])
        reopened = self.reopen(store)
        tail = reopened.tail(RUN, after=first)
        assert tail is None or self._values(tail) == [(1, [2], [2])]

    def test_there_is_no_tail_after_a_position_that_was_never_reached(self, store: PointStore) -> None:
        position = store.commit([batch(1)])
        assert store.tail(RUN, after=position + 1) is None

    # All of it together

    def test_everything_is_there_after_reopening(self, store: PointStore) -> None:
        for seq in range(1, 40):
            store.commit(
                [
                    batch(
                        seq,
                        write(1, floats([seq], [seq * 0.1])),
                        write(2, strings([seq], [f"line {seq}"])),
                        write(3, files([seq], [f"{seq}.png"])),
                    )
                ]
            )
            if seq % 13 == 0:
                store = self.reopen(store)
        store = self.reopen(store)
        assert series(store) == {seq: seq * 0.1 for seq in range(1, 40)}
        assert text(store, 2) == [f"line {seq}" for seq in range(1, 40)]
        assert [each.filename for each in store.files(RUN, 3, **EVERYWHERE).values] == [
            f"{n}.png" for n in range(1, 40)
        ]

    def test_readers_in_other_threads_see_whole_commits_and_never_less_than_before(self, store: PointStore) -> None:
        problems: list[str] = []
        done = threading.Event()

        def read() -> None:
            seen = 0
            while not done.is_set():
                found = store.floats(RUN, 1, **EVERYWHERE)
                count = len(found.steps)
                if count < seen or count % 50 or list(found.values) != list(range(count)):
                    problems.append(f"{count} points after {seen}")
                seen = count

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for seq in range(40):
            steps = list(range(50 * seq, 50 * seq + 50))
            halves = (write(1, floats(part, part)) for part in (steps[:25], steps[25:]))
            store.commit([batch(2 * seq + at, half) for at, half in enumerate(halves, start=1)])
        done.set()
        for reader in readers:
            reader.join(DEADLINE_S)
        assert problems == []
        assert len(series(store)) == 2_000

    def test_readers_in_other_threads_see_all_of_a_commit_that_replaces_points_or_none_of_it(
        self, store: PointStore
    ) -> None:
        problems: list[object] = []
        done = threading.Event()

        def read() -> None:
            newest = 0.0
            while not done.is_set():
                values = set(store.floats(RUN, 1, **EVERYWHERE).values)
                if len(values) > 1 or min(values, default=newest) < newest:
                    problems.append((newest, values))
                newest = min(values, default=newest)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for seq in range(1, 81):
            # Every other commit drops the series first, so that older blocks must be hidden in the same moment.
            drops = [drop(1)] if seq % 2 else []
            store.commit([batch(seq, *drops, write(1, floats(list(range(10)), [seq] * 10)))])
        done.set()
        for reader in readers:
            reader.join(DEADLINE_S)
        assert problems == []
        assert series(store) == {float(step): 80 for step in range(10)}
