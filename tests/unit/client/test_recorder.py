from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pytest

from marigram.client.errors import QueueFullError, UnsupportedTypeError
from marigram.client.file import File
from marigram.client.guard import Guard
from marigram.client.recorder import Recorder
from marigram.client.sink import NoSink
from marigram.client.track import Track, Tracks
from marigram.client.typed import FileSet, FloatSeries, StringSet, stringify_unsupported
from marigram.model import Append, AttachFile, Delete, EditSet, FilePoints, FloatPoints, Operation, Path, SetValue

AT = Path("at")


class ListSink(NoSink):
    """Keeps operations in a list, and takes steps as a queue does."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def append(self, operation: Operation) -> int:
        self.operations.append(operation)
        return len(self.operations)

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        step = self.take_step(track, step)
        points = FloatPoints(steps=[step], times=[milliseconds], values=[value])
        self.append(Append(path=track.path, points=points))

    def append_row(self, tracks: Tracks, values: Iterable[float], step: float | None, milliseconds: int) -> bool:
        for track, value in zip(tracks.tracks, values, strict=True):
            self.append_float(track, float(value), step, milliseconds)
        return True

    def take_step(self, track: Track, step: float | None) -> float:
        step = track.next_step if step is None else step
        track.next_step = max(track.next_step, step + 1.0)
        return step

    def values(self) -> dict[str, Any]:
        return {said.path: said.value for said in self.operations if isinstance(said, SetValue)}

    def points(self, path: str = "at") -> list[tuple[float, int, Any]]:
        found: list[tuple[float, int, Any]] = []
        for said in self.operations:
            if isinstance(said, Append) and said.path == path:
                points: Any = said.points
                found += zip(points.steps, points.times, points.values, strict=True)
        return found


def a_recorder(sink: ListSink, *, reraise: bool = True) -> Recorder:
    guard = Guard(say=lambda _: None, clock=lambda: 0.0, write_count=lambda *_: None, reraise=reraise)
    return Recorder(sink=sink, guard=guard, clock_ns=lambda: 5_000_000)


@dataclasses.dataclass
class Model:
    layers: int
    optimizer: object


def test_a_namespace_is_stored_leaf_by_leaf_and_a_bad_leaf_does_not_take_the_others_along() -> None:
    sink = ListSink()
    recorder = a_recorder(sink, reraise=False)
    optimizer = {"lr": 0.1, "bad": object(), "tags": StringSet(["a"]), "x/y": 2, 5: "number key"}
    recorder.assign(AT, Model(layers=3, optimizer=optimizer))
    assert sink.values() == {
        "at/layers": 3,
        "at/optimizer/lr": 0.1,
        "at/optimizer/tags": frozenset({"a"}),
        "at/optimizer/x/y": 2,
        "at/optimizer/5": "number key",
    }
    assert recorder.guard.counts == {"unsupported_type": 1}


def test_a_million_numbers_are_few_operations() -> None:
    sink = ListSink()
    a_recorder(sink).extend(AT, np.arange(1_000_000), steps=None, timestamps=None)
    assert len(sink.operations) == 50
    points = sink.points()
    assert (points[0], points[-1]) == ((0.0, 5, 0.0), (999_999.0, 5, 999_999.0))


class RowSink(ListSink):
    """Tells rows from single points."""

    def __init__(self, fails: Exception | None = None) -> None:
        super().__init__()
        self.rows: list[dict[str, float]] = []
        self.fails = fails

    def append_row(self, tracks: Tracks, values: Iterable[float], step: float | None, milliseconds: int) -> bool:
        if self.fails is not None:
            raise self.fails
        values = list(values)
        self.rows.append({str(track.path): value for track, value in zip(tracks.tracks, values, strict=True)})
        return super().append_row(tracks, values, step, milliseconds)


@pytest.mark.parametrize("timestamp", [None, 2.0])
def test_a_dict_of_plain_numbers_is_one_row(timestamp: float | None) -> None:
    sink = RowSink()
    recorder = a_recorder(sink)
    for step in (4, np.int64(5), 6.5):
        values = {"loss": 0.5, "deep/acc": 3, "mean": np.float64(0.25)}
        recorder.append(AT, values, step=step, timestamp=timestamp)
    assert sink.rows == [{"at/loss": 0.5, "at/deep/acc": 3, "at/mean": 0.25}] * 3
    at = 5 if timestamp is None else 2000
    assert sink.points("at/deep/acc") == [(4.0, at, 3.0), (5.0, at, 3.0), (6.5, at, 3.0)]


class Phase(str):
    """Equal to a text, and yet called otherwise, like an enumeration's names."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"phase-{super().__str__()}"


