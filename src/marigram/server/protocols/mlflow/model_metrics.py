"""`ModelMetrics`: keeps with a logged model what a run has measured of it, beside what the run itself keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from marigram.model import ProjectName
from marigram.server.protocols.mlflow.errors import missing
from marigram.server.protocols.mlflow.messages.runs import Metric
from marigram.server.protocols.mlflow.model_decode import operations_of_model_metrics
from marigram.server.protocols.mlflow.run_writing import RunWriter
from marigram.server.query import NotThere, Query


class ModelMetrics:
    """Writes metrics of logged models."""

    def __init__(self, *, query: Query, writer: RunWriter) -> None:
        self._query = query
        self._writer = writer

    async def log(self, run_id: str, metrics: Sequence[Metric]) -> None:
        """Keep those of the points that are about a logged model, with it.

        Raises:
            MlflowError: there is no such run, it is in the trash, or there is no such logged model.
        """
        about = [metric for metric in metrics if metric.model_id]

        def look() -> dict[ProjectName, list[Metric]]:
            self._writer.active_run(run_id)
            by_project: dict[ProjectName, list[Metric]] = {}
            for model_id in dict.fromkeys(metric.model_id for metric in about):
                project = self._project(model_id or "")
                by_project.setdefault(project, []).extend(each for each in about if each.model_id == model_id)
            return by_project

        for project, measured in (await asyncio.to_thread(look)).items():
            await self._writer.write_project(project, operations_of_model_metrics(measured, run_id))

    def _project(self, model_id: str) -> ProjectName:
        try:
            return self._query.models.logged_model(model_id).project
        except NotThere:
            message = f"Logged model with ID '{model_id}' not found."
            raise missing(message) from None
