"""What tests of the runs table share: a project of a few runs that differ, one of many, and steps on the page."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from asking import HttpWriter
from marigram.model import RunStatus, SetStatus
from operations import CREATED_AT, create, floats, put
from running_server import RunningServer

PROJECT = "lab/cats"
RUNS = 6
MANY = 200
"""Runs of the project that is scrolled through."""


def write_table(server: RunningServer) -> None:
    """Write the runs of both projects."""
    done = SetStatus(status=RunStatus.FINISHED, at=CREATED_AT)
    for number in range(RUNS):
        losses = [4.0 - number, 1.0 + number / 10, 2.0 + number % 3]
        HttpWriter(server.url, f"{number:032x}").write(
            create(),
            put("sys/name", f"run {number}"),
            put("lr", 0.1 * (number + 1)),
            put("optimizer", ["sgd", "adam"][number % 2]),
            put("with space", number),
            floats("loss", [1, 2, 3], losses),
            floats("accuracy", [1, 2, 3], [0.1, 0.2, 0.3]),
            done,
        )
    for number in range(MANY):
        HttpWriter(server.url, f"{number + 4096:032x}").write(
            create(project="lab/many", at=CREATED_AT + number), put("number", number), done
        )


def open_table(page: Page, server: RunningServer, question: str = "", project: str = PROJECT) -> None:
    page.goto(f"{server.url}/{project}{question}")
    expect(page.get_by_test_id("run-row").first).to_be_visible()


def keys(page: Page) -> list[str]:
    return [each.get_attribute("data-run-key") or "" for each in page.get_by_test_id("run-row").all()]


def columns(page: Page) -> list[str]:
    return [each.get_attribute("data-column") or "" for each in page.get_by_test_id("column-header").all()]


def cell(page: Page, key: str, column: str) -> Locator:
    return page.locator(f'[data-run-key="{key}"] [data-column="{column}"]')


def header(page: Page, column: str) -> Locator:
    return page.locator(f'[data-testid=column-header][data-column="{column}"]')


def choose(page: Page, column: str, item: str) -> None:
    """Take what a column's menu offers."""
    header(page, column).hover()
    header(page, column).get_by_test_id("column-menu").click()
    page.locator("[role^=menuitem]").filter(has_text=re.compile(f"^{re.escape(item)}")).click()


def reloaded(page: Page) -> None:
    """Open the same address afresh."""
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_test_id("run-row").first).to_be_visible()
