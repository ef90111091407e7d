"""A way to a server that understands HTTP: it keeps what was asked and answered, and can lose an answer on its way.

What is lost was done: the server has answered before the connection to the client is reset.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import Self

RESET = struct.pack("ii", 1, 0)
"""To linger for no time: closing then resets instead of saying goodbye."""

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "proxy-connection", "te", "upgrade"}
ANSWER_WITHIN_S = 120.0
KEPT_BYTES = 100_000


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    Attributes:
        target: path and query, as they were sent.
        body: the first `KEPT_BYTES` of what was sent.
        status: what the server answered, even if that was lost.
        answer: the first `KEPT_BYTES` of it.
        lost: whether the client never saw it.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes
    lost: bool


class HttpProxy:
    """Listens on loopback and passes everything on to a port there.

    Attributes:
        url: where to connect to.
        exchanges: what has passed, in the order of the answers.
    """

    def __init__(self, port: int, *, loses: Callable[[str, str], bool] = lambda _method, _target: False) -> None:
        """Take the server's port, and what says whether the answer to a request is lost."""
        self.exchanges: list[Exchange] = []
        self._loses = loses
        self._port = port
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                """Say nothing."""

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return lambda: proxy._carry(self)
                raise AttributeError(name)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _carry(self, client: BaseHTTPRequestHandler) -> None:
        body = _body_of(client)
        headers = {name: value for name, value in client.headers.items() if name.lower() not in HOP_BY_HOP}
        server = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_WITHIN_S)
        with contextlib.closing(server):
            server.request(client.command, client.path, body=body or None, headers=headers)
            answer = server.getresponse()
            content = answer.read()
        lost = self._loses(client.command, client.path)
        kept = body[:KEPT_BYTES], answer.status, content[:KEPT_BYTES]
        self.exchanges.append(Exchange(client.command, client.path, headers, *kept, lost))
        if lost:
            client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.close_connection = True
            client.connection.close()
            return
        client.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                client.send_header(name, value)
        client.send_header("content-length", str(len(content)))
        client.end_headers()
        client.wfile.write(content)


def _body_of(client: BaseHTTPRequestHandler) -> bytes:
    if client.headers.get("transfer-encoding", "").lower() != "chunked":
        return client.rfile.read(int(client.headers.get("content-length") or 0))
    pieces: list[bytes] = []
    while size := int(client.rfile.readline().partition(b";")[0], 16):
        pieces.append(client.rfile.read(size))
        client.rfile.readline()
    while client.rfile.readline().strip():
        pass
    return b"".join(pieces)
