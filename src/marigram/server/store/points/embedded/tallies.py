"""How many points of each writer were stored and refused; moves in the transaction of the points themselves."""

from __future__ import annotations

import sqlite3

import msgspec

from marigram.model import Tally
from marigram.server.store.points.port import PointBatch, points_of_batch

_PUT = "INSERT OR REPLACE INTO tally (run, writer, points_stored, points_refused, rejections) VALUES (?, ?, ?, ?, ?)"
_ROW = "SELECT points_stored, points_refused, rejections FROM tally"
_decoder = msgspec.json.Decoder(dict[str, int])


def add_to_tally(connection: sqlite3.Connection, run: int, batch: PointBatch, *, is_first: bool) -> None:
    """Count a batch, inside the caller's transaction. A writer that began before there were tallies gets none."""
    row = connection.execute(f"{_ROW} WHERE run = ? AND writer = ?", (run, batch.writer)).fetchone()
    if row is None and not is_first:
        return
    before = Tally() if row is None else _tally(row)
    after = before.with_batch(stored=points_of_batch(batch), refused=batch.points_refused, rejections=batch.rejections)
    rejections = msgspec.json.encode(after.rejections).decode()
    connection.execute(_PUT, (run, batch.writer, after.points_stored, after.points_refused, rejections))


def read_tally(connection: sqlite3.Connection, run_id: str, writer: str) -> Tally | None:
    """Return a writer's tally; None if it has none."""
    row = connection.execute(
        f"{_ROW} JOIN run ON run.number = tally.run WHERE run_id = ? AND writer = ?", (run_id, writer)
    ).fetchone()
    return None if row is None else _tally(row)


def _tally(row: tuple[int, int, str]) -> Tally:
    return Tally(points_stored=row[0], points_refused=row[1], rejections=_decoder.decode(row[2]))
