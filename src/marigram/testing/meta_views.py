"""The part of the contract of the port of metadata that is about saved views and the runs of all projects."""

from __future__ import annotations

from marigram.model import CreateRun, Path, ProjectName, RunStatus, SetStatus, SetValue, View, ViewKind, project_run_id
from marigram.server.store.meta.port import MetaStore
from marigram.testing.meta_history import CHILD, GRANDCHILD, PARENT, commit

PROJECT = ProjectName("lab/cats")


def view(name: str, content: str = "{}", kind: ViewKind = ViewKind.TABLE) -> View:
    """Return a view."""
    return View(kind=kind, name=name, content=content, saved_at=5)


def create(project: str = PROJECT, at: int = 1_000) -> CreateRun:
    """Return the operation that makes a run."""
    return CreateRun(project=ProjectName(project), created_at=at)


def ended(at: int) -> SetStatus:
    """Return the operation that ends a run."""
    return SetStatus(status=RunStatus.FINISHED, at=at)


class MetaViewsContract:
    """A part of `MetaStoreContract`."""

    def test_views_are_told_apart_by_kind_and_name_and_come_in_order_of_name(self, store: MetaStore) -> None:
        commit(store, PARENT, create())
        first, second, charts = view("a"), view("é", '{"x":1}'), view("a", kind=ViewKind.DASHBOARD)
        assert all(store.save_view(PROJECT, each) for each in (second, charts, first))
        assert store.views(PROJECT, ViewKind.TABLE) == [first, second]
        assert store.views(PROJECT, ViewKind.DASHBOARD) == [charts]
        assert store.views("lab/dogs", ViewKind.TABLE) == []

    def test_a_view_takes_the_place_of_the_one_of_its_name(self, store: MetaStore) -> None:
        commit(store, PARENT, create())
        store.save_view(PROJECT, view("a"))
        other = view("a", '{"other":true}')
        assert store.save_view(PROJECT, other)
        assert store.views(PROJECT, ViewKind.TABLE) == [other]

    def test_a_view_is_removed_once(self, store: MetaStore) -> None:
        commit(store, PARENT, create())
        store.save_view(PROJECT, view("a"))
        store.save_view(PROJECT, view("a", kind=ViewKind.DASHBOARD))
        assert store.remove_view(PROJECT, ViewKind.TABLE, "a")
        assert not store.remove_view(PROJECT, ViewKind.TABLE, "a")
        assert store.views(PROJECT, ViewKind.TABLE) == []
        assert len(store.views(PROJECT, ViewKind.DASHBOARD)) == 1

    def test_a_project_that_is_unknown_keeps_no_view(self, store: MetaStore) -> None:
        assert not store.save_view("lab/nothing", view("a"))
        assert store.views("lab/nothing", ViewKind.TABLE) == []

    def test_runs_of_all_projects_come_newest_first_without_the_trash(self, store: MetaStore) -> None:
        commit(store, PARENT, create(project="lab/cats", at=10))
        commit(store, CHILD, create(project="lab/dogs", at=30))
        commit(store, GRANDCHILD, create(project="lab/cats", at=20))
        commit(store, project_run_id(PROJECT), create(project="lab/cats", at=40))
        assert [run.id for run in store.recent_runs()] == [CHILD, GRANDCHILD, PARENT]
        assert [run.id for run in store.recent_runs(limit=1)] == [CHILD]
        commit(store, "d" * 32, create(project="lab/dogs", at=20))  # as old as another, and later known
        assert [run.id for run in store.recent_runs(limit=3)] == [CHILD, "d" * 32, GRANDCHILD]
        store.trash(["d" * 32], at=9)
        store.trash([CHILD], at=9)
        assert [run.id for run in store.recent_runs()] == [GRANDCHILD, PARENT]

    def test_runs_that_go_on_and_runs_that_have_ended_are_told_apart(self, store: MetaStore) -> None:
        commit(store, PARENT, create(at=10), ended(200))
        commit(store, CHILD, create(at=30), ended(100))
        commit(store, GRANDCHILD, create(at=20))
        assert [run.id for run in store.recent_runs(ended=True)] == [PARENT, CHILD]
        assert [run.id for run in store.recent_runs(ended=False)] == [GRANDCHILD]

    def test_runs_of_all_projects_are_found_by_name_key_id_and_project(self, store: MetaStore) -> None:
        commit(store, PARENT, create(project="lab/cats"), SetValue(path=Path("sys/name"), value="Base 100%"))
        commit(store, CHILD, create(project="lab/dogs"), SetValue(path=Path("sys/name"), value="base 1000"))

        def found(text: str) -> set[str]:
            return {run.id for run in store.recent_runs(text=text)}

        assert found("BASE") == found(" ") == {PARENT, CHILD}
        assert found("base cats") == found("cats-1") == found("100%") == found(PARENT[:9]) == {PARENT}
        assert found("base nothing") == set()
