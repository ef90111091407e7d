"""What is around all pages: a server without runs, one that is away, and the theme."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from asking import HttpWriter
from operations import create, floats
from running_server import RunningServer


@pytest.mark.slow
def test_an_empty_server_says_how_to_start_and_one_that_is_away_what_to_do(server: RunningServer, page: Page) -> None:
    page.goto(server.url)
    start = page.get_by_role("main")
    expect(start).to_contain_text("pip install marigram")
    expect(start).to_contain_text("marigram.init_run(")
    expect(start.get_by_role("link", name="More ways to connect")).to_have_attribute("href", "/connect")
    page.goto(f"{server.url}/models")
    expect(start).to_contain_text(f'mlflow.set_tracking_uri("{server.url}")')
    page.goto(server.url)
    expect(start).to_contain_text("marigram.init_run(")
    HttpWriter(server.url, "1" * 32).write(create("lab/first"), floats("loss", [1], [0.5]))
    expect(page.get_by_test_id("project-row").filter(has_text="lab/first")).to_be_visible()
    page.goto(f"{server.url}/lab/first?search=nobody")
    expect(page.get_by_text("No run matches the filter")).to_be_visible()
    page.route("**/api/v1/projects/**", lambda route: route.abort())
    page.goto(f"{server.url}/lab/first")
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("The server cannot be reached. Check that it is running, then try again.")
    with page.expect_request("**/api/v1/projects/**"):
        problem.get_by_role("button", name="Try again").click()
    page.unroute("**/api/v1/projects/**")
    # By itself, when the server is back.
    expect(page.get_by_test_id("run-row")).to_have_count(1)
    page.goto(f"{server.url}/lab/nowhere")
    expect(start).to_contain_text(f'marigram.init_run(project="lab/nowhere", url="{server.url}")')
    _page_of_an_older_server_is_renewed(server, page)
    _theme_is_chosen(page)


def _page_of_an_older_server_is_renewed(server: RunningServer, page: Page) -> None:
    page.goto(f"{server.url}/lab/first")
    expect(page.get_by_test_id("run-row")).to_have_count(1)
    gone: list[str] = []

    def lose_once(route: Route) -> None:
        gone.append(route.request.url)
        if len(gone) == 1:
            route.fulfill(status=404)
        else:
            route.continue_()

    page.route("**/assets/overview-tab-*.js", lose_once)
    page.get_by_test_id("run-row").click()
    page.get_by_test_id("tab-overview").click()
    expect(page.get_by_test_id("overview-series")).to_have_count(1)
    assert len(gone) == 2


def _theme_is_chosen(page: Page) -> None:
    html = page.locator("html")
    expect(html).to_have_attribute("data-mantine-color-scheme", "light")
    for name, scheme in (("Dark", "dark"), ("Light", "light"), ("System", "light")):
        page.get_by_test_id("theme-menu").click()
        page.get_by_role("menuitem", name=name).click()
        expect(html).to_have_attribute("data-mantine-color-scheme", scheme)
        page.reload()
        expect(page.get_by_role("button", name=f"Theme: {name}")).to_be_visible()
        expect(html).to_have_attribute("data-mantine-color-scheme", scheme)
    page.emulate_media(color_scheme="dark")
    expect(html).to_have_attribute("data-mantine-color-scheme", "dark")
