"""The read API's paths for finding series. No question is answered here; the query door does that."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.di import Provide
from litestar.params import Dependency, Parameter

from marigram.model import Kind
from marigram.server.api.messages import PathPage, PathSection, PathSectionList
from marigram.server.api.routes import Cursor, Limit
from marigram.server.query import PathQuestion, Query

_MOST_RUNS = 1000
"""Runs in one question; their ids still fit into an address."""


def path_routes(query: Query) -> Router:
    """Return the routes that find series with `query`."""

    @get("/series/sections", sync_to_thread=True, summary="Find series of runs, in sections by namespace")
    def sections(
        asked: Annotated[PathQuestion, Dependency()],
        start: Annotated[int, Parameter(ge=0, description="How many sections to leave out.")] = 0,
        limit: Limit = 100,
        per_section: Annotated[int, Parameter(ge=0, le=1000, description="Most paths that come with a section.")] = 96,
        at_once: Annotated[
            int, Parameter(ge=0, le=1000, description="When so many paths have come, later sections bring none.")
        ] = 300,
    ) -> PathSectionList:
        found = query.paths.sections(asked, start=start, limit=limit, per_section=per_section, at_once=at_once)
        return PathSectionList(
            sections=[PathSection(name=each.name, count=each.count, paths=[*each.paths]) for each in found.sections],
            section_count=found.section_count,
            path_count=found.path_count,
            all_count=found.all_count,
            run_count=found.run_count,
        )

    @get("/series/paths", sync_to_thread=True, summary="Find series of runs, page by page")
    def paths(
        asked: Annotated[PathQuestion, Dependency()],
        section: Annotated[str | None, Parameter(description="Only paths of this section.")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> PathPage:
        found, more = query.paths.page(asked, section=section, after=cursor, limit=limit)
        return PathPage(paths=[*found], cursor=more)

    return Router(
        "",
        route_handlers=[sections, paths],
        dependencies={"asked": Provide(_asked, sync_to_thread=False)},
        tags=["read"],
    )


def _asked(
    run: Annotated[list[str], Parameter(description="Ids of runs.", max_items=_MOST_RUNS)],
    kind: Annotated[list[Kind] | None, Parameter(description="Kinds of series; float series without any.")] = None,
    search: Annotated[str, Parameter(description="Words of the path, or a /regular expression/.")] = "",
    path: Annotated[list[str] | None, Parameter(description="Nothing but these paths.", max_items=100)] = None,
    below: Annotated[str, Parameter(description="Only what is at or below this path.")] = "",
    beside: Annotated[str, Parameter(description="Nothing that is at or below this path.")] = "",
    depth: Annotated[int, Parameter(ge=1, le=10, description="How many segments name a section.")] = 1,
) -> PathQuestion:
    return PathQuestion(
        run_ids=run,
        kinds=kind or (Kind.FLOAT_SERIES,),
        text=search,
        only=frozenset(path or ()),
        below=below,
        beside=beside,
        depth=depth,
    )
