"""Finds a Chromium for the browser tests and prints its path; installs one if the machine has none.

In this order: what MARIGRAM_CHROMIUM names, a browser on PATH, the system's package manager (as root, or by a sudo
that asks nothing), the build that Playwright brings. Guarantees that the printed browser starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_WITHIN_S = 600


def find(environment: Mapping[str, str]) -> str | None:
    """Return the path of a Chromium that starts, or None."""
    named = environment.get("MARIGRAM_CHROMIUM")
    candidates = [named] if named else [shutil.which(name, path=environment.get("PATH")) for name in NAMES]
    for candidate in candidates:
        if candidate and _succeeds([candidate, "--version"]):
            return candidate
    return _of_playwright()


def install() -> None:
    """Try one way after the other; whether one worked is for `find` to say."""
    root = os.geteuid() == 0
    prefix = [] if root else ["sudo", "-n"]
    if shutil.which("apt-get") and (root or _succeeds(["sudo", "-n", "true"])):
        apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"]
        _say("installing Chromium with apt-get")
        if _succeeds([*apt, "update"]) and _succeeds([*apt, "install", "--no-install-recommends", "chromium"]):
            return
    _say("installing Chromium with Playwright")
    _succeeds([sys.executable, "-m", "playwright", "install", "chromium"])


def _of_playwright() -> str | None:
    script = "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    path = done.stdout.strip()
    return path if path and os.access(path, os.X_OK) and _succeeds([path, "--version"]) else None


def _succeeds(command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=INSTALL_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _say(f"{' '.join(command)}: {error}")
        return False
    if done.returncode != 0:
        _say(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")
    return done.returncode == 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Print the path; return the exit status."""
    path = find(os.environ)
    if path is None:
        install()
        path = find(os.environ)
    if path is None:
        _say(
            "No Chromium was found, and none could be installed. Install the package `chromium` (or Google Chrome), "
            "or set MARIGRAM_CHROMIUM to the path of one, and run this again."
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
