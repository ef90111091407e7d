"""What all tests share: an environment of their own, and real servers to talk to.

Nothing of the developer's Marigram is seen: every `MARIGRAM_*` variable is taken away, the queue lives in the test's
folder, and the client's guard raises instead of hiding.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from running_server import RunningServer

ORDER = ("unit", "contract", "protocols", "properties", "docs", "crash", "conformance", "browser")
"""Quick tests first. Those of the browser must be last: Playwright's event loop runs in the main thread for as long as
its browser is open, and meanwhile no other test could run a loop of its own."""

SERVERS = pytest.StashKey[list[RunningServer]]()

StartServer = Callable[..., RunningServer]


def pytest_configure() -> None:
    """Take interrupts: a shell that has put the tests into the background lets all that they start ignore them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's settings out, and let the guard raise."""
    for name in [name for name in os.environ if name.startswith("MARIGRAM_") and name != "MARIGRAM_CHROMIUM"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MARIGRAM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MARIGRAM_RERAISE", "1")
    # A syncer whose server a test has killed gives up soon after, instead of after a day.
    monkeypatch.setenv("MARIGRAM_SYNC_PATIENCE_S", "60")


@pytest.fixture
def start_server(request: pytest.FixtureRequest, tmp_path: Path, own_environment: None) -> Iterator[StartServer]:
    """Give a function that starts a server; its keyword arguments are those of `RunningServer`."""
    del own_environment  # asked for so that a server sees the test's environment
    servers = request.node.stash.setdefault(SERVERS, [])

    def start(**arguments: object) -> RunningServer:
        number = len(servers)
        server = RunningServer(tmp_path / f"data{number}", tmp_path / f"server{number}.log", **arguments)  # pyright: ignore[reportArgumentType] the caller's
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def server(start_server: StartServer) -> RunningServer:
    """A server of the test's own, with no data; the client's MARIGRAM_URL is left unset."""
    return start_server()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for the tests of a file, for those that do not mind what others logged."""
    folder = tmp_path_factory.mktemp("shared_server")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MARIGRAM_")}
    server = RunningServer(
        folder / "data", folder / "server.log", environment={**environment, "MARIGRAM_HOME": str(folder / "home")}
    )
    server.start()
    yield server
    server.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests into the order of their folders; within a folder the order stays."""
    here = Path(__file__).parent
    places = {name: place for place, name in enumerate(ORDER)}
    items.sort(key=lambda item: places.get(item.path.relative_to(here).parts[0], 0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show the end of its servers' logs with a test that failed."""
    report = yield
    if report.failed:
        servers = list(item.stash.get(SERVERS, []))
        shared = getattr(item, "funcargs", {}).get("shared_server")
        for server in [*servers, *([shared] if shared else [])]:
            report.sections.append((f"log of the server at {server.url}", server.log_tail()))
    return report
