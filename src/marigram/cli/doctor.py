"""`marigram doctor`: everything that is stored is read and compared; what is wrong is named, and mended if asked."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path as FilePath

import msgspec
import typer

from marigram.cli.backup import Bars, data_folder
from marigram.server.folder import DataFolder, FolderInUseError
from marigram.server.store.blobs.disk import DiskBlobStore
from marigram.server.store.blobs.port import CorruptBlobError
from marigram.server.store.fault import Fault
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.meta.sqlite.checking import MetaReport, check_meta, known_runs
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.embedded.checking import PointsReport, RowFault, check_points
from marigram.server.store.points.embedded.mending import drop_rollups, give_up
from marigram.server.upkeep import sweep
from marigram.server.upkeep.backup import is_half_restored, open_to_read
from marigram.server.upkeep.sweep import GRACE_MS

_ROOM_WITHIN_S = 3600.0
_SHOWN = 50
"""Faults of one kind that are listed; --json lists all."""


class Examination:
    """One look at a data folder. It reads alone, and a server may run on the folder meanwhile."""

    def __init__(self, root: FilePath, *, thorough: bool, bars: Bars) -> None:
        self._root = root
        self._thorough = thorough
        self._bars = bars
        self.faults: list[Fault] = []
        self.rows: list[RowFault] = []
        self.rollups: set[int] = set()
        self.unknown_runs: list[str] = []
        self.half_deleted = 0

    def run(self) -> None:
        """Look at everything.

        Raises:
            sqlite3.Error: a file is no database at all.
            OSError: something cannot be read.
        """
        if is_half_restored(self._root):
            self._add(
                "half_restored", "The data was being restored when that was cut off. Run 'marigram restore' again."
            )
        with (
            closing(open_to_read(self._root / "meta.db")) as meta,
            closing(open_to_read(self._root / "points.db")) as points,
        ):
            before = known_runs(meta)
            found = check_points(points, thorough=self._thorough, tell=self._bars.tell)
            # Runs that were made or deleted while the points were read are known to one of the two looks.
            known = check_meta(meta, thorough=self._thorough)
        known.runs = {**before, **known.runs}
        for name, pages in (("meta.db", known.pages), ("points.db", found.pages)):
            for page in pages:
                self._add("damaged_file", f"{name}: {page}. Restore it from a backup.", lost=True)
        self._points(found, known)
        self._blobs(found, known)

    def _add(self, code: str, message: str, **rest: object) -> None:
        self.faults.append(msgspec.convert({"code": code, "message": message, **rest}, Fault))

    def _points(self, found: PointsReport, known: MetaReport) -> None:
        self.rows, self.rollups, self.half_deleted = found.faults, found.rollups, len(found.half_deleted)
        for fault in found.faults:
            if fault.run not in found.runs:
                continue
            run_id = found.runs[fault.run]
            run = known.runs.get(run_id, run_id)
            path = self._series(fault, found, known)
            self._add(
                "damaged_row",
                f"Points of {path or 'some series'} of run {run} are damaged: {fault.reason}. Restore a backup, or "
                "give them up with --give-up-damaged.",
                lost=True,
                run=run,
                path=path,
                table=fault.table,
                row=fault.row,
            )
        for block in sorted(found.rollups):
            message = (
                "What charts are drawn from is damaged for one block; --repair removes it, and it is done without."
            )
            self._add("damaged_rollup", message, table="rollup", row=block)
        for number in sorted(found.half_deleted):
            message = "A deleted run has rows still; a server removes them when it runs, --repair does it now."
            self._add("half_deleted", message, table="run", row=number)
        for run_id in sorted(set(found.runs.values()) - known.runs.keys()):
            self.unknown_runs.append(run_id)
            message = f"There are points of a run {run_id} that has no metadata; --repair removes them."
            self._add("unknown_run", message, run=run_id)
        for run_id, path in known.unreadable:
            message = f"What run {known.runs[run_id]} has at {path} cannot be understood. Restore a backup."
            self._add("damaged_row", message, lost=True, run=known.runs[run_id], path=path, table="attribute_value")

    @staticmethod
    def _series(fault: RowFault, found: PointsReport, known: MetaReport) -> str | None:
        if fault.attributes is None:
            return None
        first, last = fault.attributes
        of_run = sorted(attribute for run, attribute in found.series if run == fault.run and first <= attribute <= last)
        names = [known.paths.get(attribute, f"series {attribute}") for attribute in of_run or [first]]
        return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} other series"

    def _blobs(self, found: PointsReport, known: MetaReport) -> None:
        named = {
            sha256: (found.runs.get(run, ""), known.paths.get(attribute, f"series {attribute}"))
            for sha256, (run, attribute) in found.files.items()
        }
        named.update(known.files)
        store = DiskBlobStore(self._root / "blobs")
        entries = list(store.entries())
        there = {entry.sha256 for entry in entries}
        for at, entry in enumerate(entries):
            self._bars.tell("blobs", at, len(entries))
            try:
                store.check(entry.sha256)
            except CorruptBlobError:
                self._of_blob("damaged_blob", "is damaged", entry.sha256, named, known)
            except FileNotFoundError:
                continue
        for sha256 in sorted(named.keys() - there):
            if store.size(sha256) is None:
                self._of_blob("missing_blob", "is not there", sha256, named, known)
        since = time.time_ns() // 1_000_000 - GRACE_MS
        for entry in entries:
            if entry.sha256 not in named and entry.touched_at < since and not found.faults:
                message = f"Nothing names the blob {entry.sha256} of {entry.size:,} bytes; --repair removes it."
                self._add("unnamed_blob", message, sha256=entry.sha256)

    def _of_blob(self, code: str, how: str, sha256: str, named: dict[str, tuple[str, str]], known: MetaReport) -> None:
        run_id, path = named.get(sha256, ("", ""))
        run = known.runs.get(run_id, run_id)
        what = f"The file at {path} of run {run}" if path else "A blob that nothing names"
        message = f"{what} {how} (blob {sha256}). Upload it again, or restore a backup."
        self._add(code, message, lost=bool(path), run=run or None, path=path or None, sha256=sha256)


def examine(data: FilePath | None, *, quick: bool, repair: bool, give_up_damaged: bool, as_json: bool) -> None:
    """Look at a data folder, mend what is asked, and print what was found; exits with 1 if something is wrong."""
    root = data_folder(data)
    if not (root / "meta.db").is_file() or not (root / "points.db").is_file():
        typer.echo(f"marigram: {root} holds no data of a server. Name its folder with --data.", err=True)
        raise typer.Exit(1)
    try:
        owned = DataFolder(root) if repair or give_up_damaged else None
        try:
            found = _look(root, quick=quick, quiet=as_json)
            if owned is not None:
                _mend(root, found, give_up_damaged=give_up_damaged)
                found = _look(root, quick=quick, quiet=as_json)
        finally:
            if owned is not None:
                owned.close()
    except FolderInUseError as error:
        typer.echo(f"marigram: {error} Without --repair, doctor looks while a server runs.", err=True)
        raise typer.Exit(1) from None
    except (OSError, sqlite3.Error, RuntimeError) as error:
        typer.echo(f"marigram: {root} cannot be read: {error}. Restore it from a backup.", err=True)
        raise typer.Exit(1) from None
    _say(found.faults, as_json=as_json)
    if found.faults:
        raise typer.Exit(1)


def _look(root: FilePath, *, quick: bool, quiet: bool) -> Examination:
    with Bars(quiet=quiet) as bars:
        found = Examination(root, thorough=not quick, bars=bars)
        found.run()
    return found


def _mend(root: FilePath, found: Examination, *, give_up_damaged: bool) -> None:
    """Do what loses nothing more: remove what nobody can reach, and, if told so, what is damaged anyway."""
    with closing(sqlite3.connect(root / "points.db", isolation_level=None)) as connection:
        drop_rollups(connection, found.rollups)
        for fault in found.rows if give_up_damaged else []:
            give_up(connection, fault)
    if any(fault.table == "wal" for fault in found.rows) and not give_up_damaged:
        typer.echo(
            "marigram: the log of points is damaged, so nothing else is mended without --give-up-damaged.", err=True
        )
        return
    points = EmbeddedPointStore(root / "points.db")
    points.start()
    meta = SqliteMetaStore(root / "meta.db")
    try:
        for run_id in found.unknown_runs:
            points.delete_run(run_id)
        points.wait_for_room(timeout_s=_ROOM_WITHIN_S)
        blobs = DiskBlobStore(root / "blobs")
        blobs.start()
        if give_up_damaged or not found.rows:
            sweep(meta=meta, points=points, blobs=blobs, now=time.time_ns() // 1_000_000)
    finally:
        points.close()
        meta.close()


def _say(faults: list[Fault], *, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(faults).decode())
        return
    shown: Counter[str] = Counter()
    for fault in faults:
        shown[fault.code] += 1
        if shown[fault.code] <= _SHOWN:
            typer.echo(fault.message)
    for code, count in shown.items():
        if count > _SHOWN:
            typer.echo(f"... and {count - _SHOWN:,} more of {code}; --json lists them.")
    lost = sum(fault.lost for fault in faults)
    typer.echo(f"{len(faults):,} faults, {lost:,} of which lost something." if faults else "Everything is whole.")
    sys.stdout.flush()
