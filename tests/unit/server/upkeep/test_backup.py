"""A backup has all that was receipted before it began, and nothing half done looks like one."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from asking import HttpWriter, ask
from conftest import StartServer
from damaging import blob_place, flip
from marigram.server.upkeep.backup import MANIFEST, RESTORING, BackupError, read_backup, restore_backup, take_backup
from operations import RUN, attach, create, file_of, files, floats, put
from running_server import RunningServer
from waiting import wait_until

SMALL = b"a small file"
LARGE = bytes(range(256)) * 4000


def quiet(what: str, done: int, total: int) -> None:
    assert what in {"points", "meta", "blobs"}
    assert 0 <= done <= total


def marigram(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "marigram.cli", *words], capture_output=True, text=True, check=False)


def fill(server: RunningServer) -> HttpWriter:
    writer = HttpWriter(server.url)
    for content in (SMALL, LARGE):
        assert writer.upload(file_of(content).sha256, content).status == 201
    writer.write(create(), put("lr", 0.1), attach("model", file_of(LARGE)), files("pictures", [1], [file_of(SMALL)]))
    return writer


def points(server: RunningServer, path: str = "loss") -> list[float]:
    answer = ask(server.url, f"/api/v1/runs/{RUN}/points", path=path, limit=10_000)
    return [row["step"] for row in answer.json()["points"]] if answer.status == 200 else []


@pytest.fixture
def filled(server: RunningServer) -> RunningServer:
    """A server with one run."""
    fill(server).write(floats("loss", [1, 2, 3]))
    return server


def test_a_backup_taken_while_a_server_is_written_to_has_all_that_was_receipted_before(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    writer = fill(server)
    receipted: list[int] = []
    ended = threading.Event()

    def write() -> None:
        for step in range(1, 2_000):
            if ended.is_set():
                return
            writer.write(put("newest", step), floats("loss", [step], [step]))
            receipted.append(step)

    thread = threading.Thread(target=write)
    thread.start()
    before = 0
    for _ in range(2):
        wait_until(lambda least=before + 3: len(receipted) > least, "a few receipts")
        before = receipted[-1]
        said = marigram("backup", str(tmp_path / "backup"), "--data", str(server.data), "--json")
        assert said.returncode == 0, said.stderr
        assert json.loads(said.stdout)["blobs"] == 2
    ended.set()
    thread.join()

    said = marigram("restore", str(tmp_path / "backup"), "--data", str(tmp_path / "data1"))
    assert said.returncode == 0, said.stderr
    restored = start_server()
    assert restored.data == tmp_path / "data1"
    found = points(restored)
    assert found == [float(step) for step in range(1, len(found) + 1)]
    assert len(found) >= before
    newest = ask(restored.url, f"/api/v1/runs/{RUN}/attribute", path="newest").json()["value"]
    assert newest >= len(found)
    for path, content in (("model", LARGE), ("pictures", SMALL)):
        assert ask(restored.url, f"/api/v1/runs/{RUN}/file", path=path).body == content
    goes_on(restored).write(floats("loss", [0.5]))
    assert points(restored)[0] == 0.5


def goes_on(server: RunningServer) -> HttpWriter:
    writer = HttpWriter(server.url)
    writer.seq = writer.durable_seq()
    return writer


def test_a_backup_that_is_renewed_copies_new_blobs_alone_and_forgets_deleted_ones(
    filled: RunningServer, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    first = take_backup(filled.data, target, progress=quiet)
    place = target / "blobs" / file_of(LARGE).sha256[:2] / file_of(LARGE).sha256[2:4] / file_of(LARGE).sha256
    written = place.stat().st_mtime_ns
    blob_place(filled.data, file_of(SMALL).sha256).unlink()
    second = take_backup(filled.data, target, progress=quiet)
    assert (first.blobs, second.blobs) == (2, 1)
    assert place.stat().st_mtime_ns == written
    assert read_backup(target) == second
    names = sorted(path.name for path in target.iterdir())
    assert names == ["backup.json", "blobs", "lock", *sorted(each.name for each in second.databases.values())]


def test_a_backup_that_was_not_finished_is_none(filled: RunningServer, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    take_backup(filled.data, target, progress=quiet)
    (target / MANIFEST).unlink()
    with pytest.raises(BackupError, match="no finished backup"):
        read_backup(target)
    said = marigram("restore", str(target), "--data", str(tmp_path / "new"))
    assert (said.returncode, "no finished backup" in said.stderr) == (1, True)


def test_a_restore_overwrites_only_when_told_and_never_what_a_server_uses(
    filled: RunningServer, tmp_path: Path
) -> None:
    target = str(tmp_path / "backup")
    data = ["--data", str(filled.data)]
    assert marigram("backup", target, *data).returncode == 0
    goes_on(filled).write(floats("loss", [4]))
    said = marigram("restore", target, *data, "--force")
    assert (said.returncode, "Another Marigram server" in said.stderr) == (1, True)
    filled.stop()
    said = marigram("restore", target, *data)
    assert (said.returncode, "--force" in said.stderr) == (1, True)
    filled.start()
    assert points(filled) == [1, 2, 3, 4]
    filled.stop()
    assert marigram("restore", target, *data, "--force").returncode == 0
    filled.start()
    assert points(filled) == [1, 2, 3]


@pytest.mark.parametrize("what", ["points", "meta", "blob"])
def test_a_damaged_backup_is_refused_before_anything_is_lost(filled: RunningServer, tmp_path: Path, what: str) -> None:
    target = tmp_path / "backup"
    backup = take_backup(filled.data, target, progress=quiet)
    sha256 = file_of(LARGE).sha256
    place = target / "blobs" / sha256[:2] / sha256[2:4] / sha256
    flip(place if what == "blob" else target / backup.databases[what].name, 5_000)
    root = tmp_path / "new"
    root.mkdir()
    with pytest.raises(BackupError, match="Restore another backup"):
        restore_backup(target, root, force=False, progress=quiet)
    assert not (root / "meta.db").exists()


def test_a_server_does_not_start_on_what_is_half_restored(filled: RunningServer) -> None:
    filled.stop()
    (filled.data / RESTORING).touch()
    said = marigram("up", "--port", "0", "--data", str(filled.data))
    assert (said.returncode, "'marigram restore' again" in said.stderr) == (1, True)


def test_a_blob_that_was_damaged_before_is_named_and_not_copied(filled: RunningServer, tmp_path: Path) -> None:
    sha256 = file_of(LARGE).sha256
    flip(blob_place(filled.data, sha256), 77)
    said = marigram("backup", str(tmp_path / "backup"), "--data", str(filled.data))
    assert (said.returncode, f"the blob {sha256} is damaged" in said.stderr) == (1, True)
    assert read_backup(tmp_path / "backup").damaged == (sha256,)


def test_a_folder_without_data_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="holds no data"):
        take_backup(tmp_path, tmp_path / "backup", progress=quiet)
    assert not (tmp_path / "backup").exists()
