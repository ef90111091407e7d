"""The part of the contract of the port of metadata that is about what goes, whole runs, names, and who is told."""

from __future__ import annotations

import math

from marigram.model import AttachFile, Delete, File, Kind, Path, ProjectName, SetValue
from marigram.server.store.meta.port import MetaChanges, MetaStore
from marigram.testing.meta_history import CHILD, GRANDCHILD, LOSS, PARENT, append, commit, create

PROJECT = ProjectName("lab/cats")


def attach(path: str, digit: str) -> AttachFile:
    """Return an operation that attaches the file whose address has this digit 64 times."""
    file = File(sha256=digit * 64, filename="a.bin", media_type="application/octet-stream", size=1)
    return AttachFile(path=Path(path), file=file)


def number_of(store: MetaStore, run_id: str) -> int:
    """Return the store's number of a run."""
    return store.run_numbers([run_id])[run_id]


class MetaLifeContract:
    """A part of `MetaStoreContract`."""

    # Forks of a run

    def test_the_forks_of_a_run_are_those_that_go_on_from_it(self, store: MetaStore) -> None:
        commit(store, CHILD, create(PARENT))  # the parent comes later
        commit(store, PARENT, create())
        commit(store, GRANDCHILD, create(CHILD))
        commit(store, "d" * 32, create(PARENT, project="lab/dogs"))  # refused, so it begins without a history
        assert [run.id for run in store.forks(PARENT)] == [CHILD]
        assert [run.id for run in store.forks(CHILD)] == [GRANDCHILD]
        assert store.forks(GRANDCHILD) == store.forks("e" * 32) == []

    def test_a_fork_counts_in_the_trash_and_until_it_is_deleted(self, store: MetaStore) -> None:
        for run_id, parent in ((PARENT, None), (CHILD, PARENT), (GRANDCHILD, PARENT)):
            commit(store, run_id, create(parent))
        store.trash([CHILD], at=9)
        assert {run.id: run.trashed_at for run in store.forks(PARENT)} == {CHILD: 9, GRANDCHILD: None}
        store.delete_run(CHILD)
        assert [run.id for run in store.forks(PARENT)] == [GRANDCHILD]

    # The trash of all projects

    def test_what_has_been_in_the_trash_since_before_a_time_is_found_in_all_projects(self, store: MetaStore) -> None:
        for run_id, project in ((PARENT, "lab/cats"), (CHILD, "lab/dogs"), (GRANDCHILD, "lab/cats")):
            commit(store, run_id, create(project=project))
        store.trash([PARENT], at=10)
        store.trash([CHILD], at=20)
        assert store.trashed_before(10) == []
        assert [run.id for run in store.trashed_before(11)] == [PARENT]
        assert {run.id for run in store.trashed_before(21)} == {PARENT, CHILD}
        store.trash([PARENT], at=30)  # it is there already, since 10
        store.restore([CHILD])
        assert [(run.id, run.trashed_at) for run in store.trashed_before(99)] == [(PARENT, 10)]

    # All that many runs have

    def test_all_that_runs_have_is_read_in_one_go_as_it_is_run_by_run(self, store: MetaStore) -> None:
        writes = (SetValue(path=Path("a/b"), value="x"), SetValue(path=Path("a"), value=1), attach("a/file", "1"))
        commit(store, PARENT, create(), *writes, SetValue(path=Path("ab"), value=math.nan), append("m"))
        commit(store, CHILD, create(project="lab/dogs"), SetValue(path=Path("a/c"), value=frozenset({"s"})))
        ids = [CHILD, PARENT, "e" * 32]
        found = store.attributes_of(ids)
        assert repr(found) == repr({run_id: store.attributes(run_id) for run_id in list(found)})
        assert set(found) == {CHILD, PARENT}
        below = {run_id: [each.path for each in had] for run_id, had in store.attributes_of(ids, below=["a"]).items()}
        assert below == {CHILD: ["a/c"], PARENT: ["a", "a/b", "a/file"]}
        assert store.attributes_of([PARENT], below=["m", "none"])[PARENT] == [store.attribute(PARENT, "m")]
        assert store.attributes_of([PARENT], below=[]) == {PARENT: []}
        assert store.attributes_of([]) == {}

    def test_of_many_below_a_path_a_run_has_its_own_and_none_beside_the_path(self, store: MetaStore) -> None:
        many = [Path(f"a/{number:04}") for number in range(1200)]
        commit(store, PARENT, create(), *(SetValue(path=path, value=1) for path in many))
        commit(
            store, CHILD, create(), *(SetValue(path=Path(path), value=2) for path in ("a/0007", "a-b", "ab", "a/é/x"))
        )
        found = store.attributes_of([PARENT, CHILD], below=["a"])
        assert [each.path for each in found[PARENT]] == many
        assert [each.path for each in found[CHILD]] == ["a/0007", "a/é/x"]
        some = store.attributes_of([PARENT], below=[*many, Path("a/é")])[PARENT]
        assert [each.path for each in some] == many
        assert [path for path, _ in store.paths([PARENT, CHILD], below="a/é")] == ["a/é/x"]

    # Which blobs are named

    def test_every_file_that_an_attribute_names_is_told_with_its_run(self, store: MetaStore) -> None:
        assert list(store.named_blobs()) == []
        commit(store, PARENT, create(), attach("a", "1"), attach("b/c", "2"), append(LOSS))
        commit(store, CHILD, create(), attach("a", "1"))
        assert set(store.named_blobs()) == {(PARENT, "1" * 64), (PARENT, "2" * 64), (CHILD, "1" * 64)}
        commit(store, PARENT, attach("a", "3"), Delete(path=Path("b")))
        assert set(store.named_blobs()) == {(PARENT, "3" * 64), (CHILD, "1" * 64)}

    def test_what_a_run_in_the_trash_names_is_told_until_it_is_deleted(self, store: MetaStore) -> None:
        commit(store, PARENT, create(), attach("a", "1"))
        store.trash([PARENT], at=9)
        assert list(store.named_blobs()) == [(PARENT, "1" * 64)]
        store.delete_run(PARENT)
        assert list(store.named_blobs()) == []

    # Listening

    def test_a_listener_hears_of_new_runs_attributes_and_values_when_reads_have_them(self, store: MetaStore) -> None:
        heard: list[MetaChanges] = []
        seen: list[object] = []

        def listener(changes: MetaChanges) -> None:
            heard.append(changes)
            attribute = store.attribute(PARENT, "lr")
            seen.append(None if attribute is None else attribute.value)

        store.listen(listener)
        commit(store, PARENT, create(), SetValue(path=Path("lr"), value=0.5))
        number, attribute = number_of(store, PARENT), store.kinds_at(PROJECT, "lr")[Kind.FLOAT]
        assert (PROJECT, number) in heard[0].runs
        assert (attribute, PROJECT, Path("lr"), Kind.FLOAT) in heard[0].attributes
        assert (number, attribute) in heard[0].cells
        commit(store, PARENT, SetValue(path=Path("lr"), value=0.25))
        assert (number, attribute) in heard[-1].cells
        assert attribute not in {each[0] for each in heard[-1].attributes}
        commit(store, PARENT, Delete(path=Path("lr")))
        assert (number, attribute) in heard[-1].cells
        assert (seen[0], seen[-1]) == (0.5, None)
        assert 0.25 in seen

    def test_a_listener_hears_what_a_fork_gets_from_its_parent(self, store: MetaStore) -> None:
        commit(store, PARENT, create())
        commit(store, CHILD, create(PARENT))
        heard: list[MetaChanges] = []
        store.listen(heard.append)
        commit(store, PARENT, append(LOSS))
        attribute = store.kinds_at(PROJECT, LOSS)[Kind.FLOAT_SERIES]
        cells = {cell for changes in heard for cell in changes.cells}
        assert {(number_of(store, PARENT), attribute), (number_of(store, CHILD), attribute)} <= cells

    def test_a_listener_hears_of_the_trash_and_of_deletions(self, store: MetaStore) -> None:
        commit(store, PARENT, create())
        number = number_of(store, PARENT)
        heard: list[MetaChanges] = []
        store.listen(heard.append)
        store.trash([PARENT], at=9)
        assert (PROJECT, number) in heard[-1].runs
        store.restore([PARENT])
        store.trash([PARENT], at=10)
        assert len(heard) >= 3
        heard.clear()
        store.delete_run(PARENT)
        assert (PROJECT, number) in {run for changes in heard for run in changes.runs}
