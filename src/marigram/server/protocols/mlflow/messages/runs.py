"""Messages about runs: what they are, and what they hold but for the histories of metrics."""

from __future__ import annotations

import msgspec


class KeyValue(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A parameter or a tag. Like points, there may be many, so the collector of garbage passes them by."""

    key: str
    value: str = ""


class Metric(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One point of a metric. The time is in milliseconds since 1970-01-01 UTC."""

    key: str
    value: float
    timestamp: int
    step: int = 0
    dataset_name: str | None = None
    dataset_digest: str | None = None
    model_id: str | None = None
    run_id: str | None = None


class CreateRun(msgspec.Struct, frozen=True, kw_only=True):
    """Begin a run."""

    experiment_id: str = "0"
    user_id: str | None = None
    run_name: str | None = None
    start_time: int | None = None
    tags: tuple[KeyValue, ...] = ()


class AboutRun(msgspec.Struct, frozen=True, kw_only=True):
    """Which run; `run_uuid` is what the oldest clients say."""

    run_id: str | None = None
    run_uuid: str | None = None


class UpdateRun(AboutRun, frozen=True, kw_only=True):
    """Change how a run stands, or its name."""

    status: str | int | None = None
    end_time: int | None = None
    run_name: str | None = None


class LogMetric(AboutRun, frozen=True, kw_only=True):
    """Log one point."""

    key: str
    value: float
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class LogParam(AboutRun, frozen=True, kw_only=True):
    """Set a parameter, once and for all."""

    key: str
    value: str = ""


class SetTag(AboutRun, frozen=True, kw_only=True):
    """Set a tag."""

    key: str
    value: str = ""


class DeleteTag(AboutRun, frozen=True, kw_only=True):
    """Take a tag off."""

    key: str


class LogBatch(AboutRun, frozen=True, kw_only=True):
    """Log points, parameters and tags in one go."""

    metrics: tuple[Metric, ...] = ()
    params: tuple[KeyValue, ...] = ()
    tags: tuple[KeyValue, ...] = ()


class SearchRuns(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs of which experiments, in which order."""

    experiment_ids: tuple[str, ...] = ()
    filter: str | None = None
    run_view_type: str | int | None = None
    max_results: int = 1000
    order_by: tuple[str, ...] = ()
    page_token: str | None = None


class RunInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run, but for what it holds. Times are milliseconds since 1970-01-01 UTC."""

    run_id: str
    run_uuid: str
    run_name: str
    experiment_id: str
    status: str
    start_time: int
    artifact_uri: str
    lifecycle_stage: str
    user_id: str = ""
    end_time: int | None = None


class MetricAnswer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A point as it is answered; what is no number in JSON is a word."""

    key: str
    value: float | str
    timestamp: int
    step: int


class RunData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a run holds; of each metric the newest point."""

    metrics: list[MetricAnswer] = []
    params: list[KeyValue] = []
    tags: list[KeyValue] = []


class Dataset(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A data set as its user describes it."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str = ""
    profile: str = ""


class DatasetInput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A data set that a run used, and for what."""

    dataset: Dataset
    tags: tuple[KeyValue, ...] = ()


class ModelInput(msgspec.Struct, frozen=True, kw_only=True):
    """A logged model that a run used."""

    model_id: str


class ModelOutput(msgspec.Struct, frozen=True, kw_only=True):
    """A logged model that a run made."""

    model_id: str
    step: int = 0


class RunInputs(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a run used."""

    dataset_inputs: list[DatasetInput] = []
    model_inputs: list[ModelInput] = []


class RunOutputs(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a run made."""

    model_outputs: list[ModelOutput] = []


class LogInputs(AboutRun, frozen=True, kw_only=True):
    """Say what a run used."""

    datasets: tuple[DatasetInput, ...] = ()
    models: tuple[ModelInput, ...] = ()


class LogOutputs(AboutRun, frozen=True, kw_only=True):
    """Say what a run made."""

    models: tuple[ModelOutput, ...] = ()


class LogModel(AboutRun, frozen=True, kw_only=True):
    """Say what a run of a 2.x client made: a model as JSON."""

    model_json: str


class RunMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run."""

    info: RunInfo
    data: RunData
    inputs: RunInputs = RunInputs()
    outputs: RunOutputs = RunOutputs()


class OneRun(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of one run."""

    run: RunMessage


class UpdatedRun(msgspec.Struct, frozen=True, kw_only=True):
    """How a run stands after an update."""

    run_info: RunInfo


class RunPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of runs; no token: the last one."""

    runs: list[RunMessage] = []
    next_page_token: str | None = None


class Nothing(msgspec.Struct, frozen=True):
    """`{}`: it was done."""
