"""`RunWriter`: what every write of an MLflow client to a run has in common.

The run must be there and not in the trash, one write follows the other, and a refusal by the store becomes an error of
MLflow's. Use it on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from marigram.model import Appends, CreateRun, Operation, ProjectName, Run, project_run_id
from marigram.server.ingest import Ingest, Scribe, Turn
from marigram.server.protocols.mlflow.decode import operations_of_params, operations_of_tags
from marigram.server.protocols.mlflow.encode import text_of
from marigram.server.protocols.mlflow.errors import MlflowError, invalid, missing
from marigram.server.protocols.mlflow.messages.runs import AboutRun, KeyValue, Metric
from marigram.server.protocols.mlflow.metric_log import MetricLog, Placed
from marigram.server.protocols.mlflow.places import param_path
from marigram.server.protocols.mlflow.reading import missing_parameter
from marigram.server.query import NotThere, Query

WRITER = "mlflow"
"""The writer of all that MLflow's clients write, whichever they are."""


class RunWriter:
    """Writes to runs."""

    def __init__(self, *, ingest: Ingest, query: Query, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._ingest = ingest
        self._query = query
        self._scribe = Scribe(ingest=ingest, writer=WRITER)
        self._metrics = MetricLog(query)

    def run(self, run_id: str) -> Run:
        """Return the run, wherever it is; blocks while it asks the store.

        Raises:
            MlflowError: there is none.
        """
        try:
            run = self._query.run(run_id)
        except NotThere:
            raise _unknown(run_id) from None
        if run.id == project_run_id(run.project):
            raise _unknown(run_id)
        return run

    def active_run(self, run_id: str) -> Run:
        """Return the run, which must not be in the trash; blocks while it asks the store.

        Raises:
            MlflowError: there is none, or it is in the trash.
        """
        run = self.run(run_id)
        if run.trashed_at is not None:
            message = f"The run {run_id} must be in the 'active' state. Current state is deleted."
            raise invalid(message)
        return run

    async def write(self, run_id: str, operations: Sequence[Operation]) -> None:
        """Write to a run that may be new.

        Raises:
            MlflowError: the store refuses some of it.
        """
        async with self._scribe.turn(run_id) as turn:
            await _write(turn, operations)

    async def write_project(self, project: ProjectName, operations: Sequence[Operation]) -> None:
        """Write to a project's own run, which is made if nobody has said anything of the project yet.

        Raises:
            MlflowError: the store refuses some of it.
        """
        made = CreateRun(project=project, created_at=self._clock_ms())
        await self.write(project_run_id(project), [made, *operations])

    async def change(self, run_id: str, decide: Callable[[Run], Sequence[Operation]]) -> Run:
        """Write what `decide` makes of the run as it is, and return the run as it was; `decide` may ask the store.

        Raises:
            MlflowError: there is no such run, it is in the trash, or the store refuses some of it.
        """
        async with self._scribe.turn(run_id) as turn:

            def look() -> tuple[Run, Sequence[Operation]]:
                run = self.active_run(run_id)
                return run, decide(run)

            run, operations = await asyncio.to_thread(look)
            await _write(turn, operations)
            return run

    async def log(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Sequence[KeyValue] = (),
        tags: Sequence[KeyValue] = (),
    ) -> None:
        """Log points, parameters and tags, all or none.

        Raises:
            MlflowError: there is no such run, it is in the trash, a parameter has another value already, or the store
                refuses some of it.
        """
        async with self._scribe.turn(run_id) as turn:

            def look() -> tuple[Placed, list[Operation]]:
                self.active_run(run_id)
                return self._metrics.place(run_id, metrics), [
                    *operations_of_params(self._new(run_id, params)),
                    *operations_of_tags(tags),
                ]

            placed, operations = await asyncio.to_thread(look)
            writes = operations if placed.appends is None else [*operations, placed.appends]
            try:
                await _write(turn, writes)
            except BaseException:
                self._metrics.forget(run_id, list(placed.newest))
                raise
            self._metrics.remember(run_id, placed)
            if not writes:
                await asyncio.to_thread(self._ingest.hear, run_id)

    def _new(self, run_id: str, params: Sequence[KeyValue]) -> list[KeyValue]:
        """Return the parameters that the run does not have yet.

        Raises:
            MlflowError: it has one with another value.
        """
        if not params:
            return []
        cells = self._query.cells(run_id, [param_path(param.key) for param in params])
        fresh: list[KeyValue] = []
        for param in params:
            cell = cells.get(param_path(param.key))
            if cell is None:
                fresh.append(param)
                continue
            had = text_of(cell.attribute.value)
            if had != param.value:
                message = (
                    f"Changing param values is not allowed. Param with key='{param.key}' was already logged with "
                    f"value='{had}' for run ID='{run_id}'. Attempted logging new value '{param.value}'."
                )
                raise invalid(message)
        return fresh


async def _write(turn: Turn, operations: Sequence[Operation | Appends]) -> None:
    if not operations:
        return
    receipt = await turn.write(operations)
    if receipt.rejections:
        raise invalid(receipt.rejections[0].message)


def run_id_of(about: AboutRun) -> str:
    """Return which run a message is about.

    Raises:
        MlflowError: it does not say.
    """
    found = about.run_id or about.run_uuid
    if not found:
        raise missing_parameter("run_id")  # noqa: EM101 - a name, not a message
    return found


def _unknown(run_id: str) -> MlflowError:
    return missing(f"Run with id={run_id} not found")
