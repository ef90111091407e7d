"""What charts draw: hidden points as a shade, smoothed lines with their ghosts, marks; and what moves them together."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from asking import HttpWriter, ask
from logged import upload
from marigram.model import Append, FloatPoints, Operation, RunStatus, SetStatus, parse_path
from operations import CREATED_AT, attach, create, put
from running_server import RunningServer
from waiting import wait_until

PROJECT = "lab/drawn"
DENSE = 20_000
"""Points of the series that no chart has places for."""

BOTH = "compare?runs=DRAW-1,DRAW-2"
SHADE = """
panel => {
    const canvas = panel.querySelector("canvas");
    const plot = panel.querySelector(".u-over").getBoundingClientRect();
    const all = canvas.getBoundingClientRect();
    const scale = canvas.width / all.width;
    const [left, top, width, height] = [plot.left - all.left, plot.top - all.top, plot.width, plot.height]
        .map(length => Math.round(length * scale));
    const {data} = canvas.getContext("2d").getImageData(left, top, width, height);
    let shaded = 0;
    for (let at = 3; at < data.length; at += 4) if (Math.abs(data[at] - 0.18 * 255) < 2) shaded += 1;
    return shaded / (data.length / 4);
}
"""
"""The share of a chart's plot that is as opaque as an envelope, and as nothing else that is drawn."""

pytestmark = pytest.mark.slow


def paced(path: str, steps: Sequence[float], values: Sequence[float], pause_ms: int = 1) -> Append:
    """Append points with this time between each and the next."""
    times = [CREATED_AT + at * pause_ms for at in range(len(steps))]
    return Append(path=parse_path(path), points=FloatPoints(steps=list(steps), times=times, values=list(values)))


@pytest.fixture(scope="module")
def drawn(shared_server: RunningServer) -> RunningServer:
    """A server with two runs: of many points and few, of values that are no numbers, at steps of their own."""
    steps = [float(step) for step in range(300)]
    falling = [math.exp(-step / 60) + 0.1 * (step % 2) for step in steps]
    media_type = "application/vnd.marigram.artifact+json"
    of_runs: list[list[Operation]] = [
        [
            paced("dense/loss", range(DENSE), [float(step % 2) for step in range(DENSE)]),
            paced("sparse/odd", range(8), [1.0, 2.0, math.nan, 4.0, math.inf, 3.0, -math.inf, 900.0]),
        ],
        [],
    ]
    for number, operations in enumerate(of_runs):
        pause_ms = 1000 * (1 + 3 * number)
        writer = HttpWriter(shared_server.url, f"{number:032x}")
        writer.write(create(PROJECT, at=CREATED_AT + number), put("sys/name", f"run {number}"), put("lab", "one"))
        writer.write(
            *operations,
            paced("sparse/loss", steps, falling, pause_ms),
            paced("sparse/level", [step + number / 2 for step in steps], [1.0 + 2.0 * number] * len(steps), pause_ms),
            put("monitoring/main/gpu_0_name", ("A100", "H100")[number]),
            attach("dataset", upload(writer, b"{%d}" % number, "dataset.json", media_type)),
            attach("source_code/diff", upload(writer, DIFF % number, "diff.patch", "text/x-diff")),
            SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 2_000_000),
        )
    return shared_server


DIFF = b"""diff --git a/train.py b/train.py
--- a/train.py
+++ b/train.py
@@ -1,2 +1,2 @@
 import torch
-rate = 0.1
+rate = 0.%d
"""


def panel_of(page: Page, path: str) -> Locator:
    return page.locator(f"[data-testid=chart-panel][data-path='{path}']")


def saved(page: Page, panel: Locator, what: str) -> str:
    """Return the text of a file that a chart is saved as."""
    panel.scroll_into_view_if_needed()
    panel.get_by_role("button", name="Save or share").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=what).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def rows_of(page: Page, panel: Locator) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(saved(page, panel, "Numbers (CSV)"))))


