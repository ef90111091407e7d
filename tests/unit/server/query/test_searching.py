"""Search in series of texts: every match once, in order, in bounded bites."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marigram.model import StringPoints
from marigram.server.query import BadQuestion, Found, TextSearch, searching
from marigram.server.query.searching import find_text


class Lines:
    """A string series in a list; step n is line n."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def __call__(self, *, first_step: float, last_step: float, limit: int, from_end: bool) -> StringPoints:
        steps = [float(at) for at in range(len(self.lines)) if first_step <= at <= last_step]
        steps = steps[-limit:] if from_end else steps[:limit]
        return StringPoints(steps=steps, times=[int(at) for at in steps], values=[self.lines[int(at)] for at in steps])


def search(lines: list[str], wanted: TextSearch, *, from_end: bool = False, limit: int = 100) -> Found:
    return find_text(Lines(lines), wanted, first_step=-math.inf, last_step=math.inf, from_end=from_end, limit=limit)


LINES = ["epoch 1", "Warning: NaN", "epoch 2", "warning: slow", "done"]


def test_text_is_found_whatever_its_case_unless_case_counts() -> None:
    assert search(LINES, TextSearch(text="WARNING")).points.steps == [1, 3]
    assert search(LINES, TextSearch(text="warning", ignore_case=False)).points.values == ["warning: slow"]
    assert search(LINES, TextSearch(text="straße")).points.steps == []
    assert search(["STRASSE"], TextSearch(text="straße")).points.steps == [0]


def test_regular_expressions_are_found_and_those_that_would_take_for_ever_take_no_time() -> None:
    assert search(LINES, TextSearch(text=r"epoch [0-9]$", regex=True)).points.steps == [0, 2]
    assert search(["a" * 5_000 + "b", "a"], TextSearch(text="(a+)+$", regex=True)).points.steps == [1]
    with pytest.raises(BadQuestion, match="no regular expression"):
        search(LINES, TextSearch(text="(", regex=True))


@given(st.lists(st.sampled_from(["hit", "miss"]), max_size=40), st.booleans(), st.integers(1, 5), st.integers(1, 7))
def test_going_on_from_cursor_to_cursor_finds_every_match_once(
    lines: list[str], from_end: bool, limit: int, slice_size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "_SLICE", slice_size)
        patch.setattr(searching, "MOST_SCANNED", 9)
        first, last = -math.inf, math.inf
        found: list[float] = []
        scanned = 0
        while True:
            answer = find_text(
                Lines(lines), TextSearch(text="hit"), first_step=first, last_step=last, from_end=from_end, limit=limit
            )
            found += answer.points.steps
            scanned += answer.scanned
            assert len(answer.points.steps) <= limit
            if answer.next_step is None:
                break
            first, last = (first, answer.next_step) if from_end else (answer.next_step, last)
    expected = [float(at) for at, line in enumerate(lines) if line == "hit"]
    assert found == (expected[::-1] if from_end else expected)
    assert scanned == len(lines)
