"""One law: SQL, and columns in RAM, find the runs that a plain evaluation finds, whatever runs hold and is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path as FilePath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marigram.model import Batch, CreateRun, Kind, Operation, Path, ProjectName, SetValue, Value
from marigram.server.query.language import literal_of
from marigram.server.query.series import WholeSeries
from marigram.server.query.table.cache import RunTables
from marigram.server.query.table.filters import Filters
from marigram.server.store.meta.filter import And, Compare, Comparison, Filter, Has, Not, OneOf, Or
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.meta.port import MetaStore, RunSort
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.memory import MemoryPointStore

PROJECT = ProjectName("lab/filters")
NOW = 1_700_000_000_000
RUNS = [digit * 32 for digit in "0123"]
PATHS = st.sampled_from([Path("a"), Path("a/b"), Path("sys/id"), Path("sys/running_time"), Path("sys/trashed")])
NUMBER_WORDS = ("1", "0", "1.0", "-2.5", "1e3", "9007199254740993", "nan", "inf", "-inf")
DATE_WORDS = ("2023-11-14", "2023-11-14T22:13:20.5Z", "-2h", "1d")
PATTERNS = ("_%", "%A%", "a_%", "%")
WORDS = st.sampled_from(("", "a", "ab", "B", "true", "False", "FILT-1", "é", *PATTERNS, *NUMBER_WORDS, *DATE_WORDS))
NUMBERS = st.sampled_from([0.0, 1.0, -2.5, 1000.0, float("nan"), float("inf"), float("-inf"), 2.0**53, 0.1])
INTEGERS = st.sampled_from([0, 1, 1000, 2**53 + 1, 2**63, -(2**70)])
MOMENTS = st.integers(NOW - 86_400_000, NOW + 86_400_000).map(
    lambda ms: datetime.fromtimestamp(ms / 1000, tz=timezone.utc)
)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.booleans(), INTEGERS, NUMBERS, WORDS, MOMENTS, st.frozensets(WORDS, max_size=3)
)
KINDS = st.none() | st.frozensets(
    st.sampled_from([Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.STRING, Kind.DATETIME, Kind.STRING_SET]), min_size=1
)
COMPARES = st.builds(
    Compare,
    path=PATHS,
    comparison=st.sampled_from(Comparison),
    literal=WORDS.map(lambda text: literal_of(text, now_ms=NOW)),
    kinds=KINDS,
)
LEAVES: st.SearchStrategy[Filter] = st.one_of(
    COMPARES,
    st.builds(Has, path=PATHS, kinds=KINDS),
    st.builds(OneOf, st.frozensets(st.sampled_from(RUNS))),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


class Columns:
    """Finds runs by columns that follow a store's commits."""

    def __init__(self, meta: MetaStore) -> None:
        self._meta = meta
        self._filters = Filters(meta=meta, clock_ms=lambda: NOW)
        self._tables = RunTables(meta=meta, points=WholeSeries(meta=meta, points=MemoryPointStore()))

    def found(self, wanted: Filter) -> list[str]:
        with self._tables.table(PROJECT) as table:
            numbers = table.index.number[self._filters.mask(table, wanted) & table.index.shown]
        return sorted(self._meta.run_ids(numbers.tolist()).values())


Stores = tuple[MemoryMetaStore, SqliteMetaStore, Columns, Columns]


@pytest.fixture
def stores(tmp_path: FilePath) -> Iterator[Stores]:
    memory, sqlite = MemoryMetaStore(), SqliteMetaStore(tmp_path / "meta.db")
    yield memory, sqlite, Columns(memory), Columns(sqlite)
    sqlite.close()


def batch(run_id: str, *operations: Operation) -> Batch:
    return Batch(run_id=run_id, writer="w", first_seq=1, last_seq=len(operations), operations=operations)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    held=st.lists(st.dictionaries(st.sampled_from(["a", "a/b"]), VALUES), min_size=4, max_size=4),
    trashed=st.sets(st.sampled_from(RUNS)),
    filters=st.lists(FILTERS, min_size=1, max_size=12),
)
def test_sql_and_columns_find_the_runs_that_plain_evaluation_finds(
    stores: Stores,
    held: list[dict[str, Value]],
    trashed: set[str],
    filters: list[Filter],
) -> None:
    sort = RunSort(path=Path("sys/id"), descending=False)
    memory, sqlite, *columns = stores
    for store in (memory, sqlite):
        for run_id, values in zip(RUNS, held, strict=True):
            store.delete_run(run_id)
            writes = (SetValue(path=Path(path), value=value) for path, value in values.items())
            store.commit([batch(run_id, CreateRun(project=PROJECT, created_at=NOW), *writes)], heard_at=NOW + 1500)
        store.trash(sorted(trashed), at=NOW)
    for wanted in filters:
        plain, by_sql = (
            sorted(store.search_runs(PROJECT, text="", sort=sort, where=wanted, trashed=None))
            for store in (memory, sqlite)
        )
        assert by_sql == plain, wanted
        assert [each.found(wanted) for each in columns] == [plain, plain], wanted
