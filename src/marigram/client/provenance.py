"""Where a run comes from: commit, uncommitted changes, entry script, installed packages, host.

Functions that look and return; what cannot be found out is None or empty. None of them changes anything, and git is
asked with a time limit, because a repository on a slow network disk must not hold up a training. Modules are imported
where they are used: most take longer to load than all the rest of the client.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

GIT_TIMEOUT_S = 10.0
MAX_DIFF_BYTES = 4 << 20
"""A diff of more is a data file that somebody forgot to ignore."""


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a git repository.

    Attributes:
        sha: of HEAD.
        branch: None if HEAD is detached.
        diff: uncommitted changes to tracked files, cut at 4 MiB; None if there are none.
    """

    sha: str
    branch: str | None
    message: str
    author: str
    remote: str | None
    dirty: bool
    diff: bytes | None


def find_commit(directory: Path) -> Commit | None:
    """Return the state of the repository that `directory` belongs to; None without git or repository."""
    said = _git(directory, "log", "-1", "--format=%H%n%an <%ae>%n%B")
    if said is None:
        return None
    sha, author, message = [*said.decode(errors="replace").split("\n", 2), "", ""][:3]
    branch = _text(_git(directory, "symbolic-ref", "--short", "-q", "HEAD"))
    remote = _text(_git(directory, "config", "--get", "remote.origin.url"))
    status = _git(directory, "status", "--porcelain", "--untracked-files=no")
    diff = _git(directory, "diff", "HEAD", "--no-ext-diff", "--no-color") if status else None
    return Commit(
        sha=sha,
        branch=branch,
        message=message.strip(),
        author=author,
        remote=_without_password(remote) if remote else None,
        dirty=bool(status),
        diff=diff[:MAX_DIFF_BYTES] if diff else None,
    )


def entry_script() -> Path | None:
    """Return the script that runs; None in a notebook, a shell or `python -c`."""
    main = sys.modules.get("__main__")
    name = getattr(main, "__file__", None)
    if not isinstance(name, str):
        return None
    path = Path(name).absolute()
    return path if path.is_file() else None


def command_line() -> str:
    """Return how the program was called."""
    return " ".join(getattr(sys, "orig_argv", None) or sys.argv)


def requirements() -> str:
    """Return the installed distributions as `name==version` lines, sorted."""
    from importlib import metadata

    lines: set[str] = set()
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            lines.add(f"{name}=={distribution.version}")
    return "\n".join(sorted(lines, key=str.lower)) + "\n"


def owner() -> str | None:
    """Return the name of the user on this machine."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None  # a container with a bare user number


def files_of(patterns: Iterable[str], directory: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name to store it under, file) of every file that one of the patterns matches.

    A pattern that names a folder stands for all files below it. The name is relative to `directory`, and where the file
    is elsewhere, its path without the root.
    """
    import glob

    seen: set[Path] = set()
    for pattern in patterns:
        # Not Path.glob, which refuses patterns that begin at the root.
        for found in sorted(glob.glob(str(Path(pattern).expanduser()), root_dir=directory, recursive=True)):  # noqa: PTH207
            top = directory / found
            for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
                if path.is_file() and path not in seen:
                    seen.add(path)
                    absolute = Path(os.path.normpath(path))
                    inside = absolute.is_relative_to(directory)
                    name = absolute.relative_to(directory) if inside else absolute.relative_to(absolute.anchor)
                    yield name.as_posix(), absolute


def _git(directory: Path, *arguments: str) -> bytes | None:
    import subprocess

    # Optional locks are off, so that looking never disturbs what the user does in the repository meanwhile.
    command = ["git", "--no-optional-locks", *arguments]
    try:
        answer = subprocess.run(  # noqa: S603 a fixed program with our own arguments
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIT_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout if answer.returncode == 0 else None


def _text(said: bytes | None) -> str | None:
    return said.decode(errors="replace").strip() or None if said else None


def _without_password(remote: str) -> str:
    scheme, separator, rest = remote.partition("://")
    if not separator or "@" not in rest.partition("/")[0]:
        return remote
    return f"{scheme}://{rest.split('@', 1)[1]}"
