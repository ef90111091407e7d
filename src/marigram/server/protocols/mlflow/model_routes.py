"""Endpoints about logged models, which live beside the runs of their experiment."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence

from marigram.model import (
    Delete,
    LoggedModel,
    Operation,
    ProjectName,
    SetValue,
    logged_model_path,
    project_run_id,
)
from marigram.server.protocols.mlflow.artifact_places import below, checked_path
from marigram.server.protocols.mlflow.artifact_routes import ArtifactRoutes
from marigram.server.protocols.mlflow.endpoints import OPEN, REST, Endpoint
from marigram.server.protocols.mlflow.errors import invalid, missing
from marigram.server.protocols.mlflow.experiments import Experiments
from marigram.server.protocols.mlflow.limits import check_items
from marigram.server.protocols.mlflow.messages.artifacts import ArtifactPage
from marigram.server.protocols.mlflow.messages.logged_models import (
    CreateLoggedModel,
    FinalizeLoggedModel,
    ListModelArtifacts,
    LoggedModelMessage,
    LoggedModelPage,
    LogModelParams,
    OneLoggedModel,
    SearchLoggedModels,
    SetModelTags,
)
from marigram.server.protocols.mlflow.messages.runs import KeyValue, Nothing
from marigram.server.protocols.mlflow.model_decode import (
    check_logged_name,
    logged_status_of,
    operations_of_logged_model,
    operations_of_model_texts,
    updated,
)
from marigram.server.protocols.mlflow.model_encode import logged_model_message
from marigram.server.protocols.mlflow.model_search import found_logged
from marigram.server.protocols.mlflow.names import invent_name
from marigram.server.protocols.mlflow.paging import checked_most, page_of
from marigram.server.protocols.mlflow.reading import Asked, missing_parameter
from marigram.server.protocols.mlflow.run_writing import RunWriter
from marigram.server.query import NotThere, Query

MODELS_AT_ONCE = 100
MOST_MODELS = 50_000


class ModelRoutes:
    """Makes, finds and changes logged models."""

    def __init__(
        self,
        *,
        query: Query,
        experiments: Experiments,
        writer: RunWriter,
        artifacts: ArtifactRoutes,
        clock_ms: Callable[[], int],
    ) -> None:
        self._query = query
        self._experiments = experiments
        self._writer = writer
        self._artifacts = artifacts
        self._clock_ms = clock_ms

    def endpoints(self) -> list[Endpoint]:
        """Return what answers."""
        one = f"logged-models/{OPEN}"
        return [
            Endpoint("POST", "logged-models", self._create),
            Endpoint("POST", "logged-models/search", self._search),
            Endpoint("GET", one, self._get),
            Endpoint("PATCH", one, self._finalize),
            Endpoint("DELETE", one, self._delete),
            Endpoint("PATCH", f"{one}/tags", self._set_tags),
            Endpoint("DELETE", f"{one}/tags/{REST}", self._delete_tag),
            Endpoint("POST", f"{one}/params", self._set_params),
            Endpoint("GET", f"{one}/artifacts/directories", self._list),
        ]

    def model(self, model_id: str) -> LoggedModel:
        """Return a logged model; blocks while it asks the store.

        Raises:
            MlflowError: there is none.
        """
        try:
            return self._query.models.logged_model(model_id)
        except NotThere:
            message = f"Logged model with ID '{model_id}' not found."
            raise missing(message) from None

    async def change(self, model_id: str, operations: Sequence[Operation]) -> None:
        """Write to a logged model.

        Raises:
            MlflowError: there is none.
        """
        model = await asyncio.to_thread(self.model, model_id)
        await self._writer.write_project(model.project, operations)

    async def _create(self, asked: Asked) -> OneLoggedModel:
        message = await asked.message(CreateLoggedModel)
        if message.name:
            check_logged_name(message.name)
        check_items(message.params, "parameter", "params")
        check_items(message.tags, "tag", "tags")
        known = await asyncio.to_thread(self._experiments.active, message.experiment_id)
        now = self._clock_ms()
        model = LoggedModel(
            id=f"m-{uuid.uuid4().hex}",
            project=known.project,
            name=message.name or invent_name(),
            model_type=message.model_type or "",
            source_run_id=message.source_run_id or None,
            created_at=now,
            updated_at=now,
            params=_texts(message.params),
            tags=_texts(message.tags),
        )
        await self._writer.write_project(model.project, operations_of_logged_model(model))
        return await asyncio.to_thread(self._one, model.id)

    async def _get(self, asked: Asked) -> OneLoggedModel:
        return await asyncio.to_thread(self._one, asked.parts[0])

    async def _finalize(self, asked: Asked) -> OneLoggedModel:
        message = await asked.message(FinalizeLoggedModel)
        model_id = asked.parts[0]
        status = SetValue(path=logged_model_path(model_id, "status"), value=logged_status_of(message.status).value)
        await self.change(model_id, [status, updated(model_id, at=self._clock_ms())])
        return await asyncio.to_thread(self._one, model_id)

    async def _delete(self, asked: Asked) -> Nothing:
        model_id = asked.parts[0]

        def look() -> tuple[ProjectName, bool]:
            model = self.model(model_id)
            versions = self._query.models.versions_from(project_run_id(model.project))
            return model.project, any(version.logged_model_id == model_id for version in versions)

        project, registered = await asyncio.to_thread(look)
        # A registered version goes on to need the files.
        gone = SetValue(path=logged_model_path(model_id, "deleted_at"), value=self._clock_ms())
        operation = gone if registered else Delete(path=logged_model_path(model_id))
        await self._writer.write_project(project, [operation])
        return Nothing()

    async def _set_tags(self, asked: Asked) -> OneLoggedModel:
        message = await asked.message(SetModelTags)
        return await self._set_texts(asked.parts[0], "tags", message.tags)

    async def _set_params(self, asked: Asked) -> Nothing:
        message = await asked.message(LogModelParams)
        await self._set_texts(asked.parts[0], "params", message.params)
        return Nothing()

    async def _set_texts(self, model_id: str, where: str, pairs: Sequence[KeyValue]) -> OneLoggedModel:
        check_items(pairs, where.removesuffix("s"), where)
        await self.change(model_id, operations_of_model_texts(model_id, where, pairs, at=self._clock_ms()))
        return await asyncio.to_thread(self._one, model_id)

    async def _delete_tag(self, asked: Asked) -> Nothing:
        model_id, key = asked.parts
        model = await asyncio.to_thread(self.model, model_id)
        if key not in model.tags:
            message = f"No tag with key {key!r} found for model with ID {model_id!r}."
            raise missing(message)
        gone = Delete(path=logged_model_path(model_id, "tags", key))
        await self.change(model_id, [gone, updated(model_id, at=self._clock_ms())])
        return Nothing()

    async def _list(self, asked: Asked) -> ArtifactPage:
        message = await asked.message(ListModelArtifacts)
        path = checked_path(message.artifact_directory_path or "")

        def look() -> ArtifactPage:
            model = self.model(asked.parts[0])
            files = self._artifacts.listed(below(model.files, path), path)
            return ArtifactPage(root_uri=self._message(model).info.artifact_uri, files=files)

        return await asyncio.to_thread(look)

    async def _search(self, asked: Asked) -> LoggedModelPage:
        message = await asked.message(SearchLoggedModels)
        if not message.experiment_ids:
            raise missing_parameter("experiment_ids")  # noqa: EM101 - a name, not a message
        most = checked_most(message.max_results or None, default=MODELS_AT_ONCE, most=MOST_MODELS)

        def look() -> LoggedModelPage:
            projects = [self._experiments.project(id_) for id_ in message.experiment_ids]
            models = self._query.models.logged_models(projects)
            found = found_logged(models, message.filter, message.datasets, message.order_by)
            page, token = page_of(found, token=message.page_token, most=most)
            locations = {project: self._experiments.location(project) for project in projects}
            messages = tuple(self._message(model, locations) for model in page)
            return LoggedModelPage(models=messages, next_page_token=token)

        return await asyncio.to_thread(look)

    def _one(self, model_id: str) -> OneLoggedModel:
        return OneLoggedModel(model=self._message(self.model(model_id)))

    def _message(self, model: LoggedModel, locations: Mapping[ProjectName, str] | None = None) -> LoggedModelMessage:
        location = self._experiments.location(model.project) if locations is None else locations[model.project]
        return logged_model_message(model, location=location)


def _texts(pairs: Sequence[KeyValue]) -> dict[str, str]:
    found = {pair.key: pair.value for pair in pairs}
    if len(found) < len(pairs):
        message = "A parameter or tag of the model comes twice. Send each key once."
        raise invalid(message)
    return found
