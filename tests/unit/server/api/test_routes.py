"""Every route of the read API, over real HTTP."""

from __future__ import annotations

import json
import math
import struct
from array import array

import pytest

from asking import HttpWriter, ask
from marigram.server.api.encode import BUCKET_COLUMNS, COLUMNS_MEDIA_TYPE, CROSS_COLUMNS, GROUP_COLUMNS
from marigram.version import VERSION
from one_of_everything import CAT, PAGE, Api, as_json
from operations import CREATED_AT, RUN, create, floats, put, strings

PROJECT = "/projects/lab/cats"


def test_health_names_the_version(api: Api) -> None:
    answer = ask(api.url, "/health")
    assert (answer.status, answer.json()) == (200, {"status": "ok", "version": VERSION})


def test_projects_are_listed_with_their_runs(api: Api) -> None:
    [project] = [each for each in api.get("/projects").json()["projects"] if each["name"] == "lab/cats"]
    assert set(project) == {"name", "run_count", "running_count", "created_at", "heard_at"}
    assert (project["run_count"], project["running_count"]) == (1, 0)


@pytest.mark.parametrize("path", [f"/runs/{RUN}", f"{PROJECT}/runs/CATS-1", f"{PROJECT}/runs/{RUN}"])
def test_a_run_is_the_same_by_id_and_by_key(api: Api, path: str) -> None:
    run = api.get(path).json()
    assert abs(run.pop("heard_at") - CREATED_AT) > 0
    assert run == {
        "id": RUN,
        "key": "CATS-1",
        "project": "lab/cats",
        "name": "first",
        "status": "failed",
        "created_at": CREATED_AT,
        "ended_at": CREATED_AT + 9,
        "exit_code": 1,
        "failure": "ValueError: no",
        "tags": ["a", "b"],
        "fork": None,
        "stop": None,
        "trashed_at": None,
    }


@pytest.mark.parametrize(
    ("path", "kind", "value"),
    [
        ("params/lr", "float", 0.1),
        ("params/layers", "int", 3),
        ("params/bias", "bool", True),
        ("params/net", "string", "conv"),
        ("params/seen", "datetime", "2024-02-29T01:02:03.004Z"),
        ("params/names", "string_set", ["x", "y"]),
        ("params/nan", "float", "NaN"),
        ("params/inf", "float", "-Infinity"),
        ("params/big", "int", 2**70),
        ("sys/state", "string", "failed"),
        ("/params/lr/", "float", 0.1),
    ],
)
def test_a_value_is_json_of_its_kind(api: Api, path: str, kind: str, value: object) -> None:
    answer = api.run("/attribute", path=path)
    assert json.loads(answer.body, parse_constant=pytest.fail) == {
        "path": path.strip("/"),
        "kind": kind,
        "value": value,
        "series": None,
        "file": None,
    }


def test_a_series_comes_in_one_line_whose_statistics_are_over_finite_values(api: Api) -> None:
    answer = api.run("/attribute", path="train/odd")
    assert json.loads(answer.body, parse_constant=pytest.fail)["series"] == {
        "count": 4,
        "first_step": 1.0,
        "last_step": 4.0,
        "last_time": 40,
        "last": 0.5,
        "min": 0.5,
        "max": 0.5,
        "mean": 0.5,
        "variance": 0.0,
        "nan_count": 1,
        "inf_count": 2,
        "min_step": 4.0,
        "max_step": 4.0,
    }
    assert api.run("/attribute", path="log").json()["series"]["last"] == "NaN"
    assert api.run("/attribute", path="pictures").json()["series"]["last"] is None


def test_a_file_comes_with_its_name_type_and_size(api: Api) -> None:
    info = api.run("/attribute", path="page").json()
    assert (info["kind"], info["file"], info["value"], info["series"]) == ("file", as_json(PAGE), None, None)


def test_attributes_are_paged_in_order_and_narrowed(api: Api) -> None:
    paths: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.run("/attributes", limit=3, **cursor).json()
        paths.extend(each["path"] for each in page["attributes"])
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert paths == sorted(set(paths))
    assert {"params/lr", "train/loss", "sys/tags", "sys/failed", "page"} <= set(paths)
    train = api.run("/attributes", prefix="train").json()["attributes"]
    assert [each["path"] for each in train] == ["train/loss", "train/odd"]
    assert [each["path"] for each in api.run("/attributes", search="OSS").json()["attributes"]] == ["train/loss"]
    assert api.run("/attributes", prefix="tra").json()["attributes"] == []
    assert api.run("/attributes", prefix="TRAIN").json()["attributes"] == []


def test_the_history_of_a_value_is_told_with_who_replaced_it_and_when(api: Api) -> None:
    writer = HttpWriter(api.url, run="5" * 32)
    writer.write(create("lab/edited"), put("params/lr", math.inf))
    writer.write(put("params/lr", 0.1))
    (earlier,) = api.get(f"/runs/{writer.run}/value/history?path=params/lr").json()["earlier"]
    assert earlier.pop("replaced_at") > 0
    assert earlier == {"kind": "float", "value": "Infinity", "writer": writer.writer}
    assert api.get(f"/runs/{writer.run}/value/history?path=nothing").json() == {"earlier": []}
    assert api.get(f"/runs/{'6' * 32}/value/history?path=params/lr").status == 404


