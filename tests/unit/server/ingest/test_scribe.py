"""A scribe numbers what it writes, one after the other, and finds its place again."""

from __future__ import annotations

import asyncio

import pytest

from doors import Doors
from marigram.model import RejectionCode
from marigram.server.ingest import EnvelopeError, Scribe
from operations import RUN, create, put


def test_writes_that_come_at_once_are_all_applied_in_order(doors: Doors) -> None:
    scribe = Scribe(ingest=doors.ingest, writer="scribe")

    async def write() -> None:
        await scribe.write(RUN, [create()])
        await asyncio.gather(*(scribe.write(RUN, [put("x", number), put(f"y{number}", 1)]) for number in range(20)))

    asyncio.run(write())
    assert doors.ingest.durable_seq(RUN, "scribe") == 41
    assert doors.values()["x"] == 19
    assert len(doors.values()) == 21


def test_a_scribe_goes_on_where_another_of_its_name_has_stopped(doors: Doors) -> None:
    for number in range(3):
        asyncio.run(Scribe(ingest=doors.ingest, writer="scribe").write(RUN, [create(), put("x", number)]))
    assert (doors.values(), doors.ingest.durable_seq(RUN, "scribe")) == ({"x": 2}, 6)


def test_a_run_that_was_deleted_and_made_anew_is_written_to_from_its_beginning(doors: Doors) -> None:
    scribe = Scribe(ingest=doors.ingest, writer="scribe")
    asyncio.run(scribe.write(RUN, [create(), put("x", 1)]))
    doors.points.delete_run(RUN)
    doors.meta.delete_run(RUN)
    asyncio.run(scribe.write(RUN, [create(), put("x", 2)]))
    assert (doors.values(), doors.ingest.durable_seq(RUN, "scribe")) == ({"x": 2}, 2)


def test_what_is_looked_at_within_a_turn_is_not_changed_by_another(doors: Doors) -> None:
    scribe = Scribe(ingest=doors.ingest, writer="scribe")

    async def add_one() -> None:
        async with scribe.turn(RUN) as turn:
            before = doors.values().get("count", 0)
            await asyncio.sleep(0)
            assert isinstance(before, int)
            await turn.write([put("count", before + 1)])

    async def all_at_once() -> None:
        await scribe.write(RUN, [create()])
        await asyncio.gather(*(add_one() for _ in range(10)))

    asyncio.run(all_at_once())
    assert doors.values() == {"count": 10}


def test_a_run_that_nobody_knows_is_refused_and_the_place_is_not_lost(doors: Doors) -> None:
    scribe = Scribe(ingest=doors.ingest, writer="scribe")
    receipt = asyncio.run(scribe.write(RUN, [put("x", 1)]))
    assert [rejection.code for rejection in receipt.rejections] == [RejectionCode.RUN_UNKNOWN]
    asyncio.run(scribe.write(RUN, [create(), put("x", 2)]))
    assert doors.values() == {"x": 2}
    with pytest.raises(EnvelopeError):
        asyncio.run(scribe.write("no id", [put("x", 1)]))
