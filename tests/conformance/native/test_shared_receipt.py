"""The receipt of a run that several machines write to, at once and one after the other, is that of all together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from asking import ask
from running_server import RunningServer
from waiting import wait_until

SCRIPT = """
import sys
import marigram

run = marigram.init_run(project="team/shared", custom_run_id="one", capture_stdout=False, capture_stderr=False,
                        capture_hardware_metrics=False)
for step in range(int(sys.argv[1])):
    run[f"loss/{sys.argv[2]}"].append(step)
for _ in range(int(sys.argv[3])):
    run["wrong"].append(object())
print(run.id)
run.stop()
"""


def a_machine(server: RunningServer, home: Path, points: int, drops: int) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != "MARIGRAM_RERAISE"}
    environment |= {"MARIGRAM_URL": server.url, "MARIGRAM_HOME": str(home)}
    command = [sys.executable, "-c", SCRIPT, str(points), home.name, str(drops)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def finished(machine: subprocess.Popen[str]) -> str:
    """Wait for its end and return the run's id."""
    said, _ = machine.communicate(timeout=120)
    assert machine.returncode == 0
    return said.strip()


def receipt(server: RunningServer, run_id: str) -> dict[str, Any]:
    answer = ask(server.url, f"/api/v1/runs/{run_id}/attributes", prefix="sys").json()
    values = {each["path"]: each["value"] for each in answer["attributes"]}
    names = ("sys/receipt/points_logged", "sys/receipt/points_stored", "sys/drops/unsupported_type")
    return {name.rpartition("/")[2]: values.get(name) for name in names}


def test_machines_that_write_at_once_and_later_add_up(server: RunningServer, tmp_path: Path) -> None:
    sizes = {"a": (1000, 3), "b": (200, 2), "c": (30, 0)}
    machines = [a_machine(server, tmp_path / name, *size) for name, size in sizes.items()]
    (run_id,) = {finished(machine) for machine in machines}
    expected = {"points_logged": 1235, "points_stored": 1230, "unsupported_type": 5}
    wait_until(lambda: receipt(server, run_id) == expected, "the sum of three machines", within_s=60.0)

    assert finished(a_machine(server, tmp_path / "a", 7, 1)) == run_id
    expected = {"points_logged": 1243, "points_stored": 1237, "unsupported_type": 6}
    wait_until(lambda: receipt(server, run_id) == expected, "the sum with a later session", within_s=60.0)
