"""The runs table: columns, order, filter and selection; and how it looks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from asking import HttpWriter
from looking import Look
from operations import CREATED_AT, create, floats, put
from running_server import RunningServer
from tabled import MANY, PROJECT, RUNS, cell, choose, columns, header, keys, open_table, reloaded
from waiting import wait_until


@pytest.mark.slow
def test_the_first_columns_are_useful_ones_and_only_rows_on_the_screen_are_in_the_page(
    table: RunningServer, page: Page
) -> None:
    open_table(page, table)
    assert columns(page)[:5] == ["sys/name", "sys/state", "sys/creation_time", "sys/running_time", "sys/tags"]
    assert set(columns(page)[5:]) >= {"loss", "accuracy", "lr", "optimizer"}
    open_table(page, table, project="lab/many")
    page.get_by_role("grid").focus()
    page.keyboard.press("End")
    expect(page.locator('[data-run-key="MANY-141"]')).to_be_visible()

    def is_further_down() -> bool:
        page.keyboard.press("End")  # goes to the last row that is there, and more of them are on their way
        return any(int(key.removeprefix("MANY-")) <= 81 for key in keys(page))

    wait_until(is_further_down, "rows of the next page")
    assert page.get_by_test_id("run-row").count() < 100


@pytest.mark.slow
def test_columns_are_found_by_search_moved_renamed_formatted_and_removed(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?columns=sys/state&columns=lr")
    page.get_by_test_id("column-picker").click()
    page.get_by_test_id("column-search").fill("los")
    page.get_by_role("checkbox", name="loss").check()
    expect(header(page, "loss")).to_be_visible()
    page.get_by_label("Move loss up").click()
    page.keyboard.press("Escape")
    assert columns(page) == ["sys/name", "sys/state", "loss", "lr"]
    choose(page, "loss", "Minimum")
    choose(page, "min(loss)", "2 decimals")
    choose(page, "min(loss)", "Rename")
    page.keyboard.type("Best")
    page.keyboard.press("Enter")
    choose(page, "min(loss)", "Pin to the left")
    choose(page, "sys/state", "Remove column")
    reloaded(page)
    assert columns(page) == ["sys/name", "min(loss)", "lr"]
    expect(header(page, "min(loss)")).to_contain_text("Best")
    expect(cell(page, "CATS-1", "min(loss)")).to_have_text("1.00")
    expect(cell(page, "CATS-6", "min(loss)")).to_have_text("\u22121.00")


@pytest.mark.slow
def test_points_of_series_are_columns_that_sort_filter_and_are_averaged_over_groups(
    table: RunningServer, page: Page
) -> None:
    writers = [HttpWriter(table.url, f"{number + 55555:032x}") for number in range(3)]
    for number, losses in enumerate(([4.0, 1.0, 2.0], [3.0, 2.0, 1.0], [1.0, 2.0, 3.0])):
        series = (floats("loss", [1, 2, 3], losses), floats("accuracy", [1, 2, 3], [0.1, 0.2, 0.3]))
        writers[number].write(create("lab/points", at=CREATED_AT + number), put("opt", "adam"), *series)
    open_table(page, table, "?columns=opt&columns=loss&columns=accuracy&sort=sys/creation_time", project="lab/points")
    choose(page, "loss", "First")
    expect(cell(page, "POIN-1", "first(loss)")).to_have_text("4")
    choose(page, "accuracy", "At the best step of")
    page.get_by_test_id("best-step-series").fill("los")
    page.get_by_role("option", name="loss").click()
    page.get_by_role("button", name="Show it").click()
    expect(cell(page, "POIN-1", "accuracy@min(loss)")).to_have_text("0.2")
    choose(page, "accuracy@min(loss)", "Sort ascending")
    expect(page.get_by_test_id("run-row").first).to_have_attribute("data-run-key", "POIN-3")
    header(page, "first(loss)").get_by_role("button").first.click(modifiers=["Shift"])
    expect(header(page, "first(loss)")).to_have_attribute("aria-sort", "descending")
    reloaded(page)
    assert columns(page) == ["sys/name", "opt", "first(loss)", "accuracy@min(loss)"]
    assert keys(page) == ["POIN-3", "POIN-1", "POIN-2"]
    expect(cell(page, "POIN-2", "accuracy@min(loss)")).to_have_text("0.3")
    expect(header(page, "accuracy@min(loss)")).to_contain_text("at min of loss")

    field, option = page.get_by_test_id("runs-filter"), page.get_by_test_id("completions").get_by_role("option")
    for typed, offered, written in (
        ("accuracy@", "accuracy@min(", "accuracy@min("),
        ("lo", "loss", "accuracy@min(loss) "),
        ("> 0.15 AND fir", "first(…)", "accuracy@min(loss) > 0.15 AND first("),
        ("los", "loss", "accuracy@min(loss) > 0.15 AND first(loss) "),
    ):
        field.press_sequentially(typed)
        option.filter(has_text=offered).first.click()
        expect(field).to_have_value(written)
    field.press_sequentially("< 4")
    expect(page.get_by_test_id("runs-total")).to_have_text("1")
    expect(page.get_by_test_id("run-row").first).to_have_attribute("data-run-key", "POIN-2")
    page.get_by_test_id("query-builder").click()
    expect(page.get_by_label("Path of condition 1")).to_have_value("accuracy@min(loss)")
    page.get_by_label("Remove condition 2").click()
    expect(field).to_have_value("accuracy@min(loss) > 0.15")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("runs-total")).to_have_text("2")
    # The best step of the third run becomes another one, and the table is told.
    writers[2].write(floats("loss", [4], [0.5]), floats("accuracy", [4], [0.25]))
    expect(page.get_by_test_id("runs-total")).to_have_text("3")
    expect(page.get_by_test_id("run-row").nth(1)).to_have_attribute("data-run-key", "POIN-3")

    field.fill("accuracy@best(loss) > 1")
    expect(page.get_by_test_id("query-problem")).to_contain_text("There is no '@best'.")
    field.fill("")
    field.press("Escape")  # closes what the field offers
    choose(page, "opt", "Group by this")
    group, run = page.get_by_test_id("group-row"), page.get_by_test_id("grouped-run")
    expect(group.get_by_role("gridcell").nth(3)).to_have_text("0.25 0.2 … 0.3")
    group.get_by_role("button").first.click()
    expect(run.filter(has_text="POIN-2").get_by_role("gridcell").nth(3)).to_have_text("0.3")


@pytest.mark.slow
def test_a_column_is_dragged_to_another_place_and_width_and_moved_by_keys(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?columns=sys/state&columns=lr&columns=loss")
    header(page, "loss").get_by_role("button").first.drag_to(header(page, "sys/state"))
    expect(page.get_by_test_id("column-header").nth(1)).to_have_attribute("data-column", "loss")
    header(page, "loss").get_by_role("button").first.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.get_by_test_id("column-header").nth(2)).to_have_attribute("data-column", "loss")
    before = header(page, "lr").bounding_box()
    grip = header(page, "lr").get_by_test_id("column-grip").bounding_box()
    assert before is not None
    assert grip is not None
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y, steps=3)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"columns=lr%3Bwidth%3D\d+"))
    reloaded(page)
    after = header(page, "lr").bounding_box()
    assert after is not None
    assert after["width"] == pytest.approx(before["width"] + 90, abs=3)
    assert columns(page) == ["sys/name", "sys/state", "loss", "lr"]


@pytest.mark.slow
def test_a_click_sorts_and_a_shift_click_sorts_by_one_more(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?columns=optimizer&columns=lr&columns=min(loss)")
    header(page, "optimizer").get_by_role("button").first.click()
    header(page, "lr").get_by_role("button").first.click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile("sort=-optimizer&sort=-lr"))
    expect(page.get_by_test_id("run-row").first).to_have_attribute("data-run-key", "CATS-5")
    assert keys(page) == ["CATS-5", "CATS-3", "CATS-1", "CATS-6", "CATS-4", "CATS-2"]
    reloaded(page)
    assert keys(page) == ["CATS-5", "CATS-3", "CATS-1", "CATS-6", "CATS-4", "CATS-2"]
    expect(header(page, "lr")).to_have_attribute("aria-sort", "descending")
    choose(page, "min(loss)", "Sort ascending")
    expect(page.get_by_test_id("run-row").first).to_have_attribute("data-run-key", "CATS-6")


@pytest.mark.slow
def test_the_filter_completes_paths_operators_and_states(table: RunningServer, page: Page) -> None:
    open_table(page, table)
    field = page.get_by_test_id("runs-filter")
    field.press_sequentially("with")
    option = page.get_by_test_id("completions").get_by_role("option")
    expect(option.first).to_contain_text("with space")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("`with space` ")
    expect(option.filter(has_text="CONTAINS").first).to_be_visible()
    field.press_sequentially("> 3 AND sys/state = fin")
    expect(option).to_have_count(1)
    option.first.click()
    expect(field).to_have_value("`with space` > 3 AND sys/state = finished ")
    expect(page.get_by_test_id("runs-total")).to_have_text("2")
    field.press("Escape")
    expect(page.get_by_test_id("completions")).to_have_count(0)
    # Of a path where runs have different kinds of things: once. Strings that runs have there are offered, too.
    writers = [HttpWriter(table.url, f"{number + 99999:032x}") for number in range(2)]
    writers[0].write(create("lab/mixed"), put("opt", "my own"), put("rate", 1))
    writers[1].write(create("lab/mixed"), put("opt", frozenset({"adam"})), put("rate", 0.5))
    open_table(page, table, project="lab/mixed")
    field.press_sequentially("ra")
    expect(option).to_have_text(["rateint or float, 2 runs"])
    field.fill("")
    field.press_sequentially("opt = ")
    expect(option).to_have_text(["adam", "my own"], use_inner_text=True)
    option.last.click()
    expect(field).to_have_value('opt = "my own" ')
    expect(page.get_by_test_id("runs-total")).to_have_text("1")


@pytest.mark.slow
def test_a_wrong_query_points_at_the_place_and_keeps_the_table(table: RunningServer, page: Page) -> None:
    open_table(page, table)
    page.get_by_test_id("runs-filter").fill("lr > 0.1 oops lr < 1")
    problem = page.get_by_test_id("query-problem")
    expect(problem).to_contain_text("Put AND or OR between them.")
    expect(page.get_by_test_id("run-row")).to_have_count(RUNS)
    page.get_by_role("button", name="Go there").click()
    assert (
        page.evaluate(
            "getSelection().toString() || document.activeElement.value.slice("
            "document.activeElement.selectionStart, document.activeElement.selectionEnd)"
        )
        == "oops"
    )


@pytest.mark.slow
def test_queries_find_runs_by_patterns_lists_tags_times_and_brackets(table: RunningServer, page: Page) -> None:
    open_table(page, table)
    total = page.get_by_test_id("runs-total")
    for query, found in (
        ('sys/name MATCHES "run [01]$"', "2"),
        ('optimizer IN ("adam", "lion")', "3"),
        ("sys/name CONTAINS 5", "1"),
        ("NOT (optimizer = adam OR lr > 0.4)", "2"),
        ("note EXISTS", "0"),
        ("sys/creation_time < 2100-01-01 AND min(loss) <= 1 AND sys/state = finished", "4"),
        ("sys/running_time < 1h", "6"),
        ('sys/tags CONTAINS "nobody has it"', "0"),
    ):
        page.get_by_test_id("runs-filter").fill(query)
        expect(total).to_have_text(found)
        expect(page.get_by_test_id("query-problem")).to_have_count(0)


@pytest.mark.slow
def test_the_table_is_filtered_sorted_and_left_for_a_run_by_keys_alone(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?columns=optimizer&columns=lr")
    page.keyboard.press("/")
    page.keyboard.type("optimizer = adam ")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("runs-total")).to_have_text("3")
    head = header(page, "lr").get_by_role("button").first
    for _ in range(30):
        page.keyboard.press("Tab")
        if head.evaluate("head => head === document.activeElement"):
            break
    expect(head).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(header(page, "lr")).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_test_id("run-row").first).to_have_attribute("data-run-key", "CATS-2")
    grid = page.get_by_role("grid")
    for _ in range(10):
        page.keyboard.press("Shift+Tab")
        if grid.evaluate("grid => grid === document.activeElement"):
            break
    expect(grid).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/runs/CATS-4$"))


@pytest.mark.slow
def test_the_builder_adds_conditions(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?search=lr > 0.25 OR lr < 0.15")
    page.get_by_test_id("query-builder").click()
    page.get_by_label("Path", exact=True).fill("optimizer")
    page.get_by_label("Comparison", exact=True).select_option("=")
    page.get_by_label("Value", exact=True).fill("adam")
    page.get_by_role("button", name="Add", exact=True).click()
    field = page.get_by_test_id("runs-filter")
    expect(field).to_have_value("(lr > 0.25 OR lr < 0.15) AND optimizer = adam")
    expect(page.get_by_test_id("runs-total")).to_have_text("2")
    page.keyboard.press("Escape")
    field.fill("lr > 0.15 AND optimizer = adam AND note NOT EXISTS")
    expect(page.get_by_test_id("runs-total")).to_have_text("3")
    page.get_by_test_id("query-builder").click()
    page.get_by_label("Value of condition 2").fill("sgd")
    page.keyboard.press("Enter")
    expect(field).to_have_value("lr > 0.15 AND optimizer = sgd AND note NOT EXISTS")
    page.get_by_label("Remove condition 3").click()
    page.get_by_label("Comparison of condition 1").select_option("<")
    page.get_by_label("Value of condition 1").press("Enter")
    expect(field).to_have_value("lr < 0.15 AND optimizer = sgd")
    expect(page.get_by_test_id("runs-total")).to_have_text("1")
    page.keyboard.press("Escape")
    field.fill("optimizer in (adam, other) and lr exists and sys/name contains run")
    expect(page.get_by_test_id("runs-total")).to_have_text("3")
    field.fill("sgd")
    page.get_by_test_id("query-builder").click()
    expect(page.get_by_text("takes the place of the words")).to_be_visible()
    page.get_by_label("Path", exact=True).fill("lr")
    page.get_by_label("Value", exact=True).fill("0.1")
    page.keyboard.press("Enter")
    expect(field).to_have_value("lr = 0.1")


@pytest.mark.slow
def test_runs_are_selected_by_mouse_and_by_keys_and_the_address_keeps_them(table: RunningServer, page: Page) -> None:
    open_table(page, table)
    page.get_by_role("checkbox", name="Select CATS-6").click()
    page.get_by_role("checkbox", name="Select CATS-4").click(modifiers=["Shift"])
    expect(page.get_by_test_id("selected-count")).to_have_text("3 runs selected")
    grid = page.get_by_role("grid")
    grid.focus()
    page.keyboard.press("End")
    page.keyboard.press(" ")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_test_id("selected-count")).to_have_text("5 runs selected")
    reloaded(page)
    expect(page.get_by_test_id("selected-count")).to_have_text("5 runs selected")
    chosen = page.locator("[role=row][aria-selected=true]")
    expect(chosen).to_have_count(5)
    page.get_by_test_id("compare").click()
    expect(page).to_have_url(re.compile(rf"/{PROJECT}/compare\?runs={4:032x}|/compare\?runs=[0-9a-f,%C]+$"))
    page.go_back()
    expect(page.get_by_test_id("selected-count")).to_have_text("5 runs selected")
    page.get_by_role("grid").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("selection")).to_have_count(0)
    page.get_by_role("checkbox", name="Select all runs that are loaded").click()
    expect(page.get_by_test_id("selected-count")).to_have_text(f"{RUNS} runs selected")


@pytest.mark.slow
def test_new_runs_do_not_move_what_one_reads(table: RunningServer, page: Page) -> None:
    open_table(page, table, project="lab/many")
    grid = page.get_by_role("grid")
    grid.evaluate("grid => grid.scrollTo({top: 34 * 30})")
    shown = page.locator('[data-run-key="MANY-165"]')
    expect(shown).to_be_visible()
    before = shown.bounding_box()
    HttpWriter(table.url, f"{9999:032x}").write(create(project="lab/many", at=CREATED_AT + MANY))
    hint = page.get_by_test_id("new-runs")
    expect(hint).to_contain_text("1 new run")
    after = shown.bounding_box()
    assert before is not None
    assert after is not None
    assert after["y"] == pytest.approx(before["y"], abs=1)
    hint.click()
    expect(page.locator(f'[data-run-key="MANY-{MANY + 1}"]')).to_be_visible()
    expect(hint).to_have_count(0)


@pytest.mark.slow
def test_cells_move_while_a_run_logs(table: RunningServer, page: Page) -> None:
    run = HttpWriter(table.url, f"{77777:032x}")
    run.write(create(project="lab/live"), floats("loss", [1], [5.0]))
    open_table(page, table, "?columns=loss&columns=count(loss)", project="lab/live")
    expect(cell(page, "LIVE-1", "loss")).to_have_text("5")
    run.write(floats("loss", [2], [0.25]))
    expect(cell(page, "LIVE-1", "loss")).to_have_text("0.25")
    expect(cell(page, "LIVE-1", "count(loss)")).to_have_text("2")
    header(page, "count(loss)").get_by_role("button").first.click()
    expect(header(page, "count(loss)")).to_have_attribute("aria-sort", "descending")


@pytest.mark.slow
def test_the_table_looks_and_is_accessible(table: RunningServer, look: Look) -> None:
    page = look.page
    open_table(
        page, table, "?columns=sys/state&columns=min(loss);pinned&columns=lr&columns=sys/tags&sort=optimizer&sort=lr"
    )
    for number in range(3):
        page.get_by_role("checkbox", name="Select CATS").nth(number).click()
    expect(page.get_by_test_id("selected-count")).to_have_text("3 runs selected")
    look.at("table-selected")
    page.get_by_role("button", name="Set a value").click()
    page.get_by_test_id("bulk-path").fill("opt")
    page.get_by_role("option", name="optimizer").click()
    expect(page.get_by_role("textbox", name="New value of optimizer")).to_be_visible()
    look.at("table-set-value")
    page.keyboard.press("Escape")
    choose(page, "min(loss)", "At the best step of")
    expect(page.get_by_test_id("best-step-series")).to_be_visible()
    look.at("table-best-step")
    page.keyboard.press("Escape")
    page.get_by_test_id("column-picker").click()
    expect(page.get_by_test_id("column-choice").first).to_be_visible()
    look.at("table-columns")
    page.keyboard.press("Escape")
    page.get_by_test_id("runs-filter").fill("lr > 0.2 AND o")
    expect(page.get_by_test_id("completions")).to_be_visible()
    expect(page.get_by_test_id("query-problem")).to_be_visible()
    look.at("table-query")
    open_table(page, table)
    page.get_by_test_id("table-menu").click()
    expect(page.get_by_role("menuitem", name="Export as CSV")).to_be_visible()
    look.at("table-menu")
    page.get_by_role("menuitem", name="Save this view").click()
    expect(page.get_by_role("checkbox", name="Share it")).to_be_visible()
    look.at("table-save")
    open_table(page, table, "?search=lr > 0.15 AND optimizer = adam")
    page.get_by_test_id("query-builder").click()
    expect(page.get_by_test_id("condition")).to_have_count(2)
    look.at("table-builder")
    page.goto(
        f"{table.url}/{PROJECT}?group=optimizer&group=sys/state&columns=lr&columns=loss"
        '&open=["adam"]&open=["sgd"]&open=["adam","finished"]'
    )
    expect(page.get_by_test_id("grouped-run").first).to_be_visible()
    look.at("table-groups")
    page.goto(f"{table.url}/{PROJECT}?trash=1")
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    look.at("table-trash")
    assert not look.faults
