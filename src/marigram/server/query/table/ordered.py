"""`TextOrder`: the order of what every run has at one path, where the texts are too many to be kept as objects.

A million names of runs take some thirty bytes each here, and ten times as much in a `Column`, which knows each of them
and can answer more. Texts are in small letters, in UTF-8, one after the other in order; what changed lately is beside
them until it is much. Not thread-safe.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

from marigram.model import Kind, Value
from marigram.server.query.table import column

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MANY = 1_000
"""Texts that come at once and are packed at once; fewer are changes of single runs."""

_MOST_LATE = 10_000
"""Texts beside the others: each is looked up by every question, in a few microseconds."""

_NO_TEXT = -1


class TextOrder:
    """Rows of one path, as far as their order goes: numbers stand in `number`, texts have a place among all texts."""

    def __init__(self, rows: int) -> None:
        """Begin with so many runs that have nothing."""
        self._rows = rows
        self._number: NDArray[np.float64] = np.full(rows, np.nan)
        self._place: NDArray[np.int32] = np.full(rows, _NO_TEXT, np.int32)
        self._texts = _packed([])
        self._waiting: list[tuple[NDArray[np.int64], _Packed]] = []
        self._late: dict[int, bytes] = {}

    @property
    def number(self) -> NDArray[np.float64]:
        """Per run its number, moment or truth; NaN where there is none."""
        return self._number[: self._rows]

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        late = sum(column.OBJECT_BYTES + len(text) for text in self._late.values())
        return self._number.nbytes + self._place.nbytes + self._text_bytes() + late

    @property
    def wasteful(self) -> bool:
        """Whether most of the texts can no longer be anybody's: it is better loaded anew."""
        return len(self._texts) > 2 * self._rows + 1024

    def grow(self, rows: int) -> None:
        """Add runs that have nothing, up to so many in all."""
        more = rows - len(self._number)
        if more > 0:
            more += rows // 8 + 64
            self._number = np.concatenate((self._number, np.full(more, np.nan)))
            self._place = np.concatenate((self._place, np.full(more, _NO_TEXT, np.int32)))
        self._rows = rows

    def clear(self, rows: NDArray[np.int64]) -> None:
        """Let these runs have nothing."""
        if self._waiting:
            self._settle()
        self._number[rows] = np.nan
        self._place[rows] = _NO_TEXT
        for row in rows.tolist() if self._late else ():
            self._late.pop(row, None)

    def put(
        self,
        rows: NDArray[np.int64],
        kinds: Sequence[Kind],  # noqa: ARG002 the same as for a `Column`
        numbers: Sequence[int | float | None],
        others: Sequence[Value | None],
    ) -> None:
        """Let each of these runs, which have nothing so far, have a number, a text, or what has no order.

        Raises:
            TooBigError: the texts take more than `MAX_TEXT_BYTES`.
        """
        self._number[rows] = np.array(numbers, np.float64)  # None becomes NaN
        texts: dict[int, bytes] = {}
        for row, other in zip(rows.tolist(), others, strict=True):
            if isinstance(other, str):
                texts[row] = _folded(other)
            elif type(other) is int:
                self._number[row] = float(other)
        if len(texts) >= _MANY:
            self._waiting.append((np.array(list(texts), np.int64), _packed(list(texts.values()))))
        else:
            self._late.update(texts)
        if self._text_bytes() > column.MAX_TEXT_BYTES:
            raise column.TooBigError

    def ordered(self) -> tuple[Sequence[str], NDArray[np.float64]]:
        """Return the different texts in small letters, in order, and the place there of each run's, NaN for none."""
        if self._waiting or len(self._late) > _MOST_LATE:
            self._settle()
        place = self._place[: self._rows].astype(np.float64)
        place[place == _NO_TEXT] = np.nan
        texts = _Merged(self._texts, set(self._late.values()))
        place += texts.before(place)
        for row, text in self._late.items():
            place[row] = texts.find(text)
        return texts, place

    def _text_bytes(self) -> int:
        return self._texts.nbytes + sum(texts.nbytes for _, texts in self._waiting)

    def _settle(self) -> None:
        """Put all texts in order."""
        known = np.flatnonzero(self._place != _NO_TEXT)
        old = list(self._texts)
        every: list[bytes] = [old[place] for place in self._place[known].tolist()]
        rows: list[int] = known.tolist()
        for some, texts in (*self._waiting, (self._late, self._late.values())):
            rows.extend(some)
            every.extend(texts)
        self._waiting, self._late = [], {}
        different: list[bytes] = []
        for at in sorted(range(len(every)), key=every.__getitem__):
            if not different or different[-1] != every[at]:
                different.append(every[at])
            self._place[rows[at]] = len(different) - 1
        self._texts = _packed(different)


class _Packed(Sequence[bytes]):
    """Texts in one piece of memory."""

    def __init__(self, body: bytes, ends: NDArray[np.int64]) -> None:
        self._body = body
        self._ends = ends

    @property
    def nbytes(self) -> int:
        return len(self._body) + self._ends.nbytes

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        return self._body[(int(self._ends[index - 1]) if index else 0) : int(self._ends[index])]


def _packed(texts: Sequence[bytes]) -> _Packed:
    return _Packed(b"".join(texts), np.cumsum([len(text) for text in texts], dtype=np.int64))


def _folded(text: str) -> bytes:
    """Return what a text goes by; as bytes of UTF-8 texts have the same order."""
    return text[: column.KEPT_CHARACTERS].lower().encode("utf-8", "surrogatepass")


class _Merged(Sequence[str]):
    """Texts in order, and some others put among them."""

    def __init__(self, texts: _Packed, others: set[bytes]) -> None:
        self._texts = texts
        found = [(text, bisect_left(texts, text)) for text in sorted(others)]
        new = [(text, at) for text, at in found if at == len(texts) or texts[at] != text]
        self._new = [text for text, _ in new]
        self._at = np.array([at for _, at in new], np.int64)
        self._places: list[int] = (self._at + np.arange(len(new))).tolist()

    def __len__(self) -> int:
        return len(self._texts) + len(self._new)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        before = bisect_left(self._places, index)
        is_new = before < len(self._places) and self._places[before] == index
        text = self._new[before] if is_new else self._texts[index - before]
        return text.decode("utf-8", "surrogatepass")

    def before(self, places: NDArray[np.float64]) -> NDArray[np.int64] | int:
        """Return how many of the others come before each of those that have a place among the texts."""
        return np.searchsorted(self._at, places, side="right") if len(self._at) else 0

    def find(self, text: bytes) -> int:
        """Return the place of a text that is there."""
        return bisect_left(self._texts, text) + bisect_left(self._new, text)
