"""What is called on `run["path"]`."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

import marigram
from conformance.native.neptune_table import Bench, Section
from marigram.types import File

HANDLER = Section('`run["path"]`')


@HANDLER.same('run["a"]["b"]')
def nested(bench: Bench) -> None:
    bench.run["nested"]["below"] = 1
    assert bench.said().value("nested/below") == 1


@HANDLER.same('run["a"]["b"] = value')
def nested_assign(bench: Bench) -> None:
    bench.run["item"]["a/b"] = "text"
    assert bench.said().value("item/a/b") == "text"


@HANDLER.same('del run["a"]["b"]')
def nested_delete(bench: Bench) -> None:
    bench.run["deleted/one"] = 1
    bench.run["deleted/two"] = 2
    del bench.run["deleted"]["one"]
    bench.said()
    assert not bench.run.exists("deleted/one")
    assert bench.read.value("deleted/two") == 2


@HANDLER.same("assign(value, wait=)", "also objects of dataclasses, attrs, pydantic and OmegaConf; lists as their text")
def assign(bench: Bench) -> None:
    bench.run["assign"].assign({"lr": 0.5, "deep": {"on": True}, "none": None, "list": [1, 2]}, wait=True)
    assert bench.read.value("assign/lr") == 0.5
    assert bench.read.value("assign/deep/on") is True
    assert bench.read.value("assign/none") == "None"
    assert bench.read.value("assign/list") == "[1, 2]"


@HANDLER.same("append(value, step=, timestamp=, wait=, name=, description=)", "any step; the last write of one wins")
def append(bench: Bench) -> None:
    bench.run["append"].append(1.0, step=0.5, timestamp=1_700_000_000)
    bench.run["append"].append(2.0, step=-3)
    bench.run["append"].append(3.0, step=0.5, timestamp=1_700_000_001, wait=True)
    assert bench.read.points("append") == [(-3.0, 2.0), (0.5, 3.0)]
    assert bench.read.rows("append")[1]["time"] == 1_700_000_001_000
    bench.run["append_file"].append(File.as_image(np.zeros((2, 2))), name="black", description="all of it", wait=True)
    assert bench.read.rows("append_file")[0]["file"]["caption"] == "black: all of it"


@HANDLER.same("append(dict)")
def append_dict(bench: Bench) -> None:
    bench.run["append_dict"].append({"loss": 0.5, "deep": {"lr": 0.1}}, step=2)
    assert bench.said().points("append_dict/deep/lr") == [(2.0, 0.1)]


@HANDLER.same("extend(values, steps=, timestamps=, wait=)", "also arrays and columns of data frames")
def extend(bench: Bench) -> None:
    bench.run["extend"].extend(np.array([1.0, np.nan, np.inf]), steps=[1, 2, 4], timestamps=[1.0, 2.0, 3.0], wait=True)
    assert bench.read.points("extend") == [(1.0, 1.0), (2.0, "NaN"), (4.0, "Infinity")]
    assert [row["time"] for row in bench.read.rows("extend")] == [1000, 2000, 3000]


@HANDLER.same("extend(dict)")
def extend_dict(bench: Bench) -> None:
    bench.run["extend_dict"].extend({"a": [1, 2], "b": {"c": ["x", "y"]}})
    assert bench.said().points("extend_dict/a") == [(0.0, 1.0), (1.0, 2.0)]
    assert bench.read.points("extend_dict/b/c") == [(0.0, "x"), (1.0, "y")]


@HANDLER.same("log(value, step=, timestamp=, wait=)", "`append` by its older name")
def log(bench: Bench) -> None:
    bench.run["log"].log(7.5, step=3, wait=True)
    assert bench.read.points("log") == [(3.0, 7.5)]


@HANDLER.same("upload(value, wait=)")
def upload(bench: Bench) -> None:
    Path("weights.bin").write_bytes(b"weights")
    bench.run["upload"].upload("weights.bin", wait=True)
    assert bench.read.file("upload") == b"weights"
    bench.run["upload_object"].upload(File.from_content("text"), wait=True)
    assert bench.read.file("upload_object") == b"text"


def some_files() -> None:
    Path("data/deep").mkdir(parents=True)
    Path("data/a.txt").write_text("a")
    Path("data/deep/b.txt").write_text("bb")
    Path("data/deep/c.csv").write_text("ccc")


@HANDLER.same("upload_files(globs, wait=)", "each file is an attribute below the path, so each can be looked at alone")
def upload_files(bench: Bench) -> None:
    some_files()
    bench.run["files"].upload_files(["data/**/*.txt"], wait=True)
    assert bench.read.file("files/data/deep/b.txt") == b"bb"
    assert not bench.run.exists("files/data/deep/c.csv")


@HANDLER.same("list_fileset_files(path)", "without times of change")
def list_fileset_files(bench: Bench) -> None:
    some_files()
    bench.run["listed"].upload_files("data")
    entries = bench.run["listed"].list_fileset_files("data")
    assert [(entry.name, entry.size, entry.file_type) for entry in entries] == [
        ("a.txt", 1, "file"),
        ("deep", 5, "directory"),
    ]
    assert [entry.name for entry in bench.run["listed"].list_fileset_files()] == ["data"]


@HANDLER.same("delete_files(paths, wait=)")
def delete_files(bench: Bench) -> None:
    some_files()
    bench.run["thinned"].upload_files("data")
    bench.run["thinned"].delete_files(["data/a.txt", "data/deep"], wait=True)
    assert not bench.run.exists("thinned")


@HANDLER.same("track_files(path, destination=, wait=)", "SHA-256; local, S3 (with boto3) and HTTP")
def track_files(bench: Bench) -> None:
    some_files()
    bench.run["tracked"].track_files("data")
    bench.run["tracked"].track_files("data/a.txt", destination="more", wait=True)
    assert bench.read.media_type("tracked") == "application/vnd.marigram.artifact+json"
    assert b"more/a.txt" in bench.read.file("tracked")


@HANDLER.same("fetch_hash()")
def fetch_hash(bench: Bench) -> None:
    some_files()
    bench.run["hashed/one"].track_files("data")
    bench.run["hashed/same"].track_files(Path("data").as_posix())
    bench.run["hashed/other"].track_files("data/deep")
    one = bench.run["hashed/one"].fetch_hash()
    assert one.encode() in bench.read.file("hashed/one")
    assert one == bench.run["hashed/same"].fetch_hash() != bench.run["hashed/other"].fetch_hash()


@HANDLER.same("fetch_files_list()")
def fetch_files_list(bench: Bench) -> None:
    some_files()
    bench.run["artifact_list"].track_files("data")
    files = bench.run["artifact_list"].fetch_files_list()
    assert [(file.file_path, file.size, file.type) for file in files] == [
        ("a.txt", 1, "Local"),
        ("deep/b.txt", 2, "Local"),
        ("deep/c.csv", 3, "Local"),
    ]
    assert files[0].file_hash.encode() in bench.read.file("artifact_list")


@HANDLER.same("add(values, wait=)")
def add(bench: Bench) -> None:
    bench.run["set_add"].add(["a", "b"])
    bench.run["set_add"].add("c", wait=True)
    assert bench.read.value("set_add") == ["a", "b", "c"]


@HANDLER.same("remove(values, wait=)")
def remove(bench: Bench) -> None:
    bench.run["set_remove"].add(["a", "b"])
    bench.run["set_remove"].remove("a", wait=True)
    assert bench.read.value("set_remove") == ["b"]


@HANDLER.same("clear(wait=)", "of a set or a series")
def clear(bench: Bench) -> None:
    bench.run["set_clear"].add(["a", "b"])
    bench.run["set_clear"].clear()
    bench.run["series_clear"].extend([1.0, 2.0])
    bench.run["series_clear"].clear()
    bench.run["series_clear"].append(3.0, wait=True)
    assert bench.read.value("set_clear") == []
    assert bench.read.points("series_clear") == [(0.0, 3.0)]


@HANDLER.same("pop(path, wait=)")
def pop(bench: Bench) -> None:
    bench.run["pop/a"] = 1
    bench.run["pop/b"] = 2
    bench.run["pop"].pop("a", wait=True)
    assert bench.read.value("pop/b") == 2
    bench.run["pop/b"].pop(wait=True)
    assert not bench.run.exists("pop")


@HANDLER.same("fetch()", "of a value, the end of a series, or a namespace as a dict")
def fetch(bench: Bench) -> None:
    bench.run["fetch"] = {"a": 1, "b": {"c": "x"}}
    assert bench.run["fetch"].fetch() == {"a": 1, "b": {"c": "x"}}
    assert bench.run["fetch/a"].fetch() == bench.read.value("fetch/a")


@HANDLER.same("fetch_last()")
def fetch_last(bench: Bench) -> None:
    bench.run["fetch_last"].extend([1.0, 4.0])
    assert bench.run["fetch_last"].fetch_last() == 4.0 == bench.read.points("fetch_last")[-1][1]
    with pytest.raises(marigram.NotFoundError, match="not a series"):
        bench.run["sys/name"].fetch_last()


@HANDLER.same("fetch_values(include_timestamp=, progress_bar=)")
def fetch_values(bench: Bench) -> None:
    bench.run["fetch_values"].extend(["x", "y"], steps=[1.5, 2.5])
    frame = bench.run["fetch_values"].fetch_values(include_timestamp=False, progress_bar=False)
    rows = list(zip(frame["step"], frame["value"], strict=True))
    assert rows == bench.read.points("fetch_values")
    assert "timestamp" in bench.run["fetch_values"].fetch_values().columns


@HANDLER.same("fetch_extension()")
def fetch_extension(bench: Bench) -> None:
    bench.run["fetch_extension"].upload(File.from_content("<p>", extension="html"))
    assert bench.run["fetch_extension"].fetch_extension() == "html"
    assert bench.read.attribute("fetch_extension")["file"]["filename"].endswith(".html")


@HANDLER.same(
    "download(destination, progress_bar=)", "files below a path come as one zip, or with `unpack=True` as a folder"
)
def download(bench: Bench) -> None:
    some_files()
    bench.run["download"].upload_files("data")
    bench.run["download_artifact"].track_files("data/deep")
    one = bench.run["download/data/a.txt"].download("saved.txt")
    assert Path(one).read_bytes() == b"a" == bench.read.file("download/data/a.txt")
    with zipfile.ZipFile(bench.run["download"].download()) as archive:
        assert sorted(archive.namelist()) == ["data/a.txt", "data/deep/b.txt", "data/deep/c.csv"]
    bench.run["download"].download("whole", unpack=True)
    assert Path("whole/data/deep/c.csv").read_text() == "ccc"
    bench.run["download_artifact"].download("copies", progress_bar=False)
    assert Path("copies/b.txt").read_text() == "bb"


@HANDLER.same("download_last(destination)")
def download_last(bench: Bench) -> None:
    for number in range(2):
        bench.run["download_last"].append(File.from_content(f"number {number}"))
    saved = Path(bench.run["download_last"].download_last("last.txt"))
    assert saved.read_bytes() == b"number 1" == bench.read.file("download_last")


@HANDLER.same("container")
def container(bench: Bench) -> None:
    assert bench.run["any"].container is bench.run


@HANDLER.same("get_root_object()")
def get_root_object(bench: Bench) -> None:
    assert bench.run["any"].get_root_object() is bench.run


@HANDLER.missing(
    'run["b"] = run["a"]', 'copying an attribute would have to wait for the server; write `run["a"].fetch()`'
)
def copy(bench: Bench) -> None:
    bench.run["copied"] = 1
    with pytest.raises(marigram.UnsupportedTypeError, match=r"fetch\(\)"):
        bench.run["copy"] = bench.run["copied"]
