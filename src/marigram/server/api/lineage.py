"""The read API's path for the runs that belong to a run."""

from __future__ import annotations

from litestar import Router, get

from marigram.server.query import LineageAnswer, Query


def lineage_routes(query: Query) -> Router:
    """Return the route that finds a run's relatives with `query`."""

    @get("/runs/{run_id:str}/lineage", sync_to_thread=True, summary="Find the runs that belong to a run")
    def lineage(run_id: str) -> LineageAnswer:
        return query.lineage(run_id)

    return Router("", route_handlers=[lineage], tags=["read"])
