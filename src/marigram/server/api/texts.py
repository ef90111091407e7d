"""The read API's paths for string series as a person reads them: by time, and several as one text."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import Parameter
from litestar.response import Stream

from marigram.server.api.files import FILE_POLICY
from marigram.server.api.naming import path_of
from marigram.server.query import Query


class StepAt(msgspec.Struct, frozen=True, kw_only=True):
    """The step of the first point that is not older than a time; null if all are older."""

    step: float | None


def text_routes(query: Query) -> Router:
    """Return the routes that answer with `query.texts`."""

    @get("/runs/{run_id:str}/points/step", sync_to_thread=True, summary="Find where a series of texts was at a time")
    def step_at(
        run_id: str,
        path: str,
        time: Annotated[int, Parameter(description="Milliseconds since 1970-01-01 UTC.")],
    ) -> StepAt:
        return StepAt(step=query.texts.step_at(run_id, path_of(path), time))

    @get("/runs/{run_id:str}/text", sync_to_thread=True, summary="Download series of texts as one, by time")
    def text(
        run_id: str,
        path: Annotated[list[str], Parameter(description="A series of texts; repeat it for more.")],
    ) -> Stream:
        pieces = query.texts.whole(run_id, [path_of(each) for each in path])
        headers = {
            "content-security-policy": FILE_POLICY,
            "content-disposition": 'attachment; filename="console.txt"',
            "cache-control": "no-store",
        }
        return Stream((piece.encode() for piece in pieces), media_type="text/plain", headers=headers)

    return Router("", route_handlers=[step_at, text], tags=["read"])
