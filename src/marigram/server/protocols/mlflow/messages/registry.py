"""Messages about the registry of models. A version's number is text in all of them."""

from __future__ import annotations

import msgspec

from marigram.server.protocols.mlflow.messages.runs import KeyValue


class CreateRegisteredModel(msgspec.Struct, frozen=True, kw_only=True):
    """Register a model."""

    name: str
    tags: tuple[KeyValue, ...] = ()
    description: str | None = None


class AboutModel(msgspec.Struct, frozen=True, kw_only=True):
    """Which registered model."""

    name: str


class RenameModel(AboutModel, frozen=True, kw_only=True):
    """Give a registered model another name."""

    new_name: str


class UpdateModel(AboutModel, frozen=True, kw_only=True):
    """Describe a registered model anew."""

    description: str | None = None


class GetLatestVersions(AboutModel, frozen=True, kw_only=True):
    """Which registered model, and of which stages; none: of all."""

    stages: tuple[str, ...] = ()


class SetModelTag(AboutModel, frozen=True, kw_only=True):
    """Set a tag of a registered model."""

    key: str
    value: str = ""


class DeleteModelTag(AboutModel, frozen=True, kw_only=True):
    """Take a tag off a registered model."""

    key: str


class AboutAlias(AboutModel, frozen=True, kw_only=True):
    """Which alias of which registered model."""

    alias: str


class SetAlias(AboutAlias, frozen=True, kw_only=True):
    """Let an alias stand for a version."""

    version: str


class CreateVersion(AboutModel, frozen=True, kw_only=True):
    """Register a version."""

    source: str
    run_id: str | None = None
    tags: tuple[KeyValue, ...] = ()
    run_link: str | None = None
    description: str | None = None
    model_id: str | None = None


class AboutVersion(AboutModel, frozen=True, kw_only=True):
    """Which version of which registered model."""

    version: str


class UpdateVersion(AboutVersion, frozen=True, kw_only=True):
    """Describe a version anew."""

    description: str | None = None


class TransitionStage(AboutVersion, frozen=True, kw_only=True):
    """Bring a version to a stage."""

    stage: str
    archive_existing_versions: bool = False


class SetVersionTag(AboutVersion, frozen=True, kw_only=True):
    """Set a tag of a version."""

    key: str
    value: str = ""


class DeleteVersionTag(AboutVersion, frozen=True, kw_only=True):
    """Take a tag off a version."""

    key: str


class SearchRegistry(msgspec.Struct, frozen=True, kw_only=True):
    """Which registered models or versions, in which order."""

    filter: str | None = None
    max_results: int | None = None
    order_by: tuple[str, ...] = ()
    page_token: str | None = None


class AliasMessage(msgspec.Struct, frozen=True, kw_only=True):
    """An alias."""

    alias: str
    version: str


class VersionMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A version. Times are milliseconds since 1970-01-01 UTC."""

    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    current_stage: str
    source: str
    status: str
    description: str = ""
    run_id: str = ""
    run_link: str = ""
    model_id: str = ""
    tags: tuple[KeyValue, ...] = ()
    aliases: tuple[str, ...] = ()


class ModelMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A registered model. Times are milliseconds since 1970-01-01 UTC."""

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str = ""
    latest_versions: tuple[VersionMessage, ...] = ()
    tags: tuple[KeyValue, ...] = ()
    aliases: tuple[AliasMessage, ...] = ()


class OneModel(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of one registered model."""

    registered_model: ModelMessage


class OneVersion(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of one version."""

    model_version: VersionMessage


class Versions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of versions; no token: the last one."""

    model_versions: tuple[VersionMessage, ...] = ()
    next_page_token: str | None = None


class ModelPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of registered models; no token: the last one."""

    registered_models: tuple[ModelMessage, ...] = ()
    next_page_token: str | None = None


class DownloadUri(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version's files are."""

    artifact_uri: str
