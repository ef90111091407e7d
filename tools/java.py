"""Finds the Java that Spark needs and prints its path; installs one if the machine has none.

In this order: what JAVA_HOME names, one on PATH, the system's package manager. Guarantees that the printed one starts.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import apt

PACKAGES = ("openjdk-17-jre-headless", "openjdk-21-jre-headless", "default-jre-headless")


def find(environment: Mapping[str, str]) -> str | None:
    """Return the path of a Java that starts, or None."""
    home = environment.get("JAVA_HOME")
    candidates = [str(Path(home, "bin", "java"))] if home else []
    on_path = shutil.which("java", path=environment.get("PATH"))
    for candidate in [*candidates, *([on_path] if on_path else [])]:
        if apt.succeeds([candidate, "-version"]):
            return candidate
    return None


def main() -> int:
    """Print the path; return the exit status."""
    path = find(os.environ)
    if path is None and any(apt.install(package) for package in PACKAGES):
        path = find(os.environ)
    if path is None:
        apt.say(
            "No Java was found, and none could be installed. Install version 17 or newer, for example the package "
            "openjdk-17-jre-headless, and run this again."
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
