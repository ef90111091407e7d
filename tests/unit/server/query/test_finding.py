"""Which runs a query finds, through the door out: values, series, states and the trash."""

from __future__ import annotations

import math

import pytest

from doors import Doors
from marigram.model import Operation, Path, RunStatus, SetStatus
from marigram.server.query import FilterError, RunSort
from marigram.server.query.finding import STALLED_AFTER_MS
from marigram.server.query.table.filters import QUIET_STALLED_AFTER_MS
from operations import CREATED_AT, PROJECT, RUN, create, edit, floats, put, strings

BY_KEY = RunSort(path=Path("sys/id"), descending=False)


def written(doors: Doors, *each: list[Operation]) -> None:
    for number, operations in enumerate(each):
        doors.write(create(at=CREATED_AT + number * 3_600_000), *operations, run=f"{number:032x}")


def found(doors: Doors, query: str, *, trashed: bool = False) -> list[int]:
    answer = doors.query.runs(
        PROJECT, text="", sort=BY_KEY, paths=[], cursor=None, limit=1000, query=query, trashed=trashed
    )
    return [int(run.id, 16) for run in answer.runs]


def test_a_series_compares_by_its_last_value_or_by_the_aggregate_named(doors: Doors) -> None:
    written(
        doors,
        [floats("loss", [1, 2, 3], [9.0, 0.5, 1.0])],
        [floats("loss", [1], [0.4])],
        [put("loss", 0.3)],
        [],
        [floats("loss", [1, 2], [1.0, math.nan])],
    )
    assert found(doors, "loss < 0.6") == [1, 2]
    assert found(doors, "loss:floatSeries < 0.6") == [1]
    assert found(doors, "loss:float < 0.6") == [2]
    assert found(doors, "min(loss) < 0.6") == [0, 1]
    assert found(doors, "max(loss) > 5") == [0]
    assert found(doors, "average(loss) = 3.5") == [0]
    assert found(doors, "variance(loss) = 0") == [1, 4]
    assert found(doors, "min_step(loss) = 2") == [0]
    assert found(doors, "max_step(loss) = 1 AND last(loss) != 0.4") == [0, 4]
    assert found(doors, "last(loss) = nan") == [4]
    assert found(doors, "loss:floatSeries EXISTS") == [0, 1, 4]
    assert found(doors, "loss NOT EXISTS") == [3]


def test_not_equal_is_true_for_a_run_that_has_nothing_there(doors: Doors) -> None:
    written(doors, [put("lr", 0.1)], [put("lr", 0.2)], [])
    assert found(doors, "lr != 0.1") == [1, 2]
    assert found(doors, "lr != 0.1 AND lr EXISTS") == [1]
    assert found(doors, '`sys/archived`:bool != "True"') == [0, 1, 2]


def test_a_string_series_compares_by_its_last_line(doors: Doors) -> None:
    written(doors, [strings("log", [1, 2], ["a", "done: 3"])], [strings("log", [1], ["a"])])
    assert found(doors, "log MATCHES '^done: \\d$'") == [0]
    assert found(doors, "log = a") == [1]


def test_tags_names_dates_and_running_times_are_asked_for_as_attributes(doors: Doors) -> None:
    ended = SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 90_000)
    written(doors, [put("sys/name", "resnet 50"), ended], [edit("sys/tags", add=["best", "v2"])], [])
    assert found(doors, "`sys/tags`:stringSet CONTAINS best") == [1]
    assert found(doors, "sys/tags NOT CONTAINS best") == [0, 2]
    assert found(doors, 'sys/name CONTAINS "net 5"') == [0]
    doors.clock.now = CREATED_AT + 3 * 3_600_000
    assert found(doors, "sys/creation_time > -90m") == [2]
    assert found(doors, "sys/running_time >= 90 AND sys/running_time < 2m") == [0]
    assert found(doors, "sys/id = CATS-2 OR sys/id = CATS-3") == [1, 2]


