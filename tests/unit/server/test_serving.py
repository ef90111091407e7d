"""A server process: how it starts, who may come in, what its pages are, and how it ends."""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from asking import EventStream, HttpWriter, ask
from marigram.server.config import Config
from marigram.server.serve import bind
from operations import RUN, create, file_of
from running_server import RunningServer
from waiting import wait_until

ENDS_WITHIN_S = 60.0
STREAM_ENDS_WITHIN_S = 8.0


def marigram(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    command = [sys.executable, "-m", "marigram.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=ENDS_WITHIN_S, check=False)


def create_token(data: Path) -> str:
    """Make a token and return it."""
    made = marigram("token", "create", "--name", "test", "--data", str(data))
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip()
    assert re.fullmatch(r"mg_[A-Za-z0-9_-]{40,}", token), "stdout is the token and nothing else"
    return token


def refusal(*arguments: str) -> str:
    """See that `up` ends with 1 and one sentence, and return it."""
    ended = marigram("up", *arguments)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    said = ended.stderr.strip().splitlines()
    assert len(said) == 1
    assert said[0].startswith("marigram: ")
    return said[0]


def test_sigterm_ends_the_server_with_0_though_streams_are_open(server: RunningServer) -> None:
    HttpWriter(server.url).write(create())
    streams = [EventStream(server.url, path) for path in (f"/api/v1/runs/{RUN}/live", "/api/v1/live")]
    for stream in streams:
        assert stream.next() is not None
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < STREAM_ENDS_WITHIN_S
    for stream in streams:
        while stream.next() is not None:
            pass
        stream.close()
    assert "Traceback" not in server.log_tail()


def test_answers_in_two_parts_do_not_wait_for_the_reader_to_acknowledge_the_first(tmp_path: Path) -> None:
    async def option_of_an_accepted_connection(listening: socket.socket) -> int:
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            accepted.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(accept, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            try:
                return await asyncio.wait_for(accepted, ENDS_WITHIN_S)
            finally:
                writer.close()

    with bind(Config(data=tmp_path, host="127.0.0.1", port=0)) as listening:
        assert asyncio.run(option_of_an_accepted_connection(listening)) != 0


def test_what_was_written_is_there_after_a_restart(server: RunningServer) -> None:
    HttpWriter(server.url).write(create())
    server.restart()
    assert ask(server.url, f"/api/v1/runs/{RUN}").json()["key"] == "CATS-1"
    assert HttpWriter(server.url).durable_seq() == 1


def test_two_servers_cannot_share_a_folder_or_a_port(server: RunningServer, tmp_path: Path) -> None:
    assert server.process is not None
    same_folder = refusal("--port", "0", "--data", str(server.data))
    assert f"process {server.process.pid}" in same_folder
    assert str(server.data) in same_folder
    assert "--data" in same_folder
    same_port = refusal("--port", str(server.port), "--data", str(tmp_path / "other"))
    assert f"port {server.port}" in same_port
    assert "--port" in same_port
    assert ask(server.url, "/health").status == 200, "the first one goes on"


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    assert str(in_the_way) in refusal("--port", "0", "--data", str(in_the_way))


def test_a_database_that_is_none_or_of_a_newer_marigram_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "meta.db").write_bytes(b"this is no database, and long enough to be taken for none" * 100)
    assert "meta.db" in refusal("--port", "0", "--data", str(broken))
    (broken / "meta.db").unlink()
    (broken / "points.db").write_bytes(b"this is no database either, and just as long as the other one" * 100)
    assert "points.db" in refusal("--port", "0", "--data", str(broken))
    newer = tmp_path / "newer"
    newer.mkdir()
    with closing(sqlite3.connect(newer / "meta.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert "schema version 99" in refusal("--port", "0", "--data", str(newer))


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_for_other_machines_needs_a_token_or_to_be_told(tmp_path: Path, host: str) -> None:
    said = refusal("--host", host, "--port", "0", "--data", str(tmp_path / "data"))
    assert "marigram token create" in said
    assert "--open-to-network" in said


def test_a_token_lets_a_server_listen_everywhere(tmp_path: Path) -> None:
    token = create_token(tmp_path / "data")
    server = RunningServer(tmp_path / "data", tmp_path / "log", options=["--host", "0.0.0.0"])
    server.start()
    try:
        assert ask(server.url, "/api/v1/projects").status == 401
        bearer = {"authorization": f"Bearer {token}"}
        assert ask(server.url, "/api/v1/projects", headers=bearer).status == 200
    finally:
        server.stop()


def test_from_the_first_token_on_everybody_is_asked_for_one(server: RunningServer) -> None:
    assert ask(server.url, "/api/v1/session").json()["token_required"] is False
    HttpWriter(server.url).write(create())
    token = create_token(server.data)
    wait_until(lambda: ask(server.url, "/api/v1/projects").status == 401, "a demand for a token")
    refused = ask(server.url, f"/api/v1/runs/{RUN}")
    assert refused.json()["code"] == "unauthorized"
    assert "MARIGRAM_TOKEN" in refused.json()["message"]
    for path in (f"/api/v1/runs/{RUN}/live", "/api/v1/live", f"/api/v1/runs/{RUN}/file?path=x"):
        assert ask(server.url, path).status == 401
    stranger = HttpWriter(server.url, run="b" * 32)
    assert stranger.post(b"").status == 401
    assert stranger.upload(file_of(b"x").sha256, b"x").status == 401
    assert ask(server.url, "/api/native/v1/handshake", project="lab/cats").status == 401
    assert ask(server.url, "/health").status == 200

    bearer = {"authorization": f"Bearer {token}"}
    assert ask(server.url, "/api/v1/projects", headers=bearer).status == 200
    assert ask(server.url, "/api/v1/session", headers=bearer).json()["signed_in"] is True
    HttpWriter(server.url, run="b" * 32, headers=bearer).write(create())

    assert ask(server.url, "/api/v1/session").json() | {"version": ""} == {
        "token_required": True,
        "signed_in": False,
        "version": "",
    }
    kind = {"content-type": "application/json"}
    wrong = ask(server.url, "/api/v1/session", method="POST", body=b'{"token": "mg_wrong"}', headers=kind)
    assert wrong.status == 401
    assert "set-cookie" not in wrong.headers
    body = f'{{"token": "{token}"}}'.encode()
    signed_in = ask(server.url, "/api/v1/session", method="POST", body=body, headers=kind)
    assert (signed_in.status, signed_in.json()["signed_in"]) == (200, True)
    [morsel] = SimpleCookie(signed_in.headers["set-cookie"]).values()
    assert (morsel["httponly"], morsel["samesite"].lower(), morsel["path"]) == (True, "strict", "/")
    cookie = {"cookie": f"{morsel.key}={morsel.value}"}
    assert ask(server.url, "/api/v1/projects", headers=cookie).status == 200
    assert ask(server.url, "/api/v1/session", headers=cookie).json()["signed_in"] is True
    foreign = {**cookie, **kind, "origin": "https://evil.example"}
    assert ask(server.url, "/api/v1/session", method="POST", body=body, headers=foreign).status == 403
    signed_out = ask(server.url, "/api/v1/session", method="DELETE", headers=cookie)
    assert signed_out.status == 204
    assert "max-age=0" in signed_out.headers["set-cookie"].lower()


def test_the_data_folder_is_its_owners_alone(server: RunningServer) -> None:
    assert server.data.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("path", ["/", "/lab/cats", "/lab/cats/runs/CATS-1", "/anything/at/all"])
def test_every_other_address_is_the_apps_page(shared_server: RunningServer, path: str) -> None:
    answer = ask(shared_server.url, path)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert b"<html" in answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/..%2f..%2fconfig.py",
        "/../config.py",
        "/assets/../../config.py",
        "/assets/..%2f..%2fconfig.py",
        "/%2e%2e/%2e%2e/config.py",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/..%5c..%5cconfig.py",
        "/....//....//config.py",
        "/%00",
        "/assets/%00.js",
        "/" + "a" * 5000,
        "/" + "a/" * 2000,
        "/%ff%fe",
    ],
)
def test_no_address_leads_out_of_the_folder(shared_server: RunningServer, path: str) -> None:
    answer = ask(shared_server.url, path)
    assert answer.status in {200, 400, 404}
    assert b"class Config" not in answer.body
    assert b"root:" not in answer.body
    if answer.status == 200:
        assert b"<html" in answer.body


def test_the_description_of_the_api_comes_from_this_server_alone(shared_server: RunningServer) -> None:
    page = ask(shared_server.url, "/schema")
    assert page.status == 200
    described = ask(shared_server.url, "/schema/openapi.json")
    hosts = set(re.findall(r"(?:https?:)?//([A-Za-z0-9.-]+\.[a-z]{2,})", (page.body + described.body).decode()))
    assert hosts == set()
    assert "default-src 'self'" in page.headers["content-security-policy"]
    paths = described.json()["paths"]
    assert {"/api/v1/projects", "/api/v1/runs/{run_id}/live", "/api/native/v1/batches", "/health"} <= set(paths)
