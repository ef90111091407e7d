"""A real Chromium for the browser tests, and where their screenshots go."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from looking import Look
from running_server import RunningServer
from tabled import write_table

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
"""Kept as build output, so that a person can look at what the tests saw."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
)


PATIENCE_MS = 20_000
"""For what a page must show: a machine that is busy with other work is no failure."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests: the machine's own, or the one that Playwright has installed."""
    own = os.environ.get("MARIGRAM_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def seed(shared_server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], RunningServer]:
    """Run a script of this folder that logs to the shared server, and return the server."""

    def run(script: str) -> RunningServer:
        folder = tmp_path_factory.mktemp(Path(script).stem)
        environment = {**os.environ, "MARIGRAM_URL": shared_server.url, "MARIGRAM_HOME": str(folder / "home")}
        command = [sys.executable, str(Path(__file__).parent / script), str(folder)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=180)
        assert done.returncode == 0, done.stderr
        return shared_server

    return run


@pytest.fixture(scope="module")
def table(shared_server: RunningServer) -> RunningServer:
    """A server with a few runs that differ, and a project of many."""
    write_table(shared_server)
    return shared_server


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser context of the test's own that is 1440 pixels wide and prefers light."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose script errors fail the test."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors, f"The page's scripts failed: {errors}"


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """The folder for screenshots."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS


@pytest.fixture(params=[("light", 1440), ("dark", 390)], ids=str)
def look(request: pytest.FixtureRequest, browser: Browser, screenshots: Path) -> Iterator[Look]:
    """A light page as wide as a desk's screen and a dark one as wide as a phone's; a test may name others."""
    scheme, width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    yield Look(context.new_page(), f"{scheme}-{width}", screenshots, [])
    context.close()
