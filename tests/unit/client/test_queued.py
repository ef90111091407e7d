from __future__ import annotations

import os
from pathlib import Path

from marigram.client.lock import take_lock
from marigram.client.position import Position, save_position
from marigram.client.queued import look_at, queued_run_ids, remove_queue
from marigram.client.run_folder import queue_directory
from marigram.model import Path as AttributePath
from marigram.model import SetValue
from unit.client.making import RUN_ID, a_queue


def test_a_queue_says_how_much_waits_and_who_works_on_it(tmp_path: Path) -> None:
    queue = a_queue(tmp_path)
    for number in range(5):
        queue.append(SetValue(path=AttributePath("x"), value=number))
    save_position(queue.directory, Position(durable_seq=2, rejected={"kind_conflict": 3}, problem="No answer."))
    assert queued_run_ids(tmp_path) == [RUN_ID]
    found = look_at(tmp_path, RUN_ID)
    assert found is not None
    assert (found.waiting, found.stored) == (queue.last_seq - 2, 2)
    assert (found.running, found.syncer, found.writers) == (True, False, 1)
    assert (found.rejected, found.problem) == ({"kind_conflict": 3}, "No answer.")
    assert found.disk_bytes > 0
    queue.end()
    lock = take_lock(queue_directory(tmp_path, RUN_ID))
    assert lock is not None
    found = look_at(tmp_path, RUN_ID)
    os.close(lock)
    assert found is not None
    assert (found.running, found.syncer) == (False, True)


def test_a_queue_is_removed_only_if_nobody_works_on_it_and_it_is_still_wanted_gone(tmp_path: Path) -> None:
    queue = a_queue(tmp_path)
    queue.append(SetValue(path=AttributePath("x"), value=1))
    directory = queue_directory(tmp_path, RUN_ID)
    lock = take_lock(directory)
    assert lock is not None
    assert not remove_queue(tmp_path, RUN_ID, is_wanted=lambda: True)
    os.close(lock)
    assert not remove_queue(tmp_path, RUN_ID, is_wanted=lambda: False)
    assert directory.exists()
    assert remove_queue(tmp_path, RUN_ID, is_wanted=lambda: True)
    assert not directory.exists()
    assert (look_at(tmp_path, RUN_ID), queued_run_ids(tmp_path)) == (None, [])


def test_where_there_are_no_queues_there_is_nothing_to_see(tmp_path: Path) -> None:
    assert queued_run_ids(tmp_path / "nowhere") == []
