"""One server per address: a second one is refused, and one that was stopped can be started again at once."""

from __future__ import annotations

import socket
import sys

if sys.platform == "win32":

    def allow_only_one_listener(listening: socket.socket) -> None:
        """Set a socket up so, before it is bound."""
        # SO_REUSEADDR would let a second server take the address from under the first.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)

else:

    def allow_only_one_listener(listening: socket.socket) -> None:
        """Set a socket up so, before it is bound."""
        # Connections of a server that was stopped may linger for minutes.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
