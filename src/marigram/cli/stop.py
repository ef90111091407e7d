"""`marigram stop`."""

from __future__ import annotations

import os
import re
import socket

import msgspec
import typer

from marigram.client.errors import MarigramError, SettingError
from marigram.client.provenance import owner
from marigram.client.reader import Reader
from marigram.client.settings import Settings, parse_url
from marigram.client.transport import Transport
from marigram.model import StopHow, parse_project_name
from marigram.model.project import InvalidProjectNameError

_RUN_ID = re.compile("[0-9a-f]{32}")
_SAID = {
    StopHow.GRACEFUL: "asked to stop when it likes; --abort interrupts it",
    StopHow.ABORT: "is being interrupted",
    StopHow.KILL: "is being killed",
}


def stop_run(run: str, *, how: StopHow, grace_s: float, project: str | None, url: str | None, as_json: bool) -> None:
    """Ask the server that a run be stopped; exits with 1 if it cannot be, with 2 if the question makes no sense."""
    try:
        settings = Settings.from_environment(os.environ)
        transport = Transport(
            url=settings.url if url is None else parse_url(url), token=settings.token, proxy=settings.proxy
        )
        run_id = run_id_of(run, project or settings.project, transport)
    except (SettingError, InvalidProjectNameError) as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(2) from None
    except MarigramError as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(1) from None
    try:
        request = transport.request_stop(run_id, how=how, grace_s=grace_s, requested_by=_me())
    except MarigramError as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(msgspec.json.encode(request).decode() if as_json else f"{run}: {_SAID[how]}")


def run_id_of(run: str, project: str | None, transport: Transport) -> str:
    """Return the id of a run that is named by id, or by key and project.

    Raises:
        SettingError: a key was given, and no project.
        MarigramError: there is no such run, or no answer.
    """
    if _RUN_ID.fullmatch(run):
        return run
    if project is None:
        message = f"{run!r} is a key, and keys belong to projects. Add --project workspace/name, or pass the run's id."
        raise SettingError(message)
    return Reader(transport).find_run(parse_project_name(project), run).id


def _me() -> str:
    """Return who asks, as it will be shown: user and machine."""
    # A container may know no name for its user.
    return f"{owner() or 'somebody'}@{socket.gethostname()}"
