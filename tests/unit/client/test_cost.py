"""What logging costs: calls are clocked now and then, and what was found lies beside the queue."""

# ruff: noqa: ARG002 what stands in for a queue has its signatures

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path as FilePath

import pytest

from marigram.client.cost import Cost, CostWatch, Stopwatch, load_cost
from marigram.client.parts import make_recorder
from marigram.client.recorder import Recorder
from marigram.client.sink import NoSink
from marigram.client.track import Track
from marigram.model import Path
from waiting import wait_until


class SlowSink(NoSink):
    """Each call takes one microsecond more than the one before, by its own clock."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.calls = 0

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        self.calls += 1
        self.now_ns += 1000 * self.calls


class ManyWaiting(SlowSink):
    """Nothing of what was said has a receipt."""

    last_seq = 7


def watch_of(recorder: Recorder, sink: SlowSink, directory: FilePath, *, clocked_for_s: float = 0.0) -> CostWatch:
    return CostWatch(
        recorder=recorder,
        directory=directory,
        queue_bytes=lambda: 640,
        clock=lambda: 5.0,
        clock_ns=lambda: sink.now_ns,
        clocked_for_s=clocked_for_s,
    )


@pytest.fixture
def clocking(tmp_path: FilePath) -> Iterator[tuple[Recorder, SlowSink, CostWatch]]:
    """A recorder whose calls are being clocked until the test ends."""
    sink = ManyWaiting()
    recorder = make_recorder(sink, reraise=True)
    watch = watch_of(recorder, sink, tmp_path, clocked_for_s=60.0)
    thread = threading.Thread(target=watch.clock_calls)
    watch.start()
    thread.start()
    wait_until(lambda: isinstance(recorder.sink, Stopwatch), "the stopwatch")
    yield recorder, sink, watch
    watch.stop()
    thread.join()


def test_clocked_calls_are_told_in_microseconds(
    clocking: tuple[Recorder, SlowSink, CostWatch], tmp_path: FilePath
) -> None:
    recorder, sink, watch = clocking
    for number in range(100):
        recorder.append(Path("loss"), float(number), step=None, timestamp=None)
    watch.tell()
    assert sink.calls == 100
    assert load_cost(tmp_path) == Cost(
        call_p50_us=51.0, call_p99_us=100.0, queue_operations=7, queue_bytes=640, lag_s=0.0
    )


def test_the_stopwatch_is_gone_when_the_watch_has_stopped(clocking: tuple[Recorder, SlowSink, CostWatch]) -> None:
    recorder, sink, watch = clocking
    watch.stop()
    wait_until(lambda: recorder.sink is sink, "the sink itself")


def test_a_forked_child_writes_without_the_stopwatch(clocking: tuple[Recorder, SlowSink, CostWatch]) -> None:
    recorder, sink, watch = clocking
    watch.after_fork()
    assert recorder.sink is sink
    watch.stop()


def test_nothing_is_told_before_a_call_was_clocked(tmp_path: FilePath) -> None:
    sink = SlowSink()
    watch = watch_of(make_recorder(sink, reraise=True), sink, tmp_path)
    watch.clock_calls()
    watch.tell()
    assert load_cost(tmp_path) is None
    (tmp_path / "cost").write_text("{")
    assert load_cost(tmp_path) is None
