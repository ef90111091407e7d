from __future__ import annotations

import errno
import os
import random
import signal
import struct
import threading
from pathlib import Path as FilePath
from typing import Any

import pytest

from marigram.client.card import Role, load_card
from marigram.client.errors import QueueFullError
from marigram.client.segment import list_segments
from marigram.client.track import MAX_ROW_POINTS, Track, Tracks
from marigram.model import CreateRun, Path, SetValue
from unit.client.making import RUN_ID, a_backlog, a_queue, everything, points_at

BOTH_WAYS = pytest.mark.parametrize("mapped", [True, False], ids=["mapped", "written"])


@BOTH_WAYS
def test_what_was_appended_is_read_back_in_order(tmp_path: FilePath, mapped: bool) -> None:
    queue = a_queue(tmp_path, mapped=mapped)
    loss = Track(Path("train/loss"))
    for number in range(100):
        queue.append_float(loss, number * 0.5, None, 1000 + number)
    queue.append(SetValue(path=Path("lr"), value=0.1))
    operations = everything(a_backlog(queue))
    assert isinstance(operations[0], CreateRun)
    assert points_at(operations, "train/loss") == [(float(n), 1000 + n, n * 0.5) for n in range(100)]
    assert operations[-1] == SetValue(path=Path("lr"), value=0.1)
    assert queue.last_seq == 102


@BOTH_WAYS
def test_rows_are_read_back_in_order_among_single_points_and_count_as_their_points(
    tmp_path: FilePath, mapped: bool
) -> None:
    queue = a_queue(tmp_path, mapped=mapped, segment_bytes=4096)
    loss, accuracy = Track(Path("loss")), Track(Path("accuracy"))
    both = Tracks((loss, accuracy))
    for number in range(200):
        assert queue.append_row(both, [number * 0.5, -number], None, 1000 + number)
        queue.append_float(loss, -1.0, number + 0.5, 0)
        queue.append_float(accuracy, 8.0, number + 0.5, 0)
    assert len(list_segments(queue.directory)) > 3
    operations = everything(a_backlog(queue))
    whole = [point for point in points_at(operations, "loss") if point[2] >= 0.0]
    assert [value for _, _, value in whole] == [number * 0.5 for number in range(200)]
    assert points_at(operations, "accuracy")[:3] == [(0.0, 1000, 0.0), (0.5, 0, 8.0), (1.0, 1001, -1.0)]
    assert (queue.last_seq, queue.points) == (1 + 800, 800)


def test_a_row_without_a_step_is_not_kept_where_its_paths_go_on_at_different_ones(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    loss, accuracy = Track(Path("loss")), Track(Path("accuracy"))
    both = Tracks((loss, accuracy))
    queue.append_float(loss, 1.0, 4, 0)
    assert not queue.append_row(both, [2.0, 2.0], None, 0)
    assert queue.append_row(both, [3.0, 3.0], 2.0, 0)
    assert (loss.next_step, accuracy.next_step) == (5.0, 3.0)
    operations = everything(a_backlog(queue))
    assert points_at(operations, "loss") == [(4.0, 0, 1.0), (2.0, 0, 3.0)]
    assert points_at(operations, "accuracy") == [(2.0, 0, 3.0)]


@pytest.mark.parametrize("seed", range(20))
def test_rows_and_single_points_of_the_same_paths_count_their_steps_together(tmp_path: FilePath, seed: int) -> None:
    chance = random.Random(seed)
    queue = a_queue(tmp_path)
    tracks = {name: Track(Path(name)) for name in "abcd"}
    rows = {names: Tracks(tuple(tracks[name] for name in names)) for names in ("ab", "bc", "abc", "d")}
    following = dict.fromkeys(tracks, 0.0)
    for _ in range(200):
        step = float(chance.randrange(50)) if chance.random() < 0.3 else None
        names = chance.choice([*rows, *tracks])
        if names in rows:
            shared = {following[name] for name in names}
            kept = queue.append_row(rows[names], [1.0] * len(names), step, 0)
            assert kept == (step is not None or len(shared) == 1)
            at = max(shared) if step is None else step
            written = [(name, at) for name in names if kept]
        elif chance.random() < 0.1:
            tracks[names].next_step = following[names] = 3.0
            written = []
        else:
            queue.append_float(tracks[names], 1.0, step, 0)
            written = [(names, following[names] if step is None else step)]
        for name, at in written:
            following[name] = max(following[name], at + 1.0)
        assert {name: track.next_step for name, track in tracks.items()} == following


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0, 3.0], [1.0, "text"], [1.0, 10**400]])
def test_of_a_row_that_is_none_nothing_is_kept(tmp_path: FilePath, values: list[Any]) -> None:
    queue = a_queue(tmp_path)
    both = Tracks((Track(Path("loss")), Track(Path("accuracy"))))
    with pytest.raises((struct.error, OverflowError)):
        queue.append_row(both, values, None, 0)
    assert queue.append_row(both, [5.0, 6.0], None, 0)
    operations = everything(a_backlog(queue))
    assert (points_at(operations, "loss"), points_at(operations, "accuracy")) == ([(0.0, 0, 5.0)], [(0.0, 0, 6.0)])
    assert queue.last_seq == 1 + 2


