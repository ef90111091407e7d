"""Where a run comes from: entry script, command line, installed packages, the user on this machine.

Functions that look and return; what cannot be found out is None or empty. None of them changes anything. Modules are
imported where they are used: most take longer to load than all the rest of the client.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from importlib.metadata import Distribution


def entry_script() -> Path | None:
    """Return the script that runs; None in a notebook, a shell or `python -c`."""
    main = sys.modules.get("__main__")
    name = getattr(main, "__file__", None)
    if not isinstance(name, str):
        return None
    path = Path(name).absolute()
    return path if path.is_file() else None


def command_line() -> str:
    """Return how the program was called, as a shell would take it, with secrets masked."""
    from marigram.client.masking import mask_arguments
    from marigram.system.process import as_typed

    return as_typed(mask_arguments(getattr(sys, "orig_argv", None) or sys.argv))


def requirements() -> str:
    """Return the installed distributions, sorted, in lines that pip takes.

    What was installed from a repository names it and the commit; what is installed from a folder is a comment too.
    """
    from importlib import metadata

    lines: set[str] = set()
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            lines.add(_requirement(name, distribution))
    return "\n".join(sorted(lines, key=str.lower)) + "\n"


class _Vcs(msgspec.Struct):
    vcs: str
    commit_id: str


class _Origin(msgspec.Struct):
    """What `direct_url.json` says of a distribution that did not come from an index."""

    url: str
    vcs_info: _Vcs | None = None
    dir_info: dict[str, bool] | None = None


def _requirement(name: str, distribution: Distribution) -> str:
    from marigram.client.masking import mask_address

    line = f"{name}=={distribution.version}"
    try:
        origin = msgspec.json.decode(distribution.read_text("direct_url.json") or b"null", type=_Origin | None)
    except (msgspec.DecodeError, OSError, UnicodeDecodeError):
        return line
    match origin:
        case _Origin(vcs_info=_Vcs() as repository):
            return f"{name} @ {repository.vcs}+{mask_address(origin.url)}@{repository.commit_id}"
        case _Origin(dir_info=dict()):
            return f"{line}  # from {mask_address(origin.url)}"
        case _:
            return line


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
