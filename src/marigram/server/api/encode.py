"""Query answers → the shapes of the read API. Pure."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

import msgspec
import numpy as np
from numpy.typing import NDArray
from typing_extensions import assert_never

from marigram.model import File, FilePoints, FloatPoints, HistogramPoints, StringPoints, Value
from marigram.server.api.messages import (
    AttributeInfo,
    Column,
    CrossedSeries,
    EarlierValueInfo,
    FoundPage,
    GroupBand,
    GroupedNumber,
    JsonFloat,
    JsonValue,
    PointPage,
    PointRow,
    ProjectInfo,
    RunGroupInfo,
    RunGroupPage,
    RunPage,
    RunRow,
    SeriesBuckets,
    SeriesInfo,
    ValueHistory,
)
from marigram.server.query import (
    AttributeAnswer,
    ColumnRow,
    CrossAnswer,
    EarlierValue,
    Found,
    GroupAnswer,
    PointsAnswer,
    ProjectRow,
    RunGroupsAnswer,
    RunsAnswer,
    SeriesAnswer,
    SeriesSummary,
)

COLUMNS_MEDIA_TYPE = "application/vnd.marigram.columns"
BUCKET_COLUMNS = (
    "step_first",
    "step_last",
    "time_first",
    "time_last",
    "first",
    "last",
    "min",
    "max",
    "mean",
    "count",
    "nan_count",
    "inf_count",
)
"""The order of the columns of one series in a binary answer."""

GROUP_COLUMNS = ("step", "mean", "deviation", "error", "min", "max", "runs")
CROSS_COLUMNS = ("step", "x", "mean", "min", "max", "count")

_ALIGNMENT = 8


def json_float(value: float) -> JsonFloat:
    """Return `value`, or its name where JSON has no number for it."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def json_value(value: Value) -> JsonValue:
    """Return `value` as JSON can carry it."""
    match value:
        case bool() | int() | str():
            return value
        case float():
            return json_float(value)
        case datetime():
            return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case frozenset():
            return sorted(value)
        case _:
            assert_never(value)


def series_info(summary: SeriesSummary) -> SeriesInfo:
    """Return a series in one line."""
    last = summary.last
    return SeriesInfo(
        count=summary.count,
        first_step=summary.first_step,
        last_step=summary.last_step,
        last_time=summary.last_time,
        last=None if isinstance(last, File) else json_float(last) if isinstance(last, float) else last,
        min=summary.min,
        max=summary.max,
        mean=summary.mean,
        variance=summary.variance,
        nan_count=summary.nan_count,
        inf_count=summary.inf_count,
        min_step=summary.min_step,
        max_step=summary.max_step,
    )


def attribute_info(answer: AttributeAnswer) -> AttributeInfo:
    """Return an attribute."""
    attribute = answer.attribute
    return AttributeInfo(
        path=attribute.path,
        kind=attribute.kind,
        value=None if attribute.value is None else json_value(attribute.value),
        series=None if answer.summary is None else series_info(answer.summary),
        file=attribute.file,
    )


def value_history(earlier: Sequence[EarlierValue]) -> ValueHistory:
    """Return what a value was earlier."""
    return ValueHistory(
        earlier=[
            EarlierValueInfo(
                kind=each.kind, value=json_value(each.value), replaced_at=each.replaced_at, writer=each.writer
            )
            for each in earlier
        ]
    )


def run_group_page(answer: RunGroupsAnswer) -> RunGroupPage:
    """Return a page of groups."""
    groups = [
        RunGroupInfo(
            keys=[None if key is None else json_value(key) for key in group.keys],
            run_count=group.run_count,
            measures=[
                GroupedNumber(
                    count=each.count, mean=_json_float(each.mean), min=_json_float(each.min), max=_json_float(each.max)
                )
                for each in group.numbers
            ],
        )
        for group in answer.groups
    ]
    return RunGroupPage(groups=groups, total=answer.total, run_count=answer.run_count, cursor=answer.cursor)


def _json_float(value: float | None) -> JsonFloat | None:
    return None if value is None else json_float(value)


def column(row: ColumnRow) -> Column:
    """Return a column."""
    return Column(path=row.path, kind=row.kind, run_count=row.run_count)


def project_info(row: ProjectRow) -> ProjectInfo:
    """Return a project."""
    return ProjectInfo(
        name=row.name,
        run_count=row.run_count,
        running_count=row.running_count,
        created_at=row.created_at,
        heard_at=row.heard_at,
    )


def run_page(answer: RunsAnswer, picked: Mapping[str, Sequence[float | None]]) -> RunPage:
    """Return a page of the runs table; `picked` are the values of each pick, in the order of the runs."""
    rows = [
        RunRow(
            run=run,
            cells={path: attribute_info(cell) for path, cell in answer.cells.get(run.id, {}).items()},
            picked={pick: json_float(value) for pick, values in picked.items() if (value := values[at]) is not None},
        )
        for at, run in enumerate(answer.runs)
    ]
    return RunPage(
        rows=rows, columns=[column(each) for each in answer.columns], total=answer.total, cursor=answer.cursor
    )


