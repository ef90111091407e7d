"""What explains a result: what changed between two runs, which parameters matter, which runs lie within ranges."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from looking import Look
from running_server import RunningServer

PROJECT = "vision/tuned"
SEARCH = ",".join(f"TUNE-{number}" for number in range(1, 9))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tuned(seed: Callable[[str], RunningServer]) -> RunningServer:
    """A server with the runs of a small search."""
    return seed("tuned.py")


def _open(page: Page, server: RunningServer, view: str) -> None:
    page.goto(f"{server.url}/{PROJECT}/compare?runs={SEARCH}{view}")
    expect(page.get_by_role("heading", name="Compare 8 runs")).to_be_visible()


def test_what_changed_is_ranked_and_says_where_the_curves_part(tuned: RunningServer, page: Page) -> None:
    _open(page, tuned, "&tab=changes&baseline=TUNE-1&after=TUNE-2")
    changes = page.get_by_test_id("change")
    expect(changes.first).to_contain_text("parameters/optimizer")
    rate = page.locator("[data-testid=change][data-path='parameters/rate']")
    expect(rate).to_contain_text("Config")
    expect(rate).to_contain_text("+0.0002 (+200%)")
    packages = page.locator("[data-testid=change][data-path='source_code/requirements']")
    expect(packages).to_contain_text("numpy 1.20 → 1.21")
    expect(page.locator("[data-path='source_code/files/train.py']")).to_contain_text("lines: 1 added, 1 gone")
    packages.get_by_role("button", name="Show the lines").click()
    lines = packages.get_by_test_id("diff-line")
    expect(lines).to_contain_text(["numpy==1.20", "numpy==1.21", "torch==2.3.0"])
    expect(lines.first).to_have_attribute("data-diff", "removed")
    loss = page.locator("[data-testid=change][data-area=metrics][data-path='train/loss']")
    expect(loss).to_contain_text("The curves part at step 120.")
    page.get_by_role("button", name="Swap the two runs").click()
    expect(rate).to_contain_text("67%)")
    page.reload()
    expect(rate).to_contain_text("67%)")
    # Whose lines are shown stands in the address.
    expect(lines.first).to_have_attribute("data-diff", "removed")
    packages.get_by_role("button", name="Hide the lines").click()
    expect(page).not_to_have_url(re.compile("folded="))
    expect(lines).to_have_count(0)
    page.get_by_test_id("changes-filter").fill("environment")
    expect(packages).to_be_visible()
    expect(rate).to_have_count(0)
    page.get_by_test_id("changes-filter").fill("loss")
    loss.get_by_role("button", name="Show the chart").click()
    expect(page.get_by_role("dialog").get_by_test_id("chart-panel")).to_have_attribute("data-path", "train/loss")
    page.go_back()
    expect(loss).to_be_visible()


def test_texts_of_two_runs_are_compared_line_by_line(tuned: RunningServer, page: Page) -> None:
    _open(page, tuned, "&tab=texts&baseline=TUNE-1&after=TUNE-2")
    items = page.get_by_test_id("text-item")
    shown = page.get_by_test_id("text-shown")
    removed, added = (shown.locator(f"[data-testid=diff-line][data-diff={kind}]") for kind in ("removed", "added"))
    # The first that differs is shown at once: every value that the scripts have set.
    expect(shown).to_have_attribute("data-name", "configuration")
    expect(removed.filter(has_text="parameters/rate: 0.0001")).to_be_visible()
    expect(added.filter(has_text="parameters/rate: 0.0003")).to_be_visible()
    expect(added.filter(has_text='parameters/optimizer: "sgd"')).to_be_visible()
    texts = {
        "Requirements": ("numpy==1.20", "numpy==1.21"),
        "train.py": ("rate = 0.0001", "rate = 0.0003"),
        "Console: standard output": ("begin with 0.0001", "begin with 0.0003"),
    }
    for title, (before, after) in texts.items():
        items.filter(has_text=title).click()
        expect(removed).to_have_count(1)
        expect(removed).to_contain_text(before)
        expect(added).to_contain_text(after)
    page.reload()
    expect(items.filter(has_text="Console")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Swap the two runs").click()
    expect(removed).to_contain_text("begin with 0.0003")


def test_brushes_on_parallel_axes_keep_the_runs_within(tuned: RunningServer, page: Page) -> None:
    _open(page, tuned, "&tab=parallel")
    expect(page.get_by_test_id("parallel-line")).to_have_count(8)
    rate = page.locator("[data-testid=axis][data-path='parameters/rate']")
    expect(rate).to_contain_text("0.001")
    box = rate.get_by_test_id("axis-handle").bounding_box()
    assert box is not None
    across, bottom = box["x"] + box["width"] / 2, box["y"] + box["height"]
    page.mouse.move(across, bottom - 1)
    page.mouse.down()
    page.mouse.move(across, bottom - box["height"] / 2, steps=3)
    page.mouse.up()
    expect(page.get_by_test_id("within")).to_have_text("4 of 8 runs")
    expect(page.locator("[data-testid=parallel-line][data-kept]")).to_have_count(4)
    page.get_by_role("textbox", name="From result/score").fill("3.2")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("within")).to_have_text("2 of 8 runs")
    page.get_by_role("combobox", name="Only parameters/optimizer").select_option("adam")
    expect(page.get_by_test_id("within")).to_have_text("1 of 8 runs")
    page.reload()
    expect(page.get_by_test_id("kept-run")).to_have_text(["TUNE-1 trial 0"])
    page.get_by_role("switch", name="Logarithmic axis of parameters/rate").uncheck(force=True)
    expect(rate).not_to_contain_text("0.001")
    page.get_by_role("button", name="Take the axis parameters/optimizer away").click()
    expect(page.get_by_test_id("within")).to_have_text("2 of 8 runs")
    page.get_by_test_id("add-axis").fill("train")
    page.get_by_role("option", name="train/loss").or_(page.get_by_text("Nothing matches")).first.wait_for()
    page.get_by_role("button", name="Compare only these").click()
    expect(page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()


def test_parameters_are_ranked_by_what_they_explain(tuned: RunningServer, page: Page) -> None:
    _open(page, tuned, "&tab=importance")
    page.get_by_test_id("importance-target").fill("score")
    page.get_by_role("option", name="result/score").click()
    parameters = page.get_by_test_id("parameter")
    expect(parameters.first).to_have_attribute("data-path", "parameters/rate")
    expect(parameters.first).to_contain_text("1.00")
    expect(parameters).to_have_count(3)
    expect(page.get_by_test_id("importance-count")).to_have_text("8 of 8 runs have it")
    page.get_by_text("All of the project").click()
    page.get_by_test_id("importance-query").fill("parameters/optimizer = adam")
    expect(page.get_by_test_id("importance-count")).to_have_text("4 of 4 runs have it")
    expect(parameters).to_have_count(2)
    page.reload()
    expect(page.get_by_test_id("importance-count")).to_have_text("4 of 4 runs have it")
    page.get_by_test_id("importance-query").fill("parameters/optimizer =")
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")


def test_images_of_the_runs_stand_side_by_side_at_one_step(tuned: RunningServer, page: Page) -> None:
    _open(page, tuned, "&tab=images")
    tiles = page.get_by_test_id("image-tile")
    expect(tiles).to_have_count(8)
    expect(tiles.nth(0)).to_have_attribute("data-step", "30")
    expect(tiles.nth(1)).to_have_attribute("data-step", "20")
    expect(tiles.nth(2)).to_contain_text("No image up to this step")
    for step in ("step 20", "step 10"):
        page.get_by_role("slider", name="Step").press("ArrowLeft")
        expect(page.get_by_test_id("images-at")).to_have_text(step)
    expect(tiles.nth(0)).to_have_attribute("data-step", "10")
    expect(tiles.nth(1)).to_have_attribute("data-step", "0")
    page.reload()
    expect(tiles.nth(0)).to_have_attribute("data-step", "10")
    expect(tiles.nth(0).get_by_role("img")).to_have_js_property("naturalWidth", 32)


def test_what_explains_a_result_looks_and_is_accessible(tuned: RunningServer, look: Look) -> None:
    page = look.page
    views = {
        "changes": ("&tab=changes&baseline=TUNE-1&after=TUNE-2", "[data-testid=change]"),
        "texts": ("&tab=texts&baseline=TUNE-1&after=TUNE-2&path=source_code/requirements", "[data-testid=diff-line]"),
        "parallel": ("&tab=parallel&brush=0.0001:0.004:parameters/rate", "[data-testid=brush]"),
        "importance": ("&tab=importance&target=result/score", "[data-testid=parameter]"),
        "images": ("&tab=images", "[data-testid=image-tile] img"),
    }
    for name, (view, shown) in views.items():
        _open(page, tuned, view)
        page.wait_for_selector(shown)
        look.at(f"compare-{name}")
    assert not look.faults
