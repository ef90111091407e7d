"""Old series are thinned: ends and extremes stay, statistics tell what was logged, nothing else moves."""

from __future__ import annotations

import itertools
import math
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from marigram.model import Ancestor
from marigram.server.store.points.embedded import CorruptRowError, EmbeddedPointStore
from marigram.server.store.points.embedded.block import BlockStyle
from marigram.server.store.points.embedded.checking import check_points
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.flushing import MERGE_GENERATIONS
from marigram.server.store.points.embedded.thinning import thinnable
from marigram.testing.point_builders import (
    EVERYWHERE,
    OTHER_RUN,
    RUN,
    batch,
    cut,
    floats,
    series,
    strings,
    text,
    write,
)

Open = Callable[..., EmbeddedPointStore]
LONG = 5_000
MOST = 200
STYLE = BlockStyle(points=700)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "points.db"


@pytest.fixture
def open_store(path: Path) -> Iterator[Open]:
    opened: list[EmbeddedPointStore] = []

    def opening() -> EmbeddedPointStore:
        store = EmbeddedPointStore(path, style=STYLE)
        opened.append(store)
        store.start()
        return store

    yield opening
    for store in opened:
        store.close()


def never(_: float) -> bool:
    return False


def thin(store: EmbeddedPointStore, run_id: str = RUN, points: int = MOST, after_step: float = -math.inf) -> int:
    return store.thinner.thin(run_id, points=points, after_step=after_step, rest=never)


def noise(seed: int, count: int = LONG) -> list[float]:
    return np.random.default_rng(seed).normal(size=count).tolist()


