"""The laws of the door in: how a writer cuts its stream into batches, and what it sends again, changes nothing.

A correct writer sends any stretch that begins where it believes to be, and after each answer goes on where the receipt
says. In between, anything it has sent may arrive again: a retry, a copy delayed on the way, the same operations cut in
another way.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doors import Doors
from marigram.model import CreateRun, Fork, Operation, RunStatus, SetStatus
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.memory import MemoryPointStore
from operations import CREATED_AT, RUN, batch_of, create, delete, edit, floats, put, rewind, strings

PATHS = st.sampled_from(["a", "b", "b/c"])
"""Few, so that what is drawn meets: a series is deleted, and comes again."""
STEPS = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=3)
WORDS = st.sampled_from(["x", "y", "z"])
SETTLED = st.sampled_from([RunStatus.RUNNING, RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CRASHED])
REWINDS = st.builds(rewind, st.integers(-1, 7), st.none() | PATHS)
OPERATIONS = st.one_of(
    st.builds(put, PATHS, st.one_of(st.integers(0, 9), WORDS, st.frozensets(WORDS))),
    st.builds(
        edit, st.sampled_from(["sys/tags", "a"]), add=st.lists(WORDS, max_size=2), remove=st.lists(WORDS, max_size=2)
    ),
    STEPS.flatmap(
        lambda steps: st.builds(
            floats, PATHS, st.just(steps), st.lists(st.floats(0, 9), min_size=len(steps), max_size=len(steps))
        )
    ),
    STEPS.flatmap(
        lambda steps: st.builds(
            strings, PATHS, st.just(steps), st.lists(WORDS, min_size=len(steps), max_size=len(steps))
        )
    ),
    st.builds(delete, PATHS),
    REWINDS,
    st.builds(lambda status: SetStatus(status=status, at=CREATED_AT), SETTLED),
    st.builds(put, st.just("sys/name"), WORDS),
)
COMING_AND_GOING = st.one_of(st.builds(floats, PATHS, STEPS), st.builds(delete, PATHS), REWINDS)
PARENT = "f" * 32
FORK = CreateRun(project=create().project, created_at=CREATED_AT, fork=Fork(run_id=PARENT, step=4.0))
STREAMS = st.one_of(
    st.lists(OPERATIONS, min_size=1, max_size=12), st.lists(COMING_AND_GOING, min_size=3, max_size=8)
).flatmap(lambda operations: st.sampled_from([create(), FORK]).map(lambda first: [first, *operations]))


@contextmanager
def doors_over(engine: str) -> Generator[Doors]:
    """Give doors over new, empty stores."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "memory":
            doors = Doors(MemoryMetaStore(), MemoryPointStore())
        else:
            embedded = EmbeddedPointStore(Path(folder) / "points.db")
            embedded.start()
            doors = Doors(SqliteMetaStore(Path(folder) / "meta.db"), embedded)
        doors.ingest.start()
        try:
            doors.write(create(), *(floats(path, range(7)) for path in ("a", "b/c")), run=PARENT)
            yield doors
        finally:
            doors.ingest.close()
            doors.points.close()
            doors.meta.close()


def state(doors: Doors) -> dict[str, Any]:
    """Return all that can be seen of the run: its row, its attributes, its points."""
    run = doors.query.run(RUN)
    kinds = {
        answer.attribute.path: (answer.attribute.kind, None if answer.summary is None else answer.summary.count)
        for answer in doors.query.attributes(RUN, prefix="", search="", cursor=None, limit=1000)[0]
    }
    row = (run.key, run.name, run.status, run.ended_at, run.tags)
    return {"run": row, "kinds": kinds, "values": doors.values()}


def in_one_go(engine: str, operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the state after the whole stream came as one batch."""
    with doors_over(engine) as doors:
        assert doors.accept(batch_of(*operations)).durable_seq == len(operations)
        return state(doors)


def write_as_drawn(doors: Doors, operations: Sequence[Operation], data: st.DataObject) -> None:
    """Write the stream in drawn stretches, with drawn repetitions of what was sent before."""
    sent: list[Any] = []
    at = 0
    while at < len(operations):
        last = data.draw(st.integers(at + 1, len(operations)), label="up to")
        batch = batch_of(*operations[at:last], first=at + 1)
        sent.append(batch)
        at = doors.accept(batch).durable_seq
        assert at == last
        for again in data.draw(st.lists(st.sampled_from(sent), max_size=2), label="again"):
            assert doors.accept(again).durable_seq == at
        if data.draw(st.booleans(), label="a stretch from an older start"):
            first = data.draw(st.integers(1, at), label="first")
            older = batch_of(*operations[first - 1 :], first=first)
            assert doors.accept(older).durable_seq == at
        if at + 1 < len(operations) and data.draw(st.booleans(), label="a stretch after a gap"):
            assert doors.accept(batch_of(*operations[at + 1 :], first=at + 2)).durable_seq == at


@pytest.mark.parametrize(("engine", "examples"), [("memory", 300), ("durable", 40)])
def test_any_split_with_any_repetition_leads_to_one_state(engine: str, examples: int) -> None:
    @given(STREAMS, st.data())
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    def law(operations: list[Operation], data: st.DataObject) -> None:
        with doors_over(engine) as doors:
            write_as_drawn(doors, operations, data)
            assert state(doors) == in_one_go("memory", operations)

    law()


@pytest.mark.parametrize(("engine", "examples"), [("memory", 300), ("durable", 40)])
def test_a_crash_between_metadata_and_points_changes_nothing(engine: str, examples: int) -> None:
    @given(STREAMS, st.data())
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    def law(operations: list[Operation], data: st.DataObject) -> None:
        with doors_over(engine) as doors:
            at = 0
            while at < len(operations):
                last = data.draw(st.integers(at + 1, len(operations)), label="up to")
                batch = batch_of(*operations[at:last], first=at + 1)
                if data.draw(st.booleans(), label="crash"):
                    doors.meta.commit([batch], heard_at=CREATED_AT)
                    last = data.draw(st.integers(last, len(operations)), label="sent again up to")
                    batch = batch_of(*operations[at:last], first=at + 1)
                at = doors.accept(batch).durable_seq
            assert state(doors) == in_one_go("memory", operations)

    law()


@given(st.lists(st.builds(floats, st.just("loss"), STEPS), min_size=1, max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_two_writers_do_not_disturb_each_other(appends: list[Operation], data: st.DataObject) -> None:
    with doors_over("memory") as doors:
        doors.accept(batch_of(create(), writer="first"))
        left = {"one": [put("x", 1), *appends], "two": [put("y", 2), *appends]}
        at = {"one": 0, "two": 0}
        while any(at[writer] < len(left[writer]) for writer in left):
            writer = data.draw(st.sampled_from([name for name in left if at[name] < len(left[name])]))
            batch = batch_of(left[writer][at[writer]], first=at[writer] + 1, writer=writer)
            at[writer] = doors.accept(batch).durable_seq
        values = doors.values()
        assert (values["x"], values["y"]) == (1, 2)
        assert doors.ingest.durable_seq(RUN, "one") == doors.ingest.durable_seq(RUN, "two") == len(appends) + 1
