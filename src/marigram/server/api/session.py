"""Signing in from a browser: a token goes into a cookie that scripts on the page can't read."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router, delete, get, post
from litestar.datastructures import Cookie

from marigram import version
from marigram.server.access import COOKIE, Gate, Unauthorized
from marigram.server.api.messages import Session, SignIn

COOKIE_MAX_AGE_S = 90 * 24 * 3600


def session_routes(gate: Gate) -> Router:
    """Return the routes that a browser signs in and out by. They need no token themselves."""

    @get("/session", sync_to_thread=True, summary="Say whether a token is needed")
    def session(request: Request[Any, Any, Any]) -> Session:
        signed_in = gate.lets_in(request.headers, request.cookies)
        return _session(required=gate.token_required, signed_in=signed_in)

    @post("/session", sync_to_thread=True, status_code=200, summary="Sign in with a token")
    def sign_in(request: Request[Any, Any, Any], data: SignIn) -> Response[Session]:
        if gate.token_required and not gate.knows(data.token):
            message = "The server does not know this token. 'marigram token create' makes one."
            raise Unauthorized(message)
        cookie = Cookie(
            key=COOKIE,
            value=data.token,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
            max_age=COOKIE_MAX_AGE_S,
            path="/",
        )
        return Response(_session(required=gate.token_required, signed_in=True), cookies=[cookie])

    @delete("/session", status_code=204, summary="Sign out")
    async def sign_out() -> Response[None]:
        response: Response[None] = Response(None, status_code=204)
        response.delete_cookie(COOKIE)
        return response

    return Router("", route_handlers=[session, sign_in, sign_out], tags=["session"])


def _session(*, required: bool, signed_in: bool) -> Session:
    return Session(token_required=required, signed_in=signed_in, version=version.VERSION)
