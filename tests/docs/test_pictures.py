"""The pictures of the tour are those that its text shows, and small enough to be kept."""

from __future__ import annotations

import re

from pages import ROOT

GUIDES = ROOT / "docs" / "guides"
MOST_BYTES = 150_000


def test_the_pictures_of_the_tour_are_there_and_small() -> None:
    text = (GUIDES / "tour.md").read_text(encoding="utf-8")
    shown = re.findall(r"\]\(images/([\w-]+\.webp)\)", text)
    assert shown
    assert sorted(path.name for path in (GUIDES / "images").iterdir()) == sorted(shown)
    for name in shown:
        assert (GUIDES / "images" / name).stat().st_size < MOST_BYTES, name
