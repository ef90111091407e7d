"""The read API's paths for charts. Each answers in JSON, or in binary columns to a caller who accepts those."""

from __future__ import annotations

import math
from typing import Annotated, Any

from litestar import Request, Response, Router, get
from litestar.di import Provide
from litestar.params import Parameter

from marigram.server.api import encode
from marigram.server.api.messages import BucketsAnswer, CrossedAnswer, GroupsAnswer
from marigram.server.api.naming import path_of
from marigram.server.api.routes import Step
from marigram.server.query import MAX_BESIDE, BadQuestion, Beside, Query, StepRange, TimeRange

MaxBuckets = Annotated[int, Parameter(ge=2, le=20_000, description="Most points per line.")]
Time = Annotated[float | None, Parameter(description="Milliseconds; both ends of a range are included.")]
Zero = Annotated[
    str, Parameter(pattern="^(epoch|creation)$", description="Times count from 1970-01-01 UTC, or each run's creation.")
]
Points = Annotated[
    int, Parameter(ge=0, le=MAX_BESIDE, description="Points of each line that come along from beside the stretch.")
]


def _times(first_time: Time = None, last_time: Time = None, time_zero: Zero = "epoch") -> TimeRange | None:
    if first_time is None and last_time is None:
        return None
    if (first_time is not None and math.isnan(first_time)) or (last_time is not None and math.isnan(last_time)):
        message = "NaN is no time. Ask for a range between two numbers of milliseconds."
        raise BadQuestion(message)
    return TimeRange(
        first=-math.inf if first_time is None else first_time,
        last=math.inf if last_time is None else last_time,
        since_creation=time_zero == "creation",
    )


def _beside(points_before: Points = 0, points_after: Points = 0) -> Beside:
    return Beside(before=points_before, after=points_after)


_STRETCH = {"times": Provide(_times, sync_to_thread=False), "beside": Provide(_beside, sync_to_thread=False)}


def chart_routes(query: Query) -> Router:
    """Return the routes that answer charts with `query`."""

    @get(
        "/series/buckets",
        sync_to_thread=True,
        dependencies=_STRETCH,
        summary="Read series downsampled for a chart",
    )
    def buckets(
        request: Request[Any, Any, Any],
        run: list[str],
        path: list[str],
        times: TimeRange | None,
        beside: Beside,
        first_step: Step = None,
        last_step: Step = None,
        max_buckets: MaxBuckets = 1000,
    ) -> Response[BucketsAnswer]:
        position = query.position()
        answers = query.charts.buckets(
            run,
            [path_of(each) for each in path],
            steps=_steps(first_step, last_step),
            times=times,
            max_buckets=max_buckets,
            beside=beside,
        )
        if _wants_columns(request):
            return _binary(encode.buckets_body(answers, position))
        return Response(BucketsAnswer(series=[encode.series_buckets(each) for each in answers], position=position))

    @get("/series/groups", sync_to_thread=True, summary="Read series of several runs as one line with a band")
    def groups(
        request: Request[Any, Any, Any],
        run: list[str],
        path: list[str],
        first_step: Step = None,
        last_step: Step = None,
        max_buckets: MaxBuckets = 1000,
    ) -> Response[GroupsAnswer]:
        position = query.position()
        answers = query.charts.groups(
            run, [path_of(each) for each in path], steps=_steps(first_step, last_step), max_buckets=max_buckets
        )
        if _wants_columns(request):
            return _binary(encode.groups_body(answers, position))
        return Response(GroupsAnswer(groups=[encode.group_band(each) for each in answers], position=position))

    @get("/series/crossed", sync_to_thread=True, summary="Read series over another series of the same run")
    def crossed(
        request: Request[Any, Any, Any],
        run: list[str],
        path: list[str],
        over: Annotated[str, Parameter(description="Path of the series that is the axis.")],
        first_step: Step = None,
        last_step: Step = None,
        max_buckets: MaxBuckets = 1000,
    ) -> Response[CrossedAnswer]:
        position = query.position()
        answers = query.charts.crossings(
            run,
            [path_of(each) for each in path],
            over=path_of(over),
            steps=_steps(first_step, last_step),
            max_buckets=max_buckets,
        )
        if _wants_columns(request):
            return _binary(encode.crossed_body(answers, position))
        return Response(CrossedAnswer(series=[encode.crossed_series(each) for each in answers], position=position))

    return Router("", route_handlers=[buckets, groups, crossed], tags=["read"])


def _steps(first: float | None, last: float | None) -> StepRange:
    return StepRange(first=-math.inf if first is None else first, last=math.inf if last is None else last)


def _wants_columns(request: Request[Any, Any, Any]) -> bool:
    return encode.COLUMNS_MEDIA_TYPE in request.headers.get("accept", "")


def _binary(body: bytes) -> Response[Any]:
    return Response(body, media_type=encode.COLUMNS_MEDIA_TYPE)
