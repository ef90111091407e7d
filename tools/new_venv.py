"""Makes a virtual environment: `python tools/new_venv.py FOLDER`.

Runs under whatever `python3` a machine has, before anything is installed, and says what to do when that will not serve.
An environment that is there and works is kept.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 10)


def main(folder: Path) -> int:
    """Make the environment; return the exit status."""
    if sys.version_info < OLDEST_PYTHON:
        print(f"Python {sys.version.split()[0]} is too old. Run: make PYTHON=/path/to/python3.10 (or newer)")
        return 1
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        print(f"{sys.executable} cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv")
        return 1
    python = folder / "bin" / "python"
    works = python.exists() and subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    if works and works.returncode == 0:
        return 0
    return subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
