"""Writers and syncers are killed by the dozen at seeded moments; each call that had returned arrives once, in order.

A short run kills 200 writers here, and up to 60 syncers; the other tests of this folder kill servers too.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path as FilePath

import pytest

from crash.seeds import seeds
from marigram.client.leftovers import sync_leftovers
from marigram.model import AttachFile
from unit.client.fake_server import FakeServer
from unit.client.making import points_at

NURSERY = FilePath(__file__).parent / "nursery.py"
TESTS = FilePath(__file__).parents[2]


def kill_many(what: str, home: FilePath, seed: int, count: int, *more: str) -> tuple[dict[str, int], int]:
    """Return for each writer the last number that had returned, and how many processes died of a kill."""
    command = [sys.executable, str(NURSERY), what, str(home), str(seed), str(count), *more]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return said["told"], said["killed"]


def check(fake: FakeServer, returned: dict[str, int], *, cut_off: int = 1) -> None:
    """Each writer's calls are there once and in order; at most the one that was cut off is there too."""
    found = {writer: operations for (_, writer), operations in fake.operations.items()}
    assert returned
    assert returned.keys() <= found.keys()
    for writer, last in returned.items():
        losses, notes = points_at(found[writer], "loss"), points_at(found[writer], "note")
        assert [step for step, _, _ in losses] == [float(step) for step in range(len(losses))]
        assert [value for _, _, value in losses] == [step * 0.5 for step in range(len(losses))]
        assert last + 1 <= len(losses) <= last + 1 + cut_off
        left, right = (points_at(found[writer], f"row/{side}") for side in ("left", "right"))
        assert [(step, value) for step, _, value in left] == [(float(step), float(step)) for step in range(len(left))]
        assert [-value for _, _, value in right] == [value for _, _, value in left], "a row comes whole or not at all"
        assert last + 1 <= len(left) <= len(losses)
        assert [value for _, _, value in notes] == [f"step {step}" for step in range(len(notes))]
        assert last + 1 <= len(notes) <= len(losses)
        files = [operation for operation in found[writer] if isinstance(operation, AttachFile)]
        assert len(files) >= last // 50 + 1
        assert all(fake.blobs[file.file.sha256].startswith(b"file ") for file in files)


def send(home: FilePath, fake: FakeServer) -> None:
    """Send what is left, until nothing is."""
    for leftover in sync_leftovers(home, fake.url):
        assert leftover.finished, leftover.problem
    assert list((home / "queue").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(3))
def test_forty_writers_that_were_killed_have_lost_nothing(fake: FakeServer, tmp_path: FilePath, seed: int) -> None:
    returned, killed = kill_many("writers", tmp_path, seed, 40)
    assert killed == 40
    assert len(returned) >= 24, "most had begun to write"
    send(tmp_path, fake)
    check(fake, returned)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(1))
def test_processes_that_fork_in_the_middle_of_a_write_and_their_children(
    fake: FakeServer, tmp_path: FilePath, seed: int
) -> None:
    returned, killed = kill_many("family", tmp_path, seed, 20)
    assert killed == 20, "and their children with them"
    assert len(returned) > 20, "many are children"
    send(tmp_path, fake)
    check(fake, returned)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(2))
def test_sixty_syncers_that_were_killed_have_sent_everything_once(
    fake: FakeServer, tmp_path: FilePath, seed: int
) -> None:
    returned, killed = kill_many("writers", tmp_path, seed, 30)
    assert killed == 30
    chance = random.Random(seed)
    unlucky = {chance.randrange(200): chance.choice((429, 500, 503)) for _ in range(20)}
    fake.fail = lambda post: (unlucky[post], {"Retry-After": "0"}) if post in unlucky else None
    fake.lose_answer = lambda post: post % 5 == 0
    _, killed = kill_many("syncers", tmp_path, seed, 30, fake.url)
    print(f"{killed} of 30 syncers were killed at work")
    assert killed > 0
    send(tmp_path, fake)
    check(fake, returned)
    assert fake.posts > len(returned), "some batches came twice"
