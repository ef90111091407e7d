"""What is imported from `neptune.types`, `neptune.utils` and `neptune.exceptions`."""

from __future__ import annotations

import io
import logging
import pickle
import subprocess
from datetime import datetime, timezone
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from PIL import Image

import marigram
import marigram.exceptions
import marigram.types
import marigram.utils
from conformance.native.neptune_table import Bench, Section
from marigram.integrations.python_logger import MarigramHandler
from marigram.types import (
    Boolean,
    Datetime,
    File,
    FileSeries,
    FileSet,
    Float,
    FloatSeries,
    GitRef,
    Integer,
    String,
    StringSeries,
    StringSet,
)
from marigram.utils import stringify_unsupported

FILES = Section("`neptune.types.File`")
TYPES = Section("`neptune.types`")
UTILS = Section("`neptune.utils` and `neptune.exceptions`")
INTEGRATIONS = Section("`neptune.integrations`")


def stored(bench: Bench, path: str, file: File) -> bytes:
    bench.run[path].upload(file, wait=True)
    return bench.read.file(path)


@FILES.same("File(path)")
def file_of_path(bench: Bench) -> None:
    (bench.folder / "a.txt").write_text("a")
    assert stored(bench, "File/path", File("a.txt")) == b"a"


@FILES.same("File.from_path(path, extension=)")
def from_path(bench: Bench) -> None:
    (bench.folder / "log").write_text("a")
    assert stored(bench, "File/from_path", File.from_path("log", extension="txt")) == b"a"
    assert bench.read.media_type("File/from_path") == "text/plain"


@FILES.same("File.from_content(content, extension=)")
def from_content(bench: Bench) -> None:
    assert stored(bench, "File/from_content", File.from_content(b"{}", extension="json")) == b"{}"
    assert bench.read.media_type("File/from_content") == "application/json"


@FILES.same("File.from_stream(stream, seek=, extension=)")
def from_stream(bench: Bench) -> None:
    stream = io.BytesIO(b"0123456789")
    assert stored(bench, "File/from_stream", File.from_stream(stream, seek=5)) == b"56789"


@FILES.same("File.as_image(image, autoscale=)", "NumPy, PIL, PyTorch (also channels first), TensorFlow, Matplotlib")
def as_image(bench: Bench) -> None:
    content = stored(bench, "File/as_image", File.as_image(np.full((2, 3), 0.5)))
    assert np.asarray(Image.open(io.BytesIO(content))).tolist() == [[128] * 3] * 2


@FILES.same("File.as_html(chart)", "Plotly, Altair, Bokeh, Matplotlib, pandas, and what has `to_html()`")
def as_html(bench: Bench) -> None:
    class Chart:
        def to_html(self) -> str:
            return "<b>chart</b>"

    assert stored(bench, "File/as_html", File.as_html(Chart())) == b"<b>chart</b>"
    assert bench.read.media_type("File/as_html") == "text/html"


@FILES.same("File.as_pickle(obj)")
def as_pickle(bench: Bench) -> None:
    content = stored(bench, "File/as_pickle", File.as_pickle({"a": 1}))
    assert pickle.loads(content) == {"a": 1}  # noqa: S301 it is ours


@FILES.same("File.create_from(value)")
def create_from(bench: Bench) -> None:
    content = stored(bench, "File/create_from", File.create_from(Image.new("L", (2, 2))))
    assert content.startswith(b"\x89PNG")


@FILES.same("File.is_convertable(value)", "also `is_convertable_to_image` and `is_convertable_to_html`")
def is_convertable(bench: Bench) -> None:
    picture = Image.new("L", (2, 2))
    assert File.is_convertable(picture)
    assert File.is_convertable_to_image(picture)
    assert not File.is_convertable_to_html(picture)
    assert not File.is_convertable(3)
    bench.run["File/is_convertable"] = picture
    assert bench.said().media_type("File/is_convertable") == "image/png"


@FILES.same("File.extension, File.path, File.content")
def file_fields(bench: Bench) -> None:
    file = File.from_content(b"x", extension="bin")
    assert (file.extension, file.path, file.content) == ("bin", None, b"x")
    assert stored(bench, "File/fields", file) == file.content


TYPED: tuple[tuple[str, Any, Any], ...] = (
    ("Float", Float(3), 3.0),
    ("Integer", Integer(3.0), 3),
    ("Boolean", Boolean(1), True),
    ("String", String(3), "3"),
    ("Datetime", Datetime(datetime(2026, 1, 2, tzinfo=timezone.utc)), "2026-01-02T00:00:00.000Z"),
    ("StringSet", StringSet(["b", "a"]), ["a", "b"]),
)


def typed_check(name: str, value: object, expected: object) -> Any:
    def check(bench: Bench) -> None:
        bench.run[f"types/{name}"] = value
        assert bench.said().value(f"types/{name}") == expected

    return check


for type_name, given, wanted in TYPED:
    TYPES.same(f"{type_name}(value)")(typed_check(type_name, given, wanted))


@TYPES.same("FloatSeries(values, min=, max=, unit=, timestamps=, steps=)", "`min`, `max` and `unit` are not stored")
def float_series(bench: Bench) -> None:
    bench.run["types/FloatSeries"].append(9.0, step=99)
    bench.run["types/FloatSeries"] = FloatSeries([1, 2], unit="m", steps=[1, 3], timestamps=[1.0, 2.0])
    bench.run["types/FloatSeries"].extend(FloatSeries([4], steps=[4]))
    assert bench.said().points("types/FloatSeries") == [(1.0, 1.0), (3.0, 2.0), (4.0, 4.0)]


