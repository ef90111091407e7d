"""A copy of a data folder that is taken while a server writes to it, and the way back.

The order makes the copy consistent. A commit goes to blobs, then metadata, then points, and its receipt follows the
points. The copy goes the other way: points as they are at one moment, then metadata, which has all that those points
need and perhaps a little more, as after a crash between the two; then blobs, of which none is removed meanwhile,
because the sweep's lock is held. So whatever was receipted before the copy began is in it, whole.

A backup is a folder with blobs under their addresses and two databases, and `backup.json`, which names them and is put
in place last. A folder without it is no backup, and a backup that is renewed stays what it was until the new file is
there. Nothing is written to the data folder but its lock.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path as FilePath

import msgspec

from marigram import version
from marigram.server.store.blobs.port import SHA256
from marigram.server.upkeep.sweep import SweepLock
from marigram.system.disk import sync_file, sync_folder
from marigram.system.files import open_file, replace
from marigram.system.lock import try_lock

MANIFEST = "backup.json"
RESTORING = "restoring"
"""Stands in a data folder for as long as it is being restored; no server starts on such a folder."""

_DATABASES = ("points", "meta")
"""In the order in which they must be copied."""

_RULES = "retention.json"
_PAGES_AT_ONCE = 1024
_CHUNK_BYTES = 1024 * 1024
_WAIT_FOR_SWEEP_S = 60.0
_BUSY_S = 30.0

Progress = Callable[[str, int, int], None]
"""Is told what is being copied, how much of it is done, and of how much."""


class BackupError(RuntimeError):
    """There is no backup, or none can be made; the message says why, and what to do."""


class CopiedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A database in a backup."""

    name: str
    bytes: int
    sha256: str


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """What `backup.json` says; times are milliseconds since 1970.

    Attributes:
        format: of the backup itself.
        version: of the Marigram that made it.
        began_at: everything that was receipted before is in it.
        databases: by what they are, `points` and `meta`.
        blobs, blob_bytes: how many there are, and their size.
        damaged: blobs whose bytes were wrong already; they are not in it.
    """

    format: int = 1
    version: str = version.VERSION
    began_at: int
    ended_at: int
    databases: dict[str, CopiedFile]
    blobs: int
    blob_bytes: int
    damaged: tuple[str, ...] = ()


def take_backup(root: FilePath, target: FilePath, *, progress: Progress) -> Backup:
    """Copy the data folder `root` to `target`; what a backup there has already is not copied again, but databases are.

    Raises:
        BackupError: `root` is no data folder, another backup is written to `target`, or a copy cannot be read back.
        OSError: `root` cannot be read, or `target` not written.
    """
    if not (root / "meta.db").is_file() or not (root / "points.db").is_file():
        message = f"{root} holds no data of a server. Name its folder with --data."
        raise BackupError(message)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        lock = open_file(target / "lock", os.O_RDWR | os.O_CREAT)
        stack.callback(os.close, lock)
        if not try_lock(lock):
            message = f"Another backup is being written to {target}. Wait for it, or name another folder."
            raise BackupError(message)
        _hold_sweeps(stack, root)
        began_at = _now_ms()
        databases = {
            each: _copied_database(root / f"{each}.db", target / f"{each}-{began_at}.db", each, progress)
            for each in _DATABASES
        }
        names, blob_bytes, damaged = _copy_blobs(root / "blobs", target / "blobs", progress)
        if (root / _RULES).exists():
            shutil.copyfile(root / _RULES, target / _RULES)
            sync_file(target / _RULES)
        backup = Backup(
            began_at=began_at,
            ended_at=_now_ms(),
            databases=databases,
            blobs=len(names),
            blob_bytes=blob_bytes,
            damaged=tuple(damaged),
        )
        _put_manifest(target, backup)
        _remove_rest(target, backup, names)
    return backup


def read_backup(folder: FilePath) -> Backup:
    """Return what a backup says of itself.

    Raises:
        BackupError: there is none, or it is of a newer version.
    """
    try:
        backup = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Backup)
    except FileNotFoundError:
        message = f"{folder} holds no finished backup: it has no {MANIFEST}. Make one with 'marigram backup'."
        raise BackupError(message) from None
    except msgspec.MsgspecError as error:
        message = f"{folder / MANIFEST} cannot be understood: {error}. Name another backup."
        raise BackupError(message) from error
    if backup.format != 1:
        message = f"{folder} was made by Marigram {backup.version}. Restore it with that version, or a newer one."
        raise BackupError(message)
    return backup


def restore_backup(folder: FilePath, root: FilePath, *, force: bool, progress: Progress) -> Backup:
    """Put a backup into the data folder `root`, which the caller owns; everything is checked as it is copied.

    Raises:
        BackupError: there is no backup, it is damaged, or `root` has data and `force` is not set.
        OSError: something cannot be read or written.
    """
    backup = read_backup(folder)
    databases = [path for name in _DATABASES for path in sorted(root.glob(f"{name}.db*"))]
    if databases and not force and not (root / RESTORING).exists():
        message = f"{root} has data already. Name an empty folder with --data, or overwrite what is there with --force."
        raise BackupError(message)
    for name in _DATABASES:
        _require_same(folder / backup.databases[name].name, backup.databases[name])
    (root / RESTORING).write_text(f"{folder}\n", encoding="utf-8")
    sync_file(root / RESTORING)
    sync_folder(root)
    for path in databases:
        path.unlink()
    blobs = sorted(_blobs(folder / "blobs"))
    for done, (sha256, path) in enumerate(blobs):
        progress("blobs", done, len(blobs))
        if _copy_blob(path, _place(root / "blobs", sha256), sha256) is None:
            message = f"The blob {sha256} in {folder} is damaged. Restore another backup."
            raise BackupError(message)
    if len(blobs) < backup.blobs:
        message = f"{folder} has {len(blobs)} blobs and should have {backup.blobs}. Restore another backup."
        raise BackupError(message)
    for name in _DATABASES:
        copied = backup.databases[name]
        progress(name, 0, copied.bytes)
        place = root / f"{name}.db"
        if _copy(folder / copied.name, place) != copied.sha256:
            message = f"{folder / copied.name} is damaged. Restore another backup."
            raise BackupError(message)
    if (folder / _RULES).exists():
        _copy(folder / _RULES, root / _RULES)
    sync_folder(root)
    (root / RESTORING).unlink()
    sync_folder(root)
    return backup


