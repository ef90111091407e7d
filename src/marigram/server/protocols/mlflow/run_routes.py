"""Endpoints about runs: their life, and what is logged to them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence

import msgspec

from marigram.model import Operation, Run, SetValue
from marigram.server.ingest import Ingest
from marigram.server.protocols.mlflow.decode import (
    operation_of_tag_removal,
    operations_of_inputs,
    operations_of_outputs,
    operations_of_run,
    operations_of_status,
    operations_of_tags,
    status_of,
)
from marigram.server.protocols.mlflow.encode import run_info, run_message
from marigram.server.protocols.mlflow.endpoints import Endpoint
from marigram.server.protocols.mlflow.errors import invalid, missing
from marigram.server.protocols.mlflow.experiments import Experiments
from marigram.server.protocols.mlflow.limits import (
    check_batch,
    check_inputs,
    check_items,
    check_key,
    check_metric,
    check_model_ids,
    check_value,
)
from marigram.server.protocols.mlflow.messages.runs import (
    AboutRun,
    CreateRun,
    DeleteTag,
    KeyValue,
    LogBatch,
    LogInputs,
    LogMetric,
    LogModel,
    LogOutputs,
    LogParam,
    Metric,
    Nothing,
    OneRun,
    RunInfo,
    RunMessage,
    SetTag,
    UpdatedRun,
    UpdateRun,
)
from marigram.server.protocols.mlflow.model_history import HISTORY_TAG, with_model
from marigram.server.protocols.mlflow.model_metrics import ModelMetrics
from marigram.server.protocols.mlflow.names import invent_name
from marigram.server.protocols.mlflow.places import NAME, OWNER, RUN_NAME_TAG, tag_path
from marigram.server.protocols.mlflow.reading import Asked
from marigram.server.protocols.mlflow.run_writing import RunWriter, run_id_of
from marigram.server.query import Query

MODELS = tag_path(HISTORY_TAG)


class RunRoutes:
    """Makes runs, writes to them, reads them."""

    def __init__(
        self,
        *,
        ingest: Ingest,
        query: Query,
        experiments: Experiments,
        writer: RunWriter,
        clock_ms: Callable[[], int],
    ) -> None:
        self._ingest = ingest
        self._query = query
        self._experiments = experiments
        self._writer = writer
        self._model_metrics = ModelMetrics(query=query, writer=writer)
        self._clock_ms = clock_ms

    def endpoints(self) -> list[Endpoint]:
        """Return what answers."""
        return [
            Endpoint("POST", "runs/create", self._create),
            Endpoint("GET", "runs/get", self._get),
            Endpoint("POST", "runs/update", self._update),
            Endpoint("POST", "runs/delete", self._delete),
            Endpoint("POST", "runs/restore", self._restore),
            Endpoint("POST", "runs/log-metric", self._log_metric),
            Endpoint("POST", "runs/log-parameter", self._log_param),
            Endpoint("POST", "runs/log-batch", self._log_batch),
            Endpoint("POST", "runs/set-tag", self._set_tag),
            Endpoint("POST", "runs/delete-tag", self._delete_tag),
            Endpoint("POST", "runs/log-inputs", self._log_inputs),
            Endpoint("POST", "runs/outputs", self._log_outputs),
            Endpoint("POST", "runs/log-model", self._log_model),
        ]

    async def _create(self, asked: Asked) -> OneRun:
        message = await asked.message(CreateRun)
        check_items(message.tags, "tag", "tags")
        known = await asyncio.to_thread(self._experiments.active, message.experiment_id or "0")
        run_id = uuid.uuid4().hex
        operations = operations_of_run(
            known.project,
            name=_wanted_name(message) or invent_name(),
            started_at=self._clock_ms() if message.start_time is None else message.start_time,
            user=message.user_id or "",
            tags=message.tags,
        )
        await self._writer.write(run_id, operations)
        return OneRun(run=await asyncio.to_thread(self.message_of, run_id))

    async def _get(self, asked: Asked) -> OneRun:
        message = await asked.message(AboutRun)
        return OneRun(run=await asyncio.to_thread(self.message_of, run_id_of(message)))

    def message_of(self, run_id: str) -> RunMessage:
        """Return a whole run; blocks while it asks the store.

        Raises:
            MlflowError: there is none.
        """
        run = self._writer.run(run_id)
        experiment = self._experiments.experiment(run.project)
        return run_message(self._query.records([run_id])[0], experiment=experiment)

    async def _update(self, asked: Asked) -> UpdatedRun:
        message = await asked.message(UpdateRun)
        run_id = run_id_of(message)
        status = None if message.status in {None, "", 0} else status_of(message.status or "")
        ended_at = message.end_time if message.end_time is not None else self._clock_ms()

        def decide(run: Run) -> Sequence[Operation]:
            found: list[Operation] = []
            if status is not None:
                found.extend(operations_of_status(status, at=ended_at, before=run.status))
            if message.run_name:
                found.append(SetValue(path=NAME, value=message.run_name))
            return found

        await self._writer.change(run_id, decide)
        return UpdatedRun(run_info=await asyncio.to_thread(self._info, run_id))

    def _info(self, run_id: str) -> RunInfo:
        run = self._writer.run(run_id)
        owner = self._query.cells(run_id, [OWNER]).get(OWNER)
        user = "" if owner is None else str(owner.attribute.value)
        return run_info(run, user=user, experiment=self._experiments.experiment(run.project))

    async def _delete(self, asked: Asked) -> Nothing:
        message = await asked.message(AboutRun)

        def trash() -> None:
            self._ingest.trash(self._writer.run(run_id_of(message)).id)

        await asyncio.to_thread(trash)
        return Nothing()

    async def _restore(self, asked: Asked) -> Nothing:
        message = await asked.message(AboutRun)

        def restore() -> None:
            self._ingest.restore(self._writer.run(run_id_of(message)).id)

        await asyncio.to_thread(restore)
        return Nothing()

    async def _log_metric(self, asked: Asked) -> Nothing:
        message = await asked.message(LogMetric)
        metric = Metric(key=message.key, value=message.value, timestamp=message.timestamp, step=message.step)
        check_metric(metric, "")
        if message.model_id:
            measured = msgspec.structs.replace(
                metric,
                model_id=message.model_id,
                dataset_name=message.dataset_name,
                dataset_digest=message.dataset_digest,
            )
            await self._model_metrics.log(run_id_of(message), [measured])
        await self._writer.log(run_id_of(message), metrics=[metric])
        return Nothing()

    async def _log_param(self, asked: Asked) -> Nothing:
        message = await asked.message(LogParam)
        check_key(message.key, "parameter", "key")
        check_value(message.value, "value")
        await self._writer.log(run_id_of(message), params=[KeyValue(key=message.key, value=message.value)])
        return Nothing()

    async def _log_batch(self, asked: Asked) -> Nothing:
        message = await asked.message(LogBatch)
        run_id = run_id_of(message)
        check_batch(message.metrics, message.params, message.tags)
        if any(metric.model_id for metric in message.metrics):
            await self._model_metrics.log(run_id, message.metrics)
        await self._writer.log(run_id, metrics=message.metrics, params=message.params, tags=message.tags)
        return Nothing()

    async def _set_tag(self, asked: Asked) -> Nothing:
        message = await asked.message(SetTag)
        check_key(message.key, "tag", "key")
        check_value(message.value, "value")
        await self._writer.log(run_id_of(message), tags=[KeyValue(key=message.key, value=message.value)])
        return Nothing()

    async def _delete_tag(self, asked: Asked) -> Nothing:
        message = await asked.message(DeleteTag)
        check_key(message.key, "tag", "key")
        run_id = run_id_of(message)

        def decide(_: Run) -> Sequence[Operation]:
            if not self._query.cells(run_id, [tag_path(message.key)]):
                error = f"No tag with name: {message.key} in run with id {run_id}"
                raise missing(error)
            return [operation_of_tag_removal(message.key)]

        await self._writer.change(run_id, decide)
        return Nothing()

    async def _log_inputs(self, asked: Asked) -> Nothing:
        message = await asked.message(LogInputs)
        check_inputs(message.datasets, message.models)
        operations = operations_of_inputs(message.datasets, message.models)
        await self._writer.change(run_id_of(message), lambda _: operations)
        return Nothing()

    async def _log_outputs(self, asked: Asked) -> Nothing:
        message = await asked.message(LogOutputs)
        check_model_ids([model.model_id for model in message.models])
        operations = operations_of_outputs(message.models)
        await self._writer.change(run_id_of(message), lambda _: operations)
        return Nothing()

    async def _log_model(self, asked: Asked) -> Nothing:
        message = await asked.message(LogModel)
        run_id = run_id_of(message)

        def decide(_: Run) -> Sequence[Operation]:
            return operations_of_tags([with_model(self._query.cells(run_id, [MODELS]).get(MODELS), message.model_json)])

        await self._writer.change(run_id, decide)
        return Nothing()


def _wanted_name(message: CreateRun) -> str:
    """Return the name that a client asks for, in one way or the other; empty if it asks for none."""
    tagged = next((tag.value for tag in message.tags if tag.key == RUN_NAME_TAG), "")
    if message.run_name and tagged and message.run_name != tagged:
        error = (
            "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
            f"(run_name='{message.run_name}', mlflow.runName='{tagged}')."
        )
        raise invalid(error)
    return message.run_name or tagged
