"""`SqliteMetaStore`: meta.db, one connection that writes and one per thread that reads.

A commit is one transaction with `synchronous=FULL` in WAL mode, so readers never wait for it. When the writer is alive
is kept in memory and goes into the file with the next commit or `close`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path as FilePath

from marigram.model import Ancestor, Batch, Kind, Path, Run, StopHow, StopRequest, View, ViewKind, project_run_id
from marigram.server.store.meta.earlier import EarlierValue
from marigram.server.store.meta.filter import Filter, text_matches
from marigram.server.store.meta.pattern import text_is_ilike, text_is_like
from marigram.server.store.meta.port import (
    Attribute,
    CellColumns,
    ColumnRow,
    MetaListener,
    Outcome,
    ProjectRow,
    RunColumns,
    RunSort,
)
from marigram.server.store.meta.sqlite import earlier, forks, reader, records, whole
from marigram.server.store.meta.sqlite.changes import ChangeRecorder
from marigram.server.store.meta.sqlite.columns import file_of_columns
from marigram.server.store.meta.sqlite.registry import SqliteModelRegistry
from marigram.server.store.meta.sqlite.writer import BatchWriter

STEPS = ("schema.sql", *(f"migration_{version}.sql" for version in range(2, 9)))
"""Each leads from the version of its place, counted from 0, to the next. A step that was released never changes."""

SCHEMA_VERSION = len(STEPS)
HEARD_FLUSH_MS = 30_000
"""How old the `heard_at` in the file may become; a restart shows a run as silent for at most that long."""

_BUSY_S = 30.0
_LOG_BYTES_KEPT = 8 * 1024 * 1024
"""After a large change, such as a deletion, SQLite's own log gives back what it took beyond this."""

_PAGES_AT_ONCE = 500
"""Two megabytes: a commit waits a few milliseconds for them."""


