"""All that a run has is found on its page: every line it printed, every value, picture and file."""

from __future__ import annotations

import io
import math
import re
import zipfile

import pyarrow as pa
import pytest
from playwright.sync_api import Locator, Page, Request, expect
from pyarrow import parquet

from asking import HttpWriter
from logged import LINES, NEEDLE, PROJECT, RUN, STDERR, STDOUT, WIDE, upload, write_logged
from marigram.model import RunStatus, SetStatus
from operations import CREATED_AT, attach, create, delete, floats, put, strings
from running_server import RunningServer
from waiting import wait_until

MOST_IN_DOM = 250
"""Lines that a window of 900 pixels and the rest around it may hold."""

ROWS_AT_ONCE = 200
"""Rows of a tree that the app asks for at a time."""


FILES = ("out/result", "out/deep/weights", "report/scores", "source_code/diff")
MEDIA = ("samples/input", "samples/mask", "samples/sound", "report/scores")


@pytest.fixture(scope="module")
def logged(shared_server: RunningServer) -> str:
    """The address of the run's page."""
    write_logged(shared_server.url)
    return f"{shared_server.url}/{PROJECT}/runs/{RUN}"


@pytest.mark.slow
def test_a_console_of_many_lines_is_searched_linked_and_followed(logged: str, page: Page) -> None:
    page.goto(f"{logged}?tab=console")
    lines = page.get_by_test_id("console-line")
    expect(lines.filter(has_text=f"batch {LINES} of {LINES}")).to_be_visible()
    expect(page.get_by_test_id("console-total")).to_have_text(re.compile(r"100.500 lines"))
    assert lines.count() <= MOST_IN_DOM
    expect(page.get_by_test_id("console-follow")).to_be_checked()

    # The whole log is searched, whatever is loaded, and colours within a word do not hide it.
    page.get_by_test_id("console-search").fill("needle")
    expect(page.get_by_test_id("console-found")).to_have_text(re.compile(". / 1$"))
    page.get_by_role("button", name="Next match").click()
    marked = page.locator("[data-testid=console-line][data-current=true]")
    expect(marked).to_have_attribute("data-line", str(NEEDLE))
    expect(marked).to_be_in_viewport()
    expect(page.get_by_test_id("console-found")).to_have_text(re.compile("^1 / 1$"))
    expect(page.get_by_test_id("console-follow")).not_to_be_checked()
    expect(page).to_have_url(re.compile(f"line={STDOUT}.{NEEDLE}".replace(".", "(:|%3A)")))
    assert lines.count() <= MOST_IN_DOM

    # The address leads to the line, with what the other output had at that time around it.
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(marked).to_be_in_viewport()
    page.get_by_test_id("console").evaluate("box => box.scrollBy(0, 1200)")
    expect(lines.filter(has_text="warning 62")).to_have_attribute("data-stream", "stderr")

    # One scrolls on beyond what was loaded.
    page.get_by_test_id("console-search").fill("")
    held = int(page.get_by_test_id("console").get_attribute("data-lines") or 0)
    page.get_by_test_id("console").evaluate("box => box.scrollBy(0, box.scrollHeight)")
    page.wait_for_function(
        "least => Number(document.querySelector('[data-testid=console]').dataset.lines) > least", arg=held
    )
    page.get_by_role("button", name="First line").click()
    expect(lines.filter(has_text=re.compile(r"batch 1 of"))).to_be_visible()
    page.get_by_role("button", name="Last line").click()
    expect(lines.filter(has_text=f"batch {LINES} of {LINES}")).to_be_visible()

    # Following ends when one scrolls up.
    page.get_by_test_id("console").hover()
    page.mouse.wheel(0, -900)
    expect(page.get_by_test_id("console-follow")).not_to_be_checked()


