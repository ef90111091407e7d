"""How a page looks to a program: whether it fits the window, and what axe-core finds in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"


def is_wider_than_the_window(page: Page) -> bool:
    """Return whether one has to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


def accessibility_faults(page: Page) -> list[str]:
    """Return serious violations of the accessibility rules that axe-core knows."""
    assert AXE.is_file(), "axe-core is missing: run npm ci in web/"
    page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {each['help']} ({each['nodes'][0]['html'][:160]})"
        for each in result["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
