"""The read API's paths for what a run has to look at. No question is answered here; the query door does that."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import Parameter

from marigram.server.api import encode
from marigram.server.api.messages import AttributeInfo, AttributePage
from marigram.server.api.routes import Cursor, path_of
from marigram.server.query import Query

Search = Annotated[str, Parameter(description="Words of the path, or a /regular expression/.")]
_PageLimit = Annotated[int, Parameter(ge=1, le=300, description="Most media to answer with.")]


class MediaSection(msgspec.Struct, frozen=True, kw_only=True):
    """Media whose paths begin with the same segment, `name`: how many there are, and the first ones."""

    name: str
    count: int
    media: list[AttributeInfo]


class MediaSectionList(msgspec.Struct, frozen=True, kw_only=True):
    """Sections of media in the order for people; the counts are of all sections.

    `all_count` counts the media there would be without the search.
    """

    sections: list[MediaSection]
    section_count: int
    media_count: int
    all_count: int


class MediaBeside(msgspec.Struct, frozen=True, kw_only=True):
    """The paths of the media before and behind one; null if none were found."""

    before: str | None
    after: str | None


def gallery_routes(query: Query) -> Router:
    """Return the routes that answer with `query.gallery`."""

    @get("/runs/{run_id:str}/media/sections", sync_to_thread=True, summary="Find media of a run, in sections")
    def sections(
        run_id: str,
        search: Search = "",
        start: Annotated[int, Parameter(ge=0, description="How many sections to leave out.")] = 0,
        limit: Annotated[int, Parameter(ge=1, le=300, description="Most sections to answer with.")] = 100,
        per_section: Annotated[int, Parameter(ge=0, le=300, description="Most media that come with a section.")] = 60,
        at_once: Annotated[
            int, Parameter(ge=0, le=300, description="When so many media have come, later sections bring none.")
        ] = 120,
    ) -> MediaSectionList:
        found = query.gallery.sections(
            query.run(run_id).id, search, start=start, limit=limit, per_section=per_section, at_once=at_once
        )
        return MediaSectionList(
            sections=[
                MediaSection(name=each.name, count=each.count, media=[encode.attribute_info(one) for one in each.media])
                for each in found.sections
            ],
            section_count=found.section_count,
            media_count=found.media_count,
            all_count=found.all_count,
        )

    @get("/runs/{run_id:str}/media", sync_to_thread=True, summary="Read media of a section of a run, page by page")
    def media(
        run_id: str,
        section: Annotated[str, Parameter(description="The first segment of their paths; empty for paths of one.")],
        search: Search = "",
        limit: _PageLimit = 60,
        cursor: Cursor = None,
    ) -> AttributePage:
        found, more = query.gallery.page(query.run(run_id).id, search, section=section, after=cursor, limit=limit)
        return AttributePage(attributes=[encode.attribute_info(each) for each in found], cursor=more)

    @get("/runs/{run_id:str}/media/beside", sync_to_thread=True, summary="Say which media stand beside one")
    def beside(run_id: str, path: str, search: Search = "") -> MediaBeside:
        before, after = query.gallery.beside(query.run(run_id).id, search, path_of(path))
        return MediaBeside(before=before, after=after)

    return Router("", route_handlers=[sections, media, beside], tags=["read"])
