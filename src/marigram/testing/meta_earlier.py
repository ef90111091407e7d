"""The part of the contract of the port of metadata that is about what values were before they were set to others."""

from __future__ import annotations

import math

from marigram.model import (
    Batch,
    CreateRun,
    Delete,
    EditSet,
    Kind,
    Operation,
    Path,
    ProjectName,
    SetValue,
    Value,
)
from marigram.server.store.meta.earlier import EARLIER_KEPT, LONGEST_EARLIER_TEXT
from marigram.server.store.meta.port import MetaStore

RUN = "a" * 32
RATE = Path("params/rate")


def write(store: MetaStore, seq: int, *operations: Operation, writer: str = "w") -> None:
    """Commit a batch of one position, at a time that tells its number."""
    batch = Batch(run_id=RUN, writer=writer, first_seq=seq, last_seq=seq, operations=operations)
    store.commit([batch], heard_at=100 + seq)


def put(value: Value, path: str = RATE) -> SetValue:
    """Return the operation that sets a value."""
    return SetValue(path=Path(path), value=value)


def begin(store: MetaStore, *operations: Operation) -> None:
    """Make the run."""
    write(store, 1, CreateRun(project=ProjectName("lab/cats"), created_at=1), *operations)


def told(store: MetaStore, path: str = RATE) -> list[tuple[Value, int, str]]:
    """Return what was kept."""
    return [(each.value, each.replaced_at, each.writer) for each in store.earlier_values(RUN, path)]


class MetaEarlierContract:
    """A part of `MetaStoreContract`."""

    def test_earlier_values_are_told_with_who_replaced_them_and_when(self, store: MetaStore) -> None:
        begin(store, put(0.1))
        assert told(store) == []
        write(store, 2, put(0.2))
        write(store, 1, put(0.3), writer="web")
        assert told(store) == [(0.2, 101, "web"), (0.1, 102, "w")]
        assert store.earlier_values(RUN, "params") == store.earlier_values("b" * 32, RATE) == []

    def test_a_value_that_stays_the_same_was_not_replaced(self, store: MetaStore) -> None:
        begin(store, put(0.1), put("cat", "params/net"))
        write(store, 2, put(0.1), put("cat", "params/net"))
        assert told(store) == told(store, "params/net") == []

    def test_a_value_of_another_kind_keeps_what_was_there_before(self, store: MetaStore) -> None:
        begin(store, put(1))
        write(store, 2, put("one"))
        (earlier,) = store.earlier_values(RUN, RATE)
        assert (earlier.kind, earlier.value) == (Kind.INT, 1)
        write(store, 3, put(math.inf))
        assert [value for value, _, _ in told(store)] == ["one", 1]

    def test_a_batch_that_comes_again_replaces_nothing(self, store: MetaStore) -> None:
        begin(store, put(1))
        for _ in range(3):
            write(store, 2, put(2), put(3))
        assert told(store) == [(1, 102, "w")]

    def test_only_the_newest_are_kept(self, store: MetaStore) -> None:
        begin(store, put(0))
        for number in range(1, EARLIER_KEPT + 4):
            write(store, 1 + number, put(number))
        assert [value for value, _, _ in told(store)] == list(range(EARLIER_KEPT + 2, 2, -1))

    def test_neither_very_long_texts_nor_what_a_run_says_of_itself_are_kept(self, store: MetaStore) -> None:
        begin(store, put("x" * (LONGEST_EARLIER_TEXT + 1)), put(1, "sys/receipt/points"), put("a", "sys/name"))
        write(store, 2, put("short"), put(2, "sys/receipt/points"), put("b", "sys/name"))
        assert told(store) == told(store, "sys/receipt/points") == []
        assert told(store, "sys/name") == [("a", 102, "w")]

    def test_sets_are_kept_as_they_were(self, store: MetaStore) -> None:
        begin(store, EditSet(path=Path("sys/tags"), add=("old",)))
        write(store, 2, EditSet(path=Path("sys/tags"), add=("new",)))
        assert told(store, "sys/tags") == [(frozenset({"old"}), 102, "w")]

    def test_what_is_deleted_has_no_past(self, store: MetaStore) -> None:
        begin(store, put(1), put(1, "params2"))
        write(store, 2, put(2), put(2, "params2"))
        write(store, 3, Delete(path=Path("params")))
        assert told(store) == []
        assert len(told(store, "params2")) == 1
        store.delete_run(RUN)
        assert told(store, "params2") == []
