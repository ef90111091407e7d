"""Endpoints about artifacts: files below `artifacts/` of a run, or of a logged model.

A file goes to the disk as it comes and from there as it is asked for: a large one takes no memory. Sending it again
puts the same bytes to the same place.
"""

from __future__ import annotations

import asyncio
import mimetypes
from typing import Any

from litestar import Request, Response
from litestar.response import Stream

from marigram.model import AttachFile, Delete, File, RunFolder
from marigram.server.ingest import Ingest, UnnamedUpload
from marigram.server.protocols.mlflow.artifact_places import ARTIFACTS, StoredAt, below, checked_path, stored_at
from marigram.server.protocols.mlflow.encode import run_info
from marigram.server.protocols.mlflow.endpoints import REST, Endpoint
from marigram.server.protocols.mlflow.errors import invalid, missing
from marigram.server.protocols.mlflow.experiments import Experiments
from marigram.server.protocols.mlflow.messages.artifacts import (
    ArtifactPage,
    FileInfo,
    ListArtifacts,
    ListStored,
    StoredFiles,
)
from marigram.server.protocols.mlflow.messages.runs import Nothing
from marigram.server.protocols.mlflow.reading import Asked, missing_parameter
from marigram.server.protocols.mlflow.run_writing import RunWriter
from marigram.server.query import Part, Query, UnsatisfiableError, disposition, part_of

WRITTEN_AT_ONCE = 1024 * 1024
"""Bytes that are gathered before they go to the disk: a visit to another thread costs more than it takes to write."""

_TEXT_SUFFIXES = frozenset({".log", ".yaml", ".yml", ".jsonl", ".md", ".cfg", ".conf", ".ini", ".toml"})
_TEXT_NAMES = frozenset({"MLmodel", "MLproject", "Dockerfile"})
DEFAULT_MEDIA_TYPE = "application/octet-stream"


