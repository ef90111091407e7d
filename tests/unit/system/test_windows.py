"""The code for Windows does what it promises, in a process that looks like Windows; pretend_windows.py says how far."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from unit.client.fake_server import FakeServer

SOURCES = Path(__file__).resolve().parents[3] / "src"
PRETENDING = Path(__file__).with_name("pretend_windows.py")

LOG_A_RUN = """
import json, signal, sys
from pathlib import Path
import marigram
run = marigram.init_run(project="team/test", mode="offline", capture_hardware_metrics=False, git_ref=False)
for step in range(5000):
    run["loss"].append(step / 2)
run["parameters/lr"] = 0.1
run["notes"].upload(marigram.File.from_content("some words"))
Path("large.bin").write_bytes(bytes(17 << 20))
run["large"].upload("large.bin", wait=True)
handles_break = signal.getsignal(signal.SIGBREAK) is not signal.SIG_DFL
run.stop()
print(json.dumps({
    "run_id": run.id,
    "queue": str(next((Path(sys.modules["os"].environ["MARIGRAM_HOME"]) / "queue" / run.id).iterdir())),
    "dropped": run.dropped,
    "handles_break": handles_break,
    "segments": len([path for path in WINDOWS.opened if "new-" in path]),
    "refused": WINDOWS.refused,
}))
"""

READ_IT_BACK = """
import json, sys
from pathlib import Path
from marigram.client.backlog import Backlog
from marigram.client.queued import look_at
backlog = Backlog(directory=Path({queue!r}), run_id={run_id!r}, writer=Path({queue!r}).name)
backlog.seek(0)
losses = []
while (batch := backlog.next_batch()) is not None:
    for operation in batch.operations:
        if getattr(operation, "path", None) == "loss":
            losses += list(operation.points.values)
backlog.sync()
queued = look_at(Path({home!r}), {run_id!r})
print(json.dumps({{"losses": losses, "waiting": queued.waiting, "syncer": queued.syncer}}))
"""

SEND_IT = """
import json
from pathlib import Path
import msgspec
from marigram.client.leftovers import sync_leftovers
left = sync_leftovers(Path({home!r}), {url!r})
print(json.dumps(msgspec.to_builtins(left)))
"""


def on_windows(code: str, folder: Path) -> Any:
    """Run code in a process that looks like one of Windows; return the JSON that it prints last."""
    done = subprocess.run(
        [sys.executable, str(PRETENDING), code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def home(tmp_path: Path, own_environment: None) -> Path:
    del own_environment
    return tmp_path / "home"


def test_a_run_is_logged_read_back_sent_and_its_queue_removed(home: Path, tmp_path: Path) -> None:
    logged = on_windows(LOG_A_RUN, tmp_path)
    assert (logged["dropped"], logged["handles_break"], logged["refused"]) == ({}, True, [])
    assert logged["segments"] >= 1
    place = {"queue": logged["queue"], "run_id": logged["run_id"], "home": str(home)}
    read = on_windows(READ_IT_BACK.format(**place), tmp_path)
    assert read["losses"] == [step / 2 for step in range(5000)]
    assert (read["waiting"] > 5000, read["syncer"]) == (True, False)
    with FakeServer() as server:
        (left,) = on_windows(SEND_IT.format(home=str(home), url=server.url), tmp_path)
        assert (left["problem"], left["finished"]) == (None, True)
        assert [value for _, value in server.series("loss")] == [step / 2 for step in range(5000)]
        assert server.values()["parameters/lr"] == 0.1
        assert max(len(blob) for blob in server.blobs.values()) == 17 << 20
    assert list((home / "queue").iterdir()) == []


def test_a_queue_that_its_own_process_still_holds_is_sent_and_goes_later(home: Path, tmp_path: Path) -> None:
    with FakeServer() as server:
        send = SEND_IT.format(home=str(home), url=server.url)
        (left,) = on_windows(LOG_A_RUN + send, tmp_path)
        assert (left["sent"] > 5000, left["finished"]) == (True, False)
        assert [value for _, value in server.series("loss")] == [step / 2 for step in range(5000)]
        on_windows(send, tmp_path)
    assert list((home / "queue").iterdir()) == []


def test_a_lock_has_one_holder_until_its_file_is_closed_and_is_seen_by_others(tmp_path: Path) -> None:
    code = """
