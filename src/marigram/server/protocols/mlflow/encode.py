"""From what the query door answers to MLflow's messages. Pure."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime

from marigram.model import Kind, Run, RunStatus, Value
from marigram.server.protocols.mlflow.decode import (
    ACTIVE,
    DEFAULT_NAME,
    DEFAULT_PROJECT,
    DELETED,
    EXPERIMENT_CREATED,
    EXPERIMENT_LOCATION,
    EXPERIMENT_NAME,
    EXPERIMENT_STAGE,
    EXPERIMENT_UPDATED,
    experiment_id,
)
from marigram.server.protocols.mlflow.messages.experiments import Experiment
from marigram.server.protocols.mlflow.messages.runs import (
    Dataset,
    DatasetInput,
    KeyValue,
    MetricAnswer,
    ModelInput,
    ModelOutput,
    RunData,
    RunInfo,
    RunInputs,
    RunMessage,
    RunOutputs,
)
from marigram.server.protocols.mlflow.places import (
    DESCRIPTION,
    INPUTS,
    NAME,
    OUTPUTS,
    OWNER,
    PARAMS,
    TAGS,
    metric_key,
    param_key,
    tag_key,
)
from marigram.server.protocols.mlflow.steps import step_of
from marigram.server.query import Attribute, ProjectRow, RunRecord, SeriesSummary

MOST_FOREIGN_CHARACTERS = 6000
"""Longest value of a native client that is shown as a parameter: what MLflow's own tables take."""

_STATUS = {
    RunStatus.RUNNING: "RUNNING",
    RunStatus.STALLED: "RUNNING",
    RunStatus.FINISHED: "FINISHED",
    RunStatus.FAILED: "FAILED",
    RunStatus.CRASHED: "FAILED",
    RunStatus.STOPPED: "KILLED",
}
_LARGEST = sys.float_info.max


def experiment_of(row: ProjectRow, said: Iterable[Attribute]) -> Experiment:
    """Return a project as an experiment; `said` is what its own run has."""
    values: dict[str, Value] = {each.path: each.value for each in said if each.value is not None}
    id_ = experiment_id(row.name)
    created = _time(values.get(EXPERIMENT_CREATED), row.created_at)
    tags = [KeyValue(key=key, value=str(value)) for path, value in values.items() if (key := _own_tag(path))]
    return Experiment(
        experiment_id=id_,
        name=experiment_name(row, values),
        artifact_location=str(values.get(EXPERIMENT_LOCATION) or f"mlflow-artifacts:/{id_}"),
        lifecycle_stage=DELETED if values.get(EXPERIMENT_STAGE) == DELETED else ACTIVE,
        creation_time=created,
        last_update_time=_time(values.get(EXPERIMENT_UPDATED), created),
        tags=tuple(tags),
    )


def experiment_name(row: ProjectRow, values: Mapping[str, Value]) -> str:
    """Return the name that MLflow's clients know a project by: the one they gave, or the project's own."""
    given = values.get(EXPERIMENT_NAME)
    if isinstance(given, str) and given:
        return given
    return DEFAULT_NAME if row.name == DEFAULT_PROJECT else row.name


def run_info(run: Run, *, user: str, experiment: Experiment) -> RunInfo:
    """Return a run but for what it holds; what is in a deleted experiment counts as deleted."""
    active = run.trashed_at is None and experiment.lifecycle_stage == ACTIVE
    return RunInfo(
        run_id=run.id,
        run_uuid=run.id,
        run_name=run.name or run.key,
        experiment_id=experiment.experiment_id,
        status=_STATUS[run.status],
        start_time=run.created_at,
        end_time=run.ended_at,
        artifact_uri=f"{experiment.artifact_location}/{run.id}/artifacts",
        lifecycle_stage=ACTIVE if active else DELETED,
        user_id=user,
    )


