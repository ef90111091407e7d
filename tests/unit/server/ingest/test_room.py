"""What waits is bounded by bytes: who finds no room is told to come again, and what was taken is not lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from doors import Doors
from marigram.model import Batch
from marigram.server.ingest import Busy
from marigram.server.ingest.door import MAX_WAITING_BYTES
from marigram.server.ingest.room import Room, weight_of
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.points.batch import PointBatch
from marigram.server.store.points.memory import MemoryPointStore
from operations import batch_of, create, edit, floats, put, strings

WAIT_S = 30.0


class SlowPoints(MemoryPointStore):
    """A point store whose commits a test holds up."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()

    def commit(self, batches: Sequence[PointBatch]) -> int:
        assert self.open.wait(WAIT_S)
        return super().commit(batches)


def large(writer: str) -> Batch:
    """Return a batch of a little more than a third of what may wait."""
    return batch_of(create(), strings("log", [1.0], ["x" * (MAX_WAITING_BYTES // 3)]), writer=writer)


def test_room_is_given_as_long_as_there_is_some() -> None:
    room = Room(100)
    assert room.take(60)
    assert room.take(40)
    assert not room.take(1)
    room.give_back(60)
    assert room.take(60)


def test_who_is_alone_gets_more_than_there_is() -> None:
    room = Room(100)
    assert room.take(1_000)
    assert not room.take(0)
    room.give_back(1_000)
    assert room.take(100)


@pytest.mark.parametrize(
    "batch",
    [
        batch_of(floats("x", range(100_000))),
        batch_of(strings("x", range(10_000), ["y" * 100] * 10_000)),
        batch_of(put("x", "y" * 1_000_000)),
        batch_of(edit("x", add=["y" * 1_000] * 1_000)),
    ],
    ids=["floats", "strings", "value", "set"],
)
def test_a_batch_weighs_what_it_holds(batch: Batch) -> None:
    assert 1_000_000 <= weight_of(batch) <= 4_000_000
    assert weight_of(batch_of(put("x", 1))) < 2_000


def test_when_too_many_bytes_wait_the_next_is_told_to_come_again() -> None:
    points = SlowPoints()
    doors = Doors(MemoryMetaStore(), points)
    doors.ingest.start()

    async def body() -> None:
        waiting = [asyncio.ensure_future(doors.ingest.accept(large(writer))) for writer in ("a", "b")]
        await asyncio.sleep(0)
        with pytest.raises(Busy) as caught:
            await doors.ingest.accept(large("c"))
        assert caught.value.retry_after_s >= 1
        with pytest.raises(Busy), doors.ingest.arriving(MAX_WAITING_BYTES // 2):
            pass
        points.open.set()
        assert [receipt.durable_seq for receipt in await asyncio.gather(*waiting)] == [2, 2]
        assert (await doors.ingest.accept(large("c"))).durable_seq == 2

    try:
        asyncio.run(body())
    finally:
        points.open.set()
        doors.ingest.close()


def test_room_for_a_body_is_given_back_when_it_has_been_read() -> None:
    doors = Doors(MemoryMetaStore(), MemoryPointStore())
    for _ in range(3):
        with doors.ingest.arriving(MAX_WAITING_BYTES), pytest.raises(Busy), doors.ingest.arriving(1):
            pass
