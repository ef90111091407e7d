"""The door out: sorting, pages, limits, and sentences about what is not there."""

from __future__ import annotations

import math

import pytest

from doors import Doors
from marigram.model import Operation, Path, RunStatus, SetStatus
from marigram.server.query import BadQuestion, NotThere, RunSort, StepRange
from marigram.server.query.answers import PointsAnswer, RunsAnswer
from marigram.server.query.charts import MAX_SERIES
from marigram.server.query.finding import STALLED_AFTER_MS
from marigram.server.query.pages import MAX_POINTS
from operations import CREATED_AT, PROJECT, RUN, attach, create, file_of, files, floats, put, strings


def run_id(number: int) -> str:
    return f"{number:032x}"


def three_runs(doors: Doors, *each: list[Operation]) -> None:
    for number, operations in enumerate(each):
        doors.write(create(at=CREATED_AT + number), *operations, run=run_id(number))


def table(doors: Doors, sort: str = "-sys/creation_time", **question: object) -> RunsAnswer:
    defaults: dict[str, object] = {"text": "", "paths": None, "cursor": None, "limit": 50}
    sorting = RunSort(path=Path(sort.removeprefix("-")), descending=sort.startswith("-"))
    return doors.query.runs(PROJECT, sort=sorting, **{**defaults, **question})  # type: ignore[arg-type]


def order(answer: RunsAnswer) -> list[int]:
    return [int(run.id, 16) for run in answer.runs]


def points(doors: Doors, path: str, **question: object) -> PointsAnswer:
    defaults: dict[str, object] = {
        "first_step": -math.inf,
        "last_step": math.inf,
        "limit": 10,
        "from_end": False,
        "cursor": None,
    }
    return doors.query.points(RUN, path, **{**defaults, **question})  # type: ignore[arg-type]


def test_a_series_sorts_by_its_last_value_with_nan_and_nothing_last_either_way(doors: Doors) -> None:
    three_runs(
        doors,
        [floats("loss", [1, 2], [9.0, 0.5])],
        [floats("loss", [1, 2], [0.0, math.nan])],
        [],
        [floats("loss", [2, 1], [0.25, 7.0])],
        [floats("loss", [1], [math.inf])],
    )
    assert order(table(doors, "loss")) == [3, 0, 4, 2, 1]
    assert order(table(doors, "-loss")) == [4, 0, 3, 2, 1]


def test_the_newest_comes_first_where_the_last_values_are_equal(doors: Doors) -> None:
    three_runs(doors, *([floats("loss", [1], [0.5])] for _ in range(3)))
    assert order(table(doors, "loss")) == [2, 1, 0]
    assert order(table(doors, "-loss")) == [2, 1, 0]


def test_a_value_sorts_with_what_has_nothing_last(doors: Doors) -> None:
    three_runs(doors, [put("lr", 0.1)], [put("lr", 10)], [], [put("lr", 1)])
    assert order(table(doors, "lr")) == [0, 3, 1, 2]
    assert order(table(doors, "-lr")) == [1, 3, 0, 2]


def test_pages_follow_each_other_and_end(doors: Doors) -> None:
    three_runs(doors, [], [], [], [], [])
    first = table(doors, limit=2)
    second = table(doors, limit=2, cursor=first.cursor)
    third = table(doors, limit=2, cursor=second.cursor)
    assert [order(page) for page in (first, second, third)] == [[4, 3], [2, 1], [0]]
    assert [page.total for page in (first, second, third)] == [5, 5, 5]
    assert third.cursor is None
    assert table(doors, limit=5).cursor is None


@pytest.mark.parametrize("cursor", ["", "-1", "one", "1.5", "٣", "9" * 5000])
def test_a_cursor_that_nobody_gave_out_is_a_bad_question(doors: Doors, cursor: str) -> None:
    three_runs(doors, [])
    with pytest.raises(BadQuestion, match=r"not a cursor. Begin without one"):
        table(doors, cursor=cursor)


@pytest.mark.parametrize("cursor", ["", "x", "nan", "9" * 5000 + "x"])
def test_a_step_that_is_no_step_is_no_cursor(doors: Doors, cursor: str) -> None:
    doors.write(create(), floats("loss", [1]))
    with pytest.raises(BadQuestion, match=r"not a cursor. Begin without one"):
        points(doors, "loss", cursor=cursor)