@TYPES.same("StringSeries(values, timestamps=, steps=)", "texts are kept whole up to a megabyte")
def string_series(bench: Bench) -> None:
    bench.run["types/StringSeries"] = StringSeries(["a", "b" * 5000])
    assert bench.said().points("types/StringSeries") == [(0.0, "a"), (1.0, "b" * 5000)]


@TYPES.same("FileSeries(values, timestamps=, steps=, name=, description=)")
def file_series(bench: Bench) -> None:
    bench.run["types/FileSeries"] = FileSeries([File.from_content("a")], steps=[7], name="first")
    (row,) = bench.said().rows("types/FileSeries")
    assert (row["step"], row["file"]["caption"]) == (7.0, "first")


@TYPES.same("FileSet(file_globs)")
def file_set(bench: Bench) -> None:
    (bench.folder / "a.txt").write_text("a")
    bench.run["types/FileSet"] = FileSet("*.txt")
    assert bench.said().file("types/FileSet/a.txt") == b"a"


@TYPES.same("GitRef(repository_path), GitRef.DISABLED")
def git_ref(bench: Bench) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=bench.folder, check=True)
    names = ["-c", "user.name=A", "-c", "user.email=a@b"]
    subprocess.run(["git", *names, "commit", "--quiet", "--allow-empty", "-m", "first"], cwd=bench.folder, check=True)
    run, without = bench.start(git_ref=GitRef(bench.folder)), bench.start(git_ref=GitRef.DISABLED)
    run.stop()
    without.stop()
    assert bench.read_of(run).value("source_code/git/message") == "first"
    assert not any(path.startswith("source_code/git") for path in bench.start(with_id=without.id, mode="read-only"))


@TYPES.same("Artifact", "what `track_files` stores; made by it alone")
def artifact(bench: Bench) -> None:
    (bench.folder / "a.txt").write_text("a")
    bench.run["types/Artifact"].track_files("a.txt", wait=True)
    assert set(marigram.types.Artifact.__struct_fields__) == {"hash", "files"}
    assert b'"hash"' in bench.read.file("types/Artifact")


@UTILS.same("stringify_unsupported(value, expand=)")
def stringify(bench: Bench) -> None:
    given = {"tuple": ("hi", 1), "kind": int, "rate": 0.5}
    bench.run["stringify"] = stringify_unsupported(given)
    bench.run["stringify_expanded"] = stringify_unsupported(given, expand=True)
    read = bench.said()
    assert read.value("stringify/tuple") == "('hi', 1)"
    assert read.value("stringify/kind") == "<class 'int'>"
    assert read.value("stringify/rate") == 0.5
    assert read.value("stringify_expanded/tuple/1") == 1
    bench.run["stringify_series"].extend(stringify_unsupported([int, "a"]))
    assert [value for _, value in bench.said().points("stringify_series")] == ["<class 'int'>", "a"]


@UTILS.same("TqdmProgressBar, NullProgressBar", "the first is a plain line; a class of your own works too")
def progress_bars(bench: Bench) -> None:
    bench.run["progress"].extend([1.0, 2.0])
    for bar in (marigram.utils.TqdmProgressBar, marigram.utils.NullProgressBar):
        frame = bench.run["progress"].fetch_values(progress_bar=bar)
        assert list(frame["value"]) == [value for _, value in bench.read.points("progress")]


@UTILS.missing(
    "stop_synchronization_callback",
    "the queue is on disk and bounded, so nothing has to be given up; the callbacks of `init_run` tell",
)
def stop_synchronization(bench: Bench) -> None:
    assert not hasattr(marigram.utils, "stop_synchronization_callback")
    assert bench.run.id


@UTILS.same("neptune.exceptions", "the names that can happen here are other names of our exceptions")
def exceptions(bench: Bench) -> None:
    with pytest.raises(marigram.exceptions.MissingFieldException):
        bench.run["nothing/here"].fetch()
    with pytest.raises(marigram.exceptions.NeptuneException):
        bench.start(with_id="NONE-1")
    assert not hasattr(marigram.exceptions, "NeptuneLegacyProjectException")


@INTEGRATIONS.other(
    "python_logger.NeptuneHandler(run=, level=, path=)", "`marigram.integrations.python_logger.MarigramHandler`"
)
def python_logger(bench: Bench) -> None:
    logger = logging.getLogger("neptune-calls")
    handler = MarigramHandler(run=bench.run, path="logs_of_python")
    logger.addHandler(handler)
    logger.warning("the loss is high")
    logger.removeHandler(handler)
    assert [value for _, value in bench.said().points("logs_of_python/warning")] == ["the loss is high"]


FRAMEWORKS = (
    "aws",
    "detectron2",
    "fastai",
    "kedro",
    "lightgbm",
    "mosaicml",
    "optuna",
    "pandas",
    "prophet",
    "pytorch",
    "pytorch_lightning",
    "sacred",
    "sklearn",
    "tensorboard",
    "tensorflow_keras",
    "transformers",
    "xgboost",
)


@INTEGRATIONS.missing(
    ", ".join(FRAMEWORKS), "log from the framework's own callback: `run[path].append(value)`, `run[path] = parameters`"
)
def frameworks(bench: Bench) -> None:
    assert [name for name in FRAMEWORKS if find_spec(f"marigram.integrations.{name}") is not None] == []
    assert bench.run.id
