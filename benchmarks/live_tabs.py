"""Tabs on runs that are written to: from the logging call to the pixel, and what a tab holds that is left open.

Used by benchmarks/browser.py. Fifty runs get two points a second each. One of them is a script that logs through the
public client, with its queue and its syncer; the others are written by this process over HTTP. Their points carry times
of an hour ago, so the newest time in the chart of all of them is that of the script's newest point.
"""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import threading
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
import seeding
from sizes import STEP_MS, Writer, losses

from marigram.model import CreateRun, parse_project_name

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page, ViewportSize

LIVE_RUNS = 50
LIVE_EVERY_S = 0.5
AN_HOUR_MS = 3_600_000
LIVE_ROUNDS = 120
"""Two points a second: a minute."""

LATEST_MS = 5_000
"""So long the newest points of all may take to be drawn."""

GIVE_UP_MS = 120_000.0
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}

WATCH = """
panel => {
    window.redraws = [];
    const painted = last => requestAnimationFrame(() => window.redraws.push([Date.now(), last]));
    new MutationObserver(() => painted(Number(panel.dataset.lastTime)))
        .observe(panel, {attributes: true, attributeFilter: ['data-last-time']});
}
"""
SCRIPT = """
import sys, time
import marigram
run = marigram.init_run(project=sys.argv[1], capture_stdout=False, capture_hardware_metrics=False)
print(run.id, flush=True)
while True:
    at = int(time.time() * 1000)
    run["train/loss"].append(0.5, timestamp=at / 1000)
    print(at, flush=True)
    time.sleep(float(sys.argv[2]))
"""

Found = dict[str, float]


class Training:
    """Runs that are written to, from `start` to `stop`."""

    def __init__(self, url: str, port: int, project: str, folder: Path) -> None:
        self.run_ids: list[str] = []
        self.said_at: list[int] = []
        self._port = port
        self._project = project
        self._environment = {
            **os.environ,
            "MARIGRAM_URL": url,
            "MARIGRAM_HOME": str(folder / "home"),
            "MARIGRAM_SYNC_PATIENCE_S": "10",  # the server may end before the syncer does
        }
        self._stopping = threading.Event()
        self._ending = ExitStack()

    def start(self) -> None:
        """Make all runs, and write to them from now on.

        Raises:
            SystemExit: the script could not start.
        """
        command = [sys.executable, "-c", SCRIPT, self._project, str(LIVE_EVERY_S)]
        script = self._ending.enter_context(subprocess.Popen(command, env=self._environment, stdout=subprocess.PIPE))
        lines = io.TextIOWrapper(script.stdout or io.BytesIO())
        run_id = lines.readline().strip()
        if not run_id:
            script.kill()
            message = "The script that logs did not start; what it says stands above."
            raise SystemExit(message)
        self.run_ids = [run_id, *(uuid.uuid4().hex for _ in range(LIVE_RUNS - 1))]
        for work in (lambda: self._listen(lines), self._write):
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            self._ending.callback(thread.join)
        # Last in, first out: both threads end by these.
        self._ending.callback(script.kill)
        self._ending.callback(self._stopping.set)

    def stop(self) -> None:
        """Write no more."""
        self._ending.close()

    def _listen(self, lines: TextIO) -> None:
        for line in lines:
            self.said_at.append(int(line))

    def _write(self) -> None:
        writers = [Writer(self._port, run_id, "live") for run_id in self.run_ids[1:]]
        for writer in writers:
            now = int(time.time() * 1000)
            writer.say(CreateRun(project=parse_project_name(self._project), created_at=now))
        step = 0
        while not self._stopping.is_set():
            due = time.monotonic() + LIVE_EVERY_S
            for number, writer in enumerate(writers):
                values = losses(np.array([[number]], dtype=np.uint64), np.array([[step]], dtype=np.uint64))
                at = int(time.time() * 1000) - AN_HOUR_MS
                writer.write(["train/loss"], step, values, since=at - step * STEP_MS)
            step += 1
            self._stopping.wait(max(0.0, due - time.monotonic()))


def until_drawn(page: Page, url: str, training: Training) -> Found:
    """Watch the chart of all runs that are written to."""
    panel = open_comparison(page, url, training)
    page.evaluate(WATCH, panel)
    page.wait_for_timeout(LATEST_MS)
    before = len(training.said_at)
    while len(training.said_at) < before + LIVE_ROUNDS:
        page.wait_for_timeout(200)
    page.wait_for_timeout(LATEST_MS)
    redraws: list[tuple[float, float]] = page.evaluate("window.redraws")
    delays: list[float] = []
    for at in training.said_at[before : before + LIVE_ROUNDS]:
        shown = [moment for moment, last in redraws if last >= at]
        if not shown:
            message = f"A point was not drawn within {LATEST_MS / 1000:g} seconds."
            raise SystemExit(message)
        delays.append(shown[0] - at)
    return {
        "live_median_ms": statistics.median(delays),
        "live_p95_ms": sorted(delays)[len(delays) * 95 // 100],
        "live_most_ms": max(delays),
    }


def open_comparison(page: Page, url: str, training: Training) -> Any:  # noqa: ANN401 - a handle of the browser
    """Open the chart of all runs that are written to; return its panel."""
    page.goto(f"{url}/{seeding.WORKSPACE}/live/compare?runs={','.join(training.run_ids)}")
    panel = f"[data-testid=chart-panel][data-path='train/loss'][data-lines='{LIVE_RUNS}']"
    return page.wait_for_selector(panel, timeout=GIVE_UP_MS)


class Tab:
    """A page that stays open in a process of its own."""

    def __init__(self, browser: Browser) -> None:
        self.page = browser.new_context(viewport=VIEWPORT).new_page()
        self._session: CDPSession = self.page.context.new_cdp_session(self.page)
        self._session.send("Performance.enable")

    def held(self) -> tuple[float, int, int]:
        """Return the heap in MB, the DOM nodes and the listeners that are left after a collection."""
        self._session.send("HeapProfiler.collectGarbage")
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        found = {each["name"]: each["value"] for each in metrics}
        return found["JSHeapUsedSize"] / 1e6, int(found["Nodes"]), int(found["JSEventListeners"])


def left_open(browser: Browser, url: str, training: Training, minutes: int) -> Found:
    """Leave three tabs open on runs that are written to; look at them each minute."""
    tabs = {name: Tab(browser) for name in ("comparison", "table", "run")}
    open_comparison(tabs["comparison"].page, url, training)
    tabs["table"].page.goto(f"{url}/{seeding.WORKSPACE}/live")
    tabs["table"].page.wait_for_selector("[data-testid=run-row]", timeout=GIVE_UP_MS)
    tabs["run"].page.goto(f"{url}/{seeding.WORKSPACE}/live/runs/{training.run_ids[0]}?tab=charts")
    tabs["run"].page.wait_for_selector("[data-testid=chart-panel][data-last-step]", timeout=GIVE_UP_MS)
    found: Found = {"heap_minutes": float(minutes)}
    began = time.monotonic()
    for minute in range(minutes + 1):
        tabs["run"].page.wait_for_timeout(max(0.0, began + minute * 60 - time.monotonic()) * 1000)
        for name, tab in tabs.items():
            heap, nodes, listeners = tab.held()
            found |= {f"heap_{name}_{minute}_mb": heap, f"nodes_{name}_{minute}": float(nodes)}
            found[f"listeners_{name}_{minute}"] = float(listeners)
            seeding.tell(f"minute {minute}, {name}: {heap:.1f} MB, {nodes} nodes, {listeners} listeners\n")
    for tab in tabs.values():
        tab.page.context.close()
    return found
