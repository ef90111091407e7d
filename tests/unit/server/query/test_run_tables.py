"""The runs tables in memory: bounded, right beside commits on other threads, and right for texts that are too long."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from random import Random

import pytest

from doors import Doors
from marigram.model import CreateRun, Fork, Operation, Path
from marigram.server.query import BadQuestion, Query, RunSort
from marigram.server.query.series import WholeSeries
from marigram.server.query.table import column, filters, ordered
from marigram.server.query.table.cache import RunTables
from marigram.server.store.meta.port import CellColumns
from operations import CREATED_AT, PROJECT, create, floats, put, rewind

BY_KEY = RunSort(path=Path("sys/id"), descending=False)


def written(doors: Doors, *each: list[Operation]) -> None:
    for number, operations in enumerate(each):
        doors.write(create(at=CREATED_AT + number), *operations, run=f"{number:032x}")


def found(query: Query, text: str = "", sort: str = "sys/id", limit: int = 50) -> list[int]:
    """Return the runs that a query finds, page by page."""
    by = RunSort(path=Path(sort.removeprefix("-")), descending=sort.startswith("-"))
    ids: list[int] = []
    cursor = None
    while True:
        answer = query.runs(PROJECT, text="", sort=by, paths=[], cursor=cursor, limit=limit, query=text)
        ids.extend(int(run.id, 16) for run in answer.runs)
        cursor = answer.cursor
        if cursor is None:
            return ids


def test_pages_hold_each_run_once_while_runs_are_added_and_values_change(doors: Doors) -> None:
    written(doors, *([put("x", number % 3)] for number in range(6)))
    by_x = RunSort(path=Path("x"), descending=True)

    def page(cursor: str | None) -> tuple[list[int], str | None]:
        answer = doors.query.runs(PROJECT, text="", sort=by_x, paths=[], cursor=cursor, limit=2)
        return [int(run.id, 16) for run in answer.runs], answer.cursor

    first, cursor = page(None)
    assert first == [5, 2]
    doors.write(create(), put("x", 9), run=f"{9:032x}")  # before the place where the page ended
    doors.write(create(), put("x", 1), run=f"{8:032x}")  # behind it
    second, cursor = page(cursor)
    assert second == [8, 4]
    doors.write(put("x", 7), run=f"{4:032x}")  # the run that the page ended with moves away
    third, cursor = page(cursor)
    assert third == [1, 3]
    assert page(cursor) == ([0], None)


def test_a_series_that_grows_is_seen_and_so_is_what_forks_inherit_of_it(doors: Doors) -> None:
    written(doors, [floats("loss", [1], [1.0])], [])
    fork = CreateRun(project=PROJECT, created_at=CREATED_AT, fork=Fork(run_id=f"{0:032x}", step=5.0))
    doors.write(fork, run=f"{2:032x}")
    assert found(doors.query, "loss = 1") == [0, 2]
    doors.write(floats("loss", [2], [2.0]), run=f"{0:032x}")
    assert found(doors.query, "loss = 2") == [0, 2]
    doors.write(floats("loss", [9], [9.0]), run=f"{0:032x}")  # beyond what is inherited
    assert (found(doors.query, "loss = 9"), found(doors.query, "loss = 2")) == ([0], [2])
    doors.write(floats("loss", [3], [0.5]), run=f"{2:032x}")
    assert found(doors.query, "min(loss) < 1") == [2]
    doors.write(rewind(1.5), run=f"{2:032x}")
    assert found(doors.query, "loss = 1") == [2]


def test_a_cursor_of_another_order_is_refused(doors: Doors) -> None:
    written(doors, [], [], [])
    cursor = doors.query.runs(PROJECT, text="", sort=BY_KEY, paths=[], cursor=None, limit=1).cursor
    with pytest.raises(BadQuestion, match="another order"):
        doors.query.runs(
            PROJECT, text="", sort=RunSort(path=Path("x"), descending=False), paths=[], cursor=cursor, limit=1
        )


def test_a_cursor_that_counts_rows_is_still_understood(doors: Doors) -> None:
    written(doors, [], [], [])
    answer = doors.query.runs(PROJECT, text="", sort=BY_KEY, paths=[], cursor="1", limit=1)
    assert [int(run.id, 16) for run in answer.runs] == [1]


def test_long_texts_compare_by_all_that_they_hold(doors: Doors) -> None:
    long = "a" * 300
    written(doors, [put("x", long + "needle")], [put("x", long + "hay")], [put("x", "needle")], [put("x", long)])
    assert found(doors.query, "x CONTAINS needle") == [0, 2]
    assert found(doors.query, f"x = {long}") == [3]
    assert found(doors.query, f"x > {long}b") == [0, 1, 2]
    assert found(doors.query, "x MATCHES '^a{256}$'") == [0, 1, 3]
    assert found(doors.query, "x < b") == [0, 1, 3]


@pytest.mark.parametrize("many", [1, 10_000])
def test_a_text_or_a_pattern_is_looked_for_in_many_texts_as_in_few(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(filters, "MANY_TEXTS", many)
    written(doors, *([put("x", f"text {number}")] for number in range(5)), [], [put("y", 3)])
    assert found(doors.query, "x MATCHES '[34]$' OR y = 3") == [3, 4, 6]
    assert found(doors.query, "x CONTAINS 'xt 1'") == [1]
    assert found(doors.query, "NOT x CONTAINS text") == [5, 6]
    doors.write(put("x", "renamed"), run=f"{1:032x}")
    assert found(doors.query, "x CONTAINS 'xt 1' OR x MATCHES ^re") == [1]
    long = "a" * 300
    doors.write(put("x", long + "needle"), run=f"{2:032x}")
    assert found(doors.query, "x CONTAINS needle") == [2]


@pytest.mark.parametrize("most", [300, 40])
def test_texts_that_take_too_much_memory_are_left_to_their_order_or_the_store(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(column, "MAX_TEXT_BYTES", most)
    monkeypatch.setattr(ordered, "_MANY", 1)
    written(doors, *([put("x", f"text {number * 7 % 5}")] for number in range(5)))
    assert found(doors.query, "x = 'text 2'") == [1]
    assert found(doors.query, "x EXISTS AND x MATCHES '[34]$'") == [2, 4]
    assert found(doors.query, sort="x", limit=2) == [0, 3, 1, 4, 2]
    assert found(doors.query, sort="-x", limit=2) == [2, 4, 1, 3, 0]


@pytest.mark.parametrize("together", [1, 1_000])
def test_the_order_of_many_texts_follows_what_is_renamed_and_added(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(column, "MAX_TEXT_BYTES", 3_000)
    monkeypatch.setattr(ordered, "_MANY", together)
    monkeypatch.setattr(ordered, "_MOST_LATE", 5)
    random = Random(together)
    odd: list[str | float | None] = ["", "Ab", "aB", "ab", "ä", "Zz", "\U0001f600", "\uffff", "x" * 300, 7, -1.5, None]
    values: dict[int, str | float | None] = {}

    def write(run: int) -> None:
        value = random.choice([*odd, f"word {random.randrange(40)}"])
        doors.write(create(at=CREATED_AT + run), *([] if value is None else [put("x", value)]), run=f"{run:032x}")
        values[run] = values.get(run) if value is None else value

    def rank(run: int) -> tuple[bool, float | str]:
        value = values[run]
        return (True, value[:256].lower()) if isinstance(value, str) else (False, value or 0.0)

    for run in range(40):
        write(run)
    for turn in range(12):
        newest_first = list(reversed(values))
        there = [run for run in newest_first if values[run] is not None]
        nothing = [run for run in newest_first if values[run] is None]
        assert found(doors.query, sort="x", limit=7) == sorted(there, key=rank) + nothing
        assert found(doors.query, sort="-x", limit=7) == sorted(there, key=rank, reverse=True) + nothing
        for _ in range(random.randrange(8)):
            write(random.randrange(40 + 5 * turn))


def test_memory_is_bounded_and_answers_stay_right(doors: Doors) -> None:
    written(doors, *([put(f"p/{each}", number * each) for each in range(10)] for number in range(50)))
    tables = RunTables(meta=doors.meta, points=WholeSeries(meta=doors.meta, points=doors.points), max_bytes=4_000)
    for _ in range(2):
        for each in range(10):
            with tables.table(PROJECT) as table:
                values = table.values(Path(f"p/{each}"))
                assert values.number.tolist() == [number * each for number in range(50)]
            assert tables.nbytes <= 4_000


def test_many_projects_and_paths_that_nobody_has_are_forgotten(doors: Doors) -> None:
    written(doors, [put("x", 1)])
    for number in range(300):
        assert doors.query.runs(f"no/{number}", text="a", sort=BY_KEY, paths=[], cursor=None, limit=1).total == 0
    assert len(doors.query._finder.tables._projects) <= 100
    assert found(doors.query, "x = 1") == [0]


def test_while_a_column_is_read_others_are_answered(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    written(doors, [put("x", 1), put("y", 2)], [put("x", 3)])
    assert found(doors.query, "x > 1") == [1]
    reading, go_on = threading.Event(), threading.Event()
    read = doors.meta.cell_columns

    def gated(project: str, path: str, *, numbers: Sequence[int] | None = None) -> Iterator[CellColumns]:
        if path == "y":
            reading.set()
            assert go_on.wait(30)
        return read(project, path, numbers=numbers)

    monkeypatch.setattr(doors.meta, "cell_columns", gated)
    answers: list[list[int]] = []
    waiting = [threading.Thread(target=lambda: answers.append(found(doors.query, "y = 2"))) for _ in range(2)]
    for each in waiting:
        each.start()
    assert reading.wait(30)
    doors.write(put("x", 9), run=f"{0:032x}")
    assert found(doors.query, "x > 1") == [0, 1]
    go_on.set()
    for each in waiting:
        each.join(30)
    assert answers == [[0], [0]]


def test_what_is_written_while_a_column_is_read_is_not_missed(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    written(doors, [put("x", 1)], [put("x", 1)])
    read = doors.meta.cell_columns

    def late(project: str, path: str, *, numbers: Sequence[int] | None = None) -> Iterator[CellColumns]:
        yield from list(read(project, path, numbers=numbers))
        if numbers is None:
            doors.write(put("x", 2), run=f"{0:032x}")
            doors.write(create(), put("x", 2), run=f"{7:032x}")

    monkeypatch.setattr(doors.meta, "cell_columns", late)
    assert found(doors.query, "x = 2") == [0, 7]


def test_questions_beside_commits_miss_nothing_in_the_end(doors: Doors) -> None:
    queries = ["x > 20", "loss < 5", "loss:floatSeries EXISTS AND x EXISTS", "first(loss) > 2 OR loss@max(loss) < 3"]
    written(doors, [put("x", 1), floats("loss", [1], [1.0])])
    stop = threading.Event()
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            while not stop.is_set():
                for text in queries:
                    found(doors.query, text, sort="-loss")
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test has to fail
            failures.append(error)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for each in asking:
        each.start()
    for number in range(40):
        fresh = CreateRun(project=PROJECT, created_at=CREATED_AT + number)
        doors.write(fresh, put("x", number), floats("loss", [number], [number / 4]), run=f"{number % 30:032x}")
    stop.set()
    for each in asking:
        each.join()
    assert not failures
    new = Query(meta=doors.meta, points=doors.points, blobs=doors.blobs, clock_ms=doors.clock)
    for text in queries:
        assert found(doors.query, text, sort="-loss") == found(new, text, sort="-loss")
