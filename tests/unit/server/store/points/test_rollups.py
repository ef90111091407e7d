"""Where charts come from: rollups that are stored with blocks, the blocks themselves, and files of older formats."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.embedded import CorruptRowError, EmbeddedPointStore
from marigram.testing.point_builders import (
    EVERYWHERE,
    RUN,
    batch,
    cut,
    drop,
    floats,
    series,
    write,
)
from waiting import wait_until

Open = Callable[[], EmbeddedPointStore]
STORED = Path(__file__).parents[4] / "stored"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "points.db"


@pytest.fixture
def open_store(path: Path) -> Iterator[Open]:
    opened: list[EmbeddedPointStore] = []

    def opening() -> EmbeddedPointStore:
        store = EmbeddedPointStore(path)
        opened.append(store)
        store.start()
        return store

    yield opening
    for store in opened:
        store.close()


def ask(path: Path, question: str) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchall()


def tell(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def log(store: EmbeddedPointStore, seq: int, first: int, count: int, attribute: int = 1) -> None:
    steps = list(range(first, first + count))
    store.commit([batch(seq, write(attribute, floats(steps, [step * 0.5 for step in steps])))])


def whole(store: EmbeddedPointStore, most: int = 10) -> BucketColumns:
    return store.downsample(RUN, 1, **EVERYWHERE, max_buckets=most)


def assert_all(found: BucketColumns, count: int) -> None:
    assert int(found.count.sum()) == count
    assert float(found.max.max()) == (count - 1) * 0.5


def test_a_flush_writes_rollups_of_long_series_at_several_levels(open_store: Open, path: Path) -> None:
    store = open_store()
    log(store, 1, 0, 20_000)
    log(store, 2, 0, 50, attribute=2)
    store.flush()
    assert ask(path, "SELECT block, attribute, exponent, levels, points FROM rollup") == [(1, 1, 7, 3, 20_000)]
    assert ask(path, "SELECT level, block, attribute FROM rollup_cells ORDER BY level") == [
        (0, 1, 1),
        (1, 1, 1),
        (2, 1, 1),
    ]


def test_a_chart_of_a_whole_series_needs_no_block(open_store: Open, path: Path) -> None:
    store = open_store()
    log(store, 1, 0, 20_000)
    store.flush()
    tell(path, "UPDATE block SET crc = 0")
    assert_all(whole(store), 20_000)
    assert_all(whole(store, 150), 20_000)
    with pytest.raises(CorruptRowError):
        whole(store, 1_000)


def test_a_range_needs_only_the_blocks_at_its_ends(open_store: Open, path: Path) -> None:
    store = open_store()
    for seq in range(1, 6):
        log(store, seq, 10_000 * seq, 10_000)
        store.flush()
    tell(path, "UPDATE block SET crc = 0 WHERE number = 3")
    found = store.downsample(RUN, 1, first_step=15_000, last_step=54_321, max_buckets=20)
    assert int(found.count.sum()) == 39_322
    assert (found.step_first[0], found.step_last[-1]) == (15_000, 54_321)


def test_points_that_come_late_are_looked_for_where_they_are(open_store: Open) -> None:
    store = open_store()
    log(store, 1, 0, 20_000)
    log(store, 2, 20_000, 20_000)
    store.flush()
    store.commit([batch(3, write(1, floats([70, 70.5], [-9.0, 1e9])))])
    for _ in range(2):
        found = whole(store)
        assert (int(found.count.sum()), float(found.min.min()), float(found.max.max())) == (40_001, -9.0, 1e9)
        store.flush()


def test_a_damaged_rollup_is_as_good_as_none(open_store: Open, path: Path) -> None:
    store = open_store()
    log(store, 1, 0, 20_000)
    store.flush()
    tell(path, "UPDATE rollup_cells SET body = CAST(substr(body, 1, 9) || x'00' || substr(body, 11) AS BLOB)")
    assert_all(whole(store), 20_000)
    tell(path, "UPDATE rollup_cells SET crc = 0, shape = x'', time_base = 7")
    assert_all(whole(store), 20_000)


def test_rollups_go_with_their_blocks(open_store: Open, path: Path) -> None:
    store = open_store()
    log(store, 1, 0, 20_000)
    store.flush()
    store.commit([batch(2, drop(1))])
    store.flush()
    assert ask(path, "SELECT (SELECT count(*) FROM rollup), (SELECT count(*) FROM rollup_cells)") == [(0, 0)]
    log(store, 3, 0, 20_000)
    store.flush()
    store.delete_run(RUN)
    wait_until(lambda: ask(path, "SELECT count(*) FROM rollup_cells") == [(0,)], "the rollups are gone")


def test_merged_blocks_have_rollups_of_their_own(open_store: Open, path: Path) -> None:
    store = open_store()
    for seq in range(8):
        log(store, seq + 1, 300 * seq, 300)
        store.flush()
    wait_until(lambda: ask(path, "SELECT lvl, points FROM block") == [(1, 2_400)], "one block")
    assert ask(path, "SELECT points, levels FROM rollup") == [(2_400, 2)]
    assert_all(whole(store), 2_400)


def test_a_cut_and_a_drop_hide_what_rollups_hold(open_store: Open) -> None:
    store = open_store()
    log(store, 1, 0, 20_000)
    store.flush()
    store.commit([batch(2, cut(1, 12_345))])
    assert_all(whole(store), 12_346)
    store.flush()
    assert_all(whole(store), 12_346)
    store.commit([batch(3, drop(1))])
    assert int(whole(store).count.sum()) == 0


def test_the_same_question_is_answered_anew_when_points_have_come(open_store: Open) -> None:
    store = open_store()
    for seq in range(1, 6):
        log(store, seq, 2_000 * (seq - 1), 2_000)
        assert_all(whole(store), 2_000 * seq)
        assert_all(whole(store), 2_000 * seq)
        store.flush()
        assert_all(whole(store), 2_000 * seq)


def test_many_series_are_answered_in_the_order_asked_for(open_store: Open) -> None:
    store = open_store()
    for attribute in range(1, 30):
        log(store, attribute, attribute, 100 * attribute, attribute)
    store.flush()
    asked = [(RUN, attribute) for attribute in (7, 29, 3, 7, 99)]
    found = store.downsample_many(asked, **EVERYWHERE, max_buckets=64)
    assert [int(each.count.sum()) for each in found] == [700, 2_900, 300, 700, 0]


def test_blocks_of_an_older_format_are_decoded_and_get_rollups_when_they_are_merged(
    path: Path, open_store: Open
) -> None:
    shutil.copyfile(STORED / "points" / "3.db", path)
    store = open_store()
    before = len(series(store))
    assert before > 700
    assert ask(path, "SELECT count(*) FROM rollup") == [(0,)]
    for seq in range(10, 19):
        assert int(whole(store).count.sum()) == before + seq - 10
        store.commit([batch(seq, write(1, floats([5_000 + seq], [seq])))])
        store.flush()
    wait_until(lambda: ask(path, "SELECT count(*) FROM rollup") != [(0,)], "a merge")
    found = whole(store)
    assert (int(found.count.sum()), float(found.max.max())) == (before + 9, 349.0)


def stretch(store: EmbeddedPointStore, first: float, last: float, most: int = 500) -> BucketColumns:
    return store.downsample(RUN, 1, first_step=first, last_step=last, max_buckets=most)


def test_a_stretch_that_was_looked_at_is_looked_at_again_without_its_block(open_store: Open, path: Path) -> None:
    store = open_store()
    log(store, 1, 0, 60_000)
    store.flush()
    before = stretch(store, 20_000.5, 40_000.5)
    tell(path, "UPDATE block SET body = x'00'")
    shifted, wider = stretch(store, 20_100.5, 40_100.5), stretch(store, 20_000.5, 40_000.5, 300)
    assert (int(before.count.sum()), before.count.max()) == (20_000, 64)
    assert (int(shifted.count.sum()), shifted.step_first[0], shifted.step_last[-1]) == (20_000, 20_101, 40_100)
    assert (int(wider.count.sum()), wider.count.max()) == (20_000, 128)
    with pytest.raises(CorruptRowError):
        stretch(store, 50_000.5, 59_000.5)
    store.close()
    with pytest.raises(CorruptRowError):
        stretch(open_store(), 20_000.5, 40_000.5)


def test_a_stretch_grows_to_both_sides_of_what_was_looked_at(open_store: Open) -> None:
    store = open_store()
    log(store, 1, 0, 60_000)
    store.flush()
    for first, last in ((30_000, 31_000), (20_000, 32_000), (25_000, 50_000), (58_000, 70_000), (-5, 3_000)):
        found = stretch(store, first, last, 400)
        expected = [step * 0.5 for step in range(max(first, 0), min(last, 59_999) + 1)]
        assert int(found.count.sum()) == len(expected)
        assert (float(found.min.min()), float(found.max.max())) == (expected[0], expected[-1])
