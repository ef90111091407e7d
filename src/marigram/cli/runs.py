"""`marigram runs …`: a project's runs as a table, and the trash."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timezone

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from marigram.client.errors import MarigramError, SettingError
from marigram.client.project import Project, init_project
from marigram.client.runs_table import RunsTableRow
from marigram.model import File, Value

SHOWN = ("sys/name", "sys/state", "sys/creation_time", "sys/tags")
"""Columns beside the key when none are named."""


def list_runs(
    project: str,
    *,
    query: str | None,
    columns: str | None,
    limit: int,
    sort_by: str,
    ascending: bool,
    trashed: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Print runs; exits with 1 if they cannot be read, with 2 if the question makes no sense."""
    named = list(SHOWN) if columns is None else [path.strip() for path in columns.split(",") if path.strip()]

    def read(opened: Project) -> None:
        table = opened.fetch_runs_table(
            query=query, columns=named, limit=limit or None, sort_by=sort_by, ascending=ascending, trashed=trashed
        )
        if as_json:
            typer.echo(msgspec.json.encode([_json_row(row) for row in table]).decode())
            return
        if not len(table):
            typer.echo("No run is like that." if query else "There are no runs.")
            return
        console = Console()
        shown = Table(box=None, pad_edge=False)
        for path in table.columns:
            shown.add_column(path.removeprefix("sys/"), overflow="fold")
        for row in table:
            values = row.values()
            shown.add_row(*(_text(values.get(path)) for path in table.columns))
        console.print(shown)

    _with_project(project, url, read)


def change_runs(project: str, runs: list[str], *, how: Callable[[Project, list[str]], None], url: str | None) -> None:
    """Trash, restore or delete runs; exits with 1 if one cannot be found or changed."""
    _with_project(project, url, lambda opened: how(opened, runs))


def _with_project(name: str, url: str | None, act: Callable[[Project], None]) -> None:
    try:
        act(init_project(name, mode="read-only", url=url))
    except SettingError as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(2) from None
    except MarigramError as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(1) from None


def _json_row(row: RunsTableRow) -> dict[str, object]:
    values = {path: _json_value(value) for path, value in row.values().items()}
    return {"id": row.run.id, "key": row.run.key, "values": values}


def _json_value(value: Value | File | None) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, frozenset):
        return sorted(value)
    return value.filename if isinstance(value, File) else value


def _text(value: Value | File | None) -> str:
    match value:
        case None:
            return ""
        case float():
            return f"{value:.6g}"
        case datetime():
            return value.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M")
        case frozenset():
            return ", ".join(sorted(value))
        case File():
            return value.filename
        case _:
            return str(value)
