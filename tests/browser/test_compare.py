"""Runs are compared: their lines in the same charts, their attributes side by side, and the address says it all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

import marigram
from looking import Look
from running_server import RunningServer
from waiting import wait_until

PROJECT = "vision/sweep"
SWEEP = ",".join(f"SWEE-{number}" for number in range(1, 7))
WIDE = "SWEE-7"
QUIET: dict[str, Any] = {"capture_stdout": False, "capture_stderr": False, "capture_hardware_metrics": False}
EXPRESSION = "`train/loss`/`validation/loss`;`train/loss`"
DRAWN = "[data-testid=chart-panel][data-last-step]"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def compared(seed: Callable[[str], RunningServer]) -> RunningServer:
    """A server with a small sweep and one wide run."""
    return seed("compared.py")


def _open(page: Page, server: RunningServer, view: str = "") -> None:
    page.goto(f"{server.url}/{PROJECT}/compare?runs={SWEEP}{view}")
    expect(page.get_by_role("heading", name="Compare 6 runs")).to_be_visible()


def _panel(page: Page, path: str) -> Locator:
    return page.locator(f"[data-testid=chart-panel][data-path='{path}']")


def _drag(page: Page, panel: Locator, start: float, end: float) -> None:
    """Drag over a stretch of a panel's x axis, given as shares of its width."""
    panel.scroll_into_view_if_needed()
    box = panel.locator(".u-over").bounding_box()
    assert box is not None
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, height)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, height, steps=4)
    page.mouse.up()


def _point_at(page: Page, panel: Locator, across: float = 0.5, down: float = 0.5) -> None:
    panel.scroll_into_view_if_needed()
    box = panel.locator(".u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)


def test_each_chart_has_a_line_for_each_run_that_has_the_series(compared: RunningServer, page: Page) -> None:
    page.goto(f"{compared.url}/{PROJECT}/compare?runs={SWEEP},{WIDE}&filter=/^(train|layers).(loss|unit1)$/")
    expect(_panel(page, "train/loss")).to_have_attribute("data-lines", "6")
    expect(_panel(page, "layers/unit1")).to_have_attribute("data-lines", "1")
    expect(page.get_by_test_id("chart-panel")).to_have_count(2)


def test_a_filter_is_words_or_a_regular_expression(compared: RunningServer, page: Page) -> None:
    _open(page, compared)
    expect(page.get_by_test_id("chart-panel")).to_have_count(6)
    page.get_by_test_id("charts-filter").fill("loss")
    expect(page.get_by_test_id("chart-panel")).to_have_count(2)
    page.get_by_test_id("charts-filter").fill("/^validation.*n$/")
    expect(page.get_by_test_id("chart-panel")).to_have_count(1)
    page.get_by_test_id("charts-filter").fill("/(/")
    expect(page.get_by_role("alert")).to_contain_text("no regular expression")


def test_the_cursor_names_every_run_and_a_line_that_is_pointed_at_is_singled_out(
    compared: RunningServer, page: Page
) -> None:
    _open(page, compared)
    panel = _panel(page, "train/loss")
    expect(panel).to_have_attribute("data-lines", "6")
    _point_at(page, panel, 0.2, 0.9)
    tip = panel.get_by_test_id("chart-tip")
    expect(tip).to_contain_text("step")
    assert tip.inner_text().count("SWEE-") == 6
    _point_at(page, panel, 0.5, 0.95)
    expect(page.locator("[data-testid=legend-item][data-highlighted]")).to_have_count(1)
    page.mouse.move(5, 5)
    expect(page.locator("[data-testid=legend-item][data-highlighted]")).to_have_count(0)


def test_a_zoom_asks_for_raw_points_and_a_double_click_shows_all(compared: RunningServer, page: Page) -> None:
    _open(page, compared)
    panel = _panel(page, "train/loss")
    expect(panel).to_have_attribute("data-lines", "6")
    with page.expect_request(re.compile(r"/series/buckets\?.*first_step=")):
        _drag(page, panel, 0.4, 0.42)
    page.wait_for_url(re.compile(r"zoom=step"))
    expect(panel).to_have_attribute("data-last-step", re.compile(r"^8\d\d$"))
    expect(_panel(page, "train/accuracy")).to_have_attribute("data-last-step", "1999")
    panel.locator(".u-over").dblclick()
    expect(panel).to_have_attribute("data-last-step", "1999")
    expect(page).not_to_have_url(re.compile("zoom="))


def test_a_zoom_of_all_charts_is_one(compared: RunningServer, page: Page) -> None:
    _open(page, compared, "&together=1")
    panel = _panel(page, "train/loss")
    expect(panel).to_have_attribute("data-lines", "6")
    _drag(page, panel, 0.2, 0.4)
    for path in ("train/accuracy", "train/loss", "validation/loss"):
        expect(_panel(page, path).get_by_role("button", name="Reset zoom")).to_be_visible()
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(_panel(page, "validation/loss").get_by_role("button", name="Reset zoom")).to_be_visible()


def test_the_keyboard_moves_the_cursor_and_zooms(compared: RunningServer, page: Page) -> None:
    _open(page, compared)
    panel = _panel(page, "train/loss")
    expect(panel).to_have_attribute("data-lines", "6")
    panel.get_by_role("img").focus()
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_test_id("chart-tip")).to_be_visible()
    page.keyboard.press("+")
    page.wait_for_url(re.compile("zoom=step"))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("zoom="))


