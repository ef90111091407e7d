"""The part of the contract of the port of metadata that is about history: forks and rewinds."""

from __future__ import annotations

from marigram.model import (
    Ancestor,
    Append,
    Batch,
    CreateRun,
    Delete,
    FloatPoints,
    Fork,
    Kind,
    Operation,
    Path,
    ProjectName,
    RejectionCode,
    Rewind,
    SetValue,
)
from marigram.server.store.meta.port import MetaStore, Outcome

PARENT = "a" * 32
CHILD = "b" * 32
GRANDCHILD = "c" * 32
LOSS = Path("train/loss")


def commit(store: MetaStore, run_id: str, *operations: Operation) -> Outcome:
    """Commit a batch of one run."""
    batch = Batch(run_id=run_id, writer="w", first_seq=1, last_seq=len(operations), operations=operations)
    return store.commit([batch], heard_at=7)[0]


def create(parent: str | None = None, step: float = 5.0, project: str = "lab/cats") -> CreateRun:
    """Return the operation that makes a run, or a fork."""
    fork = None if parent is None else Fork(run_id=parent, step=step)
    return CreateRun(project=ProjectName(project), created_at=1_000, fork=fork)


def append(path: str) -> Append:
    """Return an operation that makes a float series."""
    return Append(path=Path(path), points=FloatPoints(steps=[1.0], times=[5], values=[0.5]))


def line(store: MetaStore, run_id: str, path: str = LOSS) -> list[tuple[str, float]]:
    """Return from whom a series inherits."""
    attribute = store.attribute(run_id, path)
    assert attribute is not None
    found = store.ancestors([run_id], [attribute.id])
    return [(each.run_id, each.last_step) for each in found.get((run_id, attribute.id), ())]


