"""The read API's paths for models: the registry, and what runs have logged."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from litestar import Router, get

from marigram.model import LoggedModel, ModelVersion, RegisteredModel, RunFolder
from marigram.server.api.encode import json_float
from marigram.server.api.messages import JsonFloat
from marigram.server.query import NotThere, Query


class RunName(msgspec.Struct, frozen=True, kw_only=True):
    """What a link to a run needs."""

    id: str
    key: str
    project: str
    name: str


class RegisteredModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A registered model in the list of models; `latest` is its newest version."""

    model: RegisteredModel
    version_count: int
    latest: ModelVersion | None
    latest_run: RunName | None


class RegisteredModelList(msgspec.Struct, frozen=True, kw_only=True):
    """All registered models, in order of name."""

    models: list[RegisteredModelInfo]


class ModelVersionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A version and the run that made it, if that is still there."""

    version: ModelVersion
    run: RunName | None


class RegisteredModelPage(msgspec.Struct, frozen=True, kw_only=True):
    """A registered model with its versions, the newest first."""

    model: RegisteredModel
    versions: list[ModelVersionInfo]


class LoggedMetricInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of a logged model; times are milliseconds since 1970-01-01 UTC."""

    key: str
    value: JsonFloat
    time: int
    step: int
    dataset_name: str | None


class LoggedModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A model that a run has left behind, where its files are, and as what it is registered.

    Attributes:
        id: of a logged model; None of a folder with a model among the run's files.
        name: how its users call it; the folder's name if they gave none.
        status: how far it is.
        files: where its files are.
        run: what made it.
        versions: as what it is registered.
    """

    id: str | None
    name: str
    model_type: str
    status: str
    created_at: int | None
    params: dict[str, str]
    tags: dict[str, str]
    metrics: list[LoggedMetricInfo]
    files: RunFolder
    run: RunName | None
    versions: list[ModelVersion]


class LoggedModelList(msgspec.Struct, frozen=True, kw_only=True):
    """The models that a run has left behind."""

    models: list[LoggedModelInfo]


def model_routes(query: Query) -> Router:
    """Return the routes that answer about models with `query`."""

    @get("/models", sync_to_thread=True, summary="List registered models")
    def registered_models() -> RegisteredModelList:
        versions = query.models.versions()
        by_model: dict[str, list[ModelVersion]] = {}
        for version in versions:
            by_model.setdefault(version.model, []).append(version)
        latest = {name: each[0] for name, each in by_model.items()}
        runs = _runs(query, latest.values())
        return RegisteredModelList(
            models=[
                RegisteredModelInfo(
                    model=model,
                    version_count=len(by_model.get(model.name, ())),
                    latest=latest.get(model.name),
                    latest_run=_run_of(latest.get(model.name), runs),
                )
                for model in query.models.registered_models()
            ]
        )

    @get("/models/{name:str}", sync_to_thread=True, summary="Show a registered model and its versions")
    def registered_model(name: str) -> RegisteredModelPage:
        model = query.models.registered_model(name)
        versions = query.models.versions(name)
        runs = _runs(query, versions)
        return RegisteredModelPage(
            model=model,
            versions=[ModelVersionInfo(version=version, run=_run_of(version, runs)) for version in versions],
        )

    @get("/logged-models/{model_id:str}", sync_to_thread=True, summary="Show a logged model")
    def logged_model(model_id: str) -> LoggedModelInfo:
        return _logged(query, query.models.logged_model(model_id))

    @get("/runs/{run_id:str}/models", sync_to_thread=True, summary="List the models that a run has left behind")
    def models_of_run(run_id: str) -> LoggedModelList:
        run = query.run(run_id)
        versions = query.models.versions_from(run_id)
        name = RunName(id=run.id, key=run.key, project=run.project, name=run.name)
        logged = [_logged(query, model) for model in query.models.logged_by(run)]
        folders = [
            LoggedModelInfo(
                id=None,
                name=folder.path.rpartition("/")[2],
                model_type="",
                status="ready",
                created_at=None,
                params={},
                tags={},
                metrics=[],
                files=folder,
                run=name,
                versions=[version for version in versions if version.files == folder],
            )
            for folder in query.models.folders_of(run)
        ]
        return LoggedModelList(models=[*logged, *folders])

    handlers = [registered_models, registered_model, logged_model, models_of_run]
    return Router("", route_handlers=handlers, tags=["read"])


def _logged(query: Query, model: LoggedModel) -> LoggedModelInfo:
    versions = [each for each in query.models.versions_from(model.files.run_id) if each.logged_model_id == model.id]
    try:
        made_by = None if model.source_run_id is None else query.run(model.source_run_id)
    except NotThere:
        made_by = None
    return LoggedModelInfo(
        id=model.id,
        name=model.name,
        model_type=model.model_type,
        status=model.status.value,
        created_at=model.created_at,
        params=dict(model.params),
        tags=dict(model.tags),
        metrics=[
            LoggedMetricInfo(
                key=each.key,
                value=json_float(each.value),
                time=each.time,
                step=each.step,
                dataset_name=each.dataset_name,
            )
            for each in model.metrics
        ],
        files=model.files,
        run=None
        if made_by is None
        else RunName(id=made_by.id, key=made_by.key, project=made_by.project, name=made_by.name),
        versions=versions,
    )


def _runs(query: Query, versions: Iterable[ModelVersion]) -> dict[str, RunName]:
    ids = {version.run_id for version in versions if version.run_id is not None}
    return {
        run.id: RunName(id=run.id, key=run.key, project=run.project, name=run.name)
        for run in query.models.runs(sorted(ids))
    }


def _run_of(version: ModelVersion | None, runs: dict[str, RunName]) -> RunName | None:
    return None if version is None or version.run_id is None else runs.get(version.run_id)
