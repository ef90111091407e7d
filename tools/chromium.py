"""Finds a Chromium for the browser tests and prints its path; installs one if the machine has none.

In this order: what MARIGRAM_CHROMIUM names, a browser on PATH, the system's package manager (as root, or by a sudo
that asks nothing), the build that Playwright brings. Guarantees that the printed browser starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

import apt

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find(environment: Mapping[str, str]) -> str | None:
    """Return the path of a Chromium that starts, or None."""
    named = environment.get("MARIGRAM_CHROMIUM")
    candidates = [named] if named else [shutil.which(name, path=environment.get("PATH")) for name in NAMES]
    for candidate in candidates:
        if candidate and apt.succeeds([candidate, "--version"]):
            return candidate
    return _of_playwright()


def install() -> None:
    """Try one way after the other; whether one worked is for `find` to say."""
    if apt.install("chromium"):
        return
    apt.say("installing Chromium with Playwright")
    apt.succeeds([sys.executable, "-m", "playwright", "install", "chromium"])


def _of_playwright() -> str | None:
    script = "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    path = done.stdout.strip()
    return path if path and os.access(path, os.X_OK) and apt.succeeds([path, "--version"]) else None


def main() -> int:
    """Print the path; return the exit status."""
    path = find(os.environ)
    if path is None:
        install()
        path = find(os.environ)
    if path is None:
        apt.say(
            "No Chromium was found, and none could be installed. Install the package `chromium` (or Google Chrome), "
            "or set MARIGRAM_CHROMIUM to the path of one, and run this again."
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
