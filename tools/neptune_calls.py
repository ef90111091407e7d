"""Writes docs/reference/neptune-calls.md from the table that tests/conformance/native/test_neptune_calls.py tries.

`python tools/neptune_calls.py`
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Write the page."""
    sys.path.insert(0, str(ROOT / "tests"))  # as pytest does
    sections = importlib.import_module("conformance.native.neptune_calls").SECTIONS
    page = importlib.import_module("conformance.native.neptune_table").page
    place = ROOT / "docs" / "reference" / "neptune-calls.md"
    place.write_text(page(sections), encoding="utf-8")
    print(place.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