def test_settings_are_in_the_address_and_survive_a_reload(compared: RunningServer, page: Page) -> None:
    _open(page, compared)
    page.get_by_test_id("x-axis").click()
    page.get_by_role("option", name="Relative time").click()
    page.get_by_role("combobox", name="Kind of smoothing").click()
    page.get_by_role("option", name="Gaussian").click()
    page.get_by_test_id("chart-options").click()
    for name in ("Logarithmic y", "Leave out outliers"):
        page.get_by_role("switch", name=name).check()
    for part in ("x=relative", "smoothing=gaussian%3A10|smoothing=gaussian:10", "log=1", "robust=1"):
        expect(page).to_have_url(re.compile(part))
    page.reload()
    expect(page.get_by_test_id("x-axis")).to_have_value("Relative time")
    expect(page.get_by_role("combobox", name="Kind of smoothing")).to_have_value("Gaussian")
    expect(_panel(page, "validation/margin")).to_contain_text("≤ 0 not shown")


def test_a_series_is_drawn_over_another(compared: RunningServer, page: Page) -> None:
    _open(page, compared, "&x=series")
    page.get_by_test_id("x-series").click()
    with page.expect_response(re.compile("/series/crossed")):
        page.get_by_role("option", name="train/epoch").click()
    expect(page).to_have_url(re.compile("over=train/epoch"))
    expect(_panel(page, "validation/loss")).to_have_attribute("data-lines", "6")


def test_runs_are_gathered_by_a_value_and_drawn_with_a_band(compared: RunningServer, page: Page) -> None:
    _open(page, compared)
    page.get_by_test_id("group-by").fill("learning")
    with page.expect_response(re.compile("/series/groups")):
        page.get_by_role("option", name="parameters/learning_rate").click()
    expect(_panel(page, "train/loss")).to_have_attribute("data-lines", "3")
    names = [re.sub(r"\s+", " ", text) for text in page.get_by_test_id("legend-item").all_inner_texts()]
    assert names == ["0.001 2 runs", "0.01 2 runs", "0.1 2 runs"]
    page.get_by_test_id("band").click()
    page.get_by_role("option", name="Least to greatest").click()
    expect(page).to_have_url(re.compile("band=range"))


def test_chosen_attributes_name_the_runs(compared: RunningServer, page: Page) -> None:
    _open(page, compared)
    for path in ("parameters/learning_rate", "parameters/seed"):
        page.get_by_test_id("name-by").fill(path)
        page.get_by_role("option", name=path).click()
    names = page.get_by_test_id("legend").get_by_role("link")
    expect(names.first).to_have_text("learning_rate 0.1, seed 1")
    page.reload()
    expect(names.first).to_have_text("learning_rate 0.1, seed 1")
    page.get_by_role("button", name="Name runs without parameters/seed").click()
    expect(names.first).to_have_text("SWEE-1 learning_rate 0.1")