def point_page(answer: PointsAnswer) -> PointPage:
    """Return a page of points."""
    points = answer.points
    steps, times = (_listed(points.steps), _listed(points.times))
    rows: list[PointRow]
    match points:
        case FloatPoints():
            values = [json_float(value) for value in _listed(points.values)]
            rows = [PointRow(step=s, time=int(t), value=v) for s, t, v in zip(steps, times, values, strict=True)]
        case StringPoints():
            rows = [PointRow(step=s, time=int(t), value=v) for s, t, v in zip(steps, times, points.values, strict=True)]
        case FilePoints():
            rows = [PointRow(step=s, time=int(t), file=f) for s, t, f in zip(steps, times, points.values, strict=True)]
        case HistogramPoints():
            listed = zip(steps, times, points.values, strict=True)
            rows = [PointRow(step=s, time=int(t), histogram=h) for s, t, h in listed]
        case _:
            assert_never(points)
    return PointPage(kind=answer.kind, points=rows, total=answer.total, cursor=answer.cursor, position=answer.position)


def found_page(found: Found) -> FoundPage:
    """Return what a search has found."""
    points = found.points
    return FoundPage(
        points=[
            PointRow(step=step, time=time, value=value)
            for step, time, value in zip(points.steps, points.times, points.values, strict=True)
        ],
        cursor=None if found.next_step is None else repr(found.next_step),
        scanned=found.scanned,
    )


def series_buckets(answer: SeriesAnswer) -> SeriesBuckets:
    """Return buckets as JSON columns."""
    buckets = answer.buckets
    return SeriesBuckets(
        run_id=answer.run_id,
        path=answer.path,
        step_first=buckets.step_first.tolist(),
        step_last=buckets.step_last.tolist(),
        time_first=buckets.time_first.tolist(),
        time_last=buckets.time_last.tolist(),
        first=_json_floats(buckets.first),
        last=_json_floats(buckets.last),
        min=_json_floats(buckets.min),
        max=_json_floats(buckets.max),
        mean=_json_floats(buckets.mean),
        count=buckets.count.tolist(),
        nan_count=buckets.nan_count.tolist(),
        inf_count=buckets.inf_count.tolist(),
    )


def group_band(answer: GroupAnswer) -> GroupBand:
    """Return a group as JSON columns."""
    columns = answer.columns
    return GroupBand(
        path=answer.path,
        run_ids=list(answer.run_ids),
        step=columns.step.tolist(),
        mean=_json_floats(columns.mean),
        deviation=_json_floats(columns.deviation),
        error=_json_floats(columns.error),
        min=columns.min.tolist(),
        max=columns.max.tolist(),
        runs=columns.runs.tolist(),
    )


def crossed_series(answer: CrossAnswer) -> CrossedSeries:
    """Return a series over another as JSON columns."""
    columns = answer.columns
    return CrossedSeries(
        run_id=answer.run_id,
        path=answer.path,
        step=columns.step.tolist(),
        x=columns.x.tolist(),
        mean=columns.mean.tolist(),
        min=columns.min.tolist(),
        max=columns.max.tolist(),
        count=columns.count.tolist(),
    )


def buckets_body(answers: Sequence[SeriesAnswer], position: int) -> bytes:
    """Return buckets as bytes, see `columns_body`; the columns of each stand in the order of `BUCKET_COLUMNS`."""
    labels = [{"run_id": answer.run_id, "path": answer.path} for answer in answers]
    return columns_body("series", labels, [answer.buckets for answer in answers], BUCKET_COLUMNS, position)


def groups_body(answers: Sequence[GroupAnswer], position: int) -> bytes:
    """Return groups as bytes, see `columns_body`; the columns of each stand in the order of `GROUP_COLUMNS`."""
    labels = [{"path": answer.path, "run_ids": answer.run_ids} for answer in answers]
    return columns_body("groups", labels, [answer.columns for answer in answers], GROUP_COLUMNS, position)


def crossed_body(answers: Sequence[CrossAnswer], position: int) -> bytes:
    """Return series over another as bytes, see `columns_body`; the columns of each are those of `CROSS_COLUMNS`."""
    labels = [{"run_id": answer.run_id, "path": answer.path} for answer in answers]
    return columns_body("series", labels, [answer.columns for answer in answers], CROSS_COLUMNS, position)


def columns_body(
    name: str,
    labels: Sequence[Mapping[str, object]],
    tables: Sequence[msgspec.Struct],
    columns: Sequence[str],
    position: int,
) -> bytes:
    """Return tables as bytes: u32 header length, JSON header, zeros up to a multiple of 8, then float64 columns.

    Everything is little-endian. The header has the live position and under `name` the label of each table with its
    `rows`. Times in milliseconds and counts fit a float64 exactly.
    """
    arrays: list[list[NDArray[np.float64] | NDArray[np.int64]]] = [
        [getattr(table, column) for column in columns] for table in tables
    ]
    rows = [{**label, "rows": len(of_table[0])} for label, of_table in zip(labels, arrays, strict=True)]
    header = msgspec.json.encode({"position": position, name: rows})
    start = struct.pack("<I", len(header)) + header
    parts = [start, bytes(-len(start) % _ALIGNMENT)]
    parts.extend(array.astype("<f8", copy=False).tobytes() for of_table in arrays for array in of_table)
    return b"".join(parts)


def _json_floats(column: NDArray[np.float64]) -> list[JsonFloat]:
    if bool(np.isfinite(column).all()):
        return column.tolist()
    return [json_float(value) for value in column.tolist()]


def _listed(column: Sequence[float] | Sequence[int]) -> list[float]:
    tolist = getattr(column, "tolist", None)
    return tolist() if tolist is not None else list(column)
