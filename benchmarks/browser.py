"""What a person waits for in the browser, at sizes where other trackers are left.

A real server in a process of its own is filled with many runs, with a run of many series and with runs of long series,
and a headless Chromium looks at them. Measured in the page, from the start of the navigation or of the gesture:

- the runs table: when the first rows are painted, and how long another sort takes;
- a run of 10,000 series: when its first chart is drawn, and how many frames per second scrolling through all has;
- 100 runs of 100,000 points in one chart: until all lines are drawn, and until a stretch of them is drawn anew;
- 50 runs that are written to: from the moment a point is sent to the moment the chart that shows it is drawn;
- a tab that is left open on them: the heap of its scripts after a collection, several times.

    python benchmarks/browser.py [--runs 100000] [--series 10000] [--minutes 10] [--json] [--write]

`--write` puts the table into docs/reference/browser.md. Seeding takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import seeding
from ingest import server
from performance import machine
from playwright.sync_api import Page, sync_playwright
from sizes import STEP_MS, Connection, Writer, losses

from marigram.model import CreateRun, parse_project_name

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "browser.md"
WORKSPACE = "seeded"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
GIVE_UP_MS = 120_000.0
ROUNDS = 5
SCROLL_PIXELS = 60
"""Per frame: 3,600 pixels a second, four screens."""

LIVE_RUNS = 50
LIVE_EVERY_S = 0.5
LIVE_ROUNDS = 60
HEAPS = 20

SCROLL = """
async pixels => {
    const begin = performance.now();
    const frames = [];
    let before = await new Promise(requestAnimationFrame);
    const all = document.scrollingElement;
    while (all.scrollTop + window.innerHeight < all.scrollHeight - 2 && performance.now() - begin < 60000) {
        window.scrollBy(0, pixels);
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - before);
        before = now;
    }
    return {frames, bottom: all.scrollTop + window.innerHeight, height: all.scrollHeight};
}
"""
WATCH = """
panel => {
    window.redraws = [];
    const note = () => window.redraws.push([Date.now(), Number(panel.dataset.lastTime)]);
    new MutationObserver(note).observe(panel, {attributes: true, attributeFilter: ['data-last-time']});
}
"""

Found = dict[str, float]


def drawn(path: str, lines: int | None = None) -> str:
    """Return the selector of a chart that shows its lines."""
    wanted = f"[data-lines='{lines}']" if lines else "[data-last-step]"
    return f"[data-testid=chart-panel][data-path='{path}']{wanted}"


def since_navigation(page: Page, selector: str) -> float:
    """Return how many milliseconds after the start of the navigation something is there, and painted."""
    page.wait_for_selector(selector, timeout=GIVE_UP_MS)
    return float(page.evaluate("() => new Promise(done => requestAnimationFrame(() => done(performance.now())))"))


def runs_table(page: Page, url: str) -> Found:
    """Open the table of many runs and sort it."""
    address = f"{url}/{WORKSPACE}/light?columns=parameters/learning_rate&columns=min(train/loss)"
    firsts: list[float] = []
    for _ in range(ROUNDS):
        page.goto(address)
        firsts.append(since_navigation(page, "[data-testid=run-row]"))
    sorts: list[float] = []
    for column in ("parameters/learning_rate", "min(train/loss)") * 2:
        row = page.get_by_test_id("run-row").first.get_attribute("data-run-key")
        header = page.locator(f'[data-testid=column-header][data-column="{column}"]')
        began = time.perf_counter()
        header.get_by_role("button").first.click()
        page.wait_for_function(
            "before => document.querySelector('[data-testid=run-row]')?.dataset.runKey !== before",
            arg=row,
            timeout=GIVE_UP_MS,
        )
        sorts.append((time.perf_counter() - began) * 1e3)
    return {
        "table_first_ms": firsts[0],
        "table_ms": statistics.median(firsts[1:]),
        "sort_first_ms": sorts[0],
        "sort_ms": statistics.median(sorts[1:]),
    }


def many_series(page: Page, url: str, run_id: str) -> Found:
    """Open a run of many series and scroll from its first chart to its last."""
    page.goto(f"{url}/{WORKSPACE}/wide/runs/{run_id}?tab=charts")
    first = since_navigation(page, "[data-testid=chart-panel][data-last-step]")
    scrolled = page.evaluate(SCROLL, SCROLL_PIXELS)
    frames = sorted(scrolled["frames"])
    if scrolled["bottom"] < scrolled["height"] - 2:
        message = f"The charts end at {scrolled['height']} pixels, and scrolling came to {scrolled['bottom']}."
        raise SystemExit(message)
    return {
        "series_first_chart_ms": first,
        "scroll_frames": float(len(frames)),
        "scroll_fps": 1000 / statistics.mean(frames),
        "scroll_frame_p95_ms": frames[len(frames) * 95 // 100],
        "scroll_canvases": float(page.locator("canvas").count()),
    }


def long_series(page: Page, url: str, keys: Iterable[str]) -> Found:
    """Draw a long series of each of many runs in one chart, and a stretch of them."""
    names = list(keys)
    whole: list[float] = []
    zooms: list[float] = []
    panel = drawn("train/loss", len(names))
    for _ in range(ROUNDS):
        page.goto(f"{url}/{WORKSPACE}/long/compare?runs={','.join(names)}")
        whole.append(since_navigation(page, panel))
        page.wait_for_load_state("networkidle")
        area = page.locator(panel).locator(".u-over")
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        if box is None:
            message = "The chart has no size."
            raise SystemExit(message)
        last = page.locator(panel).get_attribute("data-last-step")
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=4)
        began = time.perf_counter()
        page.mouse.up()
        page.wait_for_function(
            "([panel, last]) => document.querySelector(panel)?.dataset.lastStep !== last",
            arg=[panel, last],
            timeout=GIVE_UP_MS,
        )
        zooms.append((time.perf_counter() - began) * 1e3)
    return {
        "long_first_ms": whole[0],
        "long_ms": statistics.median(whole[1:]),
        "zoom_first_ms": zooms[0],
        "zoom_ms": statistics.median(zooms[1:]),
    }


class Training(threading.Thread):
    """Writes to many runs, a point each time, until it is stopped."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.run_ids = [uuid.uuid4().hex for _ in range(LIVE_RUNS)]
        self._writers = [Writer(port, run_id, "live") for run_id in self.run_ids]
        self.stopping = threading.Event()
        self.sent: list[tuple[float, int]] = []
        for writer in self._writers:
            now = int(time.time() * 1000)
            writer.say(CreateRun(project=parse_project_name(f"{WORKSPACE}/live"), created_at=now))

    def run(self) -> None:
        """Write; a chart knows a point by the time that it carries."""
        step = 0
        while not self.stopping.is_set():
            due = time.monotonic() + LIVE_EVERY_S
            for number, writer in enumerate(self._writers):
                values = losses(np.array([[number]], dtype=np.uint64), np.array([[step]], dtype=np.uint64))
                at = int(time.time() * 1000)
                writer.write(["train/loss"], step, values, since=at - step * STEP_MS)
                if number == LIVE_RUNS - 1:
                    self.sent.append((time.time(), at))
            step += 1
            self.stopping.wait(max(0.0, due - time.monotonic()))


