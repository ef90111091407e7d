"""A tour of all pages: none of them asks another server for anything, and the first page is small.

The pictures of `docs/guides/tour.md` are taken here; `tools/tour_pictures.py` makes them small and puts them there.
"""

from __future__ import annotations

import gzip
import json
import math
import random
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, WebSocket, expect

from asking import HttpWriter, ask
from marigram.model import Operation, RunStatus, SetStatus
from operations import create, edit, floats, put, strings
from running_server import RunningServer

PROJECT = "vision/digits"
RATES = (0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
STEPS = 300
HOUR_MS = 3_600_000

MOST_SCRIPT_BYTES = 250_000
"""Compressed scripts that a browser fetches before the runs table is shown."""

RUN_TABS = ("charts", "overview", "attributes", "media", "console", "monitoring", "code", "files", "lineage")
COMPARE_TABS = ("table", "changes", "texts", "parallel", "importance", "scatter", "images")


def losses(rate: float, seed: int) -> dict[str, list[float]]:
    """Return the metrics of a training that learns at this rate."""
    noise = random.Random(f"{rate} {seed}")
    speed = 25 + 90 * abs(math.log10(rate) + 2)
    falling = [math.exp(-step / speed) for step in range(STEPS)]
    return {
        "train/loss": [value + 0.08 * noise.random() for value in falling],
        "train/accuracy": [1 - 0.85 * value - 0.03 * noise.random() for value in falling],
        "validation/loss": [value + 0.1 + 0.03 * noise.random() for value in falling],
        "validation/accuracy": [0.97 - 0.85 * value - 0.02 * noise.random() for value in falling],
    }


@pytest.fixture(scope="module")
def toured(shared_server: RunningServer) -> RunningServer:
    """A server with a small sweep of which one run goes on and one failed, a second project, and a dashboard."""
    now = time.time_ns() // 1_000_000
    steps = [float(step) for step in range(STEPS)]
    for number, rate in enumerate(RATES):
        created = now - (len(RATES) - number) * HOUR_MS
        metrics = [floats(path, steps, values) for path, values in losses(rate, number).items()]
        ends: list[Operation] = [SetStatus(status=RunStatus.FINISHED, at=created + 45 * 60_000 + number * 7_000)]
        if number == 0:
            failure = "ValueError: loss is not finite"
            ends = [SetStatus(status=RunStatus.FAILED, at=created + 9 * 60_000, exit_code=1, failure=failure)]
        HttpWriter(shared_server.url, f"{number + 1:032x}").write(
            create(PROJECT, at=created),
            put("sys/name", f"sweep {number + 1}"),
            edit("sys/tags", add=["sweep", "adam" if number % 2 else "sgd"]),
            put("parameters/learning_rate", rate),
            put("parameters/optimizer", "adam" if number % 2 else "sgd"),
            put("parameters/layers", 4 + number % 3),
            *metrics,
            strings("monitoring/main/stdout", steps[:50], [f"epoch {step:g}" for step in steps[:50]]),
            *(ends if number < len(RATES) - 1 else []),
        )
    HttpWriter(shared_server.url, "f" * 32).write(create("text/poems", at=now - 2 * HOUR_MS), put("sys/name", "rhymes"))
    panels = [
        {"path": "validation/loss", "size": "large", "smoothing": "0.6", "log": True},
        {"path": "train/loss", "size": "medium", "log": True},
        {"path": "validation/accuracy", "size": "medium"},
    ]
    content = json.dumps({"panels": panels, "search": "", "most": 10})
    saved = ask(
        shared_server.url,
        f"/api/v1/projects/{PROJECT}/views/dashboard/Weekly",
        method="PUT",
        body=json.dumps({"content": content}).encode(),
        headers={"content-type": "application/json"},
    )
    assert saved.status == 200
    return shared_server


class Abroad:
    """Collects what the pages of a browser ask of any other server."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._own = urlsplit(url).netloc
        self.asked = 0
        self.found: list[str] = []
        context.on("request", self._on_request)
        context.on("page", lambda page: page.on("websocket", self._on_socket))

    def _on_request(self, request: Request) -> None:
        self.asked += 1
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self._own:
            self.found.append(request.url)

    def _on_socket(self, socket: WebSocket) -> None:
        self.found.append(socket.url)


@pytest.mark.slow
def test_no_page_asks_another_server_for_anything(toured: RunningServer, browser: Browser, screenshots: Path) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light") as context:
        context.set_default_timeout(20_000)
        abroad = Abroad(context, toured.url)
        page = context.new_page()
        project, run = f"{toured.url}/{PROJECT}", f"{toured.url}/{PROJECT}/runs/DIGI-4"
        runs = ",".join(f"DIGI-{number}" for number in range(2, 7))

        def show(name: str, address: str, shown: str) -> None:
            page.goto(address)
            expect(page.locator(shown).first).to_be_visible()
            picture(page, screenshots, name)

        drawn = "[data-testid=chart-panel][data-last-step]"
        show("home", toured.url, "[data-testid=recent-run]")
        page.keyboard.press("Control+k")
        page.get_by_test_id("palette-input").fill("sweep")
        expect(page.get_by_role("group", name="Runs", exact=True).get_by_role("option").first).to_be_visible()
        picture(page, screenshots, "palette")
        show("connect", f"{toured.url}/connect", "[data-testid=connect]")
        shown = ("sys/state", "parameters/optimizer", "parameters/learning_rate", "validation/loss", "sys/tags")
        columns = "&".join(f"columns={path}" for path in shown)
        selected = ",".join(f"{number:032x}" for number in (3, 4, 5))
        address = f"{project}?{columns}&columns=min(validation/loss)&runs={selected}"
        show("runs-table", address, "[data-testid=eye]")
        show("run", f"{run}?smoothing=0.6", drawn)
        show("compare", f"{project}/compare?runs={runs}&smoothing=0.6&log=1", drawn)
        show("dashboard", f"{project}/dashboards/Weekly", drawn)
        for address in (
            *(f"{run}?tab={tab}" for tab in RUN_TABS),
            *(f"{project}/compare?runs={runs}&tab={tab}" for tab in COMPARE_TABS),
            f"{project}/dashboards",
            f"{project}?trash=1",
            f"{project}/runs/NOPE-1",
        ):
            page.goto(address)
            expect(page.get_by_role("main")).not_to_be_empty()
            page.wait_for_load_state("load")
        page.goto(f"{toured.url}/schema")
        expect(page.get_by_text("List projects")).to_be_visible()
        assert abroad.asked > 50
        assert abroad.found == []


def picture(page: Page, screenshots: Path, name: str) -> None:
    """Take a picture for the tour."""
    page.screenshot(path=screenshots / f"tour-{name}.png")


@pytest.mark.slow
def test_the_runs_table_is_shown_after_few_bytes_of_script(
    toured: RunningServer, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    scripts: dict[str, int] = {}
    with browser.new_context() as context:
        page = context.new_page()
        answers: list[Response] = []
        page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - it takes no bound method of a list
        page.goto(f"{toured.url}/{PROJECT}")
        expect(page.get_by_test_id("run-row").first).to_be_visible()
        for answer in answers:
            if answer.url.endswith(".js"):
                # The library of charts names its parts so; it comes with the first page that has a chart.
                assert b"u-over" not in answer.body(), answer.url
                scripts[answer.url] = len(gzip.compress(answer.body()))
        answers.clear()
        page.get_by_test_id("run-row").first.click()
        expect(page.locator("[data-testid=chart-panel][data-last-step]").first).to_be_visible()
        assert any(b"u-over" in answer.body() for answer in answers if answer.url.endswith(".js"))
    total = sum(scripts.values())
    with capsys.disabled():
        print(f"\nruns table: {total / 1000:.0f} kB of compressed script in {len(scripts)} files")
    assert len(scripts) > 1
    assert total < MOST_SCRIPT_BYTES
