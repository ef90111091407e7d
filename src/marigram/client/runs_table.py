"""The table of a project's runs, read whole: `project.fetch_runs_table()`.

It is read page by page, and by groups of columns, so there may be as many runs and columns as there are. Reading waits
for the network, and it raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, cast

import msgspec

from marigram.client.errors import NotFoundError, SettingError
from marigram.client.progress import ProgressBar, told
from marigram.client.reader import Attribute, save, value_of
from marigram.model import File, Kind, ProjectName, Run, Value

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from marigram.client.transport import Transport

PAGE = 1000
COLUMNS_AT_ONCE = 100
"""Columns of one request: their names stand in its address, and addresses must not become too long."""

MOST_COLUMNS = 1000
"""Columns that a table has when none are named: those that most runs have."""

_MS = 1000
ID = "sys/id"


class _Row(msgspec.Struct):
    run: Run
    cells: dict[str, Attribute]


class _Page(msgspec.Struct):
    rows: list[_Row]
    total: int
    cursor: str | None


class _Column(msgspec.Struct):
    path: str


class _Columns(msgspec.Struct):
    columns: list[_Column]


class Cell:
    """What a run has in a column."""

    def __init__(self, attribute: Attribute, download: Callable[[FilePath | None], FilePath]) -> None:
        """Take what it is, and how to fetch the bytes of a file."""
        self._attribute = attribute
        self._download = download

    @property
    def kind(self) -> Kind:
        """What it is."""
        return self._attribute.kind

    def get(self) -> Value | File | None:
        """Return the value, or the last value of a series."""
        return value_of(self._attribute)

    def download(self, destination: str | None = None) -> FilePath:
        """Save a file, into the working folder or where it is said, and return where.

        Raises:
            NotFoundError: this is no file.
            UnreachableError: the server does not answer.
        """
        return self._download(FilePath(destination) if destination is not None else None)


class RunsTableRow:
    """One run of a table. `row["train/loss"].get()` is its value there."""

    def __init__(self, run: Run, attributes: dict[str, Attribute], transport: Transport) -> None:
        """Take the run and what it has in the table's columns."""
        self.run = run
        self._attributes = attributes
        self._transport = transport

    @property
    def id(self) -> str:
        """The run's key, for example `CATS-12`."""
        return self.run.key

    def __getitem__(self, path: str) -> Cell:
        """Return what the run has in a column.

        Raises:
            NotFoundError: nothing, or the table does not have the column.
        """
        return Cell(self._attribute(path), lambda destination: self._download(path, destination))

    def __contains__(self, path: str) -> bool:
        """Return whether the run has something in this column."""
        return path in self._attributes

    def get_attribute_value(self, path: str) -> Value | File | None:
        """Return the value in a column, or the last value of a series.

        Raises:
            NotFoundError: the run has nothing there, or the table does not have the column.
        """
        return value_of(self._attribute(path))

    def get_attribute_type(self, path: str) -> str:
        """Return the kind of what is in a column, for example `float_series`.

        Raises:
            NotFoundError: the run has nothing there, or the table does not have the column.
        """
        return self._attribute(path).kind.value

    def get_attribute_names(self) -> list[str]:
        """Return the columns in which the run has something."""
        return list(self._attributes)

    def values(self) -> dict[str, Value | File | None]:
        """Return all values by column."""
        return {path: value_of(attribute) for path, attribute in self._attributes.items()}

    def __repr__(self) -> str:
        """Say which run it is."""
        return f"<row {self.run.key}>"

    def _attribute(self, path: str) -> Attribute:
        found = self._attributes.get(path)
        if found is None:
            message = f"Run {self.run.key} has nothing at {path!r} in this table. Name it in columns=[...]."
            raise NotFoundError(message)
        return found

    def _download(self, path: str, destination: FilePath | None) -> FilePath:
        attribute = self._attribute(path)
        name = attribute.file.filename if attribute.file is not None else path.rpartition("/")[2]
        place = destination if destination is not None else FilePath.cwd()
        if place.is_dir():
            place /= FilePath(name).name  # the name comes from elsewhere and must not lead out of the folder
        address = f"/api/v1/runs/{self.run.id}/file"
        save(place, lambda write: self._transport.download(address, {"path": path}, write))
        return place