@pytest.mark.slow
def test_the_two_outputs_of_a_console_are_shown_apart_and_downloaded(logged: str, page: Page) -> None:
    page.goto(f"{logged}?tab=console&filter=warning+%5B0-9%5D7%24&regex=1")
    expect(page.get_by_test_id("console-found")).to_have_text(re.compile(". / 9$"))
    page.get_by_test_id("console-stream").get_by_text("stderr").click()
    expect(page).to_have_url(re.compile("stream=stderr"))
    lines = page.get_by_test_id("console-line")
    expect(lines.filter(has_text="warning 500")).to_be_visible()
    streams = "all => [...new Set(all.map(line => line.dataset.stream))]"
    wait_until(lambda: lines.evaluate_all(streams) == ["stderr"], "lines of stderr alone")
    page.get_by_test_id("console-search").press("Enter")
    expect(page.locator("[data-testid=console-line][data-current=true] mark")).to_have_text("warning 97")
    with page.expect_download() as download:
        page.get_by_test_id("console-download").click()
    text = download.value.path().read_text()
    assert text.splitlines() == [f"warning {at}" for at in range(1, 501)]
    page.get_by_test_id("console-stream").get_by_text("Both").click()
    expect(page).not_to_have_url(re.compile("stream="))
    wrapped = page.get_by_role("button", name="Wrap long lines")
    wrapped.click()
    expect(page).to_have_url(re.compile("wrap=1"))
    page.reload()
    expect(wrapped).to_have_attribute("aria-pressed", "true")


@pytest.mark.slow
def test_attributes_are_read_searched_copied_and_edited(logged: str, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{logged}?tab=attributes&filter=loss")
    row = page.get_by_test_id("attribute-row")
    loss = page.locator("[data-testid=attribute-row][data-path='train/loss']")
    for text in ("float series", "50 points", "0.02", "1"):
        expect(loss).to_contain_text(text)
    page.get_by_test_id("attributes-filter").fill("layers")
    expect(page).to_have_url(re.compile("filter=layers"))
    expect(row).to_have_count(2)
    page.get_by_test_id("attributes-filter").fill("parameters")
    layers = page.locator("[data-testid=attribute-row][data-path='parameters/layers']")
    expect(row).to_have_count(6)
    layers.get_by_role("button", name="Copy path parameters/layers").click()
    wait_until(lambda: page.evaluate("navigator.clipboard.readText()") == "parameters/layers", "the copy")
    layers.get_by_role("button", name="Copy value of parameters/layers").click()
    wait_until(lambda: page.evaluate("navigator.clipboard.readText()") == "3", "the copy")

    layers.get_by_role("button", name="Edit parameters/layers").click()
    editor = page.get_by_test_id("value-editor")
    editor.get_by_role("textbox").fill("3.5")
    editor.get_by_role("textbox").press("Enter")
    expect(editor.get_by_role("alert")).to_contain_text("A whole number")
    editor.get_by_role("textbox").fill("4")
    editor.get_by_role("textbox").press("Enter")
    expect(editor).to_have_count(0)
    expect(layers).to_contain_text("4")
    page.reload()
    expect(layers).to_contain_text("4")
    layers.click()
    layers.get_by_role("button", name="History of parameters/layers").click()
    expect(page.get_by_test_id("earlier-value")).to_have_text(re.compile(r"^3until .*, changed in the browser$"))
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("value-history")).to_have_count(0)


@pytest.mark.slow
def test_ten_thousand_attributes_are_asked_for_row_by_row(logged: str, page: Page) -> None:
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.extend([request] if _ASKS_WHAT_IT_HAS(request.url) else []))
    page.goto(f"{logged.replace(RUN, WIDE)}?tab=attributes")
    count, row, tree = (page.get_by_test_id("attributes-count"), page.get_by_test_id("attribute-row"), _tree(page))
    expect(count).to_have_text(re.compile("^10.00[0-9] attributes$"))
    # So many stand in closed folders at first; names are in the order for people.
    expect(row).to_have_count(2)
    page.locator("[data-path='weights']").click()
    expect(row.nth(12)).to_have_attribute("data-path", re.compile("layer10$"))
    page.get_by_test_id("attributes-filter").fill("layer99/w9")
    expect(count).to_have_text("11 found")
    expect(page.locator("[data-path='weights/layer99/w98']")).to_contain_text("1428.28")
    page.get_by_test_id("attributes-filter").fill("w9")
    expect(count).to_have_text(re.compile("^1.100 found$"))
    # Keys go to rows that have not come yet.
    tree.focus()
    page.keyboard.press("End")
    last = page.locator("[data-path='weights/layer99/w99']")
    expect(last).to_be_in_viewport()
    expect(last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-path='weights/layer99']")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(last).to_have_count(0)
    page.keyboard.press("Home")
    top = page.locator("[data-path='weights']")
    expect(top).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowLeft")
    expect(top).to_have_attribute("aria-expanded", "false")
    expect(row).to_have_count(1)
    page.get_by_test_id("attributes-filter").fill("/w9[/")
    expect(page.get_by_role("alert")).to_contain_text("no regular expression")
    assert row.count() <= MOST_IN_DOM
    bodies = [answer.json() for answer in (request.response() for request in finished) if answer is not None]
    assert any("rows" in body for body in bodies)
    assert max(len(body.get("rows", body.get("attributes", ()))) for body in bodies) <= ROWS_AT_ONCE

    # After the search, and for whoever follows the link, the folder is open that was open before.
    page.get_by_test_id("attributes-filter").fill("")
    expect(row.nth(12)).to_have_attribute("data-path", re.compile("layer10$"))
    expect(page).to_have_url(re.compile("toggled=weights(&|$)"))
    page.reload()
    expect(row.nth(12)).to_have_attribute("data-path", re.compile("layer10$"))


