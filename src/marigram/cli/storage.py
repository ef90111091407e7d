"""`marigram storage`: what takes the server's disk."""

from __future__ import annotations

import os

import msgspec
import typer
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from marigram.cli.stop import run_id_of
from marigram.client.errors import MarigramError, SettingError
from marigram.client.settings import Settings, parse_url
from marigram.client.transport import Transport
from marigram.model import parse_project_name
from marigram.model.project import InvalidProjectNameError
from marigram.server.query import StorageAnswer

_SHOWN = 30
"""Runs and series that are listed; --json lists all."""


def show_storage(*, project: str | None, run: str | None, url: str | None, as_json: bool) -> None:
    """Print what a run, a project or everything takes; exits with 1 if it cannot be read, with 2 if asked wrongly."""
    try:
        settings = Settings.from_environment(os.environ)
        transport = Transport(
            url=settings.url if url is None else parse_url(url), token=settings.token, proxy=settings.proxy
        )
        question = {} if project is None else {"project": parse_project_name(project)}
        if run is not None:
            question = {"run": run_id_of(run, project or settings.project, transport)}
        answer = transport.get("/api/v1/storage", StorageAnswer, question)
    except (SettingError, InvalidProjectNameError) as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(2) from None
    except MarigramError as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(msgspec.json.encode(answer).decode())
        return
    shared = f", of which {decimal(answer.shared_files)} shared with other runs" if answer.shared_files else ""
    typer.echo(f"Points {decimal(answer.points)}, files {decimal(answer.files)}{shared}.")
    if answer.unnamed_files:
        typer.echo(f"Files that nothing names any more: {decimal(answer.unnamed_files)}; they go by themselves.")
    console = Console()
    console.print(_runs(answer))
    if answer.series:
        table = Table(box=None, pad_edge=False)
        table.add_column("series", overflow="fold")
        table.add_column("points", justify="right")
        for series in answer.series[:_SHOWN]:
            table.add_row(series.path, decimal(series.points))
        console.print(table)
    more = max(len(answer.runs), len(answer.series)) - _SHOWN
    if more > 0:
        typer.echo(f"... and {more:,} more; --json lists them.")


def _runs(answer: StorageAnswer) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("run", "project", "points", "files", "shared files", ""):
        table.add_column(name, justify="left" if name in {"run", "project", ""} else "right")
    for run in answer.runs[:_SHOWN]:
        sizes = (decimal(run.points), decimal(run.files), decimal(run.shared_files))
        table.add_row(run.key, run.project, *sizes, "in the trash" if run.in_trash else "")
    return table
