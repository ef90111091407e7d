"""`SqliteModelRegistry`: the registry of models in meta.db.

What is changed is read, changed and written in one transaction of the engine's; reads go over its connections for
reading.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import msgspec

from marigram.model import (
    ModelEdit,
    ModelStage,
    ModelVersion,
    Path,
    RegisteredModel,
    RunFolder,
    VersionEdit,
)
from marigram.server.store.meta.registry import ModelExistsError

_MODEL = "SELECT name, description, created_at, updated_at, tags, aliases FROM registered_model"
_VERSION = (
    "SELECT registered_model.name, number, model_version.description, model_version.created_at,"
    " model_version.updated_at, source, files_run, files_path, run_id, logged_model_id, run_link, stage,"
    " model_version.tags FROM model_version JOIN registered_model ON registered_model.id = model"
)
_TAGS = msgspec.json.Decoder(dict[str, str])
_ALIASES = msgspec.json.Decoder(dict[str, int])


class SqliteModelRegistry:
    """The embedded engine of the port; see `ModelRegistry` for what it guarantees."""

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[sqlite3.Connection]],
        reader: Callable[[], sqlite3.Connection],
    ) -> None:
        self._transaction = transaction
        self._reader = reader

    def create_model(self, model: RegisteredModel) -> None:
        """See `ModelRegistry.create_model`."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO registered_model (name, description, created_at, updated_at, tags, aliases)"
                " VALUES (?, ?, ?, ?, ?, '{}') ON CONFLICT (name) DO NOTHING",
                (model.name, model.description, model.created_at, model.updated_at, _json(model.tags)),
            )
        if not cursor.rowcount:
            raise ModelExistsError(model.name)

    def edit_model(self, name: str, edit: ModelEdit, *, at: int) -> RegisteredModel | None:
        """See `ModelRegistry.edit_model`."""
        with self._transaction() as connection:
            held = _model(connection, name)
            numbers = {version.number for version in _versions(connection, name)} if edit.set_aliases else set[int]()
            if held is None or not numbers >= set(edit.set_aliases.values()):
                return None
            return _write_model(connection, edit.applied_to(held, at=at))

    def rename_model(self, name: str, new_name: str, *, at: int) -> RegisteredModel | None:
        """See `ModelRegistry.rename_model`."""
        with self._transaction() as connection:
            if _model(connection, name) is None:
                return None
            if new_name != name and _model(connection, new_name) is not None:
                raise ModelExistsError(new_name)
            connection.execute(
                "UPDATE registered_model SET name = ?, updated_at = ? WHERE name = ?", (new_name, at, name)
            )
            return _model(connection, new_name)

    def delete_model(self, name: str) -> bool:
        """See `ModelRegistry.delete_model`."""
        with self._transaction() as connection:
            return connection.execute("DELETE FROM registered_model WHERE name = ?", (name,)).rowcount > 0

    def model(self, name: str) -> RegisteredModel | None:
        """See `ModelRegistry.model`."""
        return _model(self._reader(), name)

    def models(self) -> list[RegisteredModel]:
        """See `ModelRegistry.models`."""
        return [_model_of(row) for row in self._reader().execute(f"{_MODEL} ORDER BY name")]

    def create_version(self, version: ModelVersion) -> ModelVersion | None:
        """See `ModelRegistry.create_version`."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE registered_model SET last_number = last_number + 1, updated_at = ? WHERE name = ?",
                (version.created_at, version.model),
            )
            last = connection.execute("SELECT last_number FROM registered_model WHERE name = ?", (version.model,))
            row = last.fetchone()
            if row is None:
                return None
            numbered = msgspec.structs.replace(version, number=row[0])
            _write_version(connection, numbered)
            return numbered

    def edit_version(self, model: str, number: int, edit: VersionEdit, *, at: int) -> ModelVersion | None:
        """See `ModelRegistry.edit_version`."""
        with self._transaction() as connection:
            versions = {version.number: version for version in _versions(connection, model)}
            held = versions.pop(number, None)
            if held is None:
                return None
            archived = VersionEdit(stage=ModelStage.ARCHIVED)
            for other in versions.values():
                if edit.archives(other):
                    _write_version(connection, archived.applied_to(other, at=at))
            edited = edit.applied_to(held, at=at)
            _write_version(connection, edited)
            return edited

    def delete_version(self, model: str, number: int, *, at: int) -> bool:
        """See `ModelRegistry.delete_version`."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "DELETE FROM model_version WHERE number = ?"
                " AND model = (SELECT id FROM registered_model WHERE name = ?)",
                (number, model),
            )
            held = _model(connection, model)
            if not cursor.rowcount or held is None:
                return False
            gone = tuple(alias for alias, each in held.aliases.items() if each == number)
            _write_model(connection, ModelEdit(remove_aliases=gone).applied_to(held, at=at))
            return True

    def version(self, model: str, number: int) -> ModelVersion | None:
        """See `ModelRegistry.version`."""
        rows = self._reader().execute(f"{_VERSION} WHERE registered_model.name = ? AND number = ?", (model, number))
        row = rows.fetchone()
        return None if row is None else _version_of(row)

    def versions(self, model: str | None = None) -> list[ModelVersion]:
        """See `ModelRegistry.versions`."""
        return _versions(self._reader(), model)

    def versions_from(self, run_id: str) -> list[ModelVersion]:
        """See `ModelRegistry.versions_from`."""
        rows = self._reader().execute(
            f"{_VERSION} WHERE run_id = ? OR files_run = ? ORDER BY registered_model.name, number DESC",
            (run_id, run_id),
        )
        return [_version_of(row) for row in rows]


