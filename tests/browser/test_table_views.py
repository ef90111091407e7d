"""What becomes of a runs table: views that are saved and shared, files of its runs, and groups of them."""

from __future__ import annotations

import csv
import math
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect
from pyarrow import Table, parquet

from asking import HttpWriter
from marigram.model import RunStatus, SetStatus, Value
from operations import CREATED_AT, create, floats, put
from running_server import RunningServer
from tabled import PROJECT, RUNS, cell, choose, columns, header, open_table


@pytest.mark.slow
def test_an_address_shows_another_browser_the_same(table: RunningServer, page: Page, browser: Browser) -> None:
    open_table(page, table, "?columns=min(loss);name=Best;format=2&columns=lr;pinned&search=lr > 0.15&sort=optimizer")
    header(page, "min(loss)").get_by_role("button").first.click(modifiers=["Shift"])
    for key in ("CATS-2", "CATS-5"):
        page.get_by_role("checkbox", name=f"Select {key}").click()
    page.get_by_role("button", name="Show CATS-5 in charts").click()
    expect(page).to_have_url(re.compile("sort=optimizer&sort=-min.*hidden="))
    order = ["CATS-2", "CATS-4", "CATS-6", "CATS-3", "CATS-5"]
    _expect_rows(page, order)
    with browser.new_context() as elsewhere:
        other = elsewhere.new_page()
        other.goto(page.url)
        _expect_rows(other, order)
        assert columns(other) == ["sys/name", "lr", "min(loss)"]
        expect(header(other, "min(loss)")).to_contain_text("Best")
        expect(cell(other, "CATS-6", "min(loss)")).to_have_text("\u22121.00")
        expect(other.get_by_test_id("runs-filter")).to_have_value("lr > 0.15")
        expect(other.get_by_test_id("selected-count")).to_have_text("2 runs selected")
        expect(other.get_by_role("button", name="Show CATS-5 in charts")).to_have_attribute("aria-pressed", "false")


def _expect_rows(page: Page, keys: list[str]) -> None:
    expect(page.get_by_test_id("run-row")).to_have_count(len(keys))
    for place, key in enumerate(keys):
        expect(page.get_by_test_id("run-row").nth(place)).to_have_attribute("data-run-key", key)


@pytest.mark.slow
def test_every_state_is_a_word_and_a_run_keeps_its_colour(table: RunningServer, page: Page) -> None:
    states = ("running", "finished", "failed", "crashed", "stopped")
    for number, state in enumerate(states):
        ended = [] if state == "running" else [SetStatus(status=RunStatus(state), at=CREATED_AT + number + 1000)]
        HttpWriter(table.url, f"{number + 33333:032x}").write(
            create("lab/states", at=CREATED_AT + number), floats("loss", [1, 2], [2.0, 1.0]), *ended
        )
    open_table(page, table, "?columns=sys/state&columns=sys/running_time&sort=sys/creation_time", project="lab/states")
    for number, state in enumerate(states):
        expect(cell(page, f"STAT-{number + 1}", "sys/state")).to_have_text(state.capitalize())
    expect(cell(page, "STAT-2", "sys/running_time")).to_have_text("1s")
    # Nothing was heard of it for a while: so the server says it.
    page.route("**/runs?*", lambda route: route.fulfill(body=route.fetch().text().replace('"running"', '"stalled"', 1)))
    page.reload()
    expect(cell(page, "STAT-1", "sys/state")).to_have_text("Stalled")
    page.unroute("**/runs?*")
    swatch = page.locator("[data-run-key=STAT-2] [data-column='sys/name'] span[aria-hidden]").first
    colour = swatch.evaluate("swatch => getComputedStyle(swatch).borderTopColor")
    open_table(page, table, "?search=finished", project="lab/states")
    expect(page.get_by_test_id("run-row")).to_have_count(1)
    expect(swatch).to_have_css("border-top-color", colour)
    page.goto(f"{table.url}/lab/states/compare?runs=STAT-2")
    line = page.get_by_role("complementary", name="Runs").locator("path[stroke]").first
    expect(line).to_have_css("stroke", colour)