def test_what_is_not_a_row_is_written_one_by_one_as_always() -> None:
    sink = RowSink()
    recorder = a_recorder(sink, reraise=False)
    recorder.append(AT, {"train": 0.5, "1": 0.5}, step=0, timestamp=None)
    odd = [
        {Phase("train"): 1.0, "1": 1.0},
        {1: 2.0, "train": 2.0},
        {"a": 3.0, "a/": 4.0},
        {"flag": True, "text": "word", "tensor": np.float32(0.5)},
        {"good": 1.0, "a//b": 1.0},
        {"good": 2.0, "bad": object()},
        {},
    ]
    for number, values in enumerate(odd, start=1):
        recorder.append(AT, values, step=number, timestamp=None)
    recorder.append(AT, {"below": {"a": 7.0}, "beside": 8.0}, step=9, timestamp=None)
    assert sink.rows == [{"at/train": 0.5, "at/1": 0.5}, {"at/below/a": 7.0}]
    assert sink.points("at/phase-train") == [(1.0, 5, 1.0)]
    assert sink.points("at/train") == [(0.0, 5, 0.5), (2.0, 5, 2.0)]
    assert sink.points("at/a") == [(3.0, 5, 3.0), (3.0, 5, 4.0)]
    assert (sink.points("at/flag"), sink.points("at/text")) == ([(4.0, 5, 1.0)], [(4.0, 5, "word")])
    assert sink.points("at/good") == [(5.0, 5, 1.0), (6.0, 5, 2.0)]
    assert sink.points("at/beside") == [(9.0, 5, 8.0)]
    assert recorder.guard.counts == {"invalid_path": 1, "unsupported_type": 1}


def test_of_a_row_that_does_not_fit_each_point_counts_and_one_that_fits_is_kept() -> None:
    sink = RowSink(fails=QueueFullError("full", reason="disk_full"))
    recorder = a_recorder(sink, reraise=False)
    recorder.append(AT, {"a": 1.0, "b": 10**400}, step=0, timestamp=None)
    assert (sink.points("at/a"), sink.points("at/b")) == ([(0.0, 5, 1.0)], [(0.0, 5, float("inf"))])


def test_new_names_in_every_step_do_not_fill_the_memory() -> None:
    sink = RowSink()
    recorder = a_recorder(sink)
    for number in range(1000):
        recorder.append(AT, {f"metric{number}": 1.0}, step=None, timestamp=None)
    assert 0 < len(sink.rows) < 300
    assert len(sink.operations) == 1000


def test_points_after_an_extension_go_on_with_its_steps() -> None:
    sink = ListSink()
    recorder = a_recorder(sink)
    recorder.extend(AT, [1.0, 2.0], steps=[10, 4], timestamps=None)
    recorder.extend(AT, [3, True], steps=None, timestamps=[1.5, 2.5])
    recorder.append(AT, 4.0, step=None, timestamp=None)
    assert sink.points() == [(10, 5, 1.0), (4, 5, 2.0), (11, 1500, 3.0), (12, 2500, 1.0), (13, 5, 4.0)]


