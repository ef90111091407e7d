"""Uploads of large blobs in parts, which go on after a broken connection where the server says.

What arrived of a part that was cut off counts, so the client asks how far the upload is before it goes on.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from litestar import Request, Router, get, put
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK

from marigram.server.ingest import BlobMismatchError, EnvelopeError, Ingest
from marigram.wire import BlobPosition


def part_routes(ingest: Ingest) -> Router:
    """Return the routes of uploads in parts, which write through `ingest`."""

    @get("/blobs/{sha256:str}/parts", sync_to_thread=True, summary="Say how far an upload in parts is")
    def parts(sha256: str) -> BlobPosition:
        size = ingest.blob_size(sha256)
        if size is not None:
            return BlobPosition(received=size, complete=True)
        upload = ingest.resume_blob(sha256)
        try:
            return BlobPosition(received=upload.size)
        finally:
            upload.pause()

    @put(
        "/blobs/{sha256:str}/parts/{offset:int}",
        status_code=HTTP_200_OK,
        request_max_body_size=None,
        summary="Upload a part of a blob",
    )
    async def put_part(
        request: Request[Any, Any, Any],
        sha256: str,
        offset: int,
        size: Annotated[int, Parameter(ge=0, description="Bytes of the whole blob.")],
    ) -> BlobPosition:
        upload = await asyncio.to_thread(ingest.resume_blob, sha256)
        try:
            if upload.size > size:
                upload.abort()
                return BlobPosition(received=0)
            if upload.size == offset:
                async for chunk in request.stream():
                    await asyncio.to_thread(upload.write, chunk)
            received = upload.size
            if received >= size:
                await asyncio.to_thread(upload.commit)
                return BlobPosition(received=received, complete=True)
        except BlobMismatchError as error:
            raise EnvelopeError(str(error)) from error
        finally:
            upload.pause()
        return BlobPosition(received=received)

    return Router("/", route_handlers=[parts, put_part])