def live(page: Page, url: str, training: Training, minutes: float) -> Found:
    """Watch runs that are written to, and then leave the tab open."""
    page.goto(f"{url}/{WORKSPACE}/live/compare?runs={','.join(training.run_ids)}")
    panel = page.wait_for_selector(drawn("train/loss", LIVE_RUNS), timeout=GIVE_UP_MS)
    page.evaluate(WATCH, panel)
    before = len(training.sent)
    while len(training.sent) < before + LIVE_ROUNDS:
        page.wait_for_timeout(200)
    page.wait_for_timeout(2000)
    redraws: list[tuple[float, float]] = page.evaluate("window.redraws")
    delays: list[float] = []
    for sent_at, at in training.sent[before : before + LIVE_ROUNDS]:
        shown = [moment for moment, last in redraws if last >= at]
        if not shown:
            message = "A point was never drawn."
            raise SystemExit(message)
        delays.append(shown[0] - sent_at * 1e3)
    heaps: list[float] = []
    session = page.context.new_cdp_session(page)
    for number in range(HEAPS if minutes else 0):
        page.wait_for_timeout(minutes * 60_000 / HEAPS)
        session.send("HeapProfiler.collectGarbage")
        heaps.append(float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6)
        seeding.tell(f"heap {heaps[-1]:.1f} MB ({number + 1} of {HEAPS})")
    found = {
        "live_median_ms": statistics.median(delays),
        "live_p95_ms": sorted(delays)[len(delays) * 95 // 100],
    }
    if heaps:
        half = len(heaps) // 2
        found |= {
            "heap_minutes": minutes,
            "heap_first_half_mb": statistics.median(heaps[:half]),
            "heap_second_half_mb": statistics.median(heaps[half:]),
            "heap_most_mb": max(heaps),
        }
    return found


def measure(folder: Path, runs: int, series: int, minutes: float) -> Found:
    """Return all that was measured."""
    own = os.environ.get("MARIGRAM_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    found: Found = {"runs": float(runs), "series": float(series)}
    with server(folder) as (port, _), sync_playwright() as playwright:
        url = f"http://127.0.0.1:{port}"
        began = time.monotonic()
        seeding.light(url, WORKSPACE, runs, seeding.tell)
        run_id = seeding.wide(url, WORKSPACE, series, seeding.tell)
        seeding.long(url, WORKSPACE, 100, seeding.tell)
        found["seeding_s"] = time.monotonic() - began
        rows = Connection(port).get(f"projects/{WORKSPACE}/long/runs?limit=100")["rows"]
        chromium = playwright.chromium.launch(executable_path=own, args=list(ARGUMENTS))
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        seeding.tell("the runs table")
        found |= runs_table(page, url)
        seeding.tell("a run of many series")
        found |= many_series(page, url, run_id)
        seeding.tell("long series")
        found |= long_series(page, url, [row["run"]["id"] for row in rows])
        seeding.tell("live runs")
        training = Training(port)
        training.start()
        found |= live(page, url, training, minutes)
        training.stopping.set()
        training.join()
        chromium.close()
    return found


def table(found: Found) -> str:
    """Return what was measured as a Markdown table."""

    def ms(name: str) -> str:
        return f"{found[name]:,.0f} ms"

    rows = [
        (f"Runs table of {found['runs']:,.0f} runs: first rows painted", ms("table_first_ms"), ms("table_ms")),
        ("The same, sorted by another column", ms("sort_first_ms"), ms("sort_ms")),
        (f"A run of {found['series']:,.0f} series: first chart drawn", ms("series_first_chart_ms"), ""),
        (
            "Scrolling through all of its charts",
            f"{found['scroll_fps']:.0f} frames/s",
            f"19 of 20 frames within {found['scroll_frame_p95_ms']:.0f} ms; {found['scroll_canvases']:.0f} canvases",
        ),
        ("100 runs x 100,000 points in one chart", ms("long_first_ms"), ms("long_ms")),
        ("A stretch of them, drawn anew", ms("zoom_first_ms"), ms("zoom_ms")),
        (f"From sent to drawn, {LIVE_RUNS} runs live", ms("live_median_ms"), f"p95 {ms('live_p95_ms')}"),
    ]
    if "heap_minutes" in found:
        rows.append(
            (
                f"Heap of that tab over {found['heap_minutes']:g} minutes",
                f"{found['heap_first_half_mb']:.1f} MB in the first half",
                f"{found['heap_second_half_mb']:.1f} MB in the second; at most {found['heap_most_mb']:.1f} MB",
            )
        )
    lines = ["| what | first time | again (median) |", "|---|---:|---:|"]
    return "\n".join([*lines, *(f"| {what} | {first} | {again} |" for what, first, again in rows)])


def text_of(found: Found) -> str:
    """Return the page of the reference."""
    return f"""# What the browser takes

Made by `python benchmarks/browser.py --write`; run it on your machine. {machine()}; headless Chromium without a GPU,
on the same machine as the server.

{table(found)}

- Times are from the start of the navigation, or of the click, to the frame that shows the result.
- **Scrolling** moves {SCROLL_PIXELS} pixels each frame, from the first chart to the last. Only charts near the screen
  are drawn.
- **From sent to drawn** begins where a client sends a point and ends with the redraw of the chart that shows it.
- The **heap** is what the page's scripts hold after a garbage collection.
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the tab stays open; 0: not")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--write", action="store_true", help="write docs/reference/browser.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), arguments.runs, arguments.series, arguments.minutes)
    if arguments.write:
        PAGE.write_text(text_of(found))
    result: dict[str, Any] = {"machine": machine(), "results": found}
    print(json.dumps(result) if arguments.json else f"{table(found)}\n{machine()}")


if __name__ == "__main__":
    main()
