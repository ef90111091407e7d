"""`Query`, the one way by which anything is read. Stateless; every call may come from any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from marigram.model import File, FloatPoints, Kind, Path, Run, View, ViewKind
from marigram.server.query.answers import AttributeAnswer, NotThere, PointsAnswer, RunGroupsAnswer, RunsAnswer
from marigram.server.query.attributes import Attributes
from marigram.server.query.charts import Charts
from marigram.server.query.choosing import RunChooser
from marigram.server.query.columns import choose_columns
from marigram.server.query.comparing import RunComparer
from marigram.server.query.damage import damaged_file, damaged_points
from marigram.server.query.files import Files
from marigram.server.query.finding import RunFinder
from marigram.server.query.folders import Folders
from marigram.server.query.gallery import Gallery
from marigram.server.query.grouping import GroupQuestion, RunGrouper
from marigram.server.query.keying import Within
from marigram.server.query.lineage import LineageAnswer, lineage_of
from marigram.server.query.models import Models
from marigram.server.query.overview import Overviews
from marigram.server.query.pages import SeriesPages
from marigram.server.query.paths import Paths
from marigram.server.query.picking import PointPicker
from marigram.server.query.ranking import ParameterRanker
from marigram.server.query.records import RunRecord, read_records
from marigram.server.query.searching import Found, TextSearch
from marigram.server.query.series import WholeSeries
from marigram.server.query.storage import StorageAnswer, storage_of
from marigram.server.query.text_pairs import TextPairs
from marigram.server.query.texts import Texts
from marigram.server.query.tree import TreeAnswer, TreeQuestion, Trees
from marigram.server.store.blobs.port import BlobStore, CorruptBlobError
from marigram.server.store.meta.earlier import EarlierValue
from marigram.server.store.meta.port import ColumnRow, MetaStore, ProjectRow, RunSort
from marigram.server.store.points.answers import Tail
from marigram.server.store.points.port import DamagedPointsError, PointStore

CHOSEN_FROM = 500
"""Columns that are looked at when the table chooses its own."""


class Query:
    """The door out. It is handed its stores and never learns which engines they are.

    Attributes:
        charts: answers what charts ask.
        chooser: chooses runs for other protocols.
        comparer: says what changed between two runs.
        folders: looks into folders of files.
        gallery: says what runs have to look at.
        models: answers what is asked about models.
        overviews: says what runs were about.
        paths: says where runs have something.
        picker: picks points that stand for series.
        ranker: says which parameters explain a number.
        text_pairs: says which texts two runs have, and how their values differ.
        texts: answers what consoles ask.
    """

    def __init__(self, *, meta: MetaStore, points: PointStore, blobs: BlobStore, clock_ms: Callable[[], int]) -> None:
        self._blobs = blobs
        self._meta = meta
        self._stored_points = points
        self._points = WholeSeries(meta=meta, points=points)
        self.charts = Charts(meta=meta, points=self._points)
        self.comparer = RunComparer(meta=meta, points=self._points, blobs=blobs)
        self.folders = Folders(meta=meta)
        self.gallery = Gallery(meta=meta, cells=self.cells)
        self.models = Models(meta=meta)
        self.overviews = Overviews(meta=meta, cells=self.cells)
        self.paths = Paths(meta=meta)
        self.text_pairs = TextPairs(meta=meta)
        self.texts = Texts(meta=meta, points=self._points)
        self._trees = Trees(meta=meta, cells=self.cells)
        self._finder = RunFinder(meta=meta, points=self._points, clock_ms=clock_ms)
        self._attributes = Attributes(meta=meta, points=self._points, run=self.run)
        self._pages = SeriesPages(meta=meta, points=self._points, attributes=self._attributes)
        self._files = Files(meta=meta, points=self._points, blobs=blobs, attributes=self._attributes, run=self.run)
        self.chooser = RunChooser(meta=meta, finder=self._finder)
        self._grouper = RunGrouper(meta=meta, finder=self._finder)
        self.picker = PointPicker(meta=meta, points=self._points)
        self.ranker = ParameterRanker(meta=meta, finder=self._finder, grouper=self._grouper)

    def projects(self) -> list[ProjectRow]:
        """Return all projects, the most recently active first."""
        return self._meta.projects()

    def recent_runs(self, *, text: str, ended: bool | None, limit: int) -> list[Run]:
        """Return runs of all projects, the newest first; `ended` True: that have ended, the last end first.

        Each word of `text` has to stand in the run's name, key or id, or in the name of its project.
        """
        runs = self._meta.recent_runs(text=text, ended=ended, limit=limit)
        return self._finder.all_as_seen(runs)

    def views(self, project: str, kind: ViewKind) -> list[View]:
        """Return the saved views of a project, in order of name."""
        return self._meta.views(project, kind)

    def run(self, run_id: str) -> Run:
        """Return the run with this id.

        Raises:
            NotThere: there is none.
        """
        run = self._meta.run(run_id)
        if run is None:
            message = f"There is no run {run_id!r}. Look at the list of projects for the runs there are."
            raise NotThere(message)
        return self._finder.as_seen(run)

    def named_runs(self, project: str, names: Sequence[str]) -> list[Run]:
        """Return the runs with these ids, or keys in the project, in this order; those that exist, each once."""
        by_id = {run.id: run for run in self._meta.runs(names)}
        found = (by_id.get(name) or self._meta.find_run(project, name) for name in dict.fromkeys(names))
        return self._finder.all_as_seen(list({run.id: run for run in found if run is not None}.values()))

    def find_run(self, project: str, key_or_id: str) -> Run:
        """Return the run of a project by its key, for example `CATS-12`, or its id.

        Raises:
            NotThere: there is none.
        """
        run = self._meta.find_run(project, key_or_id)
        if run is None:
            message = f"There is no run {key_or_id!r} in project {project!r}. Look at the project's runs table."
            raise NotThere(message)
        return self._finder.as_seen(run)

    def runs(
        self,
        project: str,
        *,
        text: str,
        sort: RunSort | Sequence[RunSort],
        paths: Sequence[str] | None,
        cursor: str | None,
        limit: int,
        query: str = "",
        trashed: bool = False,
        within: Sequence[Within] = (),
    ) -> RunsAnswer:
        """Return a page of the runs table; `paths` None lets the table choose its columns.

        Args:
            project: whose runs.
            text: words that a run must hold somewhere.
            sort: the order: one key, or several, of which the first counts most. A float series sorts by the number
                that stands for it. The newest run comes first where the keys are equal.
            paths: the columns.
            cursor: where to continue.
            limit: most rows.
            query: more of what is wanted, in the query language.
            trashed: the runs in the trash instead of the others.
            within: only the runs of these groups.

        Raises:
            BadQuestion: the cursor is not one that this method made.
            FilterError: the query cannot be understood.
        """
        found = self._finder.find(
            project,
            text=text,
            query=query,
            sort=[sort] if isinstance(sort, RunSort) else sort,
            trashed=trashed,
            cursor=cursor,
            limit=limit,
            within=within,
        )
        if paths is None:
            columns = choose_columns(self._meta.columns(project, limit=CHOSEN_FROM))
        else:
            columns = self._named(project, paths)
        return RunsAnswer(
            runs=self._finder.all_as_seen(self._meta.runs(found.run_ids)),
            cells=self._attributes.of_runs(found.run_ids, [column.path for column in columns]),
            columns=columns,
            total=found.total,
            cursor=found.cursor,
        )

    def groups(self, project: str, asked: GroupQuestion, *, cursor: str | None, limit: int) -> RunGroupsAnswer:
        """Return a page of groups of the project's runs; groups that change between pages may be seen twice or never.

        Raises:
            BadQuestion: there are too many paths or measures, or the cursor is not one that this method made.
            FilterError: the query cannot be understood.
        """
        return self._grouper.groups(project, asked, cursor=cursor, limit=limit)

    def table_bytes(self) -> int:
        """Return how much memory the columns of all runs tables take, in bytes."""
        return self._finder.tables.nbytes

    def columns(self, project: str, *, search: str, limit: int) -> list[ColumnRow]:
        """Return attributes that runs of the project have and whose path contains `search`."""
        return self._meta.columns(project, search=search, limit=limit)

    def attributes(
        self, run_id: str, *, prefix: str, search: str, cursor: str | None, limit: int, kinds: Sequence[Kind] = ()
    ) -> tuple[list[AttributeAnswer], str | None]:
        """Return attributes of a run in order of path, of these kinds if there are any, and where to continue.

        Raises:
            NotThere: there is no such run.
        """
        return self._attributes.page(run_id, prefix=prefix, search=search, kinds=kinds, cursor=cursor, limit=limit)

    def attribute(self, run_id: str, path: str) -> AttributeAnswer:
        """Return what the run has at `path`.

        Raises:
            NotThere: there is no such run, or it has nothing there.
        """
        return self._attributes.at(run_id, path)

    def tree(self, run_id: str, asked: TreeQuestion, *, start: int, limit: int, sizes: bool = False) -> TreeAnswer:
        """Return rows of what the run has as a tree, `limit` at most; with `sizes` those of the files are added up.

        Raises:
            NotThere: there is no such run.
            BadQuestion: the search is no regular expression.
        """
        self.run(run_id)
        return self._trees.answer(run_id, asked, start=start, limit=limit, sizes=sizes)

    def earlier_values(self, run_id: str, path: str) -> list[EarlierValue]:
        """Return what stood at `path` of a run until it was set to something else, the newest first.

        Raises:
            NotThere: there is no such run.
        """
        self.run(run_id)
        return self._meta.earlier_values(run_id, path)

    def records(self, run_ids: Sequence[str], *, below: Sequence[str] | None = None) -> list[RunRecord]:
        """Return whole runs, those that exist, in this order; `below` narrows what is read to these paths and below."""
        return read_records(self._meta, self._points, run_ids, below=below)

    def cells(self, run_id: str, paths: Sequence[str]) -> dict[str, AttributeAnswer]:
        """Return what a run has at these paths, by path; nothing if it is unknown."""
        return self._attributes.of_runs([run_id], paths).get(run_id, {})

    def position(self) -> int:
        """Return the live position: all commits up to it are seen by a question that is asked now."""
        return self._points.position()

    def points(
        self,
        run_id: str,
        path: str,
        *,
        first_step: float,
        last_step: float,
        limit: int,
        from_end: bool,
        cursor: str | None,
    ) -> PointsAnswer:
        """Return points of a series in order of step, the first `limit` in the range, or the last ones.

        Raises:
            NotThere: the run has no series at `path`.
            BadQuestion: the cursor is not one that this method made, or an end of the range is NaN.
        """
        return self._pages.points(
            run_id, path, first_step=first_step, last_step=last_step, limit=limit, from_end=from_end, cursor=cursor
        )

    def floats(
        self, run_id: str, path: str, *, first_step: float, last_step: float, limit: int | None = None
    ) -> FloatPoints:
        """Return points of a float series in order of step, the first `limit`; none where the run has no such series.

        The columns are arrays. Meant for those who know how much they ask for: there is no page.
        """
        return self._pages.floats(run_id, path, first_step=first_step, last_step=last_step, limit=limit)

    def search(
        self,
        run_id: str,
        path: str,
        wanted: TextSearch,
        *,
        from_end: bool,
        limit: int,
        cursor: str | None,
    ) -> Found:
        """Look for text in a string series; the answer's `next_step` is the next cursor.

        Raises:
            NotThere: the run has no string series at `path`.
            BadQuestion: the cursor or the regular expression makes no sense.
        """
        return self._pages.search(run_id, path, wanted, from_end=from_end, limit=limit, cursor=cursor)

    def file(self, run_id: str, path: str, *, step: float | None) -> File:
        """Return the file at `path`, or the one at a step of a file series (its last one if `step` is None).

        Raises:
            NotThere: there is no such file.
        """
        return self._files.at(run_id, path, step=step)

    def files_below(self, run_id: str, prefix: str) -> list[tuple[Path, File]]:
        """Return the files at and below the path `prefix`, or all files if it is empty; files of series are none.

        Raises:
            NotThere: there is no such run, or it has no file there.
        """
        return self._files.below(run_id, prefix)

    def lineage(self, run_id: str) -> LineageAnswer:
        """Return the runs that belong to a run: where it was forked from, its forks, and its group.

        Raises:
            NotThere: there is no such run.
        """
        return lineage_of(self._meta, self._finder, self.run(run_id))

    def storage(self, *, project: str | None, run_id: str | None) -> StorageAnswer:
        """Return what a run, a project or everything takes of the disk.

        Raises:
            NotThere: there is no such run.
        """
        if run_id is not None:
            self.run(run_id)
        return storage_of(self._meta, self._stored_points, self._blobs, project=project, run_id=run_id)

    def damage(self, error: DamagedPointsError | CorruptBlobError, *, run_id: str, path: str) -> str:
        """Return a sentence on damage that stopped an answer; `run_id` and `path` are those that were asked for."""
        if isinstance(error, CorruptBlobError):
            return damaged_file(self._meta, run_id, path)
        return damaged_points(self._meta, error)

    def read_blob(self, file: File, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes `[start, stop)` of a file.

        Raises:
            NotThere: the store has lost the blob.
            CorruptBlobError: its bytes are not those that were uploaded; raised at the call, or at a later chunk.
        """
        return self._files.read(file, start=start, stop=stop)

    def tail(self, run_id: str, *, after: int, max_points: int | None = None) -> Tail | None:
        """Return what the run's series got after `after`; None if the caller must read afresh, as with too much."""
        return self._points.tail(run_id, after=after, max_points=max_points)

    def series_paths(self, run_id: str) -> dict[int, tuple[str, Kind]]:
        """Return path and kind of every series of the run by attribute id."""
        return self._attributes.series_paths(run_id)

    def _named(self, project: str, paths: Sequence[str]) -> list[ColumnRow]:
        """Return one column per path: where a path has several kinds, the one that most runs have."""
        by_path: dict[str, ColumnRow] = {}
        for column in self._meta.columns_at(project, paths):
            by_path.setdefault(column.path, column)
        return [by_path[path] for path in paths if path in by_path]
