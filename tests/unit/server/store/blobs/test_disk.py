"""Where blobs are on the disk, and what is left of an upload that was cut off."""

from __future__ import annotations

from pathlib import Path

from marigram.server.store.blobs.disk import DiskBlobStore
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
    assert len(_names(tmp_path)) == 2
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
    upload = _opened(tmp_path).begin(sha256_of(b"abc"))
    upload.write(b"abc")
    upload.abort()
    assert _names(tmp_path) == []
