"""What people arrange and save under a name: views of a project. They change no run."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import msgspec

from marigram.model import View, ViewKind
from marigram.server.ingest.refusals import UnknownProjectError, ViewRefusedError
from marigram.server.store.meta.port import MetaStore

MOST_CONTENT = 32_768
"""Characters of one view: a dashboard of some hundred charts."""

MOST_VIEWS = 100
"""Of one kind in one project; a list of more is searched, not read."""


class ViewKeeper:
    """Saves views and forgets them. Any thread."""

    def __init__(self, *, meta: MetaStore, clock_ms: Callable[[], int]) -> None:
        self._meta = meta
        self._clock_ms = clock_ms

    def save(self, project: str, kind: ViewKind, name: str, content: str) -> View:
        """Keep a view in place of the one of this kind and name, and return it.

        Raises:
            UnknownProjectError: there is no such project.
            ViewRefusedError: the content is too long or no JSON object, or the project has too many views.
        """
        _check(content)
        names = {view.name for view in self._meta.views(project, kind)}
        if name not in names and len(names) >= MOST_VIEWS:
            message = f"{project} has {len(names)} views of this kind already. Remove one, then save this one."
            raise ViewRefusedError(message)
        view = View(kind=kind, name=name, content=content, saved_at=self._clock_ms())
        if not self._meta.save_view(project, view):
            message = f"There is no project {project!r}. Log a first run to it, then save views of it."
            raise UnknownProjectError(message)
        return view

    def remove(self, project: str, kind: ViewKind, name: str) -> None:
        """Forget a view; one that is not there is forgotten already."""
        self._meta.remove_view(project, kind, name)


def _check(content: str) -> None:
    if len(content) > MOST_CONTENT:
        message = f"The view has {len(content)} characters. Keep it below {MOST_CONTENT}: show less in it."
        raise ViewRefusedError(message)
    try:
        decoded = cast("object", msgspec.json.decode(content))
    except (msgspec.DecodeError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        message = "The content of a view has to be a JSON object. Send what the web app has written."
        raise ViewRefusedError(message)