def fill(store: EmbeddedPointStore) -> dict[float, float]:
    """Write a long series with two others beside it, in blocks that overlap; return what the long one shows."""
    expected: dict[float, float] = {}
    for seq, (start, values) in enumerate([(0, noise(1)), (LONG, noise(2)), (LONG // 2, noise(3, LONG // 4))], 1):
        steps = [float(start + at) for at in range(len(values))]
        expected.update(zip(steps, values, strict=True))
        store.commit(
            [
                batch(
                    seq,
                    write(1, floats(steps, values)),
                    write(2, floats(range(seq * 50), noise(seq, seq * 50))),
                    write(3, strings([seq], [str(seq)])),
                ),
                batch(seq, write(1, floats(steps, values)), run_id=OTHER_RUN),
            ]
        )
        store.flush()
    return expected


def tell(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def ask(path: Path, question: str) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchall()


def test_a_long_series_keeps_its_ends_and_extremes_and_all_else_stays_as_it_is(open_store: Open, path: Path) -> None:
    store = open_store()
    before = fill(store)
    short, other = series(store, 2), series(store, 1, OTHER_RUN)
    summaries = store.summaries([RUN, OTHER_RUN], [1, 2, 3])
    tally = store.tally(RUN, "w")
    gone = thin(store)
    after = series(store)
    assert gone >= len(before) - len(after)
    assert MOST // 4 < len(after) <= MOST
    assert after.items() <= before.items()
    assert (min(after), max(after)) == (min(before), max(before))
    assert (min(after.values()), max(after.values())) == (min(before.values()), max(before.values()))
    assert (series(store, 2), series(store, 1, OTHER_RUN), text(store, 3)) == (short, other, ["1", "2", "3"])
    assert store.summaries([RUN, OTHER_RUN], [1, 2, 3]) == summaries
    assert (store.writer_seq(RUN, "w"), store.tally(RUN, "w")) == (3, tally)
    store.close()
    again = open_store()
    assert series(again) == after
    assert again.summaries([RUN, OTHER_RUN], [1, 2, 3]) == summaries
    with closing(sqlite3.connect(path)) as connection:
        report = check_points(connection, thorough=True, tell=lambda *_: None)
    assert (report.pages, report.faults, report.rollups) == ([], [], set())


def test_a_chart_of_a_thinned_series_shows_the_same_ends_and_extremes(open_store: Open) -> None:
    store = open_store()
    fill(store)
    before = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=8)
    thin(store)
    after = store.downsample(RUN, 1, **EVERYWHERE, max_buckets=8)
    for name in ("step_first", "step_last", "time_first", "time_last", "first", "last", "min", "max"):
        assert list(getattr(after, name)) == list(getattr(before, name))


def test_a_run_that_is_thinned_is_not_looked_at_again_until_it_gets_more(open_store: Open) -> None:
    store = open_store()
    fill(store)
    assert set(store.thinner.candidates(MOST)) == {RUN, OTHER_RUN}
    thin(store)
    after = series(store)
    assert store.thinner.candidates(MOST) == [OTHER_RUN]
    assert store.thinner.candidates(2 * LONG + 2_000) == []
    assert thin(store) == 0
    assert series(store) == after
    assert set(store.thinner.candidates(MOST - 50)) == {RUN, OTHER_RUN}
    store.commit([batch(4, write(1, floats([1e6], [1])))])
    store.flush()
    assert set(store.thinner.candidates(MOST)) == {RUN, OTHER_RUN}
    thin(store)
    assert series(store).keys() >= {0.0, 1e6}


def test_points_in_memory_are_moved_to_blocks_and_thinned_too(open_store: Open) -> None:
    store = open_store()
    store.commit([batch(1, write(1, floats(range(LONG), noise(1))))])
    assert thin(store) > LONG - MOST - 1
    assert len(series(store)) <= MOST


def test_points_up_to_a_step_can_be_left_alone(open_store: Open) -> None:
    store = open_store()
    before = fill(store)
    thin(store, after_step=1_000.0)
    after = series(store)
    assert {step: value for step, value in after.items() if step <= 1_000} == {
        step: value for step, value in before.items() if step <= 1_000
    }
    assert len(after) <= 1_001 + MOST


def test_what_was_replaced_or_cut_off_does_not_come_back(open_store: Open) -> None:
    store = open_store()
    steps = list(range(LONG))
    for seq in range(1, 4):
        store.commit([batch(seq, write(1, floats(steps, [float(seq)] * LONG)))])
        store.flush()
    store.commit([batch(4, cut(1, LONG // 2))])
    store.flush()
    before = series(store)
    thin(store)
    after = series(store)
    assert set(after.values()) == {3.0}
    assert after.items() <= before.items()
    assert max(after) == LONG // 2


def test_statistics_that_are_out_of_date_are_made_anew_before(open_store: Open) -> None:
    store = open_store()
    store.commit([batch(1, write(1, floats(range(LONG), noise(1))))])
    store.commit([batch(2, write(1, floats(range(-LONG, 0), noise(2))))])
    store.flush()
    thin(store)
    summary = store.summaries([RUN], [1])[RUN, 1]
    values = np.array([*noise(1), *noise(2)])
    assert (summary.count, summary.min, summary.max) == (2 * LONG, values.min(), values.max())
    assert summary.mean == pytest.approx(values.mean())


def test_a_run_that_is_written_to_meanwhile_is_left_alone(open_store: Open) -> None:
    store = open_store()
    before = fill(store)
    seqs = itertools.count(4)

    def write_more(_: float) -> bool:
        seq = next(seqs)
        store.commit([batch(seq, write(1, floats([1e6 + seq], [1.0])))])
        return False

    assert store.thinner.thin(RUN, points=MOST, rest=write_more) == 0
    assert before.items() <= series(store).items()
    assert RUN in store.thinner.candidates(MOST)
    thin(store)
    assert len(series(store)) <= MOST


def test_a_run_that_is_deleted_meanwhile_stays_deleted(open_store: Open, path: Path) -> None:
    store = open_store()
    fill(store)

    def delete(_: float) -> bool:
        store.delete_run(RUN)
        return False

    store.thinner.thin(RUN, points=MOST, rest=delete)
    assert store.wait_for_room(timeout_s=30)
    assert series(store) == {}
    assert ask(path, "SELECT count(*) FROM thinned") == [(0,)]


@pytest.mark.parametrize("slices", range(0, 24, 3))
def test_where_it_is_stopped_the_ends_and_extremes_are_there_and_it_can_go_on(open_store: Open, slices: int) -> None:
    store = open_store()
    before = fill(store)
    left = iter([False] * slices)
    store.thinner.thin(RUN, points=MOST, rest=lambda _: next(left, True))
    for _ in range(2):
        after = series(store)
        assert after.items() <= before.items()
        assert (min(after), max(after)) == (min(before), max(before))
        assert (min(after.values()), max(after.values())) == (min(before.values()), max(before.values()))
        thin(store)
    assert len(series(store)) <= MOST


def test_small_blocks_are_merged_and_the_room_is_given_back(open_store: Open, path: Path) -> None:
    store = open_store()
    for seq in range(1, MERGE_GENERATIONS):
        steps = range(seq * 100_000, seq * 100_000 + 100_000)
        store.commit([batch(seq, write(1, floats(steps, noise(seq, 100_000))))])
        store.flush()
    blocks = ask(path, "SELECT count(*) FROM block")[0][0]
    pages = ask(path, "PRAGMA page_count")[0][0]
    estimate = thinnable(Readers(path), RUN, MOST)
    gone = thin(store)
    assert store.wait_for_room(timeout_s=30)
    assert ask(path, "PRAGMA page_count")[0][0] < pages / 4
    assert ask(path, "SELECT count(*) FROM block")[0][0] < blocks / 4
    assert estimate.points <= gone <= estimate.points + MOST
    assert estimate.bytes > 0
    assert thinnable(Readers(path), RUN, MOST).points == 0


def test_a_fork_inherits_what_a_thinned_run_kept(open_store: Open) -> None:
    store = open_store()
    fill(store)
    thin(store)
    line = [Ancestor(run_id=RUN, last_step=3_000.0)]
    inherited = store.floats("c" * 32, 1, **EVERYWHERE, ancestors=line)
    assert list(inherited.steps) == [step for step in series(store) if step <= 3_000]


def test_a_damaged_block_is_named_and_its_run_left_alone(open_store: Open, path: Path) -> None:
    store = open_store()
    fill(store)
    of_other = f"SELECT max(block.number) FROM block JOIN run ON run.number = run WHERE run_id = '{OTHER_RUN}'"
    tell(path, f"UPDATE block SET body = zeroblob(100) WHERE number = ({of_other})")
    blocks = ask(path, "SELECT count(*) FROM block JOIN run ON run.number = run WHERE run_id LIKE 'b%'")
    with pytest.raises(CorruptRowError, match="is damaged"):
        thin(store, OTHER_RUN)
    assert ask(path, "SELECT count(*) FROM block JOIN run ON run.number = run WHERE run_id LIKE 'b%'") == blocks
    assert thin(store) > 0


def test_too_few_points_are_refused(open_store: Open) -> None:
    with pytest.raises(ValueError, match="Keep at least 100"):
        thin(open_store(), points=99)


def test_an_unknown_run_is_passed_over(open_store: Open) -> None:
    assert thin(open_store()) == 0
