"""Endpoints about experiments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from marigram.model import Delete, Operation, Path, ProjectName, SetValue, project_run_id
from marigram.server.protocols.mlflow.decode import (
    ACTIVE,
    DELETED,
    EXPERIMENT_NAME,
    EXPERIMENT_STAGE,
    EXPERIMENT_UPDATED,
    experiment_id,
    operations_of_experiment,
)
from marigram.server.protocols.mlflow.endpoints import Endpoint
from marigram.server.protocols.mlflow.errors import MlflowError, invalid, missing
from marigram.server.protocols.mlflow.experiments import Experiments, check_name, exists_already
from marigram.server.protocols.mlflow.limits import check_key, check_value
from marigram.server.protocols.mlflow.messages.experiments import (
    CreatedExperiment,
    CreateExperiment,
    DeleteExperimentTag,
    GetExperiment,
    GetExperimentByName,
    OneExperiment,
    SetExperimentTag,
    UpdateExperiment,
)
from marigram.server.protocols.mlflow.messages.runs import Nothing
from marigram.server.protocols.mlflow.reading import Asked, required
from marigram.server.protocols.mlflow.run_writing import RunWriter


class ExperimentRoutes:
    """Makes, finds and changes experiments."""

    def __init__(self, *, experiments: Experiments, writer: RunWriter, clock_ms: Callable[[], int]) -> None:
        self._experiments = experiments
        self._writer = writer
        self._clock_ms = clock_ms
        self._making = asyncio.Lock()

    def endpoints(self) -> list[Endpoint]:
        """Return what answers."""
        return [
            Endpoint("POST", "experiments/create", self._create),
            Endpoint("GET", "experiments/get", self._get),
            Endpoint("GET", "experiments/get-by-name", self._get_by_name),
            Endpoint("POST", "experiments/update", self._update),
            Endpoint("POST", "experiments/delete", self._delete),
            Endpoint("POST", "experiments/restore", self._restore),
            Endpoint("POST", "experiments/set-experiment-tag", self._set_tag),
            Endpoint("POST", "experiments/delete-experiment-tag", self._delete_tag),
        ]

    async def _create(self, asked: Asked) -> CreatedExperiment:
        message = await asked.message(CreateExperiment)
        check_name(message.name)
        for at, tag in enumerate(message.tags):
            check_key(tag.key, "tag", f"tags[{at}].key")
            check_value(tag.value, f"tags[{at}].value")
        async with self._making:
            project = await asyncio.to_thread(self._new_project, message.name)
            operations = operations_of_experiment(
                project,
                name=message.name,
                at=self._clock_ms(),
                location=message.artifact_location,
                tags=message.tags,
            )
            await self._writer.write(project_run_id(project), operations)
            self._experiments.remember(project, message.name)
        return CreatedExperiment(experiment_id=experiment_id(project))

    def _new_project(self, name: str) -> ProjectName:
        try:
            known = self._experiments.by_name(name)
        except MlflowError:
            return self._experiments.project_for(name)
        raise exists_already(known)

    async def _get(self, asked: Asked) -> OneExperiment:
        message = await asked.message(GetExperiment)
        id_ = required(message.experiment_id, "experiment_id")
        return OneExperiment(experiment=(await asyncio.to_thread(self._experiments.by_id, id_)).experiment)

    async def _get_by_name(self, asked: Asked) -> OneExperiment:
        message = await asked.message(GetExperimentByName)
        name = required(message.experiment_name, "experiment_name")
        return OneExperiment(experiment=(await asyncio.to_thread(self._experiments.by_name, name)).experiment)

    async def _update(self, asked: Asked) -> Nothing:
        message = await asked.message(UpdateExperiment)
        known = await asyncio.to_thread(self._experiments.active, required(message.experiment_id, "experiment_id"))
        name = message.new_name
        if name is None or name == known.experiment.name:
            return Nothing()
        check_name(name)
        async with self._making:
            await asyncio.to_thread(self._check_free, name, known.project)
            await self._change(known.project, [SetValue(path=EXPERIMENT_NAME, value=name)])
            self._experiments.remember(known.project, name)
        return Nothing()

    def _check_free(self, name: str, project: ProjectName) -> None:
        try:
            other = self._experiments.by_name(name)
        except MlflowError:
            return
        if other.project != project:
            raise exists_already(other)

    async def _delete(self, asked: Asked) -> Nothing:
        message = await asked.message(GetExperiment)
        known = await asyncio.to_thread(self._experiments.active, required(message.experiment_id, "experiment_id"))
        await self._change(known.project, [SetValue(path=EXPERIMENT_STAGE, value=DELETED)])
        return Nothing()

    async def _restore(self, asked: Asked) -> Nothing:
        message = await asked.message(GetExperiment)
        id_ = required(message.experiment_id, "experiment_id")
        known = await asyncio.to_thread(self._experiments.by_id, id_)
        if known.experiment.lifecycle_stage != DELETED:
            error = f"Experiment with id={id_} must be deleted to be restored; it is active."
            raise invalid(error)
        await self._change(known.project, [SetValue(path=EXPERIMENT_STAGE, value=ACTIVE)])
        return Nothing()

    async def _set_tag(self, asked: Asked) -> Nothing:
        message = await asked.message(SetExperimentTag)
        id_ = required(message.experiment_id, "experiment_id")
        check_key(message.key, "tag", "key")
        check_value(message.value, "value")
        known = await asyncio.to_thread(self._experiments.active, id_)
        await self._change(known.project, [SetValue(path=Path(f"tags/{message.key}"), value=message.value)])
        return Nothing()

    async def _delete_tag(self, asked: Asked) -> Nothing:
        message = await asked.message(DeleteExperimentTag)
        id_ = required(message.experiment_id, "experiment_id")
        check_key(message.key, "tag", "key")
        known = await asyncio.to_thread(self._experiments.active, id_)
        if all(tag.key != message.key for tag in known.experiment.tags):
            error = f"No tag with name: {message.key} in experiment with id {id_}"
            raise missing(error)
        await self._change(known.project, [Delete(path=Path(f"tags/{message.key}"))])
        return Nothing()

    async def _change(self, project: ProjectName, operations: Sequence[Operation]) -> None:
        """Write to the project's own run; one that no MLflow client has made gets it by the first write."""
        await self._writer.write_project(
            project, [*operations, SetValue(path=EXPERIMENT_UPDATED, value=self._clock_ms())]
        )
