"""The only place that chooses: configuration → engines → doors → routes."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Any, cast

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin

from marigram import version
from marigram.server.access import Forbidden, Gate, Unauthorized
from marigram.server.api.charts import chart_routes
from marigram.server.api.comparing import comparing_routes
from marigram.server.api.files import file_routes
from marigram.server.api.gallery import gallery_routes
from marigram.server.api.groups import group_routes
from marigram.server.api.lineage import lineage_routes
from marigram.server.api.live import live_routes
from marigram.server.api.messages import Health, Problem
from marigram.server.api.models import model_routes
from marigram.server.api.paths import path_routes
from marigram.server.api.routes import read_routes
from marigram.server.api.session import session_routes
from marigram.server.api.storage import storage_routes
from marigram.server.api.text_pairs import text_pair_routes
from marigram.server.api.texts import text_routes
from marigram.server.api.tree import tree_routes
from marigram.server.api.zips import zip_routes
from marigram.server.config import Config, is_loopback
from marigram.server.folder import DataFolder
from marigram.server.ingest import (
    Busy,
    EditRefusedError,
    EnvelopeError,
    Ingest,
    ModelKeeper,
    RunEditor,
    RunEndedError,
    RunKeptError,
    UnknownProjectError,
    UnknownRunError,
    ViewChangedError,
    ViewKeeper,
    ViewRefusedError,
)
from marigram.server.live import Hub
from marigram.server.pages import page_routes
from marigram.server.protocols.mlflow import mlflow_routes, mlflow_version_route
from marigram.server.protocols.native import native_routes
from marigram.server.protocols.web import web_routes
from marigram.server.query import BadQuestion, CorruptBlobError, DamagedPointsError, FilterError, NotThere, Query
from marigram.server.store.blobs.disk import DiskBlobStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.upkeep import Upkeep
from marigram.server.upkeep.backup import is_half_restored

STATIC_FOLDER = FilePath(__file__).parent / "static"

_SCHEMA_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
_log = logging.getLogger(__name__)


class OpenServerError(RuntimeError):
    """The server would be open to other machines and nobody has said that it should."""


class DataError(RuntimeError):
    """The data folder holds what this Marigram cannot read."""


class Server:
    """A server with its stores. `close` ends it; nothing that was receipted is lost without."""

    def __init__(self, config: Config, *, clock_ms: Callable[[], int] | None = None) -> None:
        """Open the stores of an embedded server.

        Raises:
            FolderInUseError: another server owns the data folder.
            DataError: a file in it is damaged, or was written by another version of Marigram.
            OSError: the folder cannot be made or written.
            OpenServerError: it would be open to other machines, has no token, and `open_to_network` is not set.
        """
        clock = clock_ms or _now_ms
        self._folder = DataFolder(config.data)
        if is_half_restored(config.data):
            self._folder.close()
            message = f"{config.data} was being restored when that was cut off. Run 'marigram restore' again."
            raise DataError(message)
        with _named_damage(self._folder.meta):
            self._meta = SqliteMetaStore(self._folder.meta)
        self._points = EmbeddedPointStore(self._folder.points)
        with _named_damage(self._folder.points):
            self._points.start()
        blobs = DiskBlobStore(self._folder.blobs)
        blobs.start()
        self.hub = Hub()
        self._ingest = Ingest(
            meta=self._meta,
            points=self._points,
            blobs=blobs,
            hub=self.hub,
            clock_ms=clock,
            deleted=self._tidy_up_soon,
        )
        self._upkeep = Upkeep(
            root=config.data,
            meta=self._meta,
            points=self._points,
            blobs=blobs,
            ingest=self._ingest,
            forget_parts=blobs.forget_old_parts,
            free_room=self._meta.free_room,
            clock_ms=clock,
        )
        query = Query(meta=self._meta, points=self._points, blobs=blobs, clock_ms=clock)
        gate = Gate(meta=self._meta, clock_ms=clock, any_host=config.open_to_network)
        if not (is_loopback(config.host) or config.open_to_network or gate.token_required):
            self._close_stores()
            message = (
                f"On {config.host} other machines can reach this server, and it asks nobody for a token. Make one with "
                "'marigram token create', or say --open-to-network if everybody there may read and write."
            )
            raise OpenServerError(message)
        editor = RunEditor(ingest=self._ingest, meta=self._meta, clock_ms=clock)
        keeper = ViewKeeper(meta=self._meta, clock_ms=clock)
        models = ModelKeeper(registry=self._meta.registry, clock_ms=clock)
        foreign = [mlflow_routes(ingest=self._ingest, query=query, keeper=models, clock_ms=clock)]
        written = web_routes(self._ingest, editor, keeper)
        self.asgi = _asgi(written, foreign, self._ingest, query, self.hub, gate, self._lifespan)

    def _tidy_up_soon(self) -> None:
        self._upkeep.wake()

    @asynccontextmanager
    async def _lifespan(self, _: Litestar) -> AsyncGenerator[None]:
        self.hub.start()
        self._ingest.start()
        self._upkeep.start()
        try:
            yield
        finally:
            self.hub.close()
            self._upkeep.stop()
            self._ingest.close()
            self._close_stores()

    def close(self) -> None:
        """Close the stores of a server that was never started; one that was closes them when it stops."""
        self._close_stores()

    def _close_stores(self) -> None:
        self._points.close()
        self._meta.close()
        self._folder.close()


@contextmanager
def _named_damage(file: FilePath) -> Generator[None]:
    """Say which file it is that cannot be read."""
    try:
        yield
    except RuntimeError as error:
        raise DataError(str(error)) from error
    except sqlite3.Error as error:
        message = f"Can't read {file}: {error}. Restore {file.parent} from a backup, or choose another with --data."
        raise DataError(message) from error


def _asgi(
    written: Router,
    foreign: Sequence[Router],
    ingest: Ingest,
    query: Query,
    hub: Hub,
    gate: Gate,
    lifespan: Callable[[Litestar], Any],
) -> Litestar:
    """Return the application; `written` are the paths by which the web app writes, `foreign` other protocols."""

    # Guards that are not coroutines would each cost a request a visit to another thread.
    async def check_origin(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        gate.check_origin(str(connection.scope.get("method", "GET")), connection.headers)

    async def check_token(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        gate.check_token(connection.headers, connection.cookies)

    @get("/health", summary="Say that the server is up")
    async def health() -> Health:
        return Health(status="ok", version=version.VERSION)

    @get(["/api", "/api/{path:path}"], include_in_schema=False)
    async def no_such_api(request: Request[Any, Any, Any]) -> Response[Problem]:
        message = f"{request.url.path} is not part of the API. It is described at /schema."
        return _problem(404, "not_found", message)

    # In one router, because a path that is read here and deleted there has to be one route.
    read = [read_routes(query), group_routes(query), chart_routes(query), file_routes(query), storage_routes(query)]
    both = [
        *read,
        gallery_routes(query),
        path_routes(query),
        text_pair_routes(query),
        text_routes(query),
        tree_routes(query),
        zip_routes(query),
        lineage_routes(query),
        live_routes(query, hub),
        written,
    ]
    api = Router("/api/v1", route_handlers=[*both, comparing_routes(query), model_routes(query)], guards=[check_token])
    native = Router("", route_handlers=[native_routes(ingest)], guards=[check_token])
    others = Router("", route_handlers=[*foreign], guards=[check_token])
    session = Router("/api/v1", route_handlers=[session_routes(gate)])
    return Litestar(
        route_handlers=[
            health,
            mlflow_version_route(),
            api,
            native,
            others,
            session,
            no_such_api,
            page_routes(STATIC_FOLDER),
        ],
        guards=[check_origin],
        lifespan=[lifespan],
        openapi_config=OpenAPIConfig(
            title="Marigram",
            version=version.VERSION,
            description="Read API and native protocol of a Marigram server.",
            path="/schema",
            render_plugins=[
                SwaggerRenderPlugin(
                    js_url="/assets/openapi/swagger-ui-bundle.js",
                    css_url="/assets/openapi/swagger-ui.css",
                    standalone_preset_js_url="/assets/openapi/swagger-ui-standalone-preset.js",
                    favicon="<link rel='icon' href='/favicon.svg'>",
                    path="/",
                )
            ],
        ),
        exception_handlers={
            NotThere: _refusal(404, "not_found"),
            FilterError: _bad_query,
            BadQuestion: _refusal(400, "bad_question"),
            EnvelopeError: _refusal(400, "bad_batch"),
            UnknownRunError: _refusal(404, "not_found"),
            UnknownProjectError: _refusal(404, "not_found"),
            ViewRefusedError: _refusal(400, "view_refused"),
            ViewChangedError: _refusal(409, "view_changed"),
            RunEndedError: _refusal(409, "run_ended"),
            RunKeptError: _refusal(409, "run_kept"),
            EditRefusedError: _refusal(409, "edit_refused"),
            Unauthorized: _refusal(401, "unauthorized"),
            Forbidden: _refusal(403, "forbidden"),
            Busy: _busy,
            DamagedPointsError: _damaged(query),
            CorruptBlobError: _damaged(query),
            HTTPException: _http_problem,
            Exception: _broken,
        },
        before_send=[_add_headers],
        debug=False,
        logging_config=None,
    )


def _problem(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response[Any]:
    body = msgspec.json.encode(Problem(code=code, message=message))
    return Response(body, status_code=status, media_type=MediaType.JSON, headers=headers)


def _refusal(status: int, code: str) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """Return a handler that answers with what the exception says."""

    def answer(_: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        return _problem(status, code, str(error))

    return answer


def _damaged(query: Query) -> Callable[[Request[Any, Any, Any], Any], Response[Any]]:
    """Return a handler that says which run and path the server's disk has lost."""

    def answer(request: Request[Any, Any, Any], error: DamagedPointsError | CorruptBlobError) -> Response[Any]:
        _log.error("%s %s: %s", request.method, request.url.path, error)
        message = query.damage(
            error, run_id=str(request.path_params.get("run_id", "")), path=request.query_params.get("path", "")
        )
        return _problem(500, "damaged", message)

    return answer


