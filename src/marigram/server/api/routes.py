"""The read API's paths: what each takes and answers. No question is answered here; the query door does that."""

from __future__ import annotations

import math
from typing import Annotated

from litestar import Router, get
from litestar.params import Dependency, Parameter

from marigram.model import Kind, Run, ViewKind
from marigram.server.api import encode
from marigram.server.api.chosen import CHOSEN, Chosen
from marigram.server.api.messages import (
    AttributeInfo,
    AttributePage,
    ColumnList,
    FoundPage,
    Overview,
    PointPage,
    ProjectList,
    RunList,
    RunPage,
    ValueHistory,
    ViewList,
)
from marigram.server.api.naming import path_of, pick_of, sort_of
from marigram.server.query import Query, TextSearch

Limit = Annotated[int, Parameter(ge=1, le=1000, description="Most rows to answer with.")]
Cursor = Annotated[str | None, Parameter(description="Where to continue: the cursor of the answer before.")]
NEWEST_FIRST = "-sys/creation_time"
Step = Annotated[float | None, Parameter(description="Step; both ends of a range are included.")]


def read_routes(query: Query) -> Router:
    """Return the routes that answer questions with `query`."""

    @get("/projects", sync_to_thread=True, summary="List projects")
    def projects() -> ProjectList:
        return ProjectList(projects=[encode.project_info(row) for row in query.projects()])

    @get("/projects/{workspace:str}/{name:str}/runs", sync_to_thread=True, summary="Read a page of the runs table")
    def runs(
        workspace: str,
        name: str,
        chosen: Annotated[Chosen, Dependency()],
        sort: Annotated[
            list[str] | None,
            Parameter(
                description="A path, or what stands for a series: min(train/loss), or as for 'pick'; '-' in front puts "
                "the largest first. Runs without a value are last. Repeat it for more keys, of which the first counts "
                "most. Without any, the newest run is first."
            ),
        ] = None,
        column: list[str] | None = None,
        pick: Annotated[
            list[str] | None,
            Parameter(
                description="A point that stands for a float series: first(train/loss), or accuracy@min(loss), the "
                "value at the step where another series is least, or with max greatest."
            ),
        ] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        trashed: Annotated[bool, Parameter(description="Answer with the runs in the trash instead.")] = False,  # noqa: FBT002 - a parameter of the address
    ) -> RunPage:
        answer = query.runs(
            f"{workspace}/{name}",
            text=chosen.text,
            sort=[sort_of(each) for each in sort or (NEWEST_FIRST,)],
            paths=column,
            cursor=cursor,
            limit=limit,
            query=chosen.query,
            trashed=trashed,
            within=chosen.within,
        )
        picks = list(dict.fromkeys(pick or ()))
        values = query.picker.values([run.id for run in answer.runs], [pick_of(each) for each in picks])
        return encode.run_page(answer, dict(zip(picks, values, strict=True)))

    @get("/projects/{workspace:str}/{name:str}/columns", sync_to_thread=True, summary="Find attributes of a project")
    def columns(workspace: str, name: str, search: str = "", limit: Limit = 100) -> ColumnList:
        found = query.columns(f"{workspace}/{name}", search=search, limit=limit)
        return ColumnList(columns=[encode.column(row) for row in found])

    @get("/projects/{workspace:str}/{name:str}/runs/{key:str}", sync_to_thread=True, summary="Find a run by its key")
    def run_by_key(workspace: str, name: str, key: str) -> Run:
        return query.find_run(f"{workspace}/{name}", key)

    @get("/projects/{workspace:str}/{name:str}/views/{kind:str}", sync_to_thread=True, summary="List the saved views")
    def views(workspace: str, name: str, kind: ViewKind) -> ViewList:
        return ViewList(views=query.views(f"{workspace}/{name}", kind))

    @get("/runs", sync_to_thread=True, summary="List runs of all projects, the newest first")
    def recent_runs(
        search: Annotated[str, Parameter(description="Words of the run's name, key or id, or of its project's.")] = "",
        ended: Annotated[
            bool | None,
            Parameter(description="False: runs that go on. True: runs that have ended, the last end first."),
        ] = None,
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
    ) -> RunList:
        return RunList(runs=query.recent_runs(text=search, ended=ended, limit=limit))

    @get("/runs/{run_id:str}", sync_to_thread=True, summary="Read a run")
    def run(run_id: str) -> Run:
        return query.run(run_id)

    @get("/runs/{run_id:str}/attributes", sync_to_thread=True, summary="Read a page of a run's attributes")
    def attributes(
        run_id: str,
        prefix: str = "",
        search: str = "",
        kind: Annotated[list[Kind] | None, Parameter(description="Only attributes of these kinds.")] = None,
        limit: Limit = 1000,
        cursor: Cursor = None,
    ) -> AttributePage:
        found, more = query.attributes(
            run_id, prefix=prefix, search=search, kinds=kind or (), cursor=cursor, limit=limit
        )
        return AttributePage(attributes=[encode.attribute_info(each) for each in found], cursor=more)

    @get("/runs/{run_id:str}/overview", sync_to_thread=True, summary="Read what a run was given, and what came out")
    def overview(run_id: str) -> Overview:
        found = query.overviews.of(query.run(run_id).id)
        return Overview(
            values=[encode.attribute_info(each) for each in found.values],
            value_count=found.value_count,
            series=[encode.attribute_info(each) for each in found.series],
            series_count=found.series_count,
        )

    @get("/runs/{run_id:str}/attribute", sync_to_thread=True, summary="Read one attribute of a run")
    def attribute(run_id: str, path: str) -> AttributeInfo:
        return encode.attribute_info(query.attribute(run_id, path_of(path)))

    @get("/runs/{run_id:str}/value/history", sync_to_thread=True, summary="Read what a value was earlier")
    def value_history(run_id: str, path: str) -> ValueHistory:
        return encode.value_history(query.earlier_values(run_id, path_of(path)))

    @get("/runs/{run_id:str}/points", sync_to_thread=True, summary="Read points of a series as they were logged")
    def points(
        run_id: str,
        path: str,
        tail: Annotated[int | None, Parameter(ge=1, description="Answer with the last so many points.")] = None,
        limit: Annotated[int, Parameter(ge=1, le=10_000)] = 1000,
        cursor: Cursor = None,
        first_step: Step = None,
        last_step: Step = None,
    ) -> PointPage:
        answer = query.points(
            run_id,
            path_of(path),
            first_step=-math.inf if first_step is None else first_step,
            last_step=math.inf if last_step is None else last_step,
            limit=limit if tail is None else tail,
            from_end=tail is not None,
            cursor=cursor,
        )
        return encode.point_page(answer)

    @get("/runs/{run_id:str}/points/search", sync_to_thread=True, summary="Search a series of texts, like the console")
    def search(
        run_id: str,
        path: str,
        text: Annotated[str, Parameter(min_length=1, max_length=1000)],
        regex: bool = False,  # noqa: FBT001, FBT002 - parameters of the address
        ignore_case: bool = True,  # noqa: FBT001, FBT002
        from_end: bool = False,  # noqa: FBT001, FBT002
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> FoundPage:
        found = query.search(
            run_id,
            path_of(path),
            TextSearch(text=text, regex=regex, ignore_case=ignore_case),
            from_end=from_end,
            limit=limit,
            cursor=cursor,
        )
        return encode.found_page(found)

    handlers = [
        projects,
        runs,
        columns,
        run_by_key,
        views,
        recent_runs,
        run,
        attributes,
        overview,
        attribute,
        value_history,
        points,
        search,
    ]
    return Router("", route_handlers=handlers, dependencies=CHOSEN, tags=["read"])
