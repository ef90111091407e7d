"""Who may come in, decided from headers alone."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from doors import Clock
from marigram.server.access import COOKIE, Forbidden, Gate, Unauthorized, new_token
from marigram.server.access.gate import REREAD_AFTER_MS
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.meta.sqlite import SqliteMetaStore


@pytest.fixture
def meta() -> MemoryMetaStore:
    return MemoryMetaStore()


def gate_of(meta: MemoryMetaStore, *, any_host: bool = False, clock: Clock | None = None) -> Gate:
    return Gate(meta=meta, clock_ms=clock or Clock(), any_host=any_host)


def add_token(meta: MemoryMetaStore) -> str:
    token, digest = new_token()
    meta.add_token(digest, name="test", created_at=1)
    return token


def test_tokens_are_long_differ_and_are_kept_as_hashes_only(tmp_path: Path) -> None:
    token, digest = new_token()
    assert token.startswith("mg_")
    assert len(token) >= 40
    assert token != new_token()[0]
    assert digest == hashlib.sha256(token.encode()).hexdigest()
    store = SqliteMetaStore(tmp_path / "meta.db")
    store.add_token(digest, name="ci", created_at=1)
    store.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert digest.encode() in kept
    assert token.encode() not in kept


def test_a_server_without_tokens_asks_nobody(meta: MemoryMetaStore) -> None:
    gate = gate_of(meta)
    assert not gate.token_required
    gate.check_token({}, {})


def test_a_server_with_a_token_takes_it_as_bearer_or_cookie(meta: MemoryMetaStore) -> None:
    token = add_token(meta)
    gate = gate_of(meta)
    assert gate.token_required
    gate.check_token({"authorization": f"Bearer {token}"}, {})
    gate.check_token({"authorization": f"bearer  {token} "}, {})
    gate.check_token({}, {COOKIE: token})


def test_a_token_may_be_a_password_whoever_shows_it(meta: MemoryMetaStore) -> None:
    token = add_token(meta)
    gate = gate_of(meta)
    for name in ("", "ada", "token"):
        shown = base64.b64encode(f"{name}:{token}".encode()).decode()
        gate.check_token({"authorization": f"Basic {shown}"}, {})
    for wrong in (f"ada:{token}x", f"{token}:", token, "ada:"):
        shown = base64.b64encode(wrong.encode()).decode()
        with pytest.raises(Unauthorized):
            gate.check_token({"authorization": f"Basic {shown}"}, {COOKIE: token})
    for broken in ("Basic", "Basic !", "Basic /w==", f"Basic {token}"):
        with pytest.raises(Unauthorized):
            gate.check_token({"authorization": broken}, {COOKIE: token})


@pytest.mark.parametrize(
    ("headers", "cookies"),
    [
        ({}, {}),
        ({"authorization": "Bearer"}, {}),
        ({"authorization": "Bearer mg_wrong"}, {}),
        ({"authorization": "Basic {token}"}, {}),
        ({"authorization": "{token}"}, {}),
        ({"authorization": "Bearer {digest}"}, {}),
        ({"authorization": "Bearer {token}x"}, {}),
        ({"authorization": "Bearer tök"}, {}),
        ({}, {COOKIE: "mg_wrong"}),
        ({}, {"other": "{token}"}),
        ({"authorization": "Bearer mg_wrong"}, {COOKIE: "{token}"}),
    ],
)
def test_anything_else_is_refused_with_what_to_do(
    meta: MemoryMetaStore, headers: dict[str, str], cookies: dict[str, str]
) -> None:
    token = add_token(meta)
    digest = hashlib.sha256(token.encode()).hexdigest()

    def filled(texts: dict[str, str]) -> dict[str, str]:
        return {name: text.format(token=token, digest=digest) for name, text in texts.items()}

    with pytest.raises(Unauthorized, match="marigram token create"):
        gate_of(meta).check_token(filled(headers), filled(cookies))


def test_the_first_token_counts_within_seconds_of_being_made(meta: MemoryMetaStore) -> None:
    clock = Clock()
    gate = gate_of(meta, clock=clock)
    gate.check_token({}, {})
    add_token(meta)
    gate.check_token({}, {})
    clock.now += REREAD_AFTER_MS
    with pytest.raises(Unauthorized):
        gate.check_token({}, {})


def test_a_clock_that_was_set_back_does_not_freeze_the_tokens(meta: MemoryMetaStore) -> None:
    clock = Clock()
    gate = gate_of(meta, clock=clock)
    gate.check_token({}, {})
    add_token(meta)
    clock.now -= 3_600_000
    with pytest.raises(Unauthorized):
        gate.check_token({}, {})


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:6274", "LOCALHOST:1", "127.0.0.1:6274", "[::1]:6274", "[::1]"]
)
def test_an_open_server_answers_to_names_of_this_machine(meta: MemoryMetaStore, host: str) -> None:
    gate_of(meta).check_origin("GET", {"host": host})


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:6274",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "[::1",
        "a@localhost:x/",
    ],
)
def test_an_open_server_answers_to_no_other_name(meta: MemoryMetaStore, host: str) -> None:
    with pytest.raises(Forbidden, match="marigram token create"):
        gate_of(meta).check_origin("GET", {"host": host})


def test_with_a_token_or_when_told_so_any_name_will_do(meta: MemoryMetaStore) -> None:
    gate_of(meta, any_host=True).check_origin("GET", {"host": "lab.example"})
    add_token(meta)
    gate_of(meta).check_origin("GET", {"host": "lab.example"})


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost:1", "null", "http://localhost:6274.evil", "http://["]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_page_of_another_origin_may_not_write(meta: MemoryMetaStore, origin: str, method: str) -> None:
    for any_host in (True, False):
        gate = gate_of(meta, any_host=any_host)
        with pytest.raises(Forbidden, match="may not write"):
            gate.check_origin(method, {"host": "localhost:6274", "origin": origin})


def test_the_servers_own_page_and_a_script_may_write(meta: MemoryMetaStore) -> None:
    gate = gate_of(meta)
    gate.check_origin("POST", {"host": "localhost:6274", "origin": "http://localhost:6274"})
    gate.check_origin("POST", {"host": "localhost:6274"})
    gate.check_origin("GET", {"host": "localhost:6274", "origin": "https://evil.example"})
