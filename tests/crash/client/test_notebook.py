"""A notebook's kernel logs in its cells; they are interrupted, it is started anew, and nobody calls stop()."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from unit.client.fake_server import FakeServer
from waiting import wait_until

WITHIN_S = 120.0
START = """
import time
import marigram
run = marigram.init_run(project="team/notebook", source_files=[], git_ref=False, dependencies=None,
                        capture_stdout=True, capture_stderr=True)
print("the first cell")
step = 0
run.id
"""
LOG_ON = """
print("a cell that goes on")
while True:
    run["loss"].append(step * 0.5, step=step)
    step += 1
    time.sleep(0.001)
"""


class Notebook:
    """A real kernel, and what a front end does with it."""

    def __init__(self) -> None:
        self.manager: Any = KernelManager(shutdown_wait_time=WITHIN_S)
        self.manager.start_kernel(env={name: text for name, text in os.environ.items() if name != "MARIGRAM_RERAISE"})
        self._is_open = True
        self._connect()

    def _connect(self) -> None:
        self.client: Any = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=WITHIN_S)

    def run(self, code: str, *, ends: str = "ok") -> str:
        """Run a cell; return what it printed and its last value."""
        shown: list[str] = []

        def keep(message: Any) -> None:
            content = message["content"]
            shown.append(content.get("text") or content.get("data", {}).get("text/plain", ""))

        reply = self.client.execute_interactive(code, timeout=WITHIN_S, output_hook=keep)
        assert reply["content"]["status"] == ends, reply["content"]
        return "".join(shown)

    def start(self) -> str:
        """Run the cell that starts a run; return its id."""
        shown = self.run(START)
        assert "the first cell" in shown
        return shown.strip().splitlines()[-1].strip("'")

    def interrupt(self, code: str, *, when: Callable[[], bool]) -> None:
        """Run a cell and press the stop button."""
        asked = self.client.execute(code)
        wait_until(when, "a moment to interrupt", within_s=WITHIN_S)
        self.manager.interrupt_kernel()
        while True:
            reply = self.client.get_shell_msg(timeout=WITHIN_S)
            if reply["parent_header"].get("msg_id") == asked:
                assert reply["content"]["ename"] == "KeyboardInterrupt"
                return

    def restart(self) -> None:
        self.client.stop_channels()
        self.manager.restart_kernel()
        self._connect()

    def close(self, *, at_once: bool = False) -> None:
        """Close the notebook, as often as you like."""
        if self._is_open:
            self._is_open = False
            self.client.stop_channels()
            self.manager.shutdown_kernel(now=at_once)


@pytest.fixture
def notebook(fake: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    del fake  # asked for so that the kernel finds it by its environment
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.chdir(tmp_path)
    notebook = Notebook()
    yield notebook
    notebook.close()


def console(fake: FakeServer, run_id: str) -> list[str]:
    paths = {str(getattr(each, "path", "")) for each in fake.all_operations(run_id)}
    (path,) = [path for path in paths if path.endswith("/stdout")]
    lines = dict(fake.series(path, run_id))  # a line that was not complete is written again
    return [lines[number] for number in sorted(lines)]


@pytest.mark.slow
def test_cells_of_a_notebook_are_interrupted_and_its_kernel_is_started_anew(
    fake: FakeServer, notebook: Notebook, tmp_path: Path
) -> None:
    first = notebook.start()
    notebook.interrupt(LOG_ON, when=lambda: len(fake.series("loss", first)) > 50)
    assert notebook.run("raise ValueError('a typo')", ends="error") == ""
    assert not [status for status in fake.statuses(first) if status.status.value != "running"], "the run goes on"
    logged = int(
        notebook.run("print('a later cell')\nfor _ in range(10):\n    run['loss'].append(0.25)\nstep + 10").split()[-1]
    )
    notebook.restart()
    wait_until(lambda: not (tmp_path / "home" / "queue" / first).exists(), "an empty queue", within_s=WITHIN_S)
    assert [status.status.value for status in fake.statuses(first)] == ["running", "finished"]
    points = fake.series("loss", first)
    # The interrupt may have come after a point was kept and before the next step.
    assert len(points) - logged in {0, 1}
    assert points[:-10] == [(float(step), step * 0.5) for step in range(len(points) - 10)]
    assert [value for _, value in points[-10:]] == [0.25] * 10
    assert console(fake, first) == ["the first cell", "a cell that goes on", "a later cell"]

    second = notebook.start()
    assert second != first
    notebook.run("run['done'] = True")
    notebook.close()
    wait_until(lambda: not (tmp_path / "home" / "queue" / second).exists(), "an empty queue", within_s=WITHIN_S)
    assert fake.values(second)["done"] is True
    assert [status.status.value for status in fake.statuses(second)] == ["running", "finished"]


@pytest.mark.slow
def test_a_kernel_that_is_killed_has_kept_what_its_cells_logged(
    fake: FakeServer, notebook: Notebook, tmp_path: Path
) -> None:
    run_id = notebook.start()
    notebook.run("for step in range(1000):\n    run['loss'].append(step * 0.5, step=step)")
    notebook.close(at_once=True)
    wait_until(lambda: not (tmp_path / "home" / "queue" / run_id).exists(), "an empty queue", within_s=WITHIN_S)
    assert [status.status.value for status in fake.statuses(run_id)] == ["running", "crashed"]
    assert fake.series("loss", run_id) == [(float(step), step * 0.5) for step in range(1000)]
