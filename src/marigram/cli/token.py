"""`marigram token create`."""

from __future__ import annotations

import time
from pathlib import Path as FilePath

import typer

from marigram.server.access import new_token
from marigram.server.config import default_data_folder
from marigram.server.store.meta.sqlite import SqliteMetaStore


def create_token(*, name: str, data: FilePath | None) -> None:
    """Make a token and print it. A server that runs on the folder asks for it within seconds."""
    folder = (data or default_data_folder()).expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = SqliteMetaStore(folder / "meta.db")
    token, digest = new_token()
    store.add_token(digest, name=name, created_at=time.time_ns() // 1_000_000)
    store.close()
    typer.echo(token)
    typer.echo(
        "Clients: export MARIGRAM_TOKEN=<the line above>. Browser: sign in with it. It is not shown again.", err=True
    )
