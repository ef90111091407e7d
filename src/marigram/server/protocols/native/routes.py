"""The native protocol's paths, headers and status codes."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, Router, get, head, post, put
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_404_NOT_FOUND

from marigram import version
from marigram.model import InvalidProjectNameError, parse_project_name
from marigram.server.ingest import BlobMismatchError, EnvelopeError, Ingest
from marigram.server.protocols.native.commands import command_routes
from marigram.server.protocols.native.parts import part_routes
from marigram.wire import (
    MAX_BATCH_BYTES,
    CorruptBatchError,
    Handshake,
    HeartbeatReply,
    WriterPosition,
    decode_batch,
)

BATCH_MEDIA_TYPE = "application/vnd.marigram.batch"
"""What a batch must be sent as. No web page of another origin can send it without asking first."""

_LARGE_BODY_BYTES = 256 * 1024
"""Batches above this size are decoded off the event loop."""


_LARGE_AT_ONCE = 2
"""Each may take the largest batch's size in memory."""


def _announced(request: Request[Any, Any, Any]) -> int:
    length = request.headers.get("content-length", "")
    return min(int(length), MAX_BATCH_BYTES) if length.isascii() and length.isdigit() else 0


def native_routes(ingest: Ingest) -> Router:
    """Return the routes of the native protocol, which write through `ingest`."""
    decoding = asyncio.Semaphore(_LARGE_AT_ONCE)

    @get("/handshake", summary="Check address, token and project before a run")
    async def handshake(project: str) -> Handshake:
        try:
            parse_project_name(project)
        except InvalidProjectNameError as error:
            raise EnvelopeError(str(error)) from error
        return Handshake(version=version.VERSION)

    @get("/runs/{run_id:str}/writers/{writer:str}", sync_to_thread=True, summary="Say where a writer continues")
    def position(run_id: str, writer: str) -> WriterPosition:
        return WriterPosition(durable_seq=ingest.durable_seq(run_id, writer))

    @post("/batches", status_code=HTTP_200_OK, request_max_body_size=MAX_BATCH_BYTES, summary="Write a batch")
    async def batches(request: Request[Any, Any, Any]) -> Response[bytes]:
        if request.headers.get("content-type", "").partition(";")[0] != BATCH_MEDIA_TYPE:
            message = f"A batch is sent with content-type {BATCH_MEDIA_TYPE}."
            raise EnvelopeError(message)
        with ingest.arriving(_announced(request)):
            body = await request.body()
            try:
                if len(body) > _LARGE_BODY_BYTES:
                    async with decoding:
                        batch = await asyncio.to_thread(decode_batch, body, gathered=True)
                else:
                    batch = decode_batch(body, gathered=True)
            except CorruptBatchError as error:
                raise EnvelopeError(str(error)) from error
            del body
        receipt = await ingest.accept(batch)
        return Response(msgspec.json.encode(receipt), media_type=MediaType.JSON)

    @post("/runs/{run_id:str}/heartbeat", status_code=HTTP_200_OK, sync_to_thread=True, summary="Say one is alive")
    def heartbeat(run_id: str) -> HeartbeatReply:
        return HeartbeatReply(known=ingest.hear(run_id))

    @head("/blobs/{sha256:str}", sync_to_thread=True, summary="Say whether a blob is known")
    def has_blob(sha256: str) -> Response[None]:
        known = ingest.blob_size(sha256) is not None
        return Response(None, status_code=HTTP_200_OK if known else HTTP_404_NOT_FOUND)

    # A blob goes to the disk as it arrives, so its size is bounded by the disk alone.
    @put("/blobs/{sha256:str}", status_code=HTTP_201_CREATED, request_max_body_size=None, summary="Upload a blob")
    async def put_blob(request: Request[Any, Any, Any], sha256: str) -> Response[None]:
        upload = ingest.begin_blob(sha256)
        try:
            async for chunk in request.stream():
                await asyncio.to_thread(upload.write, chunk)
            await asyncio.to_thread(upload.commit)
        except BlobMismatchError as error:
            raise EnvelopeError(str(error)) from error
        except BaseException:
            upload.abort()
            raise
        return Response(None, status_code=HTTP_201_CREATED)

    handlers = [
        handshake,
        position,
        batches,
        heartbeat,
        has_blob,
        put_blob,
        command_routes(ingest),
        part_routes(ingest),
    ]
    return Router("/api/native/v1", route_handlers=handlers, tags=["native protocol"])
