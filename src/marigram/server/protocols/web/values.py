"""The path by which a value is edited."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, put
from litestar.params import Parameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from marigram.model import InvalidPathError, parse_path
from marigram.server.ingest import EditRefusedError, RunEditor


class ValueChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a value shall be; it keeps its kind.

    Attributes:
        value: as the read API writes it: a datetime as ISO 8601, floats without a number in JSON by their names.
    """

    value: bool | int | float | str | list[str]


def value_routes(editor: RunEditor) -> Router:
    """Return the route that edits values through `editor`."""

    @put("/runs/{run_id:str}/value", status_code=HTTP_204_NO_CONTENT, summary="Set a value to another of its kind")
    async def set_value(
        run_id: str, data: ValueChange, path: Annotated[str, Parameter(description="Where the value is.")]
    ) -> None:
        try:
            where = parse_path(path)
        except InvalidPathError as error:
            raise EditRefusedError(str(error)) from error
        await editor.set_value(run_id, where, data.value)

    return Router("", route_handlers=[set_value])
