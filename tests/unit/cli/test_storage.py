"""What takes the disk is told by run and series, and what goes by itself goes only when it was asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from asking import HttpWriter, ask
from doors import Doors
from marigram.model import Fork, RunStatus, SetStatus
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.embedded import EmbeddedPointStore
from operations import CREATED_AT, PROJECT, RUN, attach, create, file_of, files, floats
from running_server import RunningServer

OTHER = "e" * 32
MINE, BOTH, NOBODYS = b"m" * 1_000, b"b" * 2_000, b"n" * 4_000


def marigram(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "marigram.cli", *words], capture_output=True, text=True, check=False)


@pytest.fixture
def filled(server: RunningServer) -> RunningServer:
    """A server with two runs that share a file."""
    for run, own in ((RUN, [attach("mine", file_of(MINE))]), (OTHER, [])):
        writer = HttpWriter(server.url, run=run)
        for content in (MINE, BOTH, NOBODYS):
            writer.upload(file_of(content).sha256, content)
        writer.write(create(), floats("loss", range(100)), files("pictures", [1], [file_of(BOTH)]), *own)
    return server


def test_sizes_are_told_by_run_and_shared_files_apart(filled: RunningServer) -> None:
    said = marigram("storage", "--url", filled.url, "--json")
    assert said.returncode == 0, said.stderr
    answer = json.loads(said.stdout)
    runs = {run["id"]: run for run in answer["runs"]}
    assert (runs[RUN]["files"], runs[RUN]["shared_files"]) == (len(MINE), len(BOTH))
    assert (runs[OTHER]["files"], runs[OTHER]["shared_files"]) == (0, len(BOTH))
    assert (answer["files"], answer["shared_files"]) == (len(MINE) + len(BOTH), 0)
    assert answer["unnamed_files"] == len(NOBODYS)
    assert answer["points"] == sum(run["points"] for run in runs.values()) > 0

    one = json.loads(marigram("storage", "--run", "CATS-1", "--project", PROJECT, "--url", filled.url, "--json").stdout)
    assert [run["id"] for run in one["runs"]] == [RUN]
    assert (one["files"], one["shared_files"]) == (len(MINE) + len(BOTH), len(BOTH))
    said = marigram("storage", "--url", filled.url)
    assert "CATS-1" in said.stdout
    assert marigram("storage", "--run", "no such run", "--url", filled.url).returncode == 2
    assert ask(filled.url, "/api/v1/storage", run="0" * 32).status == 404
    assert ask(filled.url, "/api/v1/storage", project="lab/dogs").json()["runs"] == []


def test_runs_are_deleted_together_with_their_forks_in_any_order(server: RunningServer) -> None:
    done = SetStatus(status=RunStatus.FINISHED, at=CREATED_AT)
    HttpWriter(server.url, run=RUN).write(create(), floats("loss", [1, 2]), done)
    fork = msgspec.structs.replace(create(), fork=Fork(run_id=RUN, step=1.0))
    HttpWriter(server.url, run=OTHER).write(fork, done)
    words = [PROJECT, "CATS-1", "CATS-2", "--url", server.url]
    assert marigram("runs", "trash", *words).returncode == 0
    said = marigram("runs", "delete", PROJECT, "CATS-1", "--yes", "--url", server.url)
    assert (said.returncode, "history of CATS-2 begins in the run CATS-1" in said.stderr) == (1, True)
    assert marigram("runs", "delete", "--yes", *words).returncode == 0
    assert ask(server.url, f"/api/v1/runs/{RUN}").status == 404
    assert ask(server.url, f"/api/v1/runs/{OTHER}").status == 404


NO_RULES = {"trash_days": None, "keep_files": {}, "keep_best": {}, "thin_after_days": None, "thin_to": 10_000}


def test_a_dry_run_says_how_many_points_of_old_series_would_go(tmp_path: Path) -> None:
    points = EmbeddedPointStore(tmp_path / "points.db")
    points.start()
    doors = Doors(SqliteMetaStore(tmp_path / "meta.db"), points)
    doors.ingest.start()
    for run, done in ((RUN, [SetStatus(status=RunStatus.FINISHED, at=CREATED_AT)]), (OTHER, [])):
        doors.write(create(), floats("loss", list(range(1_000))), *done, run=run)
    points.flush()
    doors.ingest.close()
    points.close()
    doors.meta.close()
    words = ["retention", "--data", str(tmp_path), "--thin-after-days", "0", "--thin-to", "100"]
    answer = json.loads(marigram(*words, "--dry-run", "--json").stdout)
    assert [(each["id"], each["points"], each["bytes"] > 0) for each in answer["going"]] == [(RUN, 900, True)]
    assert not (tmp_path / "retention.json").exists()
    said = marigram(*words).stdout
    assert "Series of runs that ended 0 days ago keep 100 points." in said
    assert "about 900 points of series" in said
    assert json.loads((tmp_path / "retention.json").read_text()) == {**NO_RULES, "thin_after_days": 0.0, "thin_to": 100}
    assert marigram(*words[:-1], "99").returncode == 2


def test_the_trash_is_emptied_by_a_rule_and_a_dry_run_only_says_so(filled: RunningServer) -> None:
    data = ["--data", str(filled.data)]
    assert "Nothing goes by itself" in marigram("retention", *data).stdout
    assert ask(filled.url, f"/api/v1/runs/{RUN}/trash", method="POST").status == 200
    answer = json.loads(marigram("retention", "--trash-days", "0", "--dry-run", "--json", *data).stdout)
    assert [(run["id"], run["bytes"] > 0) for run in answer["going"]] == [(RUN, True)]
    assert not (filled.data / "retention.json").exists()
    assert marigram("retention", "--trash-days", "0", *data).returncode == 0
    assert json.loads((filled.data / "retention.json").read_text()) == {**NO_RULES, "trash_days": 0.0}
    said = marigram("retention", "--off", "--keep-files", "ckpt=1", "--json", *data)
    assert json.loads(said.stdout)["rules"] == {**NO_RULES, "keep_files": {"ckpt": 1}}
    for wrong in ("ckpt", "ckpt=0", "=1", "ckpt=x"):
        assert marigram("retention", "--keep-files", wrong, *data).returncode == 2
    for wrong in ("ckpt=1", "ckpt=0:loss:min", "=1:loss:min", "ckpt=1:loss:least", "ckpt=1::min"):
        assert marigram("retention", "--keep-best", wrong, *data).returncode == 2
    said = marigram("retention", "--off", "--keep-best", "ckpt=1:loss:min", *data)
    assert (said.returncode, "Give --keep-files for the same path" in said.stderr) == (1, True)
    said = marigram("retention", "--keep-best", "ckpt=2:loss:max", *data)
    assert "keeps the last 1 and the 2 with the largest loss in their names." in said.stdout
    best = {"ckpt": {"count": 2, "name": "loss", "largest": True}}
    assert json.loads((filled.data / "retention.json").read_text())["keep_best"] == best
    assert marigram("retention", "--off", *data).returncode == 0
    assert json.loads(marigram("retention", "--json", *data).stdout)["going"] == []
    (filled.data / "retention.json").write_text("{")
    said = marigram("retention", *data)
    assert (said.returncode, "cannot be understood" in said.stderr) == (1, True)
