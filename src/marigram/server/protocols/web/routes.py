"""The paths of what the web app writes."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, delete, patch, post, put
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT

from marigram.model import Run, StopHow, StopRequest, View, ViewKind
from marigram.server.ingest import Annotation, Ingest, RunEdit, RunEditor, ViewKeeper
from marigram.server.protocols.web.values import value_routes

DEFAULT_GRACE_S = 30.0
"""Long enough to write a checkpoint of a few gigabytes after an interrupt."""

MAX_GRACE_S = 24 * 3600.0

MAX_NAME = 1000
MAX_NOTES = 100_000
MAX_TAGS = 100
MAX_ANNOTATION = 1000
MAX_ANNOTATIONS = 100
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

ViewName = Annotated[
    str,
    Parameter(
        # A browser takes "." and ".." out of an address, and a slash would part it.
        pattern=r"^(?!\.{1,2}$)[^/\x00-\x1f]{1,80}$",
        description="The view's name: at most 80 characters, without a slash.",
    ),
]


class StopWish(msgspec.Struct, frozen=True, kw_only=True):
    """How a run shall be stopped.

    Attributes:
        how: `graceful`, `abort` or `kill`.
        grace_s: for `abort`, seconds from the interrupt to the kill.
        requested_by: who asks, in their own words; shown on the run's page.
    """

    how: StopHow = StopHow.GRACEFUL
    grace_s: Annotated[float, msgspec.Meta(ge=0.0, le=MAX_GRACE_S)] = DEFAULT_GRACE_S
    requested_by: Annotated[str, msgspec.Meta(max_length=200)] = ""


class AnnotationChange(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is pinned to a step, kept at the path `annotations/<step>`; an empty one takes it away."""

    step: Annotated[float, msgspec.Meta(ge=-1e300, le=1e300)]
    text: Annotated[str, msgspec.Meta(max_length=MAX_ANNOTATION)]


class RunChange(msgspec.Struct, frozen=True, kw_only=True):
    """What shall change of a run; what is left out stays as it is.

    Attributes:
        name: its name; empty takes it away.
        notes: its description, at the path `sys/description`.
        add_tags: tags that it gets.
        remove_tags: tags that it loses; done first.
        annotations: texts that charts show at a step.
    """

    name: Annotated[str, msgspec.Meta(max_length=MAX_NAME)] | None = None
    notes: Annotated[str, msgspec.Meta(max_length=MAX_NOTES)] | None = None
    add_tags: Annotated[list[Tag], msgspec.Meta(max_length=MAX_TAGS)] = msgspec.field(default_factory=list[Tag])
    remove_tags: Annotated[list[Tag], msgspec.Meta(max_length=MAX_TAGS)] = msgspec.field(default_factory=list[Tag])
    annotations: Annotated[list[AnnotationChange], msgspec.Meta(max_length=MAX_ANNOTATIONS)] = msgspec.field(
        default_factory=list[AnnotationChange]
    )


class ViewContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a view arranges.

    Attributes:
        content: a JSON object, as text; what is in it is the web app's.
        instead_of: the `saved_at` of the view that was changed; if another is there by now, it is left, and the answer
            is 409 `view_changed`. Null: whatever is there is replaced.
    """

    content: str
    instead_of: int | None = None


def web_routes(ingest: Ingest, editor: RunEditor, keeper: ViewKeeper) -> Router:
    """Return the routes that write through `ingest`; edits go through `editor`, saved views through `keeper`."""

    @post(
        "/runs/{run_id:str}/stop",
        status_code=HTTP_202_ACCEPTED,
        sync_to_thread=True,
        summary="Ask that a run be stopped",
    )
    def stop(run_id: str, data: StopWish) -> StopRequest:
        return ingest.request_stop(run_id, how=data.how, grace_s=data.grace_s, requested_by=data.requested_by)

    @post("/runs/{run_id:str}/trash", status_code=HTTP_200_OK, sync_to_thread=True, summary="Put a run into the trash")
    def trash(run_id: str) -> Run:
        return ingest.trash(run_id)

    @post(
        "/runs/{run_id:str}/restore", status_code=HTTP_200_OK, sync_to_thread=True, summary="Take it out of the trash"
    )
    def restore(run_id: str) -> Run:
        return ingest.restore(run_id)

    @post(
        "/runs/{run_id:str}/delete",
        status_code=HTTP_204_NO_CONTENT,
        summary="Delete a run that is in the trash, for good",
    )
    async def delete_run(run_id: str) -> None:
        await ingest.delete(run_id)

    @patch("/runs/{run_id:str}", summary="Change a run's name, notes, tags or annotations")
    async def edit(run_id: str, data: RunChange) -> Run:
        wanted = RunEdit(
            name=data.name,
            notes=data.notes,
            add_tags=tuple(data.add_tags),
            remove_tags=tuple(data.remove_tags),
            annotations=tuple(Annotation(step=each.step, text=each.text) for each in data.annotations),
        )
        return await editor.edit(run_id, wanted)

    view_path = "/projects/{workspace:str}/{name:str}/views/{kind:str}/{view:str}"

    @put(view_path, sync_to_thread=True, summary="Save a view, in place of the one of this name")
    def save_view(workspace: str, name: str, kind: ViewKind, view: ViewName, data: ViewContent) -> View:
        return keeper.save(f"{workspace}/{name}", kind, view, data.content, instead_of=data.instead_of)

    @delete(view_path, sync_to_thread=True, summary="Forget a saved view")
    def remove_view(workspace: str, name: str, kind: ViewKind, view: ViewName) -> None:
        keeper.remove(f"{workspace}/{name}", kind, view)

    handlers = [stop, trash, restore, delete_run, edit, save_view, remove_view, value_routes(editor)]
    return Router("", route_handlers=handlers, tags=["write"])
