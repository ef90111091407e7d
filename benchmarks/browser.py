"""What a person waits for in the browser, at sizes where other trackers are left.

A real server in a process of its own has many runs, a run of many series and runs of long series, and a headless
Chromium looks at them. Measured in the page, from the start of the navigation or of the gesture:

- table: when the first rows of many runs are painted, and how long another order takes;
- series: when the first chart of a run of many series is drawn, and how many frames a second scrolling through all has;
- long: 100 runs of 100,000 points in one chart, until all lines are drawn, and until a stretch of them is drawn anew;
- live: 50 runs that are written to, from the logging call to the frame that shows the point;
- heap: tabs that are left open on them, and what they hold after a collection, each minute.

    python benchmarks/browser.py [--runs 100000] [--series 10000] [--minutes 10] [--json] [--write]
    python benchmarks/browser.py --keep FOLDER --only table series long live

`--write` puts the tables into docs/reference/browser.md. With `--keep`, what was seeded and what was measured stay in
FOLDER: parts can be measured one by one, and the tables have all that was measured so far.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import seeding
from ingest import server
from live_tabs import GIVE_UP_MS, LIVE_RUNS, VIEWPORT, Training, left_open, until_drawn
from playwright.sync_api import Browser, Page, sync_playwright
from sizes import Connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "browser.md"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
PARTS = ("table", "series", "long", "live", "heap")
ROUNDS = 5
LONG_RUNS = 100
TABS = {"comparison": "comparison of all", "table": "runs table", "run": "one run's charts"}
NUMBER, MEASURED = "parameters/p00", "min(metrics/m00)"
"""Columns of the light runs."""

SCROLLS = {"fast": 60, "slow": 20}
"""Pixels per frame: four screens a second, and one and a third."""

SCROLL_S = 15

SCROLL = """
async ([pixels, seconds]) => {
    const frames = [];
    window.scrollTo(0, 0);
    const begin = await new Promise(requestAnimationFrame);
    let before = begin;
    while (before - begin < seconds * 1000) {
        window.scrollBy(0, pixels);
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - before);
        before = now;
    }
    const isSeen = panel => {
        const {top, bottom} = panel.getBoundingClientRect();
        return bottom > 0 && top < window.innerHeight;
    };
    const panels = [...document.querySelectorAll('[data-testid=chart-panel]')];
    const passed = panels.filter(panel => panel.getBoundingClientRect().top < window.innerHeight).length;
    const seen = panels.filter(isSeen);
    while (!seen.every(panel => panel.querySelector('canvas'))) await new Promise(requestAnimationFrame);
    return {frames, passed, settled: await new Promise(requestAnimationFrame) - before};
}
"""
GESTURE = """
([kind, selector, attribute]) => {
    const read = () => document.querySelector(selector)?.dataset[attribute];
    window.took = new Promise(done => addEventListener(kind, event => {
        const before = read();
        const look = () => {
            const now = read();
            if (now === undefined || now === before) requestAnimationFrame(look);
            else requestAnimationFrame(painted => done(painted - event.timeStamp));
        };
        look();
    }, {capture: true, once: true}));
}
"""
"""Milliseconds from an event to the frame after the one that sets an attribute of an element."""

Found = dict[str, float]


def drawn(path: str, lines: int) -> str:
    """Return the selector of a chart that shows its lines."""
    return f"[data-testid=chart-panel][data-path='{path}'][data-lines='{lines}']"


def since_navigation(page: Page, selector: str) -> float:
    """Return how many milliseconds after the start of the navigation something is there, and painted."""
    page.wait_for_selector(selector, timeout=GIVE_UP_MS)
    return float(page.evaluate("() => new Promise(done => requestAnimationFrame(() => done(performance.now())))"))


def runs_table(page: Page, url: str) -> Found:
    """Open the table of many runs and sort it."""
    address = f"{url}/{seeding.WORKSPACE}/light?columns={NUMBER}&columns={MEASURED}"
    firsts: list[float] = []
    for _ in range(ROUNDS):
        page.goto(address)
        firsts.append(since_navigation(page, "[data-testid=run-row]"))
    sorts: list[float] = []
    for column in (NUMBER, MEASURED) * 3:
        header = page.locator(f'[data-testid=column-header][data-column="{column}"]')
        page.evaluate(GESTURE, ["click", "[data-testid=run-row]", "runKey"])
        header.get_by_role("button").first.click()
        sorts.append(float(page.evaluate("window.took")))
    return {
        "table_first_ms": firsts[0],
        "table_ms": statistics.median(firsts[1:]),
        "sort_first_ms": max(sorts[:2]),
        "sort_ms": statistics.median(sorts[2:]),
    }


def many_series(page: Page, url: str, run_key: str) -> Found:
    """Open a run of many series and scroll from its first chart to its last."""
    firsts: list[float] = []
    for _ in range(ROUNDS):
        page.goto(f"{url}/{seeding.WORKSPACE}/wide/runs/{run_key}?tab=charts")
        firsts.append(since_navigation(page, "[data-testid=chart-panel][data-last-step]"))
    found = {"series_first_ms": firsts[0], "series_ms": statistics.median(firsts[1:])}
    for name, pixels in SCROLLS.items():
        scrolled = page.evaluate(SCROLL, [pixels, SCROLL_S])
        frames = sorted(scrolled["frames"])
        found |= {
            f"{name}_charts": float(scrolled["passed"]),
            f"{name}_fps": 1000 / statistics.mean(frames),
            f"{name}_frame_median_ms": statistics.median(frames),
            f"{name}_frame_p95_ms": frames[len(frames) * 95 // 100],
            f"{name}_settled_ms": scrolled["settled"],
        }
    return found | {"scroll_canvases": float(page.locator("canvas").count())}


def long_series(page: Page, url: str, keys: Iterable[str]) -> Found:
    """Draw a long series of each of many runs in one chart, and a stretch of them."""
    names = list(keys)
    whole: list[float] = []
    zooms: list[float] = []
    panel = drawn("train/loss", len(names))
    for _ in range(ROUNDS):
        page.goto(f"{url}/{seeding.WORKSPACE}/long/compare?runs={','.join(names)}")
        whole.append(since_navigation(page, panel))
        page.wait_for_load_state("networkidle")
        area = page.locator(panel).locator(".u-over")
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        if box is None:
            message = "The chart has no size."
            raise SystemExit(message)
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=4)
        page.evaluate(GESTURE, ["mouseup", panel, "lastStep"])
        page.mouse.up()
        zooms.append(float(page.evaluate("window.took")))
    return {
        "long_first_ms": whole[0],
        "long_ms": statistics.median(whole[1:]),
        "zoom_first_ms": zooms[0],
        "zoom_ms": statistics.median(zooms[1:]),
    }


def seed(folder: Path, runs: int, series: int) -> None:
    """Fill the data folder of a server, unless it was kept."""
    if (folder / "data").exists():
        return
    seeding.light_files(folder / "data", seeding.WORKSPACE, runs)
    with server(folder) as (port, _):
        url = f"http://127.0.0.1:{port}"
        seeding.wide(url, seeding.WORKSPACE, series, seeding.tell)
        seeding.long(url, seeding.WORKSPACE, LONG_RUNS, seeding.tell)


def measure(folder: Path, parts: Sequence[str], minutes: int) -> Found:
    """Return what was measured, by a server that has just started."""
    own = os.environ.get("MARIGRAM_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    found: Found = {}
    with server(folder) as (port, _), sync_playwright() as playwright:
        url = f"http://127.0.0.1:{port}"
        connection = Connection(port)
        for part in parts:
            seeding.tell(f"{part}\n")
            found[f"load_{part}"] = os.getloadavg()[0]
            chromium = playwright.chromium.launch(executable_path=own, args=list(ARGUMENTS))
            page = chromium.new_page(viewport=VIEWPORT)
            if part == "table":
                found |= runs_table(page, url)
            elif part == "series":
                row = connection.get(f"projects/{seeding.WORKSPACE}/wide/runs?limit=1")["rows"][0]
                found |= many_series(page, url, row["run"]["key"])
            elif part == "long":
                rows = connection.get(f"projects/{seeding.WORKSPACE}/long/runs?limit={LONG_RUNS}")["rows"]
                found |= long_series(page, url, [row["run"]["id"] for row in rows])
            else:
                found |= live(chromium, page, url, port, minutes if part == "heap" else 0)
            chromium.close()
    return found


def live(chromium: Browser, page: Page, url: str, port: int, minutes: int) -> Found:
    """Write to runs, and watch them: one chart closely, or some tabs for minutes."""
    with tempfile.TemporaryDirectory() as folder:
        training = Training(url, port, f"{seeding.WORKSPACE}/live", Path(folder))
        training.start()
        try:
            return left_open(chromium, url, training, minutes) if minutes else until_drawn(page, url, training)
        finally:
            training.stop()


def quick_rows(found: Found) -> list[tuple[str, str, str, str]]:
    """Return what was measured of waiting, as rows of a table; the last column names the part."""

    def ms(name: str) -> str:
        return f"{found[name]:,.0f} ms"

    rows: list[tuple[str, str, str, str]] = []
    if "table_ms" in found:
        runs = f"Runs table of {found['runs']:,.0f} runs"
        rows += [
            (f"{runs}: first rows painted", ms("table_first_ms"), ms("table_ms"), "table"),
            (f"{runs}: another order", ms("sort_first_ms"), ms("sort_ms"), "table"),
        ]
    if "series_ms" in found:
        series = f"Run of {found['series']:,.0f} series"
        rows.append((f"{series}: first chart painted", ms("series_first_ms"), ms("series_ms"), "series"))
        for name, pixels in SCROLLS.items():
            passed, median = f"{found[f'{name}_charts']:,.0f} charts", f"{found[f'{name}_frame_median_ms']:.1f} ms"
            frames = f"half of the frames within {median}, 19 of 20 within {ms(f'{name}_frame_p95_ms')}"
            words = f"{series}: scrolling at {pixels * 60:,} pixels/s, past {passed}"
            rows += [
                (words, f"{found[f'{name}_fps']:.0f} frames/s", frames, "series"),
                (f"{series}: after that, charts there", ms(f"{name}_settled_ms"), "", "series"),
            ]
    if "long_ms" in found:
        long = f"{LONG_RUNS} runs x {seeding.LONG_POINTS:,} points in one chart"
        rows += [
            (f"{long}: all lines painted", ms("long_first_ms"), ms("long_ms"), "long"),
            (f"{long}: zoomed, painted from its own buckets", ms("zoom_first_ms"), ms("zoom_ms"), "long"),
        ]
    if "live_median_ms" in found:
        most = f"p95 {ms('live_p95_ms')}, at most {ms('live_most_ms')}"
        rows.append((f"{LIVE_RUNS} runs live: from the logging call to the pixel", ms("live_median_ms"), most, "live"))
    return rows


def heap_rows(found: Found) -> list[str]:
    """Return what open tabs held, a line for each minute."""

    def held(tab: str, minute: int) -> str:
        nodes, listeners = found[f"nodes_{tab}_{minute}"], found[f"listeners_{tab}_{minute}"]
        return f"{found[f'heap_{tab}_{minute}_mb']:.1f} MB, {nodes:,.0f}, {listeners:,.0f}"

    head = ["| minute | " + " | ".join(TABS.values()) + " |", "|---:|" + "---:|" * len(TABS)]
    minutes = range(int(found.get("heap_minutes", -1)) + 1)
    return [*head, *(f"| {minute} | " + " | ".join(held(tab, minute) for tab in TABS) + " |" for minute in minutes)]


def tables(found: Found) -> tuple[str, str]:
    """Return what was measured as Markdown: what one waits for, and what open tabs hold."""
    lines = ["| what | first time | again (median) | load average before |", "|---|---:|---:|---:|"]
    for what, first, again, part in quick_rows(found):
        lines.append(f"| {what} | {first} | {again} | {found[f'load_{part}']:.1f} |")
    return "\n".join(lines), "\n".join(heap_rows(found))


def machine() -> str:
    """Return what was measured on."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def text_of(found: Found) -> str:
    """Return the page of the reference."""
    waiting, holding = tables(found)
    return f"""# What the browser takes

Made by `python benchmarks/browser.py --write`; run it on your machine. Headless Chromium without a GPU on the machine
of the server, which has just started: {machine()}.

{waiting}

- Times are from the start of the navigation, or from the browser's event of the gesture, to the frame after the one
  that has the result. **First time** is a cold browser and a server that has read nothing yet.
- The **table** is sorted by a parameter and by the minimum of a series; each click is another order of all runs.
- **Scrolling** goes on for {SCROLL_S} seconds from the first chart, by as many pixels each frame. Only charts near the
  screen are drawn, {found.get("scroll_canvases", 0):.0f} of them in the end. One that flew by may have been empty; the
  line below says how long after the end those on the screen are there. Without a GPU, Chromium draws on the same cores.
- **Zoomed** is from the end of the drag to lines of the chosen stretch, fetched anew.
- **From the logging call to the pixel**: {LIVE_RUNS} runs get two points a second each, and one chart shows them all.
  One of them is a script with Marigram's client, whose points are timed; its syncer sends four times a second.
- Parts were measured one after the other, not always at once. All of them share the cores with whatever else runs on
  the machine: a load average above the number of cores makes all of it slower.

## A tab that is left open

Three tabs on {LIVE_RUNS} runs that get two points a second each. Each minute, after a garbage collection: the heap of
the scripts, DOM nodes, event listeners.

{holding}
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--minutes", type=int, default=10, help="how long tabs stay open")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="what to measure")
    parser.add_argument("--keep", type=Path, help="keep seeds and results here, and go on with them")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--write", action="store_true", help="write docs/reference/browser.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        results = folder / "results.json"
        found: Found = {"runs": float(arguments.runs), "series": float(arguments.series)}
        found |= json.loads(results.read_text()) if results.exists() else {}
        seed(folder, arguments.runs, arguments.series)
        found |= measure(folder, arguments.only, arguments.minutes)
        results.write_text(json.dumps(found))
    if arguments.write:
        PAGE.write_text(text_of(found))
    result: dict[str, Any] = {"machine": machine(), "results": found}
    print(json.dumps(result) if arguments.json else "\n\n".join([*tables(found), machine()]))


if __name__ == "__main__":
    main()
