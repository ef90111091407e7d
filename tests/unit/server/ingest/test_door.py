"""The door in: each position is applied once, groups share a commit, and a failure reaches who waits."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from doors import Doors, without_messages
from marigram.model import Batch, Receipt, Tally
from marigram.server.ingest import Busy, EnvelopeError
from marigram.server.ingest.door import MAX_WAITING_BATCHES
from marigram.server.store.blobs.port import BlobMismatchError
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.batch import PointBatch
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.memory import MemoryPointStore
from operations import CREATED_AT, RUN, batch_of, create, delete, edit, file_of, floats, put
from waiting import wait_until

WAIT_S = 30.0


class DoubtfulPoints(MemoryPointStore):
    """A point store whose commits a test can hold up, or let fail."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[list[str]] = []
        self.open = threading.Event()
        self.open.set()
        self.faults: list[Exception] = []

    def commit(self, batches: Sequence[PointBatch]) -> int:
        self.groups.append([batch.writer for batch in batches])
        assert self.open.wait(WAIT_S)
        if self.faults:
            raise self.faults.pop()
        return super().commit(batches)


@pytest.fixture
def doubtful() -> Iterator[tuple[Doors, DoubtfulPoints]]:
    points = DoubtfulPoints()
    doors = Doors(MemoryMetaStore(), points)
    doors.ingest.start()
    yield doors, points
    points.open.set()
    doors.ingest.close()


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[Doors]:
    meta = SqliteMetaStore(tmp_path / "meta.db")
    points = EmbeddedPointStore(tmp_path / "points.db")
    points.start()
    doors = Doors(meta, points)
    doors.ingest.start()
    yield doors
    doors.ingest.close()
    points.close()
    meta.close()


def plain(receipt: Receipt) -> Receipt:
    """Return the receipt without its tally, which has tests of its own."""
    return msgspec.structs.replace(receipt, tally=msgspec.UNSET)


def test_a_batch_sent_twice_is_stored_once(doors: Doors) -> None:
    batch = batch_of(create(), floats("loss", [1, 2]), edit("tags", add=["a"]))
    first = doors.accept(batch)
    doors.write(edit("tags", remove=["a"]))
    again = doors.accept(batch)
    assert (plain(first), plain(again)) == (Receipt(durable_seq=3), Receipt(durable_seq=4))
    assert doors.values() == {"loss": [(1.0, CREATED_AT, 1.0), (2.0, CREATED_AT + 1, 2.0)], "tags": frozenset()}
    assert doors.points.position() == 2


def test_a_batch_after_a_gap_is_not_applied_and_the_receipt_says_where_to_go_on(doors: Doors) -> None:
    doors.write(create(), put("x", 1))
    assert plain(doors.accept(batch_of(put("x", 2), first=4))) == Receipt(durable_seq=2)
    assert doors.values() == {"x": 1}


def test_a_batch_that_overlaps_what_is_durable_is_not_applied(doors: Doors) -> None:
    doors.write(create(), put("x", 1), put("y", 1))
    assert plain(doors.accept(batch_of(put("y", 2), put("z", 3), first=3))) == Receipt(durable_seq=3)
    assert doors.values() == {"x": 1, "y": 1}


def test_an_unknown_run_is_refused_and_the_writer_stays_where_it_is(doors: Doors) -> None:
    receipt = doors.accept(batch_of(put("x", 1), put("y", 2)))
    assert receipt.durable_seq == 0
    assert without_messages(receipt) == [(None, "run_unknown", 2)]
    assert doors.ingest.durable_seq(RUN, "w") == 0
    assert plain(doors.accept(batch_of(create(), put("x", 1), put("y", 2)))) == Receipt(durable_seq=3)


def test_a_second_writer_needs_no_create_run(doors: Doors) -> None:
    doors.write(create(), put("x", 1))
    assert plain(doors.write(put("y", 2), writer="other")) == Receipt(durable_seq=1)
    assert doors.values() == {"x": 1, "y": 2}


def test_merged_positions_count_as_durable(doors: Doors) -> None:
    assert plain(doors.accept(batch_of(create(), floats("loss", range(10)), last=11))) == Receipt(durable_seq=11)
    assert doors.ingest.durable_seq(RUN, "w") == 11


