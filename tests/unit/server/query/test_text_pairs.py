"""Which texts two runs have, and how their values differ."""

from __future__ import annotations

import math

import pytest

from doors import Doors
from marigram.server.query import BadQuestion
from operations import attach, create, file_of, put, strings

BEFORE, AFTER = f"{1:032x}", f"{2:032x}"
OLD, NEW = file_of(b"old", "requirements.txt"), file_of(b"new", "requirements.txt")
PICTURE = file_of(b"picture", "a.png", "image/png")


@pytest.fixture
def filled(doors: Doors) -> Doors:
    for content in (b"old", b"new", b"picture"):
        doors.keep(content)
    both = put("params/seed", 7), put("params/nan", math.nan), attach("source_code/files/b10.py", OLD)
    before = put("params/w10", 1), put("params/w9", 1.0), put("sys/name", "one"), attach("source_code/diff", OLD)
    after = put("params/w10", 1.0), put("params/w9", 2.0), put("sys/name", "two"), put("params/late", value=True)
    doors.write(
        create(), *both, *before, attach("source_code/requirements", OLD), strings("monitoring/b/stdout", [1], ["x"]),
        run=BEFORE,
    )  # fmt: skip
    outputs = strings("monitoring/c/stdout", [1], ["x"]), strings("monitoring/c/traceback", [1], ["x"])
    doors.write(
        create(), *both, *after, attach("source_code/requirements", NEW), attach("a", PICTURE), *outputs, run=AFTER
    )
    return doors


def test_texts_are_paired_by_what_they_are_and_say_whether_they_differ(filled: Doors) -> None:
    answer = filled.query.text_pairs.texts(BEFORE, AFTER, text="", start=0, limit=10)
    assert [(each.name, each.before is None, each.after is None, each.differs) for each in answer.pairs] == [
        ("configuration", False, False, True),
        ("stdout", False, False, None),
        ("traceback", True, False, True),
        ("source_code/diff", False, True, True),
        ("source_code/files/b10.py", False, False, False),
        ("source_code/requirements", False, False, True),
    ]
    stdout, requirements = answer.pairs[1], answer.pairs[5]
    assert stdout.before is not None
    assert stdout.before.path == "monitoring/b/stdout"
    assert requirements.after is not None
    assert requirements.after.file == NEW
    for each in answer.pairs:
        assert filled.query.text_pairs.text(BEFORE, AFTER, each.name) == each
    assert filled.query.text_pairs.text(BEFORE, AFTER, "a") is None


def test_a_search_finds_texts_by_name_and_brings_no_more_than_were_asked_for(filled: Doors) -> None:
    answer = filled.query.text_pairs.texts(BEFORE, AFTER, text="source", start=1, limit=1)
    assert [each.name for each in answer.pairs] == ["source_code/files/b10.py"]
    assert (answer.pair_count, answer.all_count, answer.first_differing) == (3, 6, "source_code/diff")
    answer = filled.query.text_pairs.texts(BEFORE, AFTER, text="standard output", start=0, limit=9)
    assert [each.name for each in answer.pairs] == ["stdout"]
    with pytest.raises(BadQuestion, match="no regular expression"):
        filled.query.text_pairs.texts(BEFORE, AFTER, text="/(/", start=0, limit=9)


def test_values_that_differ_are_told_and_all_are_counted(filled: Doors) -> None:
    answer = filled.query.text_pairs.values(BEFORE, AFTER, text="", start=0, limit=10)
    # A whole number that became a float is another value; no number is no number.
    assert [each.path for each in answer.pairs] == ["params/late", "params/w9", "params/w10"]
    late, nine = answer.pairs[:2]
    assert late.before is None
    assert late.after is not None
    assert late.after.attribute.value is True
    assert nine.before is not None
    assert nine.before.attribute.value == 1.0
    assert (answer.pair_count, answer.value_count, answer.all_count) == (3, 5, 5)
    assert (answer.before_count, answer.after_count) == (2, 3)
    answer = filled.query.text_pairs.values(BEFORE, AFTER, text="w", start=1, limit=1)
    assert [each.path for each in answer.pairs] == ["params/w10"]
    assert (answer.pair_count, answer.value_count, answer.all_count) == (2, 2, 5)