def test_points_are_as_they_were_logged_with_names_for_what_json_has_no_number_for(api: Api) -> None:
    answer = api.run("/points", path="train/odd")
    page = json.loads(answer.body, parse_constant=pytest.fail)
    assert page["position"] >= 1
    assert (page["kind"], page["total"], page["cursor"]) == ("float_series", 4, None)
    assert page["points"] == [
        {"step": 1.0, "time": 10, "value": "NaN", "file": None, "histogram": None},
        {"step": 2.0, "time": 20, "value": "Infinity", "file": None, "histogram": None},
        {"step": 3.0, "time": 30, "value": "-Infinity", "file": None, "histogram": None},
        {"step": 4.0, "time": 40, "value": 0.5, "file": None, "histogram": None},
    ]


def test_points_of_text_and_of_files(api: Api) -> None:
    log = api.run("/points", path="log", tail=2).json()
    assert [(point["step"], point["value"]) for point in log["points"]] == [(2.0, "two"), (3.0, "NaN")]
    pictures = api.run("/points", path="pictures").json()
    assert [(point["step"], point["value"], point["file"]) for point in pictures["points"]] == [
        (1.0, None, as_json(CAT)),
        (2.5, None, as_json(PAGE)),
    ]


def test_points_are_paged_and_cut_out_by_step(api: Api) -> None:
    seen: list[float] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.run("/points", path="train/loss", limit=700, **cursor).json()
        seen.extend(point["step"] for point in page["points"])
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert seen == [at / 2 for at in range(2000)]
    cut = api.run("/points", path="train/loss", first_step=10, last_step=11).json()
    assert [point["step"] for point in cut["points"]] == [10.0, 10.5, 11.0]
    tail = api.run("/points", path="train/loss", tail=2).json()
    assert [point["step"] for point in tail["points"]] == [999.0, 999.5]


def test_the_runs_table_chooses_columns_or_shows_those_asked_for(api: Api) -> None:
    chosen = api.get(f"{PROJECT}/runs").json()
    assert (chosen["total"], chosen["cursor"]) == (1, None)
    assert [column["path"] for column in chosen["columns"]][:2] == ["train/loss", "train/odd"]
    [row] = api.get(f"{PROJECT}/runs", column=["params/inf", "cat"]).json()["rows"]
    assert row["run"]["key"] == "CATS-1"
    assert row["cells"]["params/inf"]["value"] == "-Infinity"
    assert row["cells"]["cat"]["file"] == as_json(CAT)


@pytest.mark.parametrize(
    ("search", "found"), [("", 1), ("FIRST", 1), ("cats-1 conv", 1), ("b failed", 1), ("100%", 0), ("conv nothing", 0)]
)
def test_the_runs_table_is_searched_word_by_word(api: Api, search: str, found: int) -> None:
    assert api.get(f"{PROJECT}/runs", search=search).json()["total"] == found


@pytest.mark.parametrize(
    "sort", ["-sys/creation_time", "sys/name", "sys/state", "-sys/id", "sys/running_time", "train/loss"]
)
def test_the_runs_table_sorts_by_anything(api: Api, sort: str) -> None:
    answer = api.get(f"{PROJECT}/runs", sort=sort, limit=1)
    assert [row["run"]["id"] for row in answer.json()["rows"]] == [RUN]


def test_columns_are_found_by_a_part_of_their_path(api: Api) -> None:
    assert api.get(f"{PROJECT}/columns", search="oss").json() == {
        "columns": [{"path": "train/loss", "kind": "float_series", "run_count": 1}]
    }
    assert len(api.get(f"{PROJECT}/columns", limit=3).json()["columns"]) == 3


