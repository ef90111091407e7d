"""A real server that the tests of a file share and only read."""

from __future__ import annotations

import pytest

from one_of_everything import Api, write_one_of_everything
from running_server import RunningServer


@pytest.fixture(scope="module")
def api(shared_server: RunningServer) -> Api:
    """Give the API of a server that has one run with something of every kind."""
    write_one_of_everything(shared_server.url)
    return Api(shared_server.url)
