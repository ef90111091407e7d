"""Name, notes and tags of a run are edited through the door in."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime, timezone
from typing import Any

import pytest

from doors import Doors
from marigram.model import RunStatus, SetStatus, Value, parse_path, project_run_id
from marigram.server.ingest import Annotation, EditRefusedError, RunEdit, RunEditor, UnknownRunError
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


def test_annotations_are_texts_pinned_to_steps_and_an_empty_one_goes(doors: Doors) -> None:
    doors.write(create(), put("lr", 0.1))
    edit(doors, annotations=(Annotation(step=1200.0, text="rate halved"), Annotation(step=0.5, text="begin")))
    assert doors.values() == {"lr": 0.1, "annotations/1200": "rate halved", "annotations/0.5": "begin"}
    edit(
        doors,
        annotations=(
            Annotation(step=1200.0, text=""),
            Annotation(step=0.5, text="started"),
            Annotation(step=9.0, text=""),
        ),
    )
    assert doors.values() == {"lr": 0.1, "annotations/0.5": "started"}


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


def set_value(doors: Doors, path: str, given: bool | float | str | list[str]) -> None:
    asyncio.run(editor_of(doors).set_value(RUN, parse_path(path), given))


@pytest.mark.parametrize(
    ("held", "given", "stored"),
    [
        (True, False, False),
        (3, 2**70, 2**70),
        (0.1, 2, 2.0),
        (0.1, "-Infinity", -math.inf),
        ("adam", "sgd", "sgd"),
        (frozenset({"a"}), ["b", "c"], frozenset({"b", "c"})),
        (
            datetime(2024, 1, 1, tzinfo=timezone.utc),
            "2024-02-29T12:30:00Z",
            datetime(2024, 2, 29, 12, 30, tzinfo=timezone.utc),
        ),
    ],
)
def test_a_value_is_set_to_another_of_its_kind(doors: Doors, held: Value, given: Any, stored: Value) -> None:
    doors.write(create(), put("parameters/x", held))
    set_value(doors, "parameters/x", given)
    assert doors.values() == {"parameters/x": stored}


@pytest.mark.parametrize(
    ("path", "given", "says"),
    [
        ("parameters/layers", 1.5, "whole number"),
        ("parameters/layers", True, "whole number"),
        ("parameters/lr", "much", "Use a number"),
        ("parameters/when", "yesterday", "date and time"),
        ("parameters/none", 1, "no value"),
        ("train/loss", 1.0, "only values"),
        ("sys/seed", 2, "what happened"),
        ("source_code/git/dirty", False, "what happened"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_can(doors: Doors, path: str, given: Any, says: str) -> None:
    when = datetime(2024, 1, 1, tzinfo=timezone.utc)
    doors.write(create(), put("parameters/layers", 3), put("parameters/lr", 0.1), put("parameters/when", when))
    doors.write(floats("train/loss", [1]), put("sys/seed", 1), put("source_code/git/dirty", True))
    before = doors.values()
    with pytest.raises(EditRefusedError, match=says):
        set_value(doors, path, given)
    assert doors.values() == before