def _model(connection: sqlite3.Connection, name: str) -> RegisteredModel | None:
    row = connection.execute(f"{_MODEL} WHERE name = ?", (name,)).fetchone()
    return None if row is None else _model_of(row)


def _model_of(row: Sequence[str]) -> RegisteredModel:
    name, description, created_at, updated_at, tags, aliases = row
    return RegisteredModel(
        name=name,
        description=description,
        created_at=int(created_at),
        updated_at=int(updated_at),
        tags=_TAGS.decode(tags),
        aliases=_ALIASES.decode(aliases),
    )


def _write_model(connection: sqlite3.Connection, model: RegisteredModel) -> RegisteredModel:
    connection.execute(
        "UPDATE registered_model SET description = ?, updated_at = ?, tags = ?, aliases = ? WHERE name = ?",
        (model.description, model.updated_at, _json(model.tags), _json(model.aliases), model.name),
    )
    return model


def _versions(connection: sqlite3.Connection, model: str | None) -> list[ModelVersion]:
    where, values = ("", ()) if model is None else (" WHERE registered_model.name = ?", (model,))
    rows = connection.execute(f"{_VERSION}{where} ORDER BY registered_model.name, number DESC", values)
    return [_version_of(row) for row in rows]


def _version_of(row: Sequence[str]) -> ModelVersion:
    model, number, description, created_at, updated_at, source, files_run, files_path, *rest = row
    run_id, logged_model_id, run_link, stage, tags = rest
    return ModelVersion(
        model=model,
        number=int(number),
        description=description,
        created_at=int(created_at),
        updated_at=int(updated_at),
        source=source,
        files=RunFolder(run_id=files_run, path=Path(files_path)) if files_run else None,
        run_id=run_id,
        logged_model_id=logged_model_id,
        run_link=run_link,
        stage=ModelStage(stage),
        tags=_TAGS.decode(tags),
    )


def _write_version(connection: sqlite3.Connection, version: ModelVersion) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO model_version (model, number, description, created_at, updated_at, source, files_run,"
        " files_path, run_id, logged_model_id, run_link, stage, tags)"
        " SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM registered_model WHERE name = ?",
        (
            version.number,
            version.description,
            version.created_at,
            version.updated_at,
            version.source,
            None if version.files is None else version.files.run_id,
            None if version.files is None else version.files.path,
            version.run_id,
            version.logged_model_id,
            version.run_link,
            version.stage.value,
            _json(version.tags),
            version.model,
        ),
    )


def _json(held: object) -> str:
    return msgspec.json.encode(held).decode()
