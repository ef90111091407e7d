"""Reading back: one run's attributes and points through the server's read API.

Reading is not logging: it waits for the network, and it raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path as FilePath

import msgspec

from marigram.client.errors import NotFoundError
from marigram.client.transport import Transport
from marigram.model import File, Histogram, Kind, Path, ProjectName, Run, Value

_PAGE = "10000"
_NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class SeriesEnd(msgspec.Struct, frozen=True):
    """How a series ends."""

    last_step: float
    last: float | str | None = None


class Attribute(msgspec.Struct, frozen=True):
    """What a run has at a path."""

    path: str
    kind: Kind
    value: bool | int | float | str | list[str] | None = None
    series: SeriesEnd | None = None
    file: File | None = None


class _AttributePage(msgspec.Struct):
    attributes: list[Attribute]
    cursor: str | None


class PointRow(msgspec.Struct, frozen=True):
    """One point; `time` is milliseconds since 1970-01-01 UTC."""

    step: float
    time: int
    value: float | str | None = None
    file: File | None = None
    histogram: Histogram | None = None


class _PointPage(msgspec.Struct):
    kind: Kind
    points: list[PointRow]
    cursor: str | None


class Reader:
    """Reads from one server."""

    def __init__(self, transport: Transport) -> None:
        """Take the way to the server."""
        self._transport = transport

    def find_run(self, project: ProjectName, key_or_id: str) -> Run:
        """Return a run by its key or id.

        Raises:
            NotFoundError: there is none.
        """
        try:
            return self._transport.get(f"/api/v1/projects/{project}/runs/{key_or_id}", Run, {})
        except NotFoundError:
            message = f"There is no run {key_or_id!r} in {project} at {self._transport.url}. Check with_id=... ."
            raise NotFoundError(message) from None

    def attribute(self, run_id: str, path: Path) -> Attribute:
        """Return what the run has at `path`.

        Raises:
            NotFoundError: nothing.
        """
        try:
            return self._transport.get(f"/api/v1/runs/{run_id}/attribute", Attribute, {"path": path})
        except NotFoundError:
            message = f"The run has nothing at {path!r}. Check the path; run.print_structure() lists what there is."
            raise NotFoundError(message) from None

    def attributes(self, run_id: str, prefix: str = "") -> Iterator[Attribute]:
        """Yield the attributes at `prefix` and below, or all; in order of path."""
        cursor: str | None = None
        while True:
            query = {"limit": "1000"} | ({"prefix": prefix} if prefix else {}) | ({"cursor": cursor} if cursor else {})
            page = self._transport.get(f"/api/v1/runs/{run_id}/attributes", _AttributePage, query)
            yield from page.attributes
            cursor = page.cursor
            if cursor is None:
                return

    def points(self, run_id: str, path: Path) -> Iterator[PointRow]:
        """Yield all points of a series, in order of step; floats that are not finite come as such.

        Raises:
            NotFoundError: there is no series.
        """
        cursor: str | None = None
        while True:
            query = {"path": path, "limit": _PAGE} | ({"cursor": cursor} if cursor else {})
            page = self._transport.get(f"/api/v1/runs/{run_id}/points", _PointPage, query)
            for row in page.points:
                if page.kind is Kind.FLOAT_SERIES and isinstance(row.value, str):
                    yield msgspec.structs.replace(row, value=_NOT_FINITE.get(row.value, float("nan")))
                else:
                    yield row
            cursor = page.cursor
            if cursor is None:
                return

    def last_file(self, run_id: str, path: Path) -> File | None:
        """Return the last file of a series of files.

        Raises:
            NotFoundError: there is no series.
        """
        page = self._transport.get(f"/api/v1/runs/{run_id}/points", _PointPage, {"path": path, "tail": "1"})
        return page.points[-1].file if page.points else None

    def download(self, run_id: str, path: Path, write: Callable[[bytes], object]) -> None:
        """Hand the bytes of a file, or of the last file of a series, to `write`, piece by piece."""
        self._transport.download(f"/api/v1/runs/{run_id}/file", {"path": path}, write)


def value_of(attribute: Attribute) -> Value | File | None:
    """Return an attribute's value as Python has it; the last point of a series; the `File` of a file."""
    value = attribute.value
    match attribute.kind:
        case Kind.DATETIME if isinstance(value, str):
            return datetime.fromisoformat(value.replace("Z", "+00:00"))
        case Kind.STRING_SET if isinstance(value, list):
            return frozenset(value)
        case Kind.FLOAT if isinstance(value, (int, float, str)):
            return _NOT_FINITE[value] if isinstance(value, str) else float(value)
        case Kind.FLOAT_SERIES if attribute.series is not None:
            last = attribute.series.last
            return _NOT_FINITE[last] if isinstance(last, str) else last
        case Kind.STRING_SERIES | Kind.FILE_SERIES | Kind.HISTOGRAM_SERIES:
            return attribute.series.last if attribute.series is not None else None
        case Kind.FILE:
            return attribute.file
        case _:
            return None if isinstance(value, list) else value


def save(destination: FilePath, fetch: Callable[[Callable[[bytes], object]], None]) -> None:
    """Write what `fetch` delivers to `destination`, whole or not at all."""
    temporary = destination.with_name(destination.name + ".part")
    try:
        with temporary.open("wb") as stream:
            fetch(stream.write)
        temporary.replace(destination)
    finally:
        temporary.unlink(missing_ok=True)
