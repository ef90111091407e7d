"""What a program prints → numbered lines, as they stand on a terminal.

The number of a line counts from 1 and is the step of a string series, whose last write of a step wins: so a line that
is rewritten is written again with its number. Rewriting is what carriage returns do, and the control sequences "cursor
up", "cursor down" and "erase line" by which progress bars redraw several lines. Colours and all other sequences are
kept as they are. A new line is written at once; a line that is unfinished or rewritten at most every 0.2 s, and when
its last state is known at the end.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

REWRITE_EVERY_S = 0.2
MAX_LINE_CHARACTERS = 16_384
"""One line of a dumped array must not fill the page; the file of it belongs elsewhere."""

CUT = "…"
REWRITABLE_LINES = 200
"""No terminal is higher, so nothing above can be redrawn."""

_MOVES = re.compile(r"(\n|\r|\x1b\[\d{0,4}[ABEF]|\x1b\[[0-2]?K)")
_MOVING = ("\r", "\x1b[")


class Lines:
    """Keeps one stream's lines. Threads may print at the same time."""

    def __init__(self, *, write_line: Callable[[int, str], None], clock: Callable[[], float]) -> None:
        """Take where lines go as (number, text), and a monotonic clock in seconds."""
        self._write_line = write_line
        self._clock = clock
        self._lock = threading.RLock()
        self._rows: dict[int, str] = {}
        self._written: dict[int, str] = {}
        self._dirty: set[int] = set()
        self._row = 1
        self._last_row = 1
        self._at_start = False
        self._written_at = float("-inf")
        self._busy = False
        self._on = True

    def keep(self, text: str) -> None:
        """Keep what was printed."""
        if not self._on:
            return
        with self._lock:
            if self._busy:
                return  # what keeping prints itself, for example below a signal handler, is not kept
            self._busy = True
            try:
                self._take(text)
            finally:
                self._busy = False

    def finish(self) -> None:
        """Write what is not written yet, and keep nothing from now on."""
        self._on = False
        with self._lock:
            self._write_dirty()

    def after_fork(self) -> None:
        """In a forked child: keep nothing. Its lines would take the numbers of the parent's."""
        self._on = False
        self._lock = threading.RLock()

    def _take(self, text: str) -> None:
        if any(sign in text for sign in _MOVING):
            for piece in _MOVES.split(text):
                if piece:
                    self._move(piece) if _MOVES.fullmatch(piece) else self._put(piece)
        else:
            first, *others = text.split("\n")
            self._put(first)
            for other in others:
                self._down()
                self._put(other)
        if self._dirty and self._clock() - self._written_at >= REWRITE_EVERY_S:
            self._write_dirty()

    def _move(self, sign: str) -> None:
        if sign == "\n":
            self._down()
        elif sign == "\r":
            self._at_start = True
        elif sign[-1] == "K":
            if self._at_start or sign == "\x1b[2K":
                self._rows[self._row] = ""
                self._dirty.add(self._row)
        else:
            count = int(sign[2:-1] or "1")
            up = sign[-1] in "AF"
            lowest = max(1, self._last_row - REWRITABLE_LINES)
            self._row = max(lowest, self._row - count) if up else min(self._last_row, self._row + count)
            self._at_start = self._at_start or sign[-1] in "EF"

    def _put(self, text: str) -> None:
        if not text:
            return
        row = "" if self._at_start else self._rows.get(self._row, "")
        self._at_start = False
        if len(row) <= MAX_LINE_CHARACTERS:
            self._rows[self._row] = (row + text)[: MAX_LINE_CHARACTERS + 1]
            self._dirty.add(self._row)

    def _down(self) -> None:
        self._at_start = False
        if self._row == self._last_row:
            self._dirty.discard(self._row)
            self._write(self._row)
            self._last_row += 1
            self._forget()
        else:
            self._at_start = True  # below is a line that is there: what comes replaces it
        self._row += 1

    def _forget(self) -> None:
        gone = self._last_row - REWRITABLE_LINES - 1
        if gone in self._dirty:
            self._dirty.discard(gone)
            self._write(gone)
        self._rows.pop(gone, None)
        self._written.pop(gone, None)

    def _write_dirty(self) -> None:
        for row in sorted(self._dirty):
            self._write(row)
        self._dirty.clear()
        self._written_at = self._clock()

    def _write(self, row: int) -> None:
        text = self._rows.get(row, "")
        if self._written.get(row) != text:
            self._written[row] = text
            self._write_line(row, text if len(text) <= MAX_LINE_CHARACTERS else text[:MAX_LINE_CHARACTERS] + CUT)
