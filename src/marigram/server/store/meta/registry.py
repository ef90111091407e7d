"""The port of the registry of models.

The docstrings here are the specification; `marigram.testing.meta_models` checks an engine.
"""

from __future__ import annotations

from typing import Protocol

from marigram.model import ModelEdit, ModelVersion, RegisteredModel, VersionEdit


class ModelExistsError(ValueError):
    """There is a registered model of this name already; the message says so."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a registered model {name!r} already. Add a version to it, or choose another name.")
        self.name = name


class ModelRegistry(Protocol):
    """Registered models and their versions. All calls are safe from any thread.

    What a call has changed survives `kill -9` and loss of power when it returns. Names are told apart by case.
    """

    def create_model(self, model: RegisteredModel) -> None:
        """Keep a new model; it has no versions and so no aliases.

        Raises:
            ModelExistsError: there is one of this name.
        """
        ...

    def edit_model(self, name: str, edit: ModelEdit, *, at: int) -> RegisteredModel | None:
        """Change a model and return it; `at` is when, in milliseconds since 1970-01-01 UTC.

        None, and nothing is changed, if there is no such model, or no such version for one of the new aliases.
        """
        ...

    def rename_model(self, name: str, new_name: str, *, at: int) -> RegisteredModel | None:
        """Give a model and its versions another name and return it; None if there is no such model.

        Raises:
            ModelExistsError: there is another model of the new name.
        """
        ...

    def delete_model(self, name: str) -> bool:
        """Forget a model and its versions; return whether there was one. The files stay where they are."""
        ...

    def model(self, name: str) -> RegisteredModel | None:
        """Return the model of this name."""
        ...

    def models(self) -> list[RegisteredModel]:
        """Return all models, in order of name."""
        ...

    def create_version(self, version: ModelVersion) -> ModelVersion | None:
        """Keep a new version of a model and return it with the next number of that model, whatever its number was.

        The model is updated when the version is created. None if there is no such model.
        """
        ...

    def edit_version(self, model: str, number: int, edit: VersionEdit, *, at: int) -> ModelVersion | None:
        """Change a version, and others that the edit archives, and return it; None if there is no such version."""
        ...

    def delete_version(self, model: str, number: int, *, at: int) -> bool:
        """Forget a version and the aliases that stand for it; return whether there was one.

        Its number is not given again.
        """
        ...

    def version(self, model: str, number: int) -> ModelVersion | None:
        """Return a version of a model."""
        ...

    def versions(self, model: str | None = None) -> list[ModelVersion]:
        """Return all versions, or those of one model, in order of the model's name, the newest of each first."""
        ...

    def versions_from(self, run_id: str) -> list[ModelVersion]:
        """Return the versions that a run has made, or whose files are among its files, in the order of `versions`."""
        ...
