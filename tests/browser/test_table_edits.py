"""The runs table, written to: names, tags, notes and values of runs, one by one or together, and the trash."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from asking import HttpWriter, ask
from marigram.model import RunStatus, SetStatus
from operations import CREATED_AT, create, put
from running_server import RunningServer
from tabled import cell, open_table, reloaded


@pytest.mark.slow
def test_name_tags_and_notes_are_edited_where_they_stand(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?columns=sys/tags&columns=sys/description")
    page.get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("F2")
    page.get_by_role("textbox", name="Name of CATS-6").fill("renamed")
    page.keyboard.press("Enter")
    expect(cell(page, "CATS-6", "sys/name")).to_contain_text("renamed")
    cell(page, "CATS-6", "sys/tags").hover()
    page.get_by_label("Edit the tags of CATS-6").click()
    for tag in ("good", "old"):
        page.get_by_label("Add a tag to CATS-6").fill(tag)
        page.keyboard.press("Enter")
        expect(page.get_by_label(f"Remove tag {tag}")).to_be_visible()
    page.get_by_label("Remove tag old").click()
    expect(page.get_by_label("Remove tag old")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(cell(page, "CATS-6", "sys/tags")).to_contain_text("good")
    cell(page, "CATS-6", "sys/description").hover()
    page.get_by_label("Edit the notes of CATS-6").click()
    page.get_by_role("textbox", name="Notes of CATS-6").fill("It works,\nmostly.")
    page.get_by_role("button", name="Save").click()
    expect(cell(page, "CATS-6", "sys/description")).to_contain_text("It works")
    reloaded(page)
    expect(cell(page, "CATS-6", "sys/name")).to_contain_text("renamed")
    expect(cell(page, "CATS-6", "sys/tags")).to_contain_text("good")
    expect(cell(page, "CATS-6", "sys/tags")).not_to_contain_text("old")


@pytest.mark.slow
def test_values_are_edited_where_they_stand_and_of_all_selected_runs(table: RunningServer, page: Page) -> None:
    done = SetStatus(status=RunStatus.FINISHED, at=CREATED_AT)
    for number in range(3):
        writer = HttpWriter(table.url, f"{number + 44444:032x}")
        writer.write(
            create("lab/edited", at=CREATED_AT + number), put("lr", 0.5), *([put("depth", 3)] if number else []), done
        )
    HttpWriter(table.url, f"{44444:032x}", "other").write(put("seed", 2**53 + 1))
    open_table(
        page, table, "?columns=depth&columns=lr&columns=seed;format=full&sort=sys/creation_time", project="lab/edited"
    )
    page.get_by_role("grid").focus()
    # What is no value of this run is not edited, and neither is another one instead.
    for key in ("Home", "ArrowRight", "F2", "ArrowRight", "ArrowRight", "F2"):
        page.keyboard.press(key)
    expect(page.get_by_role("textbox", name="seed of EDIT-1")).to_have_value("9007199254740993")
    page.get_by_role("textbox", name="seed of EDIT-1").fill("-9007199254740995")
    page.keyboard.press("Enter")
    expect(cell(page, "EDIT-1", "seed")).to_have_text("\u22129007199254740995")
    expect(page.get_by_role("textbox", name="seed of EDIT-1")).to_have_count(0)
    for key in ("ArrowLeft", "F2"):
        page.keyboard.press(key)
    field = page.get_by_role("textbox", name="lr of EDIT-1")
    expect(field).to_have_value("0.5")
    field.fill("fast")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("value-editor").get_by_role("alert")).to_contain_text("This is no float.")
    field.fill("0.125")
    page.keyboard.press("Enter")
    expect(cell(page, "EDIT-1", "lr")).to_have_text("0.125")
    cell(page, "EDIT-2", "depth").hover()
    page.get_by_label("Edit depth of EDIT-2").click()
    page.get_by_role("textbox", name="depth of EDIT-2").fill("4")
    page.get_by_role("button", name="Save").click()
    expect(cell(page, "EDIT-2", "depth")).to_contain_text("4")
    page.get_by_role("checkbox", name="Select all runs that are loaded").click()
    page.get_by_role("button", name="Set a value").click()
    page.get_by_test_id("bulk-path").fill("dep")
    page.get_by_role("option", name="depth").click()
    page.get_by_role("textbox", name="New value of depth").fill("7")
    page.keyboard.press("Enter")
    expect(cell(page, "EDIT-3", "depth")).to_contain_text("7")
    expect(cell(page, "EDIT-2", "depth")).to_contain_text("7")
    # A run that has no such value is left as it was, and named.
    expect(page.get_by_role("alert")).to_contain_text("One run was left as it was: EDIT-1")
    reloaded(page)
    expect(cell(page, "EDIT-1", "lr")).to_contain_text("0.125")


@pytest.mark.slow
def test_runs_are_tagged_trashed_restored_and_deleted_together(server: RunningServer, page: Page) -> None:
    done = SetStatus(status=RunStatus.FINISHED, at=CREATED_AT)
    for number in range(3):
        HttpWriter(server.url, f"{number:032x}").write(create(), done)
    open_table(page, server)
    for key in ("CATS-1", "CATS-2"):
        page.get_by_role("checkbox", name=f"Select {key}").click()
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("textbox", name="Tag").fill("gone soon")
    page.get_by_role("button", name="Add to all").click()
    expect(page.get_by_text("gone soon")).to_have_count(2)
    page.get_by_role("button", name="Move to trash").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("run-row")).to_have_count(1)
    page.get_by_test_id("table-menu").click()
    page.get_by_role("menuitem", name="Show the trash").click()
    expect(page.get_by_test_id("run-row")).to_have_count(2)
    page.get_by_role("checkbox", name="Select CATS-1").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_test_id("run-row")).to_have_count(1)
    page.get_by_role("checkbox", name="Select CATS-2").click()
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    page.get_by_role("button", name="Back to the runs").click()
    expect(page.get_by_test_id("run-row")).to_have_count(2)


@pytest.mark.slow
def test_what_the_server_refuses_is_said_and_stays_selected(table: RunningServer, page: Page) -> None:
    run = f"{88888:032x}"
    HttpWriter(table.url, run).write(create(project="lab/running"))
    assert ask(table.url, f"/api/v1/runs/{run}/trash", method="POST").status == 200
    open_table(page, table, "?trash=1", project="lab/running")
    page.get_by_role("checkbox", name="Select RUNN-1").click()
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("RUNN-1 still goes on. Stop it, then delete it.")
    expect(page.get_by_test_id("selected-count")).to_have_text("1 run selected")


@pytest.mark.slow
def test_all_runs_that_match_are_changed_also_those_that_are_not_loaded(table: RunningServer, page: Page) -> None:
    open_table(page, table, "?search=number < 70&columns=number&columns=sys/tags", project="lab/many")
    page.get_by_role("checkbox", name="Select all runs that are loaded").click()
    count = page.get_by_test_id("selected-count")
    expect(count).to_have_text("60 runs selected")
    page.get_by_role("button", name="Select all 70 that match").click()
    expect(count).to_have_text("70 runs selected")
    expect(page.get_by_test_id("compare")).to_be_disabled()
    reloaded(page)
    expect(count).to_have_text("70 runs selected")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("textbox", name="Tag").fill("few")
    page.keyboard.press("Enter")
    # Another filter selects nothing by itself.
    expect(count).to_have_text("70 runs selected")
    page.get_by_test_id("runs-filter").fill("sys/tags CONTAINS few")
    expect(page.get_by_test_id("runs-total")).to_have_text("70")
    expect(page.get_by_test_id("selection")).to_have_count(0)
    page.get_by_role("checkbox", name="Select all runs that are loaded").click()
    page.get_by_test_id("select-all").click()
    page.get_by_role("checkbox", name="Select MANY-70").click()
    expect(count).to_have_text("59 runs selected")
