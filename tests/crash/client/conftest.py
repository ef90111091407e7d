"""A fake server that the clients of a test find by their environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from unit.client.fake_server import FakeServer


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, own_environment: None) -> Iterator[FakeServer]:
    """A server; MARIGRAM_URL names it."""
    del own_environment
    with FakeServer() as server:
        monkeypatch.setenv("MARIGRAM_URL", server.url)
        monkeypatch.setenv("MARIGRAM_SYNC_PATIENCE_S", "20")  # a syncer of a failed test shall not stay
        yield server