class MetaHistoryContract:
    """A part of `MetaStoreContract`."""

    def test_a_fork_has_the_series_of_its_parent_and_nothing_else_of_it(self, store: MetaStore) -> None:
        value = SetValue(path=Path("params/lr"), value=0.1)
        commit(store, PARENT, create(), append(LOSS), append("monitoring/cpu"), value)
        outcome = commit(store, CHILD, create(PARENT))
        assert outcome.rejections == ()
        kinds = {each.path: each.kind for each in store.attributes(CHILD) if not each.path.startswith("sys/")}
        assert kinds == {LOSS: Kind.FLOAT_SERIES}
        assert line(store, CHILD) == [(PARENT, 5.0)]
        assert line(store, PARENT) == []

    def test_a_fork_says_what_it_goes_on_from(self, store: MetaStore) -> None:
        commit(store, PARENT, create())
        commit(store, CHILD, create(PARENT))
        run = store.run(CHILD)
        assert run is not None
        assert run.fork == Fork(run_id=PARENT, step=5.0)
        values = {each.path: each.value for each in store.attributes(CHILD, prefix="sys/forking")}
        assert values == {"sys/forking/parent": "CATS-1", "sys/forking/step": 5.0}

    def test_forks_of_forks_inherit_no_more_than_each_on_the_way(self, store: MetaStore) -> None:
        commit(store, PARENT, create(), append(LOSS))
        commit(store, CHILD, create(PARENT, 5.0))
        commit(store, GRANDCHILD, create(CHILD, 9.0))
        assert line(store, GRANDCHILD) == [(CHILD, 9.0), (PARENT, 5.0)]

    def test_a_parent_may_come_later_and_so_may_its_series(self, store: MetaStore) -> None:
        commit(store, CHILD, create(PARENT), append("own"))
        commit(store, GRANDCHILD, create(CHILD, 2.0))
        commit(store, PARENT, create(), append(LOSS), append("own"))
        assert line(store, GRANDCHILD) == [(CHILD, 2.0), (PARENT, 2.0)]
        assert line(store, CHILD) == [(PARENT, 5.0)]
        assert line(store, CHILD, "own") == []
        commit(store, PARENT, append("val/loss"))
        assert line(store, CHILD, "val/loss") == [(PARENT, 5.0)]

    def test_a_series_that_is_inherited_keeps_its_kind(self, store: MetaStore) -> None:
        commit(store, PARENT, create(), append(LOSS))
        outcome = commit(store, CHILD, create(PARENT), SetValue(path=LOSS, value=1.0))
        assert [each.code for each in outcome.rejections] == [RejectionCode.KIND_CONFLICT]

    def test_what_is_deleted_in_a_fork_is_no_longer_inherited(self, store: MetaStore) -> None:
        commit(store, PARENT, create(), append(LOSS))
        commit(store, CHILD, create(PARENT), Delete(path=Path("train")))
        assert store.attribute(CHILD, LOSS) is None
        commit(store, CHILD, append(LOSS))
        assert line(store, CHILD) == []
        assert store.attribute(PARENT, LOSS) is not None

    def test_a_run_cannot_descend_from_itself_or_from_another_project(self, store: MetaStore) -> None:
        refused = [
            commit(store, PARENT, create(PARENT)),
            commit(store, CHILD, create(GRANDCHILD)),
            commit(store, GRANDCHILD, create(CHILD)),
            commit(store, "d" * 32, create(PARENT, project="lab/dogs")),
        ]
        codes = [[each.code for each in outcome.rejections] for outcome in refused]
        assert codes == [
            [RejectionCode.INVALID_VALUE],
            [],
            [RejectionCode.INVALID_VALUE],
            [RejectionCode.INVALID_VALUE],
        ]
        run = store.run("d" * 32)
        assert run is not None
        assert run.fork is None

    def test_a_rewind_names_the_series_it_reaches(self, store: MetaStore) -> None:
        commit(store, PARENT, create(), append(LOSS), append("train/acc"), append("monitoring/cpu"), append("other"))
        ids = {each.path: each.id for each in store.attributes(PARENT)}
        whole = Rewind(after_step=3.0, keep=(Path("monitoring"),))
        below = Rewind(after_step=3.0, path=Path("train"))
        outcome = commit(store, PARENT, whole, below)
        paths = [{LOSS, "train/acc", "other"}, {LOSS, "train/acc"}]
        assert [set(each.cut) for each in outcome.placements] == [{ids[Path(path)] for path in some} for some in paths]
        assert outcome.changed_paths == paths[0]

    def test_a_rewind_shortens_what_is_inherited_and_what_will_be(self, store: MetaStore) -> None:
        commit(store, PARENT, create(), append(LOSS), append("train/acc"))
        commit(store, CHILD, create(PARENT), Rewind(after_step=4.0, path=LOSS))
        assert line(store, CHILD) == [(PARENT, 4.0)]
        assert line(store, CHILD, "train/acc") == [(PARENT, 5.0)]
        for _ in range(2):
            commit(store, CHILD, Rewind(after_step=2.0))
            commit(store, CHILD, Rewind(after_step=3.0))
        commit(store, PARENT, append("late"))
        assert line(store, CHILD) == line(store, CHILD, "train/acc") == line(store, CHILD, "late") == [(PARENT, 2.0)]

    def test_ancestors_are_told_apart_by_run_and_series(self, store: MetaStore) -> None:
        commit(store, PARENT, create(), append(LOSS), append("b"))
        commit(store, CHILD, create(PARENT, 1.0))
        commit(store, GRANDCHILD, create(PARENT, 2.0))
        ids = {each.path: each.id for each in store.attributes(PARENT)}
        found = store.ancestors([PARENT, CHILD, GRANDCHILD, "f" * 32], list(ids.values()))
        assert found == {
            (run_id, ids[Path(path)]): (Ancestor(run_id=PARENT, last_step=step),)
            for run_id, step in ((CHILD, 1.0), (GRANDCHILD, 2.0))
            for path in (LOSS, "b")
        }
