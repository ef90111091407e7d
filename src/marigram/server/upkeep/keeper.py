"""The thread that tidies up behind deletions, and follows the rules of what goes by itself.

It looks once an hour, and soon after a deletion. Whatever goes wrong is said in the log, and tried again the next time.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path as FilePath

from marigram.model import Batch, Delete, Run
from marigram.server.ingest import Busy, Ingest, RunKeptError, UnknownRunError
from marigram.server.store.blobs.port import BlobStore
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.port import DamagedPointsError, PointStore
from marigram.server.upkeep.ageing import old_runs, own_from
from marigram.server.upkeep.checkpoints import surplus_files
from marigram.server.upkeep.rules import Rules, read_rules
from marigram.server.upkeep.sweep import GRACE_MS, SweepLock, sweep

LOOK_EVERY_S = 3600.0
SETTLE_S = 2.0
"""After a deletion there are often more; they are tidied up behind together."""

_DAY_MS = 86_400_000

_WRITER = "retention"
_MOST_OPERATIONS = 1_000
"""In one batch; what others commit does not have to wait long for it."""


class Upkeep:
    """Tidies up. `start()` begins, `stop()` ends; `wake()` says that something was deleted.

    Args:
        root: the data folder, for the rules and the lock of those who copy.
        meta, points, blobs: the stores.
        ingest: deletes runs.
        forget_parts: removes uploads in parts that nobody goes on with.
        free_room: gives a little room of the meta store back to the disk, and says whether there is more.
        clock_ms: milliseconds since 1970.
        grace_ms: how long a blob that nothing names stays.
    """

    def __init__(
        self,
        *,
        root: FilePath,
        meta: MetaStore,
        points: PointStore,
        blobs: BlobStore,
        ingest: Ingest,
        forget_parts: Callable[[], int],
        free_room: Callable[[], bool],
        clock_ms: Callable[[], int],
        grace_ms: int = GRACE_MS,
    ) -> None:
        self._root = root
        self._meta = meta
        self._points = points
        self._blobs = blobs
        self._ingest = ingest
        self._forget_parts = forget_parts
        self._free_room = free_room
        self._clock_ms = clock_ms
        self._grace_ms = grace_ms
        self._changed = threading.Condition()
        self._woken = False
        self._stopping = False
        self._logger = logging.getLogger(__name__)
        self._thread = threading.Thread(target=self._work, name="marigram-upkeep", daemon=True)

    def start(self) -> None:
        """Begin; the first look is at once."""
        self._thread.start()

    def wake(self) -> None:
        """Look soon, because something was deleted."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def stop(self) -> None:
        """End; what is being looked at is finished first."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._stopping:
            for act in (self.follow_rules, self.thin_series, self.forget_uploads, self.sweep, self.free_room):
                try:
                    act()
                except Exception as error:  # noqa: BLE001 a dead thread would tidy up nothing any more
                    self._logger.warning("Could not tidy up: %s", error)
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._woken, timeout=LOOK_EVERY_S)
                self._woken = False
                self._changed.wait_for(lambda: self._stopping, timeout=SETTLE_S)

    def follow_rules(self) -> None:
        """Delete what has been in the trash for long enough, and files that are too many.

        Raises:
            RulesError: the rules cannot be understood.
        """
        rules = read_rules(self._root)
        for run, paths in surplus_files(self._meta, rules):
            for at in range(0, len(paths), _MOST_OPERATIONS):
                if self._stopping:
                    return
                first = self._ingest.durable_seq(run.id, _WRITER) + 1
                operations = tuple(Delete(path=each.path) for each in paths[at : at + _MOST_OPERATIONS])
                last = first + len(operations) - 1
                batch = Batch(run_id=run.id, writer=_WRITER, first_seq=first, last_seq=last, operations=operations)
                asyncio.run(self._ingest.accept(batch))
            self._logger.info("Deleted %d files of the run %s of %s by a rule.", len(paths), run.key, run.project)
        for run in due(self._meta, rules, self._clock_ms()):
            if self._stopping:
                return
            try:
                self._ingest.delete_now(run.id)
            except (Busy, RunKeptError, UnknownRunError) as error:
                self._logger.info("Not deleted this time: %s", error)
            else:
                self._logger.info("Deleted the run %s of %s, which was in the trash.", run.key, run.project)

    def thin_series(self) -> None:
        """Thin the series of runs that ended long ago.

        Raises:
            RulesError: the rules cannot be understood.
            OSError: the disk is full or broken.
        """
        rules = read_rules(self._root)
        if rules.thin_after_days is None:
            return
        thinner = self._points.thinner
        found = thinner.candidates(rules.thin_to)
        for run in old_runs(self._meta, found, days=rules.thin_after_days, now=self._clock_ms()):
            if self._stopping:
                return
            try:
                gone = thinner.thin(run.id, points=rules.thin_to, after_step=own_from(run), rest=self._rest)
            except DamagedPointsError as error:
                self._logger.warning("The run %s of %s was not thinned. %s", run.key, run.project, error)
                continue
            if gone:
                self._logger.info("Thinned the run %s of %s: %d points went.", run.key, run.project, gone)

    def _rest(self, seconds: float) -> bool:
        """Leave the stores to others for a while, and return whether to stop."""
        with self._changed:
            return self._changed.wait_for(lambda: self._stopping, timeout=seconds)

    def forget_uploads(self) -> None:
        """Remove uploads in parts that nobody goes on with."""
        forgotten = self._forget_parts()
        if forgotten:
            self._logger.info("Removed %d uploads that were never finished.", forgotten)

    def sweep(self) -> None:
        """Remove blobs that nothing names, unless somebody copies them at this moment."""
        with SweepLock(self._root).held() as mine:
            if not mine:
                return
            swept = sweep(
                meta=self._meta,
                points=self._points,
                blobs=self._blobs,
                now=self._clock_ms(),
                grace_ms=self._grace_ms,
            )
        if swept.blobs:
            self._logger.info("Removed %d blobs that nothing names, %d bytes.", swept.blobs, swept.bytes)

    def free_room(self) -> None:
        """Give back what deletions have left in the meta store."""
        while self._free_room() and not self._stopping:
            pass


def due(meta: MetaStore, rules: Rules, now: int) -> list[Run]:
    """Return the runs that the rules let go now, those that were forked from others before those others."""
    if rules.trash_days is None:
        return []
    waiting = meta.trashed_before(now - round(rules.trash_days * _DAY_MS))
    found: list[Run] = []
    gone: set[str] = set()
    while True:
        ready = [run for run in waiting if {fork.id for fork in meta.forks(run.id)} <= gone]
        if not ready:
            return found
        found.extend(ready)
        gone.update(run.id for run in ready)
        waiting = [run for run in waiting if run.id not in gone]
