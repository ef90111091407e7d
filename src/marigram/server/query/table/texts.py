"""`RunTexts`: what a text search looks at in the runs of a project, compressed in chunks. Not thread-safe.

One text per run, in small letters, its parts on lines of their own. A word holds no white space, so it is never found
across two parts or two runs.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import zstandard

from marigram.server.query.table.index import RunIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK_ROWS = 4096
"""About a megabyte of text: what is read and packed again when one of its runs changes."""

_LEVEL = 1

ReadTexts = Callable[[Sequence[int]], Mapping[int, str]]


class _Chunk(msgspec.Struct):
    """Texts of rows that follow each other; `ends` are the offsets after each in the unpacked body."""

    body: bytes
    ends: array[int]


class RunTexts:
    """Texts of all runs that a search has looked at."""

    def __init__(self, index: RunIndex, read: ReadTexts) -> None:
        """Take the rows there are, and who says the texts of runs by number."""
        self._index = index
        self._read = read
        self._chunks: dict[int, _Chunk] = {}
        self._changed: dict[int, set[int]] = {}

    @property
    def index(self) -> RunIndex:
        """The rows that this goes by."""
        return self._index

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        return sum(len(chunk.body) + 4 * len(chunk.ends) for chunk in self._chunks.values())

    def change(self, rows: NDArray[np.int64]) -> None:
        """Read these rows again when they are next looked at."""
        for row in rows.tolist():
            if row // CHUNK_ROWS in self._chunks:
                self._changed.setdefault(row // CHUNK_ROWS, set()).add(row)

    def search(self, words: Sequence[str], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which of these rows have every word somewhere, whatever its case."""
        wanted = [word.lower().encode("utf-8", "surrogatepass") for word in words]
        found = np.zeros(len(among), np.bool_)
        for number in range(-(-len(among) // CHUNK_ROWS)):
            first = number * CHUNK_ROWS
            some = among[first : first + CHUNK_ROWS]
            if some.any():
                chunk, body = self._unpacked(number)
                for word in wanted:
                    some = some & _rows_with(word, body, chunk.ends, len(some))
                found[first : first + CHUNK_ROWS] = some
        return found

    def _unpacked(self, number: int) -> tuple[_Chunk, bytes]:
        """Return a chunk as it is now, and its body."""
        first = number * CHUNK_ROWS
        rows = min(CHUNK_ROWS, len(self._index) - first)
        chunk = self._chunks.pop(number, None)  # if what follows fails, it is read anew next time
        changed = self._changed.pop(number, set())
        texts: list[bytes] = []
        if chunk is not None:
            body = zstandard.ZstdDecompressor().decompress(chunk.body)
            if not changed and len(chunk.ends) == rows:
                self._chunks[number] = chunk
                return chunk, body
            texts = [body[begin:end] for begin, end in zip([0, *chunk.ends], chunk.ends, strict=False)]
        changed |= set(range(first + len(texts), first + rows))
        texts += [b"\n"] * (rows - len(texts))
        numbers: list[int] = self._index.number[sorted(changed)].tolist()
        said = self._read(numbers)
        for row, run in zip(sorted(changed), numbers, strict=True):
            texts[row - first] = said.get(run, "").lower().encode("utf-8", "surrogatepass") + b"\n"
        body = b"".join(texts)
        ends = array("I", np.cumsum([len(text) for text in texts], dtype=np.uint32).tobytes())
        chunk = self._chunks[number] = _Chunk(zstandard.ZstdCompressor(level=_LEVEL).compress(body), ends)
        return chunk, body


def _rows_with(word: bytes, body: bytes, ends: array[int], rows: int) -> NDArray[np.bool_]:
    found = np.zeros(rows, np.bool_)
    at = body.find(word)
    while at >= 0:
        row = bisect_right(ends, at)
        found[row] = True
        at = body.find(word, ends[row])
    return found
