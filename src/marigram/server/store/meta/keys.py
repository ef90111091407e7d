"""What every engine of metadata names and refuses alike. Pure."""

from __future__ import annotations

import re

from marigram.model import Kind, Path, ProjectName, Rejection, RejectionCode, Rewind

SEARCHED_TEXT_CHARACTERS = 256
"""Longest value that a text search looks into; longer ones are documents, not parameters."""

AFTER_SLASH = chr(ord("/") + 1)
"""All that is below `path` stands between `path/` and `path` with this."""

_KEY_LETTERS = 4


def key_prefix(project: ProjectName) -> str:
    """Return the first letters and digits of the project's own name, in capitals: `lab/mnist-cnn` → `MNIS`."""
    letters = re.sub(r"[^A-Za-z0-9]", "", project.partition("/")[2]).upper()
    return letters[:_KEY_LETTERS] or "RUN"


def reaches(rewind: Rewind, path: Path) -> bool:
    """Return whether a series at `path` is cut."""
    if any(_is_below(path, kept) for kept in rewind.keep):
        return False
    return rewind.path is None or _is_below(path, rewind.path)


def is_inherited(path: Path) -> bool:
    """Return whether a forked run has its parent's series at `path`: the console and the hardware are not its own."""
    return not _is_below(path, Path("monitoring"))


def _is_below(path: Path, above: Path) -> bool:
    return path == above or path.startswith(f"{above}/")


def fork_refused(reason: str) -> Rejection:
    """Return the refusal of a fork; the run itself is made."""
    message = f"{reason} The run begins without a history. Fork from an earlier run of the same project."
    return Rejection(path=None, code=RejectionCode.INVALID_VALUE, message=message)


def kind_conflict(path: Path, has: Kind, wanted: Kind, count: int) -> Rejection:
    """Return the refusal to write one kind where there is another."""
    message = (
        f"'{path}' already holds a {has.value.replace('_', ' ')}, so no {wanted.value.replace('_', ' ')} can be "
        "written there. Use another path, or delete the attribute first."
    )
    return Rejection(path=path, code=RejectionCode.KIND_CONFLICT, message=message, count=count)


def run_unknown(run_id: str, count: int) -> Rejection:
    """Return the refusal of a whole batch."""
    message = f"Run {run_id} does not exist here. Send CreateRun first."
    return Rejection(path=None, code=RejectionCode.RUN_UNKNOWN, message=message, count=count)
