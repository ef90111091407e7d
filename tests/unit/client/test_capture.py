"""What `init_run` captures, and by which arguments: against a fake server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import marigram
from marigram.client.errors import SettingError
from marigram.client.git import GitRef
from marigram.model import Append
from unit.client.fake_server import FakeServer
from waiting import wait_until

PROJECT = "team/test"
QUIET: dict[str, Any] = {
    "capture_stdout": False,
    "capture_stderr": False,
    "capture_hardware_metrics": False,
    "source_files": [],
    "git_ref": False,
    "dependencies": None,
}


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this process look like a notebook's kernel."""
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=object))


def test_group_group_tags_and_seed_are_stored(fake: FakeServer) -> None:
    marigram.init_run(project=PROJECT, group="sweep", group_tags=["a", "b"], seed=42, **QUIET).stop()
    values = fake.values()
    assert (values["sys/group"], values["sys/group_tags"], values["sys/seed"]) == ("sweep", {"a", "b"}, 42)


def test_variables_are_kept_with_their_secrets_masked(fake: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("DATASET", "https://me:secret@data.example.org/x")
    monkeypatch.setenv("STORE_TOKEN", "abcdef")
    marigram.init_run(project=PROJECT, **QUIET).stop()
    assert fake.values()["sys/environment/OMP_NUM_THREADS"] == "3"
    assert "sys/environment/DATASET" not in fake.values()
    marigram.init_run(project=PROJECT, capture_environment=["DATASET", "*_TOKEN"], **QUIET).stop()
    assert fake.values()["sys/environment/DATASET"] == "https://***@data.example.org/x"
    assert fake.values()["sys/environment/STORE_TOKEN"] == "***"


def test_no_variable_is_kept_where_none_is_wanted(fake: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    marigram.init_run(project=PROJECT, capture_environment=False, **QUIET).stop()
    assert not [path for path in fake.values() if path.startswith("sys/environment")]


def test_a_file_of_requirements_is_kept_as_it_is(fake: FakeServer, tmp_path: Path) -> None:
    file = tmp_path / "requirements.in"
    file.write_text("numpy>=2\n")
    marigram.init_run(project=PROJECT, **{**QUIET, "dependencies": str(file)}).stop()
    kept = fake.values()["source_code/requirements"]
    assert (kept.filename, fake.blobs[kept.sha256]) == ("requirements.in", b"numpy>=2\n")


def test_no_requirements_are_kept_where_none_are_wanted(fake: FakeServer) -> None:
    marigram.init_run(project=PROJECT, **QUIET).stop()
    assert "source_code/requirements" not in fake.values()


@pytest.mark.parametrize("git_ref", [GitRef.DISABLED, False])
def test_nothing_about_git_is_kept_where_nothing_is_wanted(fake: FakeServer, git_ref: object) -> None:
    marigram.init_run(project=PROJECT, **{**QUIET, "git_ref": git_ref}).stop()
    assert not [path for path in fake.values() if path.startswith("source_code/git")]


def test_a_git_reference_names_the_repository(fake: FakeServer, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    for command in (
        ["init"],
        ["-c", "user.name=A", "-c", "user.email=a@b", "commit", "--allow-empty", "-m", "only"],
        ["remote", "add", "backup", "https://u:p@example.org/r"],
    ):
        subprocess.run(["git", *command], cwd=repository, check=True, capture_output=True)
    (repository / "new.py").write_text("")
    marigram.init_run(project=PROJECT, **{**QUIET, "git_ref": GitRef(repository)}).stop()
    values = fake.values()
    assert values["source_code/git/message"] == "only"
    assert values["source_code/git/remotes/backup"] == "https://example.org/r"
    assert values["source_code/git/untracked"] == "new.py"
    assert values["source_code/git/date"].year > 2000


@pytest.mark.usefixtures("notebook")
def test_in_a_notebook_console_and_hardware_are_captured_only_when_asked_for(fake: FakeServer) -> None:
    before = sys.stdout
    run = marigram.init_run(project=PROJECT, source_files=[], git_ref=False, dependencies=None)
    assert sys.stdout is before
    run.stop()
    run = marigram.init_run(project=PROJECT, capture_stdout=True, source_files=[], git_ref=False, dependencies=None)
    print("asked for")
    run.stop()
    assert fake.series(f"{run.monitoring_namespace}/stdout") == [(1.0, "asked for")]
    assert f"{run.monitoring_namespace}/memory_total" not in fake.values()


def test_what_a_child_prints_is_kept_when_asked_for(fake: FakeServer, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import marigram, subprocess\n"
        "with marigram.init_run(project='team/test', capture_child_output=True, git_ref=False) as run:\n"
        "    print('parent', flush=True)\n"
        "    subprocess.run(['sh', '-c', 'echo child; echo error >&2'])\n"
        "print('after')\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "parent\nchild\nafter\n"
    assert "error\n" in done.stderr
    paths = {each.path for each in fake.all_operations() if isinstance(each, Append)}
    printed = [line for path in paths if path.endswith("/stdout") for _, line in fake.series(path)]
    assert sorted(printed) == ["child", "parent"]
    assert [path for path in paths if path.endswith("/stderr")]


def test_the_command_line_is_masked(fake: FakeServer, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import marigram\nmarigram.init_run(project='team/test', git_ref=False).stop()\n")
    command = [sys.executable, str(script), "--api-token", "abcdefgh", "--lr", "0.1", "--name", "two words"]
    subprocess.run(command, check=True, capture_output=True)
    (line,) = [value for path, value in fake.values().items() if path.endswith("/command_line")]
    assert line.endswith("--api-token '***' --lr 0.1 --name 'two words'")


def test_hardware_tells_what_does_not_change(fake: FakeServer) -> None:
    run = marigram.init_run(project=PROJECT, **{**QUIET, "capture_hardware_metrics": True})
    space = run.monitoring_namespace
    wait_until(lambda: fake.series(f"{space}/disk_used"), "a sample")
    run.stop()
    assert fake.values()[f"{space}/memory_total"] > 0.1
    assert fake.values()[f"{space}/cpu_count"] >= 1


def test_everything_is_sent_by_the_proxy(fake: FakeServer) -> None:
    address = "http://tracker.invalid:6274"  # only the proxy could know it
    with marigram.init_run(project=PROJECT, url=address, proxies={"http": fake.url}, **QUIET) as run:
        run["x"].append(1.0)
        assert run.sync(timeout_s=20)
    assert fake.series("x") == [(0.0, 1.0)]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ({"git_ref": 3}, "GitRef"),
        ({"dependencies": "no-such-file.txt"}, "requirements.txt"),
        ({"capture_environment": 3}, "CUDA_"),
        ({"group_tags": 3}, "group_tags="),
        ({"group": 3}, "group="),
        ({"seed": "x"}, "seed=42"),
        ({"proxies": "http://proxy"}, "dict"),
        ({"proxies": {"http": "proxy:3128"}}, "http://proxy"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_to_write(arguments: dict[str, Any], hint: str) -> None:
    with pytest.raises(SettingError) as raised:
        marigram.init_run(project=PROJECT, mode="offline", **{**QUIET, **arguments})
    assert hint in str(raised.value)
