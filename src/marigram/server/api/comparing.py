"""The read API's paths for comparing runs. No question is answered here; the query door does that."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import Parameter

from marigram.server.api.comparison_messages import (
    DifferenceInfo,
    DifferenceList,
    ImportanceInfo,
    ImportanceList,
    ParameterGroupInfo,
    PartingInfo,
)
from marigram.server.api.encode import json_float, json_value
from marigram.server.api.messages import RunList
from marigram.server.api.naming import measure_of
from marigram.server.query import Importance, ImportanceQuestion, Query, RunDifference

MOST_COMPARED = 1000
"""Runs in one question; their ids still fit into an address."""


def comparing_routes(query: Query) -> Router:
    """Return the routes that compare runs with `query`."""

    @get("/runs/{run_id:str}/differences", sync_to_thread=True, summary="Say what changed between two runs")
    def differences(
        run_id: str, baseline: Annotated[str, Parameter(description="Id of the run that it is compared with.")]
    ) -> DifferenceList:
        run, other = query.run(run_id), query.run(baseline)
        answer = query.comparer.differences(run.id, other.id)
        return DifferenceList(
            differences=[_difference(each) for each in answer.differences],
            left_out=answer.left_out,
            series_alike=answer.series_alike,
            series_left_out=answer.series_left_out,
            is_whole=answer.is_whole,
        )

    @get("/projects/{workspace:str}/{name:str}/importance", sync_to_thread=True, summary="Rank parameters by a target")
    def importance(
        workspace: str,
        name: str,
        target: Annotated[str, Parameter(description="A path, or an aggregate of a series: min(train/loss).")],
        run: Annotated[list[str] | None, Parameter(description="Ids of runs; without any, all of the project.")] = None,
        search: str = "",
        wanted: Annotated[str, Parameter(query="query", description="Which runs, in the query language.")] = "",
    ) -> ImportanceList:
        asked = ImportanceQuestion(target=measure_of(target), run_ids=run, text=search, query=wanted)
        answer = query.ranker.importance(f"{workspace}/{name}", asked)
        return ImportanceList(
            parameters=[_importance(each) for each in answer.parameters],
            run_count=answer.run_count,
            measured_count=answer.measured_count,
        )

    @get("/projects/{workspace:str}/{name:str}/compared", sync_to_thread=True, summary="Read runs by their ids or keys")
    def compared(
        workspace: str,
        name: str,
        run: Annotated[
            list[str], Parameter(description="Ids of runs, or keys of runs of the project.", max_items=MOST_COMPARED)
        ],
    ) -> RunList:
        return RunList(runs=query.named_runs(f"{workspace}/{name}", run))

    return Router("", route_handlers=[differences, importance, compared], tags=["read"])


def _difference(each: RunDifference) -> DifferenceInfo:
    parting = each.parting
    return DifferenceInfo(
        area=each.area,
        path=each.path,
        before=None if each.before is None else json_value(each.before),
        after=None if each.after is None else json_value(each.after),
        weight=each.weight,
        details=list(each.details),
        parting=None
        if parting is None
        else PartingInfo(
            step=parting.step,
            differs_at=parting.differs_at,
            limit=json_float(parting.limit),
            last_step=parting.last_step,
        ),
    )


def _importance(each: Importance) -> ImportanceInfo:
    return ImportanceInfo(
        path=each.path,
        importance=each.importance,
        correlation=each.correlation,
        run_count=each.run_count,
        distinct=each.distinct,
        groups=[
            ParameterGroupInfo(
                low=json_value(group.low),
                high=json_value(group.high),
                run_count=group.run_count,
                median=json_float(group.median),
            )
            for group in each.groups
        ],
    )
