"""A training that takes all memory is killed while it logs; every call that had returned arrives, and it crashed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from unit.client.fake_server import FakeServer
from waiting import wait_until

LIMIT = 320 << 20
CONTROL_GROUPS = Path("/sys/fs/cgroup")
TRAINING = """
import os, sys
import marigram

run = marigram.init_run(project="team/memory", source_files=[], git_ref=False, dependencies=None,
                        capture_hardware_metrics=False)
os.write(1, f"run {run.id}\\n".encode())
taken = []
for step in range(10**6):
    run["loss"].append(step * 0.5, step=step)
    run["note"].append(f"step {step}", step=step)
    os.write(1, f"kept {step}\\n".encode())
    if step > 300:
        taken.append(bytearray(os.urandom(1 << 16)))
"""


def groups_for_memory() -> Iterator[tuple[Path, str, str]]:
    """Yield where groups may be made, and the files that limit memory, and memory with swap, in version 2 and 1."""
    yield CONTROL_GROUPS, "memory.max", "memory.swap.max"
    yield CONTROL_GROUPS / "memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"


@pytest.fixture
def small_group() -> Iterator[Path]:
    """Make a control group that has little memory; skip the test where nobody may."""
    for above, memory, swap in groups_for_memory():
        group = above / f"marigram-test-{os.getpid()}"
        if not (above / "cgroup.procs").exists():
            continue  # this folder is no group
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / memory).write_text(str(LIMIT))
        except OSError:
            group.rmdir()
            continue
        with contextlib.suppress(OSError):  # where swap is not counted there is none to take
            (group / swap).write_text("0" if memory == "memory.max" else str(LIMIT))
        yield group
        wait_until(lambda group=group: _removed(group), "an empty control group", within_s=60)
        return
    pytest.skip("this user may not make control groups here; the kill by another process is tested anyway")


def _removed(group: Path) -> bool:
    try:
        group.rmdir()
    except OSError:
        return False
    return True


def train(folder: Path, group: Path | None) -> subprocess.Popen[bytes]:
    script = folder / "grows.py"
    script.write_text(TRAINING)
    command = [sys.executable, str(script)]
    if group is not None:
        # The shell goes into the group, and becomes the training there; its syncer is a child and is in it too.
        command = ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs"), *command]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def read(training: subprocess.Popen[bytes], *, kill_at_bytes: int | None = None) -> tuple[str, int]:
    """Return the run and the last step that had returned when the training was killed."""
    assert training.stdout is not None
    process = psutil.Process(training.pid)
    run_id, last = "", -1
    for line in training.stdout:
        word, _, rest = line.decode().rstrip("\n").partition(" ")
        if not line.endswith(b"\n"):
            break
        if word == "run":
            run_id = rest
        else:
            last = int(rest)
        if kill_at_bytes is not None and last % 100 == 0 and process.memory_info().rss > kill_at_bytes:
            training.kill()
            kill_at_bytes = None
    training.stdout.close()
    assert training.wait(60) == -9
    return run_id, last


def check(fake: FakeServer, home: Path, run_id: str, last: int) -> None:
    assert last > 300
    wait_until(lambda: not (home / "queue" / run_id).exists(), "an empty queue", within_s=60)
    assert [status.status.value for status in fake.statuses(run_id)] == ["running", "crashed"]
    assert "out of memory" in str(fake.statuses(run_id)[-1].failure)
    for path, value in (("loss", lambda step: step * 0.5), ("note", lambda step: f"step {step}")):
        points = fake.series(path, run_id)
        assert points == [(float(step), value(step)) for step in range(len(points))]
        assert last + 1 <= len(points) <= last + 2


@pytest.mark.slow
def test_the_kernel_kills_a_training_that_takes_all_memory(fake: FakeServer, tmp_path: Path, small_group: Path) -> None:
    run_id, last = read(train(tmp_path, small_group))
    check(fake, tmp_path / "home", run_id, last)


def test_another_process_kills_a_training_that_takes_much_memory(fake: FakeServer, tmp_path: Path) -> None:
    run_id, last = read(train(tmp_path, None), kill_at_bytes=120 << 20)
    check(fake, tmp_path / "home", run_id, last)
