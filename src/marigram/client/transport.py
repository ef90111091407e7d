"""HTTP with the server: the native protocol for the syncer, the read API for those who read back.

Every method blocks for at most its timeouts, tries once, and answers or raises one of `UnreachableError` (try again
later), `AccessError` (the token), `NotFoundError`, `SettingError` (the project's name) or `ServerError`. Safe to use
from several threads.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import quote, unquote

import msgspec
import urllib3
from urllib3.util import parse_url

from marigram.client.errors import AccessError, NotFoundError, ServerError, SettingError, UnreachableError
from marigram.model import Batch, ProjectName, Receipt, StopHow, StopRequest
from marigram.wire import BlobPosition, Commands, Handshake, HeartbeatReply, encode_batch

BATCH_MEDIA_TYPE = "application/vnd.marigram.batch"
NATIVE = "/api/native/v1"
READ_TIMEOUT_S = 30.0
"""A server that commits to a slow disk may take seconds; longer than this it is as good as away."""

UPLOAD_TIMEOUT_S = 300.0
PART_BYTES = 8 << 20
"""Of a large file, what one request carries, and what is in memory of it."""

_COPY_BYTES = 1 << 20
_FAILED = 500
_BUSY = frozenset({408, 425, 429, _FAILED, 502, 503, 504})
_Answer = TypeVar("_Answer")
Question = Mapping[str, str] | Sequence[tuple[str, str]]
"""Names and values of an address; as pairs, a name may occur several times."""


class _Problem(msgspec.Struct):
    message: str = ""


class Transport:
    """One server, seen from here."""

    def __init__(
        self, *, url: str, token: str | None, connect_timeout_s: float = 5.0, proxy: str | None = None
    ) -> None:
        """Take the server's address, the token to show, and the proxy to go by, if any. No connection is made yet."""
        self.url = url
        self._pool = urllib3.PoolManager(maxsize=4, retries=False) if proxy is None else _proxy_pool(proxy)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._connect_timeout_s = connect_timeout_s

    def handshake(self, project: ProjectName) -> Handshake:
        """Ask whether this is a Marigram server that lets us write to `project`."""
        return self._json(f"{NATIVE}/handshake", Handshake, {"project": project}, timeout_s=self._connect_timeout_s)

    def send(self, batch: Batch) -> Receipt:
        """Send a batch and return what the server says is durable."""
        return self._decode(
            self._request("POST", f"{NATIVE}/batches", body=encode_batch(batch), media_type=BATCH_MEDIA_TYPE), Receipt
        )

    def heartbeat(self, run_id: str) -> HeartbeatReply:
        """Say that the run is alive."""
        return self._decode(self._request("POST", f"{NATIVE}/runs/{run_id}/heartbeat"), HeartbeatReply)

    def wait_for_command(self, run_id: str, *, after: int, wait_s: float) -> Commands:
        """Wait at most so many seconds for a command to the run that is newer than number `after`."""
        query = {"after": str(after), "wait_s": f"{wait_s:g}"}
        return self._json(f"{NATIVE}/runs/{run_id}/commands", Commands, query, timeout_s=wait_s + READ_TIMEOUT_S)

    def note_delivery(self, run_id: str, number: int) -> None:
        """Say that a process of the run has the command."""
        self._request("POST", f"{NATIVE}/runs/{run_id}/commands/{number}/delivered")

    def request_stop(self, run_id: str, *, how: StopHow, grace_s: float, requested_by: str) -> StopRequest:
        """Ask the server that the run be stopped; `grace_s` is in seconds."""
        wish = {"how": how.value, "grace_s": grace_s, "requested_by": requested_by}
        body, path = msgspec.json.encode(wish), f"/api/v1/runs/{quote(run_id, safe='')}/stop"
        return self._decode(self._request("POST", path, body=body, media_type="application/json"), StopRequest)

    def has_blob(self, sha256: str) -> bool:
        """Return whether the server has these bytes."""
        try:
            self._request("HEAD", f"{NATIVE}/blobs/{sha256}")
        except NotFoundError:
            return False
        return True

    def put_blob(self, sha256: str, source: Path) -> None:
        """Upload a file: a large one in parts, going on where an earlier attempt was cut off.

        Raises:
            FileNotFoundError: it is not there.
            SettingError: its bytes have another hash.
        """
        with source.open("rb") as stream:
            if source.stat().st_size > PART_BYTES:
                with contextlib.suppress(NotFoundError):  # an older server takes it whole
                    self._put_parts(sha256, stream, source.stat().st_size)
                    return
            headers = {"Content-Length": str(source.stat().st_size), "Content-Type": "application/octet-stream"}
            self._request("PUT", f"{NATIVE}/blobs/{sha256}", body=stream, headers=headers, timeout_s=UPLOAD_TIMEOUT_S)

    def _put_parts(self, sha256: str, stream: BinaryIO, size: int) -> None:
        place = f"{NATIVE}/blobs/{sha256}/parts"
        position = self._json(place, BlobPosition, {}, timeout_s=READ_TIMEOUT_S)
        while not position.complete:
            offset = position.received
            stream.seek(offset)
            response = self._request(
                "PUT",
                f"{place}/{offset}?size={size}",
                body=stream.read(min(PART_BYTES, max(0, size - offset))),
                media_type="application/octet-stream",
                timeout_s=UPLOAD_TIMEOUT_S,
            )
            position = self._decode(response, BlobPosition)
            if position.received == offset and not position.complete:
                message = f"{self.url} does not take bytes {offset} and on of the file {sha256}; trying again."
                raise UnreachableError(message)

    def trash(self, run_id: str) -> None:
        """Put a run into the trash."""
        self._request("POST", f"/api/v1/runs/{quote(run_id, safe='')}/trash")

    def restore(self, run_id: str) -> None:
        """Take a run out of the trash."""
        self._request("POST", f"/api/v1/runs/{quote(run_id, safe='')}/restore")

    def delete(self, run_id: str) -> None:
        """Delete a run that is in the trash, for good."""
        self._request("POST", f"/api/v1/runs/{quote(run_id, safe='')}/delete")

    def get(self, path: str, answer: type[_Answer], query: Question) -> _Answer:
        """Ask the read API."""
        return self._json(path, answer, query, timeout_s=READ_TIMEOUT_S)

    def download(self, path: str, query: Mapping[str, str], write: Callable[[bytes], object]) -> None:
        """Fetch bytes and hand them to `write`, piece by piece."""
        response = self._request("GET", path + _query(query), stream=True, timeout_s=UPLOAD_TIMEOUT_S)
        try:
            for piece in response.stream(_COPY_BYTES):
                write(piece)
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(self._away(error), is_away=True) from error
        finally:
            response.release_conn()

    def _json(self, path: str, answer: type[_Answer], query: Question, *, timeout_s: float) -> _Answer:
        return self._decode(self._request("GET", path + _query(query), timeout_s=timeout_s), answer)

    def _decode(self, response: urllib3.BaseHTTPResponse, answer: type[_Answer]) -> _Answer:
        try:
            return msgspec.json.decode(response.data, type=answer)
        except msgspec.DecodeError as error:
            message = (
                f"{self.url} answers, but not like a Marigram server ({error}). Check the address: MARIGRAM_URL, or "
                "url=..."
            )
            raise ServerError(message, status=response.status) from error

    def _request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        media_type: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = READ_TIMEOUT_S,
        stream: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        all_headers = {**self._headers, **(headers or {})}
        if media_type is not None:
            all_headers["Content-Type"] = media_type
        try:
            response = self._pool.request(
                method,
                self.url + path,
                body=body,  # pyright: ignore[reportArgumentType] bytes or a file opened for reading
                headers=all_headers,
                timeout=urllib3.Timeout(connect=min(self._connect_timeout_s, timeout_s), read=timeout_s),
                preload_content=not stream,
                redirect=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise UnreachableError(self._away(error), is_away=True) from error
        if response.status < _FIRST_ERROR and response.status >= _FIRST_SUCCESS:
            return response
        raise self._refusal(response)

    def _refusal(self, response: urllib3.BaseHTTPResponse) -> Exception:
        status = response.status
        try:
            said = msgspec.json.decode(response.data, type=_Problem).message
        except msgspec.DecodeError:
            said = ""
        match status:
            case 401 | 403:
                message = said or "The server does not accept the token."
                return AccessError(f"{message} Set MARIGRAM_TOKEN, or pass api_token=..., to a token of {self.url}.")
            case 404:
                return NotFoundError(said or f"{self.url} does not know what was asked for.")
            case 400:
                return SettingError(said or f"{self.url} refused the request.")
            case _ if status in _BUSY:
                retry_after = _seconds(response.headers.get("Retry-After"))
                message = said or f"{self.url} answers {status}; it is busy."
                # A 500 may be about this one question: who asks another may be answered.
                return UnreachableError(message, retry_after_s=retry_after, is_away=status != _FAILED)
            case _:
                message = f"{self.url} answers {status}. {said or 'Check the address: MARIGRAM_URL, or url=...'}"
                return ServerError(message, status=status)

    def _away(self, error: Exception) -> str:
        return f"No answer from {self.url} ({_cause(error)}). Start the server there, or set MARIGRAM_URL."


_FIRST_SUCCESS = 200
_FIRST_ERROR = 300


def _proxy_pool(proxy: str) -> urllib3.ProxyManager:
    user = parse_url(proxy).auth
    headers = urllib3.make_headers(proxy_basic_auth=unquote(user)) if user else None
    return urllib3.ProxyManager(proxy, proxy_headers=headers, maxsize=4, retries=False)


def _query(query: Question) -> str:
    if not query:
        return ""
    pairs = query.items() if isinstance(query, Mapping) else query
    return "?" + "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in pairs)


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text is not None else None
    except ValueError:
        return None


def _cause(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    inner = reason if isinstance(reason, Exception) else error
    name = type(inner).__name__
    return {
        "NewConnectionError": "connection refused or host unknown",
        "ConnectTimeoutError": "connecting took too long",
        "ReadTimeoutError": "the answer took too long",
        "NameResolutionError": "the host name is unknown",
    }.get(name, name)
