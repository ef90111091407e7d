"""Around the pages: home with what happens lately, the connect page, the palette and the list of shortcuts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from asking import HttpWriter
from looking import Look
from marigram.model import RunStatus, SetStatus
from operations import CREATED_AT, create, floats, put
from running_server import RunningServer

PROJECT = "vision/digits"


@pytest.fixture(scope="module")
def lively(shared_server: RunningServer) -> RunningServer:
    """A server with a run that goes on, one that finished and one that failed, in two projects."""
    finished = SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 5_000)
    failed = SetStatus(
        status=RunStatus.FAILED, at=CREATED_AT + 9_000, exit_code=1, failure="ValueError: loss is not finite\ntrace"
    )
    HttpWriter(shared_server.url, "1" * 32).write(create(PROJECT), put("sys/name", "baseline"), finished)
    HttpWriter(shared_server.url, "2" * 32).write(create(PROJECT), put("sys/name", "diverged"), failed)
    HttpWriter(shared_server.url, "3" * 32).write(create("text/poems"), floats("loss", [1], [0.5]))
    return shared_server


@pytest.mark.slow
def test_home_shows_what_runs_and_what_ended_and_leads_there(lively: RunningServer, page: Page) -> None:
    page.goto(lively.url)
    running, ended = page.get_by_test_id("running-runs"), page.get_by_test_id("ended-runs")
    expect(running.get_by_test_id("recent-run")).to_have_count(1)
    expect(running).to_contain_text("POEM-1")
    expect(running.get_by_test_id("run-status")).to_have_attribute("data-status", "running")
    lines = ended.get_by_test_id("recent-run")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("DIGI-2 diverged")
    expect(lines.first).to_contain_text("ValueError: loss is not finite")
    expect(page.get_by_test_id("project-row")).to_have_count(2)
    HttpWriter(lively.url, "4" * 32).write(create("text/poems"), put("sys/name", "newcomer"))
    expect(running.get_by_test_id("recent-run").filter(has_text="newcomer")).to_be_visible()
    lines.first.get_by_role("link").click()
    expect(page).to_have_url(re.compile(rf"/{PROJECT}/runs/DIGI-2$"))


@pytest.mark.slow
def test_the_connect_page_has_the_lines_for_this_server(lively: RunningServer, page: Page) -> None:
    page.goto(lively.url)
    page.get_by_role("link", name="Connect a script").click()
    expect(page).to_have_url(f"{lively.url}/connect")
    lines = page.get_by_test_id("connect")
    expect(lines).to_contain_text(f"export MARIGRAM_URL={lively.url}")
    expect(lines).to_contain_text(f'marigram.init_run(project="me/first", url="{lively.url}")')
    expect(lines).to_contain_text("import marigram as neptune")
    expect(lines).to_contain_text(f'mlflow.set_tracking_uri("{lively.url}")')
    expect(lines).not_to_contain_text("MARIGRAM_TOKEN")


@pytest.mark.slow
def test_the_palette_leads_everywhere_by_keys_alone(lively: RunningServer, page: Page) -> None:
    page.goto(lively.url)
    expect(page.get_by_test_id("project-row").first).to_be_visible()
    chosen = page.locator("[role=option][aria-selected=true]")
    field = page.get_by_test_id("palette-input")

    def open_palette() -> None:
        page.keyboard.press("Control+k")
        expect(field).to_be_focused()

    open_palette()
    expect(page.get_by_role("group", name="Newest runs").get_by_role("option").first).to_be_visible()
    field.fill("baseline dig")
    expect(page.get_by_test_id("palette-entry")).to_have_count(1)
    expect(chosen).to_contain_text("DIGI-1 baseline")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/{PROJECT}/runs/DIGI-1$"))
    expect(field).to_have_count(0)
    open_palette()
    field.fill("poems")
    expect(chosen).to_contain_text("text/poems")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/text/poems$"))
    open_palette()
    expect(chosen).to_contain_text("Runs tabletext/poems")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_contain_text("Dashboards")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(chosen).to_have_attribute("data-place", re.compile(r"[1-9]\d*"))
    field.fill("theme dark")
    expect(chosen).to_contain_text("Dark")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    open_palette()
    field.fill("no such thing")
    expect(page.get_by_text("Nothing has these words.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)


@pytest.mark.slow
def test_a_question_mark_lists_the_shortcuts_unless_one_is_typing(lively: RunningServer, page: Page) -> None:
    page.goto(f"{lively.url}/{PROJECT}")
    expect(page.get_by_test_id("run-row").first).to_be_visible()
    page.get_by_test_id("runs-filter").press_sequentially("a?")
    expect(page.get_by_test_id("runs-filter")).to_have_value("a?")
    page.get_by_role("grid").or_(page.get_by_role("heading", name="Runs")).first.click()
    page.get_by_test_id("runs-filter").blur()
    page.keyboard.press("?")
    expect(page.get_by_test_id("shortcuts")).to_contain_text("Go to a project, a run or a page")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("shortcuts")).to_have_count(0)


@pytest.mark.slow
def test_home_palette_and_connect_look_and_are_accessible(lively: RunningServer, look: Look) -> None:
    page = look.page
    page.goto(lively.url)
    expect(page.get_by_test_id("recent-run").first).to_be_visible()
    look.at("home")
    page.get_by_test_id("open-palette").click()
    expect(page.get_by_role("group", name="Newest runs").get_by_role("option").first).to_be_visible()
    look.at("palette")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("palette-input")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_test_id("shortcuts")).to_be_visible()
    look.at("shortcuts")
    page.goto(f"{lively.url}/connect")
    expect(page.get_by_text("import marigram as neptune")).to_be_visible()
    look.at("connect")
    assert not look.faults


@pytest.mark.slow
def test_what_projects_are_searched_for_stands_in_the_address(lively: RunningServer, page: Page) -> None:
    for number in range(8):
        HttpWriter(lively.url, f"{0xA0 + number:032x}").write(create(f"many/p{number}"))
    page.goto(lively.url)
    page.get_by_role("textbox", name="Filter projects").fill("many p7")
    row = page.get_by_test_id("project-row")
    expect(row).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?search=many"))
    page.reload()
    expect(row).to_have_count(1)
    expect(page.get_by_role("textbox", name="Filter projects")).to_have_value("many p7")