def _bad_query(_: Request[Any, Any, Any], error: FilterError) -> Response[Any]:
    body = msgspec.json.encode(Problem(code="bad_query", message=str(error), position=error.position))
    return Response(body, status_code=400, media_type=MediaType.JSON)


def _busy(_: Request[Any, Any, Any], error: Busy) -> Response[Any]:
    return _problem(429, "busy", str(error), {"retry-after": str(error.retry_after_s)})


def _http_problem(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    phrase = HTTPStatus(error.status_code).phrase
    message = f"{error.detail}{_named_faults(error.extra)}"
    if message == phrase:
        message = f"{request.method} {request.url.path}: {phrase.lower()}. The API is described at /schema."
    return _problem(error.status_code, phrase.lower().replace(" ", "_"), message, error.headers)


def _named_faults(extra: object) -> str:
    """Return what Litestar found wrong with each parameter, as `: name: what`."""
    if not isinstance(extra, list):
        return ""
    each_extra = cast("list[object]", extra)
    each_fault = [cast("dict[str, object]", each) for each in each_extra if isinstance(each, dict)]
    faults = [f"{fault.get('key')}: {fault.get('message')}" for fault in each_fault]
    return f" ({'; '.join(faults)})" if faults else ""


def _broken(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    _log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
    message = "The server failed on this request. Its log says why."
    return _problem(500, "broken", message)


async def _add_headers(message: Any, scope: Any) -> None:  # noqa: ANN401 - ASGI's own shapes
    if message["type"] != "http.response.start":
        return
    names = {name.lower() for name, _ in message["headers"]}
    added = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
    if scope["path"].startswith("/schema") and b"content-security-policy" not in names:
        added.append((b"content-security-policy", _SCHEMA_POLICY.encode()))
    message["headers"] = [*message["headers"], *added]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