def test_points_of_series_and_strings_of_sets_are_counted(doors: Doors) -> None:
    emptied = (edit("many", add=["a"]), edit("many", remove=["a"]))
    written(doors, [floats("many", [1, 2, 3])], [edit("many", add=["a", "b"])], emptied, [put("many", 2)], [])
    assert found(doors, "count(many) = 2") == [1]
    assert found(doors, "count(many) >= 2") == [0, 1]
    assert found(doors, "count(many) = 0") == [2]
    assert found(doors, "count(many:floatSeries) < 5") == [0]
    assert found(doors, "many = a AND count(many) != 1") == [1]
    assert found(doors, "count(many) EXISTS") == [0, 1, 2]


def test_a_state_is_what_is_shown(doors: Doors) -> None:
    written(doors, [], [SetStatus(status=RunStatus.FAILED, at=CREATED_AT)], [])
    assert found(doors, "sys/state = running") == [0, 2]
    doors.clock.now += STALLED_AFTER_MS + 1
    doors.meta.hear(f"{2:032x}", at=doors.clock.now)
    assert found(doors, '`sys/state`:experimentState = "running"') == [2]
    assert found(doors, "sys/state = stalled") == [0]
    assert found(doors, "sys/state = idle") == [0, 1]
    assert found(doors, "sys/state != running") == [0, 1]
    assert found(doors, "sys/state = failed") == [1]
    assert found(doors, "sys/state = Failed") == [1]


def test_a_run_whose_client_is_heard_of_only_when_it_logs_stalls_after_an_hour(doors: Doors) -> None:
    written(doors, [put("sys/client", "mlflow")], [])
    quiet, other = f"{0:032x}", f"{1:032x}"

    def states() -> list[RunStatus]:
        return [run.status for run in doors.query.recent_runs(text="", ended=None, limit=2)]

    doors.clock.now += QUIET_STALLED_AFTER_MS
    assert found(doors, "sys/state = stalled") == [1]
    assert states() == [RunStatus.STALLED, RunStatus.RUNNING]
    assert [doors.query.run(run).status for run in (quiet, other)] == [RunStatus.RUNNING, RunStatus.STALLED]
    doors.clock.now += 1
    assert found(doors, "sys/state = stalled") == [0, 1]
    assert doors.query.run(quiet).status is RunStatus.STALLED
    doors.ingest.hear(quiet)
    assert found(doors, "sys/state = running") == [0]


def test_the_trash_is_another_table_and_a_query_may_name_it(doors: Doors) -> None:
    written(doors, [floats("loss", [1], [0.1])], [floats("loss", [1], [0.2])])
    doors.ingest.trash(f"{0:032x}")
    assert found(doors, "") == [1]
    assert found(doors, "", trashed=True) == [0]
    assert found(doors, "loss < 0.15", trashed=True) == [0]
    assert found(doors, "sys/trashed = true") == [0]
    assert found(doors, "loss < 1 AND (sys/trashed = true OR sys/trashed = false)") == [0, 1]


def test_columns_and_sorting_look_at_exactly_the_path_among_many_alike(doors: Doors) -> None:
    alike = [put(f"{number:03d}/x/lr", 0) for number in range(600)]
    doors.write(create(), *alike, put("x/lr", 1), run=RUN)
    answer = doors.query.runs(PROJECT, text="", sort=BY_KEY, paths=["x/lr"], cursor=None, limit=1)
    assert [column.path for column in answer.columns] == ["x/lr"]
    written(doors, [floats("zz", [1], [2.0])], [floats("zz", [1], [1.0])])
    by_series = RunSort(path=Path("zz"), descending=False)
    answer = doors.query.runs(PROJECT, text="", sort=by_series, paths=[], cursor=None, limit=2)
    assert [int(run.id, 16) for run in answer.runs] == [1, 0]


def test_an_error_is_a_bad_question_with_its_place(doors: Doors) -> None:
    written(doors, [])
    with pytest.raises(FilterError, match="value is missing") as caught:
        found(doors, "lr >")
    assert caught.value.position == 4