def test_a_batch_of_nothing_but_refusals_moves_the_writer_on(doors: Doors) -> None:
    doors.write(create())
    assert doors.write(put("sys/id", "x")).durable_seq == 2
    assert doors.ingest.durable_seq(RUN, "w") == 2


def held_up(doors: Doors, points: DoubtfulPoints, body: Callable[[], Awaitable[None]]) -> None:
    """Run `body` while the commit thread is busy with a first batch; it opens the store itself."""

    async def run() -> None:
        points.open.clear()
        first = asyncio.ensure_future(doors.ingest.accept(batch_of(create(), writer="first")))
        await asyncio.to_thread(wait_until, lambda: points.groups, "a commit in progress")
        try:
            await body()
        finally:
            points.open.set()
            await first

    asyncio.run(run())


def test_batches_that_wait_are_committed_together(doubtful: tuple[Doors, DoubtfulPoints]) -> None:
    doors, points = doubtful

    async def body() -> None:
        waiting = [
            asyncio.ensure_future(doors.ingest.accept(batch_of(put(f"x{at}", at), writer=f"w{at}"))) for at in range(5)
        ]
        await asyncio.sleep(0)
        points.open.set()
        assert [plain(each) for each in await asyncio.gather(*waiting)] == [Receipt(durable_seq=1)] * 5

    held_up(doors, points, body)
    assert points.groups == [["first"], ["w0", "w1", "w2", "w3", "w4"]]
    assert doors.values() == {f"x{at}": at for at in range(5)}


def test_one_writers_batches_may_wait_in_one_group(doubtful: tuple[Doors, DoubtfulPoints]) -> None:
    doors, points = doubtful

    async def body() -> None:
        batches = [batch_of(put("x", at), first=at) for at in (1, 2, 3)]
        twice = batch_of(put("x", 99), first=2)
        waiting = [asyncio.ensure_future(doors.ingest.accept(batch)) for batch in (*batches, twice)]
        await asyncio.sleep(0)
        points.open.set()
        receipts = await asyncio.gather(*waiting)
        assert [receipt.durable_seq for receipt in receipts[:3]] == [1, 2, 3]
        assert receipts[3].durable_seq <= 3

    held_up(doors, points, body)
    assert points.groups == [["first"], ["w", "w", "w"]]
    assert doors.values() == {"x": 3}


def test_a_batch_after_a_refused_one_in_the_same_group_leaves_no_gap(doubtful: tuple[Doors, DoubtfulPoints]) -> None:
    doors, points = doubtful
    other = "f" * 32

    async def body() -> None:
        batches = [batch_of(put("x", 1), run=other), batch_of(create(), put("y", 2), first=2, run=other)]
        waiting = [asyncio.ensure_future(doors.ingest.accept(batch)) for batch in batches]
        await asyncio.sleep(0)
        points.open.set()
        assert [receipt.durable_seq for receipt in await asyncio.gather(*waiting)] == [0, 0]

    held_up(doors, points, body)
    assert doors.ingest.durable_seq(other, "w") == 0


def test_when_too_many_wait_the_next_is_told_to_come_again(doubtful: tuple[Doors, DoubtfulPoints]) -> None:
    doors, points = doubtful

    async def body() -> None:
        waiting = [
            asyncio.ensure_future(doors.ingest.accept(batch_of(put("x", at), writer=f"w{at}")))
            for at in range(MAX_WAITING_BATCHES)
        ]
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="Send the batch again") as caught:
            await doors.ingest.accept(batch_of(put("y", 1), writer="late"))
        assert caught.value.retry_after_s >= 1
        points.open.set()
        assert [plain(each) for each in await asyncio.gather(*waiting)] == [
            Receipt(durable_seq=1)
        ] * MAX_WAITING_BATCHES

    held_up(doors, points, body)
    assert "y" not in doors.values()
    assert plain(doors.write(put("y", 1), writer="late")) == Receipt(durable_seq=1)


def test_a_caller_that_went_away_costs_its_neighbours_nothing(doubtful: tuple[Doors, DoubtfulPoints]) -> None:
    doors, points = doubtful

    async def body() -> None:
        gone = asyncio.ensure_future(doors.ingest.accept(batch_of(put("x", 1), writer="gone")))
        stays = asyncio.ensure_future(doors.ingest.accept(batch_of(put("y", 2), writer="stays")))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        points.open.set()
        assert plain(await stays) == Receipt(durable_seq=1)
        assert gone.cancelled()

    held_up(doors, points, body)
    assert doors.values()["y"] == 2


