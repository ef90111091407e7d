"""Every public call of the Neptune 1.x client, made against a real server and looked at through the read API.

docs/reference/neptune-calls.md is written from the same table, so it says what has just been tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import marigram
from conformance.native.answers import Answers
from conformance.native.neptune_calls import SECTIONS
from conformance.native.neptune_table import Bench, Call, page
from running_server import RunningServer

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "neptune-calls.md"
CALLS = [call for section in SECTIONS for call in section.calls]
QUIET: dict[str, Any] = {
    "project": "team/calls",
    "capture_stdout": False,
    "capture_stderr": False,
    "capture_hardware_metrics": False,
    "source_files": [],
    "git_ref": False,
}


@pytest.fixture(scope="module")
def shared_run(shared_server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[marigram.Run]:
    """One run for all checks that need none of their own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MARIGRAM_HOME", str(tmp_path_factory.mktemp("home")))
        environment.setenv("MARIGRAM_RERAISE", "1")
        run = marigram.init_run(url=shared_server.url, name="calls", **QUIET)
    yield run
    run.stop()


@pytest.fixture
def bench(
    shared_server: RunningServer, shared_run: marigram.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """What a check works with; the runs that it has started are stopped."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    started: list[marigram.Run] = []

    def start(**arguments: Any) -> marigram.Run:
        run = marigram.init_run(url=shared_server.url, **{**QUIET, **arguments})
        started.append(run)
        return run

    read = Answers(shared_server, shared_run.id)
    yield Bench(run=shared_run, read=read, start=start, server=shared_server, folder=folder)
    for run in started:
        run.stop()


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.section} {call.theirs}".replace("`", ""))
def test_a_call_does_what_the_page_says(call: Call, bench: Bench) -> None:
    call.check(bench)


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(SECTIONS), "write it again with: python tools/neptune_calls.py"


def test_no_call_is_named_twice() -> None:
    names = [(call.section, call.theirs) for call in CALLS]
    assert len(set(names)) == len(names)
