"""`RunTables`: the runs tables of projects, kept in RAM within a bound, and up to date with both stores.

A thread that asks holds its project's table until it has its answer. A column that is not in memory is read while
nobody holds the table, and the question is put again: so who asks for columns that are there need not wait for it.

The stores tell of each commit what it changed; that is only noted, and read again when a question needs it. What is
noted before it is read can't be missed, and reading something again that did not change does no harm.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import msgspec
import numpy as np

from marigram.model import Kind, Path
from marigram.server.query.series import WholeSeries
from marigram.server.query.table.column import Column, TooBigError
from marigram.server.query.table.index import RunIndex
from marigram.server.query.table.lines import TextLines
from marigram.server.query.table.loading import read_points, read_series, read_values
from marigram.server.query.table.ordered import TextOrder
from marigram.server.query.table.texts import RunTexts
from marigram.server.store.meta.filter import Aggregate, AtBest, StandIn
from marigram.server.store.meta.port import MetaChanges, MetaStore
from marigram.server.store.points.changes import SeriesChange

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_BYTES = 192 * 1024 * 1024
"""Of all tables together: a hundred columns of 100,000 runs, or ten of a million, and texts to search."""

MOST_COLUMNS = 1000
MOST_PROJECTS = 100
"""Bounds on what is followed, for small and for empty projects."""

_NO_PATH = Path("")
_MOSTLY = 4
"""When one of so many parts of a column has changed, it is read as a whole."""


class _Key(msgspec.Struct, frozen=True):
    """A column; `series` None is for values, and for what there is. No path is for texts to search.

    `form` is what is kept of values: all, or where their texts are too many, the order or the texts alone.
    """

    project: str
    path: Path
    series: tuple[Kind, StandIn] | None = None
    form: type[Column | TextOrder | TextLines] = Column

    def paths(self) -> tuple[Path, ...]:
        """Return the paths with which the column changes."""
        of = self.series[1].of if self.series is not None and isinstance(self.series[1], AtBest) else self.path
        return (self.path,) if of == self.path else (self.path, of)


class _NotLoadedError(Exception):
    """A column has to be read first.

    Attributes:
        kept: what is kept of it.
        reads: how often it had been read when it was missed.
        index: the table's.
        runs: those the table has now.
    """

    def __init__(self, kept: _Kept, index: RunIndex) -> None:
        super().__init__("A column is not in memory. Ask through RunTables.ask(), which reads it.")
        self.kept = kept
        self.reads = kept.reads
        self.index = index
        self.runs = index.number


class _Kept:
    """A column and what is known to have changed since it was read; `reading` is held by the thread that reads it."""

    def __init__(self, key: _Key) -> None:
        self.key = key
        self.reading = threading.Lock()
        self.reads = 0
        self.attributes: set[int] = set()
        self.index: RunIndex | None = None
        self.column: Column | TextOrder | TextLines | None = None
        self.texts: RunTexts | None = None
        self.too_big = False
        self.changed: set[int] = set()
        self.changed_ids: set[str] = set()
        self.heirs: set[int] = set()

    @property
    def nbytes(self) -> int:
        kept: Column | TextOrder | TextLines | RunTexts | None = self.column or self.texts
        return 0 if kept is None else kept.nbytes


class _Project:
    """The runs of a project; `lock` is held by the thread that asks."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.RLock()
        self.index: RunIndex | None = None
        self.changed: set[int] = set()


