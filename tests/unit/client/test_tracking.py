from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from marigram.client.errors import MarigramError, NotFoundError
from marigram.client.tracking import TrackedFile, copy_to, find_files, manifest_of


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"a")
    (folder / "deep" / "b.txt").write_bytes(b"bb")
    return folder


class Store(BaseHTTPRequestHandler):
    """A server of one file; the one at /plain has no entity tag."""

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(b"content")

    def _answer(self, content: bytes) -> None:
        self.send_response(404 if self.path == "/gone" else 200)
        if self.path != "/plain":
            self.send_header("ETag", '"tag-1"')
            self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("Content-Length", "7")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 as the parent has it
        pass


@pytest.fixture
def store() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_folder_is_all_files_below_it_with_hash_size_and_place(data: Path) -> None:
    files = list(find_files(str(data), None))
    assert [(file.file_path, file.size, file.type) for file in files] == [
        ("a.txt", 1, "Local"),
        ("deep/b.txt", 2, "Local"),
    ]
    assert files[0].file_hash == hashlib.sha256(b"a").hexdigest()
    assert files[0].location == (data / "a.txt").as_uri()
    assert files[0].modified_at is not None


def test_a_file_may_be_named_by_path_or_by_url_and_put_below_a_destination(data: Path) -> None:
    for place in (str(data / "a.txt"), (data / "a.txt").as_uri()):
        assert [file.file_path for file in find_files(place, "train/")] == ["train/a.txt"]


def test_what_is_not_there_is_said(data: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(find_files(str(data / "nothing"), None))
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no files below"):
        list(find_files(str(tmp_path / "empty"), None))


def test_equal_files_have_equal_hashes_wherever_they_are(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "deep").mkdir(parents=True)
    (other / "deep" / "b.txt").write_bytes(b"bb")
    (other / "a.txt").write_bytes(b"a")
    assert manifest_of(find_files(str(data), None)).hash == manifest_of(find_files(str(other), None)).hash
    (other / "a.txt").write_bytes(b"c")
    assert manifest_of(find_files(str(data), None)).hash != manifest_of(find_files(str(other), None)).hash


def test_of_two_files_with_one_name_the_later_stays(data: Path) -> None:
    files = list(find_files(str(data), None))
    later = msgspec.structs.replace(files[0], file_hash="f" * 64)
    assert [file.file_hash for file in manifest_of([*files, later]).files] == ["f" * 64, files[1].file_hash]


def test_files_are_copied_from_where_they_are(data: Path, tmp_path: Path) -> None:
    (file,) = find_files(str(data / "deep" / "b.txt"), "sub")
    assert copy_to(file, tmp_path / "copies").read_bytes() == b"bb"
    (data / "deep" / "b.txt").unlink()
    with pytest.raises(NotFoundError, match="not here any more"):
        copy_to(file, tmp_path / "copies")


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    file = TrackedFile(file_path="../evil", file_hash="", type="Local", size=0, location="file:///etc/hostname")
    with pytest.raises(MarigramError, match="outside"):
        copy_to(file, tmp_path / "copies")


def test_the_address_of_a_tracked_file_holds_no_secret(store: str) -> None:
    address = store.replace("http://", "http://me:secret@") + "/tagged.bin?X-Amz-Signature=abc&version=2"
    (file,) = find_files(address, None)
    assert file.location == f"{store}/tagged.bin?X-Amz-Signature=***&version=2"


def test_a_file_at_an_http_server_is_known_by_its_tag(store: str, tmp_path: Path) -> None:
    (file,) = find_files(f"{store}/models/a%20b.bin", None)
    assert (file.file_path, file.file_hash, file.size, file.type) == ("a b.bin", "tag-1", 7, "HTTP")
    assert file.modified_at == datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp() * 1000
    assert copy_to(file, tmp_path).read_bytes() == b"content"


def test_a_file_without_a_tag_is_known_by_its_content(store: str) -> None:
    (file,) = find_files(f"{store}/plain", None)
    assert file.file_hash == hashlib.sha256(b"content").hexdigest()


def test_a_file_that_a_server_does_not_have_is_said(store: str) -> None:
    with pytest.raises(MarigramError, match="answers 404"):
        list(find_files(f"{store}/gone", None))


class Bucket:
    """What boto3 gives for S3, over a dict."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects

    def get_paginator(self, name: str) -> Bucket:
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803 as it is there
        assert Bucket == "bucket"
        when = datetime(2026, 1, 1, tzinfo=timezone.utc)
        found = [
            {"Key": key, "ETag": f'"{len(content)}"', "Size": len(content), "LastModified": when}
            for key, content in self.objects.items()
            if key.startswith(Prefix)
        ]
        return [{"Contents": found[:1]}, {"Contents": found[1:]}, {}]

    def download_file(self, bucket: str, key: str, target: str) -> None:
        assert bucket == "bucket"
        Path(target).write_bytes(self.objects[key])


def test_objects_in_s3_are_known_by_their_tags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = {"data/": b"", "data/a.txt": b"a", "data/deep/b.txt": b"bb", "database.txt": b"neighbour"}
    boto3 = ModuleType("boto3")
    vars(boto3)["client"] = lambda _, **__: Bucket(objects)
    monkeypatch.setitem(sys.modules, "boto3", boto3)
    monkeypatch.delitem(sys.modules, "marigram.client.tracking_s3", raising=False)
    files = list(find_files("s3://bucket/data", "mine"))
    assert [(file.file_path, file.file_hash, file.location) for file in files] == [
        ("mine/a.txt", "1", "s3://bucket/data/a.txt"),
        ("mine/deep/b.txt", "2", "s3://bucket/data/deep/b.txt"),
    ]
    assert copy_to(files[1], tmp_path).read_bytes() == b"bb"
    assert [file.file_path for file in find_files("s3://bucket/data/a.txt", None)] == ["a.txt"]
    with pytest.raises(FileNotFoundError, match="nothing at"):
        list(find_files("s3://bucket/nothing", None))
    monkeypatch.delitem(sys.modules, "marigram.client.tracking_s3")


def test_without_boto3_the_command_to_run_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, "marigram.client.tracking_s3", raising=False)
    with pytest.raises(MarigramError, match="pip install boto3"):
        list(find_files("s3://bucket/data", None))
