"""What all systems promise, as this one does it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from marigram.client.self_interrupt import SelfInterrupt
from marigram.client.stop_flag import StopState, open_flag, write_state
from marigram.model import StopHow
from marigram.system.disk import reserve, sync_descriptor, sync_file, sync_folder
from marigram.system.files import open_file, path_of_uri, read_at, remove, safe_name, taken_bytes, write_at
from marigram.system.lock import is_locked, try_lock
from waiting import wait_until


def test_a_lock_has_one_holder_and_looking_does_not_take_it(tmp_path: Path) -> None:
    first, second = (open_file(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(2))
    assert not is_locked(second)
    assert try_lock(first)
    assert is_locked(second)
    assert not try_lock(second)
    os.close(first)
    assert not is_locked(second)
    assert try_lock(second)
    os.close(second)


def test_a_file_is_reserved_written_in_places_read_and_brought_to_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "file"
    fd = open_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    reserve(fd, 1 << 16)
    assert path.stat().st_size == 1 << 16
    assert taken_bytes(path.stat()) >= 1 << 16
    assert path.stat().st_mode & 0o077 == 0
    assert write_at(fd, b"there", 100) == 5
    assert read_at(fd, 7, 99) == b"\0there\0"
    sync_descriptor(fd)
    os.close(fd)
    sync_file(path)
    sync_folder(tmp_path)
    assert (remove(path), remove(path)) == (True, True)
    with pytest.raises(FileNotFoundError):
        open_file(path, os.O_RDONLY)


def test_names_are_kept_and_addresses_of_files_are_read(tmp_path: Path) -> None:
    odd = tmp_path / "a b:c%.txt"
    assert path_of_uri(odd.as_uri()) == odd
    assert safe_name("con/a:b") == "con/a:b"


def test_a_process_interrupts_itself_once_for_each_request_to_abort_and_for_no_other(tmp_path: Path) -> None:
    interrupts: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: interrupts.append(number))
    flag = open_flag(tmp_path, now=1.0)
    watch = SelfInterrupt(flag)
    try:
        watch.start()
        write_state(tmp_path, StopState(how=StopHow.GRACEFUL, number=1, opened_at=1.0))
        write_state(tmp_path, StopState(how=StopHow.ABORT, number=2, opened_at=1.0))
        wait_until(lambda: interrupts, "an interrupt")
        write_state(tmp_path, StopState(how=StopHow.ABORT, number=3, opened_at=1.0))
        wait_until(lambda: len(interrupts) == 2, "an interrupt for the second request")
    finally:
        watch.stop()
        signal.signal(signal.SIGINT, before)
    assert interrupts == [signal.SIGINT] * 2
