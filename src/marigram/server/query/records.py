"""Whole runs, many at once: for answers that hold all that runs have. Any thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from marigram.model import Kind, Run
from marigram.server.query.series import WholeSeries
from marigram.server.store.meta.port import Attribute, MetaStore
from marigram.server.store.points.answers import SeriesSummary


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A run and what it has.

    Attributes:
        run: the run.
        attributes: in order of path.
        summaries: of its float series that have points, by attribute.
    """

    run: Run
    attributes: Sequence[Attribute]
    summaries: Mapping[int, SeriesSummary]


def read_records(
    meta: MetaStore, points: WholeSeries, run_ids: Sequence[str], *, below: Sequence[str] | None
) -> list[RunRecord]:
    """Return the runs that exist, in this order, with what they have at and below these paths, None for all."""
    runs = meta.runs(run_ids)
    held = meta.attributes_of([run.id for run in runs], below=below)
    # Runs that have the same series are asked for together: most runs of a project do.
    alike: dict[tuple[int, ...], list[str]] = {}
    for run in runs:
        series = tuple(each.id for each in held.get(run.id, ()) if each.kind is Kind.FLOAT_SERIES)
        if series:
            alike.setdefault(series, []).append(run.id)
    summaries: dict[str, dict[int, SeriesSummary]] = {}
    for series, having in alike.items():
        for (run_id, attribute), summary in points.summaries(having, series).items():
            summaries.setdefault(run_id, {})[attribute] = summary
    return [RunRecord(run=run, attributes=held.get(run.id, ()), summaries=summaries.get(run.id, {})) for run in runs]
