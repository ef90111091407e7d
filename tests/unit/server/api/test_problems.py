"""Whatever goes wrong, the answer is a `Problem` whose message says what happened."""

from __future__ import annotations

import json
from typing import Any

import pytest
import zstandard

from asking import BATCH_HEADERS, ask
from marigram.wire import MAX_BATCH_BYTES, encode_batch
from one_of_everything import Api
from operations import RUN, batch_of, create, put

UNKNOWN = "f" * 32


def expect(answer: Any, status: int, code: str) -> str:
    """See that the answer is a problem of this status and code, and return its message."""
    assert answer.status == status, answer.body
    problem = json.loads(answer.body)
    assert set(problem) == {"code", "message"}
    assert problem["code"] == code
    assert len(problem["message"]) > 10
    assert answer.headers["content-type"].startswith("application/json")
    return problem["message"]


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/runs/{UNKNOWN}",
        f"/api/v1/runs/{UNKNOWN}/attributes",
        f"/api/v1/runs/{UNKNOWN}/attribute?path=x",
        f"/api/v1/runs/{UNKNOWN}/points?path=x",
        f"/api/v1/runs/{UNKNOWN}/file?path=x",
        f"/api/v1/runs/{UNKNOWN}/live",
        f"/api/v1/runs/{RUN}/attribute?path=nowhere",
        f"/api/v1/runs/{RUN}/points?path=params/lr",
        f"/api/v1/runs/{RUN}/file?path=train/loss",
        f"/api/v1/runs/{RUN}/file?path=pictures&step=7",
        "/api/v1/projects/lab/cats/runs/CATS-99",
        "/api/v1/nothing",
        "/api",
        "/api/",
        "/api/native/v2/batches",
        "/assets/nothing.js",
    ],
)
def test_what_is_not_there_is_404(api: Api, path: str) -> None:
    expect(ask(api.url, path), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/runs/{RUN}/attribute?path=",
        f"/api/v1/runs/{RUN}/attribute?path=a//b",
        f"/api/v1/runs/{RUN}/points?path=train/loss&cursor=x",
        f"/api/v1/runs/{RUN}/points?path=train/loss&first_step=nan",
        f"/api/v1/series/buckets?run={RUN}&path=train/loss&last_step=nan",
        "/api/v1/projects/lab/cats/runs?cursor=x",
        "/api/v1/projects/lab/cats/runs?sort=-",
        "/api/v1/projects/lab/cats/runs?cursor=" + "9" * 4400,
    ],
)
def test_a_question_that_makes_no_sense_is_400(api: Api, path: str) -> None:
    expect(ask(api.url, path), 400, "bad_question")


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        (f"/api/v1/runs/{RUN}/attribute", "path"),
        (f"/api/v1/runs/{RUN}/points?path=train/loss&limit=0", "limit"),
        (f"/api/v1/runs/{RUN}/points?path=train/loss&limit=ten", "limit"),
        (f"/api/v1/runs/{RUN}/points?path=train/loss&tail=0", "tail"),
        (f"/api/v1/runs/{RUN}/points?path=train/loss&first_step=one", "first_step"),
        (f"/api/v1/series/buckets?run={RUN}&path=train/loss&max_buckets=1", "max_buckets"),
        (f"/api/v1/series/buckets?run={RUN}&path=train/loss&max_buckets=20001", "max_buckets"),
        ("/api/v1/series/buckets?path=train/loss", "run"),
        ("/api/v1/projects/lab/cats/runs?limit=1001", "limit"),
        (f"/api/v1/runs/{RUN}/live?position=x", "position"),
    ],
)
def test_a_wrong_parameter_is_400_and_named(api: Api, path: str, parameter: str) -> None:
    assert parameter in expect(ask(api.url, path), 400, "bad_request")


@pytest.mark.parametrize("path", [f"/api/v1/runs/{RUN}", "/api/v1/projects", "/health", "/lab/cats"])
def test_a_method_that_nobody_expects_is_405(api: Api, path: str) -> None:
    for method in ("POST", "PUT", "DELETE"):
        expect(ask(api.url, path, method=method, body=b"{}"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "not a Zstandard frame"),
        (b"garbage", "not a Zstandard frame"),
        (zstandard.compress(b"MGB1" + bytes(100)), "cannot be read"),
        (zstandard.compress(bytes(MAX_BATCH_BYTES + 1)), "at most 67108864"),
        (encode_batch(batch_of(create(), run="short")), "32 lowercase hexadecimal"),
        (encode_batch(batch_of(create(), first=0)), "positions 0"),
    ],
)
def test_a_batch_that_is_none_is_400(api: Api, body: bytes, complaint: str) -> None:
    answer = ask(api.url, "/api/native/v1/batches", method="POST", body=body, headers=BATCH_HEADERS)
    assert complaint in expect(answer, 400, "bad_batch")


def test_a_batch_must_say_that_it_is_one_so_that_no_page_can_send_it_unasked(api: Api) -> None:
    body = encode_batch(batch_of(create(), put("x", 1)))
    for headers in ({}, {"content-type": "text/plain"}, {"content-type": "application/json"}):
        answer = ask(api.url, "/api/native/v1/batches", method="POST", body=body, headers=headers)
        assert "content-type" in expect(answer, 400, "bad_batch")


def test_a_body_beyond_all_bounds_is_413(api: Api) -> None:
    headers = {**BATCH_HEADERS, "content-length": str(MAX_BATCH_BYTES + 1)}
    answer = ask(api.url, "/api/native/v1/batches", method="POST", body=b"x", headers=headers)
    expect(answer, 413, "request_entity_too_large")


@pytest.mark.parametrize("sha256", ["a" * 63, "A" * 64, "x" * 64, "..%2f..%2fmeta.db"])
def test_a_blob_has_no_other_address_than_a_hash(api: Api, sha256: str) -> None:
    answer = ask(api.url, f"/api/native/v1/blobs/{sha256}", method="PUT", body=b"x")
    assert answer.status in {400, 404, 405}
    assert json.loads(answer.body)["message"]


@pytest.mark.parametrize("project", ["cats", "a/b/c", "api/cats", ""])
def test_a_handshake_for_no_project_is_400(api: Api, project: str) -> None:
    expect(ask(api.url, "/api/native/v1/handshake", project=project), 400, "bad_batch")


@pytest.mark.parametrize("host", ["evil.example", "[::1", "127.0.0.1.evil.example:1"])
@pytest.mark.parametrize("path", ["/api/v1/projects", "/health", "/", "/schema", f"/api/v1/runs/{RUN}/live"])
def test_an_open_server_is_403_under_another_name(api: Api, path: str, host: str) -> None:
    expect(ask(api.url, path, headers={"host": host}), 403, "forbidden")


def test_a_page_of_another_origin_may_not_write(api: Api) -> None:
    body = encode_batch(batch_of(create(), run="8" * 32))
    headers = {**BATCH_HEADERS, "origin": "https://evil.example"}
    expect(ask(api.url, "/api/native/v1/batches", method="POST", body=body, headers=headers), 403, "forbidden")
    expect(ask(api.url, "/api/v1/runs/" + "8" * 32), 404, "not_found")


def test_no_answer_lets_a_page_of_another_origin_read(api: Api) -> None:
    for path in ("/api/v1/projects", "/health", f"/api/v1/runs/{RUN}/file?path=page"):
        headers = ask(api.url, path, headers={"origin": "https://evil.example"}).headers
        assert "access-control-allow-origin" not in headers
        assert headers["x-content-type-options"] == "nosniff"
