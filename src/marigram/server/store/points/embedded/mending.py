"""What can be done about damage in a points file that nobody else has open. Each change is one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from marigram.server.store.points.embedded.checking import RowFault
from marigram.server.store.points.embedded.statistics import SeriesState


def drop_rollups(connection: sqlite3.Connection, blocks: Iterable[int]) -> None:
    """Remove the rollups of blocks; charts then read the blocks themselves."""
    numbers = [(block,) for block in blocks]
    connection.executemany("DELETE FROM rollup WHERE block = ?", numbers)
    # The levels are named because a cell's place in its table begins with its level.
    connection.executemany("DELETE FROM rollup_cells WHERE level IN (0, 1, 2) AND block = ?", numbers)


def give_up(connection: sqlite3.Connection, fault: RowFault) -> None:
    """Remove a damaged row; its points are lost, and the statistics of their run are made anew from the others."""
    key = {"block": "number", "wal": "position"}[fault.table]
    encoder, decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(SeriesState)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"DELETE FROM {fault.table} WHERE {key} = ?", (fault.row,))
    states = connection.execute("SELECT attribute, state FROM series WHERE run = ?", (fault.run,)).fetchall()
    stale = [
        (encoder.encode(msgspec.structs.replace(decoder.decode(state), stale=True)), fault.run, attribute)
        for attribute, state in states
    ]
    connection.executemany("UPDATE series SET state = ? WHERE run = ? AND attribute = ?", stale)
    connection.execute("COMMIT")