class RunsTable:
    """Runs as rows, attributes as columns."""

    def __init__(self, rows: Sequence[RunsTableRow], columns: Sequence[str]) -> None:
        """Take what was read."""
        self._rows = tuple(rows)
        self.columns = tuple(columns)

    def __len__(self) -> int:
        """Return how many runs it has."""
        return len(self._rows)

    def __iter__(self) -> Iterator[RunsTableRow]:
        """Yield the rows in order."""
        return iter(self._rows)

    def to_rows(self) -> list[RunsTableRow]:
        """Return the rows in order."""
        return list(self._rows)

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas DataFrame with one row per run; a set of strings is one string with commas.

        Raises:
            MarigramError: pandas is not installed.
        """
        from marigram.client.frames import table_frame  # needs pandas, which not everybody has

        return table_frame(self._plain_columns())

    def to_polars(self) -> pl.DataFrame:
        """Return a polars DataFrame with one row per run; a set of strings is one string with commas.

        Raises:
            MarigramError: polars is not installed.
        """
        from marigram.client.polars_frames import polars_frame  # needs polars, which not everybody has

        return polars_frame(self._plain_columns())

    def _plain_columns(self) -> dict[str, list[Any]]:
        values = [row.values() for row in self._rows]
        return {path: [_plain(each.get(path)) for each in values] for path in self.columns}


def wanted_query(
    *,
    query: str | None,
    id: str | Sequence[str] | None,  # noqa: A002 - the name that users of Neptune know
    state: str | Sequence[str] | None,
    owner: str | Sequence[str] | None,
    tag: str | Sequence[str] | None,
    trashed: bool | None,
) -> str:
    """Return one query for all that is asked: any of the ids, states and owners, every one of the tags.

    Raises:
        SettingError: one of them is no text.
    """
    alternatives = (("id", ID, id), ("state", "sys/state", state), ("owner", "sys/owner", owner))
    parts: list[str] = []
    for name, path, wanted in alternatives:
        terms = [f"`{path}` = {_quoted(text)}" for text in _texts(name, wanted)]
        if terms:
            parts.append(f"({' OR '.join(terms)})")
    parts += [f"`sys/tags`:stringSet CONTAINS {_quoted(text)}" for text in _texts("tag", tag)]
    if trashed is None:
        parts.append("`sys/trashed` EXISTS")  # every run has it, and who asks about the trash sees what is in it
    if query is None or not query.strip():
        return " AND ".join(parts)
    # Alone it goes as it is, so that an error shows what the user wrote.
    return " AND ".join([f"({query})", *parts]) if parts else query


def read_table(
    transport: Transport,
    project: ProjectName,
    *,
    query: str,
    trashed: bool,
    columns: Sequence[str] | None,
    limit: int | None,
    sort_by: str,
    ascending: bool,
    progress_bar: ProgressBar,
) -> RunsTable:
    """Read the whole table.

    Raises:
        SettingError: the query cannot be understood; the message shows the place.
        UnreachableError: the server does not answer.
    """
    address = f"/api/v1/projects/{project}"
    if columns is None:
        known = transport.get(f"{address}/columns", _Columns, {"limit": str(MOST_COLUMNS)})
        wanted = [ID, *sorted({column.path for column in known.columns} - {ID})]
    else:
        wanted = [ID, *(path for path in dict.fromkeys(columns) if path != ID)]
    question = {"query": query, "trashed": str(trashed).lower(), "sort": sort_by if ascending else f"-{sort_by}"}
    runs: dict[str, Run] = {}
    cells: dict[str, dict[str, Attribute]] = {}
    with told(progress_bar, description="Reading runs", unit="runs") as tell:
        for at in range(0, len(wanted), COLUMNS_AT_ONCE):
            some = wanted[at : at + COLUMNS_AT_ONCE]
            for page in _pages(transport, f"{address}/runs", question, some, limit):
                for row in page.rows:
                    if at == 0:
                        runs.setdefault(row.run.id, row.run)  # a page moves when a run begins meanwhile
                    cells.setdefault(row.run.id, {}).update(row.cells)
                tell(len(runs), page.total if limit is None else min(limit, page.total))
    rows = [
        RunsTableRow(run, {**cells[run_id], **_own_attributes(run, wanted)}, transport) for run_id, run in runs.items()
    ]
    return RunsTable(rows if limit is None else rows[:limit], wanted)


def _pages(
    transport: Transport, address: str, question: dict[str, str], columns: list[str], limit: int | None
) -> Iterator[_Page]:
    cursor: str | None = None
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        more = {"cursor": cursor} if cursor is not None else {}
        named = [("column", column) for column in columns]
        page = transport.get(address, _Page, [*question.items(), *more.items(), ("limit", str(size)), *named])
        yield page
        cursor = page.cursor
        left = None if left is None else left - len(page.rows)
        if cursor is None:
            return


def _own_attributes(run: Run, wanted: Sequence[str]) -> dict[str, Attribute]:
    """Return what the run itself knows better than its attributes, or has no attribute for."""
    seconds = ((run.ended_at if run.ended_at is not None else run.heard_at) - run.created_at) / _MS
    own = [
        Attribute("sys/state", Kind.STRING, run.status.value),
        Attribute("sys/running_time", Kind.FLOAT, seconds),
        Attribute("sys/trashed", Kind.BOOL, run.trashed_at is not None),
    ]
    return {attribute.path: attribute for attribute in own if attribute.path in wanted}


def _texts(name: str, wanted: object) -> list[str]:
    texts = [wanted] if isinstance(wanted, str) else [] if wanted is None else wanted
    if isinstance(texts, (list, tuple, set, frozenset)):
        several = list(cast("Sequence[object]", texts))
        if all(isinstance(text, str) for text in several):
            return cast("list[str]", several)
    message = (
        f"{name} must be a str or several, but it is {wanted!r}. Pass for example {name}='a' or {name}=['a', 'b']."
    )
    raise SettingError(message)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(value: Value | File | None) -> object:
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    return value.filename if isinstance(value, File) else value
