"""`TextLines`: the texts that all runs have at one path, where they are too many to be kept as objects.

They stand in a few large pieces, a line each, so that a text or a pattern is looked for in thousands of them at once.
What changed lately, or has several lines itself, is beside them and looked at one by one. Not thread-safe.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from marigram.model import Kind, Value
from marigram.server.query.table import column
from marigram.server.store.meta.pattern import line_finder_of, matcher_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MANY = 1_000
"""Texts that come at once and are put together; fewer are changes of single runs."""

_MOST_BESIDE = 10_000
"""Texts beside the others; each takes a question a few microseconds."""

_NONE, _BESIDE = -1, -2
"""Where a run's text is if it is in none of the pieces: nowhere, or beside them."""


class _Piece(msgspec.Struct, frozen=True):
    """Texts, each with a line's end behind it; `ends` are the offsets after each."""

    rows: NDArray[np.int64]
    body: bytes
    ends: list[int]


class TextLines:
    """Rows of one path, as far as they are texts; of texts that are longer the first `KEPT_CHARACTERS`."""

    def __init__(self, rows: int) -> None:
        """Begin with so many runs that have nothing."""
        self._rows = rows
        self._piece_of: NDArray[np.int32] = np.full(rows, _NONE, np.int32)
        self._pieces: list[_Piece] = []
        self._beside: dict[int, str] = {}
        self._shortened = False

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        pieces = sum(len(piece.body) + 16 * len(piece.ends) for piece in self._pieces)
        return self._piece_of.nbytes + pieces + sum(column.OBJECT_BYTES + len(text) for text in self._beside.values())

    @property
    def wasteful(self) -> bool:
        """Whether most of the texts can no longer be anybody's, or too many are beside: it is better loaded anew."""
        in_pieces = sum(len(piece.ends) for piece in self._pieces)
        return in_pieces > 2 * self._rows + 1024 or len(self._beside) > _MOST_BESIDE + self._rows // 100

    def grow(self, rows: int) -> None:
        """Add runs that have nothing, up to so many in all."""
        more = rows - len(self._piece_of)
        if more > 0:
            self._piece_of = np.concatenate((self._piece_of, np.full(more + rows // 8 + 64, _NONE, np.int32)))
        self._rows = rows

    def clear(self, rows: NDArray[np.int64]) -> None:
        """Let these runs have nothing."""
        self._piece_of[rows] = _NONE
        for row in rows.tolist() if self._beside else ():
            self._beside.pop(row, None)

    def put(
        self,
        rows: NDArray[np.int64],
        kinds: Sequence[Kind],  # noqa: ARG002 the same as for a `Column`
        numbers: Sequence[int | float | None],  # noqa: ARG002 the same
        others: Sequence[Value | None],
    ) -> None:
        """Let each of these runs, which have nothing so far, have a text, if it is one.

        Raises:
            TooBigError: the texts take more than `MAX_TEXT_BYTES`.
        """
        texts = {row: other for row, other in zip(rows.tolist(), others, strict=True) if isinstance(other, str)}
        lines: dict[int, bytes] = {}
        for row, whole in texts.items():
            text = whole[: column.KEPT_CHARACTERS]
            self._shortened |= len(text) < len(whole)
            if len(texts) < _MANY or "\n" in text:
                self._beside[row] = text
                self._piece_of[row] = _BESIDE
            else:
                lines[row] = text.encode("utf-8", "surrogatepass") + b"\n"
        if lines:
            piece = np.array(list(lines), np.int64)
            self._piece_of[piece] = len(self._pieces)
            ends = np.cumsum([len(line) for line in lines.values()]).tolist()
            self._pieces.append(_Piece(piece, b"".join(lines.values()), ends))
        if self.nbytes > column.MAX_TEXT_BYTES:
            raise column.TooBigError

    def that_contain(self, text: str) -> NDArray[np.bool_]:
        """Return which rows have a text in which this one stands.

        Raises:
            TooBigError: texts were shortened too much to tell.
        """
        if self._shortened:
            raise column.TooBigError
        wanted = text.encode("utf-8", "surrogatepass")
        return self._found(lambda piece: _lines_with(wanted, piece), lambda own: text in own)

    def that_match(self, pattern: str) -> NDArray[np.bool_]:
        """Return which rows have a text in whose kept characters the pattern is found."""
        is_in, places_in = matcher_of(pattern), line_finder_of(pattern)
        return self._found(lambda piece: _lines_that_match(is_in, places_in, piece), is_in)

    def _found(
        self, lines_of: Callable[[_Piece], Sequence[int]], is_wanted: Callable[[str], bool]
    ) -> NDArray[np.bool_]:
        found = np.zeros(self._rows, np.bool_)
        for number, piece in enumerate(self._pieces):
            rows = piece.rows[np.array(lines_of(piece), np.int64)]
            found[rows[self._piece_of[rows] == number]] = True
        for row, text in self._beside.items():
            found[row] = is_wanted(text)
        return found


def _lines_with(text: bytes, piece: _Piece) -> list[int]:
    if b"\n" in text:
        return []
    found: list[int] = []
    at = piece.body.find(text)
    while 0 <= at < len(piece.body):
        line = bisect_right(piece.ends, at)
        found.append(line)
        at = piece.body.find(text, piece.ends[line])
    return found


def _lines_that_match(
    is_in: Callable[[str], bool], places_in: Callable[[bytes], Iterator[int]] | None, piece: _Piece
) -> list[int]:
    if places_in is None:
        starts = [0, *piece.ends]
        each = (piece.body[start : end - 1] for start, end in zip(starts, piece.ends, strict=False))
        return [line for line, text in enumerate(each) if is_in(text.decode("utf-8", "surrogatepass"))]
    places = np.fromiter(places_in(piece.body), np.int64)
    # The last place can be the end of all, where no line begins.
    lines = np.unique(np.searchsorted(np.array(piece.ends), places, side="right"))
    return lines[lines < len(piece.ends)].tolist()
