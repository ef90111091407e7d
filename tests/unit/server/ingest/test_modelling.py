"""Models are registered through a door of their own, and a run that holds their files is kept."""

from __future__ import annotations

import asyncio

import pytest

from doors import Doors
from marigram.model import ModelEdit, ModelVersion, Path, RunFolder, RunStatus, SetStatus, VersionEdit
from marigram.server.ingest import ModelExistsError, ModelKeeper, RunKeptError, UnknownModelError
from operations import CREATED_AT, RUN, create


@pytest.fixture
def keeper(doors: Doors) -> ModelKeeper:
    """Give what registers models, with the clock of the doors."""
    return ModelKeeper(registry=doors.meta.registry, clock_ms=doors.clock)


def version(model: str = "cats") -> ModelVersion:
    """Return a version whose files are in the run."""
    files = RunFolder(run_id=RUN, path=Path("artifacts/model"))
    return ModelVersion(model=model, number=0, created_at=0, updated_at=0, source="runs:/x", files=files)


def test_what_is_registered_has_the_time_at_which_it_was(doors: Doors, keeper: ModelKeeper) -> None:
    model = keeper.create("cats", description="finds cats", tags={"a": "1"})
    assert (model.created_at, model.updated_at) == (CREATED_AT, CREATED_AT)
    doors.clock.now += 5
    added = keeper.add(version())
    assert (added.number, added.created_at, added.updated_at) == (1, CREATED_AT + 5, CREATED_AT + 5)
    doors.clock.now += 5
    assert keeper.edit_version("cats", 1, VersionEdit(description="x")).updated_at == CREATED_AT + 10
    assert keeper.edit("cats", ModelEdit(set_aliases={"best": 1})).updated_at == CREATED_AT + 10
    assert doors.query.models.registered_model("cats").aliases == {"best": 1}


def test_what_is_not_there_is_refused_by_name(keeper: ModelKeeper) -> None:
    keeper.create("cats", description="", tags={})
    with pytest.raises(ModelExistsError, match="'cats' already"):
        keeper.create("cats", description="", tags={})
    for refused in (
        lambda: keeper.edit("dogs", ModelEdit()),
        lambda: keeper.edit("cats", ModelEdit(set_aliases={"best": 7})),
        lambda: keeper.rename("dogs", "wolves"),
        lambda: keeper.delete("dogs"),
        lambda: keeper.add(version("dogs")),
        lambda: keeper.edit_version("cats", 7, VersionEdit()),
        lambda: keeper.delete_version("cats", 7),
    ):
        with pytest.raises(UnknownModelError, match="Look at the list of models"):
            refused()


def test_a_run_that_holds_the_files_of_a_registered_model_stays_in_the_trash(doors: Doors, keeper: ModelKeeper) -> None:
    doors.write(create(), SetStatus(status=RunStatus.FINISHED, at=CREATED_AT))
    keeper.create("cats", description="", tags={})
    keeper.add(version())
    doors.ingest.trash(RUN)
    with pytest.raises(RunKeptError, match="holds the files of registered models: cats 1"):
        asyncio.run(doors.ingest.delete(RUN))
    keeper.delete_version("cats", 1)
    asyncio.run(doors.ingest.delete(RUN))
    assert doors.meta.run(RUN) is None
