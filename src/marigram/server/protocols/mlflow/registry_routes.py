"""Endpoints about the registry of models: registered models, their versions, aliases, stages and tags."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from marigram.model import ModelEdit, ModelVersion, VersionEdit
from marigram.server.ingest import ModelExistsError, ModelKeeper, UnknownModelError
from marigram.server.protocols.mlflow.endpoints import Answer, Endpoint
from marigram.server.protocols.mlflow.errors import MlflowError, invalid, missing, taken
from marigram.server.protocols.mlflow.limits import check_key
from marigram.server.protocols.mlflow.messages.registry import (
    AboutAlias,
    AboutModel,
    AboutVersion,
    CreateRegisteredModel,
    CreateVersion,
    DeleteModelTag,
    DeleteVersionTag,
    DownloadUri,
    GetLatestVersions,
    ModelPage,
    OneModel,
    OneVersion,
    RenameModel,
    SearchRegistry,
    SetAlias,
    SetModelTag,
    SetVersionTag,
    TransitionStage,
    UpdateModel,
    UpdateVersion,
    Versions,
)
from marigram.server.protocols.mlflow.messages.runs import KeyValue, Nothing
from marigram.server.protocols.mlflow.model_decode import (
    check_alias,
    check_model_name,
    check_new_alias,
    check_registry_tag,
    number_of_version,
    stage_of,
)
from marigram.server.protocols.mlflow.model_encode import (
    STAGES,
    latest_of,
    model_message,
    version_message,
)
from marigram.server.protocols.mlflow.model_search import found_models, found_versions, is_prompt
from marigram.server.protocols.mlflow.paging import checked_most, page_of
from marigram.server.protocols.mlflow.reading import Asked, missing_parameter
from marigram.server.protocols.mlflow.sources import ModelSources, Source
from marigram.server.query import NotThere, Query

MODELS_AT_ONCE, MOST_MODELS = 100, 1000
VERSIONS_AT_ONCE, MOST_VERSIONS = 10_000, 200_000

_Message = TypeVar("_Message", bound=msgspec.Struct)


class RegistryRoutes:
    """Registers models and finds them."""

    def __init__(self, *, query: Query, keeper: ModelKeeper, sources: ModelSources) -> None:
        self._models = query.models
        self._keeper = keeper
        self._sources = sources

    def endpoints(self) -> list[Endpoint]:
        """Return what answers."""
        models, versions = "registered-models", "model-versions"
        return [
            Endpoint("POST", f"{models}/create", _in_thread(CreateRegisteredModel, self._create)),
            Endpoint("POST", f"{models}/rename", _in_thread(RenameModel, self._rename)),
            Endpoint("PATCH", f"{models}/update", _in_thread(UpdateModel, self._update)),
            Endpoint("DELETE", f"{models}/delete", _in_thread(AboutModel, self._delete)),
            Endpoint("GET", f"{models}/get", _in_thread(AboutModel, self._get)),
            Endpoint("GET", f"{models}/search", _in_thread(SearchRegistry, self._search)),
            Endpoint("POST", f"{models}/get-latest-versions", _in_thread(GetLatestVersions, self._latest)),
            Endpoint("GET", f"{models}/get-latest-versions", _in_thread(GetLatestVersions, self._latest)),
            Endpoint("POST", f"{models}/set-tag", _in_thread(SetModelTag, self._set_tag)),
            Endpoint("DELETE", f"{models}/delete-tag", _in_thread(DeleteModelTag, self._delete_tag)),
            Endpoint("POST", f"{models}/alias", _in_thread(SetAlias, self._set_alias)),
            Endpoint("GET", f"{models}/alias", _in_thread(AboutAlias, self._of_alias)),
            Endpoint("DELETE", f"{models}/alias", _in_thread(AboutAlias, self._delete_alias)),
            Endpoint("POST", f"{versions}/create", self._create_version),
            Endpoint("PATCH", f"{versions}/update", _in_thread(UpdateVersion, self._update_version)),
            Endpoint("POST", f"{versions}/transition-stage", _in_thread(TransitionStage, self._transition)),
            Endpoint("DELETE", f"{versions}/delete", _in_thread(AboutVersion, self._delete_version)),
            Endpoint("GET", f"{versions}/get", _in_thread(AboutVersion, self._get_version)),
            Endpoint("GET", f"{versions}/search", _in_thread(SearchRegistry, self._search_versions)),
            Endpoint("GET", f"{versions}/get-download-uri", _in_thread(AboutVersion, self._download_uri)),
            Endpoint("POST", f"{versions}/set-tag", _in_thread(SetVersionTag, self._set_version_tag)),
            Endpoint("DELETE", f"{versions}/delete-tag", _in_thread(DeleteVersionTag, self._delete_version_tag)),
        ]

    def _create(self, message: CreateRegisteredModel) -> OneModel:
        check_model_name(message.name)
        tags = _tags(message.tags)
        with _named(message.name):
            model = self._keeper.create(message.name, description=message.description or "", tags=tags)
        return OneModel(registered_model=model_message(model, []))

    def _rename(self, message: RenameModel) -> OneModel:
        check_model_name(message.new_name, "new_name")
        with _named(message.name, new_name=message.new_name):
            self._keeper.rename(message.name, message.new_name)
        return self._one(message.new_name)

    def _update(self, message: UpdateModel) -> OneModel:
        self._edit(message.name, ModelEdit(description=message.description or ""))
        return self._one(message.name)

    def _delete(self, message: AboutModel) -> Nothing:
        with _named(message.name):
            self._keeper.delete(message.name)
        return Nothing()

    def _get(self, message: AboutModel) -> OneModel:
        return self._one(message.name)

    def _search(self, message: SearchRegistry) -> ModelPage:
        most = checked_most(message.max_results, default=MODELS_AT_ONCE, most=MOST_MODELS)
        found = found_models(self._models.registered_models(), message.filter, message.order_by)
        page, token = page_of(found, token=message.page_token, most=most)
        messages = tuple(model_message(model, self._models.versions(model.name)) for model in page)
        return ModelPage(registered_models=messages, next_page_token=token)

    def _latest(self, message: GetLatestVersions) -> Versions:
        stages = {stage_of(stage) for stage in message.stages}
        with _named(message.name):
            model = self._models.registered_model(message.name)
        latest = latest_of(self._models.versions(message.name))
        wanted = [version for version in latest if not stages or version.stage in stages]
        return Versions(model_versions=tuple(version_message(version, model) for version in wanted))

    def _set_tag(self, message: SetModelTag) -> Nothing:
        tags = _tags([KeyValue(key=message.key, value=message.value)])
        self._edit(message.name, ModelEdit(set_tags=tags))
        return Nothing()

    def _delete_tag(self, message: DeleteModelTag) -> Nothing:
        check_key(message.key, "tag", "key")
        self._edit(message.name, ModelEdit(remove_tags=(message.key,)))
        return Nothing()

    def _set_alias(self, message: SetAlias) -> Nothing:
        check_new_alias(message.alias)
        number = number_of_version(message.version)
        with _named(message.name, number):
            self._keeper.edit(message.name, ModelEdit(set_aliases={message.alias: number}))
        return Nothing()

    def _of_alias(self, message: AboutAlias) -> OneVersion:
        check_alias(message.alias)
        with _named(message.name):
            number = self._sources.number_of_alias(message.name, message.alias)
        return self._one_version(message.name, number)

    def _delete_alias(self, message: AboutAlias) -> Nothing:
        check_alias(message.alias)
        self._edit(message.name, ModelEdit(remove_aliases=(message.alias,)))
        return Nothing()

    async def _create_version(self, asked: Asked) -> OneVersion:
        message = await asked.message(CreateVersion)

        def create() -> OneVersion:
            check_model_name(message.name)
            if not message.source:
                raise missing_parameter("source")  # noqa: EM101 - a name, not a message
            tags = _tags(message.tags)
            with _named(message.name):
                model = self._models.registered_model(message.name)
            if is_prompt(model):  # a prompt's text is a tag, and its source is none
                source = Source(uri=message.source)
            else:
                source = self._sources.resolve(message.source, run_id=message.run_id, model_id=message.model_id)
            version = ModelVersion(
                model=message.name,
                number=0,
                description=message.description or "",
                created_at=0,
                updated_at=0,
                source=source.uri,
                files=source.files,
                run_id=source.run_id,
                logged_model_id=source.logged_model_id,
                run_link=message.run_link or "",
                tags=tags,
            )
            with _named(message.name):
                version = self._keeper.add(version)
            return self._one_version(version.model, version.number)

        return await asyncio.to_thread(create)

    def _update_version(self, message: UpdateVersion) -> OneVersion:
        return self._edit_version(message, VersionEdit(description=message.description or ""))

    def _transition(self, message: TransitionStage) -> OneVersion:
        stage = stage_of(message.stage)
        if message.archive_existing_versions and STAGES[stage] not in {"Staging", "Production"}:
            error = (
                "Model version transition cannot archive existing model versions because "
                f"'{message.stage}' is not an Active stage. Valid stages are ['Staging', 'Production']"
            )
            raise invalid(error)
        edit = VersionEdit(stage=stage, archive_others=message.archive_existing_versions)
        return self._edit_version(message, edit)

    def _delete_version(self, message: AboutVersion) -> Nothing:
        number = number_of_version(message.version)
        with _named(message.name, number):
            self._keeper.delete_version(message.name, number)
        return Nothing()

    def _get_version(self, message: AboutVersion) -> OneVersion:
        return self._one_version(message.name, number_of_version(message.version))

    def _search_versions(self, message: SearchRegistry) -> Versions:
        most = checked_most(message.max_results, default=VERSIONS_AT_ONCE, most=MOST_VERSIONS)
        models = {model.name: model for model in self._models.registered_models()}
        found = found_versions(self._models.versions(), models, message.filter, message.order_by)
        page, token = page_of(found, token=message.page_token, most=most)
        messages = tuple(version_message(version, models.get(version.model)) for version in page)
        return Versions(model_versions=messages, next_page_token=token)

    def _download_uri(self, message: AboutVersion) -> DownloadUri:
        number = number_of_version(message.version)
        with _named(message.name, number):
            version = self._models.version(message.name, number)
        return DownloadUri(artifact_uri=self._sources.download_uri(version))

    def _set_version_tag(self, message: SetVersionTag) -> Nothing:
        self._edit_version(message, VersionEdit(set_tags=_tags([KeyValue(key=message.key, value=message.value)])))
        return Nothing()

    def _delete_version_tag(self, message: DeleteVersionTag) -> Nothing:
        check_key(message.key, "tag", "key")
        self._edit_version(message, VersionEdit(remove_tags=(message.key,)))
        return Nothing()

    def _edit(self, name: str, edit: ModelEdit) -> None:
        with _named(name):
            self._keeper.edit(name, edit)

    def _edit_version(self, about: AboutVersion, edit: VersionEdit) -> OneVersion:
        number = number_of_version(about.version)
        with _named(about.name, number):
            self._keeper.edit_version(about.name, number, edit)
        return self._one_version(about.name, number)

    def _one(self, name: str) -> OneModel:
        with _named(name):
            model = self._models.registered_model(name)
        return OneModel(registered_model=model_message(model, self._models.versions(name)))

    def _one_version(self, name: str, number: int) -> OneVersion:
        with _named(name, number):
            version = self._models.version(name, number)
            return OneVersion(model_version=version_message(version, self._models.registered_model(name)))


def _in_thread(kind: type[_Message], answer: Callable[[_Message], msgspec.Struct]) -> Answer:
    """Return an endpoint that reads a message, and answers it where it may wait for the disk."""

    async def respond(asked: Asked) -> msgspec.Struct:
        return await asyncio.to_thread(answer, await asked.message(kind))

    return respond


@contextmanager
def _named(name: str, number: int | None = None, *, new_name: str | None = None) -> Generator[None]:
    """Say of a refusal in the block what MLflow says of it.

    Raises:
        MlflowError: the model or version is not there, or the name is taken.
    """
    check_model_name(name)
    try:
        yield
    except ModelExistsError as error:
        message = f"Registered Model (name={new_name or name}) already exists."
        raise taken(message) from error
    except (UnknownModelError, NotThere) as error:
        raise _not_found(name, number) from error


def _not_found(name: str, number: int | None) -> MlflowError:
    if number is None:
        return missing(f"Registered Model with name={name} not found")
    return missing(f"Model Version (name={name}, version={number}) not found")


def _tags(tags: tuple[KeyValue, ...] | list[KeyValue]) -> dict[str, str]:
    for tag in tags:
        check_key(tag.key, "tag", "key")
        check_registry_tag(tag.value)
    return {tag.key: tag.value for tag in tags}
