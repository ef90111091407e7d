"""Reading back, at the start, what was committed and not yet moved to blocks."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec
import zstandard

from marigram.server.store.points.embedded.memtable import Entry, Memtable
from marigram.server.store.points.embedded.recent import RecentWrites
from marigram.server.store.points.embedded.states import SeriesStates
from marigram.server.store.points.embedded.wal import decode_writes
from marigram.server.store.points.embedded.writes import condensed

REPLAYED_AT_ONCE = 256
"""Rows of the log; many small ones of a run are read back together in a fraction of the time."""


def replay(connection: sqlite3.Connection, *, memtable: Memtable, states: SeriesStates, recent: RecentWrites) -> None:
    """Put the rows of the log into memory, and let everything go on from the newest position that was ever given.

    Raises:
        CorruptRowError: a row is damaged.
    """
    flushed = connection.execute("SELECT flushed FROM progress").fetchone()[0]
    memtable.begin_at(flushed)
    rows = connection.execute(
        "SELECT wal.position, run.run_id, wal.run, wal.crc, wal.body "
        "FROM wal JOIN run ON run.number = wal.run ORDER BY wal.position"
    )
    entries: list[Entry] = []
    decompressor = zstandard.ZstdDecompressor()
    for position, run_id, run, crc, body in rows:
        writes = decode_writes(position, crc, body, decompressor)
        entries.append(Entry(position=position, run_id=run_id, run_number=run, writes=writes))
        if len(entries) == REPLAYED_AT_ONCE:
            _replay_some(connection, entries, memtable, states)
            entries = []
    _replay_some(connection, entries, memtable, states)
    # Rows of deleted runs have left gaps; the sequence knows the newest position that was ever given.
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'wal'").fetchone()
    newest = flushed if row is None else row[0]
    memtable.begin_at(newest)
    recent.begin_at(newest)


def _replay_some(
    connection: sqlite3.Connection, entries: Sequence[Entry], memtable: Memtable, states: SeriesStates
) -> None:
    runs: dict[tuple[str, int], list[Entry]] = {}
    for entry in entries:
        runs.setdefault((entry.run_id, entry.run_number), []).append(entry)
    # The last entry of each run has all that they write to it, so that who reads first finds few writes.
    at_once = {own[-1].position: condensed([write for entry in own for write in entry.writes]) for own in runs.values()}
    memtable.apply([msgspec.structs.replace(each, writes=at_once.get(each.position, ())) for each in entries])
    for (run_id, number), own in runs.items():
        rows = [(entry.position, entry.writes) for entry in own]
        states.replay(connection, run_id, number, rows, at_once=at_once[own[-1].position])