@pytest.mark.slow
def test_a_series_is_a_column_by_each_of_its_measures(table: RunningServer, page: Page) -> None:
    measured = {
        "loss": "2",
        "first(loss)": "4",
        "min(loss)": "1",
        "min_step(loss)": "2",
        "max(loss)": "4",
        "max_step(loss)": "1",
        "average(loss)": "2.3333",
        "variance(loss)": "1.5556",
        "count(loss)": "3",
    }
    open_table(page, table, "?" + "&".join(f"columns={column}" for column in measured))
    assert columns(page) == ["sys/name", *measured]
    for column, text in measured.items():
        expect(cell(page, "CATS-1", column)).to_have_text(text)


@pytest.mark.slow
def test_of_thousands_of_attributes_only_columns_that_are_shown_or_searched_for_are_sent(
    table: RunningServer, page: Page
) -> None:
    wide = [put(f"layer{number // 50}/w{number % 50}", float(number)) for number in range(3000)]
    HttpWriter(table.url, f"{22222:032x}").write(create("lab/wide"), *wide)
    answered: list[Request] = []
    page.on("requestfinished", lambda request: answered.append(request))  # noqa: PLW0108 - it takes no bound method of a list
    open_table(page, table, project="lab/wide")
    page.get_by_test_id("column-picker").click()
    expect(page.get_by_test_id("column-choice").first).to_be_visible()
    page.get_by_test_id("column-search").fill("layer59/w49")
    page.get_by_role("checkbox", name="layer59/w49").check()
    expect(cell(page, "WIDE-1", "layer59/w49")).to_have_text(re.compile("2.999"))
    answers = [request.response() for request in answered if "/api/v1/projects/lab/wide" in request.url]
    named = {path for answer in answers if answer for path in re.findall(r"layer\d+/w\d+", answer.text())}
    assert "layer59/w49" in named
    assert len(named) < 300


@pytest.mark.slow
def test_a_tag_of_many_runs_is_found_and_taken_away_again(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?columns=sys/tags&search=optimizer = adam")
    page.get_by_role("checkbox", name="Select all runs that are loaded").click()
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("textbox", name="Tag").fill("fast ones")
    page.keyboard.press("Enter")
    expect(page.get_by_text("fast ones")).to_have_count(3)
    page.get_by_test_id("runs-filter").fill('sys/tags CONTAINS "fast ones"')
    expect(page.get_by_test_id("runs-total")).to_have_text("3")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("completions")).to_have_count(0)
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("textbox", name="Tag").fill("fast ones")
    page.get_by_role("button", name="Remove from all").click()
    expect(page.get_by_text("No run matches the filter")).to_be_visible()


