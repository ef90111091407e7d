from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path as FilePath

from marigram.client.leftovers import sync_leftovers
from marigram.client.queue import Queue
from marigram.client.staging import BLOBS_NAME, LENT_FROM_BYTES, Hold, is_lent, lend, link, settle
from marigram.client.transport import PART_BYTES
from marigram.model import AttachFile, File, Path
from unit.client.fake_server import FakeServer
from unit.client.making import a_queue

BIG = LENT_FROM_BYTES + 1
MODEL = Path("model")


def a_file(folder: FilePath, fill: bytes = b"w") -> FilePath:
    source = folder / "model.pt"
    source.write_bytes(os.urandom(1 << 20) + fill * (BIG - (1 << 20)))
    return source


def attach(queue: Queue, source: FilePath, how: Callable[[FilePath, FilePath], Hold] | None = None) -> str:
    """Log a large file, by the way that `how` takes hold of it."""
    name, size = queue.stage_file(source)
    if how is not None:
        name, size = lend(queue.directory / BLOBS_NAME, source, by_path=True, take_hold=how) or (name, size)
    file = File(sha256=name, filename=source.name, media_type="application/octet-stream", size=size)
    queue.append(AttachFile(path=MODEL, file=file))
    return name


def by_path(_source: FilePath, _content: FilePath) -> Hold:
    return Hold.SOURCE


def stored(fake: FakeServer) -> bytes:
    file = fake.values()[MODEL]
    assert file.size == len(fake.blobs[file.sha256])
    return fake.blobs[file.sha256]


def test_a_large_file_is_lent_and_not_read(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    source = a_file(tmp_path)
    name = attach(queue, source)
    blobs = queue.directory / BLOBS_NAME
    assert is_lent(blobs, name)
    settled = settle(blobs, name)
    assert settled is not None
    assert (settled.size, settled.changed) == (BIG, False)
    assert settled == settle(blobs, name)


def test_a_lent_file_goes_up_in_parts_under_its_hash_and_nothing_stays(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    source = a_file(tmp_path)
    attach(queue, source)
    queue.end()
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    assert leftover.finished, leftover.problem
    assert stored(fake) == source.read_bytes()
    assert fake.part_offsets == [0, PART_BYTES, 2 * PART_BYTES]
    assert not queue.directory.exists()


def test_an_upload_that_was_cut_off_goes_on_where_the_server_says(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    source = a_file(tmp_path)
    attach(queue, source)
    queue.end()
    fake.cut_part = lambda number: number == 2
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    assert leftover.finished, leftover.problem
    assert stored(fake) == source.read_bytes()
    assert fake.part_offsets == [0, PART_BYTES, PART_BYTES + (1 << 20)]


def test_a_lent_file_outlives_its_deletion_and_its_replacement(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    source = a_file(tmp_path)
    before = source.read_bytes()
    attach(queue, source)
    source.unlink()
    source.write_bytes(b"the next checkpoint")
    queue.end()
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    assert leftover.finished, leftover.problem
    assert stored(fake) == before
    assert "sys/files_changed" not in fake.values()


def test_a_file_that_is_overwritten_in_place_is_sent_as_it_is_then_and_that_is_told(
    fake: FakeServer, tmp_path: FilePath
) -> None:
    queue = a_queue(tmp_path)
    source = a_file(tmp_path)
    attach(queue, source, link)
    source.write_bytes(b"x" * (BIG + 5))
    queue.end()
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    assert leftover.finished, leftover.problem
    assert stored(fake) == b"x" * (BIG + 5)
    assert fake.values()["sys/files_changed"] == 1


def test_a_file_that_changes_while_it_is_sent_is_sent_from_a_copy(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    source = a_file(tmp_path)
    attach(queue, source, link)
    queue.end()

    def overwrite(number: int) -> bool:
        if number == 2:
            source.write_bytes(b"y" * BIG)
        return False

    fake.cut_part = overwrite
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    assert leftover.finished, leftover.problem
    assert stored(fake) == b"y" * BIG
    assert fake.values()["sys/files_changed"] == 1


def test_a_file_elsewhere_that_has_gone_is_missed_and_counted(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    source = a_file(tmp_path)
    attach(queue, source, by_path)
    source.unlink()
    queue.end()
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    assert leftover.finished, leftover.problem
    assert MODEL not in fake.values()
    assert fake.values()["sys/drops/file_gone"] == 1


def test_a_path_alone_is_no_hold_when_nobody_reads_the_file_soon(tmp_path: FilePath) -> None:
    assert lend(tmp_path, a_file(tmp_path), by_path=False, take_hold=by_path) is None


def test_a_file_that_the_server_knows_is_not_sent_again(fake: FakeServer, tmp_path: FilePath) -> None:
    source = a_file(tmp_path)
    for writer in ("one", "two"):
        queue = a_queue(tmp_path, writer=writer)
        attach(queue, source)
        queue.end()
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    assert leftover.finished, leftover.problem
    assert len(fake.part_offsets) == 3


def test_files_of_one_batch_go_up_side_by_side(fake: FakeServer, tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    for number in range(20):
        sha256, size = queue.stage_bytes(f"file {number}".encode())
        file = File(sha256=sha256, filename="f.txt", media_type="text/plain", size=size)
        queue.append(AttachFile(path=Path(f"files/{number}"), file=file))
    queue.end()
    (leftover,) = sync_leftovers(tmp_path, fake.url)
    assert leftover.finished, leftover.problem
    assert sorted(fake.blobs.values()) == sorted(f"file {number}".encode() for number in range(20))
