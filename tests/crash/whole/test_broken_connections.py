"""Connections break in the middle of a body, and servers stay away for long; all arrives once nevertheless."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from asking import ask
from crash.seeds import seeds
from crash.whole.proxy import BreakingProxy
from marigram.client.leftovers import Leftover, sync_leftovers
from marigram.client.queue import Queue, Track
from marigram.client.staging import LENT_FROM_BYTES
from marigram.model import AttachFile, File, RunStatus, SetStatus
from marigram.model import Path as Place
from running_server import RunningServer
from unit.client.making import a_card
from waiting import wait_until

POINTS = 120_000
LARGE = LENT_FROM_BYTES + 3_000_001

ALONE = """
import sys, marigram
run = marigram.init_run(project="lab/away", git_ref=False, capture_hardware_metrics=False)
for step in range(500):
    run["loss"].append(step * 0.5)
run["model"].upload(sys.argv[1])
print(run.id, file=sys.__stdout__)
"""


def values_at(server: RunningServer, run_id: str, path: str) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(server.url, f"/api/v1/runs/{run_id}/points", path=path, limit=10_000, **cursor).json()
        found += [(point["step"], point["value"]) for point in page["points"]]
        if page["cursor"] is None:
            return found
        cursor = {"cursor": page["cursor"]}


def file_at(server: RunningServer, run_id: str, path: str) -> str:
    answer = ask(server.url, f"/api/v1/runs/{run_id}/file?path={quote(path)}")
    assert answer.status == 200
    return hashlib.sha256(answer.body).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(3))
def test_connections_that_are_reset_in_the_middle_of_a_body(server: RunningServer, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    run_id = f"{chance.getrandbits(128):032x}"
    source = tmp_path / "model.pt"
    source.write_bytes(chance.randbytes(LARGE))
    queue = Queue(home=tmp_path / "home", card=a_card(run_id=run_id))
    queue.append(SetStatus(status=RunStatus.RUNNING, at=1))
    track = Track(Place("loss"))
    for step in range(POINTS):
        queue.append_float(track, chance.random(), step, step)
        if step == POINTS // 2:
            token, size = queue.stage_file(source)
            file = File(sha256=token, filename="model.pt", media_type="application/octet-stream", size=size)
            queue.append(AttachFile(path=Place("model"), file=file))
    queue.append(SetStatus(status=RunStatus.FINISHED, at=2))
    queue.end()
    budgets = [chance.randrange(1, 4_000_000) for _ in range(12)]
    leftovers: list[Leftover] = []

    def send() -> bool:
        leftovers[:] = sync_leftovers(tmp_path / "home", proxy.url)
        return all(leftover.finished for leftover in leftovers)

    with BreakingProxy(server.port, budget=lambda: budgets.pop() if budgets else None) as proxy:
        wait_until(send, "everything sent", within_s=120)
    assert proxy.resets >= 10
    dice = random.Random(seed)
    dice.getrandbits(128)
    dice.randbytes(LARGE)
    assert values_at(server, run_id, "loss") == [(float(step), dice.random()) for step in range(POINTS)]
    assert file_at(server, run_id, "model") == hashlib.sha256(source.read_bytes()).hexdigest()
    incoming = server.data.rglob("*.parts")
    assert list(incoming) == []


@pytest.mark.slow
def test_a_server_that_stays_away_longer_than_the_syncer_tries_gets_the_run_from_marigram_sync(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data", tmp_path / "server.log")
    model = tmp_path / "model.pt"
    model.write_bytes(random.Random(1).randbytes(LARGE))
    expected = hashlib.sha256(model.read_bytes()).hexdigest()
    environment = {
        **os.environ,
        "MARIGRAM_URL": server.url,
        "MARIGRAM_STOP_TIMEOUT_S": "0",
        "MARIGRAM_SYNC_PATIENCE_S": "0.5",
    }
    script = tmp_path / "alone.py"
    script.write_text(ALONE)
    command = [sys.executable, str(script), str(model)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    run_id = next(line for line in done.stdout.splitlines() if len(line) == 32)
    queue = tmp_path / "home" / "queue" / run_id
    wait_until(lambda: not syncers_of(queue), "a syncer that has given up")
    model.unlink()
    assert queue.is_dir()
    server.start()
    try:
        sync = [sys.executable, "-m", "marigram.cli", "sync"]
        subprocess.run(sync, env=environment, capture_output=True, check=True, timeout=120)
        assert values_at(server, run_id, "loss") == [(float(step), step * 0.5) for step in range(500)]
        assert file_at(server, run_id, "model") == expected
        assert ask(server.url, f"/api/v1/runs/{run_id}").json()["status"] == "finished"
        assert not queue.exists()
    finally:
        server.stop()


def syncers_of(queue: Path) -> list[psutil.Process]:
    """The syncers that work on a run's queue."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if {"marigram.client.syncer", str(queue)} <= set(process.info["cmdline"] or [])
    ]