@pytest.mark.slow
def test_a_view_is_saved_and_opened_again(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?columns=lr&sort=lr&search=lr > 0.25")
    page.get_by_test_id("table-menu").click()
    page.get_by_role("menuitem", name="Save this view").click()
    page.get_by_role("textbox", name="Name").fill("high rates")
    page.keyboard.press("Enter")
    open_table(page, table)
    expect(page.get_by_test_id("run-row")).to_have_count(RUNS)
    page.get_by_test_id("table-menu").click()
    page.get_by_test_id("saved-view").filter(has_text="high rates").click()
    expect(page.get_by_test_id("run-row")).to_have_count(4)
    assert columns(page) == ["sys/name", "lr"]
    expect(page.get_by_test_id("runs-filter")).to_have_value("lr > 0.25")


@pytest.mark.slow
def test_a_shared_view_is_there_in_another_browser(table: RunningServer, page: Page, browser: Browser) -> None:
    open_table(page, table, "?columns=lr&sort=lr&search=lr > 0.25")
    page.get_by_test_id("table-menu").click()
    page.get_by_role("menuitem", name="Save this view").click()
    name = page.get_by_role("textbox", name="Name")
    name.fill("high/rates")
    expect(page.get_by_text("A name has no slash.")).to_be_visible()
    name.fill("high rates?")
    page.get_by_role("checkbox", name="Share it").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(name).to_have_count(0)
    with browser.new_context() as elsewhere:
        other = elsewhere.new_page()
        open_table(other, table)
        other.get_by_test_id("table-menu").click()
        view = other.get_by_test_id("saved-view").filter(has_text="high rates?")
        expect(view).to_contain_text("shared")
        view.click()
        expect(other.get_by_test_id("runs-filter")).to_have_value("lr > 0.25")
        expect(other.get_by_test_id("run-row")).to_have_count(4)
        other.get_by_test_id("table-menu").click()
        other.get_by_label("Forget the view high rates? for all").click()
        expect(view).to_have_count(0)
    with page.expect_response(lambda answer: answer.url.endswith("/views/table")):
        page.reload()
    page.get_by_test_id("table-menu").click()
    expect(page.get_by_role("menuitem", name="Copy link")).to_be_visible()
    expect(page.get_by_test_id("saved-view")).to_have_count(0)


@pytest.mark.slow
def test_all_runs_that_match_are_exported_with_every_digit(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?columns=number;name=No.&sort=number&search=number < 150", project="lab/many")
    page.get_by_test_id("table-menu").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export as CSV").click()
    with Path(download.value.path()).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert download.value.suggested_filename == "lab-many.csv"
    assert [row["No."] for row in rows] == [str(number) for number in range(150)]
    assert (rows[0]["key"], rows[0]["id"]) == ("MANY-1", f"{4096:032x}")


@pytest.mark.slow
def test_a_parquet_file_has_all_runs_that_match_and_keeps_the_types(table: RunningServer, page: Page) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=timezone.utc)
    values: list[dict[str, Value]] = [
        {"amp": True, "seed": 2**53 + 1, "lr": 0.1, "began": moment, "note": 'a "b",\nc', "mixed": 1, "some": 1},
        {"amp": False, "seed": -1, "lr": math.nan, "began": moment, "note": "", "mixed": "x", "some": 0.5},
        {"lr": math.inf},
    ]
    for number, each in enumerate(values):
        writer = HttpWriter(table.url, f"{number + 55555:032x}")
        operations = [put(path, value) for path, value in each.items()]
        writer.write(create("lab/typed", at=CREATED_AT + number), *operations, floats("loss", [1, 2], [0.5, 0.25]))
    names = ("amp", "seed", "lr", "began", "note", "mixed", "some", "loss;name=seed", "count(loss)", "none")
    asked = "&".join(f"columns={name}" for name in (*names, "sys/creation_time"))
    open_table(page, table, f"?{asked}&sort=sys/creation_time", project="lab/typed")
    found = parquet_of(page, "lab-typed.parquet")
    types = {field.name: str(field.type) for field in found.schema}
    assert types == {
        **dict.fromkeys(("key", "id", "name", "note", "mixed", "none"), "string"),
        **dict.fromkeys(("lr", "some", "seed (2)"), "double"),
        **dict.fromkeys(("seed", "count(loss)"), "int64"),
        **dict.fromkeys(("began", "sys/creation_time"), "timestamp[ms, tz=UTC]"),
        "amp": "bool",
    }
    columns = found.to_pydict()
    assert columns["key"] == ["TYPE-1", "TYPE-2", "TYPE-3"]
    assert columns["id"] == [f"{number + 55555:032x}" for number in range(3)]
    assert columns["amp"] == [True, False, None]
    assert columns["seed"] == [2**53 + 1, -1, None]
    assert repr(columns["lr"]) == "[0.1, nan, inf]"
    assert columns["began"] == [moment, moment, None]
    assert columns["note"] == ['a "b",\nc', "", None]
    assert columns["mixed"] == ["1", "x", None]
    assert columns["some"] == [1.0, 0.5, None]
    assert (columns["seed (2)"], columns["count(loss)"]) == ([0.25] * 3, [2] * 3)
    assert columns["sys/creation_time"][1].timestamp() == (CREATED_AT + 1) / 1000
    assert columns["none"] == [None] * 3
    # All that match, not only what was scrolled to.
    open_table(page, table, "?columns=number&sort=number&search=number < 150", project="lab/many")
    assert parquet_of(page, "lab-many.parquet").to_pydict()["number"] == list(range(150))


def parquet_of(page: Page, filename: str) -> Table:
    page.get_by_test_id("table-menu").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export as Parquet").click()
    assert download.value.suggested_filename == filename
    return parquet.read_table(download.value.path())


@pytest.mark.slow
def test_runs_are_grouped_counted_and_averaged_and_a_group_is_opened(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?columns=optimizer&columns=lr&columns=max(loss)&search=lr < 0.55")
    choose(page, "optimizer", "Group by this")
    group = page.get_by_test_id("group-row")
    expect(group).to_have_count(2)
    expect(group.first).to_contain_text("sgd")
    expect(group.first.get_by_role("gridcell").nth(1)).to_have_text("3")
    expect(group.first.get_by_role("gridcell").nth(2)).to_have_text("0.3 0.1 … 0.5")
    expect(group.first.get_by_role("gridcell").nth(3)).to_have_text("3.6667 3 … 4")
    page.get_by_role("button", name="max(loss), mean").click()
    expect(page).to_have_url(re.compile(r"order=-max"))
    page.get_by_label("Group by one more path").fill("with space")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("grouped-by")).to_have_count(2)
    page.get_by_label("Do not group by with space").click()
    expect(page.get_by_test_id("grouped-by")).to_have_count(1)
    page.get_by_role("button", name="Show the runs of adam alone: 2").click()
    expect(page.get_by_test_id("runs-filter")).to_have_value("lr < 0.55 AND optimizer = adam")
    expect(page.get_by_test_id("run-row")).to_have_count(2)


@pytest.mark.slow
def test_runs_are_grouped_by_what_stands_for_a_series_and_the_groups_are_filters(
    table: RunningServer, page: Page
) -> None:
    for number, losses in enumerate(([4.0, 1.0, 2.0], [3.0, 2.0, 1.0], [1.0, 2.0, 0.5], [])):
        steps = list(range(len(losses)))
        series = [floats("loss", steps, losses), floats("accuracy", steps, [0.1, 0.2, 0.3])] if losses else []
        writer = HttpWriter(table.url, f"{77777 + number:032x}")
        writer.write(create("lab/standing", at=CREATED_AT + number), put("opt", "adam"), *series)
    open_table(page, table, "?columns=opt&columns=loss&columns=first(loss)", project="lab/standing")
    field, group = page.get_by_test_id("runs-filter"), page.get_by_test_id("group-row")
    choose(page, "first(loss)", "Group by this")
    expect(group).to_have_count(4)
    page.get_by_role("button", name="Show the runs of 3 alone: 1").click()
    expect(field).to_have_value("first(loss) = 3")
    expect(page.get_by_test_id("run-row")).to_have_count(1)
    expect(page.get_by_test_id("run-row")).to_have_attribute("data-run-key", "STAN-2")
    field.fill("")
    field.press("Escape")  # closes what the field offers
    choose(page, "opt", "Group by this")
    page.get_by_label("Group by one more path").fill("accuracy@min(")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("grouped-by")).to_have_count(1)
    page.keyboard.type("loss)")
    page.keyboard.press("Enter")
    page.get_by_label("Group by accuracy@min(loss) before opt").click()
    # The largest group comes first, and equal ones in order of their keys.
    for row, value in enumerate(("0.3", "0.2", "nothing")):
        expect(group.nth(row).get_by_role("gridcell").first).to_have_text(f"accuracy@min(loss){value}")
    group.first.get_by_role("button").first.click()
    expect(group).to_have_count(4)
    page.reload()
    expect(group.nth(1)).to_contain_text("adam")
    expect(group.nth(1).get_by_role("gridcell").nth(1)).to_have_text("2")
    expect(group.nth(1).get_by_role("gridcell").nth(2)).to_have_text("0.75 0.5 … 1")
    page.get_by_role("button", name="Show the runs of nothing alone: 1").click()
    expect(field).to_have_value("accuracy@min(loss) NOT EXISTS")
    expect(page.get_by_test_id("run-row")).to_have_count(1)
    expect(page.get_by_test_id("run-row")).to_have_attribute("data-run-key", "STAN-4")


