"""Messages about experiments."""

from __future__ import annotations

import msgspec

from marigram.server.protocols.mlflow.messages.runs import KeyValue


class CreateExperiment(msgspec.Struct, frozen=True, kw_only=True):
    """Make an experiment."""

    name: str
    artifact_location: str | None = None
    tags: tuple[KeyValue, ...] = ()


class CreatedExperiment(msgspec.Struct, frozen=True, kw_only=True):
    """The new experiment's id."""

    experiment_id: str


class GetExperiment(msgspec.Struct, frozen=True, kw_only=True):
    """Which experiment: by its id."""

    experiment_id: str


class GetExperimentByName(msgspec.Struct, frozen=True, kw_only=True):
    """Which experiment: by its name."""

    experiment_name: str


class UpdateExperiment(msgspec.Struct, frozen=True, kw_only=True):
    """Give an experiment another name."""

    experiment_id: str
    new_name: str | None = None


class SetExperimentTag(msgspec.Struct, frozen=True, kw_only=True):
    """Set a tag of an experiment."""

    experiment_id: str
    key: str
    value: str = ""


class DeleteExperimentTag(msgspec.Struct, frozen=True, kw_only=True):
    """Take a tag off an experiment."""

    experiment_id: str
    key: str


class SearchExperiments(msgspec.Struct, frozen=True, kw_only=True):
    """Which experiments, in which order."""

    max_results: int | None = None
    page_token: str | None = None
    filter: str | None = None
    order_by: tuple[str, ...] = ()
    view_type: str | int | None = None


class Experiment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An experiment. Times are milliseconds since 1970-01-01 UTC."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str
    last_update_time: int
    creation_time: int
    tags: tuple[KeyValue, ...] = ()


class OneExperiment(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of one experiment."""

    experiment: Experiment


class ExperimentPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of experiments; no token: the last one."""

    experiments: tuple[Experiment, ...] = ()
    next_page_token: str | None = None


class SearchDatasets(msgspec.Struct, frozen=True, kw_only=True):
    """Of which experiments the data sets are wanted."""

    experiment_ids: tuple[str, ...] = ()


class DatasetSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A data set that runs of an experiment used."""

    experiment_id: str
    name: str
    digest: str
    context: str | None = None


class DatasetPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data sets."""

    dataset_summaries: list[DatasetSummary] = []