def is_half_restored(root: FilePath) -> bool:
    """Return whether a restore of this data folder was cut off."""
    return (root / RESTORING).exists()


def _hold_sweeps(stack: ExitStack, root: FilePath) -> None:
    end = time.monotonic() + _WAIT_FOR_SWEEP_S
    while True:
        with ExitStack() as attempt:
            if attempt.enter_context(SweepLock(root).held()):
                stack.push(attempt.pop_all())
                return
        if time.monotonic() > end:
            message = f"Another backup of {root} is being made, or its server tidies up for long. Try again later."
            raise BackupError(message)
        time.sleep(0.1)


def _copied_database(source: FilePath, target: FilePath, what: str, progress: Progress) -> CopiedFile:
    """Copy a database as it is at one moment, and read the copy back."""
    for left_over in target.parent.glob(f"{target.name}*"):
        left_over.unlink()
    with closing(open_to_read(source)) as connection, closing(sqlite3.connect(target, isolation_level=None)) as copy:
        # Within one read transaction all steps see one state, so none has to begin again because somebody commits.
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        connection.backup(
            copy, pages=_PAGES_AT_ONCE, progress=lambda _, left, total: progress(what, total - left, total)
        )
        connection.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode = DELETE")
        found = [row[0] for row in copy.execute("PRAGMA quick_check(1)")]
    if found != ["ok"]:
        message = f"The copy of {source} is damaged: {found[0]}. Look at what 'marigram doctor' says."
        raise BackupError(message)
    sync_file(target)
    return CopiedFile(name=target.name, bytes=target.stat().st_size, sha256=_hash(target))


def open_to_read(path: FilePath) -> sqlite3.Connection:
    """Open a database that somebody else may write to, to read it.

    Raises:
        sqlite3.Error: it is no database.
    """
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _blobs(folder: FilePath) -> Iterator[tuple[str, FilePath]]:
    for path in folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        if SHA256.fullmatch(path.name):
            yield path.name, path


def _place(folder: FilePath, sha256: str) -> FilePath:
    return folder / sha256[:2] / sha256[2:4] / sha256


def _copy_blobs(source: FilePath, target: FilePath, progress: Progress) -> tuple[set[str], int, list[str]]:
    """Copy blobs; return their addresses, their size together, and the addresses of those that are damaged."""
    target.mkdir(exist_ok=True, mode=0o700)
    blobs = sorted(_blobs(source))
    names: set[str] = set()
    size = 0
    damaged: list[str] = []
    for done, (sha256, path) in enumerate(blobs):
        progress("blobs", done, len(blobs))
        place = _place(target, sha256)
        known = place.stat().st_size if place.exists() else None
        if known is None or known != path.stat().st_size:
            known = _copy_blob(path, place, sha256)
        if known is None:
            damaged.append(sha256)
            continue
        names.add(sha256)
        size += known
    return names, size, damaged


def _copy_blob(source: FilePath, place: FilePath, sha256: str) -> int | None:
    """Copy a blob and return its size; None, and nothing is left, if its bytes are wrong."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = place.with_name(f"{sha256}.part")
    if _copy(source, temporary) != sha256:
        temporary.unlink()
        return None
    replace(temporary, place)
    for holder in (place.parent, place.parent.parent, place.parent.parent.parent):
        sync_folder(holder)
    return place.stat().st_size


def _copy(source: FilePath, target: FilePath) -> str:
    """Copy a file to the disk itself, and return the SHA-256 of what was read."""
    digest = hashlib.sha256()
    with source.open("rb") as original, target.open("wb") as copy:
        while chunk := original.read(_CHUNK_BYTES):
            digest.update(chunk)
            copy.write(chunk)
    sync_file(target)
    return digest.hexdigest()


def _hash(path: FilePath) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _require_same(path: FilePath, copied: CopiedFile) -> None:
    if not path.is_file() or path.stat().st_size != copied.bytes or _hash(path) != copied.sha256:
        message = f"{path} is not what the backup says. Restore another backup."
        raise BackupError(message)


def _put_manifest(target: FilePath, backup: Backup) -> None:
    sync_folder(target)
    temporary = target / f"{MANIFEST}.part"
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(backup), indent=2))
    sync_file(temporary)
    replace(temporary, target / MANIFEST)
    sync_folder(target)


def _remove_rest(target: FilePath, backup: Backup, names: set[str]) -> None:
    """Remove what an older or an unfinished backup has left."""
    kept = {copied.name for copied in backup.databases.values()}
    for name in _DATABASES:
        for path in target.glob(f"{name}-*.db*"):
            if path.name not in kept:
                path.unlink()
    for path in (target / "blobs").glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        if path.name not in names:
            path.unlink()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
