"""Starts the unmodified client in its own environment and returns what its scenarios say."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SAID = Path(__file__).parent / "said"
TALKS_WITHIN_S = 1200.0
QUIET = {
    "DO_NOT_TRACK": "1",
    # A library on all cores would wait for whatever else runs on any of them.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # An error of the server shall fail a test at once, where a user's training would wait for minutes.
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True)
class Told:
    """What one scenario said.

    Attributes:
        facts: what it returned; None if the client is too old for it, or if it failed.
        error: the traceback, None if it passed.
    """

    scenario: str
    facts: dict[str, Any] | None
    error: str | None
    seconds: float


@dataclass(frozen=True)
class Client:
    """An unmodified client in its environment."""

    name: str
    python: Path
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, script: str, *arguments: str, **environment: str) -> str:
        """Run a script of this folder and return its last line.

        Raises:
            AssertionError: it failed; the message ends with what it printed.
        """
        working = self.folder / f"{self.name}-{len(list(self.folder.iterdir()))}-{threading.get_ident()}"
        working.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARIGRAM_", "MLFLOW_"))}
        done = subprocess.run(
            [str(self.python), str(SAID / script), *arguments],
            env={**kept, **QUIET, **self.environment, **environment},
            cwd=working,
            capture_output=True,
            text=True,
            check=False,
            timeout=TALKS_WITHIN_S,
        )
        assert done.returncode == 0, (
            f"{script} ended with {done.returncode}.\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
        )
        lines = done.stdout.strip().splitlines()
        return lines[-1] if lines else ""

    def talk(self, url: str, *, label: str, scenarios: Sequence[str] = (), **environment: str) -> dict[str, Told]:
        """Run scenarios against a server, all if none is named, and return what each said."""
        results = self.folder / f"{label}.jsonl"
        place = [str(results), str(self.folder / label), label]
        self.run("main.py", *place, *scenarios, MLFLOW_TRACKING_URI=url, **environment)
        lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        return {line["scenario"]: Told(**line) for line in lines}
