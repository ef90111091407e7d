"""`marigram up`."""

from __future__ import annotations

import logging
import sys
from pathlib import Path as FilePath

import typer

from marigram import version
from marigram.server.app import DataError, OpenServerError
from marigram.server.config import Config, default_data_folder
from marigram.server.folder import FolderInUseError
from marigram.server.serve import AddressInUseError, serve


def run_server(*, host: str, port: int, data: FilePath | None, open_to_network: bool) -> None:
    """Serve until told to stop. Exits with 1 and a sentence if the server can't start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    folder = (data or default_data_folder()).expanduser().absolute()
    config = Config(host=host, port=port, data=folder, open_to_network=open_to_network)

    def ready(url: str) -> None:
        typer.echo(f"Marigram {version.VERSION} serves {url}")
        typer.echo(f"Data: {folder}   Stop: Ctrl-C")
        sys.stdout.flush()

    try:
        serve(config, ready=ready)
    except (AddressInUseError, DataError, FolderInUseError, OpenServerError) as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"marigram: can't use {folder}: {error}. Choose another folder with --data.", err=True)
        raise typer.Exit(1) from None
