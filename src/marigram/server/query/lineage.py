"""Which runs belong to a run: the one it was forked from, those that were forked from it, and those of its group."""

from __future__ import annotations

import msgspec

from marigram.model import Path, Run
from marigram.server.query.finding import RunFinder
from marigram.server.store.meta.port import MetaStore, RunSort

GROUP = "sys/group"

MOST_CHILDREN = 200
"""Forks that an answer names; the newest."""

MOST_IN_GROUP = 50
"""Runs of the group that an answer names; the newest."""


class LineageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The runs that belong to a run; but for the parent none is in the trash.

    Attributes:
        parent: which run it was forked from; None if it was not, or if that run is not here.
        children: the runs that were forked from it, the newest first, at most 200.
        child_count: how many they are in all.
        group: the text at `sys/group`, empty if it has none.
        group_runs: the other runs of the project with the same group, the newest first, at most 50.
        group_count: how many there are in all.
    """

    parent: Run | None
    children: list[Run]
    child_count: int
    group: str
    group_runs: list[Run]
    group_count: int


def lineage_of(meta: MetaStore, finder: RunFinder, run: Run) -> LineageAnswer:
    """Return the runs that belong to `run`."""
    parent = None if run.fork is None else meta.run(run.fork.run_id)
    children = [child for child in meta.forks(run.id) if child.trashed_at is None]
    children.sort(key=lambda child: child.created_at, reverse=True)
    held = meta.attribute(run.id, GROUP)
    group = held.value if held is not None and isinstance(held.value, str) else ""
    others: list[Run] = []
    count = 0
    if group:
        found = finder.find(
            run.project,
            text="",
            query=f"`{GROUP}` = {_quoted(group)}",
            sort=[RunSort(path=Path("sys/creation_time"), descending=True)],
            trashed=False,
            cursor=None,
            limit=MOST_IN_GROUP + 1,
        )
        others = [other for other in meta.runs(found.run_ids) if other.id != run.id][:MOST_IN_GROUP]
        # A run in the trash is none of those that were found.
        count = found.total - (1 if run.trashed_at is None else 0)
    seen = finder.as_seen
    return LineageAnswer(
        parent=None if parent is None else seen(parent),
        children=[seen(child) for child in children[:MOST_CHILDREN]],
        child_count=len(children),
        group=group,
        group_runs=[seen(other) for other in others],
        group_count=count,
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
