"""The runs that belong to a run."""

from __future__ import annotations

from doors import Doors
from marigram.model import CreateRun, Fork
from operations import CREATED_AT, PROJECT, RUN, create, put

CHILD, OTHER, BINNED = "c" * 32, "d" * 32, "e" * 32


def forked(parent: str, *, after: int) -> CreateRun:
    return CreateRun(project=PROJECT, created_at=CREATED_AT + after, fork=Fork(run_id=parent, step=5.0))


def test_parent_children_and_group_are_found_without_what_is_in_the_trash(doors: Doors) -> None:
    group = put("sys/group", 'a "sweep" \\ of 7')
    doors.write(create(), group)
    doors.write(forked(RUN, after=1), group, run=CHILD)
    doors.write(forked(RUN, after=2), run=OTHER)
    doors.write(forked(RUN, after=3), group, run=BINNED)
    doors.ingest.trash(BINNED)
    found = doors.query.lineage(RUN)
    assert (found.parent, [child.id for child in found.children], found.child_count) == (None, [OTHER, CHILD], 2)
    assert (found.group, [run.id for run in found.group_runs], found.group_count) == ('a "sweep" \\ of 7', [CHILD], 1)
    parent = doors.query.lineage(OTHER).parent
    assert parent is not None
    assert parent.id == RUN
    assert doors.query.lineage(OTHER).group_count == 0
