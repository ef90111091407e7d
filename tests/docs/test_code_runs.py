"""Every block of Python in the documentation runs, against a real server.

The blocks of one page run in order in one process, so a later block may use what an earlier one made. Lines keep their
numbers, so a traceback names the line of the page. A block that needs a package which is not among the project's own
says so, `python needs=mlflow`, and runs where that package is there; a page's other blocks run all the same.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import Block, Page, all_pages

from running_server import RunningServer

RUN_WITHIN_S = 120
PAGES = [page for page in all_pages() if any(block.language == "python" for block in page.blocks)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_runs(page: Page, shared_server: RunningServer, tmp_path: Path) -> None:
    # A file rather than a string: training scripts start worker processes, which import the script again.
    script = tmp_path / f"page_{page.path.stem}.py"  # not the bare name: a page may be called like a module
    script.write_text(_script(page), encoding="utf-8")
    environment = {**os.environ, "MARIGRAM_URL": shared_server.url, "MARIGRAM_PROJECT": "docs/examples"}
    environment |= {"MPLBACKEND": "agg", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, f"{page.name}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.name)
def test_a_block_of_python_is_marked_with_nothing_but_what_it_needs(page: Page) -> None:
    python = [block for block in page.blocks if block.language in {"python", "py", "python3", "Python"}]
    odd = [
        f"{page.name}:{block.first_line - 1}: {' '.join(block.info)}"
        for block in python
        if block.language != "python" or not all(word.startswith("needs=") for word in block.info[1:])
    ]
    assert odd == []


def _script(page: Page) -> str:
    lines = [""] * (max(block.first_line + len(block.lines) for block in page.blocks) + 1)
    for block in page.blocks:
        if block.language == "python" and _can_run(block):
            indent = len(block.lines[0]) - len(block.lines[0].lstrip()) if block.lines else 0
            lines[block.first_line : block.first_line + len(block.lines)] = [line[indent:] for line in block.lines]
    return "\n".join(lines[1:]) + "\n"


def _can_run(block: Block) -> bool:
    needed = [word.removeprefix("needs=") for word in block.info[1:] if word.startswith("needs=")]
    return all(importlib.util.find_spec(name) is not None for names in needed for name in names.split(","))
