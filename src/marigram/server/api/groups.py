"""The read API's path for groups of runs. No question is answered here; the query door does that."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import Dependency, Parameter

from marigram.server.api import encode
from marigram.server.api.chosen import CHOSEN, Chosen
from marigram.server.api.messages import RunGroupPage
from marigram.server.api.naming import group_key_of, measure_of
from marigram.server.api.routes import Cursor, Limit
from marigram.server.query import BadQuestion, GroupQuestion, GroupSort, Query

_SORTS = ", ".join(each.value for each in GroupSort)


def group_routes(query: Query) -> Router:
    """Return the route that answers with groups of runs."""

    @get("/projects/{workspace:str}/{name:str}/groups", sync_to_thread=True, summary="Read a page of groups of runs")
    def groups(
        workspace: str,
        name: str,
        chosen: Annotated[Chosen, Dependency()],
        by: Annotated[
            list[str],
            Parameter(
                description="What the runs of a group have the same of: paths, or what stands for series, as an order "
                "of runs names it."
            ),
        ],
        measure: Annotated[
            list[str] | None,
            Parameter(description="What is averaged: paths, or what stands for series, as an order of runs names it."),
        ] = None,
        sort: Annotated[str, Parameter(description=f"One of {_SORTS}; after '-', the largest comes first.")] = "-count",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> RunGroupPage:
        asked = GroupQuestion(
            by=[group_key_of(each) for each in by],
            measures=[measure_of(each) for each in measure or ()],
            text=chosen.text,
            query=chosen.query,
            within=chosen.within,
            sort=_sort(sort.removeprefix("-")),
            descending=sort.startswith("-"),
        )
        return encode.run_group_page(query.groups(f"{workspace}/{name}", asked, cursor=cursor, limit=limit))

    return Router("", route_handlers=[groups], dependencies=CHOSEN, tags=["read"])


def _sort(text: str) -> GroupSort:
    try:
        return GroupSort(text)
    except ValueError:
        message = f"Groups can't be sorted by {text[:40]!r}. Use one of {_SORTS}."
        raise BadQuestion(message) from None
