"""The web app as files, built or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from marigram.server.pages import PAGE_POLICY, page_routes

# Newer Litestar wants parameters marked in a way that the oldest one we support does not know.
pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built = tmp_path / "static"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<html>the app</html>")
    (built / "favicon.svg").write_text("<svg/>")
    (built / "assets" / "app-1a2b.js").write_text("go()")
    (tmp_path / "secret.txt").write_text("what nobody may read")
    (tmp_path / "static2").mkdir()
    (tmp_path / "static2" / "secret.txt").write_text("what nobody may read")
    (built / "link.txt").symlink_to(tmp_path / "secret.txt")
    return built


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient[Litestar]]:
    with TestClient(Litestar([page_routes(folder)])) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/lab/cats", "/lab/cats/runs/CATS-1", "/index.html", "/assetsx"])
def test_an_address_of_the_app_is_its_page(client: TestClient[Litestar], path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.text) == (200, "<html>the app</html>")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"] == PAGE_POLICY


def test_an_asset_is_kept_for_ever_and_other_files_are_asked_for_again(client: TestClient[Litestar]) -> None:
    script = client.get("/assets/app-1a2b.js")
    assert script.text == "go()"
    assert "javascript" in script.headers["content-type"]
    assert "immutable" in script.headers["cache-control"]
    icon = client.get("/favicon.svg")
    assert (icon.text, icon.headers["cache-control"]) == ("<svg/>", "no-cache")


def test_a_script_of_an_older_build_is_404_and_not_the_page(client: TestClient[Litestar]) -> None:
    answer = client.get("/assets/app-0000.js")
    assert answer.status_code == 404
    assert "Reload the page" in answer.text


@pytest.mark.parametrize(
    "path",
    ["/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/..%2fstatic2%2fsecret.txt", "/link.txt", "/%00", "/%2e%2e"],
)
def test_no_address_leads_out_of_the_folder(client: TestClient[Litestar], path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {200, 404}
    assert "what nobody may read" not in answer.text


def test_without_a_build_the_page_says_how_to_get_one(tmp_path: Path) -> None:
    with TestClient(Litestar([page_routes(tmp_path / "never built")])) as client:
        for path in ("/", "/lab/cats"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert "has not been built" in answer.text
            assert "make web" in answer.text
