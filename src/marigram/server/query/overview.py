"""What a run was about, on one page: what it was given and what came out, without what tools say of it. Any thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from marigram.model import Kind, Path
from marigram.model.value import SERIES_KINDS
from marigram.server.query.answers import AttributeAnswer
from marigram.server.query.paths import people_key
from marigram.server.store.meta.port import MetaStore

MOST_SHOWN = 200
"""Attributes of each sort that an overview holds: more are looked for, not read."""

_TOLD_BY_TOOLS = ("annotations/", "monitoring/", "source_code/", "sys/")
_VALUES = tuple(kind for kind in Kind if kind not in SERIES_KINDS and kind is not Kind.FILE)

Cells = Callable[[str, Sequence[str]], Mapping[str, AttributeAnswer]]
"""What a run has at paths, by path."""


class OverviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The first values and float series that a script logged, in the order for people, and how many there are."""

    values: list[AttributeAnswer]
    value_count: int
    series: list[AttributeAnswer]
    series_count: int


class Overviews:
    """Makes overviews."""

    def __init__(self, *, meta: MetaStore, cells: Cells) -> None:
        self._meta = meta
        self._cells = cells

    def of(self, run_id: str) -> OverviewAnswer:
        """Return the overview of a run; one that is unknown has nothing."""
        known = self._meta.paths([run_id], kinds=(*_VALUES, Kind.FLOAT_SERIES))
        own = [(path, kind) for path, kind in known if not path.startswith(_TOLD_BY_TOOLS)]
        values = [path for path, kind in own if kind is not Kind.FLOAT_SERIES]
        series = [path for path, kind in own if kind is Kind.FLOAT_SERIES]
        return OverviewAnswer(
            values=self._first(run_id, values),
            value_count=len(values),
            series=self._first(run_id, series),
            series_count=len(series),
        )

    def _first(self, run_id: str, paths: Sequence[Path]) -> list[AttributeAnswer]:
        first = sorted(paths, key=people_key)[:MOST_SHOWN]
        cells = self._cells(run_id, first)
        # What was deleted since its path was read is left out.
        return [cells[path] for path in first if path in cells]
