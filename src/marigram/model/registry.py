"""The registry of models: names under which versions of a model are kept, whichever project they come from."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import msgspec

from marigram.model.path import Path

_T = TypeVar("_T")


class ModelStage(str, Enum):
    """How far a version has come, for those who go by stages; aliases say more."""

    NONE = "none"
    STAGING = "staging"
    PRODUCTION = "production"
    ARCHIVED = "archived"


class RunFolder(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a run below a path."""

    run_id: str
    path: Path


class RegisteredModel(msgspec.Struct, frozen=True, kw_only=True):
    """A name under which versions of a model are kept. The registry is one for the whole server.

    Attributes:
        name: how people call it; unique.
        description: what it is for; empty if nobody has said.
        created_at, updated_at: milliseconds since 1970-01-01 UTC; a new version is an update, too.
        tags: key → text.
        aliases: name → number of the version that it stands for, for example `champion` → 3.
    """

    name: str
    description: str = ""
    created_at: int
    updated_at: int
    tags: Mapping[str, str] = {}
    aliases: Mapping[str, int] = {}


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a registered model.

    Attributes:
        model: the registered model's name.
        number: 1 for the first; a number is never given again as long as the model is there.
        description: what is particular about it; empty if nobody has said.
        created_at, updated_at: milliseconds since 1970-01-01 UTC.
        source: where the model came from, as whoever registered it wrote it.
        files: the folder that holds it; None if it is not on this server.
        run_id: the run that made it, if known.
        logged_model_id: the logged model that it is, if it is one.
        run_link: an address of that run elsewhere, if one was given.
        stage: how far it has come.
        tags: key → text.
    """

    model: str
    number: int
    description: str = ""
    created_at: int
    updated_at: int
    source: str
    files: RunFolder | None = None
    run_id: str | None = None
    logged_model_id: str | None = None
    run_link: str = ""
    stage: ModelStage = ModelStage.NONE
    tags: Mapping[str, str] = {}


class ModelEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What shall change of a registered model; what is left out stays as it is.

    Attributes:
        description: the new one.
        set_tags: tags that it gets, or that change.
        remove_tags: keys of tags that it loses; done first.
        set_aliases: aliases that it gets, or that stand for another version from now on.
        remove_aliases: aliases that it loses; done first.
    """

    description: str | None = None
    set_tags: Mapping[str, str] = {}
    remove_tags: tuple[str, ...] = ()
    set_aliases: Mapping[str, int] = {}
    remove_aliases: tuple[str, ...] = ()

    def applied_to(self, model: RegisteredModel, *, at: int) -> RegisteredModel:
        """Return the model as it is after the edit."""
        return msgspec.structs.replace(
            model,
            description=model.description if self.description is None else self.description,
            updated_at=at,
            tags=_edited(model.tags, self.set_tags, self.remove_tags),
            aliases=_edited(model.aliases, self.set_aliases, self.remove_aliases),
        )


class VersionEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What shall change of a version; what is left out stays as it is.

    Attributes:
        description: the new one.
        stage: the new one.
        archive_others: whether the model's other versions of that stage are archived.
        set_tags: tags that it gets, or that change.
        remove_tags: keys of tags that it loses; done first.
    """

    description: str | None = None
    stage: ModelStage | None = None
    archive_others: bool = False
    set_tags: Mapping[str, str] = {}
    remove_tags: tuple[str, ...] = ()

    def applied_to(self, version: ModelVersion, *, at: int) -> ModelVersion:
        """Return the version as it is after the edit."""
        return msgspec.structs.replace(
            version,
            description=version.description if self.description is None else self.description,
            stage=version.stage if self.stage is None else self.stage,
            updated_at=at,
            tags=_edited(version.tags, self.set_tags, self.remove_tags),
        )

    def archives(self, other: ModelVersion) -> bool:
        """Return whether another version of the model is archived by this edit."""
        return self.archive_others and other.stage is self.stage


def _edited(held: Mapping[str, _T], change: Mapping[str, _T], remove: tuple[str, ...]) -> Mapping[str, _T]:
    return {**{key: value for key, value in held.items() if key not in remove}, **change}