@pytest.mark.slow
def test_what_a_run_gets_while_one_looks_comes_into_its_trees(shared_server: RunningServer, page: Page) -> None:
    writer = HttpWriter(shared_server.url, run="56" * 16)
    one = upload(writer, b"text one\n", "one.txt", "text/plain")
    writer.write(create(PROJECT), put("params/lr", 0.5), floats("loss", [1], [1.0]))
    writer.write(*(attach(f"kept/part{at // 50}/f{at}", one) for at in range(205)))
    address = f"{shared_server.url}/{PROJECT}/runs/{writer.run}"
    page.goto(f"{address}?tab=attributes&filter=/params|loss/")
    row = {path: page.locator(f"[data-testid=attribute-row][data-path='{path}']") for path in ("loss", "params/new")}
    expect(row["loss"]).to_contain_text(re.compile("1 point(?!s)"))
    writer.write(put("params/new", 7), floats("loss", [2], [0.25]))
    expect(row["params/new"]).to_contain_text("7")
    expect(row["loss"]).to_contain_text("2 points")
    expect(row["loss"]).to_contain_text("0.25")
    writer.write(delete("params"))
    expect(row["params/new"]).to_have_count(0)
    expect(page.get_by_test_id("attributes-count")).to_have_text("1 found")

    # A link leads to a file wherever it is; so many stand in closed folders.
    page.goto(f"{address}?tab=files&path=kept/part4/f204")
    expect(page.get_by_test_id("code-line")).to_have_text(re.compile("text one"))
    total = page.get_by_test_id("files-sum")
    expect(total).to_have_text("205 files, 1.8 kB")
    expect(page.get_by_test_id("file-row")).to_have_count(0)
    writer.write(attach("kept/late", one))
    expect(total).to_have_text("206 files, 1.9 kB")
    page.get_by_role("button", name="Folder kept").click()
    expect(page.get_by_test_id("folder-row")).to_have_count(6)
    expect(page.get_by_test_id("file-row")).to_have_attribute("data-path", "kept/late")
    page.goto(f"{address}?tab=files&path=kept/none")
    expect(page.get_by_text("There is no file at kept/none")).to_be_visible()


_ASKS_WHAT_IT_HAS = re.compile(r"/runs/\w+/(tree|attributes)\?").search


def _tree(page: Page) -> Locator:
    return page.get_by_role("tree", name="Attributes")


@pytest.mark.slow
def test_media_share_one_slider_and_fill_the_window(logged: str, page: Page) -> None:
    page.goto(f"{logged}?tab=media")
    tile = {name: page.locator(f"[data-testid=media-tile][data-path='{name}']") for name in MEDIA}
    expect(tile["samples/input"]).to_have_attribute("data-step", "20")
    expect(tile["samples/input"]).to_contain_text("shade 160")
    expect(tile["samples/sound"].locator("audio")).to_have_count(1)
    expect(tile["report/scores"].get_by_role("cell", name="cat, grey")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("step=10"))
    expect(tile["samples/input"]).to_have_attribute("data-step", "10")
    expect(tile["samples/mask"]).to_have_attribute("data-step", "5")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("step=5"))
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("step=0"))
    expect(tile["samples/mask"]).to_contain_text("Nothing up to this step")
    report = page.get_by_role("button", name=re.compile("^report"))
    report.click()
    expect(page).to_have_url(re.compile("folded=report"))
    page.reload()
    expect(tile["samples/input"]).to_have_attribute("data-step", "0")
    expect(report).to_have_attribute("aria-expanded", "false")
    expect(tile["report/scores"]).to_have_count(0)

    tile["samples/input"].get_by_role("button", name="Show samples/input full screen").click()
    full = page.get_by_test_id("media-full")
    expect(full).to_have_attribute("data-path", "samples/input")
    page.keyboard.press("ArrowRight")
    expect(full).to_have_attribute("data-step", "10")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(full).to_have_attribute("data-path", "samples/mask")
    expect(page).to_have_url(re.compile("path=samples/mask"))
    page.keyboard.press("Escape")
    expect(full).to_have_count(0)


