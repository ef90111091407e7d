"""Dashboards: charts are added, moved, resized and taken away, and another browser sees the same.

And which of the selected runs of the table the charts show.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from asking import HttpWriter, ask
from looking import Look
from marigram.model import RunStatus, SetStatus
from operations import CREATED_AT, create, floats, put
from running_server import RunningServer
from waiting import wait_until

PROJECT = "lab/cats"
RUNS = 3


@pytest.fixture(scope="module")
def sweep(shared_server: RunningServer) -> RunningServer:
    """A server with three runs of four series."""
    done = SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 1000)
    steps = [float(step) for step in range(50)]
    for number in range(RUNS):
        values = [1 / (1 + step + number) for step in steps]
        HttpWriter(shared_server.url, f"{number:032x}").write(
            create(at=CREATED_AT + number),
            put("lr", 0.1 * (number + 1)),
            put("seed", number % 2),
            floats("train/loss", steps, values),
            floats("train/accuracy", steps, values),
            floats("validation/loss", steps, values),
            floats("validation/accuracy", steps, values),
            done,
        )
    return shared_server


def save(server: RunningServer, name: str, **content: object) -> None:
    body = json.dumps({"content": json.dumps(content)}).encode()
    path = f"/api/v1/projects/{PROJECT}/views/dashboard/{name}"
    headers = {"content-type": "application/json"}
    assert ask(server.url, path, method="PUT", body=body, headers=headers).status == 200


def stored(server: RunningServer, name: str) -> dict[str, Any]:
    """What the server keeps of a dashboard."""
    views = ask(server.url, f"/api/v1/projects/{PROJECT}/views/dashboard").json()["views"]
    return json.loads(next(view["content"] for view in views if view["name"] == name))


def charts(page: Page) -> Locator:
    return page.get_by_test_id("dashboard").get_by_test_id("chart-panel")


def expect_order(page: Page, *paths: str) -> None:
    """Wait until these charts are shown, in this order."""
    expect(charts(page)).to_have_count(len(paths))
    for place, path in enumerate(paths):
        expect(charts(page).nth(place)).to_have_attribute("data-path", path)


@pytest.mark.slow
def test_a_dashboard_is_made_filled_arranged_and_shared(sweep: RunningServer, page: Page, browser: Browser) -> None:
    page.goto(f"{sweep.url}/{PROJECT}")
    page.get_by_role("link", name="Dashboards").click()
    page.get_by_label("Name of a new dashboard").fill("weekly review")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/dashboards/weekly%20review\?edit=1$"))
    field = page.get_by_test_id("add-path")
    for word, path in (("train/lo", "train/loss"), ("validation/acc", "validation/accuracy")):
        field.fill(word)
        page.get_by_role("option", name=path).click()
    page.get_by_label("Add charts of all series that match").fill("accuracy")
    page.keyboard.press("Enter")
    expect_order(page, "train/loss", "validation/accuracy", "train/accuracy", "validation/accuracy")
    expect(charts(page).first).to_have_attribute("data-lines", str(RUNS))
    expect(page.get_by_test_id("dashboard-runs").get_by_role("link")).to_have_count(RUNS)
    # By mouse: the filter's panel to the first place. By keys: the second one to the right, and larger.
    grips = page.get_by_test_id("panel-grip")
    grips.nth(2).drag_to(grips.nth(0))
    expect_order(page, "train/accuracy", "validation/accuracy", "train/loss", "validation/accuracy")
    grips.nth(1).focus()
    page.keyboard.press("ArrowRight")
    expect_order(page, "train/accuracy", "validation/accuracy", "validation/accuracy", "train/loss")
    grips.nth(2).focus()
    page.keyboard.press("+")
    expect(page.get_by_label("Size of train/loss")).to_have_value("large")
    page.get_by_label("Axes and smoothing of train/loss").click()
    page.get_by_label("Smoothing", exact=True).select_option("0.9")
    page.get_by_label("Logarithmic y").check()
    page.keyboard.press("Escape")
    page.get_by_label("Remove validation/accuracy").click()
    page.get_by_label("How many runs").fill("2")
    # Changes are saved in turn, so all are saved when the last one is.
    with page.expect_response(lambda answer: "lr < 0.35" in (answer.request.post_data or "")):
        page.get_by_role("textbox", name="Which runs").fill("lr < 0.35")
    page.get_by_role("button", name="Done").click()
    expect(page).not_to_have_url(re.compile("edit"))
    page.reload()
    expect_order(page, "train/accuracy", "validation/accuracy", "train/loss")
    with browser.new_context() as elsewhere:
        _looked_at_and_deleted(elsewhere.new_page(), page.url)
    page.reload()
    expect(page.get_by_text("There is no dashboard weekly review")).to_be_visible()


def _looked_at_and_deleted(page: Page, address: str) -> None:
    page.goto(address)
    expect_order(page, "train/accuracy", "validation/accuracy", "train/loss")
    expect(charts(page).first).to_have_attribute("data-lines", "2")
    page.goto(f"{address}?runs=CATS-1")
    expect(charts(page).first).to_have_attribute("data-lines", "1")
    expect(page.get_by_role("list", name="Chosen runs").get_by_role("link")).to_have_text(["CATS-1"])
    page.get_by_label("Maximise train/loss").click()
    expect(page.get_by_role("dialog").get_by_test_id("chart-panel")).to_have_attribute("data-path", "train/loss")
    expect(page).to_have_url(re.compile(r"path=1%3Atrain/loss$"))
    page.goto(f"{address}?edit=1")
    expect(page.get_by_label("Size of train/loss")).to_have_value("large")
    page.get_by_label("Axes and smoothing of train/loss").click()
    expect(page.get_by_label("Smoothing", exact=True)).to_have_value("0.9")
    expect(page.get_by_label("Logarithmic y")).to_be_checked()
    page.keyboard.press("Escape")
    page.get_by_label("More of the dashboard weekly review").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/dashboards$"))
    expect(page.get_by_test_id("dashboard-line").filter(has_text="weekly review")).to_have_count(0)


@pytest.mark.slow
def test_a_dashboard_is_made_of_the_charts_of_a_comparison_and_of_a_run(
    sweep: RunningServer, page: Page, browser: Browser
) -> None:
    ids = [f"{number:032x}" for number in range(RUNS)]
    question = (
        f"runs={','.join(ids)}&hidden={ids[1]}&filter=loss&log=1&smoothing=0.6&zoom={zoomed('train/loss')}&legend=lr"
    )
    page.goto(f"{sweep.url}/{PROJECT}/compare?{question}")
    expect(page.get_by_test_id("chart-panel")).to_have_count(2)
    page.get_by_test_id("save-charts").click()
    expect(page.get_by_role("radio", name="These 2 runs")).to_be_visible()
    expect(page.get_by_text("A dashboard leaves out")).to_have_count(0)
    page.get_by_role("textbox", name="Name", exact=True).fill("losses")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/dashboards/losses$"))
    expect_order(page, "train/loss", "validation/loss")
    expect(charts(page).first).to_have_attribute("data-lines", "2")
    # A line goes on to the next point.
    expect(charts(page).first).to_have_attribute("data-last-step", "21")
    expect(charts(page).nth(1)).to_have_attribute("data-last-step", "49")
    with browser.new_context() as elsewhere:
        other = elsewhere.new_page()
        other.goto(page.url)
        names = other.get_by_role("list", name="Chosen runs").get_by_role("link")
        expect(names).to_have_text(["lr 0.1", "lr 0.3"])
        # Who reads a dashboard names its runs for the address alone.
        other.get_by_test_id("name-by").fill("seed")
        other.get_by_role("option", name="seed", exact=True).click()
        expect(names).to_have_text(["lr 0.1, seed 0", "lr 0.3, seed 0"])
        expect(other).to_have_url(re.compile("legend=lr&legend=seed"))
        other.reload()
        expect(names).to_have_text(["lr 0.1, seed 0", "lr 0.3, seed 0"])
        for path in ("lr", "seed"):
            other.get_by_role("button", name=f"Name runs without {path}").click()
        expect(names).to_have_text(["CATS-1", "CATS-3"])
    assert stored(sweep, "losses")["legend"] == ["lr"]
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Name runs without lr").click()
    expect(page.get_by_role("list", name="Chosen runs").get_by_role("link")).to_have_text(["CATS-1", "CATS-3"])
    wait_until(lambda: "legend" not in stored(sweep, "losses"), "the dashboard without names")
    page.get_by_label("Axes and smoothing of all that match loss").click()
    expect(page.get_by_label("Smoothing", exact=True)).to_have_value("0.6")
    expect(page.get_by_label("Logarithmic y")).to_be_checked()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show the newest instead").click()
    expect(charts(page).first).to_have_attribute("data-lines", str(RUNS))
    # Of one run, without a filter, for the newest runs.
    page.goto(f"{sweep.url}/{PROJECT}/runs/CATS-1?x=relative")
    page.get_by_test_id("save-charts").click()
    name = page.get_by_role("textbox", name="Name", exact=True)
    name.fill("losses")
    expect(page.get_by_text("There is one of this name already.")).to_be_visible()
    name.fill("everything")
    page.get_by_role("radio", name="The newest 10 runs").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect_order(page, "train/accuracy", "train/loss", "validation/accuracy", "validation/loss")
    expect(page.get_by_role("list", name="Newest runs").get_by_role("link")).to_have_count(RUNS)


@pytest.mark.slow
def test_a_dashboard_of_a_grouped_comparison_has_its_expressions_and_zooms(sweep: RunningServer, page: Page) -> None:
    ids = ",".join(f"{number:032x}" for number in range(RUNS))
    expression = "`train/loss` - `train/accuracy` / 2"
    look = f"group=seed&band=range&expr={quote(expression)}&zoom={zoomed(expression)}&zoom={zoomed('train/loss')}"
    page.goto(f"{sweep.url}/{PROJECT}/compare?runs={ids}&{look}")
    of_expression = page.get_by_test_id("expression-panel")
    _expect_as_compared(page, page.get_by_test_id("chart-panel"), page.get_by_test_id("legend-item"), expression)
    _a_link_to_it_opens_it_alone(page, of_expression)
    # Whether the name is free is not known yet when Enter is pressed.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/views/dashboard", hold, times=1)
    with page.expect_request("**/views/dashboard"):
        page.get_by_test_id("save-charts").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("seeds")
    page.keyboard.press("Enter")
    held[0].continue_()
    expect(page).to_have_url(re.compile(r"/dashboards/seeds$"))
    groups = page.get_by_test_id("dashboard-groups").get_by_role("listitem")
    page.reload()
    _expect_as_compared(page, charts(page), groups, expression)
    _a_link_to_it_opens_it_alone(page, of_expression)
    # Who reads it looks where they like.
    page.get_by_test_id("expression-panel").get_by_role("button", name="Reset zoom").click()
    expect(of_expression).to_have_attribute("data-last-step", "49")
    expect(page).to_have_url(re.compile("zoom=whole"))
    page.reload()
    expect(of_expression).to_have_attribute("data-last-step", "49")
    expect(charts(page).nth(1)).to_have_attribute("data-last-step", "20")
    page.get_by_role("button", name="Edit").click()
    _change_for_all(page)
    page.get_by_role("button", name="Done").click()
    page.reload()
    expect(charts(page).nth(3)).to_have_attribute("data-path", "validation/loss")
    expect(charts(page).nth(3)).to_have_attribute("data-last-step", "49")
    # What is pinned to a run is seen wherever the run is drawn.
    pinned = {"annotations": [{"step": 7, "text": "rate halved"}]}
    assert page.request.patch(f"{sweep.url}/api/v1/runs/{0:032x}", data=pinned).ok
    page.reload()
    expect(charts(page).nth(2)).to_have_attribute("data-pins", "1")
    expect(groups).to_have_count(0)
    expect(of_expression).to_have_count(2)
    page.get_by_label("Maximise `validation/accuracy`").click()
    alone = page.get_by_role("dialog").get_by_test_id("expression-panel")
    expect(alone).to_have_attribute("data-lines", str(RUNS))
    last = stored(sweep, "seeds")["panels"][-2]
    assert last == {"path": "validation/loss", "size": "small", "x": "series", "over": "train/accuracy"}


def zoomed(what: str) -> str:
    """Steps 5 to 20 of a series or an expression, as an address says it."""
    return quote(f"step:5:20:4.5:20.5:{what}")


def _change_for_all(page: Page) -> None:
    """Show all of a zoomed chart, write expressions, draw each run, and one chart over another series."""
    of_expression = page.get_by_test_id("expression-panel")
    charts(page).nth(1).get_by_role("button", name="Reset zoom").click()
    expect(charts(page).nth(1)).to_have_attribute("data-last-step", "49")
    panel = page.get_by_test_id("dashboard-panel").first
    panel.get_by_role("button", name="Change", exact=True).click()
    panel.get_by_test_id("expression").fill("`train/loss` * 2; loss")
    panel.get_by_role("button", name="Draw").click()
    expect(of_expression).to_have_attribute("data-path", "`train/loss` * 2; loss")
    expect(of_expression).to_have_attribute("data-lines", "2")
    page.get_by_role("button", name="…or an expression").click()
    page.get_by_test_id("expression-series").fill("validation/acc")
    page.get_by_role("option", name="validation/accuracy").click()
    expect(page.get_by_test_id("expression")).to_have_value("`validation/accuracy`")
    page.keyboard.press("Enter")
    expect(of_expression.nth(1)).to_have_attribute("data-path", "`validation/accuracy`")
    page.get_by_label("Group runs by: none").click()
    expect(charts(page).first).to_have_attribute("data-lines", str(RUNS))
    page.get_by_label("Axes and smoothing of validation/loss").click()
    page.get_by_label("Horizontal axis").select_option("series")
    page.get_by_test_id("panel-over").fill("train/acc")
    with page.expect_response(lambda answer: '"over' in (answer.request.post_data or "")):
        page.get_by_role("option", name="train/accuracy").click()
    page.keyboard.press("Escape")


def _a_link_to_it_opens_it_alone(page: Page, chart: Locator) -> None:
    expression = chart.get_attribute("data-path")
    assert expression is not None
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chart.get_by_role("button", name="Save or share").click()
    page.get_by_role("menuitem", name="Copy link to this chart").click()
    read = "navigator.clipboard.readText()"
    wait_until(lambda: "path=" in page.evaluate(read), "the copied link")
    page.goto(page.evaluate(read))
    alone = page.get_by_role("dialog").get_by_test_id("expression-panel")
    expect(alone).to_have_attribute("data-path", expression)
    page.keyboard.press("Escape")
    expect(alone).to_have_count(0)


def _expect_as_compared(page: Page, shown: Locator, groups: Locator, expression: str) -> None:
    """The runs of each seed as one line, also of the expression; the first loss and the expression zoomed."""
    expect(groups).to_have_text([re.compile("0.*2 runs"), re.compile("1.*1 run")])
    expect(shown).to_have_count(4)
    for place, path in enumerate(("train/accuracy", "train/loss", "validation/accuracy", "validation/loss")):
        expect(shown.nth(place)).to_have_attribute("data-path", path)
        expect(shown.nth(place)).to_have_attribute("data-lines", "2")
        expect(shown.nth(place)).to_have_attribute("data-last-step", "20" if path == "train/loss" else "49")
    drawn = page.get_by_test_id("expression-panel")
    expect(drawn).to_have_attribute("data-path", expression)
    expect(drawn).to_have_attribute("data-lines", "2")
    expect(drawn).to_have_attribute("data-last-step", "21")


@pytest.mark.slow
def test_a_dashboard_is_renamed_duplicated_and_deleted(sweep: RunningServer, page: Page) -> None:
    save(sweep, "first", panels=[{"path": "train/loss"}])
    page.goto(f"{sweep.url}/{PROJECT}/dashboards/first")
    expect_order(page, "train/loss")
    page.get_by_label("More of the dashboard first").click()
    page.get_by_role("menuitem", name="Rename").click()
    name = page.get_by_role("textbox", name="Name", exact=True)
    expect(name).to_have_value("first")
    name.fill("second")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/dashboards/second$"))
    expect_order(page, "train/loss")
    page.goto(f"{sweep.url}/{PROJECT}/dashboards")
    line = page.get_by_test_id("dashboard-line")
    expect(line.filter(has_text="second")).to_have_count(1)
    expect(line.filter(has_text="first")).to_have_count(0)
    page.get_by_label("More of the dashboard second").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    name.fill("third")
    page.keyboard.press("Enter")
    expect(line.filter(has_text="third")).to_contain_text("1 chart")
    page.get_by_label("More of the dashboard second").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    expect(line.filter(has_text="second")).to_have_count(1)
    page.get_by_label("More of the dashboard second").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(line.filter(has_text="second")).to_have_count(0)
    page.reload()
    expect(line.filter(has_text="third")).to_have_count(1)
    expect(line.filter(has_text="second")).to_have_count(0)


@pytest.mark.slow
def test_a_change_that_the_server_refuses_is_said_and_saved_again(sweep: RunningServer, page: Page) -> None:
    save(sweep, "shaky", panels=[{"path": "train/loss"}, {"path": "train/accuracy"}])
    page.goto(f"{sweep.url}/{PROJECT}/dashboards/shaky?edit=1")
    expect_order(page, "train/loss", "train/accuracy")
    page.route("**/views/dashboard/**", lambda route: route.abort())
    page.get_by_label("Remove train/loss").click()
    expect(page.get_by_role("alert")).to_contain_text("The last change is not saved.")
    expect_order(page, "train/accuracy")
    page.unroute("**/views/dashboard/**")
    page.get_by_role("button", name="Save again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.reload()
    expect_order(page, "train/accuracy")


@pytest.mark.slow
def test_of_two_who_change_a_dashboard_the_second_chooses_whose_it_is(sweep: RunningServer, page: Page) -> None:
    save(sweep, "ours", panels=[{"path": "train/loss"}, {"path": "train/accuracy"}])
    page.goto(f"{sweep.url}/{PROJECT}/dashboards/ours?edit=1")
    expect_order(page, "train/loss", "train/accuracy")
    save(sweep, "ours", panels=[{"path": "validation/loss"}, {"path": "train/accuracy"}])
    page.get_by_label("Remove train/loss").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else has changed this dashboard")
    assert len(stored(sweep, "ours")["panels"]) == 2
    page.get_by_role("button", name="Show theirs").click()
    expect_order(page, "validation/loss", "train/accuracy")
    expect(page.get_by_role("alert")).to_have_count(0)
    with page.expect_response("**/views/dashboard/ours") as answered:
        page.get_by_label("Remove validation/loss").click()
    assert answered.value.ok
    expect_order(page, "train/accuracy")
    save(sweep, "ours", panels=[{"path": "train/accuracy"}, {"path": "validation/loss"}])
    page.get_by_label("Remove train/accuracy").click()
    page.get_by_role("button", name="Save mine instead").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert stored(sweep, "ours")["panels"] == []


@pytest.mark.slow
def test_what_is_open_at_a_panel_stays_at_it_while_changes_are_saved(sweep: RunningServer, page: Page) -> None:
    save(sweep, "slow", panels=[{"path": "train/loss"}, {"path": "train/accuracy"}])
    page.goto(f"{sweep.url}/{PROJECT}/dashboards/slow?edit=1")
    expect_order(page, "train/loss", "train/accuracy")
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        held.append(route)

    page.route("**/views/dashboard/slow", hold_first)
    page.get_by_test_id("panel-grip").first.focus()
    page.keyboard.press("ArrowRight")
    expect_order(page, "train/accuracy", "train/loss")
    page.get_by_label("Axes and smoothing of train/loss").click()
    smoothing = page.get_by_label("Smoothing", exact=True)
    expect(smoothing).to_be_visible()
    with page.expect_response("**/views/dashboard/slow"):
        held[0].continue_()
    with page.expect_response("**/views/dashboard/slow"):
        smoothing.select_option("0.9")
    loss = {"path": "train/loss", "size": "medium", "smoothing": "0.9"}
    assert stored(sweep, "slow")["panels"] == [{"path": "train/accuracy", "size": "medium"}, loss]


@pytest.mark.slow
def test_a_run_whose_eye_is_closed_is_left_out_of_the_charts(sweep: RunningServer, page: Page) -> None:
    page.goto(f"{sweep.url}/{PROJECT}")
    for key in ("CATS-1", "CATS-2", "CATS-3"):
        page.get_by_role("checkbox", name=f"Select {key}").click()
    expect(page.get_by_test_id("eye")).to_have_count(3)
    page.get_by_role("button", name="Show CATS-2 in charts").click()
    page.get_by_role("button", name="Show CATS-1 in charts").click()
    expect(page).to_have_url(re.compile(f"hidden={1:032x},{0:032x}$"))
    page.reload()
    closed = page.get_by_role("button", name="Show CATS-2 in charts")
    expect(closed).to_have_attribute("aria-pressed", "false")
    page.get_by_role("grid").focus()
    page.keyboard.press("End")
    page.keyboard.press("h")
    expect(page.get_by_role("button", name="Show CATS-1 in charts")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("compare").click()
    expect(page).to_have_url(re.compile(rf"&hidden={1:032x}$"))
    expect(page.get_by_test_id("chart-panel").first).to_have_attribute("data-lines", "2")


@pytest.mark.slow
def test_dashboards_look_and_are_accessible(sweep: RunningServer, look: Look) -> None:
    page = look.page
    panels = [
        {"path": "train/loss", "size": "large", "log": True, "zoom": ["step:5:20:4:21:*"]},
        {"filter": "accuracy"},
        {"path": "train/loss"},
        {"expression": "`train/loss` / 2; `train/accuracy`"},
    ]
    save(sweep, "overview", panels=panels, search="", most=10, group="seed")
    for what, address in (("dashboards", ""), ("dashboard", "/overview"), ("dashboard-edit", "/overview?edit=1")):
        page.goto(f"{sweep.url}/{PROJECT}/dashboards{address}")
        shown = page.get_by_test_id("dashboard-line") if address == "" else charts(page).nth(3)
        expect(shown.first).to_be_visible()
        if address:
            expect(charts(page).first).to_have_attribute("data-lines", "2")
        if address.endswith("edit=1"):
            page.get_by_role("button", name="…or an expression").click()
            expect(page.get_by_test_id("expression")).to_be_visible()
        look.at(what)
    page.get_by_label("More of the dashboard overview").click()
    expect(page.get_by_role("menuitem", name="Rename")).to_be_visible()
    look.at("dashboard-menu")
    page.goto(f"{sweep.url}/{PROJECT}/runs/CATS-1")
    page.get_by_test_id("save-charts").click()
    expect(page.get_by_role("radio", name="This run")).to_be_visible()
    look.at("dashboard-save")
    assert not look.faults
