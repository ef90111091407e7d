"""Name, notes and tags of a run are edited through the door in."""

from __future__ import annotations

import asyncio

import pytest

from doors import Doors
from marigram.model import RunStatus, SetStatus, project_run_id
from marigram.server.ingest import EditRefusedError, RunEdit, RunEditor, UnknownRunError
from marigram.server.query.table.filters import STALLED_AFTER_MS
from operations import CREATED_AT, PROJECT, RUN, create, floats, put


def editor_of(doors: Doors) -> RunEditor:
    return RunEditor(ingest=doors.ingest, meta=doors.meta, clock_ms=doors.clock)


def edit(doors: Doors, run: str = RUN, **wanted: object) -> None:
    asyncio.run(editor_of(doors).edit(run, RunEdit(**wanted)))  # pyright: ignore[reportArgumentType] the caller's


def test_name_notes_and_tags_are_changed_and_the_rest_stays(doors: Doors) -> None:
    doors.write(create(), put("lr", 0.1), put("sys/tags", frozenset({"old", "kept"})))
    edit(doors, name="best so far", notes="Two lines.\nHere.", add_tags=("new",), remove_tags=("old",))
    run = doors.query.run(RUN)
    assert (run.name, run.tags) == ("best so far", ("kept", "new"))
    assert doors.query.attribute(RUN, "sys/description").attribute.value == "Two lines.\nHere."
    edit(doors, name="")
    assert (doors.query.run(RUN).name, doors.query.run(RUN).tags) == ("", ("kept", "new"))
    assert doors.values() == {"lr": 0.1}


def test_edits_at_the_same_time_are_all_made(doors: Doors) -> None:
    doors.write(create())
    editor = editor_of(doors)

    async def many() -> None:
        await asyncio.gather(*(editor.edit(RUN, RunEdit(add_tags=(f"tag {number}",))) for number in range(20)))

    asyncio.run(many())
    assert len(doors.query.run(RUN).tags) == 20


def test_a_run_that_was_silent_does_not_seem_alive_after_an_edit(doors: Doors) -> None:
    doors.write(create())
    doors.clock.now += STALLED_AFTER_MS + 1
    assert doors.query.run(RUN).status is RunStatus.STALLED
    edit(doors, name="lost")
    run = doors.query.run(RUN)
    assert (run.status, run.name, run.heard_at) == (RunStatus.STALLED, "lost", CREATED_AT)


def test_a_run_that_goes_on_is_edited_beside_its_writer(doors: Doors) -> None:
    doors.write(create())
    edit(doors, name="while it runs")
    doors.write(put("lr", 0.2), SetStatus(status=RunStatus.FINISHED, at=CREATED_AT))
    assert doors.query.run(RUN).name == "while it runs"
    assert doors.values() == {"lr": 0.2}


def test_what_stands_in_the_way_of_an_edit_is_said(doors: Doors) -> None:
    doors.write(create(), floats("sys/description", [1], [2.0]))
    with pytest.raises(EditRefusedError, match="sys/description"):
        edit(doors, notes="text")
    with pytest.raises(UnknownRunError, match="no run"):
        edit(doors, "f" * 32, name="x")
    with pytest.raises(UnknownRunError, match="no run"):
        edit(doors, project_run_id(PROJECT), name="x")
