"""Processes are killed at bad moments, with the real client, syncer and server; nothing that had returned is lost."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from running_server import RunningServer
from waiting import wait_until

CRASHED_WITHIN_S = 60.0
POINTS_AFTER_STATUS = "all points, which are committed after the status that came in the same batch"
SCRIPT = Path(__file__).parent / "training.py"


def ask(server: RunningServer, place: str, **question: str) -> Any:
    query = f"?{urllib.parse.urlencode(question)}" if question else ""
    with urllib.request.urlopen(f"{server.url}{place}{query}") as answer:
        return json.load(answer)


def status(server: RunningServer, run_id: str) -> str | None:
    try:
        return ask(server, f"/api/v1/runs/{run_id}")["status"]
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return None  # the run has not arrived yet


def steps(server: RunningServer, run_id: str, path: str) -> list[tuple[float, Any]]:
    found: list[tuple[float, Any]] = []
    more: dict[str, str] = {}
    while True:
        page = ask(server, f"/api/v1/runs/{run_id}/points", path=path, limit="10000", **more)
        found.extend((point["step"], point["value"]) for point in page["points"])
        if page["cursor"] is None:
            return found
        more = {"cursor": page["cursor"]}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_every_append_that_had_returned_is_on_the_server_after_kill_9(server: RunningServer, seed: int) -> None:
    enough = random.Random(seed).randrange(200, 4000)
    environment = {**os.environ, "MARIGRAM_URL": server.url}
    with subprocess.Popen(
        [sys.executable, str(SCRIPT)], env=environment, stdout=subprocess.PIPE, text=True
    ) as training:
        assert training.stdout is not None
        run_id, returned = "", -1
        for line in training.stdout:
            word, _, rest = line.partition(" ")
            if word == "run":
                run_id = rest.strip()
            elif word == "returned":
                returned = int(rest)
                if returned == enough:
                    training.kill()
    assert returned >= enough
    wait_until(lambda: status(server, run_id) == "crashed", "the run marked as crashed", within_s=CRASHED_WITHIN_S)
    assert ask(server, f"/api/v1/runs/{run_id}")["ended_at"] is not None
    loss = steps(server, run_id, "train/loss")
    assert loss[: returned + 1] == [(float(step), step * 0.5) for step in range(returned + 1)]
    assert len(loss) <= returned + 2, "nothing is doubled, at most the call that was cut off is there too"
    notes = steps(server, run_id, "note")
    assert [value for _, value in notes[: returned + 1]] == [f"step {step}" for step in range(returned + 1)]
    console = next(
        attribute["path"]
        for attribute in ask(server, f"/api/v1/runs/{run_id}/attributes", search="stdout")["attributes"]
    )
    tail = ask(server, f"/api/v1/runs/{run_id}/points", path=console, tail="3")["points"]
    assert any(f"console line {returned}" in point["value"] for point in tail)


@pytest.mark.slow
def test_a_server_started_after_the_script_has_ended_gets_the_run(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data", tmp_path / "server.log")
    script = tmp_path / "alone.py"
    script.write_text(
        "import sys, marigram\n"
        "run = marigram.init_run(project='lab/alone', name='nobody there')\n"
        "for step in range(500):\n"
        "    run['loss'].append(1 / (step + 1))\n"
        "run['done'] = True\n"
        "print(run.id, file=sys.__stdout__)\n"
        "run.stop()\n"
    )
    environment = {**os.environ, "MARIGRAM_URL": server.url, "MARIGRAM_STOP_TIMEOUT_S": "1"}
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    run_id = next(line for line in done.stdout.splitlines() if len(line) == 32)
    server.start()
    try:
        wait_until(lambda: ask(server, "/api/v1/projects")["projects"], "the project")
        wait_until(lambda: status(server, run_id) == "finished", "a finished run")
        wait_until(lambda: len(steps(server, run_id, "loss")) == 500, POINTS_AFTER_STATUS)
        assert steps(server, run_id, "loss") == [(float(step), 1 / (step + 1)) for step in range(500)]
        assert ask(server, f"/api/v1/runs/{run_id}/attribute", path="done")["value"] is True
    finally:
        server.stop()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_server_killed_while_a_script_logs_loses_and_doubles_nothing(server: RunningServer, seed: int) -> None:
    chance = random.Random(seed)
    rounds = 6000
    script = (
        "import sys, time, marigram\n"
        "run = marigram.init_run(project='lab/kill')\n"
        "print('run', run.id, file=sys.__stdout__, flush=True)\n"
        f"for step in range({rounds}):\n"
        "    run['loss'].append(step * 0.25, step=step)\n"
        "    if step % 10 == 0:\n"
        "        run['sys/tags'].add(f't{step}')\n"
        "        print('line', step)\n"
        "        print('at', step, file=sys.__stdout__, flush=True)\n"
        "        time.sleep(0.005)\n"
        "run.stop()\n"
    )
    kills = sorted(chance.sample(range(100, rounds - 500, 10), 3))
    environment = {**os.environ, "MARIGRAM_URL": server.url}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
    ) as training:
        assert training.stdout is not None
        run_id = ""
        for line in training.stdout:
            if line.startswith("run "):
                run_id = line.split()[1]
            elif line.startswith("at ") and kills and int(line.split()[1]) >= kills[0]:
                kills.pop(0)
                server.kill()
                server.start()
        assert training.wait(60) == 0
    wait_until(lambda: status(server, run_id) == "finished", "a finished run", within_s=60)
    wait_until(lambda: len(steps(server, run_id, "loss")) >= rounds, POINTS_AFTER_STATUS)
    assert steps(server, run_id, "loss") == [(float(step), step * 0.25) for step in range(rounds)]
    info = ask(server, f"/api/v1/runs/{run_id}/attribute", path="loss")["series"]
    assert (info["count"], info["mean"]) == (rounds, (rounds - 1) * 0.25 / 2)
    assert len(ask(server, f"/api/v1/runs/{run_id}/attribute", path="sys/tags")["value"]) == rounds // 10


@pytest.mark.slow
def test_a_syncer_that_was_killed_is_started_again_when_the_script_waits_or_ends(server: RunningServer) -> None:
    script = (
        "import os, signal, sys, marigram\n"
        "run = marigram.init_run(project='lab/syncer')\n"
        "print('run', run.id, file=sys.__stdout__, flush=True)\n"
        "run['loss'].append(0.0)\n"
        "assert run.wait()\n"
        "for step in (1, 2):\n"
        "    os.kill(run._syncer._process.pid, signal.SIGKILL)\n"
        "    run['loss'].append(float(step))\n"
        "    assert step == 2 or run.wait()\n"
        "run.stop()\n"
        "print('syncer', run._syncer._process.wait(60), file=sys.__stdout__)\n"
    )
    environment = {**os.environ, "MARIGRAM_URL": server.url}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    run_id = done.stdout.split()[1]
    wait_until(lambda: status(server, run_id) == "finished", "a finished run")
    wait_until(lambda: len(steps(server, run_id, "loss")) == 3, POINTS_AFTER_STATUS)
    assert steps(server, run_id, "loss") == [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)]
