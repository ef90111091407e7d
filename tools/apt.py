"""Installing a package of the system, where that can be done unasked: as root, or by a sudo that asks nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

INSTALL_WITHIN_S = 600


def install(package: str) -> bool:
    """Install a package with apt-get; return whether that worked."""
    root = os.geteuid() == 0
    prefix = [] if root else ["sudo", "-n"]
    if not shutil.which("apt-get") or not (root or succeeds(["sudo", "-n", "true"])):
        return False
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"]
    say(f"installing {package} with apt-get")
    return succeeds([*apt, "update"]) and succeeds([*apt, "install", "--no-install-recommends", package])


def succeeds(command: Sequence[str]) -> bool:
    """Run a command and return whether it ended well; if not, say why."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=INSTALL_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"{' '.join(command)}: {error}")
        return False
    if done.returncode != 0:
        say(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")
    return done.returncode == 0


def say(text: str) -> None:
    """Tell the developer."""
    print(text, file=sys.stderr, flush=True)
