"""`marigram sync`."""

from __future__ import annotations

import os
import sys

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from marigram.client.errors import SettingError
from marigram.client.leftovers import Leftover, sync_leftovers
from marigram.client.settings import Settings, parse_url


def send_leftovers(url: str | None, *, as_json: bool) -> None:
    """Send every queue that has no syncer of its own; exits with 1 if something could not be sent."""
    try:
        settings = Settings.from_environment(os.environ)
        target = None if url is None else parse_url(url)
    except SettingError as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(2) from None
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=as_json or not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("operations sent", total=None)

        def advance(run_id: str, operations: int) -> None:
            bar.update(task, advance=operations, description=f"run {run_id[:8]}: operations sent")

        leftovers = sync_leftovers(settings.home, target, token=settings.token, progress=advance)
    if as_json:
        typer.echo(msgspec.json.encode(leftovers).decode())
    else:
        for each in leftovers:
            typer.echo(_told(each))
        if not leftovers:
            typer.echo(f"Nothing is left to send in {settings.home / 'queue'}.")
    if any(each.problem for each in leftovers):
        raise typer.Exit(1)


def _told(leftover: Leftover) -> str:
    run = f"{leftover.project} {leftover.run_id[:8]}"
    if leftover.problem is None:
        return f"{run}: sent {leftover.sent} operations to {leftover.url}"
    return f"{run}: sent {leftover.sent} operations, not finished: {leftover.problem}"
