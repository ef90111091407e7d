from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from marigram.client.git import GIT_TIMEOUT_S, MAX_DIFF_BYTES, MAX_UNTRACKED, GitRef, find_commit

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Run git in a repository with one commit."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    names = ["-c", "user.name=A B", "-c", "user.email=a@b", "-c", "init.defaultBranch=trunk"]
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-02T03:04:05+00:00")

    def ask(*arguments: str) -> str:
        done = subprocess.run(["git", *names, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    ask("init")
    (tmp_path / "code.py").write_text("old\n")
    ask("add", "code.py")
    ask("commit", "-m", "first\n\nand why")
    return ask


def test_a_clean_repository_has_a_commit_and_no_diff(git: Git, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    commit = find_commit(tmp_path / "below")
    assert commit is not None
    assert commit.sha == git("rev-parse", "HEAD")
    assert (commit.branch, commit.message, commit.author) == ("trunk", "first\n\nand why", "A B <a@b>")
    assert commit.date == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    assert (commit.dirty, commit.diff, commit.untracked, commit.remotes) == (False, None, (), {})
    assert (commit.upstream, commit.upstream_diff) == (None, None)


def test_staged_and_unstaged_changes_are_in_the_diff_and_untracked_files_are_listed(git: Git, tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("unstaged\n")
    (tmp_path / "staged.py").write_text("staged\n")
    git("add", "staged.py")
    (tmp_path / "n\u00f6tes.txt").write_text("not asked for")
    (tmp_path / ".gitignore").write_text("*.bin\n")
    (tmp_path / "data.bin").write_text("ignored")
    commit = find_commit(tmp_path)
    assert commit is not None
    assert commit.dirty
    assert commit.diff is not None
    assert b"+unstaged" in commit.diff
    assert b"+staged" in commit.diff
    assert commit.untracked == (".gitignore", "n\u00f6tes.txt")


def test_all_remotes_are_kept_without_their_passwords(git: Git, tmp_path: Path) -> None:
    git("remote", "add", "origin", "https://me:secret@example.org/repo.git")
    git("remote", "add", "backup", "git@example.org:repo.git")
    commit = find_commit(tmp_path)
    assert commit is not None
    assert commit.remotes == {"origin": "https://example.org/repo.git", "backup": "git@example.org:repo.git"}


def test_what_the_upstream_does_not_have_is_kept_as_a_diff(git: Git, tmp_path: Path) -> None:
    git("branch", "published")
    git("branch", "--set-upstream-to=published")
    (tmp_path / "code.py").write_text("committed\n")
    git("commit", "-am", "second")
    (tmp_path / "code.py").write_text("committed\nand more\n")
    commit = find_commit(tmp_path)
    assert commit is not None
    assert commit.upstream == "published"
    assert commit.upstream_sha == git("rev-parse", "published")
    assert commit.upstream_diff is not None
    assert b"+committed\n+and more" in commit.upstream_diff
    assert commit.diff is not None
    assert b"+committed" not in commit.diff


def test_a_detached_head_has_no_branch(git: Git, tmp_path: Path) -> None:
    git("checkout", "--detach")
    commit = find_commit(tmp_path)
    assert commit is not None
    assert commit.branch is None


def test_a_huge_diff_and_many_files_are_cut(git: Git, tmp_path: Path) -> None:
    del git
    (tmp_path / "code.py").write_text("x" * 79 + "\n" + "line of a data file\n" * (MAX_DIFF_BYTES // 10))
    for number in range(MAX_UNTRACKED + 10):
        (tmp_path / f"{number}.txt").touch()
    commit = find_commit(tmp_path)
    assert commit is not None
    assert commit.diff is not None
    assert MAX_DIFF_BYTES <= len(commit.diff) < MAX_DIFF_BYTES + 100
    assert b"[cut" in commit.diff[-50:]
    assert len(commit.untracked) == MAX_UNTRACKED


def test_no_repository_no_commit_and_no_git_are_all_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_commit(tmp_path) is None
    assert find_commit(tmp_path / "missing") is None
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert find_commit(tmp_path) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_commit(tmp_path) is None


def test_all_questions_together_have_a_time_limit(git: Git, tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("new\n")
    del git
    times = iter([0.0, 1.0, GIT_TIMEOUT_S + 1.0])
    commit = find_commit(tmp_path, clock=lambda: next(times, GIT_TIMEOUT_S + 1.0))
    assert commit is not None
    assert (commit.message, commit.branch, commit.dirty, commit.remotes) == ("first\n\nand why", None, False, {})


def test_a_slow_git_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    times = iter([0.0, GIT_TIMEOUT_S - 0.05])
    assert find_commit(tmp_path, clock=lambda: next(times, GIT_TIMEOUT_S)) is None


def test_the_disabled_reference_is_told_from_others() -> None:
    assert repr(GitRef.DISABLED) == "GitRef.DISABLED"
    assert GitRef().repository_path is None
    assert GitRef("some/where").repository_path == Path("some/where")
