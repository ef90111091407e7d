"""Virtual environments of other trackers, each of its own, below the user's cache folder; made when first wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs

QUIET = {
    "OPENBLAS_NUM_THREADS": "1",  # a product on all cores would wait for whatever else runs on any of them
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "NEPTUNE_API_TOKEN": "ANONYMOUS",
    "WANDB_SILENT": "true",
    "WANDB_ERROR_REPORTING": "false",
}
"""What keeps trackers from calling home and from talking while they are measured."""


def quiet_environment() -> dict[str, str]:
    """Return the environment that trackers are measured in; bytecode is kept, as installers do."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **QUIET}


def python_of(name: str, packages: Sequence[str]) -> Path:
    """Return a Python that has the tracker; its environment is made from PyPI if it is not there."""
    folder = platformdirs.user_cache_path("marigram", appauthor=False) / "peers" / name
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        print(f"installing {name}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        without_torch = folder / "constraints.txt"
        without_torch.write_text("torch==0.0.0\n")  # a version that does not exist: none may come along
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--constraint", str(without_torch), *packages], check=True)
        ready.touch()
    return python


def version_of(python: Path, name: str) -> str:
    """Return the version of the package that is installed there."""
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True).stdout.strip()
