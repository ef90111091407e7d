"""The client's settings, for commands that take a folder."""

from __future__ import annotations

import os
from pathlib import Path as FilePath

import msgspec
import typer

from marigram.client.errors import SettingError
from marigram.client.settings import Settings


def settings_of(home: FilePath | None) -> Settings:
    """Return the environment's settings, with `home` over MARIGRAM_HOME; exits with 2 if they make no sense.

    A folder named `queue` may be given too: what holds it is meant.
    """
    try:
        settings = Settings.from_environment(os.environ)
    except SettingError as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(2) from None
    if home is None:
        return settings
    folder = home.expanduser().absolute()
    if not folder.is_dir():
        typer.echo(f"marigram: there is no folder {folder}. Name the one of MARIGRAM_HOME.", err=True)
        raise typer.Exit(2)
    return msgspec.structs.replace(settings, home=folder.parent if folder.name == "queue" else folder)
