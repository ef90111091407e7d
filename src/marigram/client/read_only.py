"""Where writes to a run that is only read go: each is refused, which the guard counts and speaks of."""

# ruff: noqa: ARG002 what stands in for a queue has its signatures and ignores most of them

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path as FilePath

from marigram.client.errors import ReadOnlyError
from marigram.client.sink import NoSink
from marigram.client.track import Track, Tracks
from marigram.model import Operation, SetStatus, SetValue


class ReadOnlySink(NoSink):
    """Refuses what the user says. What we say ourselves, the status and the count of refusals, is ignored."""

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        """Refuse."""
        raise ReadOnlyError

    def append_row(self, tracks: Tracks, values: Iterable[float], step: float | None, milliseconds: int) -> bool:
        """Refuse."""
        raise ReadOnlyError

    def append(self, operation: Operation) -> int:
        """Refuse."""
        ours = isinstance(operation, SetValue) and operation.path.startswith("sys/drops/")
        if ours or isinstance(operation, SetStatus):
            return 0
        raise ReadOnlyError

    def stage_bytes(self, content: bytes) -> tuple[str, int]:
        """Refuse."""
        raise ReadOnlyError

    def stage_file(self, source: FilePath) -> tuple[str, int]:
        """Refuse."""
        raise ReadOnlyError
