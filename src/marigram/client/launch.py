"""Starts the syncer as a process of its own, which outlives this one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from marigram.client.lock import LOG_NAME
from marigram.system.files import open_file
from marigram.system.process import start_detached

if TYPE_CHECKING:
    import subprocess

_SITE_FOLDERS = frozenset({"site-packages", "dist-packages"})


def start_syncer(directory: Path, *, environ: Mapping[str, str], token: str | None) -> subprocess.Popen[bytes]:
    """Start a syncer for the run whose queues are in `directory`.

    It is out of the reach of Ctrl-C and of the closing of the terminal. It gets the token by its environment, which
    other users of the machine cannot read.

    Raises:
        OSError: there is no interpreter to start it with.
    """
    if not sys.executable:
        message = "this Python does not know its own interpreter"
        raise OSError(message)
    environment = {**environ, "PYTHONPATH": _python_path(environ.get("PYTHONPATH", ""))}
    if token is not None:
        environment["MARIGRAM_TOKEN"] = token
    with open(directory / LOG_NAME, "ab", opener=open_file) as log:
        return start_detached(
            [sys.executable, "-m", "marigram.client.syncer", str(directory)],
            # `-m` puts the working folder first on the import path: let it be one without anybody's modules. And not
            # the run's own, which the syncer removes: Windows keeps a folder that a process works in.
            cwd=directory.parent,
            environ=environment,
            log=log,
        )


def _python_path(inherited: str) -> str:
    """Return an import path on which the syncer finds the Marigram that this process runs."""
    root = Path(__file__).resolve().parents[2]
    entries = [str(Path(entry).absolute()) for entry in inherited.split(os.pathsep) if entry]
    if root.name not in _SITE_FOLDERS:
        entries.insert(0, str(root))
    return os.pathsep.join(entries)
