"""The receipt of a run is true: every point is stored or dropped, whoever was killed meanwhile."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from asking import ask
from crash.processes import syncers_of
from running_server import RunningServer
from waiting import wait_until

SCRIPT = Path(__file__).parent / "counted.py"
STORED_WITHIN_S = 60.0
LINE = re.compile(r"marigram: ([\d,]+) points logged, ([\d,]+) stored, ([\d,]+) dropped \((.*)\): http")


def values(server: RunningServer, run_id: str) -> dict[str, Any]:
    answer = ask(server.url, f"/api/v1/runs/{run_id}/attributes", prefix="sys")
    return {} if answer.status != 200 else {each["path"]: each["value"] for each in answer.json()["attributes"]}


@pytest.mark.slow
@pytest.mark.parametrize("kills", [0, 4])
def test_a_receipt_is_true_whoever_was_killed(server: RunningServer, kills: int) -> None:
    rounds = kills + 1
    dice = random.Random(kills)
    environment = {name: value for name, value in os.environ.items() if name != "MARIGRAM_RERAISE"}
    environment["MARIGRAM_URL"] = server.url
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    syncers: list[subprocess.Popen[bytes]] = []
    with subprocess.Popen([sys.executable, str(SCRIPT)], env=environment, text=True, **pipes) as training:
        assert training.stdin is not None
        assert training.stdout is not None
        run_id = training.stdout.readline().split()[1]
        [syncer] = syncers_of(training.pid)
        directory = syncer.cmdline()[-1]
        for number in range(rounds):
            training.stdin.write("go\n")
            training.stdin.flush()
            if number < kills:
                wait_until(lambda: dice.random() < 0.3, "a moment to kill")
                if number % 2:
                    server.kill()
                    server.start()
                else:
                    syncer.kill()
                    command = [sys.executable, "-m", "marigram.client.syncer", directory]
                    syncers.append(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))
                    syncer = psutil.Process(syncers[-1].pid)
            assert training.stdout.readline() == f"round {number}\n"
        said, complaints = training.communicate(timeout=120)
        assert training.returncode == 0
    kept, dropped = map(int, said.split()[1:])
    # Each round: one point without a step never leaves the process, one for a path that holds a value is refused.
    expected = {"logged": kept + dropped, "stored": kept - rounds, "dropped": dropped + rounds}
    [line] = LINE.findall(complaints)
    assert [int(number.replace(",", "")) for number in line[:3]] == list(expected.values()), complaints
    assert f"kind_conflict {rounds}" in line[3]
    wait_until(lambda: "sys/receipt/points_logged" in values(server, run_id), "a receipt", within_s=STORED_WITHIN_S)
    found = values(server, run_id)
    assert {name: found[f"sys/receipt/points_{name}"] for name in expected} == expected
    assert found["sys/rejections/kind_conflict"] == rounds
    for syncer_process in syncers:
        syncer_process.wait(STORED_WITHIN_S)
