"""What is uploaded comes back byte for byte, and cannot do harm in a browser."""

from __future__ import annotations

from urllib.parse import unquote
from uuid import uuid4

import msgspec
import pytest

from asking import HttpWriter, ask
from one_of_everything import CAT, PAGE, Api
from operations import RUN, attach, create, file_of


def test_a_file_comes_back_with_its_size_and_type(api: Api) -> None:
    answer = api.run("/file", path="cat")
    assert (answer.status, answer.body) == (200, b"\x89PNG cat")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(CAT.size)
    assert answer.headers["etag"] == f'"{CAT.sha256}"'


@pytest.mark.parametrize(("step", "size"), [(1, CAT.size), (2.5, PAGE.size), (None, PAGE.size)])
def test_a_file_of_a_series_is_found_by_step_and_the_last_one_without(api: Api, step: float | None, size: int) -> None:
    question = {} if step is None else {"step": step}
    assert len(api.run("/file", path="pictures", **question).body) == size


@pytest.mark.parametrize("path", ["page", "cat", "pictures"])
def test_a_file_is_shown_in_a_sandbox_that_reaches_nothing(api: Api, path: str) -> None:
    headers = api.run("/file", path=path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert headers.get_all("x-content-type-options") == ["nosniff"]
    assert headers.get_all("content-security-policy") == [policy]


def test_text_is_shown_as_utf_8(api: Api) -> None:
    assert api.run("/file", path="page").headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(("download", "word"), [({}, "inline"), ({"download": 1}, "attachment")])
def test_any_name_survives_the_header(api: Api, download: dict[str, int], word: str) -> None:
    disposition = api.run("/file", path="page", **download).headers["content-disposition"]
    kind, _, name = disposition.partition("; filename*=UTF-8''")
    assert (kind, unquote(name)) == (word, PAGE.filename)
    assert disposition.isascii()
    assert not set(name) & set("\"; \n\r'")


@pytest.mark.parametrize(
    "media_type", ["text/html\r\nset-cookie: a=b", "", "image", "tëxt/html", "text/html, text/plain"]
)
def test_a_media_type_that_is_none_is_bytes(api: Api, media_type: str) -> None:
    writer = HttpWriter(api.url, run=uuid4().hex)
    file = file_of(b"x")
    assert writer.upload(file.sha256, b"x").status == 201
    writer.write(create(), attach("x", msgspec.structs.replace(file, media_type=media_type)))
    answer = api.get(f"/runs/{writer.run}/file", path="x")
    assert (answer.status, answer.body) == (200, b"x")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "set-cookie" not in answer.headers


def test_a_large_file_goes_both_ways(api: Api) -> None:
    content = bytes(range(256)) * (12 * 1024 * 1024 // 256)
    file = file_of(content)
    writer = HttpWriter(api.url, run=uuid4().hex)
    assert ask(api.url, f"/api/native/v1/blobs/{file.sha256}", method="HEAD").status == 404
    assert writer.upload(file.sha256, content).status == 201
    assert writer.upload(file.sha256, content).status == 201
    assert ask(api.url, f"/api/native/v1/blobs/{file.sha256}", method="HEAD").status == 200
    writer.write(create(), attach("model", file))
    assert api.get(f"/runs/{writer.run}/file", path="model", download=1).body == content


@pytest.mark.parametrize(
    ("asked", "content", "says"),
    [
        ("bytes=1-3", b"PNG", "bytes 1-3/8"),
        ("bytes=5-", b"cat", "bytes 5-7/8"),
        ("bytes=-2", b"at", "bytes 6-7/8"),
        ("bytes=0-99", b"\x89PNG cat", "bytes 0-7/8"),
        ("bytes=-99", b"\x89PNG cat", "bytes 0-7/8"),
    ],
)
def test_a_part_of_a_file_is_what_was_asked_for(api: Api, asked: str, content: bytes, says: str) -> None:
    answer = ask(api.url, f"/api/v1/runs/{RUN}/file", headers={"range": asked}, path="cat")
    assert (answer.status, answer.body) == (206, content)
    assert answer.headers["content-range"] == says
    assert answer.headers["content-length"] == str(len(content))


@pytest.mark.parametrize("asked", ["bytes=1-2,4-5", "lines=1-2", "bytes=-", "bytes=3-1", "nonsense"])
def test_what_is_no_single_range_is_answered_with_the_whole_file(api: Api, asked: str) -> None:
    answer = ask(api.url, f"/api/v1/runs/{RUN}/file", headers={"range": asked}, path="cat")
    assert (answer.status, answer.body) == (200, b"\x89PNG cat")


@pytest.mark.parametrize("asked", ["bytes=8-", "bytes=99-100", "bytes=-0"])
def test_a_range_beyond_the_end_names_the_length(api: Api, asked: str) -> None:
    answer = ask(api.url, f"/api/v1/runs/{RUN}/file", headers={"range": asked}, path="cat")
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */8")


def test_a_file_that_the_reader_has_is_not_sent_again(api: Api) -> None:
    etag = f'"{CAT.sha256}"'
    address = f"/api/v1/runs/{RUN}/file"
    assert ask(api.url, address, headers={"if-none-match": etag}, path="cat").status == 304
    old = ask(api.url, address, headers={"range": "bytes=1-3", "if-range": '"another"'}, path="cat")
    assert (old.status, old.body) == (200, b"\x89PNG cat")
    same = ask(api.url, address, headers={"range": "bytes=1-3", "if-range": etag}, path="cat")
    assert (same.status, same.body) == (206, b"PNG")


def test_a_file_whose_bytes_are_not_those_announced_does_not_exist(api: Api) -> None:
    writer = HttpWriter(api.url)
    answer = writer.upload(file_of(b"right").sha256, b"wrong")
    assert (answer.status, answer.json()["code"]) == (400, "bad_batch")
    assert ask(api.url, f"/api/native/v1/blobs/{file_of(b'right').sha256}", method="HEAD").status == 404


def test_a_pdf_is_shown_without_a_sandbox_and_as_nothing_but_a_pdf(api: Api) -> None:
    writer = HttpWriter(api.url, run=uuid4().hex)
    for path, media_type in (("pdf", "application/pdf"), ("other", "application/pdfs"), ("PDF", "Application/PDF")):
        content = f"<script>alert('{path}')</script>".encode()
        file = file_of(content, "x.pdf", media_type)
        assert writer.upload(file.sha256, content).status == 201
        writer.write(create(), attach(path, file))
    shown = api.get(f"/runs/{writer.run}/file", path="pdf").headers
    assert shown["content-type"] == "application/pdf"
    assert shown["x-content-type-options"] == "nosniff"
    assert shown["content-security-policy"].startswith("default-src 'none'; object-src 'self'")
    for path in ("other", "PDF"):
        assert api.get(f"/runs/{writer.run}/file", path=path).headers["content-security-policy"].startswith("sandbox")
