"""The read API's paths for comparing runs. No question is answered here; the query door does that."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import Parameter

from marigram.server.api.comparison_messages import DifferenceInfo, DifferenceList, PartingInfo
from marigram.server.api.encode import json_float, json_value
from marigram.server.query import Query, RunDifference


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
        )

    return Router("", route_handlers=[differences], tags=["read"])


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
