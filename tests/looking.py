"""How a page looks to a program: whether it fits the window, and what axe-core finds in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

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


class Look(NamedTuple):
    """A page in one colour scheme and width, the folder for its pictures, and what is wrong with it so far."""

    page: Page
    name: str
    folder: Path
    faults: list[str]

    def at(self, what: str) -> None:
        """Take a picture of the page as it is now, and note what is wrong with it."""
        self.page.screenshot(path=self.folder / f"{what}-{self.name}.png")
        self.faults.extend([f"{what}: wider than the window"] if is_wider_than_the_window(self.page) else [])
        self.faults.extend(f"{what}: {fault}" for fault in accessibility_faults(self.page))
