"""What the documentation names is there: files, links, settings, make targets; and every setting is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import ROOT, Page, all_pages, read_page

PAGES = all_pages()
TOP = {path.name for path in ROOT.iterdir()} | {"deploy", "docs", "benchmarks"}
SUFFIXES = (".py", ".ts", ".tsx", ".sql", ".md", ".toml", ".yml", ".yaml", ".lock", ".json", ".css")
LOOKED_UP_FROM = ("", "src/marigram", "src", "web", "web/src")
MADE_BY_BUILDS = (".venv", ".venv-dev", "build/", "dist/", "web/node_modules", "src/marigram/server/static", "uv.lock")

_PATH = re.compile(r"[\w.@{},*-]+(/[\w.@{},*-]+)+/?")
_SETTING = re.compile(r"\bMARIGRAM_[A-Z][A-Z_]*[A-Z]\b")
_TARGET = re.compile(r"^([a-z][\w-]*):", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page: Page) -> None:
    named = [(line, span) for line, span in page.spans() if _names_a_file(span)]
    missing = [f"{page.name}:{line}: {span}" for line, span in named if not _exists(span, page)]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_tree_leads_somewhere(page: Page) -> None:
    missing = [
        f"{page.name}:{line}: {target}"
        for line, target in page.links()
        if not re.match(r"[a-z]+:", target) and not _leads_somewhere(target, page)
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page: Page) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    named = [
        (line, word)
        for line, command in page.commands()
        if command.startswith("make ")
        for word in command.partition("#")[0].split()[1:]
        if re.fullmatch(r"[a-z][a-z-]*", word)
    ]
    assert [f"{page.name}:{line}: make {word}" for line, word in named if word not in targets] == []


def test_every_setting_that_the_documentation_names_is_read_somewhere() -> None:
    read = _settings_in_code() | set(_SETTING.findall((ROOT / "hatch_build.py").read_text(encoding="utf-8")))
    read |= set(_SETTING.findall((ROOT / "tools" / "chromium.py").read_text(encoding="utf-8")))
    assert _settings_in_pages() - read == set()


def test_every_setting_that_is_read_is_documented() -> None:
    assert _settings_in_code() - _settings_in_pages() == set()


def _names_a_file(span: str) -> bool:
    if not _PATH.fullmatch(span) or span.startswith(MADE_BY_BUILDS):
        return False
    first = span.split("/", 1)[0]
    return first in TOP or span.endswith(SUFFIXES)


def _exists(span: str, page: Page) -> bool:
    folders = [*(ROOT / folder for folder in LOOKED_UP_FROM), page.path.parent]
    return all(any(_found(folder, name) for folder in folders) for name in _spelled_out(span.rstrip("/")))


def _found(folder: Path, name: str) -> bool:
    return any(folder.glob(name)) if "*" in name else (folder / name).exists()


def _spelled_out(text: str) -> list[str]:
    """Return what `a/{b,c}` stands for: `a/b` and `a/c`."""
    match = re.search(r"\{([^{}]*)\}", text)
    if not match:
        return [text]
    before, after = text[: match.start()], text[match.end() :]
    return [name for choice in match[1].split(",") for name in _spelled_out(before + choice + after)]


def _leads_somewhere(target: str, page: Page) -> bool:
    name, _, anchor = target.partition("#")
    path = (page.path.parent / name).resolve() if name else page.path
    if not path.exists():
        return False
    return not anchor or path.suffix != ".md" or anchor in read_page(path).headings()


def _settings_in_pages() -> set[str]:
    return {name for page in PAGES for name in _SETTING.findall(page.path.read_text(encoding="utf-8"))}


def _settings_in_code() -> set[str]:
    files = (ROOT / "src").rglob("*.py")
    return {name for path in files for name in _SETTING.findall(path.read_text(encoding="utf-8"))}
