"""What the server has to say to the processes of a run: the paths by which they wait for it."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from marigram.server.ingest import Ingest
from marigram.wire import Commands, StopCommand

MAX_WAIT_S = 60.0
"""Longer silence than this is cut by some proxies."""


def command_routes(ingest: Ingest) -> Router:
    """Return the routes by which a run's processes hear of commands from `ingest`."""

    @get("/runs/{run_id:str}/commands", summary="Wait for what a run shall do")
    async def commands(
        run_id: str,
        after: Annotated[int, Parameter(ge=0, description="Number of the newest command that is known.")] = 0,
        wait_s: Annotated[float, Parameter(ge=0, le=MAX_WAIT_S, description="How long to wait for one.")] = 0.0,
    ) -> Commands:
        found = await ingest.wait_for_stop(run_id, after=after, timeout_s=wait_s)
        if found is None:
            return Commands()
        stop, age_s = found
        return Commands(stop=StopCommand(number=stop.number, how=stop.how.value, grace_s=stop.grace_s, age_s=age_s))

    @post(
        "/runs/{run_id:str}/commands/{number:int}/delivered",
        status_code=HTTP_204_NO_CONTENT,
        sync_to_thread=True,
        summary="Say that a command was delivered",
    )
    def delivered(run_id: str, number: int) -> None:
        ingest.note_delivery(run_id, number)

    return Router("", route_handlers=[commands, delivered])