def test_a_hidden_run_leaves_the_charts_and_comes_back(compared: RunningServer, page: Page) -> None:
    _open(page, compared)
    page.get_by_role("button", name=re.compile("Hide SWEE-1")).click()
    expect(_panel(page, "train/loss")).to_have_attribute("data-lines", "5")
    page.reload()
    expect(_panel(page, "train/loss")).to_have_attribute("data-lines", "5")
    page.get_by_role("button", name=re.compile("Show SWEE-1")).click()
    expect(_panel(page, "train/loss")).to_have_attribute("data-lines", "6")
    page.get_by_role("button", name=re.compile("Leave SWEE-6 .* out")).click()
    expect(page.get_by_role("heading", name="Compare 5 runs")).to_be_visible()


def test_the_table_shows_differences_from_a_baseline(compared: RunningServer, page: Page) -> None:
    _open(page, compared, "&tab=table")
    rate = page.locator("[data-testid=compare-row][data-path='parameters/learning_rate']")
    assert page.get_by_test_id("compare-row").count() < 60
    expect(rate.get_by_role("cell")).to_have_text(["0.1", "0.1", "0.01", "0.01", "0.001", "0.001"])
    page.get_by_role("button", name=re.compile("against SWEE-3")).click()
    expect(rate.get_by_role("cell")).to_have_text(
        ["0.01", "0.1+0.09 (+900%)", "0.1+0.09 (+900%)", "0.01=", re.compile("0.009 .*90%"), re.compile("0.009 .*90%")]
    )
    expect(page.locator("[data-path='parameters/optimizer']")).to_have_count(1)
    page.get_by_test_id("only-differences").check(force=True)
    expect(page.locator("[data-path='parameters/optimizer']")).to_have_count(0)
    page.get_by_test_id("compare-filter").fill("parameters")
    expect(page.get_by_test_id("compare-count")).to_have_text("2 attributes")
    for part in ("baseline=", "differ=1", "filter=parameters"):
        expect(page).to_have_url(re.compile(part))
    page.reload()
    expect(page.get_by_test_id("compare-count")).to_have_text("2 attributes")


def test_a_scatter_shows_how_a_result_goes_with_a_parameter(compared: RunningServer, page: Page) -> None:
    _open(page, compared, "&tab=scatter")
    page.get_by_test_id("scatter-across").fill("learning")
    page.get_by_role("option", name="parameters/learning_rate").click()
    page.get_by_test_id("scatter-up").fill("f1")
    page.get_by_role("option", name="result/f1").click()
    expect(page.get_by_test_id("scatter-dot")).to_have_count(6)
    expect(page.get_by_test_id("correlation")).to_have_text(re.compile("6 of 6 runs, correlation .1.00, by rank .1.00"))
    page.get_by_role("button", name=re.compile("SWEE-3 .* 0.01")).focus()
    expect(page.get_by_role("link", name="SWEE-3 lr 0.01 seed 1")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("scatter-dot")).to_have_count(6)


def test_only_panels_on_the_screen_are_fetched_and_drawn_out_of_a_thousand(compared: RunningServer, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/series/buckets" in request.url else None)
    page.goto(f"{compared.url}/{PROJECT}/compare?runs={WIDE}&filter=layers")
    page.wait_for_selector(DRAWN)
    paths = {path for url in asked for path in re.findall(r"path=([^&]+)", url)}
    assert len(paths) < 40
    last = _panel(page, "layers/unit999")

    def scrolled_to_the_end() -> bool:
        page.mouse.wheel(0, 6000)
        page.wait_for_timeout(50)
        return last.count() == 1

    wait_until(scrolled_to_the_end, "the last of a thousand panels")
    last.scroll_into_view_if_needed()
    expect(last).to_have_attribute("data-last-step", "2")
    assert page.locator("canvas").count() < 80


def test_a_chart_is_saved_as_numbers_drawing_and_picture(compared: RunningServer, page: Page) -> None:
    _open(page, compared)
    panel = _panel(page, "validation/loss")
    panel.scroll_into_view_if_needed()
    expect(panel).to_have_attribute("data-lines", "6")
    saved: dict[str, bytes] = {}
    for name in ("Numbers (CSV)", "Drawing (SVG)", "Picture (PNG)"):
        panel.get_by_role("button", name="Save or share validation/loss").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=name).click()
        saved[download.value.suggested_filename] = Path(download.value.path()).read_bytes()
    rows = list(csv.DictReader(io.StringIO(saved["loss.csv"].decode())))
    assert len(rows) == 3 * 20 + 3 * 15
    first = next(row for row in rows if row["line"] == "SWEE-1 lr 0.1 seed 1")
    assert (first["path"], first["step_last"], float(first["value"])) == ("validation/loss", "0", 1.05)
    assert saved["loss.svg"].startswith(b"<svg ")
    assert saved["loss.svg"].count(b'stroke-width="1.5"') == 6
    assert saved["loss.png"].startswith(b"\x89PNG")