@pytest.mark.slow
def test_an_uploaded_page_reaches_neither_the_app_nor_the_server(logged: str, page: Page) -> None:
    refused = "origin null, app refused, storage refused, server refused"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{logged}?tab=media&filter=report")
    frame = page.locator("[data-testid=media-tile][data-path='report/page'] iframe")
    expect(frame.content_frame.locator("#found")).to_have_text(refused)
    drawing = page.locator("[data-testid=media-tile][data-path='report/drawing'] img")
    expect(drawing).to_be_visible()
    assert page.evaluate("window.pwned") is None
    # Whoever opens it by itself is no less safe.
    address = frame.get_attribute("src")
    page.goto(f"{logged.partition('/lab')[0]}{address}")
    expect(page.locator("#found")).to_have_text(refused)
    assert all(url.startswith((logged.partition("/lab")[0], "blob:", "data:")) for url in asked)


@pytest.mark.slow
def test_source_code_is_shown_in_colours_with_git_and_its_changes(logged: str, page: Page) -> None:
    page.goto(f"{logged}?tab=code")
    facts = page.get_by_test_id("git-facts")
    for text in ("0123456789", "slower", "Try a rate", "https://git.lab/cats"):
        expect(facts).to_contain_text(text)
    expect(page.get_by_test_id("git-dirty")).to_have_text("dirty")
    # The entry point is shown first, and only the lines on the screen are in the page.
    line = page.get_by_test_id("code-line")
    expect(line.filter(has_text="def train(rate=1e-3):").locator("[class*=keyword]")).to_have_text("def")
    assert line.count() <= MOST_IN_DOM
    page.get_by_role("button", name="Mark line 3", exact=True).click()
    expect(page).to_have_url(re.compile("path=source_code/files/train.py.*line=3"))
    page.goto(page.url.replace("line=3", "line=2000"))
    expect(page.locator("[data-testid=code-line][data-current=true]")).to_be_in_viewport()

    page.get_by_test_id("diff-file").filter(has_text="notes.md").click()
    expect(page.get_by_test_id("diff-file").filter(has_text="train.py")).to_contain_text("+2")
    added = page.locator("[data-testid=diff-line][data-diff=added]")
    expect(added).to_have_count(3)
    expect(page.locator("[data-testid=diff-line][data-diff=removed]")).to_contain_text("rate = 0.1")
    expect(page).to_have_url(re.compile("path=source_code/diff.*line=notes.md"))
    colour = "line => getComputedStyle(line).backgroundColor"
    assert added.first.evaluate(colour) != page.locator("[data-diff=removed]").first.evaluate(colour)
    page.reload()
    expect(page.get_by_test_id("diff-file").filter(has_text="notes.md")).to_have_attribute("aria-current", "true")


