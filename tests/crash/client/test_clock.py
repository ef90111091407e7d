"""The clock is set while a run goes on: nothing waits for it or ends early, and points keep the times they had."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path as FilePath

import pytest

from marigram.client.emptying import Syncer
from marigram.client.guard import Guard
from marigram.client.pulse import Pulse
from marigram.client.recorder import Recorder
from marigram.client.transport import Transport
from marigram.model import Path
from unit.client.fake_server import FakeServer
from unit.client.making import CREATED_AT, RUN_ID, a_backlog, a_queue, everything
from waiting import wait_until

HOUR_S = 3600.0
DAY_S = 86_400.0
CHILD = """
import sys
from pathlib import Path as FilePath
from marigram.client.track import Track
from marigram.model import Path
from unit.client.making import a_queue

queue = a_queue(FilePath(sys.argv[1]), writer=sys.argv[2])
track = Track(Path("loss"))
for line in sys.stdin:
    queue.append_float(track, float(line), None, 0)
    print("kept", flush=True)
"""


class SetClock:
    """A clock that somebody sets, by `jump` seconds."""

    def __init__(self) -> None:
        self.jump = 0.0

    def __call__(self) -> float:
        return time.time() + self.jump

    def in_ns(self) -> int:
        return time.time_ns() + int(self.jump * 1e9)


class Writer:
    """A process that keeps a point for each call, and lives until it is killed."""

    def __init__(self, home: FilePath, name: str) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(FilePath(__file__).parents[2]), *sys.path))}
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(home), name],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.logged = 0

    def log(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{self.logged}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "kept\n"
        self.logged += 1

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def syncing(home: FilePath, fake: FakeServer, clock: SetClock, patience_s: float) -> Generator[threading.Thread]:
    stopping = threading.Event()
    syncer = Syncer(
        directory=home / "queue" / RUN_ID,
        home=home,
        transport=Transport(url=fake.url, token=None),
        log=lambda _: None,
        clock=clock,
        patience_s=patience_s,
        stopping=stopping,
    )
    thread = threading.Thread(target=syncer.run)
    thread.start()
    try:
        yield thread
    finally:
        stopping.set()
        thread.join(60)
        assert not thread.is_alive()


@pytest.mark.parametrize("jump", [-HOUR_S, DAY_S])
def test_a_syncer_whose_clock_is_set_goes_on_with_everything(fake: FakeServer, tmp_path: FilePath, jump: float) -> None:
    clock = SetClock()
    writers = [Writer(tmp_path, "writer1")]
    try:
        writers[0].log()
        with syncing(tmp_path, fake, clock, patience_s=HOUR_S) as thread:
            wait_until(lambda: len(fake.series("loss")) == 1, "the first point")
            clock.jump = jump
            writers[0].log()
            wait_until(lambda: len(fake.series("loss")) == 2, "the point after the jump")
            writers.append(Writer(tmp_path, "writer2"))
            writers[1].log()
            wait_until(lambda: len(fake.series("loss")) == 3, "the point of a process that came after the jump")
            beats = len(fake.heartbeats)
            wait_until(lambda: len(fake.heartbeats) > beats, "a heartbeat")
            fake.fail = lambda _: (503, {})
            writers[0].log()
            asked = fake.posts
            wait_until(lambda: fake.posts > asked + 1, "tries")
            clock.jump = 0.0
            asked = fake.posts
            wait_until(lambda: fake.posts > asked + 1, "more tries")
            clock.jump = jump
            fake.fail = lambda _: None
            wait_until(lambda: len(fake.series("loss")) == 4, "the point that was refused at first")
            assert thread.is_alive()
            for writer in writers:
                writer.kill()
            wait_until(lambda: not thread.is_alive(), "the end, which is not an hour away", within_s=60)
    finally:
        for writer in writers:
            writer.kill()
    assert sorted(fake.series("loss")) == [(0.0, 0.0), (0.0, 0.0), (1.0, 1.0), (2.0, 2.0)]
    assert [status.status.value for status in fake.statuses()] == ["crashed", "crashed"]
    assert not (tmp_path / "queue" / RUN_ID).exists()


def test_patience_is_not_over_because_the_clock_was_set_forward(fake: FakeServer, tmp_path: FilePath) -> None:
    clock = SetClock()
    queue = a_queue(tmp_path)
    queue.open()
    queue.end()
    fake.fail = lambda _: (503, {})
    with syncing(tmp_path, fake, clock, patience_s=HOUR_S) as thread:
        wait_until(lambda: fake.posts > 1, "tries")
        clock.jump = DAY_S
        asked = fake.posts
        wait_until(lambda: fake.posts > asked + 2, "more tries, a day later by the clock")
        assert thread.is_alive()
        fake.fail = lambda _: None
        wait_until(lambda: not thread.is_alive(), "everything sent", within_s=60)
    assert not (tmp_path / "queue" / RUN_ID).exists()


@pytest.mark.parametrize("jump", [-HOUR_S, DAY_S])
def test_points_keep_the_times_they_were_logged_at_and_their_order(
    fake: FakeServer, tmp_path: FilePath, jump: float
) -> None:
    clock = SetClock()
    queue = a_queue(tmp_path)
    guard = Guard(say=lambda _: None, clock=time.monotonic, write_count=lambda _reason, _count: None, reraise=True)
    recorder = Recorder(sink=queue, guard=guard, clock_ns=clock.in_ns)
    before = int(clock() * 1000)
    for number in range(100):
        clock.jump = jump if number >= 50 else 0.0
        recorder.append(Path("loss"), number * 0.5, step=None, timestamp=None)
    queue.end()
    with syncing(tmp_path, fake, clock, patience_s=HOUR_S) as thread:
        wait_until(lambda: not thread.is_alive(), "everything sent", within_s=60)
    after = int(time.time() * 1000)
    points = fake.points("loss")
    assert [(step, value) for step, _, value in points] == [(float(number), number * 0.5) for number in range(100)]
    times = [at for _, at, _ in points]
    assert all(before <= at <= after for at in times[:50])
    assert all(before + jump * 1000 <= at <= after + jump * 1000 for at in times[50:])


def test_readings_of_the_hardware_go_on_in_step_when_the_clock_goes_back(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    clock = SetClock()
    clock.jump = CREATED_AT / 1000 + 10.0 - time.time()
    transport = Transport(url=fake.url, token=None)
    now = 100.0
    pulse = Pulse(
        run_id=RUN_ID, created_at=CREATED_AT, transport=transport, queue=queue, clock=clock, steady=lambda: now
    )
    pulse.watch(namespace="monitoring", pid=os.getpid())
    pulse._sample(step=pulse._step_at_0 + now)
    clock.jump -= HOUR_S
    now += 10.0
    pulse._sample(step=pulse._step_at_0 + now)
    pulse._stopping.set()
    for sampler in pulse._samplers.values():
        sampler.stop()
    queue.end()
    steps: dict[str, list[float]] = {}
    for operation in everything(a_backlog(queue)):
        if hasattr(operation, "points"):
            steps.setdefault(operation.path, []).extend(operation.points.steps)  # pyright: ignore[reportAttributeAccessIssue]
    twice = [found for found in steps.values() if len(found) == 2]
    assert twice
    assert all(9.0 < second - first < 11.0 for first, second in twice)
