"""The part of the contract of the port of metadata that is about the registry of models."""

from __future__ import annotations

import msgspec
import pytest

from marigram.model import (
    ModelEdit,
    ModelStage,
    ModelVersion,
    Path,
    RegisteredModel,
    RunFolder,
    VersionEdit,
)
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.meta.registry import ModelExistsError
from marigram.testing.meta_history import CHILD, PARENT

CATS = RegisteredModel(name="cats", description="finds cats", created_at=10, updated_at=10, tags={"team": "vision"})
DOGS = RegisteredModel(name="Dogs", created_at=11, updated_at=11)
FIRST = ModelVersion(model="cats", number=1, created_at=20, updated_at=20, source="runs:/1/model", run_id=PARENT)
OTHER = ModelVersion(
    model="cats",
    number=2,
    description="better",
    created_at=21,
    updated_at=21,
    source="models:/m-1",
    files=RunFolder(run_id=CHILD, path=Path("models/m-1/artifacts")),
    logged_model_id="m-1",
    run_link="https://example.com/1",
    stage=ModelStage.STAGING,
    tags={"note": "a 'quoted' é"},
)


class MetaModelsContract:
    """A part of `MetaStoreContract`."""

    def test_models_come_back_in_order_of_name(self, store: MetaStore) -> None:
        for model in (CATS, DOGS):
            store.registry.create_model(model)
        assert store.registry.models() == [DOGS, CATS]
        assert (store.registry.model("cats"), store.registry.model("CATS")) == (CATS, None)

    def test_a_name_is_taken_once(self, store: MetaStore) -> None:
        store.registry.create_model(CATS)
        with pytest.raises(ModelExistsError, match="'cats' already"):
            store.registry.create_model(msgspec.structs.replace(CATS, description="other"))
        assert store.registry.models() == [CATS]

    def test_an_edit_of_a_model_changes_what_it_names_and_removes_before_it_sets(self, store: MetaStore) -> None:
        store.registry.create_model(CATS)
        store.registry.create_version(FIRST)
        edit = ModelEdit(set_tags={"a": "1", "b": "2"}, remove_tags=("team", "a"), set_aliases={"champion": 1})
        edited = store.registry.edit_model("cats", edit, at=30)
        assert edited == store.registry.model("cats")
        assert edited is not None
        assert (edited.tags, edited.aliases, edited.updated_at) == ({"a": "1", "b": "2"}, {"champion": 1}, 30)
        assert (edited.description, edited.created_at) == ("finds cats", 10)
        edited = store.registry.edit_model(
            "cats", ModelEdit(description="", remove_aliases=("champion", "nobody")), at=31
        )
        assert edited is not None
        assert (edited.description, edited.aliases) == ("", {})

    def test_an_alias_of_a_version_that_is_not_there_changes_nothing(self, store: MetaStore) -> None:
        store.registry.create_model(CATS)
        edit = ModelEdit(description="x", set_aliases={"champion": 1})
        assert store.registry.edit_model("cats", edit, at=30) is None
        assert store.registry.edit_model("nothing", ModelEdit(), at=30) is None
        assert store.registry.model("cats") == CATS

    def test_versions_are_numbered_from_1_and_no_number_is_given_twice(self, store: MetaStore) -> None:
        store.registry.create_model(CATS)
        assert store.registry.create_version(FIRST) == FIRST
        assert store.registry.create_version(OTHER) == OTHER
        assert store.registry.delete_version("cats", 2, at=30)
        assert not store.registry.delete_version("cats", 2, at=31)
        third = store.registry.create_version(OTHER)
        assert third == msgspec.structs.replace(OTHER, number=3)
        assert store.registry.versions("cats") == [third, FIRST]
        assert store.registry.version("cats", 3) == third
        assert store.registry.version("cats", 2) is None
        assert store.registry.version("nothing", 1) is None

    def test_a_new_version_updates_its_model_and_needs_one(self, store: MetaStore) -> None:
        assert store.registry.create_version(FIRST) is None
        store.registry.create_model(CATS)
        store.registry.create_version(FIRST)
        assert store.registry.model("cats") == msgspec.structs.replace(CATS, updated_at=20)

    def test_versions_of_all_models_come_by_name_and_newest_first(self, store: MetaStore) -> None:
        for model in (CATS, DOGS):
            store.registry.create_model(model)
        for version in (FIRST, OTHER, msgspec.structs.replace(FIRST, model="Dogs")):
            store.registry.create_version(version)
        assert [(each.model, each.number) for each in store.registry.versions()] == [
            ("Dogs", 1),
            ("cats", 2),
            ("cats", 1),
        ]
        assert store.registry.versions("nothing") == []

    def test_an_edit_of_a_version_changes_what_it_names(self, store: MetaStore) -> None:
        store.registry.create_model(CATS)
        store.registry.create_version(FIRST)
        edit = VersionEdit(description="new", set_tags={"a": "1"}, remove_tags=("b",))
        edited = store.registry.edit_version("cats", 1, edit, at=40)
        assert edited == msgspec.structs.replace(FIRST, description="new", tags={"a": "1"}, updated_at=40)
        assert edited == store.registry.version("cats", 1)
        assert store.registry.edit_version("cats", 9, edit, at=41) is None

    def test_a_stage_can_archive_those_who_had_it(self, store: MetaStore) -> None:
        store.registry.create_model(CATS)
        for _ in range(4):
            store.registry.create_version(FIRST)
        production = VersionEdit(stage=ModelStage.PRODUCTION)
        for number in (1, 2):
            store.registry.edit_version("cats", number, production, at=50)
        taking_over = msgspec.structs.replace(production, archive_others=True)
        store.registry.edit_version("cats", 3, taking_over, at=51)
        stages = [(each.number, each.stage, each.updated_at) for each in store.registry.versions("cats")]
        assert stages == [
            (4, ModelStage.NONE, 20),
            (3, ModelStage.PRODUCTION, 51),
            (2, ModelStage.ARCHIVED, 51),
            (1, ModelStage.ARCHIVED, 51),
        ]

    def test_a_deleted_version_takes_its_aliases_with_it(self, store: MetaStore) -> None:
        store.registry.create_model(CATS)
        for _ in range(2):
            store.registry.create_version(FIRST)
        store.registry.edit_model("cats", ModelEdit(set_aliases={"a": 1, "b": 2, "c": 1}), at=30)
        store.registry.delete_version("cats", 1, at=31)
        held = store.registry.model("cats")
        assert held is not None
        assert (held.aliases, held.updated_at) == ({"b": 2}, 31)

    def test_a_model_keeps_all_it_has_under_a_new_name(self, store: MetaStore) -> None:
        for model in (CATS, DOGS):
            store.registry.create_model(model)
        store.registry.create_version(OTHER)
        store.registry.edit_model("cats", ModelEdit(set_aliases={"a": 1}), at=30)
        renamed = store.registry.rename_model("cats", "felines", at=60)
        assert renamed == store.registry.model("felines")
        assert renamed is not None
        assert (renamed.aliases, renamed.tags, renamed.updated_at) == ({"a": 1}, CATS.tags, 60)
        assert store.registry.versions("felines") == [msgspec.structs.replace(OTHER, model="felines", number=1)]
        assert (store.registry.model("cats"), store.registry.versions("cats")) == (None, [])
        assert store.registry.rename_model("cats", "lions", at=61) is None
        with pytest.raises(ModelExistsError):
            store.registry.rename_model("felines", "Dogs", at=62)
        next_one = store.registry.create_version(msgspec.structs.replace(OTHER, model="felines"))
        assert next_one is not None
        assert next_one.number == 2

    def test_a_deleted_model_is_gone_with_its_versions_and_its_name_is_free(self, store: MetaStore) -> None:
        store.registry.create_model(CATS)
        store.registry.create_version(FIRST)
        assert store.registry.delete_model("cats")
        assert not store.registry.delete_model("cats")
        assert store.registry.versions() == []
        store.registry.create_model(CATS)
        assert store.registry.create_version(OTHER) == msgspec.structs.replace(OTHER, number=1)

    def test_versions_are_found_by_the_run_that_made_them_or_holds_them(self, store: MetaStore) -> None:
        store.registry.create_model(CATS)
        for version in (FIRST, OTHER, FIRST):
            store.registry.create_version(version)
        assert [each.number for each in store.registry.versions_from(PARENT)] == [3, 1]
        assert [each.number for each in store.registry.versions_from(CHILD)] == [2]
        assert store.registry.versions_from("f" * 32) == []
