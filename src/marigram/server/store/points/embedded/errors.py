"""What can be wrong with the file itself."""

from __future__ import annotations


class CorruptRowError(RuntimeError):
    """A row of the points file does not hold what was written to it; nothing of it was used."""

    def __init__(self, *, table: str, row: int, reason: str) -> None:
        """Say which row is broken and why."""
        super().__init__(
            f"Row {row} of the table {table!r} in the points file is damaged: {reason}. Restore the file from a "
            f"backup, or delete the row to give up its points alone."
        )
        self.table = table
        self.row = row


class UnknownFormatError(RuntimeError):
    """The points file was written by another version of the program."""
