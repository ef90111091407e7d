"""Runs of thousands of series, pictures, files: the browser learns of those that it shows, and how many others."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from asking import HttpWriter
from logged import upload
from operations import attach, create, floats, put, strings
from running_server import RunningServer

RUN = f"{0xE0:032x}"
SECTIONS, EACH = 100, 100
AT_ONCE = 300
"""Paths that may come with the sections of a page."""

ROWS_AT_ONCE = 200
"""Rows of a tree that the app asks for at a time."""

MANY = f"{0xE1:032x}"
PICTURES = 6000
SCRIPTS = 6000
RANKS, TEXTS = 35, 300
VALUES, NOTES = 8000, 300
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle r="30" fill="teal"/></svg>'


@pytest.fixture(scope="module")
def writer(shared_server: RunningServer) -> HttpWriter:
    writer = HttpWriter(shared_server.url, RUN)
    writer.write(create("lab/deep"))
    for layer in range(SECTIONS):
        writer.write(*(floats(f"layer{layer}/w{unit}", [1, 2], [layer, unit]) for unit in range(EACH)))
    return writer


@pytest.fixture
def paths_sent(page: Page) -> Callable[[], list[int]]:
    """How many paths each answer brought so far. To be called before the page is left, with which its answers go."""
    finished: list[Request] = []
    counts: list[int] = []
    asks_what_there_is = re.compile(
        r"/(series/sections|series/paths|runs/\w+/(attributes|tree|media|media/sections|texts|texts/values))(\?|$)"
    ).search
    page.on("requestfinished", lambda request: finished.extend([request] if asks_what_there_is(request.url) else []))

    def sent() -> list[int]:
        while finished:
            answer = finished.pop().response()
            body = {} if answer is None else answer.json()
            counts.extend(
                sum(len(section.get("paths", section.get("media"))) for section in body[name])
                if name == "sections"
                else len(body[name])
                for name in ("sections", "paths", "attributes", "rows", "pairs")
                if name in body
            )
        return counts

    return sent


@pytest.fixture(scope="module")
def many(shared_server: RunningServer) -> str:
    """The address of a run of thousands of pictures and of source files."""
    writer = HttpWriter(shared_server.url, MANY)
    picture = upload(writer, SVG, "picture.svg", "image/svg+xml")
    writer.write(create("lab/many"), *(attach(f"part{at % 3}/p{at}", picture) for at in range(PICTURES)))
    script = upload(writer, b"print('one of many')\n", "script.py", "text/x-python")
    names = (f"source_code/files/pkg{at % 20}/m{at}.py" for at in range(SCRIPTS))
    writer.write(put("source_code/git/untracked", "new.py\nodd.py"), *(attach(name, script) for name in names))
    said = [
        strings(f"monitoring/rank{rank}/{output}", [rank], [f"{output} of {rank}"])
        for rank in range(RANKS)
        for output in ("stdout", "stderr")
    ]
    writer.write(*said, *(strings(f"samples/text{at}", [1], [f"sample {at}"]) for at in range(TEXTS)))
    for number in (1, 2):
        other = HttpWriter(shared_server.url, f"{0xE1 + number:032x}")
        note = upload(other, b"note", f"note{number}.txt", "text/plain")
        # Each even one differs.
        values = (put(f"params/p{at}", at if at % 2 else at * number + 1) for at in range(VALUES))
        other.write(create("lab/pairs"), *values, *(attach(f"notes/n{at}", note) for at in range(NOTES)))
    return f"{shared_server.url}/lab/many/runs/MANY-1"


@pytest.mark.slow
@pytest.mark.usefixtures("writer")
def test_charts_come_by_sections_and_the_others_when_one_looks_for_them(
    shared_server: RunningServer, page: Page, paths_sent: Callable[[], list[int]]
) -> None:
    page.goto(f"{shared_server.url}/lab/deep/runs/DEEP-1")
    panels, heading = page.get_by_test_id("chart-panel"), page.get_by_role("button", name=re.compile("^layer"))
    expect(panels.first).to_have_attribute("data-path", "layer0/w0")
    expect(panels.first.locator("canvas")).to_be_visible()
    expect(heading).to_have_count(SECTIONS)
    expect(panels).to_have_count(AT_ONCE)
    # Numbers are in the order of numbers.
    expect(heading.nth(10)).to_have_text(f"layer10{EACH}")
    heading.nth(50).click()
    expect(page.locator("[data-path='layer50/w0']")).to_have_count(1)
    expect(panels).to_have_count(AT_ONCE + EACH)
    search = page.get_by_test_id("charts-filter")
    search.fill("/^layer(7|77)/w9[0-4]$/")
    expect(panels).to_have_count(10)
    expect(panels.last).to_have_attribute("data-path", "layer77/w94")
    expect(panels.first).to_be_in_viewport()
    search.fill("/(?=w)/")
    expect(page.get_by_role("alert")).to_contain_text("look-around and back-references are not possible")
    search.fill("no such words")
    expect(page.get_by_text("No series matches the filter")).to_be_visible()
    assert max(paths_sent()) <= AT_ONCE


@pytest.mark.slow
def test_series_deep_down_are_linked_computed_with_and_seen_as_soon_as_they_are_there(
    shared_server: RunningServer, writer: HttpWriter, page: Page, paths_sent: Callable[[], list[int]]
) -> None:
    page.goto(f"{shared_server.url}/lab/deep/runs/DEEP-1?path=layer88/w8&expr=layer99 * 2")
    large = page.get_by_role("dialog").get_by_test_id("chart-panel")
    expect(large).to_have_attribute("data-path", "layer88/w8")
    expect(large.locator("canvas")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("expression-problem")).to_contain_text("There is no series “layer99”")
    page.get_by_test_id("expression").fill("`layer99/w99` * 2")
    page.get_by_test_id("expression").press("Enter")
    expect(page.get_by_test_id("expression-panel")).to_have_attribute("data-lines", "1")
    page.get_by_test_id("charts-filter").fill("new")
    expect(page.get_by_text("No series matches the filter")).to_be_visible()
    writer.write(floats("aa/new", [1, 2], [1, 2]))
    expect(page.locator("[data-path='aa/new'] canvas")).to_be_visible()
    assert max(paths_sent()) <= AT_ONCE


@pytest.mark.slow
def test_each_of_thousands_of_pictures_is_reached(many: str, page: Page, paths_sent: Callable[[], list[int]]) -> None:
    page.goto(f"{many}?tab=media")
    tile = page.get_by_test_id("media-tile")
    expect(tile.first).to_have_attribute("data-path", "part0/p0")
    expect(tile.first.get_by_role("img")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^part2"))).to_have_text("part22000")
    # A section goes on as one comes to its end.
    page.locator("[data-path='part0/p177']").scroll_into_view_if_needed()
    expect(page.locator("[data-path='part0/p180']")).to_have_count(1)
    page.get_by_test_id("media-filter").fill("p599")
    expect(tile).to_have_count(11)
    tile.last.get_by_role("img").click()
    full = page.get_by_test_id("media-full")
    expect(full).to_have_attribute("data-path", "part2/p5999")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(full).to_have_attribute("data-path", "part0/p5991")
    # A link opens one that stands far behind those that were fetched.
    assert len(paths_sent()) >= 3
    page.goto(f"{many}?tab=media&path=part1/p4000")
    expect(full.get_by_role("img")).to_be_visible()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(full).to_have_attribute("data-path", "part1/p4003")
    page.get_by_role("button", name="Previous", exact=True).click()
    expect(full).to_have_attribute("data-path", "part1/p4000")
    page.keyboard.press("Escape")
    page.get_by_test_id("media-filter").fill("/(?=p)/")
    expect(page.get_by_role("alert")).to_contain_text("look-around")
    assert max(paths_sent()) <= AT_ONCE


@pytest.mark.slow
def test_each_of_thousands_of_source_files_is_reached(
    many: str, page: Page, paths_sent: Callable[[], list[int]]
) -> None:
    page.goto(f"{many}?tab=code")
    file, folder = page.get_by_test_id("code-file"), page.get_by_test_id("folder-row")
    # The first one is shown, though folders of so many are closed.
    expect(page.get_by_role("heading", name="pkg0/m0.py")).to_be_visible()
    expect(page.get_by_test_id("code-line")).to_have_text(re.compile("one of many"))
    expect(folder).to_have_count(20)
    expect(folder.last).to_have_text("pkg19 300")
    page.get_by_role("button", name="Folder source_code/files/pkg7").click()
    expect(file.first).to_have_attribute("data-path", "source_code/files/pkg7/m7.py")
    page.get_by_role("button", name="2 untracked").click()
    expect(page).to_have_url(re.compile("folded=untracked"))
    assert len(paths_sent()) >= 3
    page.reload()
    expect(page.get_by_text("odd.py")).to_be_visible()
    expect(file.first).to_have_attribute("data-path", "source_code/files/pkg7/m7.py")
    page.get_by_test_id("code-filter").fill("m5999.py")
    expect(file).to_have_count(1)
    file.click()
    expect(page).to_have_url(re.compile("path=source_code/files/pkg19/m5999.py"))
    expect(page.get_by_role("heading", name="pkg19/m5999.py")).to_be_visible()
    paths_sent()
    page.reload()
    expect(page.get_by_role("heading", name="pkg19/m5999.py")).to_be_visible()
    expect(file).to_have_attribute("aria-current", "true")
    assert max(paths_sent()) <= ROWS_AT_ONCE


@pytest.mark.slow
def test_each_of_many_texts_is_reached(many: str, page: Page, paths_sent: Callable[[], list[int]]) -> None:
    page.goto(f"{many}?tab=console")
    line, note = page.get_by_test_id("console-line"), page.get_by_role("note")
    # The console says what it covers.
    expect(note).to_contain_text("Of 70 outputs the first 64 are shown together.")
    expect(line.filter(has_text="stderr of 31")).to_be_visible()
    page.get_by_test_id("console-stream").get_by_text("stdout").click()
    expect(note).to_have_count(0)
    expect(line.filter(has_text="stdout of 34")).to_be_visible()
    page.get_by_test_id("console-source").fill("text29")
    page.get_by_role("option", name="samples/text299", exact=True).click()
    expect(line).to_have_text(re.compile("sample 299"))
    expect(page).to_have_url(re.compile("path=samples/text299"))
    paths_sent()
    page.reload()
    expect(line).to_have_text(re.compile("sample 299"))
    page.get_by_role("button", name="What to show: none").click()
    expect(note).to_contain_text("70 outputs")
    assert max(paths_sent()) <= AT_ONCE


@pytest.mark.slow
def test_texts_of_two_runs_of_thousands_of_values_say_what_they_cover(
    many: str, page: Page, paths_sent: Callable[[], list[int]]
) -> None:
    page.goto(f"{many.replace('many/runs/MANY-1', 'pairs/compare')}?runs=PAIR-1,PAIR-2&tab=texts")
    line, covered = page.get_by_test_id("diff-line"), page.get_by_test_id("values-count")
    expect(covered).to_have_text(re.compile(r"^3.999 of 8.000 values differ\.$"))
    expect(line.filter(has_text="params/p4: 5")).to_be_visible()
    expect(line.filter(has_text="params/p4: 9")).to_be_visible()
    # Lines come as one scrolls.
    page.get_by_test_id("diff-view").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    page.wait_for_function(
        "() => { const box = document.querySelector('[data-testid=diff-view]'); return box.scrollHeight > 500 * 19 }"
    )
    page.get_by_test_id("values-filter").fill("p799")
    expect(covered).to_have_text(re.compile(r"^5 of 11 values differ, of those that the search finds among 8.000\.$"))
    expect(line).to_have_count(10)
    names, found = page.get_by_test_id("text-item"), page.get_by_test_id("texts-count")
    expect(found).to_have_text("301 texts")
    page.get_by_test_id("texts-filter").fill("n299")
    expect(found).to_have_text("1 of 301 texts")
    expect(line).to_have_count(10)
    paths_sent()
    page.reload()
    expect(covered).to_contain_text("5 of 11 values differ")
    expect(names).to_have_count(1)
    names.click()
    expect(page.get_by_test_id("text-shown")).to_have_attribute("data-name", "notes/n299")
    expect(page.get_by_text("Both are the same.")).to_be_visible()
    page.get_by_test_id("texts-filter").fill("/(?=n)/")
    expect(page.get_by_role("alert")).to_contain_text("look-around")
    assert max(paths_sent()) <= AT_ONCE
