"""A person finds her way: each page shows what was logged, its state is in the address, all of it is accessible."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from looking import Look
from running_server import RunningServer
from waiting import wait_until

TABS = ("charts", "overview", "attributes", "media", "console", "monitoring", "code", "files", "lineage")
PROJECT = "vision/digits"
SHOWN = {
    "projects": "[data-testid=project-row]",
    "runs": "[data-testid=run-row]",
    "run-charts": "[data-testid=chart-panel][data-last-step]",
    "run-overview": "[data-testid=overview-series]",
    "run-attributes": "[data-testid=attribute-row]",
    "run-media": "[data-testid=media-tile] img",
    "run-console": "[data-testid=console-line]",
    "run-monitoring": "[data-testid=chart-panel][data-last-step]",
    "run-code": "[data-testid=code-view]",
    "run-lineage": "text=It was not resumed",
    "run-files": "[data-testid=file-row]",
}
"""What a page has when it shows what it is for."""


@pytest.fixture(scope="module")
def seeded(seed: Callable[[str], RunningServer]) -> RunningServer:
    """A server that several runs were logged to."""
    return seed("seeded.py")


def _open_run(page: Page, server: RunningServer, tab: str) -> None:
    page.goto(f"{server.url}/{PROJECT}")
    page.get_by_test_id("run-row").filter(has_text="convnet").click()
    expect(page.get_by_test_id("run-status").first).to_have_attribute("data-status", "finished")
    page.get_by_test_id(f"tab-{tab}").click()


@pytest.mark.slow
def test_the_way_leads_from_projects_over_runs_to_a_run(seeded: RunningServer, page: Page) -> None:
    page.goto(seeded.url)
    page.get_by_test_id("project-row").filter(has_text=PROJECT).click()
    expect(page).to_have_url(re.compile(rf"/{PROJECT}"))
    expect(page.get_by_test_id("run-row")).to_have_count(6)
    statuses = [row.get_attribute("data-status") for row in page.get_by_test_id("run-status").all()]
    assert sorted(filter(None, statuses)) == ["failed", *["finished"] * 5]
    page.get_by_test_id("run-row").filter(has_text="convnet").click()
    expect(page).to_have_url(re.compile(rf"/{PROJECT}/runs/DIGI-5"))
    page.go_back()
    expect(page.get_by_test_id("run-row")).to_have_count(6)


@pytest.mark.slow
def test_the_filter_understands_queries_and_shows_where_one_is_wrong(seeded: RunningServer, page: Page) -> None:
    page.goto(f"{seeded.url}/{PROJECT}")
    page.get_by_test_id("runs-filter").fill('sys/state = failed AND sys/name NOT CONTAINS "no such"')
    expect(page.get_by_test_id("runs-total")).to_have_text("1")
    page.get_by_test_id("runs-filter").fill("sys/state = ")
    expect(page.get_by_test_id("query-problem")).to_contain_text("A value is missing here.")
    page.get_by_test_id("runs-filter").fill("")
    expect(page.get_by_test_id("query-problem")).to_have_count(0)
    expect(page.get_by_test_id("runs-total")).to_have_text("6")


@pytest.mark.slow
def test_the_filter_and_the_sort_are_in_the_address(seeded: RunningServer, page: Page) -> None:
    page.goto(f"{seeded.url}/{PROJECT}")
    page.get_by_test_id("runs-filter").fill("baseline")
    expect(page.get_by_test_id("run-row")).to_have_count(5)
    expect(page).to_have_url(re.compile("baseline"))
    page.get_by_role("columnheader").filter(has_text="loss").first.click()
    expect(page).to_have_url(re.compile("sort="))
    address = page.url
    first = page.get_by_test_id("run-row").first.inner_text()
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_test_id("run-row")).to_have_count(5)
    expect(page.get_by_test_id("run-row").first).to_contain_text(first.split("\n")[0])


@pytest.mark.slow
def test_charts_show_every_series_with_all_its_points(seeded: RunningServer, page: Page) -> None:
    _open_run(page, seeded, "charts")
    panel = page.locator("[data-testid=chart-panel][data-path='train/loss']")
    expect(panel).to_have_attribute("data-last-step", "2999")
    paths = {each.get_attribute("data-path") for each in page.get_by_test_id("chart-panel").all()}
    assert paths == {"train/loss", "validation/loss", "train/accuracy", "train/gradient_norm"}


@pytest.mark.slow
def test_the_overview_says_what_a_run_was_given_what_came_out_and_what_people_note(
    seeded: RunningServer, page: Page
) -> None:
    _open_run(page, seeded, "overview")
    values, series = page.get_by_test_id("overview-value"), page.get_by_test_id("overview-series")
    expect(values).to_have_count(6)
    assert [each.inner_text().split() for each in values.all()][2] == ["parameters/layers/width", "64"]
    loss = series.and_(page.locator("[data-path='train/loss']"))
    expect(loss.get_by_role("cell").last).to_have_text(re.compile("^3.000$"))
    page.get_by_test_id("edit-notes").click()
    page.get_by_test_id("notes-field").fill("Wider layers,\nthe same data.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_test_id("notes")).to_have_text("Wider layers,\nthe same data.")
    page.reload()
    expect(page.get_by_test_id("notes")).to_contain_text("the same data.")
    loss.get_by_role("button").click()
    expect(page.get_by_role("dialog").get_by_test_id("chart-panel")).to_have_attribute("data-path", "train/loss")


@pytest.mark.slow
def test_attributes_stand_in_a_tree(seeded: RunningServer, page: Page) -> None:
    _open_run(page, seeded, "attributes")
    expect(page.get_by_test_id("attribute-row").filter(has_text="learning_rate")).to_contain_text("0.02")


@pytest.mark.slow
def test_images_are_loaded_with_their_captions(seeded: RunningServer, page: Page) -> None:
    _open_run(page, seeded, "media")
    tile = page.locator("[data-testid=media-tile][data-path='samples/input']")
    expect(tile).to_contain_text("steps")
    loaded = "[...document.querySelectorAll('[data-testid=media-tile] img')].some(image => image.naturalWidth === 64)"
    wait_until(lambda: page.evaluate(loaded), "an image of its true size")


@pytest.mark.slow
def test_the_console_shows_its_end_in_colour(seeded: RunningServer, page: Page) -> None:
    _open_run(page, seeded, "console")
    expect(page.get_by_test_id("console-line").filter(has_text="epoch 9 batch 39")).to_be_visible()
    assert "\x1b" not in page.inner_text("body")


@pytest.mark.slow
def test_files_are_previewed_and_uploaded_pages_stay_in_their_box(seeded: RunningServer, page: Page) -> None:
    _open_run(page, seeded, "files")
    page.get_by_test_id("file-row").filter(has_text="note").click()
    expect(page.get_by_text("Second line.")).to_be_visible()
    page.get_by_test_id("file-row").filter(has_text="report").click()
    frame = page.frame_locator("iframe").first
    expect(frame.get_by_role("heading", name="Report")).to_be_visible()
    assert page.evaluate("window.pwned") is None


@pytest.mark.slow
def test_a_zoomed_chart_is_zoomed_again_after_a_reload(seeded: RunningServer, page: Page) -> None:
    _open_run(page, seeded, "charts")
    panel = page.get_by_test_id("chart-panel").first
    box = panel.locator(".u-over").bounding_box()
    assert box is not None
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, height)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, height, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile(r"[?&]zoom=step"))
    page.reload()
    page.get_by_test_id("chart-panel").first.get_by_role("button", name="Reset zoom").click()
    expect(page).not_to_have_url(re.compile("zoom="))


@pytest.mark.slow
def test_a_missing_page_says_so(seeded: RunningServer, page: Page) -> None:
    page.goto(f"{seeded.url}/{PROJECT}/runs/NOPE-1")
    expect(page.get_by_text(re.compile("no run|not found", re.IGNORECASE)).first).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize(
    "look", [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)], indirect=True, ids=str
)
def test_every_page_looks_and_is_accessible(seeded: RunningServer, look: Look) -> None:
    page = look.page
    for name, address in _addresses(page, seeded).items():
        page.goto(address)
        page.wait_for_selector(SHOWN[name])
        look.at(name)
    assert not look.faults


def _addresses(page: Page, server: RunningServer) -> dict[str, str]:
    page.goto(f"{server.url}/{PROJECT}")
    page.get_by_test_id("run-row").filter(has_text="convnet").click()
    page.wait_for_url(re.compile("/runs/"))
    run = page.url.partition("?")[0]
    return {
        "projects": server.url,
        "runs": f"{server.url}/{PROJECT}",
        **{f"run-{tab}": f"{run}?tab={tab}" for tab in TABS},
    }


@pytest.mark.slow
def test_a_server_with_a_token_asks_for_it(server: RunningServer, context: BrowserContext) -> None:
    command = [sys.executable, "-m", "marigram.cli", "token", "create", "--data", str(server.data)]
    token = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    server.restart()
    page = context.new_page()
    page.goto(server.url)
    page.get_by_label(re.compile("token", re.IGNORECASE)).first.fill(token)
    page.keyboard.press("Enter")
    expect(page.get_by_text("init_run").first).to_be_visible()
