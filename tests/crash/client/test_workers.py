"""Workers that load data log to the run of their training, and die as workers do; all that had returned arrives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from unit.client.fake_server import FakeServer
from waiting import wait_until

COUNT = 50
TRAINING = """
import multiprocessing, os, signal, sys, threading
import marigram

HOW = sys.argv[1]
COUNT = 50

def start():
    return marigram.init_run(project="team/loaders", custom_run_id="loaders", source_files=[], git_ref=False,
                             dependencies=None, capture_hardware_metrics=False)

def load(number, indices, batches):
    worker_run = run if HOW == "fork" else start()
    for step in range(COUNT):
        worker_run[f"worker/{number}"].append(step * 0.5, step=step)
    while (index := indices.get()) is not None:
        worker_run[f"index/{number}"].append(float(index), step=index)
        batches.put((number, index))
    if number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 1:
        os._exit(0)
    # 2 ends as a worker does that was started by multiprocessing

if __name__ == "__main__":
    run = start()
    print("run", run.id, file=sys.__stdout__, flush=True)
    context = multiprocessing.get_context(HOW)
    indices = [context.SimpleQueue() for _ in range(3)]
    # A queue of its own each: one that is killed shall not take the others' lock with it.
    batches = [context.SimpleQueue() for _ in range(3)]
    workers = [context.Process(target=load, args=(number, indices[number], batches[number])) for number in range(3)]
    for worker in workers:
        worker.start()
    for index in range(COUNT):
        for queue in indices:
            queue.put(index)
        for queue in batches:
            run["train/loss"].append(float(queue.get()[1]))
    for queue in indices:
        queue.put(None)
    for worker in workers:
        worker.join()
    print("codes", *(worker.exitcode for worker in workers), file=sys.__stdout__, flush=True)
    run["done"] = True
    run.stop()
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["fork", "spawn", "forkserver"])
def test_workers_that_are_killed_have_logged_what_had_returned(fake: FakeServer, tmp_path: Path, how: str) -> None:
    script = tmp_path / "loaders.py"
    script.write_text(TRAINING)
    environment = {name: value for name, value in os.environ.items() if name != "MARIGRAM_RERAISE"}
    command = [sys.executable, str(script), how]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    said = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if line.startswith(("run ", "codes ")))
    assert said["codes"] == "-9 0 0"
    assert "Traceback" not in done.stderr
    run_id = said["run"]
    wait_until(lambda: not (tmp_path / "home" / "queue" / run_id).exists(), "an empty queue", within_s=60)
    for number in range(3):
        expected = [(float(step), step * 0.5) for step in range(COUNT)]
        assert fake.series(f"worker/{number}", run_id) == expected
        assert fake.series(f"index/{number}", run_id) == [(float(step), float(step)) for step in range(COUNT)]
    losses = fake.series("train/loss", run_id)
    assert losses == [(float(step), float(step // 3)) for step in range(3 * COUNT)]
    assert fake.values(run_id)["done"] is True
    writers = {
        writer for (_, writer), operations in fake.operations.items() if any(_is_point(each) for each in operations)
    }
    assert len(writers) >= 4, "each process is a writer of its own"
    assert fake.has_status("finished", run_id)
    # A worker that was started anew is a process of the run like any other, so its death is told; a fork's is not.
    assert fake.has_status("crashed", run_id) == (how != "fork")


def _is_point(operation: object) -> bool:
    return type(operation).__name__ == "Append"
