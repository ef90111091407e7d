"""The contract suite of `BlobStore`: what every engine promises, as tests.

An engine's own test file subclasses `BlobStoreContract` and gives it the fixture `store` and a way to `reopen`.
"""

from __future__ import annotations

import hashlib
import random
import threading

import pytest

from marigram.server.store.blobs.port import BlobMismatchError, BlobStore, UploadBusyError

DEADLINE_S = 30.0


def sha256_of(blob: bytes) -> str:
    """Return the address of a blob."""
    return hashlib.sha256(blob).hexdigest()


def put(store: BlobStore, *chunks: bytes) -> str:
    """Upload a blob in chunks and return its address."""
    sha256 = sha256_of(b"".join(chunks))
    upload = store.begin(sha256)
    for chunk in chunks:
        upload.write(chunk)
    upload.commit()
    return sha256


def get(store: BlobStore, sha256: str, *, start: int = 0, stop: int | None = None) -> bytes:
    """Return the bytes `[start, stop)` of a blob."""
    return b"".join(store.read(sha256, start=start, stop=stop))


class BlobStoreContract:
    """Subclass it, give it the fixture `store`, empty and open, and the method `reopen`."""

    @pytest.fixture
    def store(self) -> BlobStore:
        """Return a new, empty store."""
        raise NotImplementedError

    def reopen(self, store: BlobStore) -> BlobStore:
        """Return a store that has been opened on the same data."""
        raise NotImplementedError

    def test_a_blob_comes_back_as_it_was_uploaded(self, store: BlobStore) -> None:
        sha256 = put(store, b"hello ", b"", b"world")
        assert (get(store, sha256), store.size(sha256)) == (b"hello world", 11)

    def test_an_empty_blob_exists(self, store: BlobStore) -> None:
        sha256 = put(store)
        assert (get(store, sha256), store.size(sha256)) == (b"", 0)

    def test_an_unknown_blob_has_no_size_and_cannot_be_read(self, store: BlobStore) -> None:
        assert store.size(sha256_of(b"unknown")) is None
        with pytest.raises(FileNotFoundError, match="Upload it"):
            store.read(sha256_of(b"unknown"))

    def test_a_large_blob_comes_in_chunks_of_moderate_size(self, store: BlobStore) -> None:
        blob = random.Random(1).randbytes(3_000_001)  # noqa: S311 not a secret
        sha256 = put(store, blob[:1_000_000], blob[1_000_000:])
        chunks = list(store.read(sha256))
        assert b"".join(chunks) == blob
        assert max(map(len, chunks)) <= 1_000_000

    @pytest.mark.parametrize(
        ("start", "stop"),
        [(0, None), (0, 0), (0, 1), (3, 7), (9, 10), (9, 99), (10, None), (99, None), (99, 100), (7, 3)],
    )
    def test_a_range_is_the_slice_of_the_bytes(self, store: BlobStore, start: int, stop: int | None) -> None:
        blob = b"0123456789"
        assert get(store, put(store, blob), start=start, stop=stop) == blob[start:stop]

    @pytest.mark.parametrize(("start", "stop"), [(-1, None), (0, -1)])
    def test_a_range_that_counts_from_the_end_is_refused(self, store: BlobStore, start: int, stop: int | None) -> None:
        sha256 = put(store, b"0123456789")
        with pytest.raises(ValueError, match="first byte"):
            store.read(sha256, start=start, stop=stop)

    def test_a_blob_does_not_exist_before_its_upload_is_committed(self, store: BlobStore) -> None:
        sha256 = sha256_of(b"abc")
        upload = store.begin(sha256)
        upload.write(b"abc")
        assert store.size(sha256) is None
        with pytest.raises(FileNotFoundError):
            store.read(sha256)
        upload.commit()
        assert store.size(sha256) == 3

    def test_an_upload_that_is_given_up_leaves_nothing(self, store: BlobStore) -> None:
        upload = store.begin(sha256_of(b"abc"))
        upload.write(b"abc")
        upload.abort()
        assert store.size(sha256_of(b"abc")) is None

    @pytest.mark.parametrize("chunks", [[], [b"ab"], [b"abc", b"d"], [b"xyz"]])
    def test_bytes_with_another_hash_are_refused_and_not_kept(self, store: BlobStore, chunks: list[bytes]) -> None:
        upload = store.begin(sha256_of(b"abc"))
        for chunk in chunks:
            upload.write(chunk)
        with pytest.raises(BlobMismatchError, match="send all of it"):
            upload.commit()
        assert store.size(sha256_of(b"abc")) is None
        assert store.size(sha256_of(b"".join(chunks))) is None

    def test_an_upload_goes_on_where_it_was_paused(self, store: BlobStore) -> None:
        sha256 = sha256_of(b"abcdef")
        for part in (b"ab", b"cd"):
            upload = store.resume(sha256)
            upload.write(part)
            upload.pause()
            assert store.size(sha256) is None
        store = self.reopen(store)
        upload = store.resume(sha256)
        assert upload.size == 4
        upload.write(b"ef")
        upload.commit()
        assert get(store, sha256) == b"abcdef"
        upload = store.resume(sha256)
        assert upload.size == 0
        upload.abort()

    def test_only_one_request_at_a_time_goes_on_with_an_upload(self, store: BlobStore) -> None:
        upload = store.resume(sha256_of(b"abc"))
        upload.write(b"a")
        with pytest.raises(UploadBusyError, match="in a moment"):
            store.resume(sha256_of(b"abc"))
        put(store, b"abc")
        upload.pause()
        assert get(store, sha256_of(b"abc")) == b"abc"

    def test_parts_with_another_hash_are_refused_and_forgotten(self, store: BlobStore) -> None:
        upload = store.resume(sha256_of(b"abc"))
        upload.write(b"abd")
        with pytest.raises(BlobMismatchError):
            upload.commit()
        upload = store.resume(sha256_of(b"abc"))
        assert upload.size == 0
        upload.write(b"abc")
        upload.commit()
        assert store.size(sha256_of(b"abc")) == 3

    def test_a_paused_upload_that_is_given_up_is_forgotten(self, store: BlobStore) -> None:
        upload = store.resume(sha256_of(b"abc"))
        upload.write(b"ab")
        upload.pause()
        store.resume(sha256_of(b"abc")).abort()
        upload = store.resume(sha256_of(b"abc"))
        assert upload.size == 0
        upload.pause()

    def test_bytes_without_a_name_become_the_blob_of_their_hash(self, store: BlobStore) -> None:
        blob = random.Random(3).randbytes(600_001)  # noqa: S311 not a secret
        upload = store.receive()
        for chunk in (blob[:1], b"", blob[1:400_000], blob[400_000:]):
            upload.write(chunk)
        assert upload.size == len(blob)
        assert list(store.entries()) == []
        assert upload.commit() == sha256_of(blob)
        store = self.reopen(store)
        assert get(store, sha256_of(blob)) == blob
        assert get(store, sha256_of(blob), start=300_000, stop=500_000) == blob[300_000:500_000]

    def test_bytes_without_a_name_that_are_known_change_nothing_and_count_as_touched(self, store: BlobStore) -> None:
        sha256 = put(store, b"abc")
        uploaded = next(iter(store.entries())).touched_at
        upload = store.receive()
        upload.write(b"abc")
        assert upload.commit() == sha256
        assert not store.delete_untouched(sha256, since=uploaded)
        assert get(store, sha256) == b"abc"

    def test_of_bytes_without_a_name_nothing_is_left_when_they_are_given_up(self, store: BlobStore) -> None:
        given_up, cut_off = store.receive(), store.receive()
        given_up.write(b"abc")
        cut_off.write(b"def")
        given_up.abort()
        assert list(self.reopen(store).entries()) == []

    def test_uploading_a_blob_again_changes_nothing(self, store: BlobStore) -> None:
        assert put(store, b"abc") == put(store, b"a", b"bc")
        assert get(store, sha256_of(b"abc")) == b"abc"

    def test_a_failed_upload_of_a_blob_that_exists_leaves_it_alone(self, store: BlobStore) -> None:
        sha256 = put(store, b"abc")
        upload = store.begin(sha256)
        upload.write(b"no")
        with pytest.raises(BlobMismatchError):
            upload.commit()
        assert get(store, sha256) == b"abc"

    def test_uploads_of_one_blob_at_once_do_not_disturb_each_other(self, store: BlobStore) -> None:
        blob = random.Random(2).randbytes(500_000)  # noqa: S311 not a secret
        threads = [threading.Thread(target=put, args=(store, blob[:1_000], blob[1_000:])) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE_S)
        assert get(store, sha256_of(blob)) == blob

    def test_a_deleted_blob_is_gone_and_can_be_uploaded_again(self, store: BlobStore) -> None:
        sha256 = put(store, b"abc")
        store.delete(sha256)
        store.delete(sha256)
        assert store.size(sha256) is None
        put(store, b"abc")
        assert get(store, sha256) == b"abc"

    def test_all_blobs_are_listed_with_their_sizes(self, store: BlobStore) -> None:
        assert list(store.entries()) == []
        blobs = {put(store, b"abc"): 3, put(store): 0, put(store, b"x" * 600_000): 600_000}
        store.resume(sha256_of(b"paused")).pause()
        assert {entry.sha256: entry.size for entry in store.entries()} == blobs
        assert [entry.sha256 for entry in store.entries()] == sorted(blobs)

    def test_a_blob_that_was_touched_since_is_not_deleted(self, store: BlobStore) -> None:
        sha256 = put(store, b"abc")
        uploaded = next(iter(store.entries())).touched_at
        assert store.touch(sha256) == 3
        assert not store.delete_untouched(sha256, since=uploaded)
        assert get(store, sha256) == b"abc"

    def test_a_blob_that_nobody_touched_since_is_deleted_once(self, store: BlobStore) -> None:
        sha256 = put(store, b"x" * 600_000)
        later = next(iter(store.entries())).touched_at + 1
        assert store.delete_untouched(sha256, since=later)
        assert not store.delete_untouched(sha256, since=later)
        assert store.size(sha256) is None
        assert store.touch(sha256) is None
        assert list(store.entries()) == []

    @pytest.mark.parametrize("size", [0, 1, 262_143, 262_144, 262_145, 524_288, 700_001])
    def test_ranges_of_blobs_of_any_size_are_slices_of_the_bytes(self, store: BlobStore, size: int) -> None:
        chance = random.Random(size)  # noqa: S311 not a secret
        blob = chance.randbytes(size)
        sha256 = put(store, blob)
        assert get(store, sha256) == blob
        for _ in range(20):
            start, stop = sorted(chance.randrange(size + 2) for _ in range(2))
            assert get(store, sha256, start=start, stop=stop) == blob[start:stop]

    def test_blobs_are_there_after_reopening(self, store: BlobStore) -> None:
        sha256 = put(store, b"abc")
        assert get(self.reopen(store), sha256) == b"abc"

    @pytest.mark.parametrize(
        "address", ["", "abc", "A" * 64, "g" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "../" * 21 + "a", "/" * 64]
    )
    def test_an_address_that_is_not_a_sha256_is_refused_everywhere(self, store: BlobStore, address: str) -> None:
        for call in (store.size, store.touch, store.begin, store.read, store.delete):
            with pytest.raises(ValueError, match="64 lowercase hexadecimal"):
                call(address)