def test_the_table_shows_the_columns_that_were_asked_for(doors: Doors) -> None:
    three_runs(doors, [put("lr", 0.1), floats("loss", [1, 2], [3.0, 2.0])], [put("lr", "big")])
    answer = table(doors, paths=["loss", "lr", "nowhere", "sys/id"])
    assert [column.path for column in answer.columns] == ["loss", "lr", "sys/id"]
    cells = answer.cells[run_id(0)]
    assert cells["lr"].attribute.value == 0.1
    assert cells["loss"].summary is not None
    assert (cells["loss"].summary.count, cells["loss"].summary.last) == (2, 2.0)
    assert set(answer.cells[run_id(1)]) == {"lr", "sys/id"}


def test_a_project_that_nobody_knows_is_an_empty_table(doors: Doors) -> None:
    answer = table(doors)
    assert (answer.runs, answer.columns, answer.total, answer.cursor) == ([], [], 0, None)


def test_a_run_is_shown_as_stalled_when_it_was_silent_for_a_minute(doors: Doors) -> None:
    doors.write(create())
    doors.clock.now += STALLED_AFTER_MS
    assert doors.query.run(RUN).status is RunStatus.RUNNING
    doors.clock.now += 1
    assert doors.query.run(RUN).status is RunStatus.STALLED
    assert doors.query.find_run(PROJECT, "CATS-1").status is RunStatus.STALLED
    assert [run.status for run in table(doors).runs] == [RunStatus.STALLED]
    doors.ingest.hear(RUN)
    assert doors.query.run(RUN).status is RunStatus.RUNNING


def test_a_run_that_has_ended_never_stalls(doors: Doors) -> None:
    doors.write(create(), SetStatus(status=RunStatus.FINISHED, at=CREATED_AT))
    doors.clock.now += 100 * STALLED_AFTER_MS
    assert doors.query.run(RUN).status is RunStatus.FINISHED


def test_a_run_is_found_by_key_in_any_case_or_by_id(doors: Doors) -> None:
    doors.write(create())
    for name in ("CATS-1", "cats-1", RUN):
        assert doors.query.find_run(PROJECT, name).id == RUN


def test_what_is_not_there_is_named_with_what_to_look_at(doors: Doors) -> None:
    doors.write(create(), put("x", 1), floats("loss", [1]))
    with pytest.raises(NotThere, match=r"no run 'CATS-9' in project 'lab/cats'.*runs table"):
        doors.query.find_run(PROJECT, "CATS-9")
    with pytest.raises(NotThere, match=r"no run 'ffff'.*list of projects"):
        doors.query.run("ffff")
    with pytest.raises(NotThere, match=r"no run 'ffff'"):
        doors.query.attribute("ffff", "x")
    with pytest.raises(NotThere, match=r"no run 'ffff'"):
        doors.query.attributes("ffff", prefix="", search="", cursor=None, limit=10)
    with pytest.raises(NotThere, match=r"nothing at 'y'. Look at its attributes"):
        doors.query.attribute(RUN, "y")
    with pytest.raises(NotThere, match=r"'x' is a int, not a series"):
        points(doors, "x")
    with pytest.raises(NotThere, match=r"no file at 'x'"):
        doors.query.file(RUN, "x", step=None)


def test_attributes_come_in_order_of_path_a_page_at_a_time(doors: Doors) -> None:
    doors.write(create(), *(put(path, 1) for path in ("b/y", "a", "b/x", "bb", "B/z")))
    first, cursor = doors.query.attributes(RUN, prefix="", search="", cursor=None, limit=3)
    rest, end = doors.query.attributes(RUN, prefix="", search="", cursor=cursor, limit=100)
    paths = [answer.attribute.path for answer in (*first, *rest)]
    assert paths == ["B/z", "a", "b/x", "b/y", "bb", "sys/creation_time", "sys/id", "sys/state"]
    assert end is None
    below, _ = doors.query.attributes(RUN, prefix="b", search="", cursor=None, limit=100)
    assert [answer.attribute.path for answer in below] == ["b/x", "b/y"]
    found, _ = doors.query.attributes(RUN, prefix="", search="B", cursor=None, limit=100)
    assert [answer.attribute.path for answer in found] == ["B/z", "b/x", "b/y", "bb"]


def test_points_are_paged_towards_later_steps_each_once(doors: Doors) -> None:
    doors.write(create(), floats("loss", [at / 8 for at in range(25)]))
    seen: list[float] = []
    cursor: str | None = None
    while True:
        page = points(doors, "loss", cursor=cursor)
        seen.extend(float(step) for step in page.points.steps)
        assert page.total == 25
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == [at / 8 for at in range(25)]


