"""Every engine of metadata keeps the port's promises."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path as FilePath

import pytest

from marigram.model import SetValue, StopHow, parse_path
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.testing.meta_models import CATS, FIRST
from marigram.testing.meta_store import CREATE, OTHER, RUN, MetaStoreContract, batch


class TestMemory(MetaStoreContract):
    @pytest.fixture
    def store(self) -> MetaStore:
        return MemoryMetaStore()


class TestSqlite(MetaStoreContract):
    @pytest.fixture
    def store(self, tmp_path: FilePath) -> Iterator[MetaStore]:
        store = SqliteMetaStore(tmp_path / "meta.db")
        yield store
        store.close()

    def test_what_was_committed_is_there_after_the_store_is_opened_again(self, tmp_path: FilePath) -> None:
        first = SqliteMetaStore(tmp_path / "again.db")
        first.commit([batch(CREATE, SetValue(path=parse_path("x"), value=1))], heard_at=7)
        before = (first.run(RUN), first.attributes(RUN))
        second = SqliteMetaStore(tmp_path / "again.db")
        assert (second.run(RUN), second.attributes(RUN)) == before
        [outcome] = second.commit([batch(CREATE, run_id=OTHER)], heard_at=8)
        assert outcome.project is not None
        assert [run.key for run in second.runs([OTHER])] == ["CATS-2"]
        first.close()
        second.close()

    def test_a_file_of_version_1_is_brought_to_this_version_with_all_that_it_holds(self, tmp_path: FilePath) -> None:
        schema = resources.files("marigram.server.store.meta.sqlite").joinpath("schema.sql").read_text()
        old = sqlite3.connect(tmp_path / "old.db")
        old.executescript(schema)
        old.execute("INSERT INTO project (name, key_prefix, next_number, created_at) VALUES ('lab/cats', 'CATS', 2, 5)")
        old.execute(
            "INSERT INTO run (run_id, project, key, created_at, heard_at) VALUES (?, 1, 'CATS-1', 5, 6)", (RUN,)
        )
        old.execute("INSERT INTO attribute (project, path, kind) VALUES (1, 'lr', 'float')")
        old.execute("INSERT INTO attribute_value (run, attribute, number) VALUES (1, 1, 0.5)")
        old.commit()
        old.close()
        store = SqliteMetaStore(tmp_path / "old.db")
        assert [(each.run_count, each.running_count) for each in store.projects()] == [(1, 1)]
        assert [(each.path, each.run_count, each.distinct) for each in store.columns("lab/cats")] == [("lr", 1, 1)]
        run = store.run(RUN)
        assert run is not None
        assert (run.key, run.stop, run.trashed_at) == ("CATS-1", None, None)
        assert [each.trashed_at for each in store.trash([RUN], at=8)] == [8]
        assert store.request_stop(RUN, how=StopHow.KILL, grace_s=0.0, requested_by="me", at=7) is not None
        store.registry.create_model(CATS)
        assert (store.registry.create_version(FIRST), store.registry.models()[0].name) == (FIRST, CATS.name)
        store.close()

    def test_a_file_of_a_newer_schema_is_refused_with_what_to_do(self, tmp_path: FilePath) -> None:
        store = SqliteMetaStore(tmp_path / "new.db")
        store._connection.execute("PRAGMA user_version = 99")
        store.close()
        with pytest.raises(RuntimeError, match=r"schema version 99.*newer one"):
            SqliteMetaStore(tmp_path / "new.db")
