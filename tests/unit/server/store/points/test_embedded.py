"""What the embedded engine does beyond the port: flushes, merges, repairs, and damage that it must not hide."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest

from marigram.model import Kind
from marigram.server.store.points.embedded import CorruptRowError, EmbeddedPointStore, UnknownFormatError, connections
from marigram.server.store.points.embedded.columns import Columns, objects
from marigram.server.store.points.embedded.statistics import state_of
from marigram.testing.point_builders import (
    EVERYWHERE,
    RUN,
    batch,
    cut,
    drop,
    floats,
    series,
    strings,
    text,
    write,
)
from waiting import wait_until

Open = Callable[..., EmbeddedPointStore]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "points.db"


@pytest.fixture
def open_store(path: Path) -> Iterator[Open]:
    opened: list[EmbeddedPointStore] = []

    def opening(**arguments: int) -> EmbeddedPointStore:
        store = EmbeddedPointStore(path, **arguments)  # pyright: ignore[reportArgumentType] numbers alone are given
        opened.append(store)
        store.start()
        return store

    yield opening
    for store in opened:
        store.close()


def ask(path: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchall()


def tell(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_a_flush_moves_points_from_the_log_to_blocks(open_store: Open, path: Path) -> None:
    store = open_store()
    position = store.commit([batch(1, write(1, floats([1, 2], [3, 4])))])
    assert ask(path, "SELECT count(*) FROM wal") == [(1,)]
    store.flush()
    assert ask(path, "SELECT count(*) FROM wal") == [(0,)]
    assert ask(path, "SELECT flushed FROM progress") == [(position,)]
    assert ask(path, "SELECT points, lvl, attribute_first, step_first, step_last FROM block") == [(2, 0, 1, 1, 2)]


def test_a_large_generation_is_flushed_without_being_asked_to(open_store: Open, path: Path) -> None:
    store = open_store(flush_points=10)
    store.commit([batch(1, write(1, floats(list(range(10)), list(range(10)))))])
    wait_until(lambda: ask(path, "SELECT count(*) FROM block") == [(1,)], "one block")


def test_much_text_is_flushed_though_its_points_are_few(open_store: Open, path: Path) -> None:
    store = open_store(flush_bytes=100_000)
    store.commit([batch(1, write(1, strings([1], ["x" * 100_000])))])
    wait_until(lambda: ask(path, "SELECT count(*) FROM block") == [(1,)], "one block")


def test_small_blocks_are_merged(open_store: Open, path: Path) -> None:
    store = open_store()
    for seq in range(1, 65):
        store.commit([batch(seq, write(1, floats([seq, 0], [seq, seq])), write(2, strings([seq], [str(seq)])))])
        store.flush()
    wait_until(lambda: ask(path, "SELECT kind, lvl, points FROM block ORDER BY kind") == [
        ("float_series", 2, 65),
        ("string_series", 2, 64),
    ], "one block per kind")  # fmt: skip
    assert series(store) == {0: 64, **{seq: seq for seq in range(1, 65)}}
    assert text(store, 2) == [str(seq) for seq in range(1, 65)]


def test_merging_leaves_out_what_was_dropped(open_store: Open, path: Path) -> None:
    store = open_store()
    for seq in range(1, 9):
        drops = [drop(1)] if seq == 5 else []
        store.commit([batch(seq, *drops, write(1, floats([seq], [seq])), write(2, floats([seq], [seq])))])
        store.flush()
    wait_until(lambda: ask(path, "SELECT lvl, points FROM block") == [(1, 12)], "one block of the twelve points")
    assert list(series(store, 1)) == [5, 6, 7, 8]
    assert len(series(store, 2)) == 8


def test_blocks_of_a_dropped_series_alone_are_removed(open_store: Open, path: Path) -> None:
    store = open_store()
    store.commit([batch(1, write(1, floats([1], [1])))])
    store.flush()
    store.commit([batch(2, drop(1))])
    store.flush()
    assert ask(path, "SELECT count(*) FROM block") == [(0,)]


def test_a_run_that_is_deleted_leaves_no_rows(open_store: Open, path: Path) -> None:
    store = open_store()
    store.commit([batch(1, write(1, floats([1], [1])))])
    store.flush()
    store.commit([batch(2, drop(1), write(1, floats([1], [1])))])
    store.delete_run(RUN)
    store.flush()
    assert store.wait_for_room(timeout_s=60)
    for table in ("block", "wal", "writer", "series", "dropped", "run"):
        assert ask(path, f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_run_that_is_deleted_while_it_is_flushed_does_not_come_back(open_store: Open, path: Path) -> None:
    store = open_store(flush_points=1)
    for seq in range(1, 30):
        store.commit([batch(seq, write(1, floats(list(range(500)), [seq] * 500)))])
        store.delete_run(RUN)
    store.flush()
    assert store.wait_for_room(timeout_s=60)
    assert ask(path, "SELECT count(*) FROM block") == [(0,)]
    assert series(store) == {}


def test_the_tail_stays_at_hand_when_points_are_flushed(open_store: Open) -> None:
    store = open_store()
    first = store.commit([batch(1, write(1, floats([1], [1])))])
    store.commit([batch(2, write(1, floats([2], [2])))])
    store.flush()
    tail = store.tail(RUN, after=first)
    assert tail is not None
    assert len(tail.writes) == 1


def test_the_tail_is_not_at_hand_beyond_its_window(open_store: Open) -> None:
    store = open_store(recent_points=5)
    positions = [store.commit([batch(seq, write(1, floats([seq, seq + 0.5], [1, 2])))]) for seq in range(1, 9)]
    assert store.tail(RUN, after=positions[-4]) is None
    tail = store.tail(RUN, after=positions[-3])
    assert tail is not None
    assert len(tail.writes) == 2


def test_stale_statistics_are_made_once_and_kept(open_store: Open, path: Path) -> None:
    store = open_store()
    store.commit([batch(1, write(1, floats([5, 6], [5, 6])))])
    assert store.summaries([RUN], [1])[RUN, 1].mean == 5.5
    store.commit([batch(2, write(1, floats([1], [1])))])
    before = ask(path, "SELECT state FROM series")
    assert store.summaries([RUN], [1])[RUN, 1].mean == 4
    kept = ask(path, "SELECT state FROM series")
    assert kept != before
    store.commit([batch(3, write(1, floats([7], [8])))])
    assert store.summaries([RUN], [1])[RUN, 1].mean == 5
    assert store.summaries([RUN], [1])[RUN, 1].count == 4


def test_statistics_that_are_ahead_of_the_log_count_nothing_twice(open_store: Open, path: Path) -> None:
    """So files of format 3 are: each commit saved the statistics too."""
    store = open_store()
    store.commit([batch(1, write(1, floats([1, 2], [1, 2])), write(2, strings([1], ["a"])))])
    position = store.commit([batch(2, write(1, floats([3], [3])), write(2, strings([2], ["b"])))])
    store.close()
    own = np.array([1.0, 2.0, 3.0])
    lines = Columns(own[:2], np.zeros(2, dtype=np.int64), objects(["a", "b"]))
    floats_state = state_of(1, Kind.FLOAT_SERIES, Columns(own, own.astype(np.int64), own), position)
    with closing(sqlite3.connect(path)) as connection, connection:
        for state in (floats_state, state_of(2, Kind.STRING_SERIES, lines, position)):
            row = 1, 1 if state is floats_state else 2, msgspec.msgpack.encode(state)
            connection.execute("INSERT INTO series (run, attribute, state) VALUES (?, ?, ?)", row)
    again = open_store()
    again.commit([batch(3, write(1, floats([4], [4])), write(2, strings([3], ["c"])))])
    found = again.summaries([RUN], [1, 2])
    assert [(found[RUN, each].count, found[RUN, each].last) for each in (1, 2)] == [(4, 4.0), (3, "c")]


def test_statistics_are_saved_by_a_flush_and_read_back(open_store: Open, path: Path) -> None:
    store = open_store()
    store.commit([batch(1, write(1, floats([1, 2], [1, 2])), write(2, strings([1], ["a"])))])
    assert ask(path, "SELECT count(*) FROM series") == [(0,)]
    store.flush()
    assert ask(path, "SELECT count(*) FROM series") == [(2,)]
    store.commit([batch(2, write(1, floats([3], [6])), drop(2))])
    expected = store.summaries([RUN], [1, 2])
    store.close()
    again = open_store()
    assert again.summaries([RUN], [1, 2]) == expected
    assert (expected[RUN, 1].mean, len(expected)) == (3, 1)


def test_a_damaged_block_is_named_and_the_others_are_read(open_store: Open, path: Path) -> None:
    store = open_store()
    for seq in (1, 2):
        store.commit([batch(seq, write(seq, floats(list(range(100)), [0.5] * 100)))])
        store.flush()
    tell(
        path, "UPDATE block SET body = CAST(substr(body, 1, 40) || x'00' || substr(body, 42) AS BLOB) WHERE number = 1"
    )
    with pytest.raises(CorruptRowError, match="Row 1 of the table 'block'"):
        store.floats(RUN, 1, **EVERYWHERE)
    assert len(series(store, 2)) == 100
    assert [store.values_at([RUN, "f" * 32], each, [9.0, 9.0]).there.tolist() for each in (1, 2)] == [
        [False, False],
        [True, False],
    ]


@pytest.mark.parametrize("kept", [0, 1, 5, 30, 60])
def test_a_block_that_is_cut_short_is_named_even_if_its_checksum_was_made_anew(
    open_store: Open, path: Path, kept: int
) -> None:
    store = open_store()
    store.commit([batch(1, write(1, floats(list(range(100)), np.random.default_rng(1).normal(size=100).tolist())))])
    store.flush()
    (body,) = ask(path, "SELECT body FROM block")[0]
    assert isinstance(body, bytes)
    crc = zlib.crc32(body[:kept])
    tell(path, f"UPDATE block SET body = CAST(substr(body, 1, {kept}) AS BLOB), crc = {crc}")
    with pytest.raises(CorruptRowError, match="Row 1 of the table 'block'"):
        store.floats(RUN, 1, **EVERYWHERE)


def test_a_damaged_row_of_the_log_stops_the_start_and_is_named(path: Path, open_store: Open) -> None:
    store = open_store()
    store.commit([batch(1, write(1, floats([1], [1]))), batch(2, write(1, floats([2], [2])))])
    store.close()
    tell(path, "UPDATE wal SET body = CAST('x' || substr(body, 2) AS BLOB) WHERE position = 2")
    with pytest.raises(CorruptRowError, match="Row 2 of the table 'wal'"):
        open_store()
    tell(path, "DELETE FROM wal WHERE position = 2")
    assert series(open_store()) == {1: 1}


def test_a_limited_read_decodes_only_the_blocks_that_it_needs(open_store: Open, path: Path) -> None:
    store = open_store()
    for seq in range(1, 6):
        store.commit([batch(seq, write(1, strings([seq], [str(seq)])))])
        store.flush()
    tell(path, "UPDATE block SET crc = 0 WHERE number = 3")
    assert list(store.strings(RUN, 1, **EVERYWHERE, limit=2).values) == ["1", "2"]
    assert list(store.strings(RUN, 1, **EVERYWHERE, limit=2, from_end=True).values) == ["4", "5"]
    with pytest.raises(CorruptRowError):
        text(store)


def test_a_file_of_something_else_is_left_alone(path: Path, open_store: Open) -> None:
    tell(path, "CREATE TABLE theirs (x)")
    with pytest.raises(UnknownFormatError, match="not a points file"):
        open_store()
    assert ask(path, "SELECT name FROM sqlite_schema") == [("theirs",)]


def test_a_file_of_before_series_could_be_cut_is_read_and_gets_the_table(path: Path, open_store: Open) -> None:
    store = open_store()
    store.commit([batch(1, write(1, floats([1, 2], [10, 20])))])
    store.flush()
    store.commit([batch(2, write(1, floats([3], [30])))])
    store.close()
    first = Path(connections.__file__).with_name("schema.sql").read_text(encoding="utf-8")
    for (table,) in ask(path, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"):
        if f"CREATE TABLE {table} " not in first:
            tell(path, f"DROP TABLE {table}")
    tell(path, "DROP TRIGGER rollup_goes_with_its_block")
    tell(path, "PRAGMA user_version = 1")
    store = open_store()
    assert series(store) == {1: 10, 2: 20, 3: 30}
    store.commit([batch(3, cut(1, 1))])
    store.flush()
    assert series(store) == {1: 10}
    assert ask(path, "PRAGMA user_version") != [(1,)]


def test_blocks_that_are_merged_stay_cut_where_they_were(path: Path, open_store: Open) -> None:
    store = open_store()
    for seq in range(1, 20):
        write_or_cut = cut(1, 2.5) if seq == 5 else write(1, floats([seq], [seq]))
        store.commit([batch(seq, write_or_cut)])
        store.flush()
    wait_until(lambda: ask(path, "SELECT count(*) FROM block WHERE lvl > 0") != [(0,)], "a merge")
    expected = {seq: seq for seq in (1, 2, *range(6, 20))}
    assert series(store) == expected
    store.close()
    assert series(open_store()) == expected


def test_a_file_of_a_later_version_is_left_alone(path: Path, open_store: Open) -> None:
    open_store().close()
    tell(path, "PRAGMA user_version = 99")
    with pytest.raises(UnknownFormatError, match="newer Marigram"):
        open_store()


def test_a_store_that_is_not_started_says_so(path: Path) -> None:
    with pytest.raises(RuntimeError, match="start"):
        EmbeddedPointStore(path).commit([batch(1)])


def test_half_a_surrogate_pair_is_refused_and_nothing_is_applied(open_store: Open) -> None:
    store = open_store()
    with pytest.raises(UnicodeEncodeError):
        store.commit([batch(1, write(1, floats([1], [1]))), batch(2, write(2, strings([1], ["\ud800"])))])
    assert (store.position(), store.writer_seq(RUN, "w"), series(store)) == (0, 0, {})
    store.commit([batch(1, write(1, floats([1], [1])))])
    assert store.summaries([RUN], [1])[RUN, 1].count == 1


FILLING = """
import resource, sys
from pathlib import Path
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.testing.point_builders import RUN, batch, floats, series, write
import numpy as np

