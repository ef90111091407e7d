"""Which runs are so old that their series are thinned.

Left alone are runs that have not ended, and those that were heard of since; those in the trash; and those that others
were forked from, because what these inherit would change with them. A run that was itself forked keeps all of its own
points up to the step of the fork: where one went, the parent's would show.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice

from marigram.model import Run, RunStatus
from marigram.server.store.meta.port import MetaStore

_DAY_MS = 86_400_000
_PAGE = 1_000


def old_runs(meta: MetaStore, candidates: Sequence[str], *, days: float, now: int) -> Iterator[Run]:
    """Yield those of the runs whose series are thinned if nothing was heard of them for so many days."""
    before = now - round(days * _DAY_MS)
    remaining = iter(candidates)
    while page := list(islice(remaining, _PAGE)):
        for run in meta.runs(page):
            if run.status is RunStatus.RUNNING or run.ended_at is None or run.trashed_at is not None:
                continue
            if max(run.ended_at, run.heard_at) < before and not meta.forks(run.id):
                yield run


def own_from(run: Run) -> float:
    """Return the step up to which a run's points are left alone."""
    return -math.inf if run.fork is None else run.fork.step
