from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from marigram.client.errors import QueueFullError
from marigram.client.queue import Queue, Track
from marigram.client.room import LENT_SUFFIX, Room
from marigram.model import Append, Path, RunStatus, SetStatus, SetValue, StringPoints
from unit.client.making import CREATED_AT, a_backlog, a_card, everything, points_at

MIB = 1 << 20
GIB = 1 << 30
LOSS = Path("train/loss")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def a_room(folder: FilePath, *, max_bytes: int, clock: Clock | None = None, free: int = 100 * GIB) -> Room:
    return Room(folder, max_bytes=max_bytes, clock=clock or Clock(), disk=lambda _: (100 * GIB, 0, free))


def limited(home: FilePath, clock: Clock, *, max_bytes: int = MIB) -> Queue:
    room = a_room(home / "queue", max_bytes=max_bytes, clock=clock)
    return Queue(home=home, card=a_card(), segment_bytes=1 << 16, room=room)


def fill(queue: Queue) -> int:
    """Append until nothing more is taken; return how many were."""
    track = Track(LOSS)
    for number in range(1_000_000):
        try:
            queue.append_float(track, float(number), number, CREATED_AT)
        except QueueFullError:
            return number
    raise AssertionError


def bytes_below(folder: FilePath) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_points_stop_below_the_limit_and_what_was_taken_before_is_all_there(tmp_path: FilePath) -> None:
    queue = limited(tmp_path, Clock())
    taken = fill(queue)
    assert taken > 10_000
    assert bytes_below(tmp_path) <= 0.9 * MIB
    points = points_at(everything(a_backlog(queue)), LOSS)
    assert [value for _, _, value in points] == [float(number) for number in range(taken)]


def test_values_and_the_status_go_on_where_points_do_not(tmp_path: FilePath) -> None:
    queue = limited(tmp_path, Clock())
    taken = fill(queue)
    queue.append(SetValue(path=Path("best"), value=0.9))
    strings = StringPoints(steps=[0.0], times=[CREATED_AT], values=["line"])
    with pytest.raises(QueueFullError, match="MARIGRAM_QUEUE_MAX_BYTES"):
        queue.append(Append(path=Path("note"), points=strings))
    with pytest.raises(QueueFullError) as caught:
        queue.append_float(Track(LOSS), 1.0, None, CREATED_AT)
    assert caught.value.reason == "queue_limit"
    queue.append(SetStatus(status=RunStatus.FINISHED, at=CREATED_AT))
    operations = everything(a_backlog(queue))
    assert isinstance(operations[-1], SetStatus)
    assert SetValue(path=Path("best"), value=0.9) in operations
    assert len(points_at(operations, LOSS)) == taken
    assert bytes_below(tmp_path) <= MIB


def test_points_go_on_when_what_was_sent_has_made_room(tmp_path: FilePath) -> None:
    clock = Clock()
    queue = limited(tmp_path, clock)
    taken = fill(queue)
    queue.append(SetValue(path=Path("best"), value=0.9))
    backlog = a_backlog(queue)
    everything(backlog)
    backlog.forget(queue.last_seq)
    with pytest.raises(QueueFullError):
        queue.append_float(Track(LOSS), 1.0, None, CREATED_AT)
    clock.now = 10.0
    queue.append_float(Track(LOSS), 7.0, float(taken), CREATED_AT)
    assert points_at(everything(backlog), LOSS) == [(float(taken), CREATED_AT, 7.0)]


def test_a_part_of_the_disk_is_left_to_others(tmp_path: FilePath) -> None:
    room = a_room(tmp_path, max_bytes=10 * GIB, free=GIB + MIB)
    room.take(MIB)
    with pytest.raises(QueueFullError, match=r"leaves 1[.]00 GiB to others") as caught:
        room.take(2 * MIB)
    assert caught.value.reason == "disk_nearly_full"
    room.take(2 * MIB, reserve=True)


def test_on_a_small_disk_a_twentieth_is_left(tmp_path: FilePath) -> None:
    room = Room(tmp_path, clock=Clock(), disk=lambda _: (100 * MIB, 90 * MIB, 10 * MIB))
    room.take(4 * MIB)
    with pytest.raises(QueueFullError):
        room.take(6 * MIB)


def test_bytes_that_are_shared_with_the_users_own_file_do_not_count(tmp_path: FilePath) -> None:
    (tmp_path / f"big{LENT_SUFFIX}").write_bytes(bytes(2 * MIB))
    room = a_room(tmp_path, max_bytes=MIB)
    room.take(MIB // 2)
    with pytest.raises(QueueFullError):
        room.take(MIB // 2)


def test_all_writers_of_a_run_share_its_limit(tmp_path: FilePath) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "1.seg").write_bytes(bytes(MIB))
    with pytest.raises(QueueFullError):
        a_room(tmp_path, max_bytes=MIB).take(1)
