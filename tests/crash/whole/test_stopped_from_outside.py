"""A run is stopped from outside, with the real client, syncer and server: politely, by an interrupt, and by a kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from asking import ask
from crash.processes import is_gone, syncers_of
from running_server import RunningServer
from waiting import wait_until

SCRIPT = Path(__file__).parent / "stoppable.py"
ENDED_WITHIN_S = 60.0
HEARD_WITHIN_S = 10.0
"""A few milliseconds where nothing else runs. A request that came only with the next question would take up to 20 s."""


class Training(NamedTuple):
    process: subprocess.Popen[str]
    server: RunningServer
    run_id: str
    said: dict[str, str]

    def run(self) -> Any:
        answer = ask(self.server.url, f"/api/v1/runs/{self.run_id}")
        return answer.json() if answer.status == 200 else {"status": None}

    def stop(self, **wish: Any) -> Any:
        place, headers = f"/api/v1/runs/{self.run_id}/stop", {"content-type": "application/json"}
        answer = ask(self.server.url, place, method="POST", body=json.dumps(wish).encode(), headers=headers)
        assert answer.status == 202, answer.body
        return answer.json()

    def ends_as(self, status: str) -> Any:
        wait_until(lambda: self.run()["status"] == status, f"the run {status}", within_s=ENDED_WITHIN_S)
        return self.run()


@contextmanager
def training(server: RunningServer, *arguments: str) -> Generator[Training]:
    environment = {**os.environ, "MARIGRAM_URL": server.url}
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), *arguments], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said: dict[str, str] = {}
        for line in process.stdout:
            word, _, rest = line.strip().partition(" ")
            said[word] = rest
            if word == "run":
                break
        started = Training(process, server, said["run"], said)
        try:
            wait_until(lambda: started.run()["status"] == "running", "the run at the server")
            yield started
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize("way", ["polite", "called"])
def test_a_graceful_stop_is_known_to_the_script_without_another_question(server: RunningServer, way: str) -> None:
    with training(server, way) as trained:
        asked_at = time.time()
        trained.stop(how="graceful", requested_by="Ada")
        assert trained.process.stdout is not None
        left_at = float(trained.process.stdout.readline().split()[1])
        assert left_at - asked_at < HEARD_WITHIN_S
        assert trained.process.wait(ENDED_WITHIN_S) == 0
        run = trained.ends_as("stopped")
    assert (run["exit_code"], run["failure"], run["stop"]["requested_by"]) == (0, "stopped on request", "Ada")
    assert run["stop"]["delivered_at"] is not None


def test_an_abort_interrupts_a_script_that_looks_at_nothing(server: RunningServer) -> None:
    with training(server, "deaf") as trained:
        trained.stop(how="abort", grace_s=20)
        assert trained.process.wait(ENDED_WITHIN_S) != 0
        run = trained.ends_as("stopped")
    assert run["failure"] == "interrupted on request"


def test_an_abort_kills_a_script_that_ignores_it_after_the_grace_period(server: RunningServer) -> None:
    with training(server, "stubborn") as trained:
        asked_at = time.monotonic()
        trained.stop(how="abort", grace_s=1.5)
        assert trained.process.wait(ENDED_WITHIN_S) == -9
        assert time.monotonic() - asked_at > 1.4
        run = trained.ends_as("stopped")
    assert (run["exit_code"], run["failure"]) == (137, "killed on request")


def test_a_kill_takes_what_the_script_has_started_and_the_run_is_stopped_not_crashed(server: RunningServer) -> None:
    with training(server, "parent") as trained:
        child = psutil.Process(int(trained.said["child"]))
        trained.stop(how="kill")
        assert trained.process.wait(ENDED_WITHIN_S) == -9
        wait_until(lambda: is_gone(child), "the child gone")
        run = trained.ends_as("stopped")
    assert run["failure"] == "killed on request"


def test_a_stop_asked_for_while_the_syncer_is_dead_comes_with_the_next_one(server: RunningServer) -> None:
    with training(server, "polite") as trained:
        [syncer] = syncers_of(trained.process.pid)
        directory = Path(syncer.cmdline()[-1])
        syncer.kill()
        trained.stop(how="graceful")
        second = subprocess.Popen(
            [sys.executable, "-m", "marigram.client.syncer", str(directory)], stderr=subprocess.DEVNULL
        )
        assert trained.process.wait(ENDED_WITHIN_S) == 0
        run = trained.ends_as("stopped")
        second.wait(ENDED_WITHIN_S)
    assert run["stop"]["delivered_at"] is not None


def test_a_run_that_goes_on_is_not_stopped_by_a_request_to_its_earlier_process(server: RunningServer) -> None:
    with training(server, "polite") as trained:
        trained.stop(how="graceful")
        trained.process.wait(ENDED_WITHIN_S)
        trained.ends_as("stopped")
    with training(server, "polite", trained.run_id) as again:
        asked_at = time.time()
        again.stop(how="graceful")
        assert again.process.stdout is not None
        assert float(again.process.stdout.readline().split()[1]) > asked_at
        again.ends_as("stopped")


def test_the_command_line_stops_a_run_by_its_key(server: RunningServer) -> None:
    with training(server, "polite") as trained:
        command = [sys.executable, "-m", "marigram.cli", "stop", trained.run()["key"], "--project", "lab/stops"]
        environment = {**os.environ, "MARIGRAM_URL": server.url}
        done = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["how"] == "graceful"
        assert trained.process.wait(ENDED_WITHIN_S) == 0
        trained.ends_as("stopped")
        again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "has ended already" in again.stderr
