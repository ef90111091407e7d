"""MLflow's paths, its shape of errors, and who may come in.

All endpoints are found by one table, below each prefix that a client may use, so that what is not spoken is answered in
MLflow's shape too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, Router, get, route
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from marigram.server.access import Forbidden, Unauthorized
from marigram.server.ingest import Busy, EnvelopeError, Ingest, ModelKeeper, UnknownRunError
from marigram.server.protocols.mlflow.artifact_routes import ArtifactRoutes
from marigram.server.protocols.mlflow.endpoints import Endpoint, Endpoints
from marigram.server.protocols.mlflow.errors import ErrorCode, MlflowError, answer_of, code_of_status
from marigram.server.protocols.mlflow.experiment_routes import ExperimentRoutes
from marigram.server.protocols.mlflow.experiments import Experiments
from marigram.server.protocols.mlflow.metric_routes import MetricRoutes
from marigram.server.protocols.mlflow.model_routes import ModelRoutes
from marigram.server.protocols.mlflow.multipart_routes import MultipartRoutes
from marigram.server.protocols.mlflow.reading import Asked
from marigram.server.protocols.mlflow.registry_routes import RegistryRoutes
from marigram.server.protocols.mlflow.run_routes import RunRoutes
from marigram.server.protocols.mlflow.run_writing import RunWriter
from marigram.server.protocols.mlflow.search_routes import SearchRoutes
from marigram.server.protocols.mlflow.sources import ModelSources
from marigram.server.query import BadQuestion, NotThere, Query

PREFIXES = ("/api/2.0/mlflow", "/ajax-api/2.0/mlflow", "/api/3.0/mlflow", "/ajax-api/3.0/mlflow")
STORE_PREFIXES = ("/api/2.0/mlflow-artifacts", "/ajax-api/2.0/mlflow-artifacts")
"""Below them are files, which go to the disk as they come, so their size is bounded by the disk alone."""

SPOKEN_VERSION = "3.3.0"
"""Below 3.4, from which on clients would send traces."""

MOST_BODY_BYTES = 64 * 1024 * 1024
"""A thousand points take 100 KB; descriptions of data sets may be long."""

_METHODS = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]
_MOST_REMEMBERED = 1000
_log = logging.getLogger(__name__)


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """What else a server may have."""

    gateway: bool = False


class ServerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What clients of 3.x ask for to find out what the server can."""

    store_type: str = "SqlStore"
    workspaces_enabled: bool = False
    trace_archival_enabled: bool = False
    multipart_uploads_enabled: bool = False
    multipart_downloads_enabled: bool = False
    features_enabled: Features = Features()


def mlflow_routes(*, ingest: Ingest, query: Query, keeper: ModelKeeper, clock_ms: Callable[[], int]) -> Router:
    """Return the routes of MLflow's protocol.

    They write through `ingest` and read through `query`; models are registered with `keeper`.
    """
    experiments = Experiments(query=query)
    writer = RunWriter(ingest=ingest, query=query, clock_ms=clock_ms)
    runs = RunRoutes(ingest=ingest, query=query, experiments=experiments, writer=writer, clock_ms=clock_ms)
    artifacts = ArtifactRoutes(ingest=ingest, query=query, experiments=experiments, writer=writer)
    parts = MultipartRoutes(ingest=ingest, query=query, artifacts=artifacts)
    models = ModelRoutes(query=query, experiments=experiments, writer=writer, artifacts=artifacts, clock_ms=clock_ms)
    sources = ModelSources(query=query, experiments=experiments, writer=writer, models=models)
    endpoints = Endpoints(
        [
            *ExperimentRoutes(experiments=experiments, writer=writer, clock_ms=clock_ms).endpoints(),
            *runs.endpoints(),
            *MetricRoutes(query=query).endpoints(),
            *SearchRoutes(query=query, experiments=experiments).endpoints(),
            *artifacts.endpoints(),
            *models.endpoints(),
            *RegistryRoutes(query=query, keeper=keeper, sources=sources).endpoints(),
            Endpoint("GET", "server-info", _server_info),
        ]
    )
    said = _answering(PREFIXES, endpoints, most_body_bytes=MOST_BODY_BYTES)
    stored = _answering(
        STORE_PREFIXES, Endpoints([*artifacts.store_endpoints(), *parts.endpoints()]), most_body_bytes=None
    )
    return Router("", route_handlers=[said, stored], exception_handlers=EXCEPTION_HANDLERS)