@pytest.mark.parametrize(
    ("route", "name", "columns", "found"),
    [
        ("buckets", "series", BUCKET_COLUMNS, ["train/loss", "train/odd"]),
        ("groups", "groups", GROUP_COLUMNS, ["train/loss", "train/odd"]),
        ("crossed", "series", CROSS_COLUMNS, ["train/loss", "train/odd"]),
    ],
)
def test_a_chart_as_json_and_as_columns_is_the_same(
    api: Api, route: str, name: str, columns: tuple[str, ...], found: list[str]
) -> None:
    question = {"run": [RUN, "f" * 32], "path": ["train/loss", "train/odd", "params/lr", "nowhere"], "max_buckets": 100}
    over = {"over": "train/loss"} if route == "crossed" else {}
    as_text = api.get(f"/series/{route}", **question, **over)
    listed = json.loads(as_text.body, parse_constant=pytest.fail)
    assert [each["path"] for each in listed[name]] == found

    binary = ask(api.url, f"/api/v1/series/{route}", headers={"accept": COLUMNS_MEDIA_TYPE}, **question, **over)
    assert binary.headers["content-type"] == COLUMNS_MEDIA_TYPE
    (length,) = struct.unpack_from("<I", binary.body)
    header = json.loads(binary.body[4 : 4 + length])
    assert header["position"] == listed["position"]
    rows = [each["rows"] for each in header[name]]
    assert rows == [len(each[columns[-1]]) for each in listed[name]]
    at = -(-(4 + length) // 8) * 8
    assert not any(binary.body[4 + length : at])
    for named, expected, count in zip(header[name], listed[name], rows, strict=True):
        label = {key: value for key, value in named.items() if key != "rows"}
        assert label == {key: value for key, value in expected.items() if key not in columns}
        for column in columns:
            numbers = array("d", binary.body[at : at + 8 * count])
            at += 8 * count
            assert [name_of(number) for number in numbers] == expected[column]
    assert at == len(binary.body)
    assert tuple(key for key in listed[name][0] if key not in {"run_id", "path", "run_ids"}) == columns


def name_of(number: float) -> float | str:
    """Return a float as the JSON form has it."""
    if math.isnan(number):
        return "NaN"
    return number if math.isfinite(number) else "Infinity" if number > 0 else "-Infinity"


def test_buckets_never_outnumber_what_was_asked_for_and_count_every_point(api: Api) -> None:
    [series] = api.get("/series/buckets", run=RUN, path="train/loss", max_buckets=64).json()["series"]
    assert len(series["count"]) <= 64
    assert sum(series["count"]) == 2000
    values = [math.sin(at) for at in range(2000)]
    assert (min(series["min"]), max(series["max"])) == (min(values), max(values))
    [zoomed] = api.get("/series/buckets", run=RUN, path="train/loss", first_step=3, last_step=4).json()["series"]
    assert zoomed["step_first"] == [3.0, 3.5, 4.0]


def test_a_stretch_of_time_counts_from_1970_or_from_the_creation_of_the_run(api: Api) -> None:
    for zero, offset in (("epoch", 0), ("creation", -CREATED_AT)):
        times = {"first_time": CREATED_AT + offset + 10, "last_time": CREATED_AT + offset + 19, "time_zero": zero}
        [series] = api.get("/series/buckets", run=RUN, path="train/loss", **times).json()["series"]
        assert series["time_first"] == [CREATED_AT + at for at in range(10, 20)]
    refused = api.get("/series/buckets", run=RUN, path="train/loss", first_time="nan")
    assert (refused.status, refused.json()["code"]) == (400, "bad_question")
    unknown = api.get("/series/buckets", run=RUN, path="train/loss", first_time=0, time_zero="yesterday")
    assert unknown.status == 400


def test_an_empty_answer_as_columns_is_a_header_alone(api: Api) -> None:
    headers = {"accept": f"text/html, {COLUMNS_MEDIA_TYPE};q=0.9"}
    answer = ask(api.url, "/api/v1/series/buckets", headers=headers, run="f" * 32, path="train/loss")
    (length,) = struct.unpack_from("<I", answer.body)
    assert json.loads(answer.body[4 : 4 + length])["series"] == []
    assert len(answer.body) == -(-(4 + length) // 8) * 8


def test_a_series_of_texts_is_searched_from_both_ends(api: Api) -> None:
    writer = HttpWriter(api.url, run="8" * 32)
    lines = [f"line {at} {'odd' if at % 2 else ''}".rstrip() for at in range(10)]
    writer.write(create("lab/other"), strings("console", range(10), lines))
    address, question = f"/runs/{'8' * 32}/points/search", {"path": "console", "text": "ODD"}
    first = api.get(address, **question, limit=3).json()
    assert [point["step"] for point in first["points"]] == [1, 3, 5]
    rest = api.get(address, **question, cursor=first["cursor"]).json()
    assert ([point["step"] for point in rest["points"]], rest["cursor"]) == ([7, 9], None)
    last = api.get(address, **question, limit=2, from_end=True).json()
    assert [point["value"] for point in last["points"]] == ["line 9 odd", "line 7 odd"]
    assert api.get(address, **question, ignore_case=False).json()["points"] == []
    found = api.get(address, path="console", text="line [3-4]", regex=True).json()["points"]
    assert [point["step"] for point in found] == [3, 4]
    refused = api.get(address, path="console", text="(", regex=True)
    assert (refused.status, refused.json()["code"]) == (400, "bad_question")
    assert api.run("/points/search", path="params/lr", text="x").status == 404


def test_the_number_of_series_at_once_is_bounded(api: Api) -> None:
    answer = api.get("/series/buckets", run=[f"{at:032x}" for at in range(257)], path="train/loss")
    assert (answer.status, answer.json()["code"]) == (400, "bad_question")


def test_a_run_that_just_sends_is_seen_at_once(api: Api) -> None:
    writer = HttpWriter(api.url, run="9" * 32)
    writer.write(create("lab/other"), put("x", 1))
    assert api.get("/runs/" + "9" * 32).json()["status"] == "running"
    writer.write(floats("loss", [1]))
    assert api.get(f"/runs/{'9' * 32}/points", path="loss").json()["total"] == 1
