"""Writes docs/reference/mlflow-calls.md from the table that tests/conformance/mlflow/test_calls.py tries.

`python tools/mlflow_calls.py`
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Write the page."""
    sys.path.insert(0, str(ROOT / "tests"))  # as pytest does
    calls = importlib.import_module("conformance.mlflow.calls")
    page = importlib.import_module("conformance.mlflow.calls_table").page
    place = ROOT / "docs" / "reference" / "mlflow-calls.md"
    place.write_text(page(calls.SECTIONS, calls.ENDPOINTS), encoding="utf-8")
    print(place.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
