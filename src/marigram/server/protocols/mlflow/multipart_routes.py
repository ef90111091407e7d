"""Endpoints that take an artifact in parts, which a client sends side by side.

Nothing is kept of an upload but its parts, each a blob, and the client is told the SHA-256 of each as its ETag. When it
names all of them they become one file. A request that comes again does the same once more; parts that nobody names any
more, as those of an upload that was given up, go the way of all blobs that no run names.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response

from marigram.model import File
from marigram.server.ingest import EnvelopeError, Ingest
from marigram.server.protocols.mlflow.artifact_routes import ArtifactRoutes, received
from marigram.server.protocols.mlflow.endpoints import REST, Endpoint
from marigram.server.protocols.mlflow.errors import invalid
from marigram.server.protocols.mlflow.messages.artifacts import (
    AbortUpload,
    BeginUpload,
    BegunUpload,
    CompleteUpload,
    PartPlace,
    SentPart,
)
from marigram.server.protocols.mlflow.messages.runs import Nothing
from marigram.server.protocols.mlflow.reading import Asked, required
from marigram.server.query import Query

MOST_PARTS = 10_000
"""As many as S3 takes, for which the clients choose the size of parts."""


class MultipartRoutes:
    """Says where parts go, takes them, and puts them together."""

    def __init__(self, *, ingest: Ingest, query: Query, artifacts: ArtifactRoutes) -> None:
        self._ingest = ingest
        self._query = query
        self._artifacts = artifacts

    def endpoints(self) -> list[Endpoint]:
        """Return what answers below the root of the artifact store."""
        return [
            Endpoint("POST", f"mpu/create/{REST}", self._begin),
            Endpoint("PUT", f"mpu/part/{REST}", self._take),
            Endpoint("POST", f"mpu/complete/{REST}", self._complete),
            Endpoint("POST", f"mpu/abort/{REST}", self._abort),
        ]

    async def _begin(self, asked: Asked) -> BegunUpload:
        message = await asked.message(BeginUpload)
        address = _address(asked.parts[0], message.path)
        await asyncio.to_thread(self._artifacts.place_of_file, address)
        if not 1 <= message.num_parts <= MOST_PARTS:
            error = f"A file is sent in 1 to {MOST_PARTS} parts, not {message.num_parts}. Choose another size of parts."
            raise invalid(error)
        upload_id = uuid.uuid4().hex
        authorization = asked.request.headers.get("authorization")
        headers = {} if authorization is None else {"Authorization": authorization}
        return BegunUpload(
            upload_id=upload_id,
            credentials=[
                PartPlace(url=_part_url(asked.request, address, upload_id, number), part_number=number, headers=headers)
                for number in range(1, message.num_parts + 1)
            ],
        )

    async def _take(self, asked: Asked) -> Response[None]:
        await asyncio.to_thread(self._artifacts.place_of_file, asked.parts[0])
        sha256, _ = await received(asked.request, self._ingest)
        return Response(None, status_code=200, headers={"etag": f'"{sha256}"'})

    async def _complete(self, asked: Asked) -> Nothing:
        message = await asked.message(CompleteUpload)
        address = _address(asked.parts[0], message.path)
        place = await asyncio.to_thread(self._artifacts.place_of_file, address)
        parts = sorted(message.parts, key=lambda part: part.part_number)
        if [part.part_number for part in parts] != list(range(1, len(parts) + 1)) or not parts:
            error = "The parts of a file are numbered from 1 without gaps. Name all of them, once."
            raise invalid(error)
        sha256, size = await asyncio.to_thread(self._put_together, parts)
        await self._artifacts.attach(place, sha256, size)
        return Nothing()

    async def _abort(self, asked: Asked) -> Nothing:
        await asked.message(AbortUpload)
        return Nothing()

    def _put_together(self, parts: Sequence[SentPart]) -> tuple[str, int]:
        """Return SHA-256 and size of the file that the parts make; blocks while it is written."""
        upload = self._ingest.receive_blob()
        try:
            for part in parts:
                for chunk in self._query.read_blob(self._part(part)):
                    upload.write(chunk)
            size = upload.size
            return upload.commit(), size
        except BaseException:
            upload.abort()
            raise

    def _part(self, part: SentPart) -> File:
        sha256 = part.etag.strip('"')
        try:
            size = self._ingest.blob_size(sha256)
        except EnvelopeError:
            size = None
        if size is None:
            error = f"Part {part.part_number} has not been sent, or its ETag is not the one that the answer had."
            raise invalid(error)
        return File(
            sha256=sha256, filename=f"part {part.part_number}", media_type="application/octet-stream", size=size
        )


def _address(folder: str, local_file: str) -> str:
    """Return the address of a file that is `local_file` on the client's disk: its name in the folder."""
    given = required(local_file, "path")
    name = PureWindowsPath(given).name if PureWindowsPath(given).drive else PurePosixPath(given).name
    return f"{folder.rstrip('/')}/{required(name, 'path')}"


def _part_url(request: Request[Any, Any, Any], address: str, upload_id: str, number: int) -> str:
    """Return where a part goes: beside the endpoint that was asked, under the name that the client knows us by."""
    root = request.url.path.partition("/mpu/")[0]
    question = urlencode({"upload_id": upload_id, "part_number": number})
    return f"{request.url.scheme}://{request.url.netloc}{root}/mpu/part/{quote(address)}?{question}"
