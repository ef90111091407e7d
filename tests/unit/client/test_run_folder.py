"""What a syncer that was killed while it removed a run's folder has left is removed by the next one who looks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from marigram.client.leftovers import sync_leftovers
from marigram.client.lock import take_lock
from marigram.client.run_folder import UNNAMED, queue_directory, remove_writer
from marigram.model import Path as AttributePath
from marigram.model import SetValue
from unit.client.making import RUN_ID, a_queue


def left_with_a_lock_only(home: Path) -> None:
    lock = take_lock(queue_directory(home, RUN_ID))
    assert lock is not None
    os.close(lock)


def left_in_the_middle_of_a_writer(home: Path) -> None:
    writer = queue_directory(home, RUN_ID) / f"{UNNAMED}0123"
    writer.mkdir()
    (writer / "00000000000000000001.seg").write_bytes(b"half")
    left_with_a_lock_only(home)


@pytest.mark.parametrize("leave", [left_with_a_lock_only, left_in_the_middle_of_a_writer, lambda _: None])
def test_what_is_left_of_a_run_without_a_queue_is_removed(tmp_path: Path, leave: object) -> None:
    queue_directory(tmp_path, RUN_ID).mkdir(parents=True)
    assert callable(leave)
    leave(tmp_path)
    assert sync_leftovers(tmp_path, "http://127.0.0.1:9") == ()
    assert list((tmp_path / "queue").iterdir()) == []


def test_what_is_left_is_not_touched_while_another_holds_the_lock(tmp_path: Path) -> None:
    directory = queue_directory(tmp_path, RUN_ID)
    directory.mkdir(parents=True)
    lock = take_lock(directory)
    assert lock is not None
    assert sync_leftovers(tmp_path, "http://127.0.0.1:9") == ()
    assert directory.exists()
    os.close(lock)


def test_a_writer_loses_its_name_before_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = a_queue(tmp_path)
    queue.append(SetValue(path=AttributePath("x"), value=1))
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)  # as if killed here
    remove_writer(queue.directory)
    assert [entry.name for entry in queue_directory(tmp_path, RUN_ID).iterdir()] == [UNNAMED + queue.card.writer]
