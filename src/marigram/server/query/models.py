"""`Models`: what is known of models: the registry's, and those that runs have logged. Any thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from marigram.model import (
    MODELS,
    MODELS_OF_RUN,
    LoggedMetric,
    LoggedModel,
    LoggedModelStatus,
    ModelVersion,
    Path,
    ProjectName,
    RegisteredModel,
    Run,
    RunFolder,
    logged_model_path,
    namespace_of,
    project_run_id,
)
from marigram.server.query.answers import NotThere
from marigram.server.store.meta.port import Attribute, MetaStore

MODEL_FILE = "MLmodel"
"""The file in a model's folder that says what is in it."""

_METRIC_PARTS = 4
"""Key, run, step and time, as the path of a metric says them; the key may hold slashes itself."""


_MOST_OF_RUN = 200


class MetricText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept at the path of a logged model's metric, as JSON."""

    value: float | str
    dataset_name: str | None = None
    dataset_digest: str | None = None


class Models:
    """Answers what is asked about models."""

    def __init__(self, *, meta: MetaStore) -> None:
        self._meta = meta

    def registered_models(self) -> list[RegisteredModel]:
        """Return all registered models, in order of name."""
        return self._meta.registry.models()

    def registered_model(self, name: str) -> RegisteredModel:
        """Return the registered model of this name.

        Raises:
            NotThere: there is none.
        """
        found = self._meta.registry.model(name)
        if found is None:
            message = f"There is no registered model {name!r}. Look at the list of models for the names there are."
            raise NotThere(message)
        return found

    def versions(self, name: str | None = None) -> list[ModelVersion]:
        """Return all versions, or those of one model, in order of the model's name, the newest of each first."""
        return self._meta.registry.versions(name)

    def version(self, name: str, number: int) -> ModelVersion:
        """Return a version of a registered model.

        Raises:
            NotThere: there is none.
        """
        found = self._meta.registry.version(name, number)
        if found is None:
            message = f"There is no version {number} of the registered model {name!r}. Look at the model's versions."
            raise NotThere(message)
        return found

    def versions_from(self, run_id: str) -> list[ModelVersion]:
        """Return the versions that a run has made, or whose files it holds."""
        return self._meta.registry.versions_from(run_id)

    def folder_is_there(self, folder: RunFolder) -> bool:
        """Return whether the run has files at or below the path."""
        return bool(self._meta.attributes(folder.run_id, prefix=folder.path, limit=1))

    def logged_model(self, model_id: str, *, also_deleted: bool = False) -> LoggedModel:
        """Return a logged model; one that was deleted is found only if that is asked for and its files are kept.

        Raises:
            NotThere: there is none of this id.
        """
        own = {project_run_id(row.name): row.name for row in self._meta.projects()}
        name = logged_model_path(model_id, "name")
        for run_id, _ in self._meta.cells(list(own), [name]):
            said = self._said(run_id, logged_model_path(model_id))
            found = _models_of(own[run_id], said, also_deleted=also_deleted)
            if found:
                return found[0]
        message = f"There is no logged model {model_id!r}. Look at the run that made it."
        raise NotThere(message)

    def logged_models(self, projects: Sequence[ProjectName]) -> list[LoggedModel]:
        """Return the logged models of these projects, the newest first."""
        found = [
            model for project in projects for model in _models_of(project, self._said(project_run_id(project), MODELS))
        ]
        return sorted(found, key=lambda model: -model.created_at)

    def logged_by(self, run: Run) -> list[LoggedModel]:
        """Return the models that a run says it has made, the newest first; at most so many as a page can show."""
        named = self._meta.attributes(run.id, prefix=MODELS_OF_RUN, limit=_MOST_OF_RUN)
        paths = [logged_model_path(each.path.removeprefix(f"{MODELS_OF_RUN}/")) for each in named]
        found = _models_of(run.project, self._said(project_run_id(run.project), *paths)) if paths else []
        return sorted(found, key=lambda model: -model.created_at)

    def folders_of(self, run: Run) -> list[RunFolder]:
        """Return the folders among a run's own files that hold a model, as clients before MLflow 3 log it."""
        found = self._meta.attributes(run.id, search=MODEL_FILE)
        return [
            RunFolder(run_id=run.id, path=Path(namespace_of(each.path)))
            for each in found
            if each.file is not None and each.path.endswith(f"/{MODEL_FILE}")
        ]

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """Return the runs with these ids, those that exist, with the status that they say themselves."""
        return self._meta.runs(run_ids)

    def _said(self, run_id: str, *paths: str) -> Sequence[Attribute]:
        return self._meta.attributes_of([run_id], below=paths).get(run_id, ())


def _models_of(
    project: ProjectName, attributes: Iterable[Attribute], *, also_deleted: bool = False
) -> list[LoggedModel]:
    """Return the logged models that are said in these attributes."""
    said: dict[str, dict[str, object]] = {}
    for each in attributes:
        model_id, _, rest = each.path.removeprefix(f"{MODELS}/").partition("/")
        if each.value is not None:
            said.setdefault(model_id, {})[rest] = each.value
    return [
        _model_of(project, model_id, facts)
        for model_id, facts in said.items()
        if "name" in facts and (also_deleted or "deleted_at" not in facts)
    ]


def _model_of(project: ProjectName, model_id: str, facts: Mapping[str, object]) -> LoggedModel:
    created_at = _whole(facts.get("created_at"))
    metrics = [_metric_of(path, str(value)) for path, value in facts.items() if path.startswith("metrics/")]
    status = str(facts.get("status", ""))
    source_run_id = str(facts.get("source_run_id", ""))
    return LoggedModel(
        id=model_id,
        project=project,
        name=str(facts["name"]),
        model_type=str(facts.get("model_type", "")),
        status=LoggedModelStatus(status) if status in set(LoggedModelStatus) else LoggedModelStatus.UNSPECIFIED,
        source_run_id=source_run_id or None,
        created_at=created_at,
        updated_at=_whole(facts.get("updated_at")) or created_at,
        params=_below("params/", facts),
        tags=_below("tags/", facts),
        metrics=tuple(
            sorted((each for each in metrics if each is not None), key=lambda each: (each.key, each.step, each.time))
        ),
    )


def _below(top: str, facts: Mapping[str, object]) -> dict[str, str]:
    return {path.removeprefix(top): str(value) for path, value in facts.items() if path.startswith(top)}


def _metric_of(path: str, text: str) -> LoggedMetric | None:
    parts = path.removeprefix("metrics/").rsplit("/", _METRIC_PARTS - 1)
    try:
        key, run_id, step, time = parts
        kept = msgspec.json.decode(text, type=MetricText)
        return LoggedMetric(
            key=key,
            value=float(kept.value),
            time=int(time),
            step=int(step),
            run_id=run_id,
            dataset_name=kept.dataset_name,
            dataset_digest=kept.dataset_digest,
        )
    except (ValueError, msgspec.DecodeError):
        return None


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
