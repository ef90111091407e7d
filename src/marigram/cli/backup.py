"""`marigram backup` and `marigram restore`."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path as FilePath

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress, TaskID
from typing_extensions import Self

from marigram.server.config import default_data_folder
from marigram.server.folder import DataFolder, FolderInUseError
from marigram.server.upkeep.backup import Backup, BackupError, restore_backup, take_backup


def data_folder(data: FilePath | None) -> FilePath:
    """Return the data folder that is meant."""
    return (data or default_data_folder()).expanduser().absolute()


def back_up(target: FilePath, *, data: FilePath | None, as_json: bool) -> None:
    """Copy a data folder; exits with 1 if it cannot be done, or if a file was damaged before."""
    with _failing_with_a_sentence(), Bars(quiet=as_json) as bars:
        backup = take_backup(data_folder(data), target.expanduser().absolute(), progress=bars.tell)
    _say(backup, f"Backed up to {target}", as_json=as_json)
    for sha256 in backup.damaged:
        typer.echo(f"marigram: the blob {sha256} is damaged, and not in the backup. See 'marigram doctor'.", err=True)
    if backup.damaged:
        raise typer.Exit(1)


def restore(folder: FilePath, *, data: FilePath | None, force: bool, as_json: bool) -> None:
    """Put a backup into a data folder; exits with 1 if it cannot be done."""
    root = data_folder(data)
    with _failing_with_a_sentence():
        owned = DataFolder(root)
        try:
            with Bars(quiet=as_json) as bars:
                backup = restore_backup(folder.expanduser().absolute(), root, force=force, progress=bars.tell)
        finally:
            owned.close()
    _say(backup, f"Restored to {root}", as_json=as_json)


@contextmanager
def _failing_with_a_sentence() -> Generator[None]:
    try:
        yield
    except (BackupError, FolderInUseError) as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(1) from None
    except (OSError, sqlite3.Error) as error:
        typer.echo(f"marigram: this cannot be copied: {error}.", err=True)
        raise typer.Exit(1) from None


def _say(backup: Backup, done: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(backup).decode())
        return
    taken = datetime.fromtimestamp(backup.began_at / 1000, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    size = sum(copied.bytes for copied in backup.databases.values()) + backup.blob_bytes
    typer.echo(f"{done}: all that was receipted before {taken}; {backup.blobs:,} blobs, {size:,} bytes.")


class Bars:
    """One bar per part that is copied, on a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._progress = Progress(console=Console(stderr=True), disable=quiet or not sys.stderr.isatty())
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, what: str, done: int, total: int) -> None:
        """Show how far a part is."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what)
        self._progress.update(self._tasks[what], completed=done, total=total)
