"""The web app as files: everything that is not an API is the app's page, which reads the address itself."""

from __future__ import annotations

import mimetypes
from pathlib import Path as FilePath

from litestar import MediaType, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.response import File

PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " font-src 'self' data:; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'self';"
    " frame-ancestors 'self'"
)
"""What the app's page may load: from this server alone. Styles are set inline by the component library."""

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Marigram</title>
<body style="font: 15px system-ui; max-width: 40em; margin: 4em auto; padding: 0 1em">
<h1>The web app has not been built</h1>
<p>The server runs and takes what is logged. This installation was made without the web app. To have it, install
Marigram from a wheel, or run <code>make web</code> in the clone and start the server again.</p>
<p>The API is described at <a href="/schema">/schema</a>.</p></body></html>"""


def page_routes(folder: FilePath) -> Router:
    """Return the routes that serve the built app in `folder`, and its page for every other address."""
    root = folder.resolve()

    @get("/{path:path}", include_in_schema=False, sync_to_thread=True)
    def page(path: FilePath) -> File | Response[str]:
        asset = _inside(root, str(path).lstrip("/"))
        if asset is not None:
            return _served(asset, immutable="assets" in asset.relative_to(root).parts[:1])
        if path.parts[:2] == ("/", "assets"):
            # The app's page in place of a script of an older build would fail in a way that nobody understands.
            message = f"There is no {path}. Reload the page: the app was updated."
            raise NotFoundException(message)
        return index()

    @get("/", include_in_schema=False, sync_to_thread=True)
    def home() -> File | Response[str]:
        return index()

    def index() -> File | Response[str]:
        file = root / "index.html"
        if file.is_file():
            return _served(file, immutable=False)
        return Response(_NOT_BUILT, media_type=MediaType.HTML)

    return Router("", route_handlers=[home, page])


def _inside(root: FilePath, name: str) -> FilePath | None:
    """Return the file of this name in the folder, None if there is none or it is elsewhere."""
    try:
        file = (root / name).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except (OSError, ValueError):
        return None  # a name that no file can have: too long, or with a zero byte


def _served(file: FilePath, *, immutable: bool) -> File:
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = {
        "cache-control": _FOR_EVER if immutable else _ASK_AGAIN,
        "content-security-policy": PAGE_POLICY,
    }
    return File(file, filename=file.name, media_type=media_type, content_disposition_type="inline", headers=headers)
