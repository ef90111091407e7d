"""`ModelSources`: where a version of a registered model comes from, and where its files are.

Clients name the source of a version by a URI: of a run's artifacts, of a logged model, of another version, or of
another store. What can be found on this server is kept as run and path, so it is found after a model got another name.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from marigram.model import MODELS, ModelVersion, RunFolder
from marigram.server.protocols.mlflow.artifact_places import (
    ARTIFACTS,
    StoredAt,
    below,
    checked_path,
    stored_at_uri,
)
from marigram.server.protocols.mlflow.encode import run_info
from marigram.server.protocols.mlflow.errors import MlflowError, invalid, missing
from marigram.server.protocols.mlflow.experiments import Experiments
from marigram.server.protocols.mlflow.model_routes import ModelRoutes
from marigram.server.protocols.mlflow.run_writing import RunWriter
from marigram.server.query import NotThere, Query

_LOGGED = re.compile(r"m-[0-9a-f]{32}")
_LOCAL = frozenset({"", "file"})


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version comes from, as `ModelVersion` says it."""

    uri: str
    files: RunFolder | None = None
    run_id: str | None = None
    logged_model_id: str | None = None


class ModelSources:
    """Finds sources; blocks while it asks the store."""

    def __init__(
        self,
        *,
        query: Query,
        experiments: Experiments,
        writer: RunWriter,
        models: ModelRoutes,
    ) -> None:
        self._query = query
        self._experiments = experiments
        self._writer = writer
        self._models = models

    def resolve(self, uri: str, *, run_id: str | None, model_id: str | None) -> Source:
        """Return what a URI names; `run_id` and `model_id` are what the client says of it besides.

        Raises:
            MlflowError: it can't be a source, or what it names is not on this server.
        """
        parts = urlsplit(uri)
        if parts.scheme in _LOCAL:
            message = (
                f"Invalid model version source: '{uri[:500]}'. A path of the client's machine can't be read here: log "
                "the model to a run first, and register it from there."
            )
            raise invalid(message)
        checked_path(parts.path.strip("/"))
        if parts.scheme == MODELS:
            return self._of_model(uri, parts.path.strip("/"), run_id=run_id, model_id=model_id)
        at = stored_at_uri(uri)
        if at is not None:
            return self._of_store(uri, at, run_id=run_id, model_id=model_id)
        made_by = run_id or (self._models.model(model_id).source_run_id if model_id else None)
        return Source(uri=uri, run_id=made_by, logged_model_id=model_id or None)

    def number_of_alias(self, name: str, alias: str) -> int:
        """Return the number of the version that an alias stands for; `latest` stands for the newest.

        Raises:
            NotThere: there is no such registered model.
            MlflowError: it has no such alias.
        """
        model = self._query.models.registered_model(name)
        if alias.lower() == "latest":
            versions = self._query.models.versions(name)
            if not versions:
                message = f"Latest version not found for model {name}."
                raise missing(message)
            return versions[0].number
        if alias not in model.aliases:
            message = f"Registered model alias {alias} not found."
            raise invalid(message)
        return model.aliases[alias]

    def download_uri(self, version: ModelVersion) -> str:
        """Return from where a client gets a version's files."""
        folder = version.files
        if folder is None or urlsplit(version.source).scheme != MODELS:
            return version.source
        try:
            run = self._query.run(folder.run_id)
        except NotThere:
            return version.source
        experiment = self._experiments.experiment(run.project)
        top, _, rest = folder.path.partition("/")
        if top == MODELS:
            return f"{experiment.artifact_location}/{MODELS}/{rest}"
        root = run_info(run, user="", experiment=experiment).artifact_uri
        return f"{root}/{rest}" if rest else root

    def _of_model(self, uri: str, path: str, *, run_id: str | None, model_id: str | None) -> Source:
        first, slash, rest = path.partition("/")
        if _LOGGED.fullmatch(first):
            if model_id and model_id != first:
                raise _other(uri, "model_id")
            model = self._models.model(first)
            return Source(
                uri=uri,
                files=below(model.files, rest),
                run_id=run_id or model.source_run_id,
                logged_model_id=model.id,
            )
        name, at, alias = first.partition("@")
        try:
            if at:
                number = self.number_of_alias(name, alias)
            elif slash and rest.isascii() and rest.isdigit():
                number = int(rest)
            else:
                message = f"Invalid model version source: '{uri[:500]}'. Name a version: 'models:/name/1'."
                raise invalid(message)
            found = self._query.models.version(name, number)
        except NotThere as error:
            raise missing(str(error)) from error
        return Source(
            uri=f"models:/{found.model}/{found.number}",
            files=found.files,
            run_id=run_id or found.run_id,
            logged_model_id=model_id or found.logged_model_id,
        )

    def _of_store(self, uri: str, at: StoredAt, *, run_id: str | None, model_id: str | None) -> Source:
        if at.model_id is not None:
            if model_id and model_id != at.model_id:
                raise _other(uri, "model_id")
            model = self._models.model(at.model_id)
            made_by = run_id or model.source_run_id
            return Source(uri=uri, files=below(model.files, at.path), run_id=made_by, logged_model_id=model.id)
        if run_id and run_id != at.run_id:
            raise _other(uri, "run_id")
        run = self._writer.run(at.run_id or "")
        folder = below(RunFolder(run_id=run.id, path=ARTIFACTS), at.path)
        return Source(uri=uri, files=folder, run_id=run.id, logged_model_id=model_id or None)


def _other(uri: str, field: str) -> MlflowError:
    return invalid(
        f"Invalid model version source: '{uri[:500]}'. The {field} request parameter must identify the resource that "
        "contains the source."
    )
