"""Two processes log to one run while they, their syncers and the server are killed; each call is there exactly once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from asking import ask
from crash.processes import syncers_of
from crash.seeds import seeds
from running_server import RunningServer
from waiting import wait_until

ENDED_WITHIN_S = 120.0
POINTS = 1500
KILLS_OF_THE_SERVER = 2
TRAINING = """
import os, sys, time
import marigram

name = sys.argv[1]
run = marigram.init_run(project="lab/both", source_files=[], git_ref=False, dependencies=None,
                        capture_hardware_metrics=False, capture_stdout=False, capture_stderr=False)
os.write(1, f"run {run.id}\\n".encode())
for step in range(10**6):
    run[f"{name}/loss"].append(step * 0.5, step=step)
    run[f"{name}/note"].append(f"step {step}", step=step)
    os.write(1, f"kept {step}\\n".encode())
    if step % 20 == 0:
        time.sleep(0.005)
"""


class Training:
    """A process of the run; a thread reads what had returned in it, and kills it after `enough` calls."""

    def __init__(self, script: Path, name: str, enough: int, environment: dict[str, str]) -> None:
        self.name = name
        self.run_id = ""
        self.returned = -1
        self.killed = threading.Event()
        self._enough = enough
        self.process = subprocess.Popen(
            [sys.executable, str(script), name], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            word, _, rest = line.decode().rstrip("\n").partition(" ")
            if not line.endswith(b"\n"):
                break
            if word == "run":
                self.run_id = rest
            else:
                self.returned = int(rest)
            if self.returned >= self._enough and not self.killed.is_set():
                self.process.kill()
                self.killed.set()

    def close(self) -> None:
        self.process.kill()
        self.process.wait(60)
        self._thread.join(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


def points_at(server: RunningServer, run_id: str, path: str) -> list[tuple[float, Any]]:
    found: list[tuple[float, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(server.url, f"/api/v1/runs/{run_id}/points", path=path, limit=10_000, **cursor).json()
        found += [(point["step"], point["value"]) for point in page["points"]]
        if page["cursor"] is None:
            return found
        cursor = {"cursor": page["cursor"]}


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(2))
def test_two_processes_of_one_run_their_syncers_and_the_server_are_killed(
    server: RunningServer, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    script = tmp_path / "both.py"
    script.write_text(TRAINING)
    environment = {name: value for name, value in os.environ.items() if name != "MARIGRAM_RERAISE"}
    environment |= {"MARIGRAM_URL": server.url, "MARIGRAM_CUSTOM_RUN_ID": f"both-{seed}"}
    enough = {name: chance.randrange(POINTS // 2, POINTS) for name in ("left", "right")}
    trainings = [Training(script, name, enough[name], environment) for name in enough]
    try:
        server_dies_at = sorted(chance.sample(range(50, POINTS // 2), KILLS_OF_THE_SERVER))
        syncer_dies_at = chance.randrange(50, POINTS // 2)
        for at in sorted([*server_dies_at, syncer_dies_at]):
            wait_until(lambda at=at: max(each.returned for each in trainings) >= at, f"call {at}", within_s=60)
            if at == syncer_dies_at:
                victims = syncers_of(*(training.process.pid for training in trainings))
                if victims:
                    chance.choice(victims).kill()
            else:
                server.kill()
                server.start()
        for training in trainings:
            assert training.killed.wait(60)
    finally:
        for training in trainings:
            training.close()
    run_id = trainings[0].run_id
    assert trainings[1].run_id == run_id
    queue = tmp_path / "home" / "queue" / run_id
    wait_until(lambda: not queue.exists(), "an empty queue", within_s=ENDED_WITHIN_S)
    assert ask(server.url, f"/api/v1/runs/{run_id}").json()["status"] == "crashed"
    for training in trainings:
        for path, value in (("loss", lambda step: step * 0.5), ("note", lambda step: f"step {step}")):
            points = points_at(server, run_id, f"{training.name}/{path}")
            assert points == [(float(step), value(step)) for step in range(len(points))]
            assert training.returned + 1 <= len(points) <= training.returned + 2
            answer = ask(server.url, f"/api/v1/runs/{run_id}/attribute", path=f"{training.name}/{path}").json()
            assert answer["series"]["count"] == len(points), "none is stored twice"


@pytest.mark.slow
def test_a_later_start_of_the_run_sends_what_a_syncer_that_gave_up_has_left(
    server: RunningServer, tmp_path: Path
) -> None:
    server.kill()
    script = tmp_path / "twice.py"
    script.write_text(
        "import marigram, sys\n"
        "run = marigram.init_run(project='lab/twice', custom_run_id='twice', source_files=[], git_ref=False)\n"
        "for step in range(100):\n"
        "    run[f'{sys.argv[1]}/loss'].append(step * 0.5)\n"
        "run.stop()\n"
        "print(run.id, run._syncer is not None, file=sys.__stdout__)\n"
    )
    environment = {
        **os.environ,
        "MARIGRAM_URL": server.url,
        "MARIGRAM_STOP_TIMEOUT_S": "0",
        "MARIGRAM_SYNC_PATIENCE_S": "0.2",
    }

    def start(name: str) -> str:
        command = [sys.executable, str(script), name]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
        return done.stdout.split()[0]

    run_id = start("first")
    queue = tmp_path / "home" / "queue" / run_id
    log = queue / "syncer.log"
    wait_until(lambda: "giving up for now" in log.read_text(), "a syncer that has given up", within_s=60)
    assert [entry for entry in queue.iterdir() if entry.is_dir()], "its queue stays"
    server.start()
    environment["MARIGRAM_SYNC_PATIENCE_S"] = "60"
    assert start("second") == run_id
    wait_until(lambda: not queue.exists(), "an empty queue", within_s=60)
    for name in ("first", "second"):
        assert points_at(server, run_id, f"{name}/loss") == [(float(step), step * 0.5) for step in range(100)]
    assert ask(server.url, f"/api/v1/runs/{run_id}").json()["status"] == "finished"
