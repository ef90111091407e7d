"""`Gallery`: what a run has to look at and listen to, in sections and pages, in the order for people. Any thread.

It is every series of files, whatever they are, and every file that `previews` counts as media; source code is none.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from marigram.model import Kind, Path
from marigram.server.query.answers import AttributeAnswer
from marigram.server.query.overview import Cells
from marigram.server.query.paths import in_sections, page_of, path_matcher, people_key, section_key, section_of
from marigram.server.query.previews import MEDIA, preview_of
from marigram.server.store.meta.port import MetaStore

_DEPTH = 1
_ALL = 10_000_000
_SOURCE = "source_code/"


class MediaSection(msgspec.Struct, frozen=True, kw_only=True):
    """Media whose paths begin with the same segment.

    Attributes:
        name: that segment; empty for paths of one segment.
        count: how many there are.
        media: the first of them, as many as were asked for.
    """

    name: str
    count: int
    media: list[AttributeAnswer]


class MediaSections(msgspec.Struct, frozen=True, kw_only=True):
    """Sections in the order for people.

    Attributes:
        sections: as many as were asked for.
        section_count: how many there are.
        media_count: media of all sections.
        all_count: media there would be without the search.
    """

    sections: list[MediaSection]
    section_count: int
    media_count: int
    all_count: int


class Gallery:
    """Answers what galleries ask."""

    def __init__(self, *, meta: MetaStore, cells: Cells) -> None:
        self._meta = meta
        self._cells = cells

    def sections(
        self, run_id: str, text: str, *, start: int, limit: int, per_section: int, at_once: int
    ) -> MediaSections:
        """Return sections from the `start`th on, `limit` at most; the other limits are those of `Paths.sections`.

        Raises:
            BadQuestion: the text is no regular expression.
        """
        known = self._media(run_id)
        found = _matching(known, text)
        sections, section_count = in_sections(
            found, _DEPTH, start=start, limit=limit, per_section=per_section, at_once=at_once
        )
        cells = self._cells(run_id, [path for each in sections for path in each.paths])
        return MediaSections(
            sections=[
                MediaSection(
                    name=each.name, count=each.count, media=[cells[path] for path in each.paths if path in cells]
                )
                for each in sections
            ],
            section_count=section_count,
            media_count=len(found),
            all_count=len(known),
        )

    def page(
        self, run_id: str, text: str, *, section: str, after: str | None, limit: int
    ) -> tuple[list[AttributeAnswer], str | None]:
        """Return media of a section behind the path `after`, `limit` at most, and where to go on; None at the end.

        Raises:
            BadQuestion: the text is no regular expression.
        """
        found = [path for path in _matching(self._media(run_id), text) if section_of(path, _DEPTH) == section]
        page, more = page_of(found, after=after, limit=limit)
        cells = self._cells(run_id, page)
        return [cells[path] for path in page if path in cells], more

    def beside(self, run_id: str, text: str, path: str) -> tuple[Path | None, Path | None]:
        """Return which media stand before and behind `path` among those found; behind the last is the first.

        Raises:
            BadQuestion: the text is no regular expression.
        """
        found = sorted(
            _matching(self._media(run_id), text),
            key=lambda each: (section_key(section_of(each, _DEPTH)), people_key(each)),
        )
        at = next((at for at, each in enumerate(found) if each == path), None)
        if at is None:
            return (found[-1], found[0]) if found else (None, None)
        return found[at - 1], found[(at + 1) % len(found)]

    def _media(self, run_id: str) -> list[Path]:
        series = [path for path, _ in self._meta.paths([run_id], kinds=[Kind.FILE_SERIES])]
        files = self._meta.attributes(run_id, kinds=[Kind.FILE], limit=_ALL)
        return series + [
            each.path
            for each in files
            if each.file is not None and not each.path.startswith(_SOURCE) and preview_of(each.path, each.file) in MEDIA
        ]


def _matching(paths: Sequence[Path], text: str) -> list[Path]:
    matches = path_matcher(text)
    return [path for path in paths if matches(path)]
