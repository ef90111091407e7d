"""What projects, runs and series take of the server's disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from marigram.server.store.blobs.port import BlobStore
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.port import PointStore


class RunUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What a run takes, in bytes.

    Attributes:
        points: its points, about.
        files: blobs that this run alone names; what a deletion of it gives back, beside its points.
        shared_files: blobs that other runs name as well.
    """

    id: str
    key: str
    project: str
    in_trash: bool
    points: int
    files: int
    shared_files: int


class SeriesUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What one series takes in bytes, as far as its points have been moved to blocks, where points are compressed."""

    path: str
    points: int


class StorageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for takes, in bytes.

    Attributes:
        points: of all runs below.
        files: blobs that these runs name, each counted once.
        shared_files: those of `files` that other runs than these name as well.
        unnamed_files: blobs that nothing names, of the whole server; they go by themselves.
        runs: the largest first.
        series: of the run, if one was asked for, the largest first.
    """

    points: int
    files: int
    shared_files: int
    unnamed_files: int
    runs: list[RunUsage]
    series: list[SeriesUsage] = []


def storage_of(
    meta: MetaStore, points: PointStore, blobs: BlobStore, *, project: str | None, run_id: str | None
) -> StorageAnswer:
    """Return what a run, a project or everything takes. It reads all names of files, so it is not for every second."""
    sizes = {entry.sha256: entry.size for entry in blobs.entries()}
    namers: defaultdict[str, set[str]] = defaultdict(set)
    for store in (points, meta):
        for namer, sha256 in store.named_blobs():
            namers[sha256].add(namer)
    named: defaultdict[str, set[str]] = defaultdict(set)
    for sha256, runs_of in namers.items():
        for namer in runs_of:
            named[namer].add(sha256)
    of_points = points.usage()
    candidates = [run_id] if run_id is not None else sorted({*of_points, *named})

    def size(some: Iterable[str]) -> int:
        return sum(sizes.get(sha256, 0) for sha256 in some)

    runs = [
        RunUsage(
            id=run.id,
            key=run.key,
            project=run.project,
            in_trash=run.trashed_at is not None,
            points=of_points.get(run.id, 0),
            files=size(sha256 for sha256 in named[run.id] if len(namers[sha256]) == 1),
            shared_files=size(sha256 for sha256 in named[run.id] if len(namers[sha256]) > 1),
        )
        for run in meta.runs(candidates)
        if project is None or run.project == project
    ]
    runs.sort(key=lambda run: (-(run.points + run.files), run.key))
    mine = {run.id for run in runs}
    ours = {sha256 for run in mine for sha256 in named[run]}
    series: list[SeriesUsage] = []
    if run_id is not None:
        by_attribute = points.series_usage(run_id)
        paths = _paths(meta, run_id)
        series = [SeriesUsage(path=paths[each], points=taken) for each, taken in by_attribute.items() if each in paths]
        series.sort(key=lambda each: (-each.points, each.path))
    return StorageAnswer(
        points=sum(run.points for run in runs),
        files=size(ours),
        shared_files=size(sha256 for sha256 in ours if namers[sha256] - mine),
        unnamed_files=size(sizes.keys() - namers.keys()),
        runs=runs,
        series=series,
    )


def _paths(meta: MetaStore, run_id: str) -> dict[int, str]:
    found: dict[int, str] = {}
    after = ""
    while page := meta.attributes(run_id, after=after, limit=1000):
        found.update({each.id: each.path for each in page})
        after = page[-1].path
    return found
