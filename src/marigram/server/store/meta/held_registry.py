"""The reference engine of the registry of models: two dictionaries. Unit tests use it."""

from __future__ import annotations

import threading

import msgspec

from marigram.model import ModelEdit, ModelStage, ModelVersion, RegisteredModel, VersionEdit
from marigram.server.store.meta.registry import ModelExistsError


class HeldModelRegistry:
    """Keeps everything in memory; see `ModelRegistry` for what it promises, but for surviving anything."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._models: dict[str, RegisteredModel] = {}
        self._versions: dict[str, dict[int, ModelVersion]] = {}
        self._last_numbers: dict[str, int] = {}

    def create_model(self, model: RegisteredModel) -> None:
        """See `ModelRegistry.create_model`."""
        with self._lock:
            if model.name in self._models:
                raise ModelExistsError(model.name)
            self._models[model.name] = model
            self._versions[model.name] = {}
            self._last_numbers[model.name] = 0

    def edit_model(self, name: str, edit: ModelEdit, *, at: int) -> RegisteredModel | None:
        """See `ModelRegistry.edit_model`."""
        with self._lock:
            held = self._models.get(name)
            if held is None or not self._versions[name].keys() >= set(edit.set_aliases.values()):
                return None
            self._models[name] = edit.applied_to(held, at=at)
            return self._models[name]

    def rename_model(self, name: str, new_name: str, *, at: int) -> RegisteredModel | None:
        """See `ModelRegistry.rename_model`."""
        with self._lock:
            held = self._models.get(name)
            if held is None:
                return None
            if new_name != name and new_name in self._models:
                raise ModelExistsError(new_name)
            del self._models[name]
            self._models[new_name] = msgspec.structs.replace(held, name=new_name, updated_at=at)
            self._last_numbers[new_name] = self._last_numbers.pop(name)
            self._versions[new_name] = {
                number: msgspec.structs.replace(version, model=new_name)
                for number, version in self._versions.pop(name).items()
            }
            return self._models[new_name]

    def delete_model(self, name: str) -> bool:
        """See `ModelRegistry.delete_model`."""
        with self._lock:
            self._versions.pop(name, None)
            self._last_numbers.pop(name, None)
            return self._models.pop(name, None) is not None

    def model(self, name: str) -> RegisteredModel | None:
        """See `ModelRegistry.model`."""
        return self._models.get(name)

    def models(self) -> list[RegisteredModel]:
        """See `ModelRegistry.models`."""
        with self._lock:
            return sorted(self._models.values(), key=lambda model: model.name)

    def create_version(self, version: ModelVersion) -> ModelVersion | None:
        """See `ModelRegistry.create_version`."""
        with self._lock:
            held = self._models.get(version.model)
            if held is None:
                return None
            self._last_numbers[held.name] += 1
            numbered = msgspec.structs.replace(version, number=self._last_numbers[held.name])
            self._versions[held.name][numbered.number] = numbered
            self._models[held.name] = msgspec.structs.replace(held, updated_at=version.created_at)
            return numbered

    def edit_version(self, model: str, number: int, edit: VersionEdit, *, at: int) -> ModelVersion | None:
        """See `ModelRegistry.edit_version`."""
        with self._lock:
            versions = self._versions.get(model, {})
            if number not in versions:
                return None
            archived = VersionEdit(stage=ModelStage.ARCHIVED)
            for other in list(versions.values()):
                if other.number != number and edit.archives(other):
                    versions[other.number] = archived.applied_to(other, at=at)
            versions[number] = edit.applied_to(versions[number], at=at)
            return versions[number]

    def delete_version(self, model: str, number: int, *, at: int) -> bool:
        """See `ModelRegistry.delete_version`."""
        with self._lock:
            if self._versions.get(model, {}).pop(number, None) is None:
                return False
            held = self._models[model]
            gone = tuple(alias for alias, each in held.aliases.items() if each == number)
            self._models[model] = ModelEdit(remove_aliases=gone).applied_to(held, at=at)
            return True

    def version(self, model: str, number: int) -> ModelVersion | None:
        """See `ModelRegistry.version`."""
        return self._versions.get(model, {}).get(number)

    def versions(self, model: str | None = None) -> list[ModelVersion]:
        """See `ModelRegistry.versions`."""
        with self._lock:
            found = [each for versions in self._versions.values() for each in versions.values()]
        wanted = [each for each in found if model is None or each.model == model]
        return sorted(wanted, key=lambda each: (each.model, -each.number))

    def versions_from(self, run_id: str) -> list[ModelVersion]:
        """See `ModelRegistry.versions_from`."""
        return [
            each
            for each in self.versions()
            if each.run_id == run_id or (each.files is not None and each.files.run_id == run_id)
        ]