def test_a_full_disk_reaches_the_caller_and_a_retry_stores_everything_once(
    doubtful: tuple[Doors, DoubtfulPoints],
) -> None:
    doors, points = doubtful
    batch = batch_of(create(), floats("loss", [1]), edit("tags", add=["a"]), put("x", 1))
    points.faults.append(OSError(28, "No space left on device"))
    with pytest.raises(OSError, match="No space left"):
        doors.accept(batch)
    assert doors.ingest.durable_seq(RUN, "w") == 0
    assert plain(doors.accept(batch)) == Receipt(durable_seq=4)
    assert doors.values() == {"loss": [(1.0, CREATED_AT, 1.0)], "tags": frozenset({"a"}), "x": 1}


def test_a_full_disk_under_the_metadata_reaches_the_caller_and_a_retry_succeeds(tmp_path: Path) -> None:
    meta = SqliteMetaStore(tmp_path / "meta.db")
    doors = Doors(meta, MemoryPointStore())
    doors.ingest.start()
    doors.write(create())
    pages = meta._connection.execute("PRAGMA page_count").fetchone()[0]
    meta._connection.execute(f"PRAGMA max_page_count = {pages}")
    big = batch_of(put("small", 1), *(put(f"notes/{at}", "x" * 5000) for at in range(50)), first=2)
    with pytest.raises(Exception, match="full"):
        doors.accept(big)
    meta._connection.execute("PRAGMA max_page_count = 1000000")
    assert plain(doors.accept(big)) == Receipt(durable_seq=52)
    assert len(doors.values()) == 51
    doors.ingest.close()
    meta.close()


@pytest.mark.parametrize("memory", [True, False], ids=["memory", "durable"])
def test_metadata_that_was_committed_before_a_crash_is_applied_again_without_harm(
    memory: bool, doors: Doors, durable: Doors
) -> None:
    chosen = doors if memory else durable
    chosen.write(create(), floats("loss", [1, 2]), floats("old/a", [1]), put("x", 1))
    stretch = batch_of(
        put("x", 2),
        edit("tags", add=["a", "b"]),
        edit("tags", remove=["a"]),
        delete("loss"),
        delete("old"),
        floats("new", [1]),
        delete("new"),
        put("new", "value"),
        first=5,
    )
    # The crash: the metadata of the stretch is durable, its points and position are not.
    chosen.meta.commit([stretch], heard_at=CREATED_AT)
    assert chosen.accept(stretch).durable_seq == 12
    assert chosen.values() == {"x": 2, "tags": frozenset({"b"}), "new": "value"}
    chosen.write(floats("loss", [5]), floats("old/a", [6]))
    expected = {"loss": [(5.0, CREATED_AT, 5.0)], "old/a": [(6.0, CREATED_AT, 6.0)]}
    assert {path: chosen.values()[path] for path in expected} == expected, "deleted points stay deleted"


def test_deleting_a_series_of_one_run_leaves_that_of_another(doors: Doors) -> None:
    other = "e" * 32
    doors.write(create(), floats("loss", [1]))
    doors.write(create(), floats("loss", [2]), run=other)
    doors.write(delete("loss"))
    assert doors.values() == {}
    assert doors.values(other) == {"loss": [(2.0, CREATED_AT, 2.0)]}


def test_watchers_are_woken_after_the_commit_and_told_what_changed(doors: Doors) -> None:
    async def body() -> None:
        doors.hub.start()
        with doors.hub.watch(run_id=RUN) as watcher:
            await doors.ingest.accept(batch_of(create(), put("x", 1), floats("loss", [1])))
            [change] = await watcher.wait(timeout_s=WAIT_S)
            assert (change.points, change.run_changed, change.paths) == (True, True, {"x", "loss"})
            assert doors.values()["x"] == 1
            await doors.ingest.accept(batch_of(floats("loss", [2]), first=4))
            [change] = await watcher.wait(timeout_s=WAIT_S)
            assert (change.points, change.run_changed, change.paths) == (True, False, frozenset())

    asyncio.run(body())


