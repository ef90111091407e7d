"""Commands about queues on the disk and runs at the server, as a person runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import marigram
from asking import HttpWriter, ask
from marigram.model import RunStatus, SetStatus
from operations import CREATED_AT, create, floats, put
from running_server import RunningServer
from waiting import wait_until

WITHIN_S = 60.0
COMMAND = [sys.executable, "-m", "marigram.cli"]


def command(*arguments: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "160"} | ({"MARIGRAM_URL": url} if url else {})
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=WITHIN_S, check=False, env=environment
    )


def offline_run(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MARIGRAM_HOME", str(home))
    with marigram.init_run("lab/cats", mode="offline", source_files=[], git_ref=False) as run:
        run["lr"] = 0.1
    return run.id


def test_status_says_what_waits_and_clear_leaves_what_was_never_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = offline_run(tmp_path / "elsewhere", monkeypatch)
    [queue] = json.loads(command("status", str(tmp_path / "elsewhere"), "--json").stdout)
    assert (queue["run_id"], queue["project"], queue["running"], queue["syncer"]) == (run_id, "lab/cats", False, False)
    assert queue["waiting"] > 0
    said = command("status", str(tmp_path / "elsewhere" / "queue"))
    assert run_id[:8] in said.stdout
    assert "marigram sync" in said.stdout
    answer = command("clear", str(tmp_path / "elsewhere"), "--yes", "--json", url="http://127.0.0.1:9")
    assert json.loads(answer.stdout) == []
    assert (tmp_path / "elsewhere" / "queue" / run_id).exists()


def test_clear_asks_and_removes_the_queue_of_a_run_in_the_trash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: RunningServer
) -> None:
    monkeypatch.setenv("MARIGRAM_URL", server.url)
    run_id = offline_run(tmp_path / "home", monkeypatch)
    HttpWriter(server.url, run_id).write(create())
    assert command("clear", "--yes").stdout.startswith("Nothing to clear")
    ask(server.url, f"/api/v1/runs/{run_id}/trash", method="POST")
    refused = subprocess.run([*COMMAND, "clear"], input="n\n", capture_output=True, text=True, check=False)
    assert (refused.returncode, (tmp_path / "home" / "queue" / run_id).exists()) == (1, True)
    removed = command("clear", "--yes")
    assert (removed.returncode, removed.stdout.splitlines()[-1]) == (0, "Removed 1.")
    assert command("status").stdout.startswith("Nothing waits")


@pytest.fixture
def following(tmp_path: Path, server: RunningServer) -> Iterator[subprocess.Popen[str]]:
    folder = tmp_path / "followed"
    folder.mkdir()
    process = subprocess.Popen(
        [*COMMAND, "sync", str(folder), "--follow", "--json", "--url", server.url], stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_sync_follow_sends_a_run_that_comes_later_and_ends_with_an_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: RunningServer, following: subprocess.Popen[str]
) -> None:
    run_id = offline_run(tmp_path / "followed", monkeypatch)
    wait_until(lambda: ask(server.url, f"/api/v1/runs/{run_id}").status == 200, "the run at the server")
    assert following.stdout is not None
    assert json.loads(following.stdout.readline())["run_id"] == run_id
    following.send_signal(signal.SIGINT)
    assert following.wait(WITHIN_S) == 0


def test_a_folder_that_is_not_there_is_named() -> None:
    answer = command("status", "/no/such/folder")
    assert (answer.returncode, "/no/such/folder" in answer.stderr) == (2, True)


def test_runs_are_listed_trashed_restored_and_deleted(server: RunningServer) -> None:
    for number in (1, 2):
        HttpWriter(server.url, str(number) * 32).write(
            create(at=CREATED_AT + number),
            put("lr", number / 10),
            floats("loss", [1], [float("nan") if number == 1 else 2.5]),
            SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 5),
        )
    listed = command("runs", "list", "lab/cats", "--columns", "lr,loss", "--json", url=server.url)
    assert json.loads(listed.stdout) == [
        {"id": "2" * 32, "key": "CATS-2", "values": {"sys/id": "CATS-2", "lr": 0.2, "loss": 2.5}},
        {"id": "1" * 32, "key": "CATS-1", "values": {"sys/id": "CATS-1", "lr": 0.1, "loss": "NaN"}},
    ]
    table = command("runs", "list", "lab/cats", "--query", "lr < 0.15", url=server.url).stdout
    assert "CATS-1" in table
    assert "CATS-2" not in table
    wrong = command("runs", "list", "lab/cats", "--query", "lr <", url=server.url)
    assert wrong.returncode == 2
    assert wrong.stderr.endswith("  lr <\n      ^\n")
    assert command("runs", "trash", "lab/cats", "CATS-1", url=server.url).returncode == 0
    assert "CATS-1" not in command("runs", "list", "lab/cats", url=server.url).stdout
    assert "CATS-1" in command("runs", "list", "lab/cats", "--trashed", url=server.url).stdout
    assert command("runs", "restore", "lab/cats", "CATS-1", url=server.url).returncode == 0
    refused = command("runs", "delete", "lab/cats", "CATS-1", "--yes", url=server.url)
    assert (refused.returncode, "not in the trash" in refused.stderr) == (1, True)
    command("runs", "trash", "lab/cats", "CATS-1", url=server.url)
    assert command("runs", "delete", "lab/cats", "CATS-1", "--yes", url=server.url).returncode == 0
    gone = command("runs", "restore", "lab/cats", "CATS-1", url=server.url)
    assert (gone.returncode, "CATS-1" in gone.stderr) == (1, True)