def test_two_threads_that_extend_one_series_take_different_steps() -> None:
    sink = ListSink()
    recorder = a_recorder(sink)
    threads = [
        threading.Thread(target=recorder.extend, args=(AT, [0.0] * 100), kwargs={"steps": None, "timestamps": None})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(step for step, _, _ in sink.points()) == [float(step) for step in range(400)]


def test_a_list_of_mixed_kinds_loses_only_what_is_wrong() -> None:
    sink = ListSink()
    recorder = a_recorder(sink, reraise=False)
    recorder.extend(AT, [1.0, object(), np.float32(0.5), 10**400], steps=[0, 1, 2, 3], timestamps=None)
    assert sink.points() == [(0.0, 5, 1.0), (2.0, 5, 0.5), (3.0, 5, float("inf"))]
    assert recorder.guard.counts == {"unsupported_type": 1}


def test_columns_of_different_lengths_are_refused_whole() -> None:
    sink = ListSink()
    with pytest.raises(UnsupportedTypeError, match="2 values, 1 steps and 2 timestamps"):
        a_recorder(sink).extend(AT, [1.0, 2.0], steps=[1], timestamps=None)
    assert sink.operations == []


def test_long_texts_are_cut_into_operations_that_the_queue_can_hold() -> None:
    sink = ListSink()
    a_recorder(sink).extend(AT, ["x" * 500_000] * 40, steps=None, timestamps=None)
    assert len(sink.operations) == 10


def test_an_assigned_series_replaces_the_one_before() -> None:
    sink = ListSink()
    recorder = a_recorder(sink)
    recorder.append(AT, 9.0, step=99, timestamp=None)
    recorder.assign(AT, FloatSeries([1, 2]))
    assert isinstance(sink.operations[1], Delete)
    assert sink.points()[1:] == [(0.0, 5, 1.0), (1.0, 5, 2.0)]


def test_a_set_is_cleared_to_an_empty_one_and_a_series_to_none() -> None:
    sink = ListSink()
    recorder = a_recorder(sink)
    for path in ("sys/tags", "added", "assigned"):
        if path == "added":
            recorder.edit_set(Path(path), add=["x"])
        if path == "assigned":
            recorder.assign(Path(path), {"x"})
        recorder.clear(Path(path))
        assert sink.operations[-1] == SetValue(path=Path(path), value=frozenset())
    recorder.append(AT, 1.0, step=7, timestamp=None)
    recorder.clear(AT)
    assert sink.operations[-1] == Delete(path=AT)
    recorder.append(AT, 2.0, step=None, timestamp=None)
    assert sink.points()[-1][0] == 0.0


def test_sets_take_one_string_several_or_a_string_set() -> None:
    sink = ListSink()
    recorder = a_recorder(sink)
    for given in ("a", ["a"], {"a"}, StringSet(["a"]), np.array(["a"])):
        recorder.edit_set(AT, add=given)
        assert sink.operations[-1] == EditSet(path=AT, add=("a",))


def test_pictures_in_a_list_become_files_with_one_caption() -> None:
    sink = ListSink()
    batch = np.zeros((2, 4, 4, 3))
    a_recorder(sink).extend(AT, batch, steps=[1, 2], timestamps=None, caption="batch")
    appended = [said.points for said in sink.operations if isinstance(said, Append)]
    assert all(isinstance(points, FilePoints) for points in appended)
    assert [(step, file.caption) for step, _, file in sink.points()] == [(1.0, "batch"), (2.0, "batch")]


def test_stringified_values_are_points_of_text() -> None:
    sink = ListSink()
    a_recorder(sink).extend(AT, stringify_unsupported([int, "a"]), steps=None, timestamps=None)
    assert [value for _, _, value in sink.points()] == ["<class 'int'>", "a"]


def test_patterns_that_match_nothing_are_said(tmp_path: FilePath) -> None:
    sink = ListSink()
    with pytest.raises(FileNotFoundError, match="No file matches"):
        a_recorder(sink).attach_all(AT, "*.nothing", tmp_path)


def test_a_file_set_keeps_the_folders(tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.txt").write_text("a")
    monkeypatch.chdir(tmp_path)
    sink = ListSink()
    a_recorder(sink).assign(AT, FileSet(["**/*.txt"]))
    assert [said.path for said in sink.operations if isinstance(said, AttachFile)] == ["at/deep/a.txt"]


def test_tracking_returns_before_the_hashing_is_done_and_finish_waits_for_it(tmp_path: FilePath) -> None:
    (tmp_path / "a.txt").write_text("a")
    sink = ListSink()
    recorder = a_recorder(sink)
    gate = threading.Event()
    recorder.errands.start(lambda: assert_set(gate))
    recorder.track_files(AT, str(tmp_path / "a.txt"), None)
    assert not recorder.finish(timeout_s=0.0)
    assert sink.operations == []
    gate.set()
    assert recorder.finish(timeout_s=30.0)
    (said,) = sink.operations
    assert isinstance(said, AttachFile)
    assert said.file.media_type == "application/vnd.marigram.artifact+json"


def assert_set(gate: threading.Event) -> None:
    assert gate.wait(30.0)


def test_what_cannot_be_tracked_is_counted(tmp_path: FilePath) -> None:
    recorder = a_recorder(ListSink(), reraise=False)
    recorder.track_files(AT, str(tmp_path / "nothing"), None)
    assert recorder.finish(timeout_s=30.0)
    assert recorder.guard.counts == {"file_not_found": 1}


def test_an_upload_takes_what_can_be_a_file() -> None:
    sink = ListSink()
    recorder = a_recorder(sink)
    recorder.attach(AT, np.zeros((4, 4)))
    recorder.attach(AT, File.from_content("text"))
    assert [said.file.media_type for said in sink.operations if isinstance(said, AttachFile)] == [
        "image/png",
        "text/plain",
    ]
    with pytest.raises(UnsupportedTypeError, match="from_content"):
        recorder.attach(AT, 3)
