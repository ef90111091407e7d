"""Breaking bytes in real files, as a failing disk would."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from marigram.server.store.points.embedded import EmbeddedPointStore

_RECOGNISED_BY = 24
"""So many bytes at the end of a compressed block stand in a file once."""


def flip(path: Path, at: int) -> None:
    """Flip one bit of the byte at a place."""
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0x10]))


def move_to_blocks(path: Path) -> None:
    """Move what a stopped server has in the log of its points file to blocks, and empty SQLite's own log."""
    store = EmbeddedPointStore(path)
    store.start()
    store.flush()
    store.close()


def break_row(path: Path, table: str, row: int) -> None:
    """Flip a bit in the body of a row of a points file that nobody has open."""
    key = "position" if table == "wal" else "number"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        body: bytes = connection.execute(f"SELECT body FROM {table} WHERE {key} = ?", (row,)).fetchone()[0]
    end = body[-_RECOGNISED_BY:]
    whole = path.read_bytes()
    assert whole.count(end) == 1, "the row cannot be told from others"
    flip(path, whole.find(end) + _RECOGNISED_BY // 2)


def break_series(path: Path, run_id: str, kind: str) -> None:
    """Flip a bit in every block that has points of a kind of a run."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT block.number FROM block JOIN run ON run.number = block.run WHERE run_id = ? AND kind = ?",
            (run_id, kind),
        ).fetchall()
    assert rows
    for (row,) in rows:
        break_row(path, "block", row)


def blob_place(data: Path, sha256: str) -> Path:
    """Return where a server keeps a blob."""
    return data / "blobs" / sha256[:2] / sha256[2:4] / sha256