@pytest.mark.slow
def test_groups_are_inside_groups_by_mouse_and_by_keys_and_the_address_keeps_what_is_open(
    table: RunningServer, page: Page, browser: Browser
) -> None:
    page.goto(f"{table.url}/{PROJECT}?group=optimizer&group=sys/state&columns=lr&order=lr")
    group, run = page.get_by_test_id("group-row"), page.get_by_test_id("grouped-run")
    group.filter(has_text="adam").get_by_role("button").first.click()
    expect(group).to_have_count(3)
    inside = group.filter(has_text="finished")
    expect(inside).to_have_attribute("aria-level", "2")
    expect(inside.get_by_role("gridcell").nth(1)).to_have_text("3")
    expect(inside.get_by_role("gridcell").nth(2)).to_have_text("0.4 0.2 … 0.6")
    # By keys: into the group, to a run, which is selected, out again, and the group is closed.
    inside.focus()
    page.keyboard.press("ArrowRight")
    expect(run).to_have_count(3)
    expect(run.first).to_contain_text("CATS-2")
    expect(run.first.get_by_role("gridcell").nth(2)).to_have_text("0.2")
    page.keyboard.press("ArrowRight")
    expect(run.first).to_be_focused()
    page.keyboard.press(" ")
    expect(page.get_by_test_id("selected-count")).to_have_text("1 run selected")
    page.keyboard.press("ArrowLeft")
    expect(inside).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(run).to_have_count(0)
    page.keyboard.press("Enter")
    expect(run).to_have_count(3)
    with browser.new_context() as elsewhere:
        other = elsewhere.new_page()
        other.goto(page.url)
        expect(other.get_by_test_id("grouped-run")).to_have_count(3)
        expect(other.get_by_test_id("group-row")).to_have_count(3)
    page.get_by_label("Group by sys/state before optimizer").click()
    expect(group).to_have_count(1)
    group.first.focus()
    page.keyboard.press("f")
    expect(page.get_by_test_id("runs-filter")).to_have_value("sys/state = finished")
    expect(page.get_by_test_id("run-row")).to_have_count(RUNS)


@pytest.mark.slow
def test_groups_are_counted_anew_while_runs_log(table: RunningServer, page: Page) -> None:
    writer = HttpWriter(table.url, f"{66666:032x}")
    writer.write(create(project="lab/grouped"), put("opt", "a"), put("lr", 1.0))
    page.goto(f'{table.url}/lab/grouped?search=GROU&group=opt&columns=lr&open=["a"]')
    group, run = page.get_by_test_id("group-row"), page.get_by_test_id("grouped-run")
    expect(run).to_have_count(1)
    HttpWriter(table.url, f"{66667:032x}").write(create(project="lab/grouped"), put("opt", "a"), put("lr", 2.0))
    expect(run).to_have_count(2)
    expect(group.get_by_role("gridcell").nth(2)).to_have_text("1.5 1 … 2")
    # Words are no query, so the group can't be put beside them in the filter.
    expect(group.get_by_role("button", name="Show the runs")).to_have_count(0)