def test_sections_close_a_link_leads_to_one_chart_and_what_is_no_number_is_marked(
    compared: RunningServer, page: Page
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _open(page, compared)
    expect(_panel(page, "train/gradient_norm")).to_contain_text("✕ NaN")
    page.get_by_test_id("chart-options").click()
    page.get_by_role("switch", name="Logarithmic x").click()
    expect(page).to_have_url(re.compile("logx="))
    page.keyboard.press("Escape")
    panel = _panel(page, "validation/loss")
    panel.get_by_role("button", name="Save or share validation/loss").click()
    page.get_by_role("menuitem", name="Copy link to this chart").click()
    read = "navigator.clipboard.readText()"
    wait_until(lambda: "path=" in page.evaluate(read), "the copied link")
    train = page.get_by_role("button", name=re.compile("^train"))
    train.click()
    expect(train).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_test_id("chart-panel")).to_have_count(2)
    _the_address_says_which_sections_are_closed(page)
    page.goto(page.evaluate(read))
    alone = page.get_by_role("dialog").get_by_test_id("chart-panel")
    expect(alone).to_have_attribute("data-path", "validation/loss")
    expect(alone).to_contain_text("6 ≤ 0 not shown on a log axis")


def _the_address_says_which_sections_are_closed(page: Page) -> None:
    """`train` has just been closed."""
    expect(page).to_have_url(re.compile("folded=train(&|$)"))
    entries = page.evaluate("history.length")
    section = {name: page.get_by_role("button", name=re.compile(f"^{name}")) for name in ("train", "validation")}
    page.reload()
    expect(section["train"]).to_have_attribute("aria-expanded", "false")
    expect(section["validation"]).to_have_attribute("aria-expanded", "true")
    # However fast one turns them, none is lost.
    page.evaluate("document.querySelectorAll('h2 > button[aria-expanded]').forEach(button => button.click())")
    expect(page).to_have_url(re.compile("folded=validation(&|$)"))
    expect(section["train"]).to_have_attribute("aria-expanded", "true")
    expect(section["validation"]).to_have_attribute("aria-expanded", "false")
    assert page.evaluate("history.length") == entries
    browser = page.context.browser
    assert browser is not None
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(page.url)
        for name, is_open in (("train", "true"), ("validation", "false")):
            button = other.get_by_role("button", name=re.compile(f"^{name}"))
            expect(button).to_have_attribute("aria-expanded", is_open)
        # What is found is shown, whatever was closed.
        other.get_by_test_id("charts-filter").fill("margin")
        expect(_panel(other, "validation/margin")).to_be_visible()
        expect(other).not_to_have_url(re.compile("folded="))


def test_runs_that_are_not_there_are_named(compared: RunningServer, page: Page) -> None:
    page.goto(f"{compared.url}/{PROJECT}/compare?runs=SWEE-1,SWEE-99")
    expect(page.get_by_role("alert")).to_have_text("Not found: SWEE-99")
    page.goto(f"{compared.url}/{PROJECT}/compare")
    expect(page.get_by_role("heading", name="No runs are chosen")).to_be_visible()


def test_the_comparison_looks_and_is_accessible(compared: RunningServer, look: Look) -> None:
    page = look.page
    views = {
        "charts": ("", DRAWN),
        "groups": ("&group=parameters/learning_rate&log=1&legend=parameters/seed", DRAWN),
        "chart": ("&path=train/loss", f"[role=dialog] {DRAWN}"),
        "expression": (
            "&expr=`train/loss`/`validation/loss`;`train/loss`",
            "[data-testid=expression-panel][data-lines]",
        ),
        "table": ("&tab=table&baseline=SWEE-1", "[data-testid=compare-row]"),
        "scatter": ("&tab=scatter&across=parameters/learning_rate&up=result/f1", "[data-testid=scatter-dot]"),
    }
    for name, (view, shown) in views.items():
        page.goto(f"{compared.url}/{PROJECT}/compare?runs={SWEEP}{view}")
        page.wait_for_selector(shown)
        look.at(f"compare-{name}")
    page.goto(f"{compared.url}/{PROJECT}/runs/SWEE-2?tab=charts&x=time")
    page.wait_for_selector(DRAWN)
    look.at("run-charts-toolbar")
    # The bar puts what does not fit into the next row; nothing is squeezed until it cannot be read.
    assert page.get_by_test_id("x-axis").evaluate("field => field.clientWidth") >= 100
    assert not look.faults


