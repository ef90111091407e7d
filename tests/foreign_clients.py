"""Virtual environments of unmodified foreign clients, each of its own below the user's cache folder.

A client is a pair of files in tests/conformance/clients: `NAME.in` says what is wanted, `NAME.txt` each package's exact
version (`make lock` renews it). What is there is used; what is not is made, once for the whole machine, however many
processes ask at the same time. An environment belongs to one content of its file and one Python.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs

from marigram.system.lock import try_lock
from waiting import wait_until

REQUIREMENTS = Path(__file__).parent / "conformance" / "clients"
MADE_WITHIN_S = 900.0


def all_clients() -> list[str]:
    """Return the names of all clients."""
    return sorted(file.stem for file in REQUIREMENTS.glob("*.txt"))


def pythons_of(names: Sequence[str]) -> dict[str, Path]:
    """Return for each client a Python that has it; what has to be made first is made side by side.

    Raises:
        AssertionError: one could not be made; the message ends with what pip said.
    """
    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(python_of, names), strict=True))


def python_of(name: str) -> Path:
    """Return a Python that has the client."""
    folder = folder_of(name)
    if not (folder / "ready").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder.with_suffix(".lock").open("wb") as lock:
            wait_until(lambda: try_lock(lock.fileno()), f"another process that makes {folder}", within_s=MADE_WITHIN_S)
            if not (folder / "ready").exists():
                _make(name, folder)
    return folder / "bin" / "python"


def folder_of(name: str) -> Path:
    """Return where a client's environment is, or would be."""
    identity = (REQUIREMENTS / f"{name}.txt").read_bytes() + f"{sys.version_info[:3]} {sys.base_prefix}".encode()
    place = platformdirs.user_cache_path("marigram", appauthor=False) / "clients"
    return place / f"{name}-{hashlib.sha256(identity).hexdigest()[:12]}"


def _make(name: str, folder: Path) -> None:
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The file names every package, so nothing has to be resolved; what is imported is compiled when it is.
    _run([*pip, "--no-deps", "--no-compile", "--requirement", str(REQUIREMENTS / f"{name}.txt")])
    (folder / "ready").touch()


def _run(command: Sequence[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=MADE_WITHIN_S)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
