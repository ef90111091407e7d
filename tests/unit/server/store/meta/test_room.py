"""A meta file gives back the room of runs that were deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from marigram.server.store.meta.sqlite import SqliteMetaStore
from operations import CREATED_AT, RUN, batch_of, create, put


def test_the_room_of_a_deleted_run_is_given_back_in_small_steps(tmp_path: Path) -> None:
    path = tmp_path / "meta.db"
    with closing(SqliteMetaStore(path)) as store:
        store.commit([batch_of(create())], heard_at=CREATED_AT)
        values = [put(f"params/{number}", "x" * 400) for number in range(8_000)]
        store.commit([batch_of(create(), *values, run="e" * 32)], heard_at=CREATED_AT)
    full = path.stat().st_size
    with closing(SqliteMetaStore(path)) as store:
        store.trash(["e" * 32], at=CREATED_AT)
        assert store.delete_run("e" * 32)
        steps = 0
        while store.free_room():
            steps += 1
        assert steps > 0
        assert store.run(RUN) is not None
    assert path.stat().st_size < full - 8_000 * 400
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)
