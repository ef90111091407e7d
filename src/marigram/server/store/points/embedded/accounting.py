"""What the points file says about the whole of itself: which blobs it names, and what each run takes of the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from marigram.model import File, Kind
from marigram.server.store.points.embedded.block import decoded
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.memtable import Memtable

_FILE_BLOCKS = "SELECT run_id, block.number, crc, body FROM block JOIN run ON run.number = block.run WHERE kind = ?"

_BLOCKS = "SELECT block.number, crc, body FROM block JOIN run ON run.number = block.run WHERE run_id = ?"

# SQLite knows the length of a blob without reading it.
_USAGE = """
SELECT run.run_id, sum(each.bytes) FROM (
    SELECT run, sum(length(body)) AS bytes FROM block GROUP BY run
    UNION ALL SELECT run, sum(length(body)) FROM wal GROUP BY run
    UNION ALL SELECT run, sum(length(state)) FROM series GROUP BY run
) AS each JOIN run ON run.number = each.run GROUP BY run.run_id
"""


def named_blobs(memtable: Memtable, readers: Readers) -> Iterator[tuple[str, str]]:
    """Yield run id and SHA-256 of every file in memory and in blocks.

    Memory is looked at first: what is flushed meanwhile is seen in both.

    Raises:
        CorruptRowError: a block is damaged, so nobody knows what it names.
    """
    for run_id, value in memtable.values_of(Kind.FILE_SERIES):
        if isinstance(value, File):
            yield run_id, value.sha256
    with readers.snapshot() as connection:
        for run_id, number, crc, body in connection.execute(_FILE_BLOCKS, (Kind.FILE_SERIES.value,)):
            for _, columns in decoded(number, crc, body).every():
                for file in columns.values:
                    yield run_id, file.sha256


def usage(readers: Readers) -> Mapping[str, int]:
    """Return the bytes of blocks, rows of the log and statistics of each run."""
    with readers.snapshot() as connection:
        return dict(connection.execute(_USAGE).fetchall())


def series_usage(readers: Readers, run_id: str) -> Mapping[int, int]:
    """Return what each series of a run takes in blocks: a block's bytes are shared out by points.

    Raises:
        CorruptRowError: a block is damaged.
    """
    found: dict[int, float] = {}
    with readers.snapshot() as connection:
        for number, crc, body in connection.execute(_BLOCKS, (run_id,)):
            counts = {attribute: len(columns) for attribute, columns in decoded(number, crc, body).every()}
            total = sum(counts.values())
            for attribute, count in counts.items():
                found[attribute] = found.get(attribute, 0.0) + len(body) * count / total
    return {attribute: round(size) for attribute, size in found.items()}
