"""From MLflow's messages to operations. Pure: no await, no store, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from marigram.model import (
    CreateRun,
    Delete,
    EditSet,
    Operation,
    Path,
    ProjectName,
    RunStatus,
    SetStatus,
    SetValue,
    project_run_id,
)
from marigram.server.protocols.mlflow.errors import invalid
from marigram.server.protocols.mlflow.messages.runs import (
    DatasetInput,
    KeyValue,
    ModelInput,
    ModelOutput,
)
from marigram.server.protocols.mlflow.places import (
    CLIENT_NAME,
    INPUTS,
    NAME,
    OUTPUTS,
    OWN,
    OWNER,
    RUN_NAME_TAG,
    param_path,
    tag_path,
)
from marigram.server.query import CLIENT

DEFAULT_ID = "0"
DEFAULT_PROJECT = ProjectName("mlflow/Default")
DEFAULT_NAME = "Default"

EXPERIMENT_NAME = Path(f"{OWN}/name")
EXPERIMENT_STAGE = Path(f"{OWN}/lifecycle_stage")
EXPERIMENT_LOCATION = Path(f"{OWN}/artifact_location")
EXPERIMENT_CREATED = Path(f"{OWN}/creation_time")
EXPERIMENT_UPDATED = Path(f"{OWN}/last_update_time")

ACTIVE = "active"
DELETED = "deleted"

_ID_DIGITS = 18
_STATUS_NUMBERS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_STATUS = {
    "RUNNING": RunStatus.RUNNING,
    "SCHEDULED": RunStatus.RUNNING,
    "FINISHED": RunStatus.FINISHED,
    "FAILED": RunStatus.FAILED,
    "KILLED": RunStatus.STOPPED,
}


def experiment_id(project: ProjectName) -> str:
    """Return the id that MLflow's clients know a project by: decimal digits that follow from its name."""
    if project == DEFAULT_PROJECT:
        return DEFAULT_ID
    return str(int(project_run_id(project), 16) % 10**_ID_DIGITS)


def status_of(given: str | int) -> RunStatus:
    """Return the status that MLflow names so, by name or by number.

    Raises:
        MlflowError: there is none.
    """
    name = _STATUS_NUMBERS.get(given, "") if isinstance(given, int) else given
    found = _STATUS.get(name)
    if found is None:
        message = f"Invalid value {given!r} for parameter 'status' supplied: use one of {', '.join(_STATUS)}."
        raise invalid(message)
    return found


def operations_of_experiment(
    project: ProjectName, *, name: str, at: int, location: str | None, tags: Sequence[KeyValue]
) -> list[Operation]:
    """Return what makes an experiment: values of its project's own run."""
    found: list[Operation] = [
        CreateRun(project=project, created_at=at),
        SetValue(path=EXPERIMENT_NAME, value=name),
        SetValue(path=EXPERIMENT_STAGE, value=ACTIVE),
        SetValue(path=EXPERIMENT_CREATED, value=at),
        SetValue(path=EXPERIMENT_UPDATED, value=at),
    ]
    if location:
        found.append(SetValue(path=EXPERIMENT_LOCATION, value=location))
    found.extend(SetValue(path=Path(f"tags/{tag.key}"), value=tag.value) for tag in tags)
    return found


def operations_of_run(
    project: ProjectName, *, name: str, started_at: int, user: str, tags: Sequence[KeyValue]
) -> list[Operation]:
    """Return what makes a run."""
    found: list[Operation] = [
        CreateRun(project=project, created_at=started_at),
        SetValue(path=CLIENT, value=CLIENT_NAME),
        SetValue(path=NAME, value=name),
    ]
    if user:
        found.append(SetValue(path=OWNER, value=user))
    found.extend(operations_of_tags([tag for tag in tags if tag.key != RUN_NAME_TAG]))
    return found


def operations_of_tags(tags: Sequence[KeyValue]) -> list[Operation]:
    """Return what sets tags."""
    return [SetValue(path=tag_path(tag.key), value=tag.value) for tag in tags]


def operations_of_params(params: Sequence[KeyValue]) -> list[Operation]:
    """Return what sets parameters."""
    return [SetValue(path=param_path(param.key), value=param.value) for param in params]


def operations_of_status(status: RunStatus, *, at: int, before: RunStatus) -> list[Operation]:
    """Return what says how a run stands. What has failed can end otherwise only after it ran again."""
    found: list[Operation] = []
    if before in {RunStatus.FAILED, RunStatus.CRASHED} and status in {RunStatus.FINISHED, RunStatus.STOPPED}:
        found.append(SetStatus(status=RunStatus.RUNNING, at=at))
    found.append(SetStatus(status=status, at=at))
    return found


def operations_of_inputs(datasets: Sequence[DatasetInput], models: Sequence[ModelInput]) -> list[Operation]:
    """Return what says which data sets and models a run used."""
    found: list[Operation] = []
    for given in datasets:
        dataset = given.dataset
        place = f"{INPUTS}/datasets/{dataset_place(dataset.name, dataset.digest)}"
        facts = {
            "name": dataset.name,
            "digest": dataset.digest,
            "source_type": dataset.source_type,
            "source": dataset.source,
            "schema": dataset.schema,
            "profile": dataset.profile,
        }
        found.extend(SetValue(path=Path(f"{place}/{name}"), value=value) for name, value in facts.items() if value)
        found.extend(SetValue(path=Path(f"{place}/tags/{tag.key}"), value=tag.value) for tag in given.tags)
    if models:
        found.append(EditSet(path=Path(f"{INPUTS}/models"), add=tuple(model.model_id for model in models)))
    return found


def operations_of_outputs(models: Sequence[ModelOutput]) -> list[Operation]:
    """Return what says which models a run made, and at which step."""
    return [SetValue(path=Path(f"{OUTPUTS}/models/{model.model_id}"), value=model.step) for model in models]


def operation_of_tag_removal(key: str) -> Operation:
    """Return what takes a tag off."""
    return Delete(path=tag_path(key))


def dataset_place(name: str, digest: str) -> str:
    """Return where in a run a data set is kept: the same one is kept once."""
    return hashlib.sha256(f"{name}\0{digest}".encode("utf-8", "replace")).hexdigest()[:16]
