"""A way to a server that breaks: it lets so many bytes through, then resets the connection in the middle of a body."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

from typing_extensions import Self

RESET = struct.pack("ii", 1, 0)
"""To linger for no time: closing then resets instead of saying goodbye."""


class BreakingProxy:
    """Listens on loopback and passes everything on to a port there.

    Attributes:
        url: where to connect to.
        resets: how many connections were broken.
    """

    def __init__(self, port: int, *, budget: Callable[[], int | None]) -> None:
        """Take the server's port, and what says how many bytes of the next connection pass; None: all."""
        self._port = port
        self._budget = budget
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self.resets = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client, self._budget()), daemon=True).start()

    def _carry(self, client: socket.socket, budget: int | None) -> None:
        server = socket.create_connection(("127.0.0.1", self._port))
        back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
        back.start()
        left = _pass_on(client, server, budget)
        if left == 0:
            self.resets += 1
            for end in (client, server):
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        # Reading is ended first: a socket that another thread reads from is not reset by closing it.
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RD if left == 0 else socket.SHUT_RDWR)
        back.join(10)
        client.close()
        server.close()


def _pass_on(source: socket.socket, target: socket.socket, budget: int | None = None) -> int | None:
    """Pass bytes on until one end is closed or the budget is spent; return what is left of it."""
    with contextlib.suppress(OSError):
        while budget != 0:
            piece = source.recv(1 << 16 if budget is None else min(1 << 16, budget))
            if not piece:
                break
            target.sendall(piece)
            budget = None if budget is None else budget - len(piece)
    return budget
