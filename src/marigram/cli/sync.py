"""`marigram sync`."""

from __future__ import annotations

import sys
import time
from pathlib import Path as FilePath

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from marigram.cli.home import settings_of
from marigram.client.errors import SettingError
from marigram.client.leftovers import Leftover, sync_leftovers
from marigram.client.settings import Settings, parse_url

FOLLOW_EVERY_S = 2.0
"""Between two looks for queues: soon enough for a person, seldom enough for a network file system."""


def send_leftovers(home: FilePath | None, url: str | None, *, follow: bool, as_json: bool) -> None:
    """Send every queue that has no syncer of its own; exits with 1 if something could not be sent.

    With `follow` it goes on until Ctrl-C and looks for new queues; what could not be sent is tried again.
    """
    settings = settings_of(home)
    try:
        target = None if url is None else parse_url(url)
    except SettingError as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(2) from None
    if not follow:
        leftovers = _send(settings, target, as_json=as_json)
        if as_json:
            typer.echo(msgspec.json.encode(leftovers).decode())
        else:
            for each in leftovers:
                typer.echo(_told(each))
            if not leftovers:
                typer.echo(f"Nothing is left to send in {settings.home / 'queue'}.")
        if any(each.problem for each in leftovers):
            raise typer.Exit(1)
        return
    typer.echo(f"Sending what comes into {settings.home / 'queue'}. Stop: Ctrl-C", err=True)
    problems: dict[str, str | None] = {}
    try:
        while True:
            for each in _send(settings, target, as_json=as_json):
                news = each.sent or each.finished or problems.get(each.run_id) != each.problem
                problems[each.run_id] = each.problem
                if news:
                    typer.echo(msgspec.json.encode(each).decode() if as_json else _told(each))
                    sys.stdout.flush()
            time.sleep(FOLLOW_EVERY_S)
    except KeyboardInterrupt:
        return


def _send(settings: Settings, target: str | None, *, as_json: bool) -> tuple[Leftover, ...]:
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=as_json or not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("operations sent", total=None)

        def advance(run_id: str, operations: int) -> None:
            bar.update(task, advance=operations, description=f"run {run_id[:8]}: operations sent")

        return sync_leftovers(settings.home, target, token=settings.token, proxy=settings.proxy, progress=advance)


def _told(leftover: Leftover) -> str:
    run = f"{leftover.project} {leftover.run_id[:8]}"
    if leftover.problem is None:
        return f"{run}: sent {leftover.sent} operations to {leftover.url}"
    return f"{run}: sent {leftover.sent} operations, not finished: {leftover.problem}"
