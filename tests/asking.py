"""Asking a server over HTTP with nothing but the standard library: one request, a live stream, a writer.

Paths are sent as they are written, so a test can ask for what a tidy client never would.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec

from marigram.model import Batch, Operation, Receipt
from marigram.wire import WriterPosition, encode_batch
from operations import RUN

ANSWER_WITHIN_S = 30.0
BATCH_HEADERS = {"content-type": "application/vnd.marigram.batch"}


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


def ask(
    url: str,
    path: str,
    /,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    **question: Any,
) -> Answer:
    """Ask once; `question` is the query string, a list in it is a repeated parameter."""
    target = f"{path}?{urlencode(question, doseq=True)}" if question else path
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=ANSWER_WITHIN_S)
    try:
        connection.request(method, target, body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


class Event(NamedTuple):
    """One server-sent event; a comment has the name `:`."""

    name: str
    data: Any
    id: str | None


class EventStream:
    """A live stream that is being read; close it in the end."""

    def __init__(self, url: str, path: str, /, *, headers: Mapping[str, str] | None = None, **question: Any) -> None:
        """Open the stream; a silence of `ANSWER_WITHIN_S` raises TimeoutError from `next`."""
        target = f"{path}?{urlencode(question, doseq=True)}" if question else path
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=ANSWER_WITHIN_S)
        self._connection.request("GET", target, headers={"accept": "text/event-stream", **(headers or {})})
        self.answer = self._connection.getresponse()

    def next(self) -> Event | None:
        """Return the next event or comment, None at the end of the stream."""
        name, data, id_ = "message", list[str](), None
        while True:
            line = self.answer.readline()
            if not line:
                return None
            text = line.decode().rstrip("\r\n")
            field, _, value = text.partition(":")
            value = value.removeprefix(" ")
            if not text and (data or name == ":"):
                return Event(name, json.loads("\n".join(data)) if data else None, id_)
            if text.startswith(":"):
                name = ":"
            elif field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif field == "id":
                id_ = value

    def until(self, wanted: str | Callable[[Event], bool]) -> list[Event]:
        """Return the events up to and with the first one of that name, or the first that `wanted` says yes to.

        Signs of life keep a stream from being silent, so the wait as a whole has a deadline too.
        """
        found: list[Event] = []
        end = time.monotonic() + ANSWER_WITHIN_S
        while True:
            event = self.next()
            assert event is not None, f"The stream ended after {found!r}."
            assert time.monotonic() < end, f"In {ANSWER_WITHIN_S:g} s came only {found!r}."
            found.append(event)
            if event.name == wanted if isinstance(wanted, str) else wanted(event):
                return found

    def close(self) -> None:
        """Hang up."""
        self.answer.close()
        self._connection.close()


class HttpWriter:
    """One writer of one run, as the syncer is one: positions without gaps, the receipt says where to go on."""

    def __init__(
        self, url: str, run: str = RUN, writer: str = "w", *, headers: Mapping[str, str] | None = None
    ) -> None:
        self.url = url
        self.run = run
        self.writer = writer
        self.seq = 0
        self._headers = dict(headers or {})

    def write(self, *operations: Operation) -> Receipt:
        """Write the operations as one batch and return the receipt.

        Raises:
            AssertionError: the server answered with anything but a receipt for the whole batch.
        """
        first, self.seq = self.seq + 1, self.seq + len(operations)
        receipt = self.send(
            Batch(run_id=self.run, writer=self.writer, first_seq=first, last_seq=self.seq, operations=operations)
        )
        assert receipt.durable_seq == self.seq
        return receipt

    def send(self, batch: Batch) -> Receipt:
        """Send one batch and return the receipt, whatever it says."""
        answer = self.post(encode_batch(batch))
        assert answer.status == http.client.OK, answer.body
        return msgspec.json.decode(answer.body, type=Receipt)

    def post(self, body: bytes) -> Answer:
        """Send bytes to where batches go."""
        headers = {**BATCH_HEADERS, **self._headers}
        return ask(self.url, "/api/native/v1/batches", method="POST", body=body, headers=headers)

    def durable_seq(self) -> int:
        """Return the position that the server says is durable."""
        answer = ask(self.url, f"/api/native/v1/runs/{self.run}/writers/{self.writer}", headers=self._headers)
        return msgspec.json.decode(answer.body, type=WriterPosition).durable_seq

    def upload(self, sha256: str, content: bytes) -> Answer:
        """Upload a blob."""
        path = f"/api/native/v1/blobs/{sha256}"
        return ask(self.url, path, method="PUT", body=content, headers=self._headers)
