"""What can be wrong with the file itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from marigram.server.store.points.port import DamagedPointsError

_Self = TypeVar("_Self")
_Rest = ParamSpec("_Rest")
_Answer = TypeVar("_Answer")


class CorruptRowError(DamagedPointsError):
    """A row of the points file does not hold what was written to it; nothing of it was used."""

    def __init__(self, *, table: str, row: int, reason: str) -> None:
        """Say which row is broken and why."""
        super().__init__(
            f"Row {row} of the table {table!r} in the points file is damaged: {reason}. Restore the file from a "
            f"backup, or let 'marigram doctor --give-up-damaged' take out the row and give up its points alone."
        )
        self.table = table
        self.row = row
        self.reason = reason


class UnknownFormatError(RuntimeError):
    """The points file was written by another version of the program."""


def naming_the_series(
    read: Callable[Concatenate[_Self, str, int, _Rest], _Answer],
) -> Callable[Concatenate[_Self, str, int, _Rest], _Answer]:
    """Let what a method raises of damage say which series, by run id and attribute, its first arguments."""

    @wraps(read)
    def named(self: _Self, run_id: str, attribute: int, /, *args: _Rest.args, **kwargs: _Rest.kwargs) -> _Answer:
        try:
            return read(self, run_id, attribute, *args, **kwargs)
        except DamagedPointsError as error:
            error.run_id, error.attribute = run_id, attribute
            raise

    return named
