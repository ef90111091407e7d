"""`marigram demo`: a server, a real training that logs to it, and a check that what was logged can be read back."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import webbrowser
from pathlib import Path as FilePath
from typing import Any

import platformdirs
import typer

from marigram.client.settings import Settings

PROJECT = "demo/digits"
READ_BACK_DEADLINE_S = 60.0
SYNCER_DEADLINE_S = 15.0

_PAGE = 10_000


def run_demo(*, port: int, data: FilePath | None, once: bool, rounds: int, browser: bool) -> None:
    """Run the demo. With `once` it ends after training, with 0 only if all that was logged could be read back."""
    try:
        from marigram.cli.demo_training import train
    except ImportError as error:
        typer.echo(f"marigram: the demo trains with {error.name}. Install it: pip install 'marigram[demo]'", err=True)
        raise typer.Exit(1) from None
    import marigram

    folder = data or FilePath(platformdirs.user_data_dir("marigram", appauthor=False)) / "demo"
    command = [sys.executable, "-m", "marigram", "up", "--port", str(port), "--data", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    try:
        url = _wait_for(server)
        typer.echo(f"Marigram serves {url}")
        logged: dict[str, dict[float, float]] = {}

        def record(path: str, step: float, value: float) -> None:
            logged.setdefault(path, {})[step] = value

        with marigram.init_run(project=PROJECT, name="digits with LightGBM", tags=["demo", "lightgbm"], url=url) as run:
            page = run.get_url()
            typer.echo(f"\n  Watch the run:  {page}\n")
            if browser and not once and _has_display():
                webbrowser.open(page)
            train(run, rounds=rounds, record=record)
            run.wait()
            run_id = run.id
        missing = _missing(url, run_id, logged)
        _wait_for_syncer(run_id)
        points = sum(len(series) for series in logged.values())
        if missing:
            typer.echo(f"marigram: not all could be read back: {'; '.join(missing)}", err=True)
            raise typer.Exit(1)
        typer.echo(f"Read back: {points} points of {len(logged)} series, equal to what was logged.")
        typer.echo(f"The run's page: {page}")
        if not once:
            typer.echo("The server goes on. Stop it with Ctrl-C.")
            server.wait()
    except KeyboardInterrupt:
        typer.echo("")
    finally:
        _stop(server)


def _wait_for(server: subprocess.Popen[str]) -> str:
    """Return the server's URL once it answers. It prints the URL then."""
    assert server.stdout is not None  # noqa: S101 - it was started with a pipe
    for line in server.stdout:
        if " serves " in line:
            return line.rpartition(" ")[2].strip()
    typer.echo("marigram: the server did not start; what it said stands above.", err=True)
    raise typer.Exit(1)


def _wait_for_syncer(run_id: str) -> None:
    """Wait until the syncer has sent its own last samples too: its queue is gone then. It needs the server for that."""
    queue = Settings.from_environment(os.environ).home / "queue" / run_id
    deadline = time.monotonic() + SYNCER_DEADLINE_S
    while queue.exists() and time.monotonic() < deadline:
        time.sleep(0.1)


def _stop(server: subprocess.Popen[str]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()


def _missing(url: str, run_id: str, logged: dict[str, dict[float, float]]) -> list[str]:
    """Return what can't be read back, one sentence each, through the read API as any script would."""
    deadline = time.monotonic() + READ_BACK_DEADLINE_S
    while True:
        faults = _faults(url, run_id, logged)
        if not faults or time.monotonic() > deadline:
            return faults
        time.sleep(0.2)


def _faults(url: str, run_id: str, logged: dict[str, dict[float, float]]) -> list[str]:
    faults: list[str] = []
    for path, expected in logged.items():
        found = _read_series(url, run_id, path)
        if found != expected:
            faults.append(f"{path} has {len(found)} points that are not the {len(expected)} logged")
    status = _get(url, f"/api/v1/runs/{run_id}")
    if status is None or status["status"] != "finished":
        faults.append("the run is not finished")
    faults.extend(
        f"{path} is missing"
        for path in ("parameters/learning_rate", "result/accuracy", "model", "test/mistakes")
        if _get(url, f"/api/v1/runs/{run_id}/attribute", path=path) is None
    )
    return faults


def _read_series(url: str, run_id: str, path: str) -> dict[float, float]:
    found: dict[float, float] = {}
    cursor: str | None = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = _get(url, f"/api/v1/runs/{run_id}/points", path=path, limit=str(_PAGE), **more)
        if page is None:
            return found
        for point in page["points"]:
            value = point["value"]
            found[point["step"]] = value if isinstance(value, (int, float)) else math.nan
        cursor = page["cursor"]
        if cursor is None:
            return found


def _get(url: str, place: str, **question: str) -> Any:  # noqa: ANN401 - whatever JSON says
    query = f"?{urllib.parse.urlencode(question)}" if question else ""
    headers = {"authorization": f"Bearer {os.environ['MARIGRAM_TOKEN']}"} if "MARIGRAM_TOKEN" in os.environ else {}
    request = urllib.request.Request(f"{url}{place}{query}", headers=headers)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            return json.load(answer)
    except urllib.error.HTTPError:
        return None


def _has_display() -> bool:
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
