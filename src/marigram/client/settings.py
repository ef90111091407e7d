"""What the environment says: where the server is, who we are, where the queue lives.

    MARIGRAM_URL             address of the server; default http://127.0.0.1:6274
    MARIGRAM_TOKEN           API token, if the server asks for one
    MARIGRAM_PROXY           proxy on the way to the server, `http://[user:password@]host:port`
    MARIGRAM_PROJECT         project to log to, `workspace/name`
    MARIGRAM_HOME            folder for the queue; default: the user's data folder
    MARIGRAM_MODE            async (default), sync, offline, read-only, debug, disabled
    MARIGRAM_CUSTOM_RUN_ID   a run of this identity is continued, or made
    MARIGRAM_MONITORING_NAMESPACE   where console and hardware series go
    MARIGRAM_STOP_TIMEOUT_S  seconds that `Run.stop` waits for receipts; default 5
    MARIGRAM_SYNC_PATIENCE_S seconds that the syncer tries on after the training ended; default 86400
    MARIGRAM_QUEUE_MAX_BYTES bytes that the queue of one run may take on the disk; default 10 GiB
    MARIGRAM_RERAISE         1: logging calls raise what goes wrong, for tests

The environment is read once, by `Settings.from_environment`, and handed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path

import msgspec

from marigram.client.errors import SettingError

DEFAULT_URL = "http://127.0.0.1:6274"
_DAY_S = 86_400.0
_QUEUE_MAX_BYTES = 10 << 30
_QUEUE_MIN_BYTES = 1 << 20
"""A segment of the queue has this size."""


class Mode(str, Enum):
    """What becomes of what is logged.

    `async`: kept on disk, sent by the syncer. `sync`: each call waits for the server's receipt. `offline`: kept on disk
    until `marigram sync`. `read-only`: nothing is stored, reading works. `debug` and `disabled`: nothing is stored.
    """

    ASYNC = "async"
    SYNC = "sync"
    OFFLINE = "offline"
    READ_ONLY = "read-only"
    DEBUG = "debug"
    DISABLED = "disabled"


SENDING = frozenset({Mode.ASYNC, Mode.SYNC, Mode.READ_ONLY})
"""Modes that talk to the server."""

KEEPING = frozenset({Mode.ASYNC, Mode.SYNC, Mode.OFFLINE})
"""Modes that store what is logged."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The client's settings; times in seconds."""

    url: str = DEFAULT_URL
    token: str | None = None
    project: str | None = None
    home: Path
    mode: Mode = Mode.ASYNC
    custom_run_id: str | None = None
    monitoring_namespace: str | None = None
    stop_timeout_s: float = 5.0
    sync_patience_s: float = _DAY_S
    queue_max_bytes: int = _QUEUE_MAX_BYTES
    reraise: bool = False
    proxy: str | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read the variables listed above.

        Raises:
            SettingError: one of them cannot be understood.
        """
        home = environ.get("MARIGRAM_HOME")
        return cls(
            url=parse_url(environ.get("MARIGRAM_URL") or DEFAULT_URL),
            token=environ.get("MARIGRAM_TOKEN") or None,
            project=environ.get("MARIGRAM_PROJECT") or None,
            home=Path(home).expanduser().absolute() if home else default_home(),
            mode=parse_mode(environ.get("MARIGRAM_MODE") or Mode.ASYNC.value),
            custom_run_id=environ.get("MARIGRAM_CUSTOM_RUN_ID") or None,
            monitoring_namespace=environ.get("MARIGRAM_MONITORING_NAMESPACE") or None,
            stop_timeout_s=_seconds(environ, "MARIGRAM_STOP_TIMEOUT_S", 5.0),
            sync_patience_s=_seconds(environ, "MARIGRAM_SYNC_PATIENCE_S", _DAY_S),
            queue_max_bytes=_bytes(environ, "MARIGRAM_QUEUE_MAX_BYTES", _QUEUE_MAX_BYTES),
            reraise=environ.get("MARIGRAM_RERAISE", "") not in {"", "0"},
            proxy=environ.get("MARIGRAM_PROXY") or None,
        )


def default_home() -> Path:
    """Return the folder for Marigram's data of this user."""
    # Imported here because only a process without MARIGRAM_HOME needs it.
    from platformdirs import user_data_path

    return user_data_path("marigram", appauthor=False)


def parse_url(text: str) -> str:
    """Return the server's address without a slash at its end.

    Raises:
        SettingError: it is no http or https address.
    """
    url = text.strip().rstrip("/")
    scheme, separator, rest = url.partition("://")
    if scheme not in {"http", "https"} or not separator or not rest:
        message = f"{text!r} is not the address of a server. Write it like {DEFAULT_URL} (MARIGRAM_URL, or url=...)."
        raise SettingError(message)
    return url


def proxy_of(proxies: object, url: str) -> str | None:
    """Return the proxy for an address, out of a dict of proxies by scheme such as `{"https": "http://proxy:3128"}`.

    Raises:
        SettingError: it is no such dict, or a proxy's address is none.
    """
    if proxies is None:
        return None
    if isinstance(proxies, Mapping):
        by_scheme = {str(scheme): address for scheme, address in proxies.items()}  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
        found = by_scheme.get(url.partition("://")[0]) or by_scheme.get("all")  # pyright: ignore[reportUnknownVariableType]
        if found is None:
            return None
        if isinstance(found, str) and found.startswith(("http://", "https://")):
            return found
    message = (
        "proxies must be a dict of addresses by scheme, but it is something else. Pass for example "
        "proxies={'https': 'http://proxy.example.org:3128'}."
    )
    raise SettingError(message)


def parse_mode(text: str) -> Mode:
    """Return the mode of that name.

    Raises:
        SettingError: there is none.
    """
    try:
        return Mode(text)
    except ValueError:
        names = ", ".join(repr(mode.value) for mode in Mode)
        message = f"{text!r} is not a mode. Use one of {names} (MARIGRAM_MODE, or mode=...)."
        raise SettingError(message) from None


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name)
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        message = f"{name} is {text!r}. Set it to a number of seconds, for example {default:g}."
        raise SettingError(message)
    return seconds


def _bytes(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name)
    if not text:
        return default
    if text.isdecimal() and int(text) >= _QUEUE_MIN_BYTES:
        return int(text)
    message = f"{name} is {text!r}. Set it to a number of bytes, at least {_QUEUE_MIN_BYTES}, for example {default}."
    raise SettingError(message)