def run_message(record: RunRecord, *, experiment: Experiment) -> RunMessage:
    """Return a whole run; `experiment` is the one that it is in."""
    data = RunData(metrics=[], params=[], tags=[])
    metrics, params, tags = data.metrics, data.params, data.tags
    summaries = record.summaries
    moved: list[Attribute] = []
    user = ""
    for each in record.attributes:
        path, kind = each.path, each.kind
        if kind is Kind.FLOAT_SERIES:
            summary = summaries.get(each.id)
            if summary is not None:
                metrics.append(_newest(metric_key(path), summary))
        elif kind is Kind.STRING and path.startswith("params/"):
            params.append(KeyValue(key=path[len(PARAMS) + 1 :], value=each.value))  # pyright: ignore[reportArgumentType] it is a string's
        elif kind is Kind.STRING and path.startswith("tags/"):
            tags.append(KeyValue(key=path[len(TAGS) + 1 :], value=each.value))  # pyright: ignore[reportArgumentType] it is a string's
        elif path == OWNER:
            user = str(each.value)
        elif path.startswith((f"{INPUTS}/", f"{OUTPUTS}/")):
            moved.append(each)
        elif each.value is not None:
            _add_foreign(each, data)
    info = run_info(record.run, user=user, experiment=experiment)
    if not record.run.name:
        tags.append(KeyValue(key="mlflow.runName", value=info.run_name))
    if not moved:
        return RunMessage(info=info, data=data)
    return RunMessage(info=info, data=data, inputs=inputs_of(moved), outputs=outputs_of(moved))


def _add_foreign(each: Attribute, data: RunData) -> None:
    """Add a value that no MLflow client put at its path: a native client's, or the run's name and notes."""
    text = text_of(each.value)
    if each.path in {NAME, DESCRIPTION} or each.path.startswith(f"{TAGS}/"):
        key = tag_key(each.path)
        if key is not None and text:
            data.tags.append(KeyValue(key=key, value=text))
        return
    key = param_key(each.path)
    if key is not None and len(text) <= MOST_FOREIGN_CHARACTERS:
        data.params.append(KeyValue(key=key, value=text))


def text_of(value: Value | None) -> str:
    """Return a value as MLflow shows parameters: as text."""
    match value:
        case None:
            return ""
        case frozenset():
            return ", ".join(sorted(value))
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def _newest(key: str, summary: SeriesSummary) -> MetricAnswer:
    last = summary.last
    value = last if isinstance(last, float) else math.nan
    return MetricAnswer(key=key, value=number_of(value), timestamp=summary.last_time, step=step_of(summary.last_step))


def number_of(value: float) -> float | str:
    """Return a number as MLflow answers it: infinities are the largest floats, and NaN is a word."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return _LARGEST if value > 0 else -_LARGEST


def inputs_of(attributes: Iterable[Attribute]) -> RunInputs:
    """Return what a run used, from what it has below `inputs/`."""
    facts: dict[str, dict[str, str]] = {}
    models: list[ModelInput] = []
    for each in attributes:
        if each.path == f"{INPUTS}/models" and isinstance(each.value, frozenset):
            models.extend(ModelInput(model_id=model_id) for model_id in sorted(each.value))
        elif each.path.startswith(f"{INPUTS}/datasets/"):
            place, _, name = each.path.removeprefix(f"{INPUTS}/datasets/").partition("/")
            facts.setdefault(place, {})[name] = text_of(each.value)
    return RunInputs(dataset_inputs=[_dataset_input(each) for each in facts.values()], model_inputs=models)


def _dataset_input(facts: Mapping[str, str]) -> DatasetInput:
    tags = [
        KeyValue(key=name.removeprefix("tags/"), value=value)
        for name, value in facts.items()
        if name.startswith("tags/")
    ]
    dataset = Dataset(
        name=facts.get("name", ""),
        digest=facts.get("digest", ""),
        source_type=facts.get("source_type", ""),
        source=facts.get("source", ""),
        schema=facts.get("schema", ""),
        profile=facts.get("profile", ""),
    )
    return DatasetInput(dataset=dataset, tags=tuple(tags))


def outputs_of(attributes: Iterable[Attribute]) -> RunOutputs:
    """Return what a run made, from what it has below `outputs/`."""
    top = f"{OUTPUTS}/models/"
    return RunOutputs(
        model_outputs=[
            ModelOutput(model_id=each.path.removeprefix(top), step=each.value if isinstance(each.value, int) else 0)
            for each in attributes
            if each.path.startswith(top)
        ]
    )


def _own_tag(path: str) -> str | None:
    return path.removeprefix(f"{TAGS}/") if path.startswith(f"{TAGS}/") else None


def _time(value: Value | None, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise
