"""The hub wakes watchers after a commit. It carries no data: a woken watcher asks the query door for what is new.

Changes that arrive while a watcher is busy are merged into one, so a slow watcher costs a bounded amount of memory and
misses nothing. `publish` may be called from any thread; watchers live on the event loop that `start` was called on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager

import msgspec

from marigram.model import Path, ProjectName

MANY_PATHS = 500
"""Changed paths that are named one by one; beyond that a watcher is told that many changed."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a commit changed in one run.

    Attributes:
        run_id: the run.
        project: its project.
        points: points were written or removed.
        run_changed: the run's own row changed.
        paths: attributes that were set, removed or appeared.
    """

    run_id: str
    project: ProjectName
    points: bool
    run_changed: bool
    paths: frozenset[Path]


class Watcher:
    """One who waits for changes of some runs. Use it on the event loop only."""

    def __init__(self, *, run_id: str | None, project: ProjectName | None) -> None:
        self._run_id = run_id
        self._project = project
        self._pending: dict[str, Change] = {}
        self._awake = asyncio.Event()

    def cares_for(self, change: Change) -> bool:
        """Return whether `change` concerns what is watched."""
        if self._run_id is not None:
            return change.run_id == self._run_id
        return self._project is None or change.project == self._project

    def add(self, change: Change) -> None:
        """Merge `change` into what is pending and wake up."""
        earlier = self._pending.get(change.run_id)
        self._pending[change.run_id] = change if earlier is None else _merged(earlier, change)
        self._awake.set()

    def close(self) -> None:
        """Wake up with nothing pending, so that a stream can end."""
        self._awake.set()

    async def wait(self, *, timeout_s: float) -> list[Change]:
        """Return the changes since the last call, at once if there are any; an empty list after `timeout_s`."""
        try:
            await asyncio.wait_for(self._awake.wait(), timeout_s)
        except asyncio.TimeoutError:
            return []
        self._awake.clear()
        changes = list(self._pending.values())
        self._pending.clear()
        return changes


class Hub:
    """Knows all watchers of this process."""

    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the server is stopping; streams end then."""
        return self._closed

    def start(self) -> None:
        """Take the running event loop as the one that watchers live on."""
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        for watcher in self._watchers:
            watcher.close()

    @contextmanager
    def watch(self, *, run_id: str | None = None, project: ProjectName | None = None) -> Generator[Watcher]:
        """Watch one run, one project, or everything, until the context is left."""
        watcher = Watcher(run_id=run_id, project=project)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def publish(self, changes: Iterable[Change]) -> None:
        """Wake whoever watches what changed. Safe from any thread; without watchers it costs next to nothing."""
        if self._loop is None or not self._watchers:
            return
        batch = tuple(changes)
        try:
            self._loop.call_soon_threadsafe(self._deliver, batch)
        except RuntimeError:
            return  # the loop has been closed: nobody is left to wake

    def _deliver(self, changes: tuple[Change, ...]) -> None:
        for watcher in self._watchers:
            for change in changes:
                if watcher.cares_for(change):
                    watcher.add(change)


def _merged(earlier: Change, later: Change) -> Change:
    return Change(
        run_id=later.run_id,
        project=later.project,
        points=earlier.points or later.points,
        run_changed=earlier.run_changed or later.run_changed,
        paths=earlier.paths | later.paths,
    )
