"""On a phone, where nothing hovers: fingers edit the table, read and zoom charts, and the page still scrolls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from asking import HttpWriter, ask
from marigram.model import Append, Histogram, HistogramPoints, RunStatus, SetStatus, parse_path
from operations import CREATED_AT, create, floats, put
from running_server import RunningServer
from tabled import cell, header, open_table

PROJECT = "lab/phone"
SERIES = ("train/accuracy", "train/loss", "validation/accuracy", "validation/loss")
STEPS = 400

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pocket(shared_server: RunningServer) -> RunningServer:
    """A server with two runs of four series, one of which has histograms as well."""
    done = SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 1000)
    steps = [float(step) for step in range(STEPS)]
    counted = [Histogram(edges=(0.0, 1.0, 2.0), counts=(at, 9.0 - at)) for at in (1.0, 2.0, 3.0)]
    histograms = HistogramPoints(steps=[0.0, 1.0, 2.0], times=[CREATED_AT] * 3, values=counted)
    for number in range(2):
        HttpWriter(shared_server.url, f"{number:032x}").write(
            create(PROJECT, at=CREATED_AT + number),
            put("sys/name", f"run {number}"),
            put("lr", 0.5),
            *(floats(path, steps, [1 / (1 + step + number) for step in steps]) for path in SERIES),
            *([Append(path=parse_path("weights"), points=histograms)] if number == 0 else []),
            done,
        )
    return shared_server


class Phone(NamedTuple):
    """A page on a phone, and fingers on it."""

    page: Page
    session: Any

    def touch(self, kind: str, *fingers: tuple[float, float]) -> None:
        """Tell the browser where all fingers are now."""
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(fingers)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def swipe(self, start: tuple[float, float], across: float = 0, down: float = 0) -> None:
        """Put a finger onto the screen, move it, and lift it."""
        self.touch("touchStart", start)
        for part in range(1, 9):
            self.touch("touchMove", (start[0] + across * part / 8, start[1] + down * part / 8))
        self.touch("touchEnd")

    def pinch(self, middle: tuple[float, float], before: float, after: float) -> None:
        """Put two fingers onto the screen at one height, and move both."""
        x, y = middle
        self.touch("touchStart", (x - before, y))
        for part in range(9):
            apart = before + (after - before) * part / 8
            self.touch("touchStart" if part == 0 else "touchMove", (x - apart, y), (x + apart, y))
        self.touch("touchEnd")


@pytest.fixture
def phone(browser: Browser) -> Iterator[Phone]:
    """A phone whose page must have no script errors."""
    with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield Phone(page, context.new_cdp_session(page))
        assert not errors, f"The page's scripts failed: {errors}"


def middle_of(target: Locator) -> tuple[float, float]:
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_name_and_values_are_edited_by_taps_and_a_tap_beside_them_opens_the_run(
    pocket: RunningServer, phone: Phone
) -> None:
    page = phone.page
    open_table(page, pocket, "?columns=lr", project=PROJECT)
    value = page.get_by_label("Edit lr of PHON-2")
    expect(value).to_be_hidden()
    page.get_by_role("checkbox", name="Select PHON-2").tap()
    value.tap()
    page.get_by_role("textbox", name="lr of PHON-2").fill("0.25")
    page.get_by_role("button", name="Save").tap()
    expect(cell(page, "PHON-2", "lr")).to_have_text("0.25")
    page.get_by_label("Edit the name of PHON-1").tap()
    page.get_by_role("textbox", name="Name of PHON-1").fill("by hand")
    page.get_by_role("button", name="Save").tap()
    expect(cell(page, "PHON-1", "sys/name")).to_contain_text("by hand")
    # Eyes and menus need no pointer to bring them up.
    page.get_by_role("button", name="Show PHON-2 in charts").tap()
    expect(page).to_have_url(re.compile("hidden="))
    menu = header(page, "lr").get_by_test_id("column-menu")
    expect(menu).to_have_css("opacity", "1")
    menu.tap()
    page.get_by_role("menuitem", name="Sort descending").tap()
    expect(page).to_have_url(re.compile("sort=-lr"))
    expect(page.get_by_test_id("selected-count")).to_have_text("1 run selected")
    # A phone would zoom into a smaller one.
    expect(page.get_by_test_id("runs-filter")).to_have_css("font-size", "16px")
    cell(page, "PHON-1", "lr").tap()
    expect(page).to_have_url(re.compile("/runs/PHON-1$"))


def test_fingers_read_and_zoom_a_chart_and_scroll_the_page(pocket: RunningServer, phone: Phone) -> None:
    page = phone.page
    page.goto(f"{pocket.url}/{PROJECT}/compare?runs=PHON-1,PHON-2")
    panel = page.locator("[data-testid=chart-panel][data-path='train/loss']")
    tip = panel.get_by_test_id("chart-tip")
    plot = panel.locator(".u-over")
    expect(panel).to_have_attribute("data-lines", "2")
    plot.scroll_into_view_if_needed()
    plot.tap()
    expect(tip).to_contain_text(re.compile(r"^step (199|200)\D"))
    x, y = middle_of(plot)
    phone.swipe((x, y), across=60)
    expect(tip).not_to_contain_text(re.compile(r"^step (199|200)\D"))
    expect(tip).to_contain_text("PHON-1")
    before = page.evaluate("scrollY")
    assert "zoom" not in page.url
    phone.swipe((x, y), down=-200)
    page.wait_for_function("before => scrollY > before + 50", arg=before)
    phone.pinch(middle_of(plot), before=20, after=100)
    expect(page).to_have_url(re.compile("zoom=step"))
    expect(panel).to_have_attribute("data-last-step", re.compile(r"^2\d\d$"))
    assert page.evaluate("visualViewport.scale") == 1
    phone.pinch(middle_of(plot), before=100, after=20)
    expect(page).not_to_have_url(re.compile("zoom="))
    expect(panel).to_have_attribute("data-last-step", str(STEPS - 1))


def test_a_tap_tells_what_a_heat_map_counts_until_one_taps_elsewhere(pocket: RunningServer, phone: Phone) -> None:
    page = phone.page
    page.goto(f"{pocket.url}/{PROJECT}/runs/PHON-1?filter=weights")
    heat_map = page.get_by_test_id("heat-map")
    heat_map.tap()
    expect(page.get_by_text("step 1", exact=True)).to_be_visible()
    page.get_by_test_id("run-name").tap()
    expect(page.get_by_text("step 1", exact=True)).to_have_count(0)


def test_taps_bring_up_what_one_does_with_an_attribute_and_move_the_panels_of_a_dashboard(
    pocket: RunningServer, phone: Phone
) -> None:
    page = phone.page
    page.goto(f"{pocket.url}/{PROJECT}/runs/PHON-2?tab=attributes&filter=lr")
    row = page.locator("[data-testid=attribute-row][data-path='lr']")
    row.tap()
    row.get_by_role("button", name="Edit lr").tap()
    page.get_by_test_id("value-editor").get_by_role("textbox").fill("0.75")
    page.get_by_test_id("value-editor").get_by_role("button", name="Save").tap()
    expect(row).to_contain_text("0.75")
    panels = [{"path": path, "size": "small"} for path in SERIES[:2]]
    content = json.dumps({"panels": panels, "search": "", "most": 10})
    asked = json.dumps({"content": content}).encode()
    address = f"/api/v1/projects/{PROJECT}/views/dashboard/pocket"
    headers = {"content-type": "application/json"}
    assert ask(pocket.url, address, method="PUT", body=asked, headers=headers).status == 200
    page.goto(f"{pocket.url}/{PROJECT}/dashboards/pocket?edit=1")
    first = page.get_by_test_id("dashboard-panel").first
    expect(first).to_have_attribute("aria-label", SERIES[0])
    page.get_by_role("button", name=f"Move {SERIES[1]} up").tap()
    expect(first).to_have_attribute("aria-label", SERIES[1])
    page.get_by_role("button", name=f"Move {SERIES[1]} down").tap()
    expect(first).to_have_attribute("aria-label", SERIES[0])
