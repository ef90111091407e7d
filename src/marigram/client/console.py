"""Copies what the program prints into string series, one point per line.

A stream is wrapped, never replaced below: text goes to the terminal first, and whatever goes wrong here, it still
does. The step is the line's number, from 1. An unfinished line, such as a progress bar, is written at most every
0.2 s with the number that it will have, so the series always shows the line as it stands on the screen. Of a line
that carriage returns rewrite, what follows the last one is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TextIO

REWRITE_EVERY_S = 0.2
MAX_LINE_CHARACTERS = 16_384
"""One line of a dumped array must not fill the page; the file of it belongs elsewhere."""


class Capture:
    """One captured stream. Threads may print at the same time."""

    def __init__(
        self,
        *,
        stream: TextIO,
        write_line: Callable[[int, str], None],
        clock: Callable[[], float],
    ) -> None:
        """Take the stream, where lines go as (number, text), and a monotonic clock in seconds."""
        self._stream = stream
        self._write_line = write_line
        self._clock = clock
        self._lock = threading.RLock()
        self._number = 1
        self._partial = ""
        self._partial_is_written = True
        self._written_at = float("-inf")
        self._busy = False
        self._on = True

    def write(self, text: str) -> int:
        """Print, then keep."""
        written = self._stream.write(text)
        if self._on:
            self._keep(text)
        return written

    def writelines(self, lines: Any) -> None:  # noqa: ANN401 as TextIO has it
        """Print several pieces, then keep them."""
        for line in lines:
            self.write(line)

    def stop(self) -> None:
        """Keep the unfinished line and pass on only, from now on."""
        self._on = False
        with self._lock:
            if not self._partial_is_written:
                self._emit(self._partial)

    def after_fork(self) -> None:
        """In a forked child: pass on only. Its lines would take the numbers of the parent's."""
        self._on = False
        self._lock = threading.RLock()

    @property
    def stream(self) -> TextIO:
        """The wrapped stream."""
        return self._stream

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 isatty, fileno, encoding, flush…: whatever the stream has
        """Answer as the stream does."""
        return getattr(self._stream, name)

    def __iter__(self) -> Any:  # noqa: ANN401 as TextIO has it
        """Read the stream, if it can be read."""
        return iter(self._stream)

    def _keep(self, text: str) -> None:
        with self._lock:
            if self._busy:
                return  # what keeping prints itself, for example below a signal handler, is not kept
            self._busy = True
            try:
                *complete, rest = (self._partial + text).split("\n")
                for line in complete:
                    self._emit(line)
                    self._number += 1
                changed = rest != self._partial or bool(complete)
                self._partial = rest
                if changed:
                    self._partial_is_written = not rest
                if rest and changed and self._clock() - self._written_at >= REWRITE_EVERY_S:
                    self._emit(rest)
                if len(rest) > MAX_LINE_CHARACTERS:
                    self._partial = rest.rpartition("\r")[2][: MAX_LINE_CHARACTERS + 1]
            finally:
                self._busy = False

    def _emit(self, line: str) -> None:
        shown = line.rstrip("\r").rpartition("\r")[2]
        if len(shown) > MAX_LINE_CHARACTERS:
            shown = shown[:MAX_LINE_CHARACTERS] + "…"
        self._write_line(self._number, shown)
        self._partial_is_written = True
        self._written_at = self._clock()
