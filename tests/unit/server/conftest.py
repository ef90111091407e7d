"""Both doors over the reference engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doors import Doors
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.points.memory import MemoryPointStore


@pytest.fixture
def doors() -> Iterator[Doors]:
    """Give both doors over memory; the commit thread runs."""
    doors = Doors(MemoryMetaStore(), MemoryPointStore())
    doors.ingest.start()
    yield doors
    doors.ingest.close()
