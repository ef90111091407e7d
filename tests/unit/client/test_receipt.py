from __future__ import annotations

from pathlib import Path as FilePath

from marigram.client.card import Role
from marigram.client.outbox import Outbox
from marigram.client.position import Position, save_position
from marigram.client.queue import Queue, Track
from marigram.client.receipt import Account, Accounts, Share, shares_of, text_of
from marigram.client.transport import Transport
from marigram.model import Path
from unit.client.making import RUN_ID, a_queue


def an_ended_queue(home: FilePath, writer: str, points: int, *, role: Role = Role.MAIN) -> Queue:
    queue = a_queue(home, writer=writer, role=role)
    loss = Track(Path("loss"))
    for number in range(points):
        queue.append_float(loss, float(number), None, number)
    queue.end(drops={"unsupported_type": 2})
    save_position(queue.directory, Position(durable_seq=points + 1, points_stored=points, rejected={"nan": 1}))
    return queue


def outbox_of(queue: Queue) -> Outbox:
    transport = Transport(url="http://127.0.0.1:9", token=None)
    return Outbox(directory=queue.directory, card=queue.card, transport=transport, log=lambda _: None)


def share_of(accounts: Accounts, *queues: Queue) -> Share:
    share = accounts.share([outbox_of(queue) for queue in queues])
    assert share is not None
    return share


def test_a_queue_whose_remover_is_killed_is_counted_once(tmp_path: FilePath) -> None:
    first, second = an_ended_queue(tmp_path, "first", 10), an_ended_queue(tmp_path, "second", 5)
    folder = tmp_path / "queue" / RUN_ID
    before = Accounts(folder)
    told = share_of(before, first, second)
    before.close(outbox_of(first))  # and killed before the folder is removed
    after = Accounts(folder)
    assert share_of(after, first, second) == told
    after.close(outbox_of(first))
    outbox_of(first).remove()
    assert share_of(Accounts(folder), second) == told
    assert told.account == Account(
        logged=19, stored=15, counts={"sys/drops/unsupported_type": 4, "sys/rejections/nan": 2}
    )


def test_what_forks_have_lost_stays_counted_when_their_queues_are_gone(tmp_path: FilePath) -> None:
    fork = an_ended_queue(tmp_path, "fork", 3, role=Role.FORK)
    accounts = Accounts(tmp_path / "queue" / RUN_ID)
    assert accounts.counts([outbox_of(fork)]) == {"sys/rejections/nan": 1}
    accounts.close(outbox_of(fork))
    outbox_of(fork).remove()
    assert accounts.counts([]) == {"sys/drops/unsupported_type": 2, "sys/rejections/nan": 1}


def test_a_share_is_read_as_it_was_written_and_foreign_text_is_passed_over() -> None:
    share = Share(name="a", account=Account(logged=3, stored=2, counts={"sys/drops/x": 1}))
    assert shares_of(["hello", text_of(share), "{}"]) == {text_of(share): share}
