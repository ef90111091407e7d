"""Training processes and syncers are killed at seeded moments; what had returned reaches a server exactly once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from crash.processes import has_open, syncers_of
from marigram.client.leftovers import sync_leftovers
from unit.client.fake_server import FakeServer
from waiting import wait_until

TRAINING = """
import os, threading
import marigram

def tell(word, what):
    os.write(1, f"{word} {what}\\n".encode())  # one call per line: threads do not mix theirs

run = marigram.init_run(project="team/crash", source_files=[], git_ref=False, capture_hardware_metrics=False)
tell("run", run.id)

def also():
    for step in range(10**9):
        run["thread/loss"].append(float(step), step=step)
        tell("thread", step)

threading.Thread(target=also, daemon=True).start()
for step in range(10**9):
    run["train/loss"].append(step * 0.5, step=step)
    run["note"].append(f"step {step}", step=step)
    tell("main", step)
"""


class Training:
    """A training process, and what it said had returned."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        script = folder / "training.py"
        script.write_text(TRAINING)
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **environment},
        )
        self.run_id = ""
        self.returned = {"main": -1, "thread": -1}

    def lines(self) -> Iterator[None]:
        """Yield after each line."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            if not line.endswith("\n"):
                break  # cut off by the kill
            if word == "run":
                self.run_id = rest
            else:
                self.returned[word] = int(rest)
            yield

    def kill_when(self, enough: int) -> None:
        """Let it log so many times, kill it, and read what else had returned."""
        for _ in self.lines():
            if self.returned["main"] >= enough:
                self.process.kill()
        self.close()
        assert self.returned["main"] >= enough

    def close(self) -> None:
        """Kill it if it still runs, and let go of it."""
        self.process.kill()
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def train(tmp_path: Path) -> Iterator[Callable[..., Training]]:
    """Give a function that starts trainings, with more environment."""
    started: list[Training] = []

    def start(**environment: str) -> Training:
        started.append(Training(tmp_path, environment))
        return started[-1]

    yield start
    for training in started:
        training.close()


def check(fake: FakeServer, training: Training) -> None:
    """Every call that had returned is there once; at most the one that was cut off is there too."""
    for path, thread, value in (
        ("train/loss", "main", lambda step: step * 0.5),
        ("note", "main", lambda step: f"step {step}"),
        ("thread/loss", "thread", float),
    ):
        points = fake.series(path, training.run_id)
        returned = training.returned[thread] + 1
        assert len(points) in {returned, returned + 1}, path
        assert points == [(float(step), value(step)) for step in range(len(points))], path


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_every_call_that_had_returned_before_kill_9_reaches_the_server_once(
    fake: FakeServer, train: Callable[..., Training], seed: int
) -> None:
    chance = random.Random(seed)
    training = train()
    if chance.random() < 0.5:
        fake.lose_answer = lambda post: post % 3 == 0
    training.kill_when(chance.randrange(50, 5000))
    wait_until(lambda: fake.has_status("crashed", training.run_id), "the crash", within_s=60)
    check(fake, training)
    assert [said.status.value for said in fake.statuses(training.run_id)] == ["running", "crashed"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_an_offline_queue_after_kill_9_holds_every_call_that_had_returned(
    fake: FakeServer, train: Callable[..., Training], tmp_path: Path, seed: int
) -> None:
    training = train(MARIGRAM_MODE="offline")
    training.kill_when(random.Random(seed).randrange(1000, 20_000))
    (leftover,) = sync_leftovers(tmp_path / "home", fake.url)
    assert leftover.finished
    check(fake, training)
    assert fake.has_status("crashed", training.run_id)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_after_the_syncer_and_the_training_are_killed_the_rest_is_sent_without_doubling(
    fake: FakeServer, train: Callable[..., Training], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    training = train()
    syncer_dies_at, enough = sorted(chance.sample(range(200, 4000), 2))
    killed: list[int] = []
    for _ in training.lines():
        if not killed and training.returned["main"] >= syncer_dies_at:
            for syncer in syncers_of(training.process.pid):
                syncer.kill()
                killed.append(syncer.pid)
        if training.returned["main"] >= enough:
            for successor in syncers_of(training.process.pid):
                successor.kill()
            training.process.kill()
    training.close()
    assert killed
    # Not at once: the training may have started one more syncer in its last moment, which then does the work.
    wait_until(
        lambda: all(leftover.finished for leftover in sync_leftovers(tmp_path / "home", fake.url)), "all is sent"
    )
    check(fake, training)
    assert fake.has_status("crashed", training.run_id)
    assert list((tmp_path / "home" / "queue").iterdir()) == []


@pytest.mark.slow
def test_a_second_process_of_a_run_takes_over_when_the_syncer_is_killed(
    fake: FakeServer, train: Callable[..., Training], tmp_path: Path
) -> None:
    first, second = (train(MARIGRAM_CUSTOM_RUN_ID="shared") for _ in range(2))
    lines = [training.lines() for training in (first, second)]

    def at_work() -> list[psutil.Process]:
        for each in lines * 50:
            next(each)  # or the pipes fill up, and the trainings wait for us
        syncers = syncers_of(first.process.pid, second.process.pid)
        holders = [syncer for syncer in syncers if has_open(syncer, "lock")]
        return holders if len(holders) == 1 else []  # two: one of them is looking whether the lock is free

    (syncer,) = wait_until(at_work, "a syncer that has the lock")
    wait_until(lambda: at_work() and fake.series("train/loss", first.run_id), "the first points")
    syncer.kill()
    (successor,) = wait_until(lambda: [other for other in at_work() if other.pid != syncer.pid], "another at work")
    seen = fake.posts
    wait_until(lambda: at_work() and fake.posts > seen, "its batches")
    assert successor.is_running()
    for training in (first, second):
        training.kill_when(0)
    wait_until(lambda: fake.has_status("crashed", first.run_id), "the crash")
    wait_until(lambda: not list((tmp_path / "home" / "queue").iterdir()), "an empty queue")
    writers = [operations for (_, _), operations in fake.operations.items()]
    assert len(writers) >= 3
