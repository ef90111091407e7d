"""Requests that no client sends: recorded ones, bent in seeded ways. None breaks the server, all errors can be read.

The file's name makes it the last of its folder, for what it sends changes what the clients have logged.
"""

from __future__ import annotations

import http.client
import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from asking import ask
from conformance.mlflow.conftest import Conversation
from crash.seeds import seeds
from http_proxy import KEPT_BYTES, Exchange

BENDS_OF_EACH = 14
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    2**63,
    10**40,
    1e308,
    float("nan"),
    "",
    " ",
    "0",
    "a" * 30_000,
    "\x00",
    "\ud800",
    "../../etc/passwd",
    "%2e%2e%2f",
    "'; --",
    "ünï\n☃",
    "metrics.`",
    [],
    {},
    [[]],
    [None],
    {"key": {"key": []}},
    [{"key": "x"}] * 3,
)
BODIES = (b"", b"{", b"null", b"[]", b"0", b'"x"', b"\xff\xfe", b'{"a":' * 3000, b'{"run_id": "x", "run_id": 5}')
PATHS = (
    "",
    "/",
    "//",
    "runs",
    "runs/get/",
    "runs/get/x",
    "RUNS/GET",
    "runs%2Fget",
    "experiments/..",
    "logged-models//tags",
    "%00",
    "\u00fc",
)
PREFIXES = ("/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/", "/api/3.0/mlflow/", "/api/2.0/mlflow-artifacts/")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", seeds(1))
def test_no_bent_request_breaks_the_server(conversation: Conversation, seed: int) -> None:
    dice = random.Random(seed)
    wrong: list[str] = []
    for exchange in one_of_each(conversation.exchanges):
        for _ in range(BENDS_OF_EACH):
            method, target, body = dice.choice(BENDS)(exchange, dice)
            wrong.extend(what_is_wrong(conversation.server.url, method, target, body))
    assert wrong == []
    assert ask(conversation.server.url, "/health").status == http.client.OK


def test_no_odd_path_breaks_the_server(conversation: Conversation) -> None:
    wrong = [
        found
        for prefix in PREFIXES
        for path in PATHS
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        for found in what_is_wrong(conversation.server.url, method, prefix + quote(path, safe="/%"), b"{}")
    ]
    assert wrong == []


def one_of_each(exchanges: list[Exchange]) -> list[Exchange]:
    """Return one request for each endpoint: the longest that was kept whole."""
    found: dict[tuple[str, int, str], Exchange] = {}
    for each in exchanges:
        segments = urlsplit(each.target).path.split("/")
        key = (each.method, len(segments), "/".join(segments[2:7] if "artifacts" not in each.target else segments[2:6]))
        before = found.get(key)
        if len(each.body) < KEPT_BYTES and (before is None or len(before.body) < len(each.body)):
            found[key] = each
    return list(found.values())


def bent_body(exchange: Exchange, dice: random.Random) -> tuple[str, str, bytes]:
    """Change one value somewhere in the body."""
    try:
        body = json.loads(exchange.body)
    except ValueError:
        return bent_query(exchange, dice)
    if not isinstance(body, dict) or not body:
        return exchange.method, exchange.target, dice.choice(BODIES)
    holder: Any = body
    while True:
        key = dice.choice(list(holder)) if isinstance(holder, dict) else dice.randrange(len(holder))
        if isinstance(holder[key], (dict, list)) and holder[key] and dice.random() < 0.7:
            holder = holder[key]
            continue
        break
    if dice.random() < 0.2:
        del holder[key]
    else:
        holder[key] = dice.choice(ODD)
    return exchange.method, exchange.target, json.dumps(body).encode()


def broken_body(exchange: Exchange, dice: random.Random) -> tuple[str, str, bytes]:
    """Send something else, or a part."""
    part = exchange.body[: dice.randrange(len(exchange.body) + 1)]
    return exchange.method, exchange.target, dice.choice([*BODIES, part])


def bent_query(exchange: Exchange, dice: random.Random) -> tuple[str, str, bytes]:
    """Change, drop, double or add a part of the query."""
    parts = urlsplit(exchange.target)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    odd = dice.choice([value for value in ODD if not isinstance(value, str) or "\ud800" not in value])
    text = (odd if isinstance(odd, str) else json.dumps(odd))[:2000]
    if pairs:
        place = dice.randrange(len(pairs))
        name = pairs[place][0]
        change = dice.choice(("change", "drop", "double"))
        pairs[place : place + 1] = {"change": [(name, text)], "drop": [], "double": [pairs[place], (name, text)]}[
            change
        ]
    else:
        pairs = [(dice.choice(("path", "page_token", "max_results", "view_type")), text)]
    return exchange.method, f"{parts.path}?{urlencode(pairs)}", exchange.body


def bent_path(exchange: Exchange, dice: random.Random) -> tuple[str, str, bytes]:
    """Put something else into one segment of the path."""
    parts = urlsplit(exchange.target)
    segments = parts.path.split("/")
    place = dice.randrange(4, len(segments)) if len(segments) > 4 else len(segments) - 1
    segments[place] = dice.choice(("", "..", "%2e%2e", "%00", "%ff", "x" * 3000, quote("ü/☃"), "m-0", "*", "0" * 32))
    return exchange.method, "/".join(segments) + (f"?{parts.query}" if parts.query else ""), exchange.body


def other_method(exchange: Exchange, dice: random.Random) -> tuple[str, str, bytes]:
    """Ask the same by another method."""
    return dice.choice(("GET", "POST", "PUT", "PATCH", "DELETE")), exchange.target, exchange.body


Bend = Callable[[Exchange, random.Random], tuple[str, str, bytes]]
BENDS: tuple[Bend, ...] = (
    bent_body,
    bent_body,
    bent_body,
    broken_body,
    bent_query,
    bent_query,
    bent_path,
    other_method,
)


def what_is_wrong(url: str, method: str, target: str, body: bytes) -> list[str]:
    """Ask, and return what is wrong with the answer: nothing, or one sentence."""
    answer = ask(url, target, method=method, body=body, headers={"content-type": "application/json"})
    said = f"{method} {target[:200]} {body[:300]!r}: {answer.status} {answer.body[:300]!r}"
    if answer.status < 400 or not target.startswith(("/api/", "/ajax-api/")):
        return [] if answer.status < 500 else [said]
    try:
        error = json.loads(answer.body)
    except ValueError:
        return [said]
    shaped = isinstance(error, dict) and all(
        isinstance(error.get(key), str) and error[key] for key in ("error_code", "message")
    )
    return [] if shaped and (answer.status < 500 or answer.status == 501) else [said]
