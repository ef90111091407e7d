"""The law of the runs table in RAM: one that has followed every commit answers as one that is made now.

So nothing that changes in either store is missed: values, kinds, states, names, series, their statistics, the trash,
deletion, and what forks inherit.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path as FilePath

from hypothesis import given, settings
from hypothesis import strategies as st

from doors import Doors
from marigram.model import CreateRun, Fork, Operation, Path, RunStatus, SetStatus
from marigram.server.query import Aggregate, AtBest, Best, GroupKey, GroupQuestion, GroupSort, Measure, Query, RunSort
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.memory import MemoryPointStore
from operations import CREATED_AT, PROJECT, create, delete, edit, floats, put, rewind, strings

RUNS = st.integers(1, 2)
PATHS = st.sampled_from(["a", "a", "b", "b/c"])
"""Few, as the runs are, so that what is drawn meets: a value becomes a series, a deleted series comes again."""
WORDS = st.sampled_from(["x", "Y", "longer words"])
STEPS = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=3)
NUMBERS = st.sampled_from([0.0, -1.5, 2.0, float("nan"), float("inf"), float("-inf")])
APPENDS = st.builds(lambda path, steps: floats(path, steps, [step / 2 for step in steps]), PATHS, STEPS)
OPERATIONS: st.SearchStrategy[Operation] = st.one_of(
    st.builds(put, PATHS, st.one_of(st.integers(0, 3), NUMBERS, WORDS, st.booleans(), st.frozensets(WORDS))),
    st.builds(edit, st.sampled_from(["sys/tags", "a"]), add=st.lists(WORDS, max_size=2)),
    APPENDS,
    APPENDS,
    STEPS.flatmap(lambda steps: st.builds(strings, PATHS, st.just(steps), st.just(["line"] * len(steps)))),
    st.builds(delete, PATHS),
    st.builds(rewind, st.integers(-1, 7), st.none() | PATHS),
    st.builds(
        lambda status: SetStatus(status=status, at=CREATED_AT + 5),
        st.sampled_from([RunStatus.RUNNING, RunStatus.FINISHED, RunStatus.FAILED]),
    ),
    st.builds(put, st.just("sys/name"), st.sampled_from(["", "n", "M"])),
)
WRITES = st.tuples(st.just("write"), RUNS, st.lists(OPERATIONS, min_size=1, max_size=4))
FORKS = st.tuples(st.just("fork"), st.integers(3, 4), st.integers(1, 3))
OTHERS = st.tuples(st.sampled_from(["trash", "restore", "delete", "hear", "later"]), st.integers(1, 4), st.none())
ACTIONS = st.lists(st.one_of(WRITES, WRITES, FORKS, OTHERS), min_size=1, max_size=12)

B_AT_LEAST_A = AtBest(best=Best.MIN, of=Path("a"))
MEASURES = [
    Measure(path=Path("a")),
    Measure(path=Path("a"), aggregate=Aggregate.AVERAGE),
    Measure(path=Path("b"), aggregate=Aggregate.MAX),
    Measure(path=Path("b"), aggregate=Aggregate.COUNT),
    Measure(path=Path("a"), aggregate=Aggregate.FIRST),
    Measure(path=Path("b"), aggregate=B_AT_LEAST_A),
]
KEYS = [
    *(GroupKey(path=Path(path)) for path in ("a", "b", "sys/state", "sys/running_time")),
    GroupKey(path=Path("b"), aggregate=Aggregate.FIRST),
    GroupKey(path=Path("a"), aggregate=B_AT_LEAST_A),
]
QUERIES = (
    "a > 0",
    "b = x OR `b/c` CONTAINS o",
    "min(a) < 1 AND NOT b EXISTS",
    "average(b) >= 1",
    "count(a) > 1",
    "first(b) < 1 OR first(a) = 2",
    "a@max(b) > 0 OR min(b) NOT EXISTS",
    "a:stringSeries = line",
    "`sys/state` = running",
    "`sys/state` = stalled OR `sys/state` = failed",
    "`sys/running_time` > 1m",
    "`sys/trashed` = true",
    "`sys/tags` CONTAINS x",
    "a:floatSeries EXISTS",
)
SORTS = [
    [RunSort(path=Path(name.removeprefix("-")), descending=name.startswith("-")) for name in names.split()]
    for names in ("sys/id", "a -b", "-b", "sys/name -a", "-sys/state b/c", "-sys/running_time")
]
SORTS.append([RunSort(path=Path("a"), descending=True, aggregate=Aggregate.MIN)])
SORTS.append([RunSort(path=Path("b"), descending=True, aggregate=Aggregate.COUNT)])
SORTS.append(
    [
        RunSort(path=Path("b"), descending=False, aggregate=B_AT_LEAST_A),
        RunSort(path=Path("a"), descending=True, aggregate=Aggregate.FIRST),
    ]
)


@contextmanager
def opened(*, embedded: bool) -> Generator[Doors]:
    with tempfile.TemporaryDirectory() as folder:
        if embedded:
            meta = SqliteMetaStore(FilePath(folder, "meta.db"))
            points = EmbeddedPointStore(FilePath(folder, "points.db"), flush_points=8)
            points.start()
            doors = Doors(meta, points)
        else:
            doors = Doors(MemoryMetaStore(), MemoryPointStore())
        doors.ingest.start()
        try:
            yield doors
        finally:
            doors.ingest.close()
            doors.points.close()
            doors.meta.close()


def name(run: int) -> str:
    return f"{run:032x}"


def act(doors: Doors, action: tuple[str, int, object]) -> None:
    verb, run, what = action
    match verb, what:
        case "write", list():
            doors.write(create(at=CREATED_AT + run), *what, run=name(run))  # pyright: ignore[reportUnknownArgumentType]
        case "fork", int():
            fork = Fork(run_id=name(what), step=3.0)
            doors.write(CreateRun(project=PROJECT, created_at=CREATED_AT, fork=fork), run=name(run))
        case "trash", _:
            doors.meta.trash([name(run)], at=CREATED_AT)
        case "restore", _:
            doors.meta.restore([name(run)])
        case "delete", _:
            doors.points.delete_run(name(run))
            doors.meta.delete_run(name(run))
        case "hear", _:
            doors.ingest.hear(name(run))
        case _:
            doors.clock.now += 40_000


def answers(query: Query, meta: MetaStore) -> list[object]:
    found: list[object] = []
    for text in QUERIES:
        answer = query.runs(PROJECT, text="", sort=SORTS[0], paths=[], cursor=None, limit=50, query=text)
        found.append((text, [run.id for run in answer.runs], answer.total))
    # What groups are made of are the columns themselves: any value that is not as it should be shows.
    for key in KEYS:
        by = GroupQuestion(by=[key], measures=MEASURES, sort=GroupSort.KEY, descending=False)
        found.append((key, repr(query.groups(PROJECT, by, cursor=None, limit=50))))
    for text in ("x", "LONGER cats", "failed", "cats-2 1", "nobody"):
        answer = query.runs(PROJECT, text=text, sort=SORTS[0], paths=[], cursor=None, limit=50)
        assert [run.id for run in answer.runs] == meta.search_runs(PROJECT, text=text, sort=SORTS[0][0])
        found.append((text, answer.total))
    for sort in SORTS:
        ids: list[str] = []
        cursor = None
        while True:
            answer = query.runs(PROJECT, text="", sort=sort, paths=[], cursor=cursor, limit=2)
            ids.extend(run.id for run in answer.runs)
            cursor = answer.cursor
            if cursor is None:
                break
        whole = query.runs(PROJECT, text="", sort=sort, paths=[], cursor=None, limit=50)
        assert ids == [run.id for run in whole.runs], sort
        found.append((sort, ids))
    return found


@settings(deadline=None, max_examples=40)
@given(actions=ACTIONS, embedded=st.booleans())
def test_a_table_that_followed_all_commits_answers_as_one_that_is_made_now(
    actions: list[tuple[str, int, object]], *, embedded: bool
) -> None:
    with opened(embedded=embedded) as doors:
        for action in actions:
            act(doors, action)
            fresh = Query(meta=doors.meta, points=doors.points, blobs=doors.blobs, clock_ms=doors.clock)
            assert answers(doors.query, doors.meta) == answers(fresh, doors.meta), action


@settings(deadline=None, max_examples=40)
@given(actions=ACTIONS)
def test_counts_that_are_kept_are_those_of_a_plain_count(actions: list[tuple[str, int, object]]) -> None:
    with opened(embedded=True) as kept, opened(embedded=False) as plain:
        for action in actions:
            for doors in (kept, plain):
                act(doors, action)
            assert kept.meta.projects() == plain.meta.projects(), action
            found = [doors.meta.columns(PROJECT, limit=100) for doors in (kept, plain)]
            counts = [[(row.path, row.kind, row.run_count) for row in rows] for rows in found]
            assert counts[0] == counts[1], action
            # A value that was replaced may count as another one, but none that is there is overlooked.
            assert all(ours.distinct >= theirs.distinct for ours, theirs in zip(*found, strict=True)), action
