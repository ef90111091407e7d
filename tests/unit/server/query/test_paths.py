"""Where runs have something: sections, pages, and the order for people."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doors import Doors
from marigram.model import Kind
from marigram.server.query import BadQuestion, PathQuestion
from marigram.server.query.paths import path_matcher, people_key
from operations import RUN, create, floats, put

OTHER = "d" * 32
FLOATS = (Kind.FLOAT_SERIES,)


def all_of(*run_ids: str, text: str = "", below: str = "", beside: str = "", depth: int = 1) -> PathQuestion:
    return PathQuestion(run_ids=run_ids, kinds=FLOATS, text=text, below=below, beside=beside, depth=depth)


@pytest.fixture
def filled(doors: Doors) -> Doors:
    one = [floats(path, [1], [1.0]) for path in ("loss", "train/layer10/w", "train/layer2/w", "train/Acc")]
    doors.write(create(), put("lr", 0.1), *one, floats("monitoring/aa/cpu", [1], [1.0]))
    other = [floats(path, [1], [1.0]) for path in ("train/Acc", "val/acc", "zebra/x")]
    doors.write(create(), *other, put("train/layer2/w", 1.0), run=OTHER)
    return doors


def test_sections_come_in_the_order_for_people_with_monitoring_behind_the_others(filled: Doors) -> None:
    answer = filled.query.paths.sections(all_of(RUN, OTHER), start=0, limit=10, per_section=2, at_once=4)
    assert [(each.name, each.count, each.paths) for each in answer.sections] == [
        ("", 1, ["loss"]),
        ("train", 3, ["train/Acc", "train/layer2/w"]),
        ("val", 1, ["val/acc"]),
        ("zebra", 1, []),
        ("monitoring", 1, []),
    ]
    assert (answer.section_count, answer.path_count, answer.all_count, answer.run_count) == (5, 7, 7, 2)
    later = filled.query.paths.sections(all_of(RUN, OTHER), start=3, limit=1, per_section=2, at_once=4)
    assert [(each.name, each.paths) for each in later.sections] == [("zebra", ["zebra/x"])]


def test_a_search_narrows_by_words_or_by_a_pattern_and_says_how_many_there_are_without_it(filled: Doors) -> None:
    def found(text: str, *runs: str) -> tuple[list[str], int]:
        asked = all_of(*runs, text=text)
        answer = filled.query.paths.sections(asked, start=0, limit=10, per_section=9, at_once=9)
        return [path for each in answer.sections for path in each.paths], answer.all_count

    assert found("LAYER w", RUN) == (["train/layer2/w", "train/layer10/w"], 5)
    assert found("/^train.*(acc|2/w)$/", RUN, OTHER) == (["train/Acc", "train/layer2/w"], 7)
    assert found("nothing", RUN) == ([], 5)
    with pytest.raises(BadQuestion, match="no regular expression"):
        found("/(/", RUN)


def test_what_is_below_and_what_is_beside_a_path_part_all_series(filled: Doors) -> None:
    def paths(asked: PathQuestion) -> list[str]:
        return [*filled.query.paths.page(asked, section=None, after=None, limit=10)[0]]

    below, beside = paths(all_of(RUN, below="monitoring", depth=3)), paths(all_of(RUN, beside="monitoring"))
    assert below == ["monitoring/aa/cpu"]
    assert beside == ["loss", "train/Acc", "train/layer2/w", "train/layer10/w"]


def test_pages_go_on_where_the_last_one_ended(filled: Doors) -> None:
    page, cursor = filled.query.paths.page(all_of(RUN), section="train", after=None, limit=2)
    assert page == ["train/Acc", "train/layer2/w"]
    page, cursor = filled.query.paths.page(all_of(RUN), section="train", after=cursor, limit=2)
    assert (page, cursor) == (["train/layer10/w"], None)


def test_a_run_that_nobody_knows_has_nothing(filled: Doors) -> None:
    answer = filled.query.paths.sections(all_of("9" * 32), start=0, limit=10, per_section=2, at_once=4)
    assert (answer.sections, answer.all_count) == ([], 0)


def test_people_read_numbers_as_numbers_and_folders_before_longer_names() -> None:
    wanted = ["a/1", "a/2", "a/10", "a1", "A2", "a2", "a10/b2", "a10/b12", "ab", "b"]
    shuffled = random.Random(7).sample(wanted, len(wanted))
    assert sorted(shuffled, key=people_key) == wanted


@given(
    st.lists(st.text(max_size=40), max_size=20).flatmap(lambda texts: st.tuples(st.just(texts), st.permutations(texts)))
)
def test_the_order_for_people_is_one_order_of_all_texts(both: tuple[list[str], list[str]]) -> None:
    texts, shuffled = both
    assert sorted(texts, key=people_key) == sorted(shuffled, key=people_key)


def test_a_number_of_thousands_of_digits_is_a_text_like_others() -> None:
    assert people_key("9" * 5000) > people_key("8" * 5000)


def test_only_slashes_on_both_sides_make_a_pattern() -> None:
    assert path_matcher("a/")("x/A/b")
    assert not path_matcher("/^b/")("a/b")
    assert path_matcher("/")("a/b")
