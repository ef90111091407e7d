"""Messages about logged models, which clients from 3.0 on know."""

from __future__ import annotations

import msgspec

from marigram.server.protocols.mlflow.messages.runs import KeyValue


class CreateLoggedModel(msgspec.Struct, frozen=True, kw_only=True):
    """Make a logged model; its files follow."""

    experiment_id: str
    name: str | None = None
    model_type: str | None = None
    source_run_id: str | None = None
    params: tuple[KeyValue, ...] = ()
    tags: tuple[KeyValue, ...] = ()


class FinalizeLoggedModel(msgspec.Struct, frozen=True, kw_only=True):
    """Say how a logged model has come out."""

    status: str | int


class LogModelParams(msgspec.Struct, frozen=True, kw_only=True):
    """Set parameters of a logged model."""

    params: tuple[KeyValue, ...] = ()


class SetModelTags(msgspec.Struct, frozen=True, kw_only=True):
    """Set tags of a logged model."""

    tags: tuple[KeyValue, ...] = ()


class ListModelArtifacts(msgspec.Struct, frozen=True, kw_only=True):
    """Which folder of a logged model; no path: all that it has."""

    artifact_directory_path: str | None = None
    page_token: str | None = None


class DatasetScope(msgspec.Struct, frozen=True, kw_only=True):
    """Only what was measured on this data counts."""

    dataset_name: str = ""
    dataset_digest: str | None = None


class ModelOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What to sort by."""

    field_name: str
    ascending: bool = True
    dataset_name: str | None = None
    dataset_digest: str | None = None


class SearchLoggedModels(msgspec.Struct, frozen=True, kw_only=True):
    """Which logged models of which experiments, in which order."""

    experiment_ids: tuple[str, ...] = ()
    filter: str | None = None
    datasets: tuple[DatasetScope, ...] = ()
    max_results: int | None = None
    order_by: tuple[ModelOrder, ...] = ()
    page_token: str | None = None


class LoggedModelInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A logged model, but for what it holds. Times are milliseconds since 1970-01-01 UTC."""

    model_id: str
    experiment_id: str
    name: str
    creation_timestamp_ms: int
    last_updated_timestamp_ms: int
    artifact_uri: str
    status: str
    model_type: str = ""
    source_run_id: str = ""
    tags: tuple[KeyValue, ...] = ()


class ModelMetric(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was measured of a logged model; what is no number in JSON is a word."""

    key: str
    value: float | str
    timestamp: int
    step: int
    model_id: str
    run_id: str
    dataset_name: str | None = None
    dataset_digest: str | None = None


class LoggedModelData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a logged model holds."""

    params: tuple[KeyValue, ...] = ()
    metrics: tuple[ModelMetric, ...] = ()


class LoggedModelMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A logged model."""

    info: LoggedModelInfo
    data: LoggedModelData


class OneLoggedModel(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of one logged model."""

    model: LoggedModelMessage


class LoggedModelPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of logged models; no token: the last one."""

    models: tuple[LoggedModelMessage, ...] = ()
    next_page_token: str | None = None
