"""The trash, through the door in: what may be deleted, and what is left of it."""

from __future__ import annotations

import asyncio

import pytest

from doors import Doors
from marigram.model import RunStatus, SetStatus, project_run_id
from marigram.server.ingest import RunKeptError, UnknownRunError
from marigram.server.ingest.deleting import ATTRIBUTES_PER_SLICE, LAST_WORDS_MS, SILENT_AFTER_MS, Deleter
from marigram.server.query import NotThere
from operations import CREATED_AT, PROJECT, RUN, create, floats, put


def delete(doors: Doors, run: str = RUN) -> None:
    asyncio.run(doors.ingest.delete(run))


def test_a_run_goes_into_the_trash_and_comes_back_with_all_it_has(doors: Doors) -> None:
    doors.write(create(), floats("loss", [1, 2]))
    before = doors.values()
    assert doors.ingest.trash(RUN).trashed_at == CREATED_AT
    doors.write(put("late", 1))
    assert doors.ingest.restore(RUN).trashed_at is None
    assert doors.values() == {**before, "late": 1}


def test_only_a_run_in_the_trash_that_has_ended_is_deleted(doors: Doors) -> None:
    doors.write(create(), floats("loss", [1, 2]))
    with pytest.raises(RunKeptError, match=r"not in the trash.*first"):
        delete(doors)
    doors.ingest.trash(RUN)
    with pytest.raises(RunKeptError, match=r"still goes on.*Stop it"):
        delete(doors)
    doors.write(SetStatus(status=RunStatus.FINISHED, at=CREATED_AT))
    delete(doors)
    with pytest.raises(NotThere):
        doors.query.run(RUN)
    assert doors.points.summaries([RUN], range(20)) == {}
    assert doors.ingest.durable_seq(RUN, "w") == 0


def test_a_run_whose_writer_is_silent_is_deleted_though_it_never_ended(doors: Doors) -> None:
    doors.write(create())
    doors.ingest.trash(RUN)
    doors.clock.now += SILENT_AFTER_MS
    delete(doors)
    with pytest.raises(UnknownRunError, match="no run"):
        delete(doors)


def test_the_last_words_of_a_deleted_run_do_not_make_it_anew_but_another_start_does(doors: Doors) -> None:
    doors.write(create(), SetStatus(status=RunStatus.FINISHED, at=CREATED_AT))
    doors.ingest.trash(RUN)
    delete(doors)
    refused = doors.write(create(), put("sys/receipt/points_logged", 3), writer="syncer")
    assert [each.code for each in refused.rejections] == ["run_unknown"]
    with pytest.raises(NotThere):
        doors.query.run(RUN)
    doors.write(create(at=CREATED_AT + 1), put("lr", 0.1), writer="another")
    assert doors.query.run(RUN).created_at == CREATED_AT + 1
    # The same again, long after: a copy of its queue that is sent on purpose.
    doors.write(SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 2), writer="another")
    doors.ingest.trash(RUN)
    delete(doors)
    doors.clock.now += LAST_WORDS_MS
    assert doors.write(create(at=CREATED_AT + 1), writer="copy").rejections == ()
    assert doors.query.run(RUN).created_at == CREATED_AT + 1


def test_what_is_not_there_or_is_a_projects_own_is_neither_trashed_nor_deleted(doors: Doors) -> None:
    own = project_run_id(PROJECT)
    doors.write(create(), put("about", "cats"), run=own)
    for run in ("f" * 32, own):
        with pytest.raises(UnknownRunError):
            doors.ingest.trash(run)
        with pytest.raises(UnknownRunError):
            delete(doors, run)


def test_a_run_of_many_attributes_goes_in_slices_and_cannot_be_restored_once_it_has_begun(doors: Doors) -> None:
    doors.write(create(), *(put(f"x/{number}", number) for number in range(ATTRIBUTES_PER_SLICE + 1)))
    doors.write(SetStatus(status=RunStatus.FINISHED, at=CREATED_AT))
    run = doors.ingest.trash(RUN)
    deleter = Deleter(meta=doors.meta, points=doors.points, clock_ms=doors.clock)
    with deleter.keeping(RUN):
        pass
    assert not deleter.advance(run)
    assert 0 < len(doors.meta.attributes(RUN, limit=2 * ATTRIBUTES_PER_SLICE)) < ATTRIBUTES_PER_SLICE
    with pytest.raises(RunKeptError, match="being deleted"), deleter.keeping(RUN):
        pass
    doors.write(put("late", 1))
    slices = 1
    while not deleter.advance(run):
        slices += 1
    assert slices == 2
    assert doors.meta.run(RUN) is None
    with deleter.keeping(RUN):
        pass


def test_deleting_waits_its_turn_among_batches(doors: Doors) -> None:
    doors.write(create(), SetStatus(status=RunStatus.FINISHED, at=CREATED_AT))
    doors.ingest.trash(RUN)
    doors.write(create(), put("x", 1), run="1" * 32)
    delete(doors)
    assert doors.values("1" * 32) == {"x": 1}
