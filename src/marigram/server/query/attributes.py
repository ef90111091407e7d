"""What runs have at paths: attributes, a series with its summary. Any thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from marigram.model import Kind, Run
from marigram.model.value import SERIES_KINDS
from marigram.server.query.answers import AttributeAnswer, NotThere
from marigram.server.query.series import WholeSeries
from marigram.server.store.meta.port import Attribute, MetaStore
from marigram.server.store.points.answers import SeriesSummary

FindRun = Callable[[str], Run]
"""Returns the run with an id; raises `NotThere` if there is none."""


class Attributes:
    """Reads attributes."""

    def __init__(self, *, meta: MetaStore, points: WholeSeries, run: FindRun) -> None:
        self._meta = meta
        self._points = points
        self._run = run

    def page(
        self, run_id: str, *, prefix: str, search: str, kinds: Sequence[Kind], cursor: str | None, limit: int
    ) -> tuple[list[AttributeAnswer], str | None]:
        """Return attributes of a run in order of path, of these kinds if there are any, and where to continue.

        Raises:
            NotThere: there is no such run.
        """
        self._run(run_id)
        found = self._meta.attributes(
            run_id, prefix=prefix, search=search, kinds=kinds, after=cursor or "", limit=limit
        )
        more = found[-1].path if len(found) == limit else None
        return self._with_summaries(run_id, found), more

    def at(self, run_id: str, path: str) -> AttributeAnswer:
        """Return what the run has at `path`.

        Raises:
            NotThere: there is no such run, or it has nothing there.
        """
        found = self._meta.attribute(run_id, path)
        if found is None:
            self._run(run_id)
            message = f"The run has nothing at {path!r}. Look at its attributes for the paths there are."
            raise NotThere(message)
        return self._with_summaries(run_id, [found])[0]

    def of_runs(self, run_ids: Sequence[str], paths: Sequence[str]) -> dict[str, dict[str, AttributeAnswer]]:
        """Return what runs have at these paths, by run and path; a run that has nothing there is left out."""
        if not run_ids or not paths:
            return {}
        found = self._meta.cells(run_ids, paths)
        series = sorted({attribute.id for attribute in found.values() if attribute.kind in SERIES_KINDS})
        summaries: Mapping[tuple[str, int], SeriesSummary] = self._points.summaries(run_ids, series) if series else {}
        cells: dict[str, dict[str, AttributeAnswer]] = {}
        for (run_id, path), attribute in found.items():
            summary = summaries.get((run_id, attribute.id))
            cells.setdefault(run_id, {})[path] = AttributeAnswer(attribute=attribute, summary=summary)
        return cells

    def series_paths(self, run_id: str) -> dict[int, tuple[str, Kind]]:
        """Return path and kind of every series of the run by attribute id."""
        found: dict[int, tuple[str, Kind]] = {}
        after = ""
        while True:
            page = self._meta.attributes(run_id, after=after, limit=1000)
            found.update({each.id: (each.path, each.kind) for each in page if each.kind in SERIES_KINDS})
            if not page:
                return found
            after = page[-1].path

    def _with_summaries(self, run_id: str, attributes: Sequence[Attribute]) -> list[AttributeAnswer]:
        series = [attribute.id for attribute in attributes if attribute.kind in SERIES_KINDS]
        summaries: dict[tuple[str, int], SeriesSummary] = {}
        if series:
            summaries.update(self._points.summaries([run_id], series))
        return [
            AttributeAnswer(attribute=attribute, summary=summaries.get((run_id, attribute.id)))
            for attribute in attributes
        ]
