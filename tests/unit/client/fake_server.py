"""A small real HTTP server that speaks the native protocol and remembers what it was told. For tests of the client."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from typing_extensions import Self

from marigram.model import (
    Append,
    AttachFile,
    Batch,
    CreateRun,
    Delete,
    EditSet,
    Operation,
    Points,
    SetStatus,
    SetValue,
)
from marigram.wire import decode_batch


class FakeServer:
    """Keeps each writer's operations once, in order, as the real server must."""

    def __init__(self, *, port: int = 0, token: str | None = None) -> None:
        self.token = token
        self.batches: list[Batch] = []
        self.operations: dict[tuple[str, str], list[Operation]] = {}
        self.positions: dict[tuple[str, str], int] = {}
        self.blobs: dict[str, bytes] = {}
        self.parts: dict[str, bytearray] = {}
        self.cut_part: Callable[[int], bool] = lambda _: False
        self.part_offsets: list[int] = []
        self.heartbeats: list[str] = []
        self.posts = 0
        self.answers: dict[str, Any] = {}
        self.fail: Callable[[int], tuple[int, dict[str, str]] | None] = lambda _: None
        self.refuse: Callable[[Batch], int | None] = lambda _: None
        self.lose_answer: Callable[[int], bool] = lambda _: False
        self.rejections: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return self._http.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def accept(self, batch: Batch) -> int:
        """Apply a batch once and return the writer's durable position."""
        key = (batch.run_id, batch.writer)
        with self._lock:
            position = self.positions.get(key, 0)
            if batch.first_seq == position + 1:
                if position == 0:
                    assert isinstance(batch.operations[0], CreateRun), "a writer's first batch must make the run"
                self.positions[key] = position = batch.last_seq
                self.operations.setdefault(key, []).extend(batch.operations)
                self.batches.append(batch)
            return position

    def all_operations(self, run_id: str | None = None) -> list[Operation]:
        """All operations, writer by writer."""
        found = [ops for (run, _), ops in list(self.operations.items()) if run_id in (None, run)]
        return [operation for ops in found for operation in ops]

    def values(self, run_id: str | None = None) -> dict[str, Any]:
        """What stands at each path: values, sets, files."""
        state: dict[str, Any] = {}
        for operation in self.all_operations(run_id):
            match operation:
                case SetValue(path=path, value=value):
                    state[path] = value
                case EditSet(path=path, add=add, remove=remove):
                    state[path] = (set(state.get(path, ())) - set(remove)) | set(add)
                case AttachFile(path=path, file=file):
                    state[path] = file
                case Delete(path=path):
                    state = {at: what for at, what in state.items() if at != path and not at.startswith(path + "/")}
                case _:
                    pass
        return state

    def series(self, path: str, run_id: str | None = None) -> list[tuple[float, Any]]:
        """(step, value) of every point that was written at `path`, in order of writing."""
        return [(step, value) for step, _, value in self.points(path, run_id)]

    def points(self, path: str, run_id: str | None = None) -> list[tuple[float, int, Any]]:
        """(step, time, value) of every point that was written at `path`, in order of writing."""
        found: list[tuple[float, int, Any]] = []
        for operation in self.all_operations(run_id):
            if isinstance(operation, Append) and operation.path == path:
                points: Points = operation.points
                found += zip(points.steps, points.times, points.values, strict=True)
        return found

    def statuses(self, run_id: str | None = None) -> list[SetStatus]:
        """Every status that was written."""
        return [operation for operation in self.all_operations(run_id) if isinstance(operation, SetStatus)]

    def has_status(self, status: str, run_id: str | None = None) -> bool:
        """Whether a status was written."""
        return any(said.status.value == status for said in self.statuses(run_id))


def _handler_of(server: FakeServer) -> type[BaseHTTPRequestHandler]:  # noqa: C901 one class, nested to know its server
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 as the parent has it
            pass

        def do_HEAD(self) -> None:
            known = self.path.rpartition("/")[2] in server.blobs
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            split = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(split.query).items()}
            if not self._is_allowed():
                return
            if split.path == "/api/native/v1/handshake":
                if query["project"] == "no/entry":
                    self._answer(400, {"code": "project", "message": "You may not use this project."})
                else:
                    self._answer(200, {"version": "0", "protocol": 1})
                return
            if split.path.endswith("/parts"):
                self._answer(
                    200, {"received": len(server.parts.get(split.path.split("/")[-2], b"")), "complete": False}
                )
                return
            answer = server.answers.get(split.path + (f"?path={query['path']}" if "path" in query else ""))
            if isinstance(answer, bytes):
                self._send(200, answer)
            elif answer is None:
                self._answer(404, {"code": "not_found", "message": "There is nothing."})
            else:
                self._answer(200, answer)

        def do_PUT(self) -> None:
            if "/parts/" in self.path:
                self._put_part()
                return
            body = self._body()
            sha256 = self.path.rpartition("/")[2]
            if hashlib.sha256(body).hexdigest() != sha256:
                self._answer(400, {"code": "hash", "message": "The hash differs."})
                return
            server.blobs[sha256] = body
            self._answer(201, {})

        def _put_part(self) -> None:
            place = urlsplit(self.path)
            sha256, _, offset = place.path.split("/blobs/")[1].split("/")
            size = int(parse_qs(place.query)["size"][0])
            parts = server.parts.setdefault(sha256, bytearray())
            server.part_offsets.append(int(offset))
            if server.cut_part(len(server.part_offsets)):
                parts += self.rfile.read(1 << 20)
                self.close_connection = True
                self.connection.close()
                return
            body = self._body()
            if len(parts) == int(offset):
                parts += body
            complete = len(parts) == size
            if complete:
                whole = bytes(server.parts.pop(sha256))
                if hashlib.sha256(whole).hexdigest() != sha256:
                    self._answer(400, {"code": "hash", "message": "The hash differs."})
                    return
                server.blobs[sha256] = whole
            self._answer(200, {"received": len(parts), "complete": complete})

        def do_POST(self) -> None:
            body = self._body()
            if not self._is_allowed():
                return
            if self.path.endswith("/heartbeat"):
                server.heartbeats.append(self.path.split("/")[-2])
                self._answer(200, {"known": True})
                return
            server.posts += 1
            failure = server.fail(server.posts)
            if failure is not None:
                self._answer(failure[0], {"code": "no", "message": "Not now."}, failure[1])
                return
            batch = decode_batch(body)
            refusal = server.refuse(batch)
            if refusal is not None:
                self._answer(refusal, {"code": "no", "message": "Not this."})
                return
            position = server.accept(batch)
            if server.lose_answer(server.posts):
                self.close_connection = True
                self.connection.close()
                return
            # Whichever writer comes first is not the one that is refused: only a batch that writes there is.
            paths = {getattr(operation, "path", None) for operation in batch.operations}
            rejections = [each for each in server.rejections if each["path"] in paths]
            server.rejections = [each for each in server.rejections if each["path"] not in paths]
            self._answer(200, {"durable_seq": position, "rejections": rejections})

        def _is_allowed(self) -> bool:
            if server.token is None or self.headers.get("Authorization") == f"Bearer {server.token}":
                return True
            self._answer(401, {"code": "token", "message": "The token is not known."})
            return False

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))

        def _answer(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
            data = json.dumps(answer).encode() if isinstance(answer, dict) else msgspec.json.encode(answer)
            self._send(status, data, headers)

        def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