def test_the_envelope_is_there_where_places_hide_points_and_goes_when_one_zooms_to_the_points(
    drawn: RunningServer, page: Page
) -> None:
    page.goto(f"{drawn.url}/{PROJECT}/runs/DRAW-1?filter=loss")
    dense, sparse = panel_of(page, "dense/loss"), panel_of(page, "sparse/loss")
    expect(dense).to_have_attribute("data-last-step", str(DENSE - 1))
    wait_until(lambda: dense.evaluate(SHADE) > 0.5, "the envelope of hidden points")
    rows = rows_of(page, dense)
    assert len(rows) < DENSE / 10
    assert sum(int(row["points"]) for row in rows) == DENSE
    assert all((row["low"], row["high"], int(row["points"]) > 1) == ("0", "1", True) for row in rows)
    drawing = saved(page, dense, "Drawing (SVG)")
    assert drawing.count('fill-opacity="0.18"') == 1
    assert "stroke-opacity" not in drawing  # the ghost of a line that is smoothed
    # Of few points none is hidden.
    expect(sparse).to_have_attribute("data-points", "300")
    assert sparse.evaluate(SHADE) < 0.05
    assert all((row["low"], row["high"], row["points"]) == ("", "", "1") for row in rows_of(page, sparse))
    # So it is with many, as soon as one looks closely.
    box = dense.locator(".u-over").bounding_box()
    assert box is not None
    across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(across, down)
    page.mouse.down()
    page.mouse.move(across + 10, down, steps=3)
    page.mouse.up()
    expect(page).to_have_url(re.compile("zoom=step"))
    wait_until(lambda: dense.evaluate(SHADE) < 0.05, "the points alone")
    rows = rows_of(page, dense)
    assert len(rows) > 10
    assert all((row["low"], row["points"]) == ("", "1") and row["value"] in {"0", "1"} for row in rows)
    assert "fill-opacity" not in saved(page, dense, "Drawing (SVG)")
    dense.get_by_role("button", name="Reset zoom").click()
    wait_until(lambda: dense.evaluate(SHADE) > 0.5, "the envelope again")


def test_a_smoothed_line_has_the_logged_one_behind_it_and_axes_count_what_they_say(
    drawn: RunningServer, page: Page
) -> None:
    panel = panel_of(page, "sparse/loss")
    address = f"{drawn.url}/{PROJECT}/runs/DRAW-1?filter=sparse/loss"
    whole: dict[str, dict[str, float]] = {}
    for smoothing, axis, first, last in (
        ("0.9", "step", 0, 299),
        ("average:10", "relative", 0, 299),
        ("gaussian:10", "time", CREATED_AT / 1000, CREATED_AT / 1000 + 299),
    ):
        page.goto(f"{address}&smoothing={smoothing}&x={axis}")
        expect(panel).to_have_attribute("data-points", "300")
        rows = rows_of(page, panel)
        assert [float(rows[at]["x"]) for at in (0, -1)] == [first, last]
        smooth, logged = ([float(row[name]) for row in rows[100:200]] for name in ("value", "unsmoothed"))
        assert bends(smooth) < bends(logged) / 3
        whole[smoothing] = {row["step_last"]: float(row["value"]) for row in rows}
    assert saved(page, panel, "Drawing (SVG)").count('stroke-opacity="0.3"') == 1
    # Looked at closely it is the same line, and goes on to both edges.
    for smoothing, line in whole.items():
        page.goto(f"{address}&smoothing={smoothing}&zoom=step:100.4:110.6:100.2:110.8:sparse/loss")
        expect(panel).to_have_attribute("data-points", "12")
        near = {row["step_last"]: float(row["value"]) for row in rows_of(page, panel)}
        assert near == pytest.approx({str(step): line[str(step)] for step in range(100, 112)}, abs=1e-9)


def bends(values: Sequence[float]) -> float:
    """Return how far a line goes up and down."""
    return sum(abs(after - before) for before, after in pairwise(values))


