"""A person stops a run from its page: politely, by an interrupt, by a kill, and with the keyboard alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from running_server import RunningServer
from waiting import wait_until

SCRIPT = Path(__file__).parents[1] / "crash" / "whole" / "stoppable.py"
ENDED_WITHIN_S = 30.0


@contextmanager
def run_page(server: RunningServer, page: Page, way: str) -> Generator[subprocess.Popen[str]]:
    """Start a training and open its page."""
    environment = {**os.environ, "MARIGRAM_URL": server.url}
    command = [sys.executable, str(SCRIPT), way]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as training:
        assert training.stdout is not None
        run_id = next(line.split()[1] for line in training.stdout if line.startswith("run "))
        try:
            page.goto(f"{server.url}/lab/stops/runs/{run_id}")
            expect(page.get_by_test_id("run-status").first).to_have_attribute("data-status", "running")
            yield training
        finally:
            if training.poll() is None:
                training.kill()


def is_stopped(page: Page) -> None:
    expect(page.get_by_test_id("run-status").first).to_have_attribute("data-status", "stopped")
    expect(page.get_by_test_id("stop-menu")).to_have_count(0)
    expect(page.get_by_test_id("stopping")).to_have_count(0)


WAYS = [("polite", "graceful", 0), ("deaf", "abort", -signal.SIGINT), ("deaf", "kill", -signal.SIGKILL)]


@pytest.mark.slow
@pytest.mark.parametrize(("way", "how", "code"), WAYS)
def test_a_run_is_stopped_from_its_page(server: RunningServer, page: Page, way: str, how: str, code: int) -> None:
    with run_page(server, page, way) as training:
        page.get_by_test_id("stop-menu").click()
        page.get_by_test_id(f"stop-{how}").click()
        page.get_by_test_id("stop-confirm").click()
        assert training.wait(ENDED_WITHIN_S) == code
        is_stopped(page)
        receipt = page.get_by_test_id("receipt")
        expect(receipt).to_have_attribute("data-complete", "true")
        receipt.hover()
        expect(page.get_by_role("tooltip")).to_contain_text(" 0 dropped")


@pytest.mark.slow
def test_the_request_is_shown_while_the_run_goes_on_and_can_be_made_stronger(
    server: RunningServer, page: Page, screenshots: Path
) -> None:
    with run_page(server, page, "deaf") as training:
        page.get_by_test_id("stop-menu").click()
        page.get_by_test_id("stop-graceful").click()
        expect(page.get_by_role("dialog")).to_contain_text("Ask the script to stop?")
        page.get_by_role("button", name="Let it run").click()
        expect(page.get_by_test_id("stopping")).to_have_count(0)
        page.get_by_test_id("stop-menu").click()
        page.get_by_test_id("stop-graceful").click()
        page.get_by_role("textbox", name="Your name").fill("Ada")
        page.get_by_test_id("stop-confirm").click()
        stopping = page.get_by_test_id("stopping")
        expect(stopping).to_contain_text(re.compile("^Stopping… asked .* ago by Ada$"))
        expect(stopping).to_have_attribute("data-delivered", "true")
        # Who comes later sees it as well, for as long as the process goes on.
        page.reload()
        expect(stopping).to_contain_text("by Ada")
        assert training.poll() is None
        page.screenshot(path=screenshots / "stopping.png")
        page.get_by_test_id("stop-menu").click()
        page.get_by_test_id("stop-kill").click()
        expect(page.get_by_role("textbox", name="Your name")).to_have_value("Ada")
        page.get_by_test_id("stop-confirm").click()
        assert training.wait(ENDED_WITHIN_S) == -signal.SIGKILL
        is_stopped(page)
        expect(page.get_by_test_id("stop-asked")).to_have_text(re.compile("^Kill asked (now|.* ago) by Ada$"))


FOCUS_IS_IN_THE_MENU = "document.activeElement?.closest('[role=menu]') != null"


@pytest.mark.slow
def test_a_run_is_stopped_with_the_keyboard_alone(server: RunningServer, page: Page) -> None:
    with run_page(server, page, "polite") as training:
        page.get_by_test_id("stop-menu").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("stop-graceful")).to_be_visible()
        wait_until(lambda: page.evaluate(FOCUS_IS_IN_THE_MENU), "the focus in the menu that was opened")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_test_id("stop-graceful")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("stop-confirm")).to_be_focused()
        page.keyboard.press("Enter")
        assert training.wait(ENDED_WITHIN_S) == 0
        is_stopped(page)
