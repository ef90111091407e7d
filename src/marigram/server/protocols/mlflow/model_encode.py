"""From models, as the query door answers them, to MLflow's messages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from marigram.model import LoggedModel, LoggedModelStatus, ModelStage, ModelVersion, RegisteredModel
from marigram.server.protocols.mlflow.decode import experiment_id
from marigram.server.protocols.mlflow.encode import number_of
from marigram.server.protocols.mlflow.messages.logged_models import (
    LoggedModelData,
    LoggedModelInfo,
    LoggedModelMessage,
    ModelMetric,
)
from marigram.server.protocols.mlflow.messages.registry import AliasMessage, ModelMessage, VersionMessage
from marigram.server.protocols.mlflow.messages.runs import KeyValue

STAGES = {
    ModelStage.NONE: "None",
    ModelStage.STAGING: "Staging",
    ModelStage.PRODUCTION: "Production",
    ModelStage.ARCHIVED: "Archived",
}
"""What MLflow calls each stage."""

STATUSES = {
    LoggedModelStatus.UNSPECIFIED: "LOGGED_MODEL_STATUS_UNSPECIFIED",
    LoggedModelStatus.PENDING: "LOGGED_MODEL_PENDING",
    LoggedModelStatus.READY: "LOGGED_MODEL_READY",
    LoggedModelStatus.FAILED: "LOGGED_MODEL_UPLOAD_FAILED",
}
"""What MLflow calls how far a logged model is, in order of its numbers."""

_READY = "READY"
"""Of a registered version: its files are where they are, so it can be used at once."""


def logged_model_message(model: LoggedModel, *, location: str) -> LoggedModelMessage:
    """Return a logged model; `location` is where its experiment keeps artifacts."""
    info = LoggedModelInfo(
        model_id=model.id,
        experiment_id=experiment_id(model.project),
        name=model.name,
        creation_timestamp_ms=model.created_at,
        last_updated_timestamp_ms=model.updated_at,
        artifact_uri=_logged_model_uri(model, location=location),
        status=STATUSES[model.status],
        model_type=model.model_type,
        source_run_id=model.source_run_id or "",
        tags=_pairs(model.tags),
    )
    metrics = [
        ModelMetric(
            key=each.key,
            value=number_of(each.value),
            timestamp=each.time,
            step=each.step,
            model_id=model.id,
            run_id=each.run_id,
            dataset_name=each.dataset_name,
            dataset_digest=each.dataset_digest,
        )
        for each in model.metrics
    ]
    return LoggedModelMessage(info=info, data=LoggedModelData(params=_pairs(model.params), metrics=tuple(metrics)))


def _logged_model_uri(model: LoggedModel, *, location: str) -> str:
    """Return where the artifacts of a logged model are."""
    return f"{location}/models/{model.id}/artifacts"


def version_message(version: ModelVersion, model: RegisteredModel | None) -> VersionMessage:
    """Return a version with the aliases that its model has for it."""
    aliases = [] if model is None else [alias for alias, number in model.aliases.items() if number == version.number]
    return VersionMessage(
        name=version.model,
        version=str(version.number),
        creation_timestamp=version.created_at,
        last_updated_timestamp=version.updated_at,
        current_stage=STAGES[version.stage],
        source=version.source,
        status=_READY,
        description=version.description,
        run_id=version.run_id or "",
        run_link=version.run_link,
        model_id=version.logged_model_id or "",
        tags=_pairs(version.tags),
        aliases=tuple(sorted(aliases)),
    )


def model_message(model: RegisteredModel, versions: Sequence[ModelVersion]) -> ModelMessage:
    """Return a registered model with the latest of its versions, which are given the newest first."""
    aliases = [AliasMessage(alias=alias, version=str(number)) for alias, number in sorted(model.aliases.items())]
    return ModelMessage(
        name=model.name,
        creation_timestamp=model.created_at,
        last_updated_timestamp=model.updated_at,
        description=model.description,
        latest_versions=tuple(version_message(version, model) for version in latest_of(versions)),
        tags=_pairs(model.tags),
        aliases=tuple(aliases),
    )


def latest_of(versions: Iterable[ModelVersion]) -> list[ModelVersion]:
    """Return the newest version of each stage; they are given the newest first."""
    latest: dict[ModelStage, ModelVersion] = {}
    for version in versions:
        latest.setdefault(version.stage, version)
    return list(latest.values())


def _pairs(held: Mapping[str, str]) -> tuple[KeyValue, ...]:
    return tuple(KeyValue(key=key, value=value) for key, value in sorted(held.items()))
