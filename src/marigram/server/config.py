"""What a server is started with."""

from __future__ import annotations

import ipaddress
from pathlib import Path as FilePath

import msgspec
import platformdirs

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 6274


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is started with.

    Attributes:
        host: the address to listen on.
        port: the TCP port to listen on.
        data: the folder that holds all the server knows.
        open_to_network: take requests from other machines although no token was made.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    data: FilePath
    open_to_network: bool = False


def default_data_folder() -> FilePath:
    """Return where the embedded store lives if nobody says otherwise."""
    return FilePath(platformdirs.user_data_dir("marigram", appauthor=False)) / "server"


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
