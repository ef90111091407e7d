"""Buckets that were made from blocks alone, remembered for whoever looks at the same chart again; any thread.

Blocks never change, so what was made of them stays right for as long as the series consists of just these blocks. That
is asked for anew each time; nothing here has to be told of writes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from marigram.server.store.points.port import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_BUCKETS = 200_000
"""About 20 MB: two charts of a hundred runs."""

_OF_ITS_OWN = 20
"""What an answer costs beside its buckets, in buckets."""

_BUCKET_BYTES = 8 * len(BucketColumns.__struct_fields__)


class _Together(msgspec.Struct, frozen=True, eq=False):
    """Answers of one question: parts of the same arrays, which stay in memory until all of them are forgotten."""

    keys: tuple[Hashable, ...]
    buckets: int


class RememberedBuckets:
    """The answers that were given last, those of one question together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Hashable, tuple[_Together, BucketColumns]] = {}
        self._questions: OrderedDict[int, _Together] = OrderedDict()
        self._buckets = 0

    def get(self, key: Hashable) -> BucketColumns | None:
        """Return what was remembered for the key; nobody writes to it."""
        with self._lock:
            found = self._known.get(key)
            if found is None:
                return None
            self._questions.move_to_end(id(found[0]))
            return found[1]

    def put(self, answers: Mapping[Hashable, BucketColumns]) -> None:
        """Remember answers. From now on nobody writes to their arrays, which may be parts of the same larger ones."""
        if not answers:
            return
        room = _bytes_kept(answers) // _BUCKET_BYTES
        if sum(len(each.count) for each in answers.values()) < room // 2:
            answers = {key: _copied(each) for key, each in answers.items()}
            room = sum(len(each.count) for each in answers.values())
        for each in answers.values():
            for column in _columns(each):
                column.setflags(write=False)
        question = _Together(tuple(answers), room + _OF_ITS_OWN * len(answers))
        with self._lock:
            for key in question.keys:
                before = self._known.get(key)
                if before is not None:
                    self._forget(before[0])
            self._known.update({key: (question, each) for key, each in answers.items()})
            self._questions[id(question)] = question
            self._buckets += question.buckets
            while self._buckets > _MOST_BUCKETS:
                self._forget(next(iter(self._questions.values())))

    def _forget(self, question: _Together) -> None:
        del self._questions[id(question)]
        self._buckets -= question.buckets
        for key in question.keys:
            del self._known[key]


def _columns(buckets: BucketColumns) -> list[NDArray[Any]]:
    return [getattr(buckets, name) for name in BucketColumns.__struct_fields__]


def _copied(buckets: BucketColumns) -> BucketColumns:
    return BucketColumns(**{name: getattr(buckets, name).copy() for name in BucketColumns.__struct_fields__})


def _bytes_kept(answers: Mapping[Hashable, BucketColumns]) -> int:
    """Return how much memory the answers keep: that of the arrays that theirs are parts of."""
    kept: dict[int, int] = {}
    for each in answers.values():
        for column in _columns(each):
            owner = column.base if isinstance(column.base, np.ndarray) else column
            kept[id(owner)] = owner.nbytes
    return sum(kept.values())