def test_what_is_no_number_is_marked_and_outliers_are_left_out_on_demand(drawn: RunningServer, page: Page) -> None:
    panel = panel_of(page, "sparse/odd")
    tops: list[float] = []
    for choice in ("", "&robust=1"):
        page.goto(f"{drawn.url}/{PROJECT}/runs/DRAW-1?filter=odd{choice}")
        expect(panel).to_contain_text("✕ NaN ▲ ∞ ▼ \u2212∞")
        ticks = re.findall(r'text-anchor="end"[^>]*>([^<]+)<', saved(page, panel, "Drawing (SVG)"))
        tops.append(max(float(tick.replace("\u2212", "-")) for tick in ticks))
    assert tops[0] >= 800
    assert tops[1] < 20


def test_the_mean_of_a_group_is_right_where_no_two_runs_share_a_step(drawn: RunningServer, page: Page) -> None:
    panel = panel_of(page, "sparse/level")
    # An expression is computed for each run first: the mean of 1 and a third is no half.
    inverse = page.get_by_role("article", name="1 / `sparse/level`")
    widths: dict[str, float] = {}
    expressed: dict[str, float] = {}
    for band in ("deviation", "error", "range"):
        expressions = "&expr=1 / `sparse/level`&expr=`sparse/loss` * 1; `sparse/level`"
        page.goto(f"{drawn.url}/{PROJECT}/{BOTH}&group=lab&filter=/sparse.l/&band={band}{expressions}")
        expect(panel).to_have_attribute("data-lines", "1")
        rows = [row for row in rows_of(page, panel) if row["points"] == "2"]
        assert len(rows) > 100
        assert {float(row["value"]) for row in rows} == {2.0}
        widths[band] = float(rows[50]["high"]) - 2
        expect(inverse).to_have_attribute("data-lines", "1")
        rows = [row for row in rows_of(page, inverse) if row["points"] == "2"]
        assert len(rows) > 100
        assert [float(row["value"]) for row in rows] == pytest.approx([2 / 3] * len(rows))
        expressed[band] = float(rows[50]["high"]) - 2 / 3
    assert widths == {
        "deviation": pytest.approx(math.sqrt(2)),
        "error": pytest.approx(1),
        "range": pytest.approx(1),
    }
    assert expressed == {band: pytest.approx(width / 3) for band, width in widths.items()}
    both = page.get_by_role("article", name="`sparse/loss` * 1; `sparse/level`")
    expect(both).to_have_attribute("data-lines", "2")
    # A series alone is what its own chart draws.
    ours = [row for row in rows_of(page, both) if row["line"] == "`sparse/loss` * 1"]
    theirs = rows_of(page, panel_of(page, "sparse/loss"))
    for name in ("step_last", "x", "value", "low", "high", "points"):
        assert [float(row[name]) for row in ours] == pytest.approx([float(row[name]) for row in theirs])


def test_cursors_move_together_and_a_run_that_is_pointed_at_comes_to_the_front_everywhere(
    drawn: RunningServer, page: Page
) -> None:
    page.goto(f"{drawn.url}/{PROJECT}/runs/DRAW-1?filter=sparse")
    loss, level = panel_of(page, "sparse/loss"), panel_of(page, "sparse/level")
    expect(level).to_have_attribute("data-last-step", "299")
    expect(loss).to_have_attribute("data-last-step", "299")
    loss.locator(".u-over").hover()
    expect(level.get_by_test_id("chart-tip")).to_contain_text(re.compile("step 1[45]"))
    page.mouse.move(5, 5)
    expect(level.get_by_test_id("chart-tip")).to_be_hidden()
    # So do those of the keys.
    loss.get_by_role("img").focus()
    page.keyboard.press("End")
    expect(level.get_by_test_id("chart-tip")).to_contain_text("step 299")
    page.goto(f"{drawn.url}/{PROJECT}/{BOTH}&filter=/sparse.l/")
    front = page.locator("canvas[data-layer=front]")
    for panel in (loss, level):
        expect(panel).to_have_attribute("data-lines", "2")
    page.get_by_test_id("legend-item").last.hover()
    expect(front).to_have_count(2)
    page.mouse.move(5, 5)
    expect(front).to_have_count(0)
    content = json.dumps({"panels": [{"filter": "/sparse.l/", "size": "small"}], "search": "", "most": 10})
    address = f"/api/v1/projects/{PROJECT}/views/dashboard/both"
    body = json.dumps({"content": content}).encode()
    headers = {"content-type": "application/json"}
    assert ask(drawn.url, address, method="PUT", body=body, headers=headers).status == 200
    page.goto(f"{drawn.url}/{PROJECT}/dashboards/both")
    for panel in (loss, level):
        expect(panel).to_have_attribute("data-lines", "2")
    named = page.get_by_test_id("dashboard-runs").get_by_role("listitem")
    named.first.hover()
    expect(front).to_have_count(2)
    expect(named.first).to_have_attribute("data-highlighted", "true")
    level.locator(".u-over").hover(position={"x": 5, "y": 5})
    expect(named.last).to_have_attribute("data-highlighted", "true")


