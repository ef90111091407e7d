"""The state of a git repository: what must be checked out, and patched, to have this source code again.

Only looks, never changes anything, and never runs what a repository's configuration names. Everything together takes at
most `GIT_TIMEOUT_S`: a repository on a slow network disk must not hold up a training. No git, no repository, or a
command that fails: what it would have said is None or empty.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import msgspec

GIT_TIMEOUT_S = 10.0
MAX_DIFF_BYTES = 4 << 20
"""A diff of more is a data file that somebody forgot to ignore."""

MAX_UNTRACKED = 200
_MAX_ANSWER_BYTES = 1 << 20
_CUT = b"\n[cut: the rest is not kept]\n"


class GitRef:
    """Which repository a run's source code comes from: `init_run(git_ref=GitRef("path/to/repository"))`.

    Attributes:
        DISABLED: pass it to keep nothing about git.
        repository_path: where to look for the repository, from there upwards; None: from the script that runs.
    """

    DISABLED: ClassVar[GitRef]

    def __init__(self, repository_path: str | os.PathLike[str] | None = None) -> None:
        """Take the folder."""
        self.repository_path = Path(repository_path) if repository_path is not None else None

    def __repr__(self) -> str:
        """Say which it is."""
        return "GitRef.DISABLED" if self is GitRef.DISABLED else f"GitRef({self.repository_path})"


GitRef.DISABLED = GitRef()


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a git repository.

    Attributes:
        sha: of HEAD.
        author: `name <address>`.
        date: when it was committed.
        branch: None if HEAD is detached.
        remotes: addresses by name, without user and password.
        upstream: the branch that this one follows, for example `origin/main`.
        dirty: whether tracked files were changed, staged or not.
        diff: uncommitted changes to tracked files, staged or not; None if there are none.
        upstream_sha: the commit of `upstream`, if this one is another.
        upstream_diff: what changed since the commit that both have in common, uncommitted changes included.
        untracked: names of files that git does not know, at most 200.
    """

    sha: str
    message: str
    author: str
    date: datetime | None
    branch: str | None
    remotes: dict[str, str]
    upstream: str | None
    dirty: bool
    diff: bytes | None
    upstream_sha: str | None
    upstream_diff: bytes | None
    untracked: tuple[str, ...]


def find_commit(directory: Path, *, clock: Callable[[], float] = time.monotonic) -> Commit | None:
    """Return the state of the repository that `directory` belongs to; None without git or repository."""
    git = _Git(directory, clock=clock)
    said = git.ask("log", "-1", "--format=%H%n%an <%ae>%n%cI%n%B")
    if said is None:
        return None
    sha, author, date, message = [*said.decode(errors="replace").split("\n", 3), "", "", ""][:4]
    dirty = bool(git.ask("status", "--porcelain", "--untracked-files=no"))
    upstream = git.text("rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}")
    upstream_sha = git.text("rev-parse", "@{upstream}") if upstream else None
    if upstream_sha == sha:
        upstream_sha = None
    base = git.text("merge-base", "HEAD", "@{upstream}") if upstream_sha else None
    untracked = git.ask("ls-files", "--others", "--exclude-standard", "-z") or b""
    names = [name.decode(errors="replace") for name in untracked.split(b"\0") if name]
    return Commit(
        sha=sha,
        message=message.strip(),
        author=author,
        date=_date(date),
        branch=git.text("symbolic-ref", "--short", "-q", "HEAD"),
        remotes=git.remotes(),
        upstream=upstream,
        dirty=dirty,
        diff=git.diff("HEAD") if dirty else None,
        upstream_sha=upstream_sha,
        upstream_diff=git.diff(base) if base else None,
        untracked=tuple(names[:MAX_UNTRACKED]),
    )


class _Git:
    """Asks git about one repository, until the time for all questions together is over."""

    def __init__(self, directory: Path, *, clock: Callable[[], float]) -> None:
        self._directory = directory
        self._clock = clock
        self._ends_at = clock() + GIT_TIMEOUT_S

    def diff(self, base: str) -> bytes | None:
        """Return the changes of tracked files since `base`; None if there are none."""
        options = ("--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short")
        said = self.ask("diff", *options, base, max_bytes=MAX_DIFF_BYTES)
        return said or None

    def remotes(self) -> dict[str, str]:
        """Return the addresses of the remotes by name."""
        from marigram.client.masking import mask_address

        said = self.ask("config", "--get-regexp", r"^remote\..*\.url$") or b""
        found: dict[str, str] = {}
        for line in said.decode(errors="replace").splitlines():
            key, _, address = line.partition(" ")
            found[key[len("remote.") : -len(".url")]] = mask_address(address)
        return found

    def text(self, *arguments: str) -> str | None:
        """Return an answer of one line; None if there is none."""
        said = self.ask(*arguments)
        return said.decode(errors="replace").strip() or None if said else None

    def ask(self, *arguments: str, max_bytes: int = _MAX_ANSWER_BYTES) -> bytes | None:
        """Return what git says, cut at `max_bytes`; None if it fails or the time is over."""
        import subprocess
        import threading

        left_s = self._ends_at - self._clock()
        if left_s <= 0:
            return None
        # Optional locks are off, so that looking never disturbs what the user does in the repository meanwhile. A file
        # system monitor is a program that the repository's configuration may name.
        command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", *arguments]
        try:
            process = subprocess.Popen(  # noqa: S603 a fixed program with our own arguments
                command,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            )
        except OSError:
            return None
        alarm = threading.Timer(left_s, process.kill)
        alarm.daemon = True
        alarm.start()
        with process:
            try:
                said = process.stdout.read(max_bytes + 1) if process.stdout is not None else b""
                if len(said) > max_bytes:
                    process.kill()
                    return said[:max_bytes] + _CUT
            finally:
                alarm.cancel()
        return said if process.returncode == 0 else None


def _date(text: str) -> datetime | None:
    with contextlib.suppress(ValueError):
        # Python 3.10 does not know the letter for UTC.
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    return None
