"""The pages of documentation as tests see them: blocks of code with their language, code spans, and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOP_PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*([^`]*)$")
_SPAN = re.compile(r"(`+)(.+?)\1")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)|(?:src|href)=\"([^\"]+)\"")


@dataclass(frozen=True)
class Block:
    """A fenced block: what follows the fence, split at blanks, its lines, and the number of the first of them."""

    info: tuple[str, ...]
    lines: tuple[str, ...]
    first_line: int

    @property
    def language(self) -> str:
        """The first word after the fence, or nothing."""
        return self.info[0] if self.info else ""


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path
    blocks: tuple[Block, ...]
    prose: tuple[tuple[int, str], ...]

    @property
    def name(self) -> str:
        """The path from the root of the tree."""
        return self.path.relative_to(ROOT).as_posix()

    def spans(self) -> Iterator[tuple[int, str]]:
        """Yield each code span of the prose with its line."""
        for number, line in self.prose:
            for match in _SPAN.finditer(line):
                yield number, match[2].strip()

    def links(self) -> Iterator[tuple[int, str]]:
        """Yield the target of each link and picture with its line."""
        for number, line in self.prose:
            for match in _LINK.finditer(_SPAN.sub("", line)):
                yield number, match[1] or match[2]

    def commands(self) -> Iterator[tuple[int, str]]:
        """Yield each line of a shell block, less its prompt, and each code span, with its line."""
        for block in self.blocks:
            if block.language in {"sh", "bash", "shell", "console"}:
                for number, line in enumerate(block.lines, block.first_line):
                    yield number, line.strip().removeprefix("$ ")
        yield from self.spans()

    def headings(self) -> set[str]:
        """Return the anchors of the headings, as hosts of Markdown make them."""
        titles = (line.lstrip("#").strip() for _, line in self.prose if line.startswith("#"))
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def read_page(path: Path) -> Page:
    """Read one Markdown file.

    Raises:
        ValueError: a fence is not closed.
    """
    blocks: list[Block] = []
    prose: list[tuple[int, str]] = []
    fence, info, lines, start = "", (), [], 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = _FENCE.match(line)
        if fence:
            if match and match[1].startswith(fence) and not match[2].strip():
                blocks.append(Block(info=info, lines=tuple(lines), first_line=start))
                fence = ""
            else:
                lines.append(line)
        elif match:
            fence, info, lines, start = match[1], tuple(match[2].split()), [], number + 1
        else:
            prose.append((number, line))
    if fence:
        message = f"{path}: the fence before line {start} is not closed."
        raise ValueError(message)
    return Page(path=path, blocks=tuple(blocks), prose=tuple(prose))


def all_pages() -> list[Page]:
    """Return every page of documentation that the tree has."""
    top = [ROOT / name for name in TOP_PAGES if (ROOT / name).is_file()]
    return [read_page(path) for path in [*top, *sorted((ROOT / "docs").rglob("*.md"))]]
