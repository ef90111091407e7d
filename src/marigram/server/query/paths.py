"""Where runs have something: paths in sections and pages, in the order for people. Any thread.

A page of charts shows sections by namespace and, in each, the first panels; it never needs to know all paths.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence

import msgspec

from marigram.model import Kind, Path
from marigram.server.query.answers import BadQuestion
from marigram.server.store.meta.pattern import PatternError, matcher_of
from marigram.server.store.meta.port import MetaStore

MOST_RUNS_LOOKED_THROUGH = 100
"""Runs of one project rarely have series that none of so many others has."""

_LAST_NAMESPACE = "monitoring"
"""What the machine does stands behind all others: a metric is what one came for."""

_DIGITS = re.compile(r"(\d{1,18})")
"""Python reads no numbers of thousands of digits."""

_BETWEEN_SLASHES = re.compile(r"\s*/(.+)/\s*")

PeopleKey = tuple[tuple[tuple[str | int, ...], ...], str]


def people_key(text: str) -> PeopleKey:
    """Return what texts are sorted by for people: `layer2` before `layer10`, `a/z` before `ab`, case last."""
    return tuple([_name_key(name) for name in text.casefold().split("/")]), text


def _name_key(name: str) -> tuple[str | int, ...]:
    # Texts and numbers take turns, so only like is compared with like.
    return tuple([int(part) if at % 2 else part for at, part in enumerate(_DIGITS.split(name))])


def expression_in(text: str) -> str | None:
    """Return the regular expression that stands between slashes; None if the text is words."""
    between = _BETWEEN_SLASHES.fullmatch(text)
    return None if between is None else between[1]


def path_matcher(text: str) -> Callable[[str], bool]:
    """Return what says whether a path is one that `text` asks for: all of its words, or a `/regular expression/`.

    Case is ignored; a regular expression is one of those that RE2 knows.

    Raises:
        BadQuestion: it is no regular expression.
    """
    expression = expression_in(text)
    if expression is not None:
        try:
            return matcher_of(expression, ignore_case=True)
        except PatternError as error:
            raise BadQuestion(str(error)) from error
    words = text.lower().split()

    def has_words(path: str) -> bool:
        lower = path.lower()
        return all(word in lower for word in words)

    return has_words


class PathQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which paths are asked for.

    Attributes:
        run_ids: whose; of many the first `MOST_RUNS_LOOKED_THROUGH` are looked through.
        kinds: of what.
        text: as `path_matcher` reads it; empty for all.
        below: a path and what is below it only; empty for all.
        only: nothing but these paths, if there are any.
        beside: without this path and what is below it; empty leaves out nothing.
        depth: how many segments of a path name its section, without its last one.
    """

    run_ids: Sequence[str]
    kinds: Collection[Kind]
    text: str = ""
    only: Collection[str] = ()
    below: str = ""
    beside: str = ""
    depth: int = 1


class PathSection(msgspec.Struct, frozen=True, kw_only=True):
    """Paths that begin with the same segments.

    Attributes:
        name: those segments; empty for paths without any before the last.
        count: how many paths there are.
        paths: the first of them in the order for people, as many as were asked for.
    """

    name: str
    count: int
    paths: list[Path]


class PathSections(msgspec.Struct, frozen=True, kw_only=True):
    """Sections in the order for people, `monitoring` behind the others.

    Attributes:
        sections: as many as were asked for.
        section_count: how many there are.
        path_count: paths of all sections.
        all_count: paths there would be without the text.
        run_count: runs that were looked through.
    """

    sections: list[PathSection]
    section_count: int
    path_count: int
    all_count: int
    run_count: int


class Paths:
    """Answers which paths runs have."""

    def __init__(self, *, meta: MetaStore) -> None:
        self._meta = meta

    def sections(self, asked: PathQuestion, *, start: int, limit: int, per_section: int, at_once: int) -> PathSections:
        """Return sections from the `start`th on, `limit` at most.

        Args:
            asked: which paths.
            start: how many sections to leave out.
            limit: most sections.
            per_section: most paths of each section that come with it.
            at_once: sections are filled with paths until so many came with them; later ones bring none.

        Raises:
            BadQuestion: the text is no regular expression.
        """
        found, all_count = self._found(asked)
        sections, section_count = in_sections(
            found, asked.depth, start=start, limit=limit, per_section=per_section, at_once=at_once
        )
        return PathSections(
            sections=sections,
            section_count=section_count,
            path_count=len(found),
            all_count=all_count,
            run_count=len(_looked_through(asked.run_ids)),
        )

    def page(
        self, asked: PathQuestion, *, section: str | None, after: str | None, limit: int
    ) -> tuple[list[Path], str | None]:
        """Return paths of a section, or of all, in the order for people behind `after`, and where to go on.

        Raises:
            BadQuestion: the text is no regular expression.
        """
        found, _ = self._found(asked)
        wanted = [path for path in found if section is None or section_of(path, asked.depth) == section]
        return page_of(wanted, after=after, limit=limit)

    def _found(self, asked: PathQuestion) -> tuple[list[Path], int]:
        known = self._meta.paths(_looked_through(asked.run_ids), kinds=asked.kinds, below=asked.below)
        # One path may have several kinds, in different runs.
        found = list(dict.fromkeys(path for path, _ in known))
        if asked.only:
            found = [path for path in found if path in asked.only]
        if asked.beside:
            beside = f"{asked.beside}/"
            found = [path for path in found if path != asked.beside and not path.startswith(beside)]
        if not asked.text:
            return found, len(found)
        matches = path_matcher(asked.text)
        return [path for path in found if matches(path)], len(found)


def in_sections(
    paths: Collection[Path], depth: int, *, start: int, limit: int, per_section: int, at_once: int
) -> tuple[list[PathSection], int]:
    """Return sections of `paths` as `Paths.sections` does, and how many there are in all."""
    by_name: dict[str, list[Path]] = {}
    for path in paths:
        by_name.setdefault(section_of(path, depth), []).append(path)
    sections: list[PathSection] = []
    brought = 0
    for name in sorted(by_name, key=section_key)[start : start + limit]:
        members = by_name[name]
        first = sorted(members, key=people_key)[:per_section] if brought < at_once else []
        brought += len(first)
        sections.append(PathSection(name=name, count=len(members), paths=first))
    return sections, len(by_name)


def page_of(paths: Collection[Path], *, after: str | None, limit: int) -> tuple[list[Path], str | None]:
    """Return the first `limit` paths behind `after` in the order for people, and where to go on; None at the end."""
    in_order = sorted(paths, key=people_key)
    start = 0 if after is None else bisect_right(in_order, people_key(after), key=people_key)
    page = in_order[start : start + limit]
    return page, page[-1] if start + limit < len(in_order) else None


def section_of(path: str, depth: int) -> str:
    """Return the first `depth` segments of a path, without its last one."""
    return "/".join(path.split("/")[:-1][:depth])


def section_key(name: str) -> tuple[bool, PeopleKey]:
    """Return what sections are sorted by: as people sort names, `monitoring` behind the others."""
    return name == _LAST_NAMESPACE or name.startswith(f"{_LAST_NAMESPACE}/"), people_key(name)


def _looked_through(run_ids: Sequence[str]) -> Sequence[str]:
    return run_ids[:MOST_RUNS_LOOKED_THROUGH]
