"""The read API's path for what takes the disk."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import Parameter

from marigram.server.query import Query, StorageAnswer


def storage_routes(query: Query) -> Router:
    """Return the route that says what takes the disk, by `query`."""

    @get("/storage", sync_to_thread=True, summary="Say what projects, runs and series take of the disk")
    def storage(
        project: Annotated[str | None, Parameter(description="Only this project, workspace/name.")] = None,
        run: Annotated[str | None, Parameter(description="Only the run with this id, and its series.")] = None,
    ) -> StorageAnswer:
        return query.storage(project=project, run_id=run)

    return Router("", route_handlers=[storage], tags=["read"])
