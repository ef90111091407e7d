"""Makes the pictures of the tour small and puts them beside its text, after a run of tests/browser/test_tour.py.

    make browser ARGS="-k test_tour"
    python tools/tour_pictures.py

Only pictures that docs/guides/tour.md names are taken.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
TAKEN = ROOT / "build" / "screenshots"
GUIDES = ROOT / "docs" / "guides"
QUALITY = 80
"""Of WebP: text stays sharp, and a page is some forty kilobytes."""


def main() -> int:
    """Write the pictures; return the exit status."""
    text = (GUIDES / "tour.md").read_text(encoding="utf-8")
    folder = GUIDES / "images"
    folder.mkdir(exist_ok=True)
    for name in re.findall(r"\]\(images/([\w-]+)\.webp\)", text):
        source = TAKEN / f"tour-{name}.png"
        if not source.is_file():
            print(f"{source} is missing. Run tests/browser/test_tour.py first.", file=sys.stderr)
            return 1
        picture: Image.Image = Image.open(source)
        picture.convert("RGB").save(folder / f"{name}.webp", quality=QUALITY, method=6)
        print(f"{name}: {(folder / f'{name}.webp').stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
