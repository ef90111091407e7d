from __future__ import annotations

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path as FilePath

import pytest

from marigram.client.card import Role
from marigram.client.emptying import GRACE_S, Syncer
from marigram.client.leftovers import sync_leftovers
from marigram.client.lock import take_lock
from marigram.client.outbox import Outbox
from marigram.client.position import load_position
from marigram.client.queue import Queue, Track
from marigram.client.transport import Transport
from marigram.model import Append, AttachFile, File, FilePoints, Path, SetValue
from unit.client.fake_server import FakeServer
from unit.client.making import RUN_ID, a_queue
from waiting import wait_until

GONE = 2**22 + 1
"""A process number that Linux never gives."""


def fill(queue: Queue, count: int = 100) -> None:
    loss = Track(Path("loss"))
    for number in range(count):
        queue.append_float(loss, float(number), None, number)


def is_removed(directory: FilePath) -> bool:
    """Remove a folder in which somebody may be writing; return whether it is gone."""
    shutil.rmtree(directory, ignore_errors=True)
    return not directory.exists()


def an_outbox(queue: Queue, fake: FakeServer) -> Outbox:
    transport = Transport(url=fake.url, token=None)
    return Outbox(directory=queue.directory, card=queue.card, transport=transport, log=lambda _: None)


def a_syncer(home: FilePath, fake: FakeServer, *, log: list[str] | None = None) -> Syncer:
    return Syncer(
        directory=home / "queue" / RUN_ID,
        home=home,
        transport=Transport(url=fake.url, token=None),
        log=(log if log is not None else []).append,
        patience_s=20.0,
    )


def losses(fake: FakeServer) -> list[float]:
    return [value for _, value in fake.series("loss")]