class RunTables:
    """Tables of all projects that were asked for lately."""

    def __init__(self, *, meta: MetaStore, points: WholeSeries, max_bytes: int = MAX_BYTES) -> None:
        """Listen to both stores from now on."""
        self._meta = meta
        self._points = points
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._projects: OrderedDict[str, _Project] = OrderedDict()
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._by_path: dict[tuple[str, Path], list[_Kept]] = {}
        self._by_attribute: dict[int, list[_Kept]] = {}
        self._by_series: dict[int, list[_Kept]] = {}
        self._series: NDArray[np.int64] = np.empty(0, np.int64)
        self._searched: list[_Kept] = []
        meta.listen(self._note_meta)
        points.listen(self._note_points)

    @property
    def nbytes(self) -> int:
        """Memory in bytes that is in use."""
        with self._lock:
            return self._used()

    def ask(self, name: str, question: Callable[[Table], _Of]) -> _Of:
        """Return what a question finds in a project's table as it is now.

        The question may be put several times: it only looks. Columns that it misses are read in between.
        """
        read: set[_Key] = set()
        while True:
            try:
                with self.table(name, read=read) as table:
                    return question(table)
            except _NotLoadedError as missed:
                self._load(missed)
                read.add(missed.kept.key)

    @contextmanager
    def table(self, name: str, *, read: Collection[_Key] | None = None) -> Generator[Table]:
        """Give a project's table to the caller, as it is now.

        Args:
            name: the project.
            read: columns that were read for the caller already, who is told which others he misses; None: whatever
                he misses is read while he holds the table.
        """
        with self._lock:
            project = self._projects.setdefault(name, _Project(name))
            self._projects.move_to_end(name)
        with project.lock:
            yield Table(self, project.name, self._fresh_index(project), read)
        self._make_room()

    def _fresh_index(self, project: _Project) -> RunIndex:
        with self._lock:
            changed, project.changed = project.changed, set()
        index, project.index = project.index, None
        if index is None or len(changed) > len(index) // _MOSTLY + 1000:
            index = RunIndex(self._meta.run_columns(project.name))
        elif changed:
            numbers = np.array(sorted(changed), np.int64)
            now = self._meta.run_columns(project.name, numbers=numbers.tolist())
            if not index.update(numbers, now):
                index = RunIndex(self._meta.run_columns(project.name))
        project.index = index
        return index

    def column(
        self, key: _Key, index: RunIndex, read: Collection[_Key] | None = None
    ) -> Column | TextOrder | TextLines:
        """Return a column as it is now; call it with the project's table in hand.

        Raises:
            TooBigError: it would take too much memory.
            _NotLoadedError: it is not in memory, and not among those that were `read` for this question.
        """
        kept = self._keep(key)
        if kept.too_big:
            raise TooBigError
        found = self._take(kept, index)
        while found is None:
            missed = _NotLoadedError(kept, index)
            if read is not None and kept.key not in read:
                raise missed
            self._load(missed)
            if kept.too_big:
                raise TooBigError
            found = self._take(kept, index)
        column, changed, changed_ids = found
        try:
            if changed_ids:
                changed |= set(self._meta.run_numbers(list(changed_ids)).values())
            if kept.heirs and changed:
                changed |= kept.heirs
            column.grow(len(index))
            if changed:
                rows, _ = index.rows(np.array(sorted(changed), np.int64))
                column.clear(rows)
                kept.heirs -= changed
                self._note_again(kept, self._read(kept, column, index.number, sorted(changed)))
        except TooBigError:
            kept.too_big = True
            raise
        kept.column = column
        self._make_room()
        return column

    def _take(self, kept: _Kept, index: RunIndex) -> tuple[Column | TextOrder | TextLines, set[int], set[str]] | None:
        """Take a column and what has changed in it, None if it is to be read as a whole.

        If what the caller does with it fails, it is read anew next time.
        """
        with self._lock:
            column, kept.column = kept.column, None
            if column is None or column.wasteful or kept.index is not index:
                return None
            changed, changed_ids = kept.changed, kept.changed_ids
            heirs = len(kept.heirs) if changed or changed_ids else 0
            if len(changed) + len(changed_ids) + heirs > len(index) // _MOSTLY + 100:
                return None
            kept.changed, kept.changed_ids = set(), set()
            return column, changed, changed_ids

    def _load(self, missed: _NotLoadedError) -> None:
        """Read a whole column, unless another thread has done so since it was missed. Nobody need hold the table."""
        kept = missed.kept
        with kept.reading:
            if kept.reads != missed.reads:
                return
            with self._lock:
                kept.changed, kept.changed_ids = set(), set()
            kept.heirs = set()
            column = kept.key.form(len(missed.runs))
            try:
                newer = self._read(kept, column, missed.runs, None)
            except TooBigError:
                kept.too_big = True
                return
            self._note_again(kept, newer)
            with self._lock:
                kept.column, kept.index = column, missed.index
                kept.reads += 1

    def search(
        self, project: str, index: RunIndex, words: Sequence[str], among: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Return which rows of `among` have every word; call it with the project's table in hand."""
        kept = self._keep(_Key(project, _NO_PATH))
        with self._lock:
            changed, kept.changed = kept.changed, set()
        texts, kept.texts = kept.texts, None
        if texts is None or texts.index is not index:
            texts = RunTexts(index, self._meta.search_texts)
        elif changed:
            texts.change(index.rows(np.array(sorted(changed), np.int64))[0])
        found = texts.search(words, among)
        kept.texts = texts
        self._make_room()
        return found

    def _read(
        self,
        kept: _Kept,
        column: Column | TextOrder | TextLines,
        runs: NDArray[np.int64],
        numbers: Sequence[int] | None,
    ) -> set[int]:
        key = kept.key
        if key.series is None or not isinstance(column, Column):
            return read_values(column, runs, meta=self._meta, project=key.project, path=key.path, numbers=numbers)
        kind, stand_in = key.series
        if isinstance(stand_in, AtBest) or stand_in is Aggregate.FIRST:
            newer, heirs = self._read_points(key, stand_in, column, runs, numbers)
            kept.heirs |= heirs
            return newer
        newer, heirs = read_series(
            column,
            runs,
            meta=self._meta,
            points=self._points,
            attributes=list(kept.attributes),
            kind=kind,
            aggregate=stand_in,
            numbers=numbers,
        )
        kept.heirs |= heirs
        return newer

    def _read_points(
        self,
        key: _Key,
        stand_in: StandIn,
        column: Column,
        runs: NDArray[np.int64],
        numbers: Sequence[int] | None,
    ) -> tuple[set[int], set[int]]:
        attributes = [self._meta.kinds_at(key.project, path).get(Kind.FLOAT_SERIES) for path in key.paths()]
        own, other = attributes[0], attributes[-1]
        if own is None or other is None:
            return set(), set()
        at = (stand_in.best, other) if isinstance(stand_in, AtBest) else None
        return read_points(column, runs, meta=self._meta, points=self._points, attribute=own, at=at, numbers=numbers)

    def _note_again(self, kept: _Kept, newer: set[int]) -> None:
        """Keep in mind runs that are newer than the index: the next question reads them."""
        if newer:
            with self._lock:
                kept.changed |= newer

    def _keep(self, key: _Key) -> _Kept:
        """Return what is kept of a column; from the first time on, changes of it are noted."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
            # First those attributes that come from now on, then those there are: none comes in between.
            kept = self._kept[key] = _Kept(key)
            for path in key.paths():
                self._by_path.setdefault((key.project, path), []).append(kept)
            if key.path == _NO_PATH:
                self._searched.append(kept)
        for path in key.paths():
            for kind, attribute in self._meta.kinds_at(key.project, path).items():
                if key.series is None or key.series[0] is kind:
                    with self._lock:
                        self._follow(kept, attribute)
        return kept

    def _follow(self, kept: _Kept, attribute: int) -> None:
        if attribute in kept.attributes:
            return
        kept.attributes.add(attribute)
        self._by_attribute.setdefault(attribute, []).append(kept)
        if kept.key.series is not None:
            self._by_series.setdefault(attribute, []).append(kept)
            self._series = np.array(sorted(self._by_series), np.int64)

    def _drop(self, key: _Key) -> None:
        kept = self._kept.pop(key)
        self._searched = [each for each in self._searched if each is not kept]
        for path in key.paths():
            _forget(self._by_path, (key.project, path), kept)
        for attribute in kept.attributes:
            _forget(self._by_attribute, attribute, kept)
            _forget(self._by_series, attribute, kept)
        self._series = np.array(sorted(self._by_series), np.int64)

    def _used(self) -> int:
        indexes = sum(project.index.nbytes for project in self._projects.values() if project.index is not None)
        return indexes + sum(kept.nbytes for kept in self._kept.values())

    def _make_room(self) -> None:
        """Drop what was not asked for longest, columns before indexes."""
        with self._lock:
            while self._kept and (self._used() > self._max_bytes or len(self._kept) > MOST_COLUMNS):
                self._drop(next(iter(self._kept)))
            while len(self._projects) > 1 and (self._used() > self._max_bytes or len(self._projects) > MOST_PROJECTS):
                self._projects.popitem(last=False)

    def _note_meta(self, changes: MetaChanges) -> None:
        with self._lock:
            for kept in self._searched:
                # Of other projects too, whose numbers will not be found.
                kept.changed.update(run for run, _ in changes.cells)
                kept.changed.update(number for name, number in changes.runs if name == kept.key.project)
            for name, number in changes.runs:
                project = self._projects.get(name)
                if project is not None:
                    project.changed.add(number)
            for attribute, name, path, kind in changes.attributes:
                for kept in self._by_path.get((name, path), ()):
                    if kept.key.series is None or kept.key.series[0] is kind:
                        self._follow(kept, attribute)
            if self._by_attribute:
                for run, attribute in changes.cells:
                    for kept in self._by_attribute.get(attribute, ()):
                        kept.changed.add(run)

    def _note_points(self, changes: Sequence[SeriesChange]) -> None:
        with self._lock:
            if not len(self._series):
                return
            for change in changes:
                for attribute in self._series_in(change):
                    for kept in self._by_series.get(attribute, ()):
                        kept.changed_ids.add(change.run_id)

    def _series_in(self, change: SeriesChange) -> list[int]:
        """Return which of the series that are kept have changed; all of them if the run was deleted."""
        if change.attributes is None or not len(change.attributes):
            return self._series.tolist() if change.attributes is None else []
        at = np.minimum(np.searchsorted(change.attributes, self._series), len(change.attributes) - 1)
        return self._series[change.attributes[at] == self._series].tolist()


_Of = TypeVar("_Of")


def _forget(following: dict[_Of, list[_Kept]], what: _Of, kept: _Kept) -> None:
    left = [each for each in following.get(what, ()) if each is not kept]
    if left:
        following[what] = left
    else:
        following.pop(what, None)


class Table:
    """A project's runs as they are now, in the hand of one thread."""

    def __init__(self, tables: RunTables, project: str, index: RunIndex, read: Collection[_Key] | None) -> None:
        self._tables = tables
        self._read = read
        self.project = project
        self.index = index

    def values(self, path: Path) -> Column:
        """Return what runs have at a path.

        Raises:
            TooBigError: it would take too much memory.
        """
        return self._column(_Key(self.project, path))

    def ordered(self, path: Path) -> TextOrder:
        """Return the order of what runs have at a path, where there are too many texts for `values`.

        Raises:
            TooBigError: even that would take too much memory.
        """
        found = self._tables.column(_Key(self.project, path, form=TextOrder), self.index, self._read)
        assert isinstance(found, TextOrder)  # noqa: S101 for the type checker
        return found

    def lines(self, path: Path) -> TextLines:
        """Return the texts that runs have at a path, where there are too many for `values`.

        Raises:
            TooBigError: even that would take too much memory.
        """
        found = self._tables.column(_Key(self.project, path, form=TextLines), self.index, self._read)
        assert isinstance(found, TextLines)  # noqa: S101 for the type checker
        return found

    def search(self, words: Sequence[str], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which rows of `among` have every word in their name, key, status, tags or a short value."""
        return self._tables.search(self.project, self.index, words, among)

    def series(self, path: Path, kind: Kind, stand_in: StandIn) -> Column:
        """Return the number that stands for the float series at a path, or the last text of the string series.

        Raises:
            TooBigError: it would take too much memory.
        """
        return self._column(_Key(self.project, path, (kind, stand_in)))

    def _column(self, key: _Key) -> Column:
        found = self._tables.column(key, self.index, self._read)
        assert isinstance(found, Column)  # noqa: S101 for the type checker
        return found