class SqliteMetaStore:
    """The embedded engine of the port of metadata; see `MetaStore` for what it guarantees."""

    def __init__(self, path: FilePath) -> None:
        """Open `path`; a file that is new or of an older version gets the tables of this one.

        Raises:
            RuntimeError: the file was written by a newer Marigram.
            sqlite3.Error: the file cannot be opened or is not a database.
        """
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_S)
        self._write_lock = threading.Lock()
        self._per_thread = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._heard: dict[str, int] = {}
        self._heard_in_file: dict[str, int] = {}
        self._prepare()
        self._changes = ChangeRecorder(self._connection)
        self._writer = BatchWriter(self._connection)
        self._registry = SqliteModelRegistry(self._transaction, self._reader)

    def _prepare(self) -> None:
        for pragma in ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(f"PRAGMA journal_size_limit={_LOG_BYTES_KEPT}")
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            message = (
                f"{self._path} has schema version {version}; this Marigram knows {SCHEMA_VERSION}. "
                "Install the Marigram that wrote it, or a newer one."
            )
            raise RuntimeError(message)
        for name in STEPS[version:]:
            step = resources.files(__package__ or "").joinpath(name).read_text(encoding="utf-8")
            self._connection.executescript(f"BEGIN IMMEDIATE; {step} COMMIT;")

    @property
    def registry(self) -> SqliteModelRegistry:
        """See `MetaStore.registry`."""
        return self._registry

    def commit(self, batches: Sequence[Batch], *, heard_at: int) -> list[Outcome]:
        """See `MetaStore.commit`."""
        known = self._placed(batches, heard_at)
        if known is not None:
            return known
        with self._transaction() as connection:
            outcomes = [self._writer.apply(batch, heard_at) for batch in batches]
            for batch, outcome in zip(batches, outcomes, strict=True):
                if outcome.project is not None:
                    self._heard[batch.run_id] = heard_at
            self._flush_heard(connection, older_than=heard_at - HEARD_FLUSH_MS)
        return outcomes

    def _placed(self, batches: Sequence[Batch], heard_at: int) -> list[Outcome] | None:
        """Answer for batches of nothing but points of series that are known, without the disk; None for others."""
        due = heard_at - HEARD_FLUSH_MS
        if any(self._heard_in_file.get(batch.run_id, 0) <= due for batch in batches):
            return None
        with self._write_lock:
            outcomes = self._writer.placed(batches)
        if outcomes is not None:
            self._heard.update((batch.run_id, heard_at) for batch in batches)
        return outcomes

    def ancestors(
        self, run_ids: Sequence[str], attributes: Sequence[int]
    ) -> Mapping[tuple[str, int], tuple[Ancestor, ...]]:
        """See `MetaStore.ancestors`."""
        return forks.ancestors(self._reader(), run_ids, attributes)

    def hear(self, run_id: str, *, at: int) -> bool:
        """See `MetaStore.hear`."""
        if run_id not in self._heard and self.run(run_id) is None:
            return False
        self._heard[run_id] = at
        return True

    def request_stop(
        self, run_id: str, *, how: StopHow, grace_s: float, requested_by: str, at: int
    ) -> StopRequest | None:
        """See `MetaStore.request_stop`."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO stop_request (run, how, grace_s, requested_at, requested_by)"
                " SELECT id, ?, ?, ?, ? FROM run WHERE run_id = ?",
                (how.value, grace_s, at, requested_by, run_id),
            )
        if not cursor.rowcount:
            return None
        number = int(cursor.lastrowid or 0)
        return StopRequest(number=number, how=how, grace_s=grace_s, requested_at=at, requested_by=requested_by)

    def note_delivery(self, run_id: str, number: int, *, at: int) -> bool:
        """See `MetaStore.note_delivery`."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "UPDATE stop_request SET delivered_at = ? WHERE number = ? AND delivered_at IS NULL"
                " AND run = (SELECT id FROM run WHERE run_id = ?)",
                (at, number, run_id),
            )
        return cursor.rowcount > 0

    def projects(self) -> list[ProjectRow]:
        """See `MetaStore.projects`."""
        return reader.projects(self._reader(), self._news())

    def run(self, run_id: str) -> Run | None:
        """See `MetaStore.run`."""
        return next(iter(self.runs([run_id])), None)

    def find_run(self, project: str, key_or_id: str) -> Run | None:
        """See `MetaStore.find_run`."""
        return reader.find_run(self._reader(), self._heard, project, key_or_id)

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """See `MetaStore.runs`."""
        return reader.runs(self._reader(), self._heard, run_ids)

    def search_runs(
        self, project: str, *, text: str, sort: RunSort, where: Filter | None = None, trashed: bool | None = False
    ) -> list[str]:
        """See `MetaStore.search_runs`."""
        return reader.search_runs(self._reader(), project, text=text, sort=sort, where=where, trashed=trashed)

    def recent_runs(self, *, text: str = "", ended: bool | None = None, limit: int = 100) -> list[Run]:
        """See `MetaStore.recent_runs`."""
        return reader.recent_runs(self._reader(), self._heard, text=text, ended=ended, limit=limit)

    def attributes(
        self,
        run_id: str,
        *,
        prefix: str = "",
        search: str = "",
        kinds: Collection[Kind] = (),
        after: str = "",
        limit: int = 1000,
    ) -> list[Attribute]:
        """See `MetaStore.attributes`."""
        return reader.attributes(
            self._reader(), run_id, prefix=prefix, search=search, kinds=kinds, after=after, limit=limit
        )

    def paths(
        self, run_ids: Sequence[str], *, kinds: Collection[Kind] = (), below: str = ""
    ) -> list[tuple[Path, Kind]]:
        """See `MetaStore.paths`."""
        return records.paths(self._reader(), run_ids, kinds, below)

    def attributes_of(
        self, run_ids: Sequence[str], *, below: Sequence[str] | None = None
    ) -> Mapping[str, list[Attribute]]:
        """See `MetaStore.attributes_of`."""
        return records.attributes_of(self._reader(), run_ids, below)

    def attribute(self, run_id: str, path: str) -> Attribute | None:
        """See `MetaStore.attribute`."""
        return self.cells([run_id], [path]).get((run_id, path))

    def earlier_values(self, run_id: str, path: str) -> list[EarlierValue]:
        """See `MetaStore.earlier_values`."""
        return earlier.earlier_values(self._reader(), run_id, path)

    def cells(self, run_ids: Sequence[str], paths: Sequence[str]) -> Mapping[tuple[str, str], Attribute]:
        """See `MetaStore.cells`."""
        return reader.cells(self._reader(), run_ids, paths)

    def columns(self, project: str, *, search: str = "", limit: int = 100) -> list[ColumnRow]:
        """See `MetaStore.columns`."""
        return reader.columns(self._reader(), project, search, limit)

    def columns_at(self, project: str, paths: Sequence[str]) -> list[ColumnRow]:
        """See `MetaStore.columns_at`."""
        return reader.columns_at(self._reader(), project, paths)

    def trash(self, run_ids: Sequence[str], *, at: int) -> list[Run]:
        """See `MetaStore.trash`."""
        return self._mark(run_ids, at)

    def restore(self, run_ids: Sequence[str]) -> list[Run]:
        """See `MetaStore.restore`."""
        return self._mark(run_ids, None)

    def forks(self, run_id: str) -> list[Run]:
        """See `MetaStore.forks`."""
        return self.runs([child for child, _ in forks.children(self._reader(), run_id)])

    def trashed_before(self, at: int) -> list[Run]:
        """See `MetaStore.trashed_before`."""
        rows = self._reader().execute("SELECT run_id FROM run WHERE trashed_at < ? ORDER BY trashed_at, id", (at,))
        return self.runs([row[0] for row in rows])

    def named_blobs(self) -> Iterator[tuple[str, str]]:
        """See `MetaStore.named_blobs`."""
        rows = self._reader().execute(
            "SELECT run.run_id, text FROM attribute_value JOIN attribute ON attribute.id = attribute_value.attribute"
            " JOIN run ON run.id = attribute_value.run WHERE attribute.kind = ?",
            (Kind.FILE.value,),
        )
        for run_id, text in rows:
            file = file_of_columns(Kind.FILE, text)
            if file is not None:
                yield run_id, file.sha256

    def free_room(self) -> bool:
        """Give a little of what deletions have left back to the disk; return whether there is more to give."""
        with self._write_lock:
            free = self._connection.execute("PRAGMA freelist_count").fetchone()[0]
            for _ in range(min(free, _PAGES_AT_ONCE)):
                # The module sqlite3 lets a statement without columns go one step, whatever number is asked for.
                self._connection.execute("PRAGMA incremental_vacuum(1)")
            left = self._connection.execute("PRAGMA freelist_count").fetchone()[0]
        return 0 < left < free

    def remove_some(self, run_id: str, *, at_most: int) -> bool:
        """See `MetaStore.remove_some`."""
        with self._transaction() as connection:
            self._writer.forget(run_id)
            for table in ("attribute_value", "inherited"):
                cursor = connection.execute(
                    f"DELETE FROM {table} WHERE (run, attribute) IN (SELECT run, attribute FROM {table}"
                    " WHERE run = (SELECT id FROM run WHERE run_id = ?) LIMIT ?)",
                    (run_id, at_most),
                )
                if cursor.rowcount:
                    return True
        return False

    def delete_run(self, run_id: str) -> bool:
        """See `MetaStore.delete_run`."""
        with self._transaction() as connection:
            cursor = connection.execute("DELETE FROM run WHERE run_id = ?", (run_id,))
            self._writer.forget(run_id)
            self._heard.pop(run_id, None)
            self._heard_in_file.pop(run_id, None)
        return cursor.rowcount > 0

    def views(self, project: str, kind: ViewKind) -> list[View]:
        """See `MetaStore.views`."""
        return reader.views(self._reader(), project, kind)

    def save_view(self, project: str, view: View) -> bool:
        """See `MetaStore.save_view`."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO view (project, kind, name, content, saved_at) SELECT id, ?, ?, ?, ? FROM project"
                " WHERE name = ? ON CONFLICT (project, kind, name)"
                " DO UPDATE SET content = excluded.content, saved_at = excluded.saved_at",
                (view.kind.value, view.name, view.content, view.saved_at, project),
            )
        return cursor.rowcount > 0

    def remove_view(self, project: str, kind: ViewKind, name: str) -> bool:
        """See `MetaStore.remove_view`."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "DELETE FROM view WHERE project = (SELECT id FROM project WHERE name = ?) AND kind = ? AND name = ?",
                (project, kind.value, name),
            )
        return cursor.rowcount > 0

    def listen(self, listener: MetaListener) -> None:
        """See `MetaStore.listen`."""
        self._changes.listen(listener)

    def run_columns(self, project: str, *, numbers: Sequence[int] | None = None) -> RunColumns:
        """See `MetaStore.run_columns`."""
        return whole.run_columns(self._reader(), project, numbers)

    def heard(self, project: str) -> Mapping[int, int]:
        """See `MetaStore.heard`."""
        return whole.heard(self._reader(), project, self._news())

    def kinds_at(self, project: str, path: str) -> Mapping[Kind, int]:
        """See `MetaStore.kinds_at`."""
        return whole.kinds_at(self._reader(), project, path)

    def cell_columns(self, project: str, path: str, *, numbers: Sequence[int] | None = None) -> Iterator[CellColumns]:
        """See `MetaStore.cell_columns`."""
        return whole.cell_columns(self._reader(), project, path, numbers)

    def series_runs(
        self, attribute: int, *, numbers: Sequence[int] | None = None
    ) -> Iterator[Sequence[tuple[int, str]]]:
        """See `MetaStore.series_runs`."""
        return whole.series_runs(self._reader(), attribute, numbers)

    def search_texts(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """See `MetaStore.search_texts`."""
        return whole.search_texts(self._reader(), numbers)

    def run_numbers(self, run_ids: Sequence[str]) -> Mapping[str, int]:
        """See `MetaStore.run_numbers`."""
        return whole.run_numbers(self._reader(), run_ids)

    def run_ids(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """See `MetaStore.run_ids`."""
        return whole.run_ids(self._reader(), numbers)

    def add_token(self, digest: str, *, name: str, created_at: int) -> None:
        """See `MetaStore.add_token`."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO token (digest, name, created_at) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
                (digest, name, created_at),
            )

    def token_digests(self) -> frozenset[str]:
        """See `MetaStore.token_digests`."""
        return frozenset(row[0] for row in self._reader().execute("SELECT digest FROM token"))

    def close(self) -> None:
        """See `MetaStore.close`."""
        with self._transaction() as connection:
            self._flush_heard(connection, older_than=None)
        with self._readers_lock:
            for connection in self._readers:
                connection.close()
            self._readers.clear()
        self._connection.close()

    def _mark(self, run_ids: Sequence[str], at: int | None) -> list[Run]:
        """Put the runs into the trash, or take them out of it."""
        since = "NULL" if at is None else "COALESCE(trashed_at, ?)"
        with self._transaction() as connection:
            connection.executemany(
                f"UPDATE run SET trashed_at = {since} WHERE run_id = ? AND NOT is_project",
                [(run_id,) if at is None else (at, run_id) for run_id in run_ids],
            )
        return [run for run in self.runs(run_ids) if run.id != project_run_id(run.project)]

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with self._write_lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._changes.discard()
                # SQLite has rolled back by itself if the disk is full; a second time would hide the reason.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                self._writer.forget()
                self._heard_in_file.clear()
                raise
            self._changes.publish()

    def _flush_heard(self, connection: sqlite3.Connection, *, older_than: int | None) -> None:
        due = [
            (at, run_id)
            for run_id, at in list(self._heard.items())
            if at != self._heard_in_file.get(run_id)
            and (older_than is None or self._heard_in_file.get(run_id, 0) <= older_than)
        ]
        if due:
            connection.executemany("UPDATE run SET heard_at = ? WHERE run_id = ?", due)
            self._heard_in_file.update((run_id, at) for at, run_id in due)

    def _news(self) -> dict[str, int]:
        """Return when runs were last heard of, where the file doesn't know it yet."""
        return {run_id: at for run_id, at in list(self._heard.items()) if at != self._heard_in_file.get(run_id)}

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._per_thread, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=_BUSY_S)
            connection.execute("PRAGMA query_only=ON")
            connection.create_function("matches", 2, text_matches)
            connection.create_function("is_like", 2, text_is_like)
            connection.create_function("is_ilike", 2, text_is_ilike)
            self._per_thread.connection = connection
            with self._readers_lock:
                self._readers.append(connection)
        return connection
