"""Buckets that were made from blocks alone, remembered for whoever looks at the same chart again; any thread.

Blocks never change, so what was made of them stays right for as long as the series consists of just these blocks. That
is asked for anew each time; nothing here has to be told of writes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from marigram.server.store.points.port import BucketColumns

_MOST_BUCKETS = 200_000
"""About 20 MB: two charts of a hundred runs."""

_OF_ITS_OWN = 20
"""What an answer costs beside its buckets, in buckets."""


class RememberedBuckets:
    """The answers that were given last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, BucketColumns] = OrderedDict()
        self._buckets = 0

    def get(self, key: Hashable) -> BucketColumns | None:
        """Return what was remembered for the key; nobody writes to it."""
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def put(self, key: Hashable, buckets: BucketColumns) -> None:
        """Remember an answer; its arrays are copied, for they may be parts of larger ones."""
        own = BucketColumns(**{name: _fixed(getattr(buckets, name)) for name in BucketColumns.__struct_fields__})
        with self._lock:
            before = self._known.pop(key, None)
            if before is not None:
                self._buckets -= len(before.count) + _OF_ITS_OWN
            self._known[key] = own
            self._buckets += len(own.count) + _OF_ITS_OWN
            while self._buckets > _MOST_BUCKETS:
                _, oldest = self._known.popitem(last=False)
                self._buckets -= len(oldest.count) + _OF_ITS_OWN


def _fixed(column: Any) -> Any:  # noqa: ANN401 an array of whatever type
    copied = column.copy()
    copied.setflags(write=False)
    return copied