def test_a_row_that_was_not_committed_is_missing_whole_and_its_numbers_are_given_again(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    rows = Tracks(tuple(Track(Path(f"metric{number}")) for number in range(5)))
    for number in range(3):
        queue.append_row(rows, [float(number)] * 5, None, 0)
    _, path = list_segments(queue.directory)[0]
    with path.open("r+b") as segment:
        segment.seek(queue._position - rows.record_bytes)
        segment.write(bytes(8))  # the commit word of the last record, as if the process had died before it
    backlog = a_backlog(queue)
    operations = everything(backlog)
    for number in range(5):
        assert [value for _, _, value in points_at(operations, f"metric{number}")] == [0.0, 1.0]
    assert backlog.seq == 1 + 10


def test_a_row_that_does_not_fit_a_usual_segment_gets_one_of_its_own(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path, segment_bytes=4096)
    rows = Tracks(tuple(Track(Path(f"a/metric/with/a/long/name/{number}")) for number in range(MAX_ROW_POINTS)))
    for number in range(3):
        queue.append_row(rows, [float(number)] * MAX_ROW_POINTS, None, 0)
    operations = everything(a_backlog(queue))
    assert [value for _, _, value in points_at(operations, "a/metric/with/a/long/name/999")] == [0.0, 1.0, 2.0]


@BOTH_WAYS
def test_a_reader_beside_the_writer_sees_each_record_once(tmp_path: FilePath, mapped: bool) -> None:
    queue = a_queue(tmp_path, mapped=mapped, segment_bytes=4096)
    backlog = None
    loss = Track(Path("loss"))
    seen: list[float] = []
    for number in range(1000):
        queue.append_float(loss, float(number), None, number)
        backlog = backlog or a_backlog(queue)
        if number % 7 == 0:
            seen += [value for _, _, value in points_at(everything(backlog), "loss")]
    assert backlog is not None
    seen += [value for _, _, value in points_at(everything(backlog), "loss")]
    assert seen == [float(number) for number in range(1000)]


def test_steps_that_are_left_out_count_from_the_largest_so_far(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    loss = Track(Path("loss"))
    for step in (None, None, 10.0, 3.0, None, 0.5):
        queue.append_float(loss, 0.0, step, 0)
    steps = [step for step, _, _ in points_at(everything(a_backlog(queue)), "loss")]
    assert steps == [0.0, 1.0, 10.0, 3.0, 11.0, 0.5]


def test_a_record_that_was_not_committed_is_not_read(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    loss = Track(Path("loss"))
    queue.append_float(loss, 1.0, None, 0)
    queue.append_float(loss, 2.0, None, 0)
    _, path = list_segments(queue.directory)[0]
    with path.open("r+b") as segment:
        segment.seek(queue._position - 40)
        segment.write(bytes(8))  # the commit word of the last record, as if the process had died before it
    assert [value for _, _, value in points_at(everything(a_backlog(queue)), "loss")] == [1.0]


def test_a_record_that_a_loss_of_power_damaged_is_counted_and_what_follows_is_read(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path, segment_bytes=4096)
    loss = Track(Path("loss"))
    for number in range(200):
        queue.append_float(loss, float(number), None, 0)
    (_, first), (second_seq, _), *_ = list_segments(queue.directory)
    data = bytearray(first.read_bytes())
    at = len(data) // 2 & ~7
    data[at : at + 64] = bytes(64)
    first.write_bytes(data)
    backlog = a_backlog(queue)
    values = [value for _, _, value in points_at(everything(backlog), "loss")]
    assert backlog.lost > 0
    assert len(values) + backlog.lost == 200
    assert values[-1] == 199.0
    assert float(second_seq - 2) in values, "the second segment is read from its first record"
    assert backlog.seq == queue.last_seq, "numbers go on without a gap"


def test_a_damaged_payload_is_noticed_by_its_checksum(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    loss = Track(Path("loss"))
    for number in range(3):
        queue.append_float(loss, float(number), None, 0)
    _, path = list_segments(queue.directory)[0]
    with path.open("r+b") as segment:
        segment.seek(queue._position - 8)
        segment.write(b"\xff" * 8)
    assert [value for _, _, value in points_at(everything(a_backlog(queue)), "loss")] == [0.0, 1.0]


def test_segments_that_are_receipted_are_deleted_and_the_newest_stays(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path, segment_bytes=4096)
    loss = Track(Path("loss"))
    for number in range(500):
        queue.append_float(loss, float(number), None, 0)
    segments = list_segments(queue.directory)
    assert len(segments) > 3
    backlog = a_backlog(queue)
    everything(backlog)
    backlog.forget(segments[2][0])
    assert [first for first, _ in list_segments(queue.directory)] == [first for first, _ in segments[2:]]
    backlog.forget(queue.last_seq)
    assert list_segments(queue.directory) == segments[-1:]


def test_threads_that_append_to_one_series_lose_nothing_and_share_no_step(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path, segment_bytes=8192)
    loss = Track(Path("loss"))
    row = Tracks((loss,))
    together = threading.Barrier(4)

    def work(thread: int) -> None:
        together.wait()
        for number in range(2000):
            if number % 2:
                queue.append_float(loss, thread * 2000.0 + number, None, 0)
            else:
                queue.append_row(row, [thread * 2000.0 + number], None, 0)
            if number % 100 == 0:
                queue.append(SetValue(path=Path(f"thread{thread}"), value=number))

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    points = points_at(everything(a_backlog(queue)), "loss")
    assert sorted(step for step, _, _ in points) == [float(step) for step in range(8000)]
    assert sorted(value for _, _, value in points) == [float(value) for value in range(8000)]
    assert queue.last_seq == 1 + 8000 + 80


class _Interrupted:
    """A place for payloads during whose first write a signal handler logs too."""

    def __init__(self, data: Any, handler: Any) -> None:
        self.data = data
        self.handler = handler

    def __setitem__(self, key: slice, value: bytes) -> None:
        self.data[key] = value
        handler, self.handler = self.handler, None
        if handler is not None:
            handler()


@pytest.mark.parametrize("kind", ["float", "row", "value"])
def test_what_a_signal_handler_logs_in_the_middle_of_an_append_is_kept_and_so_is_the_append(
    tmp_path: FilePath, kind: str
) -> None:
    queue = a_queue(tmp_path)
    loss, other = Track(Path("loss")), Track(Path("other"))
    row, others = Tracks((loss, Track(Path("more")))), Tracks((Track(Path("one")), Track(Path("two"))))
    queue.append_float(loss, 0.0, None, 0)
    queue.append_float(other, 0.0, None, 0)
    segment = queue._segment
    assert segment is not None

    def handler() -> None:
        queue.append_float(other, 1.0, None, 0)
        queue.append_row(others, [1.0, 2.0], None, 0)
        queue.append(SetValue(path=Path("signal"), value="a text that is longer than a float point" * 3))

    segment.data = _Interrupted(segment.data, handler)
    if kind == "float":
        queue.append_float(loss, 1.0, None, 0)
    elif kind == "row":
        queue.append_row(row, [1.0, 1.0], 1.0, 0)
    else:
        queue.append(SetValue(path=Path("value"), value=1))
    queue.append_float(loss, 2.0, None, 0)
    operations = everything(a_backlog(queue))
    assert [value for _, _, value in points_at(operations, "other")] == [0.0, 1.0]
    losses = [value for _, _, value in points_at(operations, "loss")]
    assert losses == [0.0, *([] if kind == "value" else [1.0]), 2.0]
    assert len(points_at(operations, "more")) == (kind == "row")
    assert [len(points_at(operations, path)) for path in ("one", "two")] == [1, 1]
    values = [op.path for op in operations if isinstance(op, SetValue)]
    assert values == (["signal", "value"] if kind == "value" else ["signal"])


def test_signals_that_log_while_the_program_logs_lose_nothing(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    loss, ticks = Track(Path("loss")), Track(Path("ticks"))
    row = Tracks((loss, Track(Path("accuracy"))))
    count = 0

    def tick(*_: object) -> None:
        nonlocal count
        queue.append_row(Tracks((ticks,)), [float(count)], None, 0)
        count += 1
        signal.setitimer(signal.ITIMER_REAL, 0.0005)  # once more, and never within itself

    before = signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, 0.0005)
    try:
        for number in range(30_000):
            if number % 2:
                queue.append_row(row, [float(number), 0.0], number, 0)
            else:
                queue.append_float(loss, float(number), None, 0)
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    operations = everything(a_backlog(queue))
    assert count > 0
    assert [value for _, _, value in points_at(operations, "ticks")] == [float(n) for n in range(count)]
    assert [value for _, _, value in points_at(operations, "loss")] == [float(n) for n in range(30_000)]
    assert len(points_at(operations, "accuracy")) == 15_000


def test_a_forked_child_becomes_a_writer_of_its_own(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    loss = Track(Path("loss"))
    row = Tracks((loss, Track(Path("accuracy"))))
    queue.append_row(row, [1.0, 1.0], None, 0)
    child = os.fork()
    if child == 0:
        try:
            queue.after_fork()
            queue.append_float(loss, 2.0, None, 0)
            queue.append_row(row, [2.5, 2.5], 5.0, 0)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    queue.append_row(row, [3.0, 3.0], 9.0, 0)
    folders = {folder.name: load_card(folder) for folder in (tmp_path / "queue" / RUN_ID).iterdir()}
    assert len(folders) == 2
    del folders["writer1"]
    ((name, card),) = folders.items()
    assert card is not None
    assert (card.role, card.pid, card.writer, card.hardware) == (Role.FORK, child, name, False)
    assert [value for _, _, value in points_at(everything(a_backlog(queue)), "loss")] == [1.0, 3.0]
    queue.card = card
    operations = everything(a_backlog(queue))
    assert isinstance(operations[0], CreateRun)
    assert points_at(operations, "loss") == [(1.0, 0, 2.0), (5.0, 0, 2.5)]
    assert points_at(operations, "accuracy") == [(5.0, 0, 2.5)]


def test_a_full_disk_drops_what_is_said_and_not_what_was_said(
    tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = a_queue(tmp_path, segment_bytes=4096)
    loss = Track(Path("loss"))
    queue.append_float(loss, -1.0, None, 0)

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    kept = 1

    def fill() -> None:
        nonlocal kept
        for number in range(1000):
            queue.append_float(loss, float(number), None, 0)
            kept += 1

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", no_room)
        with pytest.raises(QueueFullError, match="MARIGRAM_HOME"):
            fill()
    assert kept < 1000
    queue.append_float(loss, 5000.0, None, 0)
    values = [value for _, _, value in points_at(everything(a_backlog(queue)), "loss")]
    assert len(values) == kept + 1
    assert values[-1] == 5000.0


def test_a_file_system_that_cannot_reserve_space_is_written_with_system_calls(
    tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    queue = a_queue(tmp_path)
    loss = Track(Path("loss"))
    queue.append_float(loss, 1.0, None, 0)
    assert points_at(everything(a_backlog(queue)), "loss") == [(0.0, 0, 1.0)]
    ((_, path),) = list_segments(queue.directory)
    assert path.stat().st_size < 1000


def test_a_record_larger_than_a_segment_gets_one_of_its_own(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path, segment_bytes=4096)
    text = "x" * 900_000
    queue.append(SetValue(path=Path("before"), value=1))
    queue.append(SetValue(path=Path("text"), value=text))
    queue.append(SetValue(path=Path("after"), value=2))
    values = {op.path: op.value for op in everything(a_backlog(queue)) if isinstance(op, SetValue)}
    assert values == {"before": 1, "text": text, "after": 2}


def test_a_blob_is_staged_under_its_hash_and_no_half_file_stays(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    source = tmp_path / "model.bin"
    source.write_bytes(b"weights" * 1000)
    by_file, by_bytes = queue.stage_file(source), queue.stage_bytes(b"weights" * 1000)
    assert by_file == by_bytes
    with pytest.raises(FileNotFoundError):
        queue.stage_file(tmp_path / "nothing")
    blobs = queue.directory / "blobs"
    assert [(blob.name, blob.read_bytes()) for blob in blobs.iterdir()] == [(by_file[0], b"weights" * 1000)]


def test_nobody_else_can_read_the_queue_and_the_card_has_no_token(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    queue.append(SetValue(path=Path("a"), value=1))
    assert queue.directory.stat().st_mode & 0o077 == 0
    assert b"token" not in (queue.directory / "writer.json").read_bytes()
