"""Which files of ended runs are more than a rule keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from marigram.model import Kind, Path, Run, RunStatus
from marigram.server.store.meta.port import Attribute, MetaStore, RunSort
from marigram.server.upkeep.rules import Best, Rules

_NUMBER = re.compile(r"(\d+)")
_VALUE = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_NEWEST_FIRST = RunSort(path=Path("sys/creation_time"), descending=True)
_PAGE = 1_000


def surplus_files(meta: MetaStore, rules: Rules) -> Iterator[tuple[Run, list[Attribute]]]:
    """Yield each run that has more files below a path than are kept, and those that go, the oldest by name first."""
    if not rules.keep_files:
        return
    for project in meta.projects():
        run_ids = meta.search_runs(project.name, text="", sort=_NEWEST_FIRST)
        for at in range(0, len(run_ids), _PAGE):
            for run in meta.runs(run_ids[at : at + _PAGE]):
                if run.status is RunStatus.RUNNING:
                    continue
                for prefix, count in rules.keep_files.items():
                    found = sorted(_files(meta, run.id, prefix), key=_natural)
                    older = found[: max(0, len(found) - count)]
                    best = _best(found, prefix, rules.keep_best.get(prefix))
                    surplus = [each for each in older if each.path not in best]
                    if surplus:
                        yield run, surplus


def _files(meta: MetaStore, run_id: str, prefix: str) -> Iterator[Attribute]:
    after = ""
    while page := meta.attributes(run_id, prefix=prefix, after=after, limit=_PAGE):
        yield from (each for each in page if each.kind is Kind.FILE and each.path != prefix)
        after = page[-1].path


def _best(files: Sequence[Attribute], prefix: str, best: Best | None) -> frozenset[Path]:
    """Return the paths of the best files; of equal ones the last by name. Files whose names say no value are not."""
    if best is None:
        return frozenset()
    said = re.compile(rf"(?<![A-Za-z0-9]){re.escape(best.name)}=({_VALUE})")
    valued: list[tuple[float, Path]] = []
    for each in reversed(files):
        values = said.findall(each.path, len(prefix))
        if values:
            valued.append((float(values[-1]), each.path))
    valued.sort(key=lambda pair: pair[0], reverse=best.largest)
    return frozenset(path for _, path in valued[: best.count])


def _natural(attribute: Attribute) -> list[tuple[int, str]]:
    """Order `epoch=9` before `epoch=10`."""
    parts = _NUMBER.split(attribute.path)
    return [(int(part), "") if number % 2 else (0, part) for number, part in enumerate(parts)]
