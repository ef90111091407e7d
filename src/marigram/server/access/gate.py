"""The gate: decides from a request's headers whether it may come in.

A server that has tokens asks everybody for one. A server without tokens is open, but only to requests that name this
machine as their host, so that a page from elsewhere whose name was made to point here cannot read it. A page of another
origin can't write in either case.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping

from marigram.server.store.meta.port import MetaStore

COOKIE = "marigram_token"
"""Where the browser keeps the token; scripts on the page can't read it."""

REREAD_AFTER_MS = 2_000
"""How long the tokens are remembered: a new one, or the first one, counts after that."""

TOKEN_PREFIX = "mg_"  # noqa: S105 - begins every token, so that scanners for leaked secrets know one
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN_BYTES = 32


class Unauthorized(Exception):  # noqa: N818 - the name of the HTTP status
    """A token is needed and none, or a wrong one, was shown."""


class Forbidden(Exception):  # noqa: N818 - the name of the HTTP status
    """The request comes from where nobody may come from."""


def new_token() -> tuple[str, str]:
    """Return a new token of 256 random bits, and its SHA-256 to keep."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    return token, _digest(token)


class Gate:
    """Checks requests. `any_host` says that whoever started the server wants it open to other host names too."""

    def __init__(self, *, meta: MetaStore, clock_ms: Callable[[], int], any_host: bool) -> None:
        self._meta = meta
        self._clock_ms = clock_ms
        self._any_host = any_host
        self._digests: frozenset[str] = frozenset()
        self._read_at: int | None = None

    @property
    def token_required(self) -> bool:
        """Whether requests must show a token."""
        return bool(self._known_digests())

    def knows(self, token: str | None) -> bool:
        """Return whether `token` is one of the server's."""
        if token is None:
            return False
        digest = _digest(token)
        return any(secrets.compare_digest(digest, known) for known in self._known_digests())

    def check_origin(self, method: str, headers: Mapping[str, str]) -> None:
        """Refuse requests that no page and no client of this server makes.

        Raises:
            Forbidden: the message says why, and what to do.
        """
        host = headers.get("host", "")
        if not self._any_host and not self.token_required and _name_of(host) not in LOCAL_HOSTS:
            message = (
                f"This server is open to this machine only, and was asked for as {host!r}. Use http://127.0.0.1, or "
                "make a token with 'marigram token create'."
            )
            raise Forbidden(message)
        origin = headers.get("origin")
        if origin is not None and method not in _SAFE_METHODS and (not host or origin.partition("://")[2] != host):
            message = f"A page of {origin!r} may not write here. Use the server's own pages, or a script."
            raise Forbidden(message)

    def lets_in(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
        """Return whether the request shows a good token, or none is needed."""
        if not self.token_required:
            return True
        shown = _shown_token(headers.get("authorization", ""))
        return self.knows(cookies.get(COOKIE) if shown is None else shown)

    def check_token(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> None:
        """Refuse requests without a good token, if the server has tokens.

        Raises:
            Unauthorized: the message says how to show one.
        """
        if not self.lets_in(headers, cookies):
            message = "This server needs a token. Set MARIGRAM_TOKEN, or sign in; 'marigram token create' makes one."
            raise Unauthorized(message)

    def _known_digests(self) -> frozenset[str]:
        now = self._clock_ms()
        if self._read_at is None or not 0 <= now - self._read_at < REREAD_AFTER_MS:
            self._digests = self._meta.token_digests()
            self._read_at = now
        return self._digests


def _shown_token(authorization: str) -> str | None:
    """Return the token in an Authorization header: a bearer, or the password of those who can only show one."""
    kind, _, shown = authorization.partition(" ")
    match kind.lower():
        case "bearer":
            return shown.strip()
        case "basic":
            try:
                return base64.b64decode(shown.strip(), validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError, ValueError):
                return ""
        case _:
            return None


def _digest(token: str) -> str:
    """Return what is kept of a token. It has 256 random bits, so a plain hash can't be guessed backwards."""
    return hashlib.sha256(token.encode()).hexdigest()


def _name_of(host: str) -> str:
    """Return the name in a Host header in small letters, empty if the header is malformed."""
    found = _HOST.fullmatch(host)
    return "" if found is None else (found["v6"] or found["name"]).lower()
