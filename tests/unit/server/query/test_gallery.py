"""What a run has to look at: which files count, sections, pages, and what stands beside one."""

from __future__ import annotations

import pytest

from doors import Doors
from marigram.server.query import AttributeAnswer, BadQuestion
from operations import RUN, attach, create, file_of, files, floats

PICTURE = file_of(b"picture", "a.png", "image/png")
TEXT = file_of(b"text")


@pytest.fixture
def filled(doors: Doors) -> Doors:
    doors.keep(b"picture")
    doors.keep(b"text")
    pictures = [attach(f"samples/p{at}", PICTURE) for at in (10, 9, 1)]
    others = attach("samples/notes", TEXT), attach("source_code/plot", PICTURE), floats("loss", [1])
    doors.write(create(), *pictures, *others, attach("zebra", PICTURE), files("aa/any", [1], [TEXT]))
    return doors


def paths(media: list[AttributeAnswer]) -> list[str]:
    return [each.attribute.path for each in media]


def test_media_come_in_sections_in_the_order_for_people(filled: Doors) -> None:
    answer = filled.query.gallery.sections(RUN, "", start=0, limit=9, per_section=2, at_once=4)
    assert [(each.name, each.count, paths(each.media)) for each in answer.sections] == [
        ("", 1, ["zebra"]),
        ("aa", 1, ["aa/any"]),
        ("samples", 3, ["samples/p1", "samples/p9"]),
    ]
    assert answer.sections[2].media[0].attribute.file == PICTURE
    assert (answer.section_count, answer.media_count, answer.all_count) == (3, 5, 5)
    answer = filled.query.gallery.sections(RUN, "/p\\d+$/", start=0, limit=9, per_section=9, at_once=9)
    assert [(each.name, each.count) for each in answer.sections] == [("samples", 3)]
    assert (answer.media_count, answer.all_count) == (3, 5)


def test_a_section_goes_on_where_its_last_page_ended(filled: Doors) -> None:
    page, cursor = filled.query.gallery.page(RUN, "", section="samples", after=None, limit=2)
    assert paths(page) == ["samples/p1", "samples/p9"]
    page, cursor = filled.query.gallery.page(RUN, "", section="samples", after=cursor, limit=2)
    assert (paths(page), cursor) == (["samples/p10"], None)


def test_each_stands_between_two_others_and_behind_the_last_is_the_first(filled: Doors) -> None:
    beside = filled.query.gallery.beside
    assert beside(RUN, "", "aa/any") == ("zebra", "samples/p1")
    assert beside(RUN, "", "samples/p10") == ("samples/p9", "zebra")
    assert beside(RUN, "samples", "aa/any") == ("samples/p10", "samples/p1")
    assert beside(RUN, "p9", "samples/p9") == ("samples/p9", "samples/p9")
    assert beside(RUN, "none", "samples/p9") == (None, None)


def test_a_search_that_is_no_expression_is_refused(filled: Doors) -> None:
    with pytest.raises(BadQuestion, match="no regular expression"):
        filled.query.gallery.beside(RUN, "/(/", "zebra")
