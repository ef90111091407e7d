"""What a meta file holds, as far as the other stores must agree with it, and what is wrong with the file itself."""

from __future__ import annotations

import sqlite3

import msgspec

from marigram.model import File, Kind

_FILES = """
SELECT run.run_id, attribute.path, attribute_value.text FROM attribute_value
JOIN attribute ON attribute.id = attribute_value.attribute JOIN run ON run.id = attribute_value.run
WHERE attribute.kind = ?
"""


class MetaReport(msgspec.Struct, kw_only=True):
    """What a meta file holds, and what is wrong with it.

    Attributes:
        pages: what SQLite says of the file itself; empty if it is whole.
        runs: key and project of each run by its id.
        paths: the path of each attribute by its id.
        files: where each blob is named, as run id and path.
        unreadable: files whose value cannot be understood, as run id and path.
    """

    pages: list[str] = []
    runs: dict[str, str] = {}
    paths: dict[int, str] = {}
    files: dict[str, tuple[str, str]] = {}
    unreadable: list[tuple[str, str]] = []


def check_meta(connection: sqlite3.Connection, *, thorough: bool) -> MetaReport:
    """Look at an open meta file; `thorough` compares SQLite's indexes with its tables, too."""
    report = MetaReport()
    connection.execute("BEGIN")
    try:
        check = "integrity_check" if thorough else "quick_check"
        pages = [str(row[0]) for row in connection.execute(f"PRAGMA {check}(20)")]
        report.pages = [] if pages == ["ok"] else pages
        report.pages.extend(f"a row of {row[0]} belongs to none of {row[2]}" for row in _strays(connection))
        report.runs.update(known_runs(connection))
        report.paths = dict(connection.execute("SELECT id, path FROM attribute"))
        decoder = msgspec.json.Decoder(File)
        for run_id, path, text in connection.execute(_FILES, (Kind.FILE.value,)):
            try:
                report.files.setdefault(decoder.decode(text).sha256, (run_id, path))
            except msgspec.MsgspecError:
                report.unreadable.append((run_id, path))
    finally:
        connection.execute("ROLLBACK")
    return report


def _strays(connection: sqlite3.Connection) -> list[tuple[str, int, str, int]]:
    return connection.execute("PRAGMA foreign_key_check").fetchmany(20)


def known_runs(connection: sqlite3.Connection) -> dict[str, str]:
    """Return key and project of each run by its id."""
    rows = connection.execute(
        "SELECT run.run_id, run.key, project.name FROM run JOIN project ON project.id = run.project"
    )
    return {run_id: f"{key} of {name}" for run_id, key, name in rows}