@pytest.mark.slow
def test_files_stand_in_a_tree_are_previewed_and_come_as_archives(logged: str, page: Page) -> None:
    page.goto(f"{logged}?tab=files")
    file = {name: page.locator(f"[data-testid=file-row][data-path='{name}']") for name in FILES}
    file["out/result"].click()
    expect(page.get_by_test_id("code-line").filter(has_text='"f1": 0.97')).to_be_visible()
    expect(page).to_have_url(re.compile("path=out/result"))
    file["report/scores"].click()
    expect(page.get_by_test_id("text-table").get_by_role("cell", name="cat, grey")).to_be_visible()
    file["source_code/diff"].click()
    expect(page.get_by_test_id("diff-file-head").first).to_contain_text("train.py")
    file["out/deep/weights"].click()
    expect(page.get_by_text("No preview for application/octet-stream")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_test_id("file-download").click()
    assert (download.value.suggested_filename, download.value.path().read_bytes()) == ("weights.pt", bytes(5000))
    deep = page.get_by_role("button", name="Folder out/deep")
    deep.click()
    expect(file["out/deep/weights"]).to_have_count(0)
    expect(page).to_have_url(re.compile("toggled=out/deep"))
    page.reload()
    expect(deep).to_have_attribute("aria-expanded", "false")
    # A search shows all that it finds; after it, what was closed before is closed.
    page.get_by_test_id("files-filter").fill("weights")
    expect(page.get_by_test_id("file-row")).to_have_count(1)
    expect(page).not_to_have_url(re.compile("toggled="))
    page.get_by_test_id("files-filter").fill("")
    expect(deep).to_have_attribute("aria-expanded", "false")
    page.get_by_test_id("tab-attributes").click()
    expect(page).not_to_have_url(re.compile("toggled="))
    page.get_by_test_id("tab-files").click()
    expect(file["out/deep/weights"]).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download out as ZIP").click()
    assert download.value.suggested_filename == "out.zip"
    with zipfile.ZipFile(download.value.path()) as archive:
        assert sorted(archive.namelist()) == ["out/deep/paper.pdf", "out/deep/weights.pt", "out/result.json"]


def _parquet() -> bytes:
    stream = io.BytesIO()
    columns = {"id": [1, 2**53 + 1], "score": [0.5, math.nan], "text": ["one", "two"]}
    parquet.write_table(pa.table(columns), stream)
    return stream.getvalue()


@pytest.mark.slow
def test_files_that_are_odd_damaged_or_large_are_shown_as_well_as_can_be(
    shared_server: RunningServer, page: Page
) -> None:
    writer = HttpWriter(shared_server.url, run="57" * 16)
    rows = "".join(f"{row},{'x' * 80}\n" for row in range(30_000))
    files = {
        "wide": ("wide.txt", "text/plain", "wörter 你好".encode("utf-16")),
        "bytes": ("bytes.txt", "text/plain", bytes(range(256))),
        "seed": ("seed.json", "application/json", b'{"seed": 12345678901234567890}'),
        "torn": ("torn.png", "image/png", b"\x89PNG and no more"),
        "long": ("long.csv", "text/csv", f"row,text\n{rows}".encode()),
        "log": ("long.txt", "text/plain", rows.encode()),
        "packed": ("packed.parquet", "application/vnd.apache.parquet", _parquet()),
    }
    odd = [attach(name, upload(writer, content, own, kind)) for name, (own, kind, content) in files.items()]
    writer.write(create(PROJECT), *odd)
    address = f"{shared_server.url}/{PROJECT}/runs/{writer.run}"
    page.goto(f"{address}?tab=files")
    shown = {name: page.get_by_role("region", name=name, exact=True) for name in files}

    def opened(name: str) -> Locator:
        page.locator(f"[data-testid=file-row][data-path='{name}']").click()
        return shown[name]

    expect(opened("wide").get_by_test_id("code-line")).to_contain_text("wörter 你好")
    expect(opened("bytes")).to_contain_text("The file holds no text")
    expect(opened("seed").get_by_test_id("code-line").nth(1)).to_contain_text('"seed": 12345678901234567890')
    expect(opened("torn").get_by_test_id("broken-file")).to_contain_text("This picture cannot be shown")
    expect(opened("long").get_by_text("Only the first 1\u202f000 rows.")).to_be_visible()
    expect(page.get_by_role("cell", name="999", exact=True)).to_have_count(1)
    expect(opened("log").get_by_text("Only the first 2.0 MB.")).to_be_visible()
    expect(page.get_by_test_id("code-line").first).to_contain_text("0,xxx")
    expect(opened("packed").get_by_role("row").nth(2)).to_have_text(re.compile("^9007199254740993.*NaN.*two$"))
    page.goto(f"{address}?tab=media")
    tile = {name: page.locator(f"[data-testid=media-tile][data-path='{name}']") for name in files}
    expect(tile["packed"].get_by_role("row")).to_have_count(3)
    expect(tile["torn"].get_by_test_id("broken-file")).to_be_visible()
    expect(tile["long"].get_by_role("row")).to_have_count(21)


@pytest.mark.slow
def test_a_run_leads_to_those_it_belongs_with(logged: str, page: Page) -> None:
    page.goto(f"{logged}?tab=lineage")
    expect(page.get_by_role("region", name="Resumed")).to_contain_text("resumed once")
    forks = page.get_by_role("region", name="Forks")
    expect(forks).to_contain_text("another way")
    expect(forks).to_contain_text("at step 25")
    group = page.get_by_role("region", name='Group sweep "7"')
    expect(group.get_by_test_id("related-run")).to_have_count(1)
    forks.get_by_role("link").click()
    expect(page.get_by_test_id("run-name")).to_have_text("another way")
    page.get_by_test_id("tab-lineage").click()
    expect(page.get_by_role("region", name="Forked from")).to_contain_text("everything")
    group.get_by_role("link", name="Show the group in the runs table").click()
    expect(page.get_by_test_id("run-row")).to_have_count(2)


@pytest.mark.slow
def test_processes_their_hardware_the_receipt_and_what_logging_costs_are_shown(
    shared_server: RunningServer, page: Page
) -> None:
    writer = HttpWriter(shared_server.url, run="34" * 16)
    writer.write(create(PROJECT))
    cost = {"call_p50_us": 1.25, "call_p99_us": 4.0, "queue_operations": 30.0, "queue_bytes": 960.0, "lag_s": 0.5}
    for name, rank in (("a", 0), ("b", 1)):
        below = f"monitoring/{name}"
        writer.write(
            put(f"{below}/pid", 70 + rank), put(f"{below}/hostname", f"node{rank}"), put(f"{below}/rank", rank)
        )
        writer.write(
            floats(f"{below}/cpu", [1, 2], [30.0, 60.0]), floats(f"{below}/gpu_power_0", [1, 2], [200.0, 210.0])
        )
        writer.write(*(floats(f"{below}/logging/{what}", [1], [value]) for what, value in cost.items()))
    said = {"points_logged": 12, "points_stored": 11, "points_dropped": 1}
    writer.write(*(put(f"sys/receipt/{name}", count) for name, count in said.items()))
    writer.write(put("sys/drops/invalid_path", 1), SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 5))
    page.goto(f"{shared_server.url}/{PROJECT}/runs/{writer.run}?tab=monitoring")
    for host in ("node0", "node1"):
        expect(page.locator("dl").filter(has_text=host)).to_have_count(1)
        expect(page.get_by_role("button", name=re.compile(host)).first).to_have_attribute("aria-expanded", "true")
    panel = page.locator("[data-testid=chart-panel][data-path='monitoring/b/gpu_power_0']")
    expect(panel).to_contain_text("(W)")
    expect(panel).to_have_attribute("data-points", "2")
    expect(page.get_by_test_id("receipt")).to_have_text("!1 dropped")
    expect(page.get_by_test_id("receipt")).to_have_accessible_name(
        "1 dropped. 12 points logged, 11 stored, 1 dropped (invalid_path 1)"
    )
    expect(page.get_by_test_id("logger-cost")).to_have_text("1.3 µs per call")
    page.get_by_test_id("logger-cost").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("one of a hundred: 4 µs")
    expect(page.get_by_role("tooltip")).to_contain_text("60 operations")


