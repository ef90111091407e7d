"""`RecentlyUsed`: what was made of blocks lately, so that the next question finds it in memory; any thread.

Blocks never change, so nothing here has to be told of writes: a key that names a block by its number and its checksum
means the same for ever, and which blocks a series consists of is asked for anew by each question.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")

_OF_ITS_OWN = 500
"""What an entry takes beside the bytes it is said to have, about."""


class RecentlyUsed(Generic[_K, _V]):
    """A mapping that forgets what was not asked for for the longest time when it gets too large.

    Args:
        most_bytes: what all values together may take.
    """

    def __init__(self, *, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._known: OrderedDict[_K, tuple[int, _V]] = OrderedDict()
        self._bytes = 0

    def get(self, key: _K) -> _V | None:
        """Return the value of the key, which nobody changes; None if it is not known."""
        with self._lock:
            found = self._known.get(key)
            if found is None:
                return None
            self._known.move_to_end(key)
            return found[1]

    def put(self, key: _K, value: _V, *, size: int) -> None:
        """Remember a value of so many bytes instead of what the key had; from now on nobody changes it.

        What alone is too large is not remembered.
        """
        size += _OF_ITS_OWN
        with self._lock:
            before = self._known.pop(key, None)
            self._bytes -= 0 if before is None else before[0]
            if size > self._most_bytes:
                return
            self._bytes += size
            self._known[key] = size, value
            while self._bytes > self._most_bytes:
                _, (gone, _) = self._known.popitem(last=False)
                self._bytes -= gone
