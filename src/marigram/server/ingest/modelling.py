"""`ModelKeeper`: the door into the registry of models. It changes no run; files stay where they are. Any thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from marigram.model import ModelEdit, ModelVersion, RegisteredModel, VersionEdit
from marigram.server.store.meta.registry import ModelRegistry


class UnknownModelError(LookupError):
    """There is no such registered model, or no such version; the message says which."""


class ModelKeeper:
    """Registers models and their versions, with the time at which that was done."""

    def __init__(self, *, registry: ModelRegistry, clock_ms: Callable[[], int]) -> None:
        self._registry = registry
        self._clock_ms = clock_ms

    def create(self, name: str, *, description: str, tags: Mapping[str, str]) -> RegisteredModel:
        """Register a model without versions and return it.

        Raises:
            ModelExistsError: there is one of this name.
        """
        now = self._clock_ms()
        model = RegisteredModel(name=name, description=description, created_at=now, updated_at=now, tags=tags)
        self._registry.create_model(model)
        return model

    def edit(self, name: str, edit: ModelEdit) -> RegisteredModel:
        """Change a model and return it.

        Raises:
            UnknownModelError: there is no such model, or no such version for one of the new aliases.
        """
        found = self._registry.edit_model(name, edit, at=self._clock_ms())
        if found is None:
            raise _unknown(name, *edit.set_aliases.values())
        return found

    def rename(self, name: str, new_name: str) -> RegisteredModel:
        """Give a model another name and return it.

        Raises:
            UnknownModelError: there is no such model.
            ModelExistsError: there is another one of the new name.
        """
        found = self._registry.rename_model(name, new_name, at=self._clock_ms())
        if found is None:
            raise _unknown(name)
        return found

    def delete(self, name: str) -> None:
        """Forget a model and its versions.

        Raises:
            UnknownModelError: there is no such model.
        """
        if not self._registry.delete_model(name):
            raise _unknown(name)

    def add(self, version: ModelVersion) -> ModelVersion:
        """Register a version and return it with its number and times; those that it came with don't count.

        Raises:
            UnknownModelError: there is no such model.
        """
        now = self._clock_ms()
        found = self._registry.create_version(msgspec.structs.replace(version, created_at=now, updated_at=now))
        if found is None:
            raise _unknown(version.model)
        return found

    def edit_version(self, name: str, number: int, edit: VersionEdit) -> ModelVersion:
        """Change a version and return it.

        Raises:
            UnknownModelError: there is no such version.
        """
        found = self._registry.edit_version(name, number, edit, at=self._clock_ms())
        if found is None:
            raise _unknown(name, number)
        return found

    def delete_version(self, name: str, number: int) -> None:
        """Forget a version.

        Raises:
            UnknownModelError: there is no such version.
        """
        if not self._registry.delete_version(name, number, at=self._clock_ms()):
            raise _unknown(name, number)


def _unknown(name: str, *numbers: int) -> UnknownModelError:
    which = f"version {', '.join(map(str, numbers))} of the registered model" if numbers else "registered model"
    return UnknownModelError(f"There is no {which} {name!r}. Look at the list of models for what there is.")
