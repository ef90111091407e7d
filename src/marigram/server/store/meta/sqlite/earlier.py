"""The table of earlier values. Each statement is one look at an index, so setting values again costs little more."""

from __future__ import annotations

import sqlite3

import msgspec

from marigram.model import Batch, Kind, Path
from marigram.server.store.meta.earlier import EARLIER_KEPT, LONGEST_EARLIER_TEXT, EarlierValue
from marigram.server.store.meta.keys import AFTER_SLASH
from marigram.server.store.meta.sqlite.columns import Number, Text, value_of_columns


class Said(msgspec.Struct, frozen=True):
    """The batch that is being applied, and when it came."""

    batch: Batch
    at: int


def keep(
    connection: sqlite3.Connection,
    run: int,
    path: Path,
    replaced: tuple[int, Kind],
    columns: tuple[Number, Text],
    said: Said,
) -> None:
    """Keep what the run has at `path` if `columns` are something else, once for a batch, however often it comes."""
    attribute, kind = replaced
    writer, first_seq = said.batch.writer, said.batch.first_seq
    cursor = connection.execute(
        "INSERT INTO earlier_value (run, path, kind, number, text, replaced_at, writer, last_seq)"
        " SELECT ?1, ?2, ?3, number, text, ?4, ?5, ?6 FROM attribute_value WHERE run = ?1 AND attribute = ?7"
        " AND (number IS NOT ?8 OR text IS NOT ?9) AND COALESCE(length(text), 0) <= ?10 AND NOT EXISTS"
        " (SELECT 1 FROM earlier_value WHERE run = ?1 AND path = ?2 AND writer = ?5 AND last_seq >= ?11)",
        (
            run,
            path,
            kind.value,
            said.at,
            writer,
            said.batch.last_seq,
            attribute,
            *columns,
            LONGEST_EARLIER_TEXT,
            first_seq,
        ),
    )
    if cursor.rowcount > 0:
        connection.execute(
            "DELETE FROM earlier_value WHERE run = ?1 AND path = ?2 AND id <="
            " (SELECT id FROM earlier_value WHERE run = ?1 AND path = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)",
            (run, path, EARLIER_KEPT),
        )


def forget(connection: sqlite3.Connection, run: int, path: Path) -> None:
    """Forget what stood at `path` and below it."""
    below = path + "/"
    connection.execute(
        "DELETE FROM earlier_value WHERE run = ? AND (path = ? OR (path > ? AND path < ?))",
        (run, path, below, path + AFTER_SLASH),
    )


def earlier_values(connection: sqlite3.Connection, run_id: str, path: str) -> list[EarlierValue]:
    """Return what stood at `path` of the run, the newest first."""
    rows = connection.execute(
        "SELECT kind, number, text, replaced_at, writer FROM earlier_value"
        " WHERE run = (SELECT id FROM run WHERE run_id = ?) AND path = ? ORDER BY id DESC",
        (run_id, path),
    )
    found: list[EarlierValue] = []
    for kind, number, text, replaced_at, writer in rows:
        value = value_of_columns(Kind(kind), number, text)
        if value is not None:
            found.append(EarlierValue(kind=Kind(kind), value=value, replaced_at=replaced_at, writer=writer))
    return found