def test_an_answer_that_is_lost_doubles_nothing(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    fill(queue)
    queue.end()
    fake.lose_answer = lambda post: post == 1
    assert a_syncer(tmp_path, fake).run()
    assert fake.posts > 1
    assert losses(fake) == [float(number) for number in range(100)]


def test_a_killed_syncer_is_continued_by_another_in_other_batches_without_doubling(
    fake: FakeServer, tmp_path: FilePath
) -> None:
    queue = a_queue(tmp_path, segment_bytes=4096)
    fill(queue, 300)
    outbox = an_outbox(queue, fake)
    outbox.send_next(max_bytes=2000)
    outbox.send_next(max_bytes=2000)
    receipt = (queue.directory / "receipt").read_bytes()
    outbox.send_next(max_bytes=2000)
    (queue.directory / "receipt").write_bytes(receipt)  # killed after the server's answer, before it was noted
    outbox.close()
    queue.end()
    assert a_syncer(tmp_path, fake).run()
    assert losses(fake) == [float(number) for number in range(300)]


def test_a_busy_server_is_asked_again_when_it_said(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    fill(queue)
    queue.end()
    fake.fail = lambda post: (503, {"Retry-After": "0"}) if post < 4 else None
    assert a_syncer(tmp_path, fake).run()
    assert fake.posts >= 4
    assert losses(fake) == [float(number) for number in range(100)]


@pytest.mark.parametrize("status", [400, 401, 413, 500])
def test_no_refusal_makes_it_throw_data_away(fake: FakeServer, tmp_path: FilePath, status: int) -> None:
    queue = a_queue(tmp_path, pid=GONE)
    fill(queue)
    fake.fail = lambda post: (status, {}) if post < 2 else None
    log: list[str] = []
    assert a_syncer(tmp_path, fake, log=log).run()
    assert losses(fake) == [float(number) for number in range(100)]
    assert any("cannot send" in line or "no batch so large" in line for line in log)


def test_a_server_that_has_lost_everything_gets_what_is_still_there(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path, segment_bytes=4096)
    fill(queue, 300)
    outbox = an_outbox(queue, fake)
    outbox.send_next(max_bytes=8000)
    sent = len(losses(fake))
    fake.positions.clear()
    fake.operations.clear()
    while outbox.send_next() is not None:
        pass
    outbox.close()
    kept = losses(fake)
    assert 0 < len(kept) < 300
    assert kept == [float(number) for number in range(300 - len(kept), 300)]
    assert load_position(queue.directory).lost == 300 - len(kept) + 1 <= sent + 1


def test_blobs_go_up_once_and_before_the_operations_that_name_them(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    sha256, size = queue.stage_bytes(b"content")
    file = File(sha256=sha256, filename="a.txt", media_type="text/plain", size=size)
    queue.append(AttachFile(path=Path("file"), file=file))
    queue.append(Append(path=Path("files"), points=FilePoints(steps=[0], times=[0], values=[file])))
    outbox = an_outbox(queue, fake)
    fake.fail = lambda _: (503, {})
    with pytest.raises(Exception, match="Not now"):
        outbox.send_next()
    assert fake.blobs == {sha256: b"content"}
    fake.fail = lambda _: None
    assert outbox.send_next() == 3
    assert list((queue.directory / "blobs").iterdir()) == []
    outbox.close()


def test_a_process_that_is_gone_without_an_end_has_crashed(fake: FakeServer, tmp_path: FilePath) -> None:
    fill(a_queue(tmp_path, pid=GONE))
    assert a_syncer(tmp_path, fake).run()
    (status,) = fake.statuses()
    assert status.status.value == "crashed"
    assert "killed" in str(status.failure)
    assert losses(fake) == [float(number) for number in range(100)]
    assert not (tmp_path / "queue" / RUN_ID).exists()


def test_a_process_that_begins_while_the_others_end_keeps_its_queue(fake: FakeServer, tmp_path: FilePath) -> None:
    first = a_queue(tmp_path)
    fill(first, 10)
    first.end()
    later = a_queue(tmp_path, writer="writer2")

    def begin(post: int) -> None:
        if post == 1:  # so it is found when all the others are at their end
            fill(later, 5)

    fake.fail = begin
    syncer = threading.Thread(target=a_syncer(tmp_path, fake).run, daemon=True)
    syncer.start()
    wait_until(lambda: len(losses(fake)) == 15, "the points of both")
    syncer.join(GRACE_S + 1.0)
    assert syncer.is_alive()
    fill(later, 3)
    later.end()
    syncer.join(60.0)
    assert not syncer.is_alive()
    assert len(losses(fake)) == 18
    assert not later.directory.exists()


def test_a_process_that_has_the_number_of_one_that_is_gone_is_another(fake: FakeServer, tmp_path: FilePath) -> None:
    fill(a_queue(tmp_path, pid=os.getpid(), process_created_at=12345.0))
    assert a_syncer(tmp_path, fake).run()
    assert fake.has_status("crashed")


def test_a_forked_worker_that_is_gone_says_nothing_of_the_run(fake: FakeServer, tmp_path: FilePath) -> None:
    fill(a_queue(tmp_path, pid=GONE, role=Role.FORK, writer="worker"))
    assert a_syncer(tmp_path, fake).run()
    assert losses(fake) == [float(number) for number in range(100)]
    assert fake.statuses() == []


def test_a_live_run_without_a_syncer_is_sent_as_far_as_it_is_and_left(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    fill(queue, 10)
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    assert (leftover.sent, leftover.finished) == (11, False)
    assert fake.statuses() == []
    fill(queue, 5)
    queue.end()
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    assert (leftover.sent, leftover.finished, leftover.problem) == (5, True, None)
    assert len(losses(fake)) == 15


def test_a_queue_that_a_syncer_works_on_is_left_to_it(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    fill(queue)
    lock = take_lock(tmp_path / "queue" / RUN_ID)
    assert lock is not None
    assert take_lock(tmp_path / "queue" / RUN_ID) is None
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    os.close(lock)
    assert (leftover.sent, leftover.finished) == (0, False)
    assert fake.posts == 0


def test_a_server_that_is_away_leaves_the_queue_and_says_why(tmp_path: FilePath) -> None:
    with FakeServer() as fake:
        url = fake.url
    queue = a_queue(tmp_path)
    fill(queue)
    (leftover,) = sync_leftovers(tmp_path, url)
    assert leftover.sent == 0
    assert url in str(leftover.problem)
    assert load_position(queue.directory).problem == leftover.problem


def test_rejections_are_counted_once_and_written_to_the_run(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    queue.append(SetValue(path=Path("a"), value=1))
    queue.end()
    fake.rejections = [{"path": "a", "code": "too_large", "message": "Too large.", "count": 2}]
    log: list[str] = []
    assert a_syncer(tmp_path, fake, log=log).run()
    assert fake.values()["sys/rejections/too_large"] == 2
    assert any("Too large." in line for line in log)


def test_a_syncer_ends_when_its_folder_is_removed(tmp_path: FilePath) -> None:
    with FakeServer() as fake:
        url = fake.url
    queue = a_queue(tmp_path)
    fill(queue)
    log: list[str] = []
    directory = tmp_path / "queue" / RUN_ID
    transport = Transport(url=url, token=None)
    syncer = Syncer(directory=directory, home=tmp_path, transport=transport, log=log.append, patience_s=3600.0)
    with ThreadPoolExecutor(1) as worker:
        emptied = worker.submit(syncer.run)
        wait_until(lambda: log, "the first try")
        wait_until(lambda: is_removed(directory), "an end of the folder")
        assert emptied.result(timeout=60) is False
    assert "was removed" in log[-1]


def test_two_writers_of_one_run_are_both_sent(fake: FakeServer, tmp_path: FilePath) -> None:
    for writer in ("one", "two"):
        queue = a_queue(tmp_path, writer=writer)
        queue.append(SetValue(path=Path(writer), value=True))
        queue.end()
    assert a_syncer(tmp_path, fake).run()
    assert {"one": True, "two": True}.items() <= fake.values().items()


@pytest.mark.parametrize("status", [400, 403, 413, 500])
def test_a_writer_whose_batch_is_refused_for_good_holds_up_no_other(
    fake: FakeServer, tmp_path: FilePath, status: int
) -> None:
    stuck, other = a_queue(tmp_path, writer="stuck"), a_queue(tmp_path, writer="works")
    for queue in (stuck, other):
        fill(queue)
        queue.end()
    fake.refuse = lambda batch: status if batch.writer == "stuck" else None
    log: list[str] = []
    syncer = Syncer(
        directory=tmp_path / "queue" / RUN_ID,
        home=tmp_path,
        transport=Transport(url=fake.url, token=None),
        log=log.append,
        patience_s=0.0,
    )
    assert not syncer.run()
    assert losses(fake) == [float(number) for number in range(100)]
    assert load_position(stuck.directory).problem == syncer.problem
    assert load_position(other.directory).problem is None
    assert any("cannot send stuck" in line for line in log)


def test_what_is_too_large_for_a_proxy_goes_in_smaller_batches(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    fill(queue, 1000)
    queue.end()
    fake.refuse = lambda batch: 413 if batch.last_seq - batch.first_seq > 50 else None
    assert a_syncer(tmp_path, fake).run()
    assert losses(fake) == [float(number) for number in range(1000)]


def test_patience_is_that_of_the_run_also_when_the_syncer_had_something_to_say(
    fake: FakeServer, tmp_path: FilePath
) -> None:
    queue = a_queue(tmp_path, pid=GONE, patience_s=0.2)
    fill(queue)
    fake.fail = lambda post: (503, {"Retry-After": "0"}) if post > 1 else None  # the crash, which the syncer tells
    transport = Transport(url=fake.url, token=None)
    log: list[str] = []
    syncer = Syncer(directory=queue.directory.parent, home=tmp_path, transport=transport, log=log.append)
    assert not syncer.run()
    assert any("is gone without an end" in line for line in log)
    assert any("giving up for now" in line for line in log)
