"""The live streams over real HTTP: what changed, as it changes, each point once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from asking import Event, EventStream, HttpWriter, ask
from marigram.server.api.live import MANY_NAMES, MAX_EVENT_POINTS
from one_of_everything import as_json
from operations import CREATED_AT, create, delete, edit, file_of, files, floats, put, strings
from running_server import RunningServer

Open = Callable[..., EventStream]


@pytest.fixture
def writer(shared_server: RunningServer) -> HttpWriter:
    """Give the writer of a new run that has one point."""
    writer = HttpWriter(shared_server.url, run=uuid4().hex)
    writer.write(create(), floats("loss", [1]))
    return writer


@pytest.fixture
def watch(writer: HttpWriter) -> Iterator[Open]:
    """Give a function that opens a stream, that of the new run if no path is given."""
    streams: list[EventStream] = []

    def opening(path: str = f"/api/v1/runs/{writer.run}/live", **arguments: Any) -> EventStream:
        streams.append(EventStream(writer.url, path, **arguments))
        return streams[-1]

    yield opening
    for stream in streams:
        stream.close()


def page_of(writer: HttpWriter, path: str = "loss") -> Any:
    return ask(writer.url, f"/api/v1/runs/{writer.run}/points", path=path, limit=10_000).json()


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


def test_a_stream_begins_with_the_run_and_a_position(writer: HttpWriter, watch: Open) -> None:
    stream = watch()
    assert stream.answer.headers["content-type"].startswith("text/event-stream")
    assert stream.answer.headers["cache-control"] == "no-store"
    run, reset = stream.until("reset")
    assert (run.name, run.data["id"], run.data["status"]) == ("run", writer.run, "running")
    position = page_of(writer)["position"]
    assert (reset.data, reset.id) == ({"position": position}, str(position))
    writer.write(floats("loss", [2]))
    [points] = stream.until("points")
    assert (points.data["position"], points.id) == (position + 1, str(position + 1))


def test_a_stream_from_a_position_begins_with_what_came_since(writer: HttpWriter, watch: Open) -> None:
    position = page_of(writer)["position"]
    writer.write(floats("loss", [3, 2], [30.0, 20.0]))
    writer.write(floats("loss", [2.5], [float("nan")]), strings("log", [1], ["hello"]))
    run, points = watch(position=position).until("points")
    assert run.name == "run"
    assert points.data["series"] == [
        {
            "path": "loss",
            "kind": "float_series",
            "steps": [3.0, 2.0, 2.5],
            "times": [CREATED_AT, CREATED_AT + 1, CREATED_AT],
            "values": [30.0, 20.0, "NaN"],
        },
        {"path": "log", "kind": "string_series", "steps": [1.0], "times": [CREATED_AT], "values": ["hello"]},
    ]


def test_a_browser_that_comes_back_goes_on_after_its_last_event(writer: HttpWriter, watch: Open) -> None:
    stream = watch()
    stream.until("reset")
    writer.write(floats("loss", [2]))
    last = stream.until("points")[-1].id
    stream.close()
    writer.write(floats("loss", [3]))
    again = watch(headers={"last-event-id": last}, position=0).until("points")[-1]
    assert again.data["series"][0]["steps"] == [3.0]


@pytest.mark.parametrize("last", ["none", "-1", "9" * 5000, "1.5", ""])
def test_a_last_event_that_nobody_sent_is_ignored(watch: Open, last: str) -> None:
    assert names(watch(headers={"last-event-id": last}).until("reset")) == ["run", "reset"]


def test_a_position_from_the_future_means_to_read_afresh(writer: HttpWriter, watch: Open) -> None:
    position = page_of(writer)["position"]
    assert watch(position=10**6).until("reset")[-1].data == {"position": position}


def test_points_of_files_name_the_file(writer: HttpWriter, watch: Open) -> None:
    assert writer.upload(file_of(b"cat").sha256, b"cat").status == 201
    stream = watch()
    stream.until("reset")
    writer.write(files("pictures", [7], [file_of(b"cat")]))
    [series] = stream.until("points")[-1].data["series"]
    assert (series["kind"], series["values"]) == ("file_series", [as_json(file_of(b"cat"))])


def test_a_change_of_the_run_is_told(writer: HttpWriter, watch: Open) -> None:
    stream = watch()
    stream.until("reset")
    writer.write(put("sys/name", "named"), edit("sys/tags", add=["t"]))
    run, attributes = stream.until("attributes")
    assert (run.name, run.data["name"], run.data["tags"]) == ("run", "named", ["t"])
    assert attributes.data == {"paths": ["sys/name", "sys/tags"]}


def test_attributes_that_were_set_appeared_or_went_are_named(writer: HttpWriter, watch: Open) -> None:
    stream = watch()
    stream.until("reset")
    writer.write(put("b", 1), put("a", 2), floats("new", [1]))
    assert stream.until("attributes")[-1].data == {"paths": ["a", "b", "new"]}
    stream.until("points")
    writer.write(floats("new", [2]))
    assert names(stream.until("points")) == ["points"], "a known series is no news"
    writer.write(delete("b"))
    assert stream.until("attributes")[-1].data == {"paths": ["b"]}
    writer.write(*(put(f"many/{at}", at) for at in range(MANY_NAMES + 1)))
    assert stream.until("attributes")[-1].data == {"paths": None}


def test_a_deleted_series_means_to_read_afresh(writer: HttpWriter, watch: Open) -> None:
    stream = watch()
    position = stream.until("reset")[-1].data["position"]
    writer.write(delete("loss"))
    attributes, reset = stream.until("reset")
    assert (attributes.data, reset.data) == ({"paths": ["loss"]}, {"position": position + 1})


def test_too_many_points_at_once_mean_to_read_afresh(writer: HttpWriter, watch: Open) -> None:
    stream = watch()
    position = stream.until("reset")[-1].data["position"]
    writer.write(floats("loss", range(MAX_EVENT_POINTS + 1)))
    assert stream.until("reset")[-1].data == {"position": position + 1}
    writer.write(floats("loss", [0.5]))
    assert stream.until("points")[-1].data["series"][0]["steps"] == [0.5]


def test_every_point_is_seen_exactly_once_and_in_order_while_it_is_written(writer: HttpWriter, watch: Open) -> None:
    batches, per_batch = 120, 5

    def write() -> None:
        for at in range(batches):
            steps = [1000.0 + at * per_batch + extra for extra in range(per_batch)]
            writer.write(floats("loss", steps), strings("log", steps[:1], [str(at)]))

    writing = threading.Thread(target=write)
    writing.start()
    first = page_of(writer)
    seen = [point["step"] for point in first["points"] if point["step"] >= 1000]
    position = first["position"]
    last = 1000.0 + batches * per_batch - 1
    live: list[float] = []
    # The connection is dropped every few events, as a browser's may be; each time it goes on where it was.
    while last not in live:
        stream = watch(headers={"last-event-id": str(position)})
        for _ in range(3):
            event = stream.until(lambda event: event.name in {"points", "reset"})[-1]
            assert event.name == "points"
            position = int(event.id or "")
            live.extend(step for series in event.data["series"] if series["path"] == "loss" for step in series["steps"])
            if last in live:
                break
        stream.close()
    writing.join()
    # What the first page had already is told again only if it came after the page's position.
    repeated = set(seen) & set(live)
    assert len(repeated) <= per_batch, "at most the batch that was committed while the page was read"
    assert live == sorted(set(live)), "each once and in order"
    assert sorted({*seen, *live}) == [1000.0 + at for at in range(batches * per_batch)]


def test_a_project_is_told_which_of_its_runs_changed(writer: HttpWriter, watch: Open) -> None:
    stream = watch("/api/v1/projects/lab/cats/live")
    assert stream.next() == Event(":", None, None)
    HttpWriter(writer.url, run=uuid4().hex).write(create("lab/dogs"))
    writer.write(put("x", 1))
    [runs] = stream.until("runs")
    assert runs.data == {"run_ids": [writer.run]}
    other = HttpWriter(writer.url, run=uuid4().hex)
    other.write(create())
    writer.write(put("x", 2))
    changed: set[str] = set()
    while changed != {writer.run, other.run}:
        changed.update(stream.until("runs")[-1].data["run_ids"])


def test_the_list_of_projects_is_told_when_any_changed(writer: HttpWriter, watch: Open) -> None:
    stream = watch("/api/v1/live")
    assert stream.next() == Event(":", None, None)
    HttpWriter(writer.url, run=uuid4().hex).write(create("lab/dogs"))
    assert stream.until("projects")[-1].data == {}
