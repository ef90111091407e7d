"""Artifacts are kept, listed, sent and deleted where MLflow's clients expect them."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from asking import ask
from marigram.server.protocols.mlflow.artifact_places import StoredAt, checked_path, stored_at, stored_at_uri
from marigram.server.protocols.mlflow.artifact_routes import media_type_of
from marigram.server.protocols.mlflow.errors import MlflowError
from mlflow_asking import STORE, Mlflow, stored
from running_server import RunningServer
from waiting import wait_until

RUN = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def mlflow(shared_server: RunningServer) -> Mlflow:
    """Give a client of a server that the tests of this file share."""
    return Mlflow(shared_server.url)


def test_an_artifact_comes_back_whole_and_in_parts_and_is_an_ordinary_file_of_the_run(mlflow: Mlflow) -> None:
    uri = mlflow.run()["artifact_uri"]
    run_id = uri.split("/")[-2]
    content = bytes(range(256)) * 12_000
    kept = mlflow.put(uri, "deep/er/ü b.bin", content)
    assert (kept.status, kept.json()) == (200, {})
    whole = mlflow.get(uri, "deep/er/ü b.bin")
    assert (whole.status, whole.body == content) == (200, True)
    assert whole.headers["content-type"] == "application/octet-stream"
    assert whole.headers["content-disposition"].startswith("attachment")
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = mlflow.get(uri, "deep/er/ü b.bin", range="bytes=5-7")
    assert (part.status, part.body) == (206, b"\x05\x06\x07")
    assert part.headers["content-range"] == f"bytes 5-7/{len(content)}"
    assert mlflow.get(uri, "deep/er/ü b.bin", range="bytes=99999999-").status == 416
    ours = ask(mlflow.url, f"/api/v1/runs/{run_id}/file", path="artifacts/deep/er/ü b.bin")
    assert ours.body == content


def test_a_folder_is_listed_one_level_deep(mlflow: Mlflow) -> None:
    uri = mlflow.run()["artifact_uri"]
    for path in ("a.txt", "a/one", "a/two", "a/deep/three", "a-b/four", "z"):
        mlflow.put(uri, path, path.encode())
    assert mlflow.names(uri) == {"a": None, "a-b": None, "a.txt": 5, "z": 1}
    assert mlflow.names(uri, "a") == {"deep": None, "one": 5, "two": 5}
    assert mlflow.names(uri, "a.txt") == mlflow.names(uri, "nothing") == {}
    run_id = uri.split("/")[-2]
    listed = mlflow.call("GET", "artifacts/list", run_id=run_id, path="a")
    assert listed["root_uri"] == uri
    assert [each["path"] for each in listed["files"]] == ["a/deep", "a/one", "a/two"]
    assert "files" not in mlflow.call("GET", "artifacts/list", run_id=run_id, path="nothing")
    assert mlflow.code("GET", "artifacts/list", run_id="f" * 32) == "RESOURCE_DOES_NOT_EXIST"
    assert mlflow.code("GET", "artifacts/list") == "INVALID_PARAMETER_VALUE"


def test_an_artifact_that_is_sent_again_takes_the_place_of_the_first(mlflow: Mlflow) -> None:
    uri = mlflow.run()["artifact_uri"]
    for content in (b"old", b"newer", b"newer", b""):
        assert mlflow.put(uri, "x", content).status == 200
        assert mlflow.get(uri, "x").body == content
    assert mlflow.names(uri) == {"x": 0}


def test_a_deleted_artifact_is_gone_with_what_is_below_it(mlflow: Mlflow) -> None:
    uri = mlflow.run()["artifact_uri"]
    for path in ("a/one", "a/two", "b"):
        mlflow.put(uri, path, b"x")
    assert ask(mlflow.url, stored(uri, "a"), method="DELETE").status == 200
    assert mlflow.names(uri) == {"b": 1}
    assert ask(mlflow.url, stored(uri, "a"), method="DELETE").status == 404


def test_what_is_not_there_is_not_found_and_a_folder_is_no_file(mlflow: Mlflow) -> None:
    uri = mlflow.run()["artifact_uri"]
    mlflow.put(uri, "a/one", b"x")
    assert mlflow.get(uri, "nothing").json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert mlflow.get(uri, "a").json()["error_code"] == "INVALID_PARAMETER_VALUE"
    unknown = f"mlflow-artifacts:/0/{'f' * 32}/artifacts"
    for answer in (mlflow.put(unknown, "x", b""), mlflow.get("mlflow-artifacts:/elsewhere", "x")):
        assert (answer.status, answer.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_an_upload_that_is_cut_off_leaves_nothing(mlflow: Mlflow, shared_server: RunningServer) -> None:
    uri = mlflow.run()["artifact_uri"]
    incoming = shared_server.data / "blobs" / "incoming"
    connection = http.client.HTTPConnection(urlsplit(mlflow.url).netloc)
    connection.putrequest("PUT", stored(uri, "cut"))
    connection.putheader("content-length", "5000000")
    connection.endheaders()
    connection.send(b"x" * 3_000_000)
    wait_until(lambda: any(incoming.iterdir()), "a file that is being received")
    connection.close()
    wait_until(lambda: not any(incoming.iterdir()), "the end of the upload")
    assert mlflow.get(uri, "cut").status == 404


def test_a_file_that_is_sent_in_parts_is_one_file(mlflow: Mlflow) -> None:
    uri = mlflow.run()["artifact_uri"]
    begun = mlflow.parts("create", uri, path="/home/x/big ü.bin", num_parts=3).json()
    assert [each["part_number"] for each in begun["credentials"]] == [1, 2, 3]
    content = [bytes([number]) * 1_500_000 for number in range(3)]
    etags = {}
    for place in reversed(begun["credentials"]):
        sent = ask(
            mlflow.url,
            place["url"].removeprefix(mlflow.url),
            method="PUT",
            body=content[place["part_number"] - 1],
            headers=place["headers"],
        )
        assert sent.status == 200
        etags[place["part_number"]] = sent.headers["etag"]
    parts = [{"part_number": number, "etag": etags[number], "url": ""} for number in (2, 3, 1)]
    for _ in range(2):  # the second time is a client that lost the answer
        done = mlflow.parts("complete", uri, path="C:\\x\\big ü.bin", upload_id=begun["upload_id"], parts=parts)
        assert (done.status, done.json()) == (200, {})
    assert mlflow.get(uri, "big ü.bin").body == b"".join(content)
    assert mlflow.names(uri) == {"big ü.bin": 4_500_000}


def test_parts_that_were_not_sent_make_no_file(mlflow: Mlflow) -> None:
    uri = mlflow.run()["artifact_uri"]
    never = {"part_number": 1, "etag": "0" * 64}
    for parts in ([], [never], [{"part_number": 1, "etag": "x"}], [{**never, "part_number": 2}], [never, never]):
        refused = mlflow.parts("complete", uri, path="x", upload_id="u", parts=parts)
        assert (refused.status, refused.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), parts
    for number in (0, 10_001):
        assert mlflow.parts("create", uri, path="x", num_parts=number).status == 400
    for path in ("..", "/", ""):
        assert mlflow.parts("create", uri, path=path, num_parts=1).status == 400
    assert mlflow.parts("abort", uri, path="x", upload_id="u").status == 200
    assert mlflow.names(uri) == {}


@pytest.mark.parametrize("path", ["../x", "a/../../x", "%2e%2e/x", "a/%252e%252e/x", "..%5cx", "a/b%23c"])
def test_no_address_leads_out_of_the_store(mlflow: Mlflow, path: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = ask(mlflow.url, f"{STORE}/0/{RUN}/artifacts/{path}", method=method)
        assert (answer.status, answer.json()["message"]) == (400, "Invalid path")
    listed = ask(mlflow.url, STORE, path=f"0/{RUN}/artifacts/{path}")
    assert (listed.status, listed.json()["message"]) == (400, "Invalid path")


def test_addresses_name_runs_and_logged_models_whatever_stands_before_them() -> None:
    model = f"m-{RUN}"
    assert stored_at(f"0/{RUN}/artifacts/a/b") == StoredAt(run_id=RUN, path="a/b")
    assert stored_at(f"{RUN}/artifacts") == StoredAt(run_id=RUN)
    assert stored_at(f"my/own/root/models/{model}/artifacts/a") == StoredAt(model_id=model, path="a")
    assert stored_at("0/nothing/artifacts/a") is None
    assert stored_at_uri(f"mlflow-artifacts:/0/{RUN}/artifacts/m") == StoredAt(run_id=RUN, path="m")
    assert stored_at_uri(f"mlflow-artifacts://host:5000/0/{RUN}/artifacts/m") == StoredAt(run_id=RUN, path="m")
    assert stored_at_uri(f"runs:/{RUN}/a/model") == StoredAt(run_id=RUN, path="a/model")
    assert stored_at_uri("s3://bucket/x") is None


@pytest.mark.parametrize("path", ["/x", "C:\\x", "file:x", "..", "a/..", "%2f%2e%2e%2fx", "%" + "25" * 20 + "2e"])
def test_a_path_that_is_absolute_or_leads_upwards_is_refused(path: str) -> None:
    with pytest.raises(MlflowError, match="Invalid path"):
        checked_path(path)


def test_a_name_says_what_kind_of_file_it_is() -> None:
    names = ["MLmodel", "conda.yaml", "a.b.LOG", "x.json", "x.png", "x.html", "model.pkl", "none", "x.csv"]
    assert [media_type_of(name) for name in names] == [
        "text/plain",
        "text/plain",
        "text/plain",
        "application/json",
        "image/png",
        "text/html",
        "application/octet-stream",
        "application/octet-stream",
        "text/csv",
    ]