def _answering(prefixes: Sequence[str], endpoints: Endpoints, *, most_body_bytes: int | None) -> HTTPRouteHandler:
    """Return what answers all requests below these prefixes."""
    unknown: set[tuple[str, str]] = set()

    @route(
        [place for prefix in prefixes for place in (prefix, f"{prefix}/{{path:path}}")],
        http_method=_METHODS,
        include_in_schema=False,
        request_max_body_size=most_body_bytes,
        status_code=200,
    )
    async def answer(request: Request[Any, Any, Any], path: str = "") -> Response[Any]:
        found = endpoints.find(request.method, path.strip("/"))
        if found is None:
            _note_unknown(unknown, request.method, request.url.path)
            message = (
                f"{request.method} {request.url.path} is not spoken here. The guide to MLflow's clients says what is."
            )
            raise MlflowError(ErrorCode.ENDPOINT_NOT_FOUND, message)
        handler, parts = found
        said = await handler(Asked(request=request, parts=parts))
        if isinstance(said, Response):
            return said
        return Response(msgspec.json.encode(said), media_type=MediaType.JSON)

    return answer


def mlflow_version_route() -> Router:
    """Return the path at which clients ask how new the server is; it needs no token."""

    @get("/version", media_type=MediaType.TEXT, include_in_schema=False)
    async def spoken_version() -> str:
        return SPOKEN_VERSION

    return Router("", route_handlers=[spoken_version])


async def _server_info(_: Asked) -> ServerInfo:
    return ServerInfo()


def _note_unknown(unknown: set[tuple[str, str]], method: str, path: str) -> None:
    """Log an endpoint that is not spoken, once."""
    if (method, path) not in unknown and len(unknown) < _MOST_REMEMBERED:
        unknown.add((method, path))
        _log.warning("An MLflow client asked for %s %s, which is not spoken here.", method, path)


def _refused(_: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    match error:
        case MlflowError():
            return answer_of(error.code, str(error))
        case Busy():
            headers = {"retry-after": str(error.retry_after_s)}
            return answer_of(ErrorCode.REQUEST_LIMIT_EXCEEDED, str(error), headers=headers)
        case Unauthorized():
            return answer_of(ErrorCode.UNAUTHENTICATED, str(error))
        case Forbidden():
            return answer_of(ErrorCode.PERMISSION_DENIED, str(error))
        case NotThere() | UnknownRunError():
            return answer_of(ErrorCode.RESOURCE_DOES_NOT_EXIST, str(error))
        case HTTPException():
            return answer_of(code_of_status(error.status_code), error.detail, status=error.status_code)
        case _:
            return answer_of(ErrorCode.INVALID_PARAMETER_VALUE, str(error))


def _broken(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    _log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer_of(ErrorCode.INTERNAL_ERROR, "The server failed on this request. Its log says why.")


EXCEPTION_HANDLERS: dict[int | type[Exception], Callable[[Request[Any, Any, Any], Exception], Response[Any]]] = {
    MlflowError: _refused,
    Busy: _refused,
    Unauthorized: _refused,
    Forbidden: _refused,
    NotThere: _refused,
    UnknownRunError: _refused,
    BadQuestion: _refused,
    EnvelopeError: _refused,
    HTTPException: _refused,
    Exception: _broken,
}
"""How every refusal below MLflow's prefixes is said."""
