"""Runs a server until it is told to stop."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from marigram.server.app import Server
from marigram.server.config import Config
from marigram.system.network import allow_only_one_listener

GRACE_S = 10
"""How long a request may go on after the server was told to stop."""

_BACKLOG = 1024


class AddressInUseError(RuntimeError):
    """Something listens on the address already."""


class _Listener(uvicorn.Server):
    """Ends the live streams as soon as it is told to stop; they would keep it waiting otherwise."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None], ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams
        self._ready = ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called on SIGINT and SIGTERM; a second SIGINT does not wait for requests.

        Uvicorn's own would send the signal again after the end, so that the process would seem to have been killed.
        """
        del frame
        self._end_streams()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Called once the stores are open."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def serve(config: Config, *, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called with the server's URL once it answers.

    Raises:
        AddressInUseError: something listens on the port already.
        FolderInUseError: another server owns the data folder.
        DataError, OpenServerError: see `Server`.
    """
    listening = bind(config)
    with listening:
        server = Server(config)
        port = listening.getsockname()[1]
        shown = f"[{config.host}]" if ":" in config.host else config.host
        settings = uvicorn.Config(
            server.asgi,
            loop="asyncio",
            http="httptools",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=75,
            server_header=False,
        )
        listener = _Listener(settings, server.hub.close, lambda: ready(f"http://{shown}:{port}"))
        listener.run(sockets=[listening])


def bind(config: Config) -> socket.socket:
    """Return a socket that listens where the configuration says.

    Raises:
        AddressInUseError: something listens there already.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # Only where the protocol is named does asyncio send small answers at once: otherwise each of two parts waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    allow_only_one_listener(listening)
    try:
        listening.bind((config.host, config.port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        message = (
            f"Can't listen on {config.host}, port {config.port}: {error.strerror}. Is Marigram running there already? "
            "Choose another port with --port."
        )
        raise AddressInUseError(message) from error
    return listening
