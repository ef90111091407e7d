"""`Column`: what every run of a project has at one path, as arrays with one row per run. Not thread-safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from marigram.model import Kind, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS: Sequence[Kind] = tuple(Kind)
NUMBER_OF_KIND: Mapping[Kind, int] = {kind: number for number, kind in enumerate(KINDS)}
NOTHING = -1

KEPT_CHARACTERS = 256
"""Of a text: all that a regular expression looks at, and enough to put names in order."""

MAX_TEXT_BYTES = 64 * 1024 * 1024
"""Different texts in one column; beyond this it is not worth the room, and the store is asked instead."""

_EXACT = 2**53
"""A float64 holds every int up to here."""

OBJECT_BYTES = 120
"""About what a short text and its place in a list and a dictionary take besides its characters."""

Other = str | frozenset[str] | int


class TooBigError(Exception):
    """The column would take too much memory; the question has to be answered without it."""


class Column:
    """Rows of one path. Numbers stand in `number`; what is no float64 is a code for one of `values`.

    Attributes:
        values: what codes stand for, each once; texts up to `KEPT_CHARACTERS`.
        shortened: whether one of the texts is longer than what is kept of it.
        only_texts: whether all of `values` are texts.
    """

    def __init__(self, rows: int) -> None:
        """Begin with so many runs that have nothing."""
        self._rows = rows
        self._kind: NDArray[np.int8] = np.full(rows, NOTHING, np.int8)
        self._number: NDArray[np.float64] = np.full(rows, np.nan, np.float64)
        self._code: NDArray[np.int32] | None = None
        self._codes: dict[Other, int] = {}
        self._text_bytes = 0
        self._folded: tuple[int, list[str], NDArray[np.float64]] | None = None
        self.values: list[Other] = []
        self.shortened = False
        self.only_texts = True

    @property
    def kind(self) -> NDArray[np.int8]:
        """Per run the place in `KINDS` of what it has, `NOTHING` if it has nothing."""
        return self._kind[: self._rows]

    @property
    def number(self) -> NDArray[np.float64]:
        """Per run its number, moment or truth; NaN where there is none."""
        return self._number[: self._rows]

    @property
    def code(self) -> NDArray[np.int32] | None:
        """Per run the place in `values`, `NOTHING` if it is elsewhere; None if no run has one."""
        return None if self._code is None else self._code[: self._rows]

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        code = 0 if self._code is None else self._code.nbytes
        return self._kind.nbytes + self._number.nbytes + code + self._text_bytes

    @property
    def wasteful(self) -> bool:
        """Whether most of `values` can no longer be anybody's: the column is better loaded anew."""
        return len(self.values) > 2 * self._rows + 1024

    def grow(self, rows: int) -> None:
        """Add runs that have nothing, up to so many in all."""
        if rows > len(self._kind):
            room = rows + rows // 8 + 64
            self._kind = _grown(self._kind, room, NOTHING)
            self._number = _grown(self._number, room, np.nan)
            self._code = None if self._code is None else _grown(self._code, room, NOTHING)
        self._rows = rows

    def clear(self, rows: NDArray[np.int64]) -> None:
        """Let these runs have nothing."""
        self._kind[rows] = NOTHING
        self._number[rows] = np.nan
        if self._code is not None:
            self._code[rows] = NOTHING

    def put(
        self,
        rows: NDArray[np.int64],
        kinds: Sequence[Kind],
        numbers: Sequence[int | float | None],
        others: Sequence[Value | None],
    ) -> None:
        """Let each of these runs have something of a kind: a number, something else, or just that it is there.

        Raises:
            TooBigError: the texts take more than `MAX_TEXT_BYTES`.
        """
        if len(kinds) and kinds.count(kinds[0]) == len(kinds):
            self._kind[rows] = NUMBER_OF_KIND[kinds[0]]
        else:
            self._kind[rows] = [NUMBER_OF_KIND[kind] for kind in kinds]
        self._number[rows] = np.array(numbers, np.float64)  # None becomes NaN
        if not all(other is None for other in others):
            self._put_others(rows, cast("Sequence[Other | None]", others))  # stores send no moments here
        for at, number in enumerate(numbers):
            if type(number) is int and not -_EXACT <= number <= _EXACT:
                self._put_code(int(rows[at]), number)
        if self._text_bytes > MAX_TEXT_BYTES:
            raise TooBigError

    def put_numbers(self, rows: NDArray[np.int64], kind: Kind, numbers: NDArray[np.float64]) -> None:
        """Let each of these runs have a number of a kind."""
        self._kind[rows] = NUMBER_OF_KIND[kind]
        self._number[rows] = numbers

    def _put_others(self, rows: NDArray[np.int64], others: Sequence[Other | None]) -> None:
        """Put what is no number. Most values are known already, so all are looked up in one go."""
        get = self._codes.get
        codes = np.array([NOTHING if other is None else get(other, NOTHING) for other in others], np.int32)
        known = codes != NOTHING
        if self._code is not None:
            self._code[rows[known]] = codes[known]
            self._number[rows[known]] = np.nan
        unknown: list[int] = np.flatnonzero(~known).tolist()
        for at in unknown:
            other = others[at]
            if other is not None:
                self._put_code(int(rows[at]), other)

    def _put_code(self, row: int, other: Value) -> None:
        if isinstance(other, str) and len(other) > KEPT_CHARACTERS:
            other = other[:KEPT_CHARACTERS]
            self.shortened = True
        assert isinstance(other, (str, frozenset, int))  # noqa: S101 - for the type checker; stores send no others
        code = self._codes.get(other)
        if code is None:
            code = self._codes[other] = len(self.values)
            self.values.append(other)
            self.only_texts &= isinstance(other, str)
            self._text_bytes += OBJECT_BYTES + _characters(other)
        if self._code is None:
            self._code = np.full(len(self._kind), NOTHING, np.int32)
        self._code[row] = code
        self._number[row] = np.nan

    def code_of(self, other: Other) -> int:
        """Return the code of a value, `NOTHING` if no run has it."""
        return self._codes.get(other, NOTHING)

    def folded(self) -> tuple[list[str], NDArray[np.float64]]:
        """Return the different texts in small letters, in order, and the place there of each of `values`.

        What is no text has NaN as its place.
        """
        if self._folded is None or self._folded[0] != len(self.values):
            small = [value.lower() if isinstance(value, str) else None for value in self.values]
            texts = sorted({text for text in small if text is not None})
            places = {text: place for place, text in enumerate(texts)}
            place = np.array([np.nan if text is None else places[text] for text in small], np.float64)
            self._folded = len(self.values), texts, place
        return self._folded[1], self._folded[2]

    def ordered(self) -> tuple[Sequence[str], NDArray[np.float64]]:
        """Return the different texts in small letters, in order, and the place there of each run's, NaN for none."""
        texts, places = self.folded()
        return texts, np.append(places, np.nan)[self.code] if self.code is not None else np.full(self._rows, np.nan)


_Number = TypeVar("_Number", bound=np.generic)


def _grown(array: NDArray[_Number], room: int, fill: float) -> NDArray[_Number]:
    grown = np.full(room, fill, array.dtype)
    grown[: len(array)] = array
    return grown


def _characters(other: Other) -> int:
    if isinstance(other, str):
        return len(other.encode("utf-8", "surrogatepass"))
    return sum(OBJECT_BYTES + len(each) for each in other) if isinstance(other, frozenset) else 0
