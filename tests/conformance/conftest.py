"""Environments of foreign clients, for all adapters."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreign_clients import all_clients, pythons_of


@pytest.fixture(scope="session")
def foreign_pythons() -> dict[str, Path]:
    """A Python for each foreign client; all are made if they are not there, side by side."""
    return pythons_of(all_clients())