def test_expressions_over_series_are_drawn_and_a_wrong_one_says_where(compared: RunningServer, page: Page) -> None:
    _open(page, compared)
    page.get_by_test_id("add-expression").click()
    field = page.get_by_test_id("expression")
    field.fill("train/loss * 2")
    problem = page.get_by_test_id("expression-problem")
    expect(problem).to_contain_text("There is no series “train”. Do you mean `train/loss`")
    expect(problem.locator("mark")).to_have_text("t")
    field.fill("`train/loss` / `validation/loss`; ema(`train/loss`, 20")
    expect(problem).to_contain_text("is not closed")
    expect(page.get_by_role("button", name="Draw")).to_be_disabled()
    field.press("End")
    field.type(")")
    page.get_by_role("button", name="Draw").click()
    panel = page.get_by_test_id("expression-panel")
    expect(panel).to_have_attribute("data-lines", "12")
    expect(panel).to_have_attribute("data-last-step", "1999")
    _drag(page, panel, 0.3, 0.5)
    expect(panel.get_by_role("button", name="Reset zoom")).to_be_visible()
    page.reload()
    expect(panel.get_by_role("button", name="Reset zoom")).to_be_visible()
    expect(panel).to_have_attribute("data-lines", "12")
    panel.get_by_role("button", name="Change").click()
    field.fill("slope(`train/epoch`)")
    field.press("Enter")
    expect(panel).to_have_attribute("data-lines", "6")
    expect(page).not_to_have_url(re.compile("zoom="))
    page.get_by_role("button", name=re.compile("Take slope.* away")).click()
    expect(panel).to_have_count(0)


def test_a_text_is_pinned_to_a_step_and_taken_away(compared: RunningServer, page: Page) -> None:
    _open(page, compared, "&filter=loss")
    panel = _panel(page, "train/loss")
    expect(panel).to_have_attribute("data-pins", "0")
    page.get_by_test_id("annotate").click()
    page.get_by_label("Run", exact=True).select_option(label="SWEE-2 lr 0.1 seed 2")
    page.get_by_label("Step", exact=True).fill("700")
    page.get_by_label("Text", exact=True).fill("rate halved")
    page.get_by_role("button", name="Pin to the step").click()
    expect(page.get_by_test_id("annotation")).to_have_text("700rate halved SWEE-2 lr 0.1 seed 2")
    expect(panel).to_have_attribute("data-pins", "1")
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="Save or share train/loss").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Drawing (SVG)").click()
    assert ">rate halved</text>" in Path(download.value.path()).read_text()
    page.goto(f"{compared.url}/{PROJECT}/runs/SWEE-2?tab=charts&filter=train/loss")
    expect(panel).to_have_attribute("data-pins", "1")
    page.get_by_test_id("annotate").click()
    page.get_by_role("button", name="Take “rate halved” away").click()
    expect(panel).to_have_attribute("data-pins", "0")


def test_new_points_of_a_running_run_reach_the_comparison(compared: RunningServer, page: Page) -> None:
    with marigram.init_run(project=PROJECT, url=compared.url, name="watched", **QUIET) as run:
        run["train/loss"].append(1.0, step=0)
        run.wait()
        page.goto(f"{compared.url}/{PROJECT}/compare?runs=SWEE-1,{run.id}&filter=train/loss")
        panel = _panel(page, "train/loss")
        expect(panel).to_have_attribute("data-lines", "2", timeout=20_000)
        expect(panel).to_have_attribute("data-last-step", "1999")
        run["train/loss"].append(0.5, step=5000)
        expect(panel).to_have_attribute("data-last-step", "5000", timeout=30_000)
