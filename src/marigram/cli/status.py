"""`marigram status` and `marigram clear`: the queues on this machine's disk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path as FilePath

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from marigram.cli.home import settings_of
from marigram.client.errors import MarigramError, NotFoundError
from marigram.client.queued import QueuedRun, look_at, queued_run_ids, remove_queue
from marigram.client.settings import Settings
from marigram.client.transport import Transport
from marigram.model import Run

_KIBI = 1024.0


def show_status(home: FilePath | None, *, as_json: bool) -> None:
    """Print how every queue stands; exits with 1 if something went wrong with one."""
    folder = settings_of(home).home
    queues = list(_looked_at(folder, quiet=as_json))
    if as_json:
        typer.echo(msgspec.json.encode(queues).decode())
    elif not queues:
        typer.echo(f"Nothing waits in {folder / 'queue'}: the server has everything.")
    else:
        Console().print(_table(queues))
        for queue in queues:
            if queue.problem:
                typer.echo(f"{queue.run_id[:8]}: {queue.problem}")
        if any(queue.waiting and not queue.syncer for queue in queues):
            typer.echo("No syncer works on some of them. Send what they hold with: marigram sync")
    if any(queue.problem or queue.rejected or queue.lost for queue in queues):
        raise typer.Exit(1)


def clear_queues(home: FilePath | None, *, yes: bool, as_json: bool) -> None:
    """Remove queues that hold nothing the server lacks, and those whose run was trashed or deleted there."""
    settings = settings_of(home)
    found = [
        (queue, reason)
        for queue in _looked_at(settings.home, quiet=as_json)
        if (reason := _why_clear(queue, settings)) is not None
    ]
    for queue, reason in found:
        typer.echo(f"{queue.project} {queue.run_id[:8]}: {reason}, {_size(queue.disk_bytes)}", err=as_json)
    if found and not yes and not typer.confirm(f"Remove {len(found)} from {settings.home / 'queue'}?", err=as_json):
        raise typer.Exit(1)
    removed: list[str] = []
    for queue, _ in found:

        def is_as_before(queue: QueuedRun = queue) -> bool:
            now = look_at(settings.home, queue.run_id)
            return now is not None and not now.running and now.waiting <= queue.waiting

        if remove_queue(settings.home, queue.run_id, is_wanted=is_as_before):
            removed.append(queue.run_id)
        else:
            typer.echo(f"{queue.run_id[:8]}: somebody works on it again, so it stays.", err=True)
    if as_json:
        typer.echo(msgspec.json.encode(removed).decode())
    else:
        typer.echo(f"Removed {len(removed)}." if found else f"Nothing to clear in {settings.home / 'queue'}.")


def _looked_at(home: FilePath, *, quiet: bool) -> Iterator[QueuedRun]:
    hidden = quiet or not sys.stderr.isatty()
    with Progress(console=Console(stderr=True), disable=hidden, transient=True) as bar:
        for run_id in bar.track(queued_run_ids(home), description="Looking at queues"):
            queue = look_at(home, run_id)
            if queue is not None:
                yield queue


def _why_clear(queue: QueuedRun, settings: Settings) -> str | None:
    """Return why a queue may go; None if it must stay."""
    if queue.running is not False or queue.syncer:
        return None
    if not queue.waiting:
        return "the server has everything"
    try:
        run = Transport(url=queue.url, token=settings.token, proxy=settings.proxy).get(
            f"/api/v1/runs/{queue.run_id}", Run, {}
        )
    except NotFoundError:
        gone = queue.stored > 0  # the server once knew the run
        return f"its run was deleted; {queue.waiting} operations were never sent" if gone else None
    except MarigramError as error:
        typer.echo(f"{queue.run_id[:8]}: {error} It stays.", err=True)
        return None
    if run.trashed_at is None:
        return None
    return f"its run {run.key} is in the trash; {queue.waiting} operations were never sent"


def _table(queues: list[QueuedRun]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("run", "project", "waiting", "on disk", "script", "syncer", "refused", "lost", "server"):
        table.add_column(name, justify="right" if name in {"waiting", "on disk", "refused", "lost"} else "left")
    for queue in queues:
        script = {True: "running", False: "ended", None: "elsewhere"}[queue.running]
        table.add_row(
            queue.run_id[:8],
            queue.project,
            f"{queue.waiting:,}",
            _size(queue.disk_bytes),
            script,
            "works" if queue.syncer else "none",
            f"{sum(queue.rejected.values()):,}",
            f"{queue.lost:,}",
            queue.url,
        )
    return table


def _size(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if size < _KIBI:
            return f"{size:.0f} {unit}"
        size /= _KIBI
    return f"{size:.1f} GiB"
