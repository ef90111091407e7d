"""The `receipt` file of a queue: how far the server has everything, and what it refused.

The syncer replaces it whole; the training process and `marigram sync` read it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from marigram.system.files import read_whole, replace

_NAME = "receipt"


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where a queue stands.

    Attributes:
        durable_seq: the server has everything up to here; 0 at the start.
        rejected: how many operations or points the server refused, by code.
        lost: operations that a loss of power took from the queue, or that a server which lost data no longer has.
        files_gone: large files that were no longer there when they were to be sent.
        files_changed: large files that were overwritten between the call and their sending.
        problem: why sending does not go on, if it does not.
        rejection: where and why the server refused something, the last time; None if it never did.
        refused: the problem is an answer of the server, which will be the same until somebody puts something right.
        points_stored, points_refused: what became of all points up to `durable_seq`, as the server counted them;
            `points_stored` is None if it did not.
    """

    durable_seq: int = 0
    rejected: dict[str, int] = {}
    lost: int = 0
    problem: str | None = None
    files_gone: int = 0
    files_changed: int = 0
    points_stored: int | None = None
    points_refused: int = 0
    refused: bool = False
    rejection: str | None = None


def save_position(directory: Path, position: Position) -> None:
    """Write the position whole or not at all."""
    temporary = directory / (_NAME + ".new")
    temporary.write_bytes(msgspec.json.encode(position))
    replace(temporary, directory / _NAME)


def load_position(directory: Path) -> Position:
    """Return the position; the start if none was saved."""
    try:
        return msgspec.json.decode(read_whole(directory / _NAME), type=Position)
    except (FileNotFoundError, msgspec.DecodeError):
        return Position()
