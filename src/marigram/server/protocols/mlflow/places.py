"""Where what MLflow names lives in a run, and how it is named again. Pure; each function is the other's reverse.

What a native client logged elsewhere is shown under its own path, so an MLflow client sees every run whole.
"""

from __future__ import annotations

from marigram.model import Path

METRICS = "metrics"
PARAMS = "params"
TAGS = "tags"
INPUTS = "inputs"
OUTPUTS = "outputs"
OWN = "mlflow"
"""What is said of an experiment, in its project's own run."""

NAME = Path("sys/name")
DESCRIPTION = Path("sys/description")
OWNER = Path("sys/owner")
CLIENT_NAME = "mlflow"
"""Says of a run that a client without heartbeat, console and ears for a stop request writes to it."""

RUN_NAME_TAG = "mlflow.runName"
_OWN_TAGS = {RUN_NAME_TAG: NAME, "mlflow.note.content": DESCRIPTION}
_TAG_OF = {path: tag for tag, path in _OWN_TAGS.items()}

_SYSTEM = "system/"
_MONITORING = "monitoring/"
_HIDDEN = ("sys/", _MONITORING, "source_code/", f"{INPUTS}/", f"{OUTPUTS}/", f"{TAGS}/", f"{OWN}/", "models/")


def metric_path(key: str) -> Path:
    """Return where the points of a metric go; MLflow's system metrics are what hardware monitoring writes."""
    if key.startswith(_SYSTEM):
        return Path(_MONITORING + key.removeprefix(_SYSTEM))
    return Path(f"{METRICS}/{key}")


def metric_key(path: str) -> str:
    """Return the metric whose points are at a path."""
    if path.startswith(f"{METRICS}/"):
        return path.removeprefix(f"{METRICS}/")
    if path.startswith(_MONITORING):
        return _SYSTEM + path.removeprefix(_MONITORING)
    return path


def param_path(key: str) -> Path:
    """Return where a parameter goes."""
    return Path(f"{PARAMS}/{key}")


def param_key(path: str) -> str | None:
    """Return the parameter that a value at a path is; None if it is none."""
    if path.startswith(f"{PARAMS}/"):
        return path.removeprefix(f"{PARAMS}/")
    return None if path.startswith(_HIDDEN) else path


def tag_path(key: str) -> Path:
    """Return where a tag goes: a run's name and notes are its own."""
    return _OWN_TAGS.get(key) or Path(f"{TAGS}/{key}")


def tag_key(path: str) -> str | None:
    """Return the tag that a value at a path is; None if it is none."""
    if path.startswith(f"{TAGS}/"):
        return path.removeprefix(f"{TAGS}/")
    return _TAG_OF.get(Path(path))


def native_path(key: str) -> Path | None:
    """Return where a native client has what MLflow's clients see under this key; None if it can't be elsewhere."""
    return None if key.startswith((*_HIDDEN, f"{METRICS}/", f"{PARAMS}/", _SYSTEM)) else Path(key)
