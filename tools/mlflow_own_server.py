"""Runs the scenarios of tests/conformance/mlflow against MLflow's own server: what they expect is what that does.

`python tools/mlflow_own_server.py [SCENARIO...]`; prints how each went with each client. For a developer who adds or
changes a scenario, or moves to a newer client; `make test` does not run it, for it is slow.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
START_WITHIN_S = 120.0


@contextmanager
def mlflow_server(python: Path, folder: Path) -> Generator[str]:
    """Run MLflow's server over an empty SQLite database and give its address."""
    running = importlib.import_module("running_server")
    asking = importlib.import_module("asking")
    url = f"http://127.0.0.1:{running.free_port()}"
    place = ["--host", "127.0.0.1", "--port", url.rpartition(":")[2], "--workers", "1"]
    stores = ["--backend-store-uri", f"sqlite:///{folder}/meta.db", "--artifacts-destination", str(folder / "files")]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    command = [str(python), "-m", "mlflow", "server", *place, *stores]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **quiet}, stdout=log, stderr=log, start_new_session=True, cwd=folder
        )
    try:
        importlib.import_module("waiting").wait_until(
            lambda: _answers(asking.ask, url), "an answer of MLflow's server", within_s=START_WITHIN_S
        )
        yield url
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def main(scenarios: list[str]) -> int:
    """Run them and print how they went; the exit status is 1 if one failed."""
    sys.path.insert(0, str(ROOT / "tests"))  # as pytest does
    pythons = importlib.import_module("foreign_clients").pythons_of(["mlflow-3", "mlflow-2"])
    client_of = importlib.import_module("conformance.mlflow.talking").Client
    failed = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "server").mkdir()
        with mlflow_server(pythons["mlflow-3"], folder / "server") as url:
            for name, python in pythons.items():
                for told in client_of(name, python, folder).talk(url, label=name, scenarios=scenarios).values():
                    failed += told.error is not None
                    print(f"{name} {told.seconds:6.2f} s {'FAILED' if told.error else 'passed'} {told.scenario}")
                    print(told.error or "", end="")
    return 1 if failed else 0


def _answers(ask: Callable[[str, str], Any], url: str) -> bool:
    try:
        return bool(ask(url, "/health").status == HTTPStatus.OK)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
