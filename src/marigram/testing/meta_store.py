"""The contract of the port of metadata, for any engine: subclass `MetaStoreContract` and provide `store`."""

from __future__ import annotations

import math
from datetime import datetime, timezone

from marigram.model import (
    Append,
    AttachFile,
    Batch,
    CreateRun,
    Delete,
    EditSet,
    File,
    FloatPoints,
    Kind,
    Operation,
    Path,
    ProjectName,
    RejectionCode,
    RunStatus,
    SetStatus,
    SetValue,
    StopHow,
    StopRequest,
    StringPoints,
    Value,
    project_run_id,
)
from marigram.server.store.meta.filter import Compare, Comparison, Literal, Not
from marigram.server.store.meta.port import MetaStore, RunSort
from marigram.testing.meta_earlier import MetaEarlierContract
from marigram.testing.meta_history import MetaHistoryContract
from marigram.testing.meta_life import MetaLifeContract
from marigram.testing.meta_models import MetaModelsContract
from marigram.testing.meta_views import MetaViewsContract

RUN = "a" * 32
OTHER = "b" * 32
PROJECT = ProjectName("lab/cats")
CREATE = CreateRun(project=PROJECT, created_at=1_000)
BY_AGE = RunSort(path=Path("sys/creation_time"), descending=True)


def batch(*operations: Operation, run_id: str = RUN) -> Batch:
    """Return a batch of the operations."""
    return Batch(run_id=run_id, writer="w", first_seq=1, last_seq=max(1, len(operations)), operations=operations)


def set_value(path: str, value: Value) -> SetValue:
    """Return the operation."""
    return SetValue(path=Path(path), value=value)


def append_float(path: str) -> Append:
    """Return an operation that makes a float series."""
    return Append(path=Path(path), points=FloatPoints(steps=[1.0], times=[5], values=[0.5]))


