"""The read API's path for what a run has as a tree: rows of which a page asks only for those on its screen."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import Parameter

from marigram.model import Kind
from marigram.server.api import encode
from marigram.server.api.messages import AttributeInfo
from marigram.server.query import OPEN_UP_TO, Query, TreeAnswer, TreeQuestion

_MOST_ROWS = 1000


class TreeRowInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a tree: a folder, an attribute, or both at once.

    `parent` is the place of the folder's row, counted from the first row of all; `size` counts the attributes at the
    path and below.
    """

    path: str
    name: str
    depth: int
    parent: int | None
    expandable: bool
    expanded: bool
    size: int
    attribute: AttributeInfo | None


class TreePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some rows of a tree, depth first, names in the order for people; a folder's rows follow it while it is open.

    `row_count` counts the rows there are, `attribute_count` the attributes that were found. `file_bytes` are the sizes
    of all files that were found, null where they were not asked for. `open` says whether folders are open that are not
    among those toggled.
    """

    rows: list[TreeRowInfo]
    row_count: int
    attribute_count: int
    file_bytes: int | None
    open: bool


def tree_routes(query: Query) -> Router:
    """Return the route that answers with trees of `query`."""

    @get("/runs/{run_id:str}/tree", sync_to_thread=True, summary="Read what a run has as rows of a tree")
    def tree(
        run_id: str,
        kind: Annotated[list[Kind] | None, Parameter(description="Only these kinds; all without any.")] = None,
        search: Annotated[
            str, Parameter(description="Words of path, value or file name, or a /regular expression/ of the path.")
        ] = "",
        toggle: Annotated[
            list[str] | None, Parameter(description="Folders that are closed where others are open, or open.")
        ] = None,
        open_up_to: Annotated[
            int, Parameter(ge=0, description="Folders are open while there are at most so many attributes.")
        ] = OPEN_UP_TO,
        below: Annotated[str, Parameter(description="Only what is below this path, which has no row itself.")] = "",
        start: Annotated[int, Parameter(ge=0, description="How many rows to leave out.")] = 0,
        limit: Annotated[int, Parameter(ge=0, le=_MOST_ROWS, description="Most rows to answer with.")] = 200,
        sizes: Annotated[bool, Parameter(description="Add up the sizes of the files, which takes longer.")] = False,  # noqa: FBT002 - a parameter of the address
    ) -> TreePage:
        asked = TreeQuestion(
            kinds=kind or (), search=search, open_up_to=open_up_to, toggled=frozenset(toggle or ()), below=below
        )
        return _page(query.tree(run_id, asked, start=start, limit=limit, sizes=sizes))

    return Router("", route_handlers=[tree], tags=["read"])


def _page(answer: TreeAnswer) -> TreePage:
    infos = {path: encode.attribute_info(cell) for path, cell in answer.cells.items()}
    return TreePage(
        rows=[
            TreeRowInfo(
                path=row.path,
                name=row.path.rpartition("/")[2],
                depth=row.depth,
                parent=row.parent,
                expandable=row.expandable,
                expanded=row.expanded,
                size=row.size,
                attribute=infos.get(row.path),
            )
            for row in answer.rows
        ],
        row_count=answer.row_count,
        attribute_count=answer.attribute_count,
        file_bytes=answer.file_bytes,
        open=answer.is_open,
    )