def test_a_refused_batch_wakes_nobody(doors: Doors) -> None:
    async def body() -> None:
        doors.hub.start()
        with doors.hub.watch() as watcher:
            await doors.ingest.accept(batch_of(put("x", 1)))
            await doors.ingest.accept(batch_of(create(), writer="second"))
            assert [change.run_changed for change in await watcher.wait(timeout_s=WAIT_S)] == [True]

    asyncio.run(body())


def test_closing_commits_what_waits(doubtful: tuple[Doors, DoubtfulPoints]) -> None:
    doors, points = doubtful

    async def body() -> None:
        waiting = asyncio.ensure_future(doors.ingest.accept(batch_of(put("x", 1))))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(asyncio.to_thread(doors.ingest.close))
        await asyncio.sleep(0)
        points.open.set()
        assert plain(await waiting) == Receipt(durable_seq=1)
        await closing

    held_up(doors, points, body)
    assert doors.values() == {"x": 1}


def test_a_heartbeat_is_heard_for_a_known_run_only(doors: Doors) -> None:
    assert doors.ingest.hear(RUN) is False
    doors.write(create())
    doors.clock.now += 5_000
    assert doors.ingest.hear(RUN) is True
    assert doors.query.run(RUN).heard_at == CREATED_AT + 5_000


@pytest.mark.parametrize("sha256", ["", "../../x", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_a_blob_has_no_other_address_than_a_hash(doors: Doors, sha256: str) -> None:
    with pytest.raises(EnvelopeError, match="64 lowercase hexadecimal"):
        doors.ingest.blob_size(sha256)
    with pytest.raises(EnvelopeError, match="64 lowercase hexadecimal"):
        doors.ingest.begin_blob(sha256)


def test_a_blob_with_the_wrong_bytes_does_not_exist(doors: Doors) -> None:
    upload = doors.ingest.begin_blob(file_of(b"right").sha256)
    upload.write(b"wrong")
    with pytest.raises(BlobMismatchError):
        upload.commit()
    assert doors.ingest.blob_size(file_of(b"right").sha256) is None
    doors.keep(b"right")
    assert doors.ingest.blob_size(file_of(b"right").sha256) == 5


def test_a_batch_is_a_batch(doors: Doors) -> None:
    """An empty batch moves the position: its operations were merged away or refused by the client."""
    doors.write(create())
    assert plain(doors.accept(Batch(run_id=RUN, writer="w", first_seq=2, last_seq=9, operations=()))) == Receipt(
        durable_seq=9
    )


@pytest.mark.parametrize("memory", [True, False], ids=["memory", "durable"])
def test_the_runs_own_name_and_tags_follow_their_attributes_to_the_end(
    memory: bool, doors: Doors, durable: Doors
) -> None:
    chosen = doors if memory else durable
    chosen.write(create(), put("sys/name", "first"), edit("sys/tags", add=["b", "a"]))
    run = chosen.query.run(RUN)
    assert (run.name, run.tags) == ("first", ("a", "b"))
    chosen.write(put("sys/tags", "no set"), delete("sys/name"))
    run = chosen.query.run(RUN)
    assert (run.name, run.tags) == ("", ("a", "b"))
    chosen.write(put("sys/tags", frozenset({"c"})))
    assert chosen.query.run(RUN).tags == ("c",)
    chosen.write(delete("sys/tags"))
    assert chosen.query.run(RUN).tags == ()


def test_every_point_is_counted_once_as_stored_or_refused(doors: Doors) -> None:
    doors.write(create(), floats("loss", [1.0, 2.0, 3.0]), put("name", "x"))
    batch = batch_of(
        floats("loss", [4.0, math.nan, 5.0]),
        floats("name", [1.0, 2.0]),
        put("loss", 1),
        floats("loss", [4.0]),
        first=4,
    )
    first, again = doors.accept(batch), doors.accept(batch)
    expected = Tally(points_stored=6, points_refused=3, rejections={"invalid_value": 1, "kind_conflict": 3})
    assert (first.tally, again.tally) == (expected, expected)
    assert again.rejections == ()
    assert doors.points.tally(RUN, "w") == expected


def test_a_writer_that_never_was_has_no_tally(doors: Doors) -> None:
    assert doors.accept(batch_of(put("x", 2), first=4)).tally is msgspec.UNSET
