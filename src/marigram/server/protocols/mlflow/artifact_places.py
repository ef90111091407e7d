"""Where in the store an artifact is, whichever of MLflow's addresses names it. Pure.

Below the root of the artifact store, whatever an experiment calls its part of it, the artifacts of a run are at
`…/<run id>/artifacts/`, those of a logged model at `…/models/<model id>/artifacts/`. Nothing else is kept there.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import unquote, urlsplit

import msgspec

from marigram.model import InvalidPathError, Path, RunFolder, parse_path
from marigram.server.protocols.mlflow.errors import MlflowError, invalid

ARTIFACTS = Path("artifacts")
"""Where a run has its artifacts."""

STORE_SCHEME = "mlflow-artifacts"
RUNS_SCHEME = "runs"

_OF_RUN = re.compile(r"(?:.*/)?([0-9a-f]{32})/artifacts(?:/(.*))?", re.DOTALL)
_OF_MODEL = re.compile(r"(?:.*/)?models/(m-[0-9a-f]{32})/artifacts(?:/(.*))?", re.DOTALL)
_MOST_DECODINGS = 10


class StoredAt(msgspec.Struct, frozen=True, kw_only=True):
    """An address in the artifact store: of a run or of a logged model, and the path below its artifacts."""

    run_id: str | None = None
    model_id: str | None = None
    path: str = ""


def stored_at(address: str) -> StoredAt | None:
    """Return what an address below the root of the artifact store names; None if no artifact can be there.

    Raises:
        MlflowError: it leads out of the store.
    """
    address = checked_path(address)
    of_model = _OF_MODEL.fullmatch(address)
    if of_model is not None:
        return StoredAt(model_id=of_model[1], path=of_model[2] or "")
    of_run = _OF_RUN.fullmatch(address)
    return None if of_run is None else StoredAt(run_id=of_run[1], path=of_run[2] or "")


def stored_at_uri(uri: str) -> StoredAt | None:
    """Return what a `mlflow-artifacts:` or `runs:` URI names on this server; None if it is another kind of URI.

    Raises:
        MlflowError: it leads out of the store.
    """
    parts = urlsplit(uri)
    if parts.scheme == STORE_SCHEME:
        return stored_at(parts.path.strip("/"))
    if parts.scheme == RUNS_SCHEME:
        run_id, _, path = parts.path.strip("/").partition("/")
        return StoredAt(run_id=run_id, path=checked_path(path))
    return None


def below(folder: RunFolder, path: str) -> RunFolder:
    """Return what is at a path below a folder, the folder itself if the path is empty.

    Raises:
        MlflowError: it can't be a path.
    """
    try:
        whole = parse_path(f"{folder.path}/{path}" if path.strip("/") else folder.path)
    except InvalidPathError as error:
        raise _bad_path() from error
    return RunFolder(run_id=folder.run_id, path=whole)


def checked_path(path: str) -> str:
    """Return a relative path as it is meant, without a slash at its end.

    Raises:
        MlflowError: it is absolute, or leads upwards.
    """
    decoded = path
    for _ in range(_MOST_DECODINGS):
        before, decoded = decoded, unquote(decoded)
        if before == decoded:
            break
    else:
        raise _bad_path()
    if (
        "#" in decoded
        or ".." in re.split(r"[/\\]", decoded)
        or PurePosixPath(decoded).is_absolute()
        or PureWindowsPath(decoded).is_absolute()
        or decoded.lower().startswith("file:")
    ):
        raise _bad_path()
    return path.rstrip("/")


def _bad_path() -> MlflowError:
    return invalid("Invalid path")
