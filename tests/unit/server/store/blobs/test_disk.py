"""Where blobs are on the disk, and what is left of an upload that was cut off."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from marigram.server.store.blobs.checking import PIECE_BYTES, sums_of
from marigram.server.store.blobs.disk import DiskBlobStore
from marigram.server.store.blobs.port import CorruptBlobError
from marigram.testing.blob_store import get, put, sha256_of


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _opened(folder: Path) -> DiskBlobStore:
    store = DiskBlobStore(folder)
    store.start()
    return store


def test_a_blob_lies_under_two_levels_of_its_hash(tmp_path: Path) -> None:
    sha256 = put(_opened(tmp_path), b"abc")
    assert _names(tmp_path) == [f"{sha256[:2]}/{sha256[2:4]}/{sha256}"]


def test_starting_clears_uploads_that_were_cut_off_and_keeps_blobs(tmp_path: Path) -> None:
    store = _opened(tmp_path)
    sha256 = put(store, b"abc")
    store.begin(sha256_of(b"def")).write(b"de")
    store.receive().write(b"de")
    assert len(_names(tmp_path)) == 3
    assert get(_opened(tmp_path), sha256) == b"abc"
    assert len(_names(tmp_path)) == 1


def test_a_blob_that_is_deleted_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    store = _opened(tmp_path)
    sha256 = put(store, b"x" * 1_000_000)
    chunks = store.read(sha256)
    first = next(chunks)
    store.delete(sha256)
    assert len(first) + sum(map(len, chunks)) == 1_000_000


def test_no_file_is_left_of_an_upload_that_was_given_up(tmp_path: Path) -> None:
    store = _opened(tmp_path)
    for begin in (lambda: store.begin(sha256_of(b"abc")), store.receive):
        upload = begin()
        upload.write(b"abc")
        assert len(_names(tmp_path)) == 1
        upload.abort()
        assert _names(tmp_path) == []


def _place(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256[2:4] / sha256


def _flip(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


@pytest.mark.parametrize("size", [1, 1_000, PIECE_BYTES])
def test_a_small_blob_with_a_flipped_bit_is_not_handed_out(tmp_path: Path, size: int) -> None:
    store = _opened(tmp_path)
    sha256 = put(store, b"x" * size)
    _flip(_place(tmp_path, sha256), size // 2)
    with pytest.raises(CorruptBlobError, match=f"{sha256} is damaged"):
        store.read(sha256)


@pytest.mark.parametrize("with_sums", [True, False])
def test_nothing_of_a_damaged_piece_is_handed_out_and_other_pieces_are(tmp_path: Path, *, with_sums: bool) -> None:
    store = _opened(tmp_path)
    blob = random.Random(3).randbytes(4 * PIECE_BYTES + 7)
    sha256 = put(store, blob)
    _flip(_place(tmp_path, sha256), 2 * PIECE_BYTES + 5)
    if not with_sums:
        sums_of(_place(tmp_path, sha256)).unlink()
        with pytest.raises(CorruptBlobError):
            store.read(sha256)
        return
    assert get(store, sha256, stop=2 * PIECE_BYTES) == blob[: 2 * PIECE_BYTES]
    assert get(store, sha256, start=3 * PIECE_BYTES) == blob[3 * PIECE_BYTES :]
    handed_out = b""
    with pytest.raises(CorruptBlobError):  # noqa: PT012 - what comes before the damage is part of the promise
        for chunk in store.read(sha256):
            handed_out += chunk
    assert blob.startswith(handed_out)
    assert len(handed_out) <= 2 * PIECE_BYTES


def test_a_blob_of_an_older_version_gets_sums_when_it_is_read(tmp_path: Path) -> None:
    store = _opened(tmp_path)
    blob = random.Random(4).randbytes(3 * PIECE_BYTES)
    sha256 = put(store, blob)
    sums = sums_of(_place(tmp_path, sha256))
    written = sums.read_bytes()
    for broken in (None, b"", written[:-1], bytes(len(written))):
        sums.unlink()
        if broken is not None:
            sums.write_bytes(broken)
        assert get(store, sha256, start=PIECE_BYTES - 1, stop=PIECE_BYTES + 1) == blob[PIECE_BYTES - 1 :][:2]
        assert sums.read_bytes() == written


def test_uploading_a_damaged_blob_again_mends_it(tmp_path: Path) -> None:
    store = _opened(tmp_path)
    sha256 = put(store, b"abc")
    _flip(_place(tmp_path, sha256), 0)
    put(store, b"abc")
    assert get(store, sha256) == b"abc"


def test_parts_that_nobody_goes_on_with_are_forgotten(tmp_path: Path) -> None:
    store = _opened(tmp_path)
    old, new, open_now = (store.resume(sha256_of(name)) for name in (b"old", b"new", b"open"))
    for upload in (old, new, open_now):
        upload.write(b"x")
    old.pause()
    new.pause()
    for name in (b"old", b"open"):
        os.utime(tmp_path / "incoming" / f"{sha256_of(name)}.parts", (1, 1))
    assert store.forget_old_parts() == 1
    assert sorted(_names(tmp_path)) == sorted(f"incoming/{sha256_of(name)}.parts" for name in (b"new", b"open"))
    open_now.abort()


def test_a_touch_makes_an_old_blob_young(tmp_path: Path) -> None:
    store = _opened(tmp_path)
    sha256 = put(store, b"abc")
    os.utime(_place(tmp_path, sha256), (1, 1))
    assert next(iter(store.entries())).touched_at == 1_000
    store.touch(sha256)
    assert not store.delete_untouched(sha256, since=2_000)