store = EmbeddedPointStore(Path(sys.argv[1]), flush_points=20_000)
store.start()
store.commit([batch(1, write(1, floats([0], [0])))])
unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, unlimited[1]))
random = np.random.default_rng(1)
seq = 1
try:
    while True:
        seq += 1
        steps = np.arange(5_000.0) + 5_000 * seq
        store.commit([batch(seq, write(1, floats(steps.tolist(), random.normal(size=5_000).tolist())))])
except OSError as error:
    print(error)
assert store.writer_seq(RUN, "w") == seq - 1
count = 1 + 5_000 * (seq - 2)
assert len(series(store)) == count
assert store.summaries([RUN], [1])[RUN, 1].count == count
resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
store.commit([batch(seq, write(2, floats([1], [1])))])
assert store.summaries([RUN], [1, 2])[RUN, 1].count == count
assert store.summaries([RUN], [1, 2])[RUN, 2].count == 1
store.close()
print("refused", seq)
"""


def test_a_full_disk_refuses_a_commit_loses_nothing_and_goes_on_when_there_is_room(
    path: Path, open_store: Open
) -> None:
    child = subprocess.run([sys.executable, "-c", FILLING, str(path)], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    said = child.stdout.split("\n")
    assert "Make room on the disk" in said[0]
    refused = int(said[1].removeprefix("refused "))
    store = open_store()
    assert store.writer_seq(RUN, "w") == refused
    assert len(series(store)) == 1 + 5_000 * (refused - 2)


def test_reads_from_many_threads_share_a_few_connections(open_store: Open) -> None:
    store = open_store(flush_points=50)
    for seq in range(1, 20):
        store.commit([batch(seq, write(1, floats(list(range(seq, seq + 20)), [seq] * 20)))])
    counts: list[int] = []

    def read() -> None:
        counts.extend(len(series(store)) for _ in range(20))

    threads = [threading.Thread(target=read) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert counts == [38] * 320


WITHOUT_PCODEC = """
import sys
sys.modules["pcodec"] = None
from pathlib import Path
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.testing.point_builders import RUN, EVERYWHERE, batch, floats, series, write

store = EmbeddedPointStore(Path(sys.argv[1]))
store.start()
store.commit([batch(2, write(2, floats(list(range(1_000)), [0.1] * 1_000)))])
store.flush()
assert series(store, 2) == {float(step): 0.1 for step in range(1_000)}
try:
    series(store, 1)
except ModuleNotFoundError as error:
    print(error)
store.close()
"""


def test_without_pcodec_points_are_written_otherwise_and_its_blocks_say_what_to_install(
    path: Path, open_store: Open
) -> None:
    store = open_store()
    store.commit([batch(1, write(1, floats(list(range(1_000)), [0.5] * 1_000)))])
    store.flush()
    store.close()
    child = subprocess.run(
        [sys.executable, "-c", WITHOUT_PCODEC, str(path)], capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stderr
    assert "pip install pcodec" in child.stdout
    reopened = open_store()
    assert series(reopened, 1) == {float(step): 0.5 for step in range(1_000)}
    assert series(reopened, 2) == {float(step): 0.1 for step in range(1_000)}
