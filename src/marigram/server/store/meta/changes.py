"""What a batch has changed so far, and the outcome that every engine makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from marigram.model import Batch, CreateRun, Path, ProjectName, Rejection
from marigram.server.store.meta.keys import run_unknown
from marigram.server.store.meta.port import Outcome, Placement

NOTHING = Placement()
"""An operation that means nothing to the point store."""


class Changes(msgspec.Struct):
    """Gathered while a batch is applied. `run` is whether the run's own row changed."""

    rejections: list[Rejection] = msgspec.field(default_factory=list[Rejection])
    paths: set[Path] = msgspec.field(default_factory=set[Path])
    run: bool = False

    def outcome(self, project: ProjectName, placements: Sequence[Placement]) -> Outcome:
        """Return what became of the batch."""
        return Outcome(
            placements=tuple(placements),
            rejections=tuple(self.rejections),
            project=project,
            run_changed=self.run,
            changed_paths=frozenset(self.paths),
        )


def creation_in(batch: Batch) -> CreateRun | None:
    """Return the operation that makes the run, if there is one."""
    return next((each for each in batch.operations if isinstance(each, CreateRun)), None)


def refused_whole(batch: Batch) -> Outcome:
    """Return the outcome of a batch for a run that does not exist."""
    return Outcome(
        placements=(NOTHING,) * len(batch.operations),
        rejections=(run_unknown(batch.run_id, len(batch.operations)),),
        project=None,
        run_changed=False,
        changed_paths=frozenset(),
    )