class MetaStoreContract(
    MetaEarlierContract, MetaHistoryContract, MetaLifeContract, MetaModelsContract, MetaViewsContract
):
    """One test for every promise of the port."""

    def test_a_batch_for_an_unknown_run_is_refused_whole(self, store: MetaStore) -> None:
        [outcome] = store.commit([batch(set_value("x", 1), set_value("y", 2))], heard_at=7)
        assert outcome.project is None
        assert [(each.code, each.count) for each in outcome.rejections] == [(RejectionCode.RUN_UNKNOWN, 2)]
        assert store.run(RUN) is None

    def test_a_created_run_has_a_key_and_its_system_attributes(self, store: MetaStore) -> None:
        [outcome] = store.commit([batch(CREATE)], heard_at=7)
        assert outcome.project == PROJECT
        assert outcome.run_changed
        run = store.run(RUN)
        assert run is not None
        assert (run.key, run.status, run.created_at, run.heard_at) == ("CATS-1", RunStatus.RUNNING, 1_000, 7)
        values = {each.path: each.value for each in store.attributes(RUN)}
        assert values == {
            "sys/id": "CATS-1",
            "sys/state": "running",
            "sys/creation_time": datetime(1970, 1, 1, 0, 0, 1, tzinfo=timezone.utc),
        }

    def test_creating_again_changes_nothing(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, set_value("x", 1))], heard_at=7)
        store.commit([batch(CreateRun(project=ProjectName("else/where"), created_at=2))], heard_at=8)
        run = store.run(RUN)
        assert run is not None
        assert (run.project, run.created_at) == (PROJECT, 1_000)
        assert [project.name for project in store.projects()] == [PROJECT]

    def test_keys_count_up_within_a_project(self, store: MetaStore) -> None:
        store.commit([batch(CREATE), batch(CREATE, run_id=OTHER)], heard_at=7)
        assert [run.key for run in store.runs([OTHER, RUN])] == ["CATS-2", "CATS-1"]

    def test_values_of_every_kind_come_back(self, store: MetaStore) -> None:
        values: dict[str, Value] = {
            "bool": True,
            "int": -(2**53) - 1,
            "large": 2**70,
            "float": 0.1,
            "infinite": math.inf,
            "text": "naïve ☂",
            "empty": "",
            "when": datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=timezone.utc),
            "set": frozenset({"b", "a"}),
        }
        store.commit([batch(CREATE, *(set_value(path, value) for path, value in values.items()))], heard_at=7)
        found = {each.path: each.value for each in store.attributes(RUN) if not each.path.startswith("sys/")}
        assert found == values

    def test_nan_comes_back_as_nan(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, set_value("x", math.nan))], heard_at=7)
        attribute = store.attribute(RUN, "x")
        assert attribute is not None
        assert isinstance(attribute.value, float)
        assert math.isnan(attribute.value)

    def test_a_value_takes_the_place_of_a_value_of_another_kind(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, set_value("x", 1), set_value("x", "one"))], heard_at=7)
        attributes = [each for each in store.attributes(RUN) if each.path == "x"]
        assert [(each.kind, each.value) for each in attributes] == [(Kind.STRING, "one")]

    def test_a_file_comes_back_and_can_be_replaced(self, store: MetaStore) -> None:
        file = File(sha256="0" * 64, filename="a.png", media_type="image/png", size=3, caption="c")
        store.commit([batch(CREATE, AttachFile(path=Path("f"), file=file))], heard_at=7)
        attribute = store.attribute(RUN, "f")
        assert attribute is not None
        assert attribute.file == file
        [outcome] = store.commit([batch(set_value("f", 1))], heard_at=8)
        assert not outcome.rejections

    def test_a_series_keeps_its_attribute_id(self, store: MetaStore) -> None:
        [first] = store.commit([batch(CREATE, append_float("loss"))], heard_at=7)
        [second] = store.commit([batch(append_float("loss"))], heard_at=8)
        assert first.placements[1].attribute is not None
        assert second.placements[0].attribute == first.placements[1].attribute
        assert first.changed_paths == {"loss"}
        assert not second.changed_paths

    def test_one_path_and_kind_has_one_id_in_all_runs_of_a_project(self, store: MetaStore) -> None:
        outcomes = store.commit(
            [batch(CREATE, append_float("loss")), batch(CREATE, append_float("loss"), run_id=OTHER)], heard_at=7
        )
        assert outcomes[0].placements[1] == outcomes[1].placements[1]

    def test_a_series_and_a_value_exclude_each_other_until_deleted(self, store: MetaStore) -> None:
        strings = Append(path=Path("loss"), points=StringPoints(steps=[1.0], times=[1], values=["a"]))
        [outcome] = store.commit(
            [batch(CREATE, append_float("loss"), set_value("loss", 1), strings, set_value("x", 1), append_float("x"))],
            heard_at=7,
        )
        assert [each.code for each in outcome.rejections] == [RejectionCode.KIND_CONFLICT] * 3
        assert [each.path for each in outcome.rejections] == ["loss", "loss", "x"]
        [outcome] = store.commit([batch(Delete(path=Path("loss")), strings)], heard_at=8)
        assert not outcome.rejections
        attribute = store.attribute(RUN, "loss")
        assert attribute is not None
        assert attribute.kind is Kind.STRING_SERIES

    def test_delete_takes_all_that_is_below_and_names_the_series(self, store: MetaStore) -> None:
        [made] = store.commit(
            [batch(CREATE, append_float("a/loss"), set_value("a/x", 1), set_value("ab", 2))], heard_at=7
        )
        [outcome] = store.commit([batch(Delete(path=Path("a")))], heard_at=8)
        assert outcome.placements[0].dropped == (made.placements[1].attribute,)
        assert outcome.changed_paths == {"a/loss", "a/x"}
        assert [each.path for each in store.attributes(RUN, prefix="a")] == []
        assert store.attribute(RUN, "ab") is not None

    def test_sets_are_edited_and_tags_follow(self, store: MetaStore) -> None:
        tags = Path("sys/tags")
        store.commit([batch(CREATE, EditSet(path=tags, add=("a", "b")))], heard_at=7)
        store.commit([batch(EditSet(path=tags, add=("c",), remove=("a", "missing")))], heard_at=8)
        run = store.run(RUN)
        assert run is not None
        assert run.tags == ("b", "c")
        store.commit([batch(Delete(path=tags))], heard_at=9)
        run = store.run(RUN)
        assert run is not None
        assert run.tags == ()

    def test_the_name_follows_its_attribute(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, set_value("sys/name", "first"))], heard_at=7)
        run = store.run(RUN)
        assert run is not None
        assert run.name == "first"

    def test_status_tells_the_end(self, store: MetaStore) -> None:
        failed = SetStatus(status=RunStatus.FAILED, at=99, exit_code=1, failure="ValueError: no")
        store.commit([batch(CREATE, failed)], heard_at=7)
        run = store.run(RUN)
        assert run is not None
        assert (run.status, run.ended_at, run.exit_code, run.failure) == (RunStatus.FAILED, 99, 1, "ValueError: no")
        values: dict[str, object] = {each.path: each.value for each in store.attributes(RUN)}
        assert values["sys/failed"] is True

    def test_what_has_failed_is_not_finished_before_it_runs_again(self, store: MetaStore) -> None:
        failed = SetStatus(status=RunStatus.FAILED, at=50, exit_code=1, failure="rank 3")
        later = [SetStatus(status=status, at=60) for status in (RunStatus.STOPPED, RunStatus.FINISHED)]
        store.commit([batch(CREATE, failed), *(batch(status) for status in later)], heard_at=7)
        run = store.run(RUN)
        assert run is not None
        assert (run.status, run.ended_at, run.failure) == (RunStatus.FAILED, 50, "rank 3")
        store.commit([batch(SetStatus(status=RunStatus.RUNNING, at=70)), batch(later[1])], heard_at=8)
        run = store.run(RUN)
        assert run is not None
        assert run.status is RunStatus.FINISHED

    def test_crashed_counts_only_while_running(self, store: MetaStore) -> None:
        finished = SetStatus(status=RunStatus.FINISHED, at=50, exit_code=0)
        crashed = SetStatus(status=RunStatus.CRASHED, at=60, failure="gone")
        store.commit([batch(CREATE, finished), batch(crashed)], heard_at=7)
        run = store.run(RUN)
        assert run is not None
        assert (run.status, run.ended_at) == (RunStatus.FINISHED, 50)
        store.commit([batch(SetStatus(status=RunStatus.RUNNING, at=70)), batch(crashed)], heard_at=8)
        run = store.run(RUN)
        assert run is not None
        assert (run.status, run.ended_at) == (RunStatus.CRASHED, 60)

    def test_applying_a_stretch_again_leads_to_the_same_state(self, store: MetaStore) -> None:
        stretch: tuple[Operation, ...] = (
            set_value("x", 1),
            EditSet(path=Path("sys/tags"), add=("a",)),
            append_float("loss"),
            Delete(path=Path("x")),
            EditSet(path=Path("sys/tags"), remove=("a",), add=("b",)),
            set_value("x", "again"),
            SetStatus(status=RunStatus.FINISHED, at=9, exit_code=0),
        )
        store.commit([batch(CREATE, *stretch)], heard_at=7)
        before = (store.run(RUN), store.attributes(RUN))
        store.commit([batch(CREATE, *stretch)], heard_at=7)
        assert (store.run(RUN), store.attributes(RUN)) == before

    def test_hearing_of_a_run_moves_its_time(self, store: MetaStore) -> None:
        assert not store.hear(RUN, at=5)
        store.commit([batch(CREATE)], heard_at=7)
        assert store.hear(RUN, at=500)
        run = store.run(RUN)
        assert run is not None
        assert run.heard_at == 500
        assert store.projects()[0].heard_at == 500

    def test_a_run_in_the_trash_is_in_no_table_but_its_own_and_comes_back(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, set_value("x", 1)), batch(CREATE, run_id=OTHER)], heard_at=7)
        [trashed] = store.trash([RUN, "c" * 32], at=9)
        assert (trashed.id, trashed.trashed_at) == (RUN, 9)
        assert [run.trashed_at for run in store.trash([RUN], at=10)] == [9]
        assert store.search_runs(PROJECT, text="", sort=BY_AGE) == [OTHER]
        assert store.search_runs(PROJECT, text="", sort=BY_AGE, trashed=True) == [RUN]
        assert store.search_runs(PROJECT, text="", sort=BY_AGE, trashed=None) == [OTHER, RUN]
        assert [row.path for row in store.columns(PROJECT) if row.path == "x"] == []
        assert [project.run_count for project in store.projects()] == [1]
        found = store.find_run(PROJECT, "CATS-1")
        assert found is not None
        assert found.trashed_at == 9
        assert [run.trashed_at for run in store.restore([RUN])] == [None]
        assert store.search_runs(PROJECT, text="", sort=BY_AGE) == [OTHER, RUN]

    def test_a_deleted_run_leaves_nothing_and_its_key_is_not_given_again(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, set_value("x", 1))], heard_at=7)
        assert store.delete_run(RUN)
        assert not store.delete_run(RUN)
        assert store.run(RUN) is None
        assert store.attributes(RUN) == []
        assert not store.hear(RUN, at=8)
        [outcome] = store.commit([batch(set_value("x", 2))], heard_at=9)
        assert outcome.project is None
        store.commit([batch(CREATE, run_id=OTHER)], heard_at=10)
        assert [run.key for run in store.runs([OTHER])] == ["CATS-2"]

    def test_a_run_is_emptied_a_few_attributes_at_a_time_before_it_is_deleted(self, store: MetaStore) -> None:
        values = [set_value(f"x/{number}", number) for number in range(7)]
        store.commit([batch(CREATE, *values), batch(CREATE, *values, run_id=OTHER)], heard_at=7)
        store.trash([RUN], at=8)
        left = [len(store.attributes(RUN))]
        while store.remove_some(RUN, at_most=3):
            left.append(len(store.attributes(RUN)))
        assert left == [10, 7, 4, 1, 0]
        assert not store.remove_some("c" * 32, at_most=3)
        assert len(store.attributes(OTHER)) == 10
        assert store.run(RUN) is not None
        store.commit([batch(set_value("x/1", "again"))], heard_at=9)
        assert [each.value for each in store.attributes(RUN)] == ["again"]
        assert store.delete_run(RUN)
        assert store.attributes(RUN) == []

    def test_what_is_said_of_a_project_is_kept_by_a_run_that_no_table_shows(self, store: MetaStore) -> None:
        own = project_run_id(PROJECT)
        store.commit([batch(CREATE, set_value("about", "cats"), run_id=own), batch(CREATE)], heard_at=7)
        assert store.search_runs(PROJECT, text="", sort=BY_AGE, trashed=None) == [RUN]
        assert [(run.key, run.id) for run in store.runs([own, RUN])] == [("CATS", own), ("CATS-1", RUN)]
        assert [row.path for row in store.columns(PROJECT) if row.path == "about"] == []
        assert [project.run_count for project in store.projects()] == [1]
        assert store.trash([own], at=8) == store.restore([own]) == []
        attribute = store.attribute(own, "about")
        assert attribute is not None
        assert attribute.value == "cats"

    def test_attributes_are_found_by_exactly_their_paths(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, set_value("a", 1), set_value("a/b", 1), set_value("b", 1))], heard_at=7)
        assert [row.path for row in store.columns_at(PROJECT, ["b", "a", "c"])] == ["a", "b"]

    def test_a_filter_narrows_a_search_together_with_its_text(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, set_value("lr", 0.1)), batch(CREATE, set_value("lr", 1), run_id=OTHER)], heard_at=7)
        small = Compare(path=Path("lr"), comparison=Comparison.LESS, literal=Literal(text="1", number=1))
        assert store.search_runs(PROJECT, text="", sort=BY_AGE, where=small) == [RUN]
        assert store.search_runs(PROJECT, text="", sort=BY_AGE, where=Not(small)) == [OTHER]
        assert store.search_runs(PROJECT, text="CATS-2", sort=BY_AGE, where=small) == []

    def test_a_request_to_stop_is_shown_by_its_run_until_a_newer_one_is_made(self, store: MetaStore) -> None:
        assert store.request_stop(RUN, how=StopHow.KILL, grace_s=0.0, requested_by="me", at=5) is None
        store.commit([batch(CREATE), batch(CREATE, run_id=OTHER)], heard_at=7)
        first = store.request_stop(RUN, how=StopHow.GRACEFUL, grace_s=30.0, requested_by="me", at=8)
        assert first is not None
        assert first == StopRequest(
            number=first.number, how=StopHow.GRACEFUL, grace_s=30.0, requested_at=8, requested_by="me"
        )
        elsewhere = store.request_stop(OTHER, how=StopHow.KILL, grace_s=0.0, requested_by="", at=8)
        assert elsewhere is not None
        assert [run.stop for run in store.runs([RUN, OTHER])] == [first, elsewhere]
        second = store.request_stop(RUN, how=StopHow.ABORT, grace_s=2.5, requested_by="you", at=9)
        assert second is not None
        assert first.number < elsewhere.number < second.number
        found = store.find_run(PROJECT, RUN)
        assert found is not None
        assert found.stop == second

    def test_a_run_that_goes_on_after_its_end_has_no_request_to_stop(self, store: MetaStore) -> None:
        running = SetStatus(status=RunStatus.RUNNING, at=8)
        store.commit([batch(CREATE, running), batch(CREATE, running, run_id=OTHER)], heard_at=7)
        for run_id in (RUN, OTHER):
            store.request_stop(run_id, how=StopHow.GRACEFUL, grace_s=30.0, requested_by="me", at=8)
        store.commit(
            [batch(running), batch(SetStatus(status=RunStatus.STOPPED, at=9), running, run_id=OTHER)], heard_at=9
        )
        assert [run.stop is None for run in store.runs([RUN, OTHER])] == [False, True]

    def test_only_the_first_delivery_of_a_request_is_news(self, store: MetaStore) -> None:
        store.commit([batch(CREATE)], heard_at=7)
        request = store.request_stop(RUN, how=StopHow.GRACEFUL, grace_s=30.0, requested_by="me", at=8)
        assert request is not None
        assert not store.note_delivery(OTHER, request.number, at=9)
        assert not store.note_delivery(RUN, request.number + 1, at=9)
        assert store.note_delivery(RUN, request.number, at=10)
        assert not store.note_delivery(RUN, request.number, at=11)
        run = store.run(RUN)
        assert run is not None
        assert run.stop is not None
        assert run.stop.delivered_at == 10

    def test_projects_count_their_runs(self, store: MetaStore) -> None:
        ended = SetStatus(status=RunStatus.FINISHED, at=9)
        store.commit([batch(CREATE), batch(CREATE, ended, run_id=OTHER)], heard_at=7)
        [project] = store.projects()
        assert (project.name, project.run_count, project.running_count) == (PROJECT, 2, 1)

    def test_a_run_is_found_by_key_or_id_in_its_project(self, store: MetaStore) -> None:
        store.commit([batch(CREATE)], heard_at=7)
        run = store.run(RUN)
        assert store.find_run(PROJECT, "cats-1") == run
        assert store.find_run(PROJECT, RUN) == run
        assert store.find_run("else/where", "CATS-1") is None

    def test_the_table_is_searched_by_every_word(self, store: MetaStore) -> None:
        store.commit(
            [
                batch(CREATE, set_value("sys/name", "Big_Cat 100%"), set_value("p/opt", "adam")),
                batch(CREATE, EditSet(path=Path("sys/tags"), add=("cat",)), set_value("lr", 0.25), run_id=OTHER),
            ],
            heard_at=7,
        )
        expected = {
            "": [OTHER, RUN],
            "cat": [OTHER, RUN],
            "CAT adam": [RUN],
            "0.25": [OTHER],
            "100%": [RUN],
            "g_c": [RUN],
            "cats-2": [OTHER],
            "running": [OTHER, RUN],
            "dog": [],
        }
        found = {text: store.search_runs(PROJECT, text=text, sort=BY_AGE) for text in expected}
        assert found == expected

    def test_runs_without_the_sorted_value_come_last_either_way(self, store: MetaStore) -> None:
        third = "c" * 32
        store.commit(
            [
                batch(CREATE, set_value("lr", 0.5)),
                batch(CREATE, run_id=OTHER),
                batch(CREATE, set_value("lr", 0.25), run_id=third),
            ],
            heard_at=7,
        )
        up = store.search_runs(PROJECT, text="", sort=RunSort(path=Path("lr"), descending=False))
        down = store.search_runs(PROJECT, text="", sort=RunSort(path=Path("lr"), descending=True))
        assert (up, down) == ([third, RUN, OTHER], [RUN, third, OTHER])

    def test_attributes_come_in_pages_in_order_of_path(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, *(set_value(f"p/{name}", 1) for name in "cab"))], heard_at=7)
        first = store.attributes(RUN, prefix="p", limit=2)
        assert [each.path for each in first] == ["p/a", "p/b"]
        rest = store.attributes(RUN, prefix="p", after=first[-1].path, limit=2)
        assert [each.path for each in rest] == ["p/c"]
        assert [each.path for each in store.attributes(RUN, search="P/C")] == ["p/c"]

    def test_attributes_of_some_kinds_only(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, set_value("a", 1), set_value("b", "x"), append_float("c"))], heard_at=7)
        kinds = (Kind.STRING, Kind.FLOAT_SERIES)
        found = [each.path for each in store.attributes(RUN, kinds=kinds) if not each.path.startswith("sys/")]
        assert found == ["b", "c"]

    def test_paths_are_those_of_any_of_the_runs_once(self, store: MetaStore) -> None:
        store.commit([batch(CREATE, append_float("a/y"), append_float("a-b"), set_value("a/z", 1))], heard_at=7)
        store.commit([batch(CREATE, append_float("a/y"), set_value("a-b", 1), run_id=OTHER)], heard_at=7)
        mine = [("a-b", Kind.FLOAT_SERIES), ("a/y", Kind.FLOAT_SERIES), ("a/z", Kind.INT)]
        assert [each for each in store.paths([RUN, "c" * 32]) if not each[0].startswith("sys/")] == mine
        assert store.paths([RUN, OTHER], below="a") == [("a/y", Kind.FLOAT_SERIES), ("a/z", Kind.INT)]
        assert store.paths([RUN, OTHER], kinds=[Kind.FLOAT_SERIES]) == mine[:2]
        assert ("a-b", Kind.INT) in store.paths([OTHER, RUN])
        assert store.paths([]) == []

    def test_cells_are_by_run_and_path(self, store: MetaStore) -> None:
        store.commit(
            [batch(CREATE, set_value("x", 1), set_value("y", 2)), batch(CREATE, set_value("x", 3), run_id=OTHER)],
            heard_at=7,
        )
        cells = store.cells([RUN, OTHER], ["x", "missing"])
        assert {key: cell.value for key, cell in cells.items()} == {(RUN, "x"): 1, (OTHER, "x"): 3}

    def test_columns_tell_how_many_runs_have_them_and_whether_they_differ(self, store: MetaStore) -> None:
        store.commit(
            [
                batch(CREATE, set_value("p/x", 1), set_value("p/y", 2)),
                batch(CREATE, set_value("p/x", 3), run_id=OTHER),
            ],
            heard_at=7,
        )
        columns = store.columns(PROJECT, search="P/")
        assert [(each.path, each.run_count, each.distinct) for each in columns] == [("p/x", 2, 2), ("p/y", 1, 1)]

    def test_tokens_are_kept_by_digest(self, store: MetaStore) -> None:
        assert store.token_digests() == frozenset()
        store.add_token("d1", name="ci", created_at=1)
        store.add_token("d1", name="ci", created_at=1)
        assert store.token_digests() == {"d1"}
