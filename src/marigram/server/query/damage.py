"""What is said of points and files that the server's disk has lost: which run and which path, and what to do."""

from __future__ import annotations

from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.port import DamagedPointsError

_WHAT_TO_DO = (
    "Everything else can still be read. 'marigram doctor' lists all that is damaged; restore the server's data from a "
    "backup if this is needed."
)


def damaged_points(meta: MetaStore, error: DamagedPointsError) -> str:
    """Return a sentence that names the run and the path of a damaged series, and what to do."""
    run_id, attribute = error.run_id, error.attribute
    if run_id is None or attribute is None:
        return str(error)
    after, path = "", None
    while path is None and (page := meta.attributes(run_id, after=after, limit=1000)):
        path = next((each.path for each in page if each.id == attribute), None)
        after = page[-1].path
    name = path or f"series {attribute}"
    return f"Points of {name!r} of run {_key(meta, run_id)} are damaged on the server's disk. {_WHAT_TO_DO}"


def damaged_file(meta: MetaStore, run_id: str, path: str) -> str:
    """Return a sentence that names the run and the path of a damaged file, and what to do."""
    return f"The file at {path!r} of run {_key(meta, run_id)} is damaged on the server's disk. {_WHAT_TO_DO}"


def _key(meta: MetaStore, run_id: str) -> str:
    run = meta.run(run_id)
    return run_id if run is None else f"{run.key} of {run.project}"
