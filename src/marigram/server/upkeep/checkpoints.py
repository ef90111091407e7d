"""Which files of ended runs are more than a rule keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from marigram.model import Kind, Path, Run, RunStatus
from marigram.server.store.meta.port import Attribute, MetaStore, RunSort

_NUMBER = re.compile(r"(\d+)")
_NEWEST_FIRST = RunSort(path=Path("sys/creation_time"), descending=True)
_PAGE = 1_000


def surplus_files(meta: MetaStore, keep: Mapping[str, int]) -> Iterator[tuple[Run, list[Attribute]]]:
    """Yield each run that has more files below a path than are kept, and those that go, the oldest by name first."""
    if not keep:
        return
    for project in meta.projects():
        run_ids = meta.search_runs(project.name, text="", sort=_NEWEST_FIRST)
        for at in range(0, len(run_ids), _PAGE):
            for run in meta.runs(run_ids[at : at + _PAGE]):
                if run.status is RunStatus.RUNNING:
                    continue
                for prefix, count in keep.items():
                    found = sorted(_files(meta, run.id, prefix), key=_natural)
                    if len(found) > count:
                        yield run, found[: len(found) - count]


def _files(meta: MetaStore, run_id: str, prefix: str) -> Iterator[Attribute]:
    after = ""
    while page := meta.attributes(run_id, prefix=prefix, after=after, limit=_PAGE):
        yield from (each for each in page if each.kind is Kind.FILE and each.path != prefix)
        after = page[-1].path


def _natural(attribute: Attribute) -> list[tuple[int, str]]:
    """Order `epoch=9` before `epoch=10`."""
    parts = _NUMBER.split(attribute.path)
    return [(int(part), "") if number % 2 else (0, part) for number, part in enumerate(parts)]