@pytest.mark.slow
def test_what_one_reads_stays_while_the_run_prints_on(shared_server: RunningServer, page: Page) -> None:
    writer = HttpWriter(shared_server.url, run="12" * 16)
    writer.write(create(PROJECT), strings(STDOUT, list(range(1, 301)), [f"line {at}" for at in range(1, 301)]))
    page.goto(f"{shared_server.url}/{PROJECT}/runs/{writer.run}?tab=console")
    line = page.get_by_test_id("console-line")
    expect(line.filter(has_text="line 300")).to_be_visible()
    writer.write(strings(STDOUT, [301], ["line 301"]))
    expect(line.filter(has_text="line 301")).to_be_visible()
    page.get_by_test_id("console").evaluate("box => box.scrollTo(0, 0)")
    expect(line.filter(has_text=re.compile("^.*line 1$"))).to_be_visible()
    # The other output begins, and nothing that is on the screen moves.
    writer.write(strings(STDERR, [1], ["a first warning"]), strings(STDOUT, [302], ["line 302"]))
    expect(page.get_by_test_id("console-total")).to_have_text("303 lines")
    expect(page.get_by_test_id("console-follow")).not_to_be_checked()
    expect(line.filter(has_text=re.compile("^.*line 1$"))).to_be_visible()
