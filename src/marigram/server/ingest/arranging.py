"""What people arrange and save under a name: views of a project. They change no run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

import msgspec

from marigram.model import View, ViewKind
from marigram.server.ingest.refusals import UnknownProjectError, ViewChangedError, ViewRefusedError
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
        self._one_at_a_time = threading.Lock()

    def save(self, project: str, kind: ViewKind, name: str, content: str, *, instead_of: int | None = None) -> View:
        """Keep a view in place of the one of this kind and name, and return it.

        Args:
            project: the project's name.
            kind: what it arranges.
            name: how people call it.
            content: a JSON object, as text.
            instead_of: when the view that was changed had been saved (`View.saved_at`); None: whatever is there.

        Raises:
            UnknownProjectError: there is no such project.
            ViewChangedError: the view has been saved again, or removed, since `instead_of`.
            ViewRefusedError: the content is too long or no JSON object, or the project has too many views.
        """
        _check(content)
        with self._one_at_a_time:
            saved_at = {view.name: view.saved_at for view in self._meta.views(project, kind)}
            held = saved_at.get(name)
            if instead_of is not None and held != instead_of:
                became = "has been removed" if held is None else "has been saved again"
                message = f"{name!r} {became} since it was read. Read it again, then change it, or save it as it is."
                raise ViewChangedError(message)
            if held is None and len(saved_at) >= MOST_VIEWS:
                message = f"{project} has {len(saved_at)} views of this kind already. Remove one, then save this one."
                raise ViewRefusedError(message)
            # Two that are saved within a millisecond are told apart, too.
            now = self._clock_ms() if held is None else max(self._clock_ms(), held + 1)
            view = View(kind=kind, name=name, content=content, saved_at=now)
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
