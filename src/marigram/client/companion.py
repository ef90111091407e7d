"""What accompanies a run from its beginning to its end, beside the logging itself."""

from __future__ import annotations

from typing import Protocol


class Companion(Protocol):
    """Something that a run starts, stops, and tells of a fork. None of the three may raise or wait for long."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End, and leave everything as it was found."""
        ...

    def after_fork(self) -> None:
        """In a forked child: do nothing more, and undo nothing that is the parent's."""
        ...
