"""What this machine is called."""

from __future__ import annotations

import os
import sys


def host_name() -> str:
    """Return the machine's name, as `socket.gethostname` would; that module costs several ms of every import."""
    if sys.platform != "win32":
        return os.uname().nodename
    from socket import gethostname

    return gethostname()
