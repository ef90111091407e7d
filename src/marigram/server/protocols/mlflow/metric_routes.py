"""Endpoints about the histories of metrics."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from marigram.model import FloatPoints
from marigram.server.protocols.mlflow.encode import number_of
from marigram.server.protocols.mlflow.endpoints import Endpoint
from marigram.server.protocols.mlflow.errors import invalid
from marigram.server.protocols.mlflow.messages.metrics import (
    BulkHistory,
    GetHistory,
    GetHistoryBulk,
    GetHistoryBulkInterval,
    History,
    MetricOfRun,
)
from marigram.server.protocols.mlflow.messages.runs import MetricAnswer
from marigram.server.protocols.mlflow.paging import checked_most
from marigram.server.protocols.mlflow.reading import Asked, missing_parameter, required
from marigram.server.protocols.mlflow.run_filters import metric_paths
from marigram.server.protocols.mlflow.run_writing import run_id_of
from marigram.server.protocols.mlflow.steps import last_place
from marigram.server.query import Query

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_ROWS = 25_000
"""Of one page of a history, and of all runs of a bulk question together."""

MOST_WHOLE = 1_000_000
"""Of a history that is asked for without a limit, which no client of MLflow's does: some 70 MB of JSON."""

MOST_RUNS = 100
MOST_SAMPLES = 2_500
DEFAULT_SAMPLES = 320

Columns = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.float64]"]
"""Steps, times and values of points."""


class MetricRoutes:
    """Reads histories."""

    def __init__(self, *, query: Query) -> None:
        self._query = query

    def endpoints(self) -> list[Endpoint]:
        """Return what answers."""
        return [
            Endpoint("GET", "metrics/get-history", self._history),
            Endpoint("GET", "metrics/get-history-bulk", self._bulk),
            Endpoint("GET", "metrics/get-history-bulk-interval", self._interval),
        ]

    async def _history(self, asked: Asked) -> History:
        message = await asked.message(GetHistory)
        run_id, key = run_id_of(message), required(message.metric_key, "metric_key")
        most = MOST_WHOLE
        if message.max_results is not None:
            most = checked_most(message.max_results, default=MOST_ROWS, most=MOST_ROWS)
        after = _place_of(message.page_token)

        def read() -> History:
            first = -math.inf if after is None else math.nextafter(after, math.inf)
            points = self._points(run_id, key, first_step=first, limit=most + 1)
            token = None
            if len(points.steps) > most:
                points = FloatPoints(steps=points.steps[:most], times=points.times[:most], values=points.values[:most])
                # The next page begins after a place, so it is the same whatever was logged meanwhile.
                token = repr(float(points.steps[-1]))
            rows = zip(*(column.tolist() for column in _columns(points)), strict=True)
            metrics = [
                MetricAnswer(key=key, value=number_of(value), timestamp=time, step=step) for step, time, value in rows
            ]
            return History(metrics=metrics, next_page_token=token)

        return await asyncio.to_thread(read)

    async def _bulk(self, asked: Asked) -> BulkHistory:
        message = await asked.message(GetHistoryBulk)
        key, run_ids = required(message.metric_key, "metric_key"), _runs(message.run_id or message.run_ids, "run_id")
        most = checked_most(message.max_results, default=MOST_ROWS, most=MOST_ROWS)

        def read() -> BulkHistory:
            found: list[MetricOfRun] = []
            for run_id in sorted(run_ids):
                points = self._points(run_id, key, limit=most - len(found))
                found.extend(_of_run(run_id, key, _columns(points)))
                if len(found) >= most:
                    break
            return BulkHistory(metrics=found)

        return await asyncio.to_thread(read)

    async def _interval(self, asked: Asked) -> BulkHistory:
        message = await asked.message(GetHistoryBulkInterval)
        key, run_ids = required(message.metric_key, "metric_key"), _runs(message.run_ids, "run_ids")
        start, end = message.start_step, message.end_step
        if (start is None) is not (end is None):
            error = "If either start step or end step are specified, both must be specified."
            raise invalid(error)
        if start is not None and end is not None and start > end:
            error = f"end_step must be greater than start_step. Found start_step={start} and end_step={end}."
            raise invalid(error)
        most = checked_most(message.max_results, default=DEFAULT_SAMPLES, most=MOST_SAMPLES)

        def read() -> BulkHistory:
            found: list[MetricOfRun] = []
            for run_id in run_ids:
                points = self._points(
                    run_id,
                    key,
                    first_step=-math.inf if start is None else float(start),
                    last_step=math.inf if end is None else last_place(end),
                )
                found.extend(_of_run(run_id, key, _columns(_sampled(points, most))))
            return BulkHistory(metrics=found)

        return await asyncio.to_thread(read)

    def _points(
        self,
        run_id: str,
        key: str,
        *,
        first_step: float = -math.inf,
        last_step: float = math.inf,
        limit: int | None = None,
    ) -> FloatPoints:
        for path in metric_paths(key):
            found = self._query.floats(run_id, path, first_step=first_step, last_step=last_step, limit=limit)
            if len(found.steps):
                return found
        return FloatPoints(steps=[], times=[], values=[])


def _columns(points: FloatPoints) -> Columns:
    """Return the points in MLflow's order: by time, then step, then value."""
    steps = np.floor(np.asarray(points.steps, np.float64)).astype(np.int64)
    times = np.asarray(points.times, np.int64)
    values = np.asarray(points.values, np.float64)
    order = np.lexsort((values, steps, times))
    return steps[order], times[order], values[order]


def _of_run(run_id: str, key: str, columns: Columns) -> list[MetricOfRun]:
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        MetricOfRun(run_id=run_id, key=key, value=number_of(value), timestamp=time, step=step)
        for step, time, value in rows
    ]


def _sampled(points: FloatPoints, most: int) -> FloatPoints:
    """Return at most so many points, evenly spread; the first and the last one are among them."""
    count = len(points.steps)
    if count <= most:
        return points
    rows = np.arange(most, dtype=np.int64) * (count - 1) // (most - 1) if most > 1 else np.array([count - 1])
    return FloatPoints(
        steps=np.asarray(points.steps)[rows].tolist(),
        times=np.asarray(points.times)[rows].tolist(),
        values=np.asarray(points.values)[rows].tolist(),
    )


def _runs(run_ids: Sequence[str], name: str) -> list[str]:
    if not run_ids:
        raise missing_parameter(name)
    if len(run_ids) > MOST_RUNS:
        message = f"GetMetricHistoryBulk request cannot specify more than {MOST_RUNS} run_ids. Received {len(run_ids)}."
        raise invalid(message)
    return list(dict.fromkeys(run_ids))


def _place_of(token: str | None) -> float | None:
    if not token:
        return None
    try:
        place = float(token)
    except ValueError:
        place = math.nan
    if math.isnan(place):
        message = f"Invalid page token {token[:80]!r}. Begin without one."
        raise invalid(message)
    return place