import json, os
from pathlib import Path
from marigram.client.lock import take_lock
from marigram.client.queued import has_syncer
from marigram.server.folder import DataFolder, FolderInUseError
here = Path.cwd()
seen = [has_syncer(here)]
first = take_lock(here)
seen += [has_syncer(here), take_lock(here) is None]
os.close(first)
seen += [has_syncer(here)]
second = take_lock(here)
seen += [second is not None, take_lock(here / "missing") is None]
folder = DataFolder(here / "data")
try:
    DataFolder(here / "data")
except FolderInUseError as error:
    seen += [f"process {os.getpid()}" in str(error)]
folder.close()
DataFolder(here / "data").close()
print(json.dumps(seen))
"""
    assert on_windows(code, tmp_path) == [False, True, True, False, True, True, True]


def test_the_syncer_starts_out_of_the_reach_of_the_terminal_and_outside_of_the_folder_it_removes(
    tmp_path: Path,
) -> None:
    code = """
import json
from pathlib import Path
from marigram.client.launch import start_syncer
run = Path.cwd() / "queue" / "a"
run.mkdir(parents=True)
start_syncer(run, environ={}, token="secret")
(started,) = WINDOWS.started
print(json.dumps({
    "flags": started["creationflags"],
    "outside": Path(started["cwd"]) == run.parent,
    "module": started["command"][1:3],
    "token": started["env"]["MARIGRAM_TOKEN"],
    "log_is_shared": [Path(path).name for path in WINDOWS.opened],
    "appends": started["stdout"] is started["stderr"],
}))
"""
    assert on_windows(code, tmp_path) == {
        "flags": 0x08000000 | 0x200,
        "outside": True,
        "module": ["-m", "marigram.client.syncer"],
        "token": "secret",
        "log_is_shared": ["syncer.log"],
        "appends": True,
    }


def test_an_interrupt_is_left_to_the_process_and_only_the_end_is_forced(tmp_path: Path) -> None:
    code = """
import json
from marigram.system import process
from marigram.client.self_interrupt import SelfInterrupt
class Target:
    calls = []
    def send_signal(self, number): self.calls.append(int(number))
    def kill(self): self.calls.append("kill")
process.interrupt(Target())
process.ask_to_end(Target())
process.kill(Target())
process.after_fork_in_child(print)
typed = process.as_typed(["a b", "c"])
print(json.dumps([process.INTERRUPTS_ITSELF, Target.calls, len(process.ENDING_SIGNALS), typed]))
"""
    assert on_windows(code, tmp_path) == [True, ["kill"], 2, '"a b" c']


def test_a_file_that_somebody_looks_at_is_replaced_as_soon_as_he_is_done(tmp_path: Path) -> None:
    code = """
import json, threading
from pathlib import Path
from marigram.system.files import read_whole, remove, replace
old, new = Path("old"), Path("new")
old.write_text("old")
new.write_text("new")
reader = old.open()
threading.Timer(0.1, reader.close).start()
replace(new, old)
content = read_whole(old).decode()
reader = old.open()
kept = remove(old)
reader.close()
print(json.dumps([content, bool(WINDOWS.refused), kept, remove(old), old.exists()]))
"""
    assert on_windows(code, tmp_path) == ["new", True, False, True, False]


def test_names_and_addresses_become_those_of_windows(tmp_path: Path) -> None:
    code = """
import json
from marigram.system.files import path_of_uri, safe_name
names = ["a/b.txt", "a:b", 'x<>"|?*', "con", "aux.txt/nul", "console", "dots../end. ", "C:/x"]
uris = ["file:///C:/a%20b", "file://server/share/x", "file:///d/e"]
print(json.dumps([[safe_name(name) for name in names], [str(path_of_uri(uri)) for uri in uris]]))
"""
    names, paths = on_windows(code, tmp_path)
    assert names == ["a/b.txt", "a_b", "x______", "_con", "_aux.txt/_nul", "console", "dots_/end_", "C_/x"]
    assert paths == ["C:/a b", "//server/share/x", "/d/e"]
