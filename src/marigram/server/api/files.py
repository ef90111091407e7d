"""The read API's path for files: whole or in parts, and harmless in a browser."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, Router, get
from litestar.response import Stream

from marigram.server.api.naming import path_of
from marigram.server.api.routes import Step
from marigram.server.query import Part, Query, UnsatisfiableError, disposition, part_of

FILE_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval';"
    " style-src 'unsafe-inline'; img-src data: blob:; media-src data: blob:; font-src data:"
)
"""What an uploaded file may do when a browser shows it: run its own scripts in an origin of its own, reach nothing."""

PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""The same of a PDF: browsers show none in a sandbox. It is told to be a PDF and cannot be taken for a page."""

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")
"""As RFC 6838 has it; anything else could not be sent as a header."""


def file_routes(query: Query) -> Router:
    """Return the route that sends files found with `query`."""

    @get("/runs/{run_id:str}/file", sync_to_thread=True, summary="Download a file, or an image of a series")
    def file(
        request: Request[Any, Any, Any],
        run_id: str,
        path: str,
        step: Step = None,
        download: bool = False,  # noqa: FBT001, FBT002 - a parameter of the address
    ) -> Stream | Response[None]:
        found = query.file(run_id, path_of(path), step=step)
        etag = f'"{found.sha256}"'
        media_type = _shown_as(found.media_type)
        headers = {
            "accept-ranges": "bytes",
            "content-security-policy": PDF_POLICY if media_type == "application/pdf" else FILE_POLICY,
            "content-disposition": disposition(found.filename, download=download),
            "cache-control": "private, max-age=60",
            "etag": etag,
        }
        if etag in request.headers.get("if-none-match", ""):
            return Response(None, status_code=304, headers=headers)
        # Part of another version would be glued to what the reader has.
        same = request.headers.get("if-range", etag) == etag
        try:
            part = part_of(request.headers.get("range") if same else None, found.size)
        except UnsatisfiableError as error:
            return Response(None, status_code=416, headers={**headers, "content-range": f"bytes */{error.size}"})
        partial = part is not None
        part = part or Part(start=0, stop=found.size, size=found.size)
        headers["content-length"] = str(part.stop - part.start)
        if partial:
            headers["content-range"] = part.content_range
        return Stream(
            query.read_blob(found, start=part.start, stop=part.stop),
            status_code=206 if partial else 200,
            media_type=media_type,
            headers=headers,
        )

    return Router("", route_handlers=[file], tags=["read"])


def _shown_as(media_type: str) -> str:
    """Return the media type to send; Litestar adds that text is UTF-8, whatever the client said of it."""
    kind = media_type.partition(";")[0].strip()
    return kind if _MEDIA_TYPE.fullmatch(kind) else "application/octet-stream"