@pytest.mark.parametrize("path", ["floats", "texts", "pictures"])
def test_the_tail_is_the_last_points_in_order_of_step(doors: Doors, path: str) -> None:
    doors.keep(b"cat")
    steps = [5, 3, 1, 4, 2]
    doors.write(
        create(),
        floats("floats", steps),
        strings("texts", steps, list("ecadb")),
        files("pictures", steps, [file_of(b"cat")] * 5),
    )
    answer = points(doors, path, limit=2, from_end=True)
    assert list(answer.points.steps) == [4, 5]
    assert (answer.cursor, answer.total) == (None, 5)
    assert list(points(doors, path, first_step=2, last_step=4).points.steps) == [2, 3, 4]
    assert len(points(doors, path, limit=10**9, from_end=True).points.steps) == 5


def test_a_page_of_points_has_an_upper_bound(doors: Doors) -> None:
    doors.write(create(), floats("loss", range(MAX_POINTS + 5)))
    assert len(points(doors, "loss", limit=10**9).points.steps) == MAX_POINTS
    tail = points(doors, "loss", limit=10**9, from_end=True)
    assert (len(tail.points.steps), tail.points.steps[-1]) == (MAX_POINTS, MAX_POINTS + 4)


def test_a_page_names_the_position_that_it_includes(doors: Doors) -> None:
    doors.write(create(), floats("loss", [1]))
    answer = points(doors, "loss")
    assert answer.position == doors.query.position() == 1
    tail = doors.query.tail(RUN, after=answer.position)
    assert tail is not None
    assert tail.writes == ()


def test_buckets_come_for_every_series_there_is_in_the_order_asked_for(doors: Doors) -> None:
    three_runs(doors, [floats("a", range(100)), floats("b", [1])], [floats("a", [1]), put("b", 1)])
    runs = [run_id(1), run_id(0), run_id(7)]
    answers = doors.query.charts.buckets(runs, ["b", "a"], max_buckets=10)
    assert [(int(answer.run_id, 16), answer.path) for answer in answers] == [(0, "b"), (1, "a"), (0, "a")]
    assert len(answers[2].buckets.count) <= 10
    assert answers[2].buckets.count.sum() == 100
    [zoomed] = doors.query.charts.buckets(runs[1:2], ["a"], steps=StepRange(first=10, last=19), max_buckets=50)
    assert zoomed.buckets.step_first.tolist() == list(range(10, 20))


def test_too_many_series_at_once_are_a_bad_question(doors: Doors) -> None:
    runs = [run_id(at) for at in range(MAX_SERIES // 2 + 1)]
    with pytest.raises(BadQuestion, match=r"258 series are too many.* Ask for at most 256 runs"):
        doors.query.charts.buckets(runs, ["a", "b"], max_buckets=10)


def test_a_file_is_found_by_path_and_one_of_a_series_by_step_or_as_the_last(doors: Doors) -> None:
    for content in (b"one", b"two", b"notes"):
        doors.keep(content)
    pictures = [file_of(b"one", "1.png", "image/png"), file_of(b"two", "2.png", "image/png")]
    doors.write(create(), attach("notes", file_of(b"notes")), files("pictures", [1, 2.5], pictures))
    assert doors.query.file(RUN, "notes", step=None) == file_of(b"notes")
    assert doors.query.file(RUN, "pictures", step=None).filename == "2.png"
    assert doors.query.file(RUN, "pictures", step=1).filename == "1.png"
    with pytest.raises(NotThere, match=r"no file at 'pictures', step 2"):
        doors.query.file(RUN, "pictures", step=2)
    assert b"".join(doors.query.read_blob(pictures[0], start=1)) == b"ne"


def test_a_blob_that_the_store_has_lost_is_named(doors: Doors) -> None:
    doors.keep(b"notes")
    doors.write(create(), attach("notes", file_of(b"notes")))
    doors.blobs.delete(file_of(b"notes").sha256)
    with pytest.raises(NotThere, match="Restore blob"):
        doors.query.read_blob(file_of(b"notes"))


def test_a_project_is_listed_with_its_runs_the_most_recently_active_first(doors: Doors) -> None:
    doors.write(create("lab/cats"))
    doors.clock.now += 10
    doors.write(create("lab/dogs"), SetStatus(status=RunStatus.FAILED, at=5), run=run_id(1))
    doors.clock.now += 10
    doors.ingest.hear(RUN)
    assert [(row.name, row.run_count, row.running_count, row.heard_at) for row in doors.query.projects()] == [
        ("lab/cats", 1, 1, CREATED_AT + 20),
        ("lab/dogs", 1, 0, CREATED_AT + 10),
    ]
