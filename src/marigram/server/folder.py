"""The data folder: who owns it, and where in it things lie. One process owns a folder at a time."""

from __future__ import annotations

import os
from pathlib import Path as FilePath

from marigram.system.files import open_file
from marigram.system.lock import try_lock


class FolderInUseError(RuntimeError):
    """Another server owns the data folder."""


class DataFolder:
    """The folder that holds all an embedded server knows; `close` lets go of it."""

    def __init__(self, root: FilePath) -> None:
        """Take ownership of `root`, which is made if it does not exist and can be read by its owner alone.

        Raises:
            FolderInUseError: another process owns it.
            OSError: it cannot be made or written.
        """
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root = root
        self._lock = open_file(root / "lock", os.O_RDWR | os.O_CREAT)
        if not try_lock(self._lock):
            owner = os.read(self._lock, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._lock)
            message = (
                f"Another Marigram server (process {owner}) uses {root}. "
                "Stop it, or start this one with another --data."
            )
            raise FolderInUseError(message)
        os.ftruncate(self._lock, 0)
        os.write(self._lock, f"{os.getpid()}\n".encode())

    @property
    def meta(self) -> FilePath:
        """Where the metadata is."""
        return self.root / "meta.db"

    @property
    def points(self) -> FilePath:
        """Where the points are."""
        return self.root / "points.db"

    @property
    def blobs(self) -> FilePath:
        """Where the blobs are."""
        return self.root / "blobs"

    def close(self) -> None:
        """Let another process own the folder."""
        os.close(self._lock)