def test_an_address_shows_another_browser_the_same_charts(drawn: RunningServer, page: Page, browser: Browser) -> None:
    page.goto(f"{drawn.url}/{PROJECT}/{BOTH}&filter=/sparse.l/&smoothing=average:5")
    loss, level = panel_of(page, "sparse/loss"), panel_of(page, "sparse/level")
    expect(loss).to_have_attribute("data-lines", "2")
    page.get_by_role("button", name=re.compile("Hide DRAW-2")).click()
    expect(loss).to_have_attribute("data-lines", "1")
    loss.get_by_role("img").focus()
    page.keyboard.press("Home")
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("zoom=step"))
    expect(loss).to_have_attribute("data-last-step", re.compile("^1[56][0-9]$"))
    with browser.new_context() as elsewhere:
        other = elsewhere.new_page()
        other.goto(page.url)
        there = panel_of(other, "sparse/loss")
        for name in ("data-lines", "data-last-step", "data-points"):
            expect(there).to_have_attribute(name, loss.get_attribute(name) or "")
        expect(panel_of(other, "sparse/level")).to_have_attribute("data-last-step", "299")
        expect(other.get_by_role("combobox", name="Kind of smoothing")).to_have_value("Running average")
        expect(other.get_by_role("button", name=re.compile("Show DRAW-2"))).to_be_visible()
        assert saved(other, there, "Numbers (CSV)") == saved(page, loss, "Numbers (CSV)")
    expect(level).to_have_attribute("data-lines", "1")


def test_a_chart_that_was_not_answered_says_so_and_is_asked_for_again(drawn: RunningServer, page: Page) -> None:
    page.route("**/series/buckets?**", lambda route: route.abort())
    page.goto(f"{drawn.url}/{PROJECT}/runs/DRAW-1?filter=sparse/loss")
    panel = panel_of(page, "sparse/loss")
    expect(panel.get_by_role("alert")).to_contain_text("Check that it is running, then try again.")
    page.unroute("**/series/buckets?**")
    panel.get_by_role("button", name="Try again").click()
    expect(panel).to_have_attribute("data-points", "300")


def test_changes_of_data_hardware_speed_and_what_was_not_committed_are_told(drawn: RunningServer, page: Page) -> None:
    pair = f"baseline={0:032x}&after={1:032x}"
    page.goto(f"{drawn.url}/{PROJECT}/{BOTH}&tab=changes&{pair}")
    told = {"data": "dataset", "hardware": "A100", "throughput": "0.25 times as many", "code": "train.py"}
    for area, words in told.items():
        expect(page.locator(f"[data-testid=change][data-area={area}]").first).to_contain_text(words)
    page.goto(f"{drawn.url}/{PROJECT}/{BOTH}&tab=texts&{pair}")
    page.get_by_test_id("text-item").filter(has_text="Git: changes that were not committed").click()
    shown = page.get_by_test_id("text-shown").locator("[data-testid=diff-line]")
    expect(shown.and_(page.locator("[data-diff=removed]"))).to_contain_text("rate = 0.0")
    expect(shown.and_(page.locator("[data-diff=added]"))).to_contain_text("rate = 0.1")
