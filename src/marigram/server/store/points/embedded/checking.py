"""Whether a points file is whole: every row is read, its checksum compared and its body decoded.

It is read in one snapshot, so a server may write to the file meanwhile. What is mended, is mended by the caller, who
owns the file then.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator

import msgspec

from marigram.model import File, Kind
from marigram.server.store.points.embedded.block import decoded
from marigram.server.store.points.embedded.columns import SeriesWrite
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.embedded.purging import orphans
from marigram.server.store.points.embedded.rollup import EncodedCells, crc_of, decode_cells
from marigram.server.store.points.embedded.wal import decode_writes

Tell = Callable[[str, int, int], None]
"""Is told what is looked at, how much of it was, and of how much."""


class RowFault(msgspec.Struct, frozen=True, kw_only=True):
    """A damaged row. `attributes` are the first and last series that it may hold, None if nobody knows."""

    table: str
    row: int
    run: int
    attributes: tuple[int, int] | None
    reason: str


class PointsReport(msgspec.Struct, kw_only=True):
    """What a points file holds, and what is wrong with it.

    Attributes:
        pages: what SQLite says of the file itself; empty if it is whole.
        faults: damaged rows of blocks and the log.
        rollups: blocks with a damaged rollup, which is only slower.
        half_deleted: numbers of deleted runs that have rows still.
        runs: the id of each run by its number.
        series: each series that has statistics, as run number and attribute.
        files: where each blob is named, as run number and attribute.
    """

    pages: list[str] = []
    faults: list[RowFault] = []
    rollups: set[int] = set()
    half_deleted: set[int] = set()
    runs: dict[int, str] = {}
    series: set[tuple[int, int]] = set()
    files: dict[str, tuple[int, int]] = {}


def check_points(connection: sqlite3.Connection, *, thorough: bool, tell: Tell) -> PointsReport:
    """Look at everything in an open points file.

    Args:
        connection: reads alone.
        thorough: compare SQLite's indexes with its tables, too.
        tell: hears how far it is.
    """
    report = PointsReport()
    connection.execute("BEGIN")
    try:
        report.pages = page_faults(connection, thorough=thorough)
        report.runs = dict(connection.execute("SELECT number, run_id FROM run"))
        report.half_deleted = orphans(connection)
        report.faults.extend(_blocks(connection, report, tell))
        report.faults.extend(_log(connection, report, tell))
        alive = "SELECT series.run, attribute FROM series JOIN run ON run.number = series.run"
        report.series = set(connection.execute(alive))
        report.rollups.update(_rollups(connection))
    finally:
        connection.execute("ROLLBACK")
    return report


def page_faults(connection: sqlite3.Connection, *, thorough: bool) -> list[str]:
    """Return what SQLite finds wrong with a file."""
    check = "integrity_check" if thorough else "quick_check"
    found = [str(row[0]) for row in connection.execute(f"PRAGMA {check}(20)")]
    return [] if found == ["ok"] else found


def _blocks(connection: sqlite3.Connection, report: PointsReport, tell: Tell) -> Iterator[RowFault]:
    total = connection.execute("SELECT count(*) FROM block").fetchone()[0]
    rows = connection.execute(
        "SELECT number, run, kind, attribute_first, attribute_last, points, crc, body FROM block ORDER BY number"
    )
    for at, (number, run, kind, first, last, points, crc, body) in enumerate(rows):
        tell("blocks", at, total)
        try:
            series = decoded(number, crc, body).every()
        except CorruptRowError as error:
            yield RowFault(table="block", row=number, run=run, attributes=(first, last), reason=error.reason)
            continue
        if sum(len(columns) for _, columns in series) != points:
            reason = f"it is said to hold {points} points"
            yield RowFault(table="block", row=number, run=run, attributes=(first, last), reason=reason)
        if kind == Kind.FILE_SERIES.value and run in report.runs:
            for attribute, columns in series:
                _note_files(report, run, attribute, columns.values)


def _log(connection: sqlite3.Connection, report: PointsReport, tell: Tell) -> Iterator[RowFault]:
    total = connection.execute("SELECT count(*) FROM wal").fetchone()[0]
    rows = connection.execute("SELECT position, run, crc, body FROM wal ORDER BY position")
    for at, (position, run, crc, body) in enumerate(rows):
        tell("log", at, total)
        try:
            writes = decode_writes(position, crc, body)
        except CorruptRowError as error:
            yield RowFault(table="wal", row=position, run=run, attributes=None, reason=error.reason)
            continue
        for write in writes:
            if isinstance(write, SeriesWrite) and write.kind is Kind.FILE_SERIES:
                _note_files(report, run, write.attribute, write.columns.values)


def _note_files(report: PointsReport, run: int, attribute: int, values: Iterable[object]) -> None:
    for value in values:
        if isinstance(value, File):
            report.files.setdefault(value.sha256, (run, attribute))


def _rollups(connection: sqlite3.Connection) -> Iterator[int]:
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'rollup'").fetchone() is None:
        return
    rows = connection.execute("SELECT block, shape, time_base, crc, body FROM rollup_cells")
    for block, shape, time_base, crc, body in rows:
        cells = EncodedCells(shape=shape, time_base=time_base, body=body)
        try:
            whole = crc_of(cells) == crc and bool(decode_cells([cells]))
        except (ValueError, IndexError):
            whole = False
        if not whole:
            yield block
