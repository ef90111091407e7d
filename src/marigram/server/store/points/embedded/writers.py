"""Where each writer stands, and how many of its points were stored and refused; moves in the transaction of the points.

What was written to lately is kept in RAM, too, so that a commit and a receipt ask the file for nothing. `add` and
`settle` are for the thread that commits; `position` and `tally` are safe from any thread.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict

import msgspec

from marigram.model import Tally
from marigram.server.store.points.batch import PointBatch, points_of_batch

MAX_KNOWN = 10_000
"""Writers in RAM: about 5 MB."""

_PUT_TALLY = (
    "INSERT OR REPLACE INTO tally (run, writer, points_stored, points_refused, rejections) VALUES (?, ?, ?, ?, ?)"
)
_PUT_WRITER = "INSERT OR REPLACE INTO writer (run, writer, last_seq) VALUES (?, ?, ?)"
_ROW = """
SELECT run.number, writer.last_seq, tally.points_stored, tally.points_refused, tally.rejections
FROM run
LEFT JOIN writer ON writer.run = run.number AND writer.writer = ?2
LEFT JOIN tally ON tally.run = run.number AND tally.writer = ?2
WHERE run.run_id = ?1
"""
_decoder = msgspec.json.Decoder(dict[str, int])


class Standing(msgspec.Struct, frozen=True):
    """A writer. `run` is its run's number in the file; `tally` is None if nobody counted from its beginning."""

    run: int
    last_seq: int
    tally: Tally | None


_Key = tuple[str, str]


class Writers:
    """Knows the writers."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, Standing] = OrderedDict()
        self._pending: dict[_Key, Standing] = {}

    def standing(self, connection: sqlite3.Connection, run_id: str, writer: str) -> Standing | None:
        """Return where a writer stands, None if its run is unknown; what is not settled yet counts too."""
        key = run_id, writer
        found = self._pending.get(key) or self._known.get(key)
        if found is not None:
            return found
        return read_standing(connection, run_id, writer)

    def known(self, run_id: str, writer: str) -> Standing | None:
        """Return where a writer stands, None if that has to be looked up."""
        return self._known.get((run_id, writer))

    def begin(self, connection: sqlite3.Connection, run_id: str) -> int:
        """Make a run that is not there yet, inside the caller's transaction, and return its number."""
        number = connection.execute("INSERT INTO run (run_id) VALUES (?)", (run_id,)).lastrowid
        if number is None:
            message = "SQLite gave no number to a run that it took."
            raise RuntimeError(message)
        return number

    def add(self, connection: sqlite3.Connection, standing: Standing, batch: PointBatch) -> None:
        """Move a writer on, inside the caller's transaction."""
        tally = standing.tally
        connection.execute(_PUT_WRITER, (standing.run, batch.writer, batch.last_seq))
        if tally is not None:
            tally = tally.with_batch(
                stored=points_of_batch(batch), refused=batch.points_refused, rejections=batch.rejections
            )
            rejections = msgspec.json.encode(tally.rejections).decode()
            values = (standing.run, batch.writer, tally.points_stored, tally.points_refused, rejections)
            connection.execute(_PUT_TALLY, values)
        self._pending[batch.run_id, batch.writer] = Standing(standing.run, batch.last_seq, tally)

    def settle(self, *, committed: bool) -> None:
        """Remember what was added if its transaction was committed, forget it if not."""
        if committed:
            for key, standing in self._pending.items():
                self._known[key] = standing
                self._known.move_to_end(key)
            while len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)
        self._pending = {}

    def forget(self, run_id: str) -> None:
        """Forget a deleted run."""
        for key in [key for key in self._known if key[0] == run_id]:
            del self._known[key]


def read_standing(connection: sqlite3.Connection, run_id: str, writer: str) -> Standing | None:
    """Return where a writer stands by the file, None if it does not know the run."""
    row = connection.execute(_ROW, (run_id, writer)).fetchone()
    if row is None:
        return None
    run, last_seq, stored, refused, rejections = row
    if stored is not None:
        tally = Tally(points_stored=stored, points_refused=refused, rejections=_decoder.decode(rejections))
    else:
        tally = None if last_seq is not None else Tally()
    return Standing(run, last_seq or 0, tally)
