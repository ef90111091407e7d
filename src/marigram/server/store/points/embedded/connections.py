"""The connections to the points file: those that write, and a pool of readers.

One that writes is used by one caller at a time, which `WriteConnections` sees to; a reader belongs to whoever has
borrowed it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from marigram.server.store.points.embedded.errors import UnknownFormatError

_FORMAT = 7
"""1: before series could be cut. 2: the table `cut`, cuts in the rows of `wal`, histograms. 3: the table `tally`.
4: the table `rollup`; rows of `series` may be older than those of `wal`. 5: blocks whose bodies are slabs.
6: the table `thinned`. 7: columns `PERIODIC` and `NARROW`, and rows of `wal` in which they are."""

_STEPS = ("schema.sql", "schema_2.sql", "schema_3.sql", "schema_4.sql", "schema_5.sql", "schema_6.sql", "schema_7.sql")
"""What makes a new file, and what makes each format of the one before."""

_APPLICATION_ID = 0x4D475050
"""`MGPP`, so that `file` and we ourselves can tell this from any other SQLite file."""

_BUSY_TIMEOUT_S = 30.0
CHECKPOINT_PAGES = 8_000
"""32 MB of SQLite's own log before a commit has to pay for a checkpoint; after each flush there is one anyway."""

_LOG_BYTES_KEPT = 64 * 1024 * 1024
"""After a burst SQLite's own log gives back what it took beyond this."""

_IDLE_READERS = 8


def open_writer(path: Path, *, synchronous: str, checkpoint_pages: int) -> sqlite3.Connection:
    """Open the file to write, and make its tables if it is new.

    Args:
        path: the file; its folder exists.
        synchronous: `FULL`, if a commit has to survive loss of power when it returns; `NORMAL`, if it is enough that
            it survives together with the next one that has to.
        checkpoint_pages: how long SQLite's own log gets before a commit on this connection empties it, 0 for never.

    Raises:
        UnknownFormatError: the file is not ours, or of a newer version.
    """
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        _require_our_format(connection, path)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        # Without this macOS hands the bytes to the drive and does not wait for it.
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {checkpoint_pages}")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES_KEPT}")
        _make_tables(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_our_format(connection: sqlite3.Connection, path: Path) -> None:
    application_id, version = _identity(connection)
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application_id != _APPLICATION_ID and tables:
        message = f"{path} is not a points file. Name another data directory."
        raise UnknownFormatError(message)
    if version > _FORMAT:
        message = f"{path} has format {version}, this version of Marigram knows {_FORMAT}. Install a newer Marigram."
        raise UnknownFormatError(message)


def _identity(connection: sqlite3.Connection) -> tuple[int, int]:
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    return application_id, version


def _make_tables(connection: sqlite3.Connection) -> None:
    application_id, version = _identity(connection)
    if application_id != _APPLICATION_ID:
        version = 0
    steps = "".join(_script(name) for at, name in enumerate(_STEPS) if at >= version)
    if steps:
        connection.executescript(
            f"BEGIN IMMEDIATE; {steps} PRAGMA application_id = {_APPLICATION_ID}; "
            f"PRAGMA user_version = {_FORMAT}; COMMIT;"
        )


def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[sqlite3.Connection]:
    """Run the body in one write transaction: committed at the end, rolled back if it raises.

    Raises:
        OSError: SQLite could not write; nothing was applied.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    except sqlite3.DatabaseError as error:
        # The plain class is a damaged file; its subclasses other than this one are mistakes in our statements.
        if type(error) is not sqlite3.DatabaseError and not isinstance(error, sqlite3.OperationalError):
            raise
        message = f"The points file could not be written: {error}. Make room on the disk or repair it, then try again."
        raise OSError(message) from error


def checkpoint(connection: sqlite3.Connection) -> None:
    """Move what is in SQLite's own log to the file, as far as that disturbs nobody."""
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def empty_log(connection: sqlite3.Connection) -> None:
    """Move all that is in SQLite's own log to the file and cut the log to nothing, if nobody is reading right now."""
    checkpoint(connection)
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        # Whoever waits for readers here keeps commits waiting, too.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(_BUSY_TIMEOUT_S * 1000)}")


class WriteConnections:
    """The connections that write: one for commits, one for what goes on behind them, one for SQLite's own log.

    Of the first two only one is in use at a time. `open` and `close` are for whoever starts and stops the store.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._committing: sqlite3.Connection | None = None
        self._background: sqlite3.Connection | None = None
        self._checkpointing: sqlite3.Connection | None = None

    def open(self) -> None:
        """Open the file, and make its tables if it is new.

        Raises:
            UnknownFormatError: the file is not ours, or of a newer version.
        """
        self._committing = open_writer(self._path, synchronous="FULL", checkpoint_pages=CHECKPOINT_PAGES)
        # A flush only moves what is durable already; if power fails, SQLite has both of its steps or neither.
        self._background = open_writer(self._path, synchronous="NORMAL", checkpoint_pages=0)
        self._checkpointing = open_writer(self._path, synchronous="NORMAL", checkpoint_pages=0)

    @contextmanager
    def committing(self) -> Generator[sqlite3.Connection]:
        """Lend the connection whose transactions survive loss of power; nobody else writes meanwhile."""
        with self._lock:
            yield _opened(self._committing)

    @contextmanager
    def background(self) -> Generator[sqlite3.Connection]:
        """Run the body in a transaction that may be lost with those after it, when it is its turn."""
        with self._lock, transaction(_opened(self._background)) as connection:
            yield connection

    def checkpoint(self) -> None:
        """Move SQLite's own log to the file."""
        # A connection of its own, so no commit waits; if flusher and purger meet here, SQLite lets one go first.
        checkpoint(_opened(self._checkpointing))

    def empty_log(self) -> None:
        """Move SQLite's own log to the file and cut it to nothing, if nobody is reading right now."""
        empty_log(_opened(self._checkpointing))

    def close(self) -> None:
        """Close them all."""
        for connection in (self._checkpointing, self._background, self._committing):
            if connection is not None:
                connection.close()
        self._checkpointing = self._background = self._committing = None


def _opened(connection: sqlite3.Connection | None) -> sqlite3.Connection:
    if connection is None:
        message = "The point store is not open. Call start() first, and nothing after close()."
        raise RuntimeError(message)
    return connection


class Readers:
    """A pool of connections that can only read; safe from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def snapshot(self) -> Generator[sqlite3.Connection]:
        """Lend a connection that sees one committed state of the file for as long as it is lent.

        The state is fixed by the first statement.
        """
        connection = self._borrow()
        try:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")
        finally:
            self._give_back(connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                message = "The point store is closed. Open it again to read."
                raise RuntimeError(message)
            if self._idle:
                return self._idle.pop()
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        return sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < _IDLE_READERS:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close the idle connections now, and the lent ones as they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
