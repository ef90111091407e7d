"""`Deleter`: takes a run out of the stores for good, a slice at a time, so that no commit in between waits for long.

Its attributes go first. In the end its points and then its row go together: after a crash in between the run is still
there, in the trash, to be deleted again. Once it has begun it goes to its end, and the run cannot be restored. What its
processes say shortly after that does not make it anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

import msgspec

from marigram.model import Batch, CreateRun, Run, RunStatus
from marigram.server.ingest.refusals import RunKeptError
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.port import PointStore

ATTRIBUTES_PER_SLICE = 2_000
"""Removed in some ten milliseconds, in fifty on a machine that is busy."""

SILENT_AFTER_MS = 60_000
"""A run that says it is running and was not heard of for so long may be deleted."""

LAST_WORDS_MS = 60_000
"""So long after a run was deleted, what its processes still say does not make it anew."""

_NAMED = 5


class Deleter:
    """Deletes runs. `advance` is for the thread that commits, `keeping` for any."""

    def __init__(self, *, meta: MetaStore, points: PointStore, clock_ms: Callable[[], int]) -> None:
        self._meta = meta
        self._points = points
        self._clock_ms = clock_ms
        self._lock = threading.Lock()
        self._begun: set[str] = set()
        self._gone: dict[str, tuple[int, int]] = {}

    def advance(self, run: Run) -> bool:
        """Remove some of the run; return whether it is gone. Call it again until it is.

        Raises:
            RunKeptError: it is not in the trash, it still goes on, other runs were forked from it, or a registered
                model has its files there; it is as it was.
            OSError: the disk is full or broken; some of the run may be left.
        """
        if run.id not in self._begun:
            self._begin(run.id)
        try:
            if self._meta.remove_some(run.id, at_most=ATTRIBUTES_PER_SLICE):
                return False
            self._points.delete_run(run.id)
            self._meta.delete_run(run.id)
        except BaseException:
            self._begun.discard(run.id)
            raise
        self._begun.discard(run.id)
        self._remember(run)
        return True

    def _remember(self, run: Run) -> None:
        now = self._clock_ms()
        self._gone.pop(run.id, None)  # or it would stay in its old place, before others that are older
        self._gone[run.id] = (run.created_at, now + LAST_WORDS_MS)
        while (oldest := next(iter(self._gone))) != run.id and self._gone[oldest][1] <= now:
            del self._gone[oldest]

    def without_return(self, batch: Batch) -> Batch:
        """Return the batch, without what would make a run anew that was deleted just now; called where `advance` is.

        A syncer goes on after its script and says last what was stored. A new run under the same id was made later,
        and is let in.
        """
        made_at, until = self._gone.get(batch.run_id, (None, 0))
        if made_at is None or self._clock_ms() >= until:
            return batch
        kept = (each for each in batch.operations if not (isinstance(each, CreateRun) and each.created_at == made_at))
        return msgspec.structs.replace(batch, operations=tuple(kept))

    def _begin(self, run_id: str) -> None:
        with self._lock:
            run = self._meta.run(run_id)
            if run is not None:
                self._require_deletable(run)
            self._begun.add(run_id)

    def _require_deletable(self, run: Run) -> None:
        if run.trashed_at is None:
            message = f"The run {run.key} is not in the trash. Put it there first, then delete it."
            raise RunKeptError(message)
        if run.status is RunStatus.RUNNING and self._clock_ms() - run.heard_at < SILENT_AFTER_MS:
            message = f"The run {run.key} still goes on. Stop it, then delete it."
            raise RunKeptError(message)
        forks = [fork.key for fork in self._meta.forks(run.id)]
        if forks:
            message = (
                f"The history of {', '.join(forks[:_NAMED])}{' and others' if forks[_NAMED:] else ''} "
                f"begins in the run {run.key}, which therefore stays in the trash. Delete those first."
            )
            raise RunKeptError(message)
        versions = self._meta.registry.versions_from(run.id)
        named = [f"{each.model} {each.number}" for each in versions if each.files and each.files.run_id == run.id]
        if named:
            message = (
                f"The run {run.key} holds the files of registered models: {', '.join(named[:_NAMED])}"
                f"{' and others' if named[_NAMED:] else ''}. It stays in the trash. Delete those versions first."
            )
            raise RunKeptError(message)

    @contextmanager
    def keeping(self, run_id: str) -> Generator[None]:
        """Let no deletion of the run begin as long as the block goes on.

        Raises:
            RunKeptError: it has begun.
        """
        with self._lock:
            if run_id in self._begun:
                message = f"The run {run_id} is being deleted at this moment. It cannot be restored any more."
                raise RunKeptError(message)
            yield