class ArtifactRoutes:
    """Keeps, sends, lists and deletes artifacts."""

    def __init__(self, *, ingest: Ingest, query: Query, experiments: Experiments, writer: RunWriter) -> None:
        self._ingest = ingest
        self._query = query
        self._experiments = experiments
        self._writer = writer

    def endpoints(self) -> list[Endpoint]:
        """Return what answers beside the other endpoints of the tracking API."""
        return [Endpoint("GET", "artifacts/list", self._list_of_run)]

    def store_endpoints(self) -> list[Endpoint]:
        """Return what answers below the root of the artifact store, of which each request may be large."""
        return [
            Endpoint("GET", "artifacts", self._list),
            Endpoint("GET", f"artifacts/{REST}", self._send),
            Endpoint("PUT", f"artifacts/{REST}", self._keep),
            Endpoint("DELETE", f"artifacts/{REST}", self._delete),
        ]

    def listed(self, folder: RunFolder, prefix: str) -> list[FileInfo]:
        """Return what is in a folder, each name after `prefix`; blocks while it asks the store."""
        found = self._query.folders.look(folder)
        top = f"{prefix}/" if prefix else ""
        files = [
            FileInfo(path=top + name, is_dir=False, file_size=file.size)
            for name, file in found.files.items()
            if name not in found.folders
        ]
        folders = [FileInfo(path=top + name, is_dir=True) for name in found.folders]
        return sorted([*files, *folders], key=lambda each: each.path)

    async def _list_of_run(self, asked: Asked) -> ArtifactPage:
        message = await asked.message(ListArtifacts)
        run_id = message.run_id or message.run_uuid
        if not run_id:
            raise missing_parameter("run_id")  # noqa: EM101 - a name, not a message
        path = checked_path(message.path or "")

        def look() -> ArtifactPage:
            run = self._writer.run(run_id)
            root_uri = run_info(run, user="", experiment=self._experiments.experiment(run.project)).artifact_uri
            folder = below(RunFolder(run_id=run.id, path=ARTIFACTS), path)
            return ArtifactPage(root_uri=root_uri, files=self.listed(folder, path))

        return await asyncio.to_thread(look)

    async def _list(self, asked: Asked) -> StoredFiles:
        message = await asked.message(ListStored)
        address = checked_path(message.path or "")

        def look() -> StoredFiles:
            at = stored_at(address)
            return StoredFiles(files=[] if at is None else self.listed(self._place(at), ""))

        return await asyncio.to_thread(look)

    async def _send(self, asked: Asked) -> Response[Any]:
        return await asyncio.to_thread(self._file_answer, asked.request, asked.parts[0])

    def _file_answer(self, request: Request[Any, Any, Any], address: str) -> Response[Any]:
        place = self.place_of_file(address)
        found = self._query.cells(place.run_id, [place.path]).get(place.path)
        file = None if found is None else found.attribute.file
        if file is None:
            if self._query.models.folder_is_there(place):
                message = f"Artifact path refers to a directory, not a file: '{address}'"
                raise invalid(message)
            message = f"No such artifact: '{address}'"
            raise missing(message)
        headers = {
            "accept-ranges": "bytes",
            "content-disposition": disposition(file.filename, download=True),
            "etag": f'"{file.sha256}"',
        }
        try:
            part = part_of(request.headers.get("range"), file.size)
        except UnsatisfiableError as error:
            return Response(None, status_code=416, headers={**headers, "content-range": f"bytes */{error.size}"})
        wanted = part or Part(start=0, stop=file.size, size=file.size)
        headers["content-length"] = str(wanted.stop - wanted.start)
        if part is not None:
            headers["content-range"] = part.content_range
        return Stream(
            self._query.read_blob(file, start=wanted.start, stop=wanted.stop),
            status_code=200 if part is None else 206,
            media_type=file.media_type,
            headers=headers,
        )

    async def _keep(self, asked: Asked) -> Nothing:
        place = await asyncio.to_thread(self.place_of_file, asked.parts[0])
        sha256, size = await received(asked.request, self._ingest)
        await self.attach(place, sha256, size)
        return Nothing()

    async def attach(self, place: RunFolder, sha256: str, size: int) -> None:
        """Make a blob the file at a place."""
        filename = place.path.rpartition("/")[2]
        file = File(sha256=sha256, filename=filename, media_type=media_type_of(filename), size=size)
        await self._writer.write(place.run_id, [AttachFile(path=place.path, file=file)])

    async def _delete(self, asked: Asked) -> Nothing:
        address = asked.parts[0]

        def look() -> RunFolder:
            place = self.place_of_file(address)
            if not self._query.models.folder_is_there(place):
                message = f"No such artifact: '{address}'"
                raise missing(message)
            return place

        place = await asyncio.to_thread(look)
        await self._writer.write(place.run_id, [Delete(path=place.path)])
        return Nothing()

    def place_of_file(self, address: str) -> RunFolder:
        """Return where a file with this address below the store's root is, or would be; blocks.

        Raises:
            MlflowError: it leads out of the store, or no run or model is there.
            NotThere: there is no such logged model.
        """
        at = stored_at(address)
        if at is None or not at.path:
            message = f"No such artifact: '{address}'. Artifacts are kept below '<run id>/artifacts/'."
            raise missing(message)
        return self._place(at)

    def _place(self, at: StoredAt) -> RunFolder:
        """Return where in the store something is.

        Raises:
            MlflowError: there is no such run.
            NotThere: there is no such logged model.
        """
        if at.model_id is not None:
            # A registered version needs the files of a model that was deleted.
            return below(self._query.models.logged_model(at.model_id, also_deleted=True).files, at.path)
        run = self._writer.run(at.run_id or "")
        return below(RunFolder(run_id=run.id, path=ARTIFACTS), at.path)


async def received(request: Request[Any, Any, Any], ingest: Ingest) -> tuple[str, int]:
    """Keep the body of a request as a blob; return its SHA-256 and its size in bytes."""
    upload = await asyncio.to_thread(ingest.receive_blob)
    try:
        await _receive(request, upload)
        size = upload.size
        return await asyncio.to_thread(upload.commit), size
    except BaseException:
        upload.abort()
        raise


async def _receive(request: Request[Any, Any, Any], upload: UnnamedUpload) -> None:
    """Write a body as it comes."""
    gathered = bytearray()
    async for chunk in request.stream():
        gathered += chunk
        if len(gathered) >= WRITTEN_AT_ONCE:
            await asyncio.to_thread(upload.write, bytes(gathered))
            gathered.clear()
    if gathered:
        await asyncio.to_thread(upload.write, bytes(gathered))


def media_type_of(filename: str) -> str:
    """Return what kind of file a name stands for; what people read as text is plain text."""
    if filename in _TEXT_NAMES or filename[filename.rfind(".") :].lower() in _TEXT_SUFFIXES:
        return "text/plain"
    # Not by what the machine's own tables say: an answer must not depend on where the server runs.
    return mimetypes.MimeTypes().guess_type(filename, strict=False)[0] or DEFAULT_MEDIA_TYPE
