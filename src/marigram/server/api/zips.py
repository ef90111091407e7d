"""The read API's path for many files at once: a ZIP archive that is made while it is sent, so that it takes no room.

Whatever the files are called, none of them can leave the folder into which somebody unpacks the archive.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from litestar import Router, get
from litestar.response import Stream

from marigram.model import File
from marigram.server.api.files import FILE_POLICY
from marigram.server.api.naming import path_of
from marigram.server.query import Query

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
"""What some system cannot have in a name, or takes for the end of a folder's."""

_ZIP64_FROM = 2**31 - 1
"""Larger files have sizes that the older format has no room for."""


def zip_routes(query: Query) -> Router:
    """Return the route that sends files found with `query` as an archive."""

    @get("/runs/{run_id:str}/zip", sync_to_thread=True, summary="Download the files at and below a path as a ZIP")
    def archive(run_id: str, prefix: str = "") -> Stream:
        where = path_of(prefix) if prefix else ""
        found = query.files_below(run_id, where)
        named = list(zip(names_in_archive([(path, file.filename) for path, file in found]), found, strict=True))
        leaf = where.rpartition("/")[2] or query.run(run_id).key
        headers = {
            "content-security-policy": FILE_POLICY,
            "content-disposition": f"attachment; filename*=UTF-8''{quote(leaf, safe='')}.zip",
            "cache-control": "no-store",
        }
        files = [(name, file) for name, (_, file) in named]
        return Stream(_archive(files, query.read_blob), media_type="application/zip", headers=headers)

    return Router("", route_handlers=[archive], tags=["read"])


def names_in_archive(files: Sequence[tuple[str, str]]) -> list[str]:
    """Return a name for each `(path, filename)`: its path, with the suffix of its file name where the path has none.

    The names differ, whatever the case, none is a folder of another, and none leads out of where they are unpacked.
    """
    folders = {
        "/".join(segments[:end]).casefold()
        for path, _ in files
        for segments in [[_segment(each) for each in path.split("/")]]
        for end in range(1, len(segments))
    }
    taken: set[str] = set()
    names: list[str] = []
    for path, filename in files:
        name = "/".join(_segment(each) for each in path.split("/"))
        suffix = _FORBIDDEN.sub("_", PurePosixPath(filename).suffix)
        stem = name if not suffix or name.lower().endswith(suffix.lower()) else f"{name}{suffix}"
        name, number = stem, 1
        while name.casefold() in taken or name.casefold() in folders:
            number += 1
            name = f"{stem.removesuffix(suffix) if suffix else stem} ({number}){suffix}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _segment(text: str) -> str:
    shown = _FORBIDDEN.sub("_", text)
    # Neither `..` nor a name that Windows would shorten to it.
    return shown if shown.rstrip(". ") else shown.replace(".", "_").replace(" ", "_")


class _Sink(io.RawIOBase):
    """Collects what the archive writes until it is sent. It cannot seek, so sizes follow the files."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        part = bytes(data)  # pyright: ignore[reportArgumentType] zipfile writes bytes
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def _archive(files: Sequence[tuple[str, File]], read: Callable[[File], Iterator[bytes]]) -> Iterator[bytes]:
    sink = _Sink()
    now = time.gmtime()[:6]
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, file in files:
            info = zipfile.ZipInfo(name, date_time=now)
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=file.size >= _ZIP64_FROM) as entry:
                for chunk in read(file):
                    entry.write(chunk)
                    yield sink.take()
    yield sink.take()
