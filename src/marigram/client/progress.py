"""How far a download or a fetch is, for people: one line on the terminal, or a class of the user's own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol

from typing_extensions import Self


class ProgressBarCallback(Protocol):
    """What a class for `progress_bar=` must be: made with `description` and `unit`, and used in a `with` block."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        ...

    def update(self, *, by: int, total: int | None = None) -> None:
        """Say that so much more is done, of so much in all."""
        ...


ProgressBar = bool | Callable[..., ProgressBarCallback] | None


class LineProgressBar:
    """One line on stderr that is written again and again."""

    def __init__(self, *, description: str = "", unit: str = "", **_: Any) -> None:  # noqa: ANN401 what others take
        """Take what is done and what it is counted in."""
        self._description = description
        self._unit = unit
        self._done = 0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the line."""
        sys.stderr.write("\n")

    def update(self, *, by: int, total: int | None = None) -> None:
        """Write the line."""
        self._done += by
        of = f" of {total:,}" if total else ""
        sys.stderr.write(f"\r{self._description}: {self._done:,}{of} {self._unit}")
        sys.stderr.flush()


class NullProgressBar:
    """Says nothing."""

    def __init__(self, **_: Any) -> None:  # noqa: ANN401 what others take
        """Take what it will not say."""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def update(self, *, by: int, total: int | None = None) -> None:
        """Say nothing."""


@contextmanager
def told(progress_bar: ProgressBar, *, description: str, unit: str) -> Generator[Callable[[int, int | None], None]]:
    """Give a function to call with (done so far, all).

    Args:
        progress_bar: True: a line on stderr if that is a terminal; a class: one of it; None: as True; False: nothing.
        description: what is being done.
        unit: what it is counted in.
    """
    if progress_bar is None or progress_bar is True:
        make: Callable[..., ProgressBarCallback] = LineProgressBar if sys.stderr.isatty() else NullProgressBar
    elif progress_bar is False:
        make = NullProgressBar
    else:
        make = progress_bar
    said = 0
    with make(description=description, unit=unit) as bar:

        def tell(done: int, total: int | None) -> None:
            nonlocal said
            bar.update(by=done - said, total=total)
            said = done

        yield tell
