"""What real clients log is drawn: what a fork inherits, histograms over steps, figures of Plotly, films."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from plotly.graph_objects import Figure, Scatter

import marigram
from running_server import RunningServer

CLIP = Path(__file__).parent / "clip.webm"
"""One second of ten colours, 32 x 24 pixels in VP8, recorded from a canvas."""


def _started(server: RunningServer, **arguments: Any) -> marigram.Run:
    return marigram.init_run(
        project="vision/forks",
        url=server.url,
        capture_stdout=False,
        capture_stderr=False,
        capture_hardware_metrics=False,
        source_files=[],
        git_ref=False,
        **arguments,
    )


@pytest.mark.slow
def test_a_fork_names_its_parent_and_draws_what_it_inherits(shared_server: RunningServer, page: Page) -> None:
    parent = _started(shared_server)
    for step in range(100):
        parent["train/loss"].append(math.exp(-step / 30), step=step)
    parent.stop()
    child = _started(shared_server, fork_run_id=parent.id, fork_step=50)
    child["train/loss"].append(0.1, step=60)
    child.stop()
    page.goto(f"{shared_server.url}/vision/forks/runs/{child.id}")
    expect(page.get_by_test_id("chart-panel")).to_have_attribute("data-last-step", "60")
    expect(page.get_by_test_id("chart-panel").get_by_role("img")).to_have_attribute(
        "aria-label", "train/loss, 52 places, last value 0.1"
    )
    expect(page.get_by_test_id("forked-from")).to_contain_text("at step 50")
    page.get_by_test_id("forked-from").get_by_role("link").click()
    expect(page.get_by_test_id("chart-panel")).to_have_attribute("data-last-step", "99")
    expect(page.get_by_test_id("forked-from")).to_have_count(0)


@pytest.mark.slow
def test_a_rewind_is_seen_in_an_open_chart(shared_server: RunningServer, page: Page) -> None:
    run = _started(shared_server)
    for step in range(100):
        run["train/loss"].append(float(step), step=step)
    run.stop()
    page.goto(f"{shared_server.url}/vision/forks/runs/{run.id}")
    expect(page.get_by_test_id("chart-panel")).to_have_attribute("data-last-step", "99")
    again = _started(shared_server, with_id=run.id, rewind_to=40)
    again["train/loss"].append(0.0)
    again.stop()
    expect(page.get_by_test_id("chart-panel")).to_have_attribute("data-last-step", "41")
    expect(page.get_by_test_id("chart-panel").get_by_role("img")).to_have_attribute(
        "aria-label", "train/loss, 42 places, last value 0"
    )


@pytest.mark.slow
def test_histograms_are_a_heat_map_that_tells_counts_and_goes_on_live(shared_server: RunningServer, page: Page) -> None:
    noise = np.random.default_rng(1)
    run = _started(shared_server)

    def log(steps: range) -> None:
        for step in steps:
            values = noise.normal(step / 20, 1 + step / 40, 2000)
            run["layers/1/weights"].append(marigram.Histogram.from_values(values), step=step)

    log(range(30))
    assert run.sync()
    page.goto(f"{shared_server.url}/vision/forks/runs/{run.id}")
    heat_map = page.get_by_test_id("heat-map")
    expect(heat_map).to_have_attribute("aria-label", "layers/1/weights, 30 steps")
    heat_map.hover()
    expect(page.get_by_text("step 15", exact=True)).to_be_visible()
    log(range(30, 40))
    expect(heat_map).to_have_attribute("aria-label", "layers/1/weights, 40 steps")
    run.stop()
    page.get_by_test_id("tab-attributes").click()
    expect(page.get_by_text("histogram series")).to_be_visible()


@pytest.mark.slow
def test_figures_of_plotly_are_alive_in_their_boxes_films_play_and_no_other_server_is_asked(
    shared_server: RunningServer, page: Page
) -> None:
    figure = Figure(Scatter(x=[1, 2, 3], y=[4, 1, 2], mode="markers"))
    with _started(shared_server) as run:
        run["report/figure"].upload(figure)
        run["report/over_time"].append(figure, step=7)
        run["report/clip"].upload(str(CLIP))
        run["report/damaged"].upload(marigram.File.from_content(CLIP.read_bytes()[200:], extension="webm"))
        run.wait()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{shared_server.url}/vision/forks/runs/{run.id}?tab=media")
    for path in ("report/over_time", "report/figure"):
        tile = page.locator(f"[data-testid=media-tile][data-path='{path}']")
        tile.scroll_into_view_if_needed()
        frame = tile.locator("iframe")
        expect(frame).to_have_attribute("sandbox", "allow-scripts")
        points = frame.content_frame.locator(".scatterlayer path.point")
        expect(points).to_have_count(3)
        points.nth(1).hover(force=True)
        expect(frame.content_frame.locator(".hoverlayer .hovertext")).to_contain_text("(2, 1)")
    page.get_by_role("button", name="Show report/figure full screen").click()
    expect(page.get_by_test_id("media-full").locator("iframe").content_frame.locator("path.point")).to_have_count(3)
    page.keyboard.press("Escape")
    film = page.locator("[data-testid=media-tile][data-path='report/clip'] video[controls]")
    film.evaluate("film => { film.muted = true; film.loop = true; return film.play(); }")
    page.wait_for_function("film => film.currentTime > 0 && film.videoWidth === 32", arg=film.element_handle())
    damaged = page.locator("[data-testid=media-tile][data-path='report/damaged']")
    expect(damaged.get_by_test_id("broken-file")).to_contain_text("This film cannot be shown")
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith((shared_server.url, "blob:", "data:"))] == []
