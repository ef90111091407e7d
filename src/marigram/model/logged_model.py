"""A logged model: what a training run leaves behind, with a name, facts and files of its own.

It is kept in the run that holds what is said of its project, below `models/<id>/`, so it outlives the run that made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import msgspec

from marigram.model.path import Path
from marigram.model.project import ProjectName, project_run_id
from marigram.model.registry import RunFolder

MODELS = "models"
"""The namespace of all logged models of a project."""

MODELS_OF_RUN = "outputs/models"
"""Below it a run names the logged models that it has made, each by its id."""


class LoggedModelStatus(str, Enum):
    """How far a logged model is; its files are complete when it is `ready`."""

    UNSPECIFIED = "unspecified"
    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class LoggedMetric(msgspec.Struct, frozen=True, kw_only=True):
    """A number that was measured of a model.

    Attributes:
        key: its name.
        value: the number.
        time: when, in milliseconds since 1970-01-01 UTC.
        step: at which step of the run; 0 if there are no steps.
        run_id: the run that measured it.
        dataset_name, dataset_digest: on which data, if that was said.
    """

    key: str
    value: float
    time: int
    step: int
    run_id: str
    dataset_name: str | None = None
    dataset_digest: str | None = None


class LoggedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A logged model.

    Attributes:
        id: `m-` and 32 hexadecimal digits.
        project: where it was logged.
        name: how its users call it; several may have one name.
        model_type: what kind of model its users say it is; empty if they don't.
        status: how far it is.
        source_run_id: the run that made it, if one did.
        created_at, updated_at: milliseconds since 1970-01-01 UTC.
        params, tags: key → text.
        metrics: what was measured of it, in order of key, step and time.
    """

    id: str
    project: ProjectName
    name: str
    model_type: str = ""
    status: LoggedModelStatus = LoggedModelStatus.PENDING
    source_run_id: str | None = None
    created_at: int
    updated_at: int
    params: Mapping[str, str] = {}
    tags: Mapping[str, str] = {}
    metrics: tuple[LoggedMetric, ...] = ()

    @property
    def files(self) -> RunFolder:
        """Where its files are."""
        return RunFolder(run_id=project_run_id(self.project), path=logged_model_path(self.id, "artifacts"))


def logged_model_path(model_id: str, *rest: str) -> Path:
    """Return where something of a logged model is kept."""
    return Path("/".join((MODELS, model_id, *rest)))
