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

from marigram.server.store.points.answers import BucketColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_BUCKETS = 200_000
"""About 20 MB: two charts of a hundred runs."""

_OF_ITS_OWN = 20
"""What an answer costs beside its buckets, in buckets."""


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
        """Remember answers. From now on nobody writes to their arrays, which may be parts of the same larger ones.

        All columns of an answer are parts of arrays that are alike.
        """
        if not answers:
            return
        room = _buckets_kept(answers)
        if sum(len(each.count) for each in answers.values()) < room // 2:
            answers = {key: _copied(each) for key, each in answers.items()}
            room = sum(len(each.count) for each in answers.values())
        for each in answers.values():
            # A part of what nobody may write to is not to be written to either.
            if each.count.flags.writeable:
                freeze(each)
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


def freeze(buckets: BucketColumns) -> None:
    """Let nobody write to buckets any more."""
    for name in BucketColumns.__struct_fields__:
        column: NDArray[Any] = getattr(buckets, name)
        column.setflags(write=False)


def _copied(buckets: BucketColumns) -> BucketColumns:
    return BucketColumns(**{name: getattr(buckets, name).copy() for name in BucketColumns.__struct_fields__})


def _buckets_kept(answers: Mapping[Hashable, BucketColumns]) -> int:
    """Return how many buckets there is memory for in the arrays that those of the answers are parts of."""
    kept: dict[int, int] = {}
    for each in answers.values():
        owner = each.count if each.count.base is None else each.count.base
        # A table of all columns, or one column of twelve.
        kept[id(owner)] = owner.shape[-1]
    return sum(kept.values())
