"""The command line and the documentation agree: named commands and options exist, and every command is documented.

The command line is asked what it can do by `--help`, as a person would.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping

import pytest
from pages import Page, all_pages

PAGES = all_pages()

_COMMAND_ROW = re.compile(r"^\W*\s([a-z][a-z-]*)(?:\s{2,}\S|\s*\W*$)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")


@pytest.fixture(scope="module")
def options() -> Mapping[tuple[str, ...], set[str]]:
    """The options of every command by its words: `("import", "mlflow")`; the empty words are `marigram` itself."""
    found: dict[tuple[str, ...], set[str]] = {}
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        words = waiting.pop()
        text = _help(words)
        found[words] = set(_OPTION.findall(text))
        waiting.extend((*words, name) for name in _commands(text))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_a_page_names_exists(
    page: Page, options: Mapping[tuple[str, ...], set[str]]
) -> None:
    wrong: list[str] = []
    for line, command in page.commands():
        text = re.split(r"\s#|&&|\||;", command)[0]
        if not re.match(r"marigram(\s|$)", text):
            continue
        words = _known_words(text, options)
        first = text.split()[1:][len(words) : len(words) + 1]
        has_commands = any(len(other) == len(words) + 1 and other[: len(words)] == words for other in options)
        if has_commands and first and re.fullmatch(r"[a-z][a-z-]*", first[0]):
            wrong.append(f"{page.name}:{line}: marigram {' '.join([*words, first[0]])}")
        unknown = set(_OPTION.findall(text)) - options[words] - {"--help"}
        wrong.extend(f"{page.name}:{line}: marigram {' '.join(words)} {option}" for option in sorted(unknown))
    assert wrong == []


def test_every_command_is_documented(options: Mapping[tuple[str, ...], set[str]]) -> None:
    named = {_known_words(command, options) for page in PAGES for _, command in page.commands()}
    named |= {words[:end] for words in named for end in range(len(words))}
    assert [f"marigram {' '.join(words)}" for words in options if words and words not in named] == []


def _known_words(command: str, options: Mapping[tuple[str, ...], set[str]]) -> tuple[str, ...]:
    """Return the longest beginning of what follows `marigram` that is a command."""
    words: tuple[str, ...] = ()
    parts = command.split()
    if parts[:1] != ["marigram"]:
        return words
    for part in parts[1:]:
        if (*words, part) not in options:
            break
        words = (*words, part)
    return words


def _help(words: tuple[str, ...]) -> str:
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    command = [sys.executable, "-m", "marigram.cli", *words, "--help"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


def _commands(text: str) -> list[str]:
    """Return the names in the part of a help text that is headed `Commands`, boxed or plain."""
    _, _, rest = text.partition("Commands")
    rows = rest.splitlines()[1:]
    found: list[str] = []
    for row in rows:
        if re.match(r"^[╭╰+]", row):
            break
        match = _COMMAND_ROW.match(row)
        if match:
            found.append(match[1])
    return found
