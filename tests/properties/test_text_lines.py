"""Laws of texts that are kept as lines: what is found in all at once is what is found in each alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marigram.model import Kind
from marigram.server.query.table.column import KEPT_CHARACTERS, TooBigError
from marigram.server.query.table.lines import TextLines
from marigram.server.store.meta.pattern import matcher_of

ROWS = 1_200
"""Enough that they are put together."""

PATTERNS = (
    "^ab",
    "b$",
    "^$",
    "a|b+",
    "a[^x]*b",
    r"\s",
    r"\bab\b",
    ".*",
    "x?",
    "(?i)AB",
    r"\Aa",
    r"b\z",
    "(?s)a.b",
    "(a)(b)?",
    r"\x0a",
    "[ä-ü]",
)
TEXTS = st.text(st.sampled_from("abxAä \n"), max_size=6)


def lines_of(texts: Sequence[str | None]) -> TextLines:
    lines = TextLines(len(texts))
    lines.put(np.arange(len(texts)), [Kind.STRING] * len(texts), [None] * len(texts), texts)
    return lines


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.none() | TEXTS, min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, ROWS + 5), st.none() | TEXTS), max_size=6),
    st.sampled_from(PATTERNS),
    TEXTS,
)
def test_what_is_found_in_many_texts_is_what_is_found_in_each(
    some: list[str | None], later: list[tuple[int, str | None]], pattern: str, wanted: str
) -> None:
    texts = (some * ROWS)[:ROWS]
    lines = lines_of(texts)
    lines.grow(ROWS + 6)
    texts += [None] * 6
    for row, text in later:
        texts[row] = text
        lines.clear(np.array([row]))
        if text is not None:
            lines.put(np.array([row]), [Kind.STRING], [None], [text])
    matches = matcher_of(pattern)
    assert lines.that_match(pattern).tolist() == [text is not None and matches(text) for text in texts]
    assert lines.that_contain(wanted).tolist() == [text is not None and wanted in text for text in texts]


def test_of_long_texts_the_beginning_is_kept_and_whoever_needs_more_is_told() -> None:
    lines = lines_of(["a" * KEPT_CHARACTERS + "b"] * ROWS)
    assert lines.that_match("a$").all()
    with pytest.raises(TooBigError):
        lines.that_contain("b")
    assert not lines.wasteful
    for _ in range(3):
        lines.clear(np.arange(ROWS))
        lines.put(np.arange(ROWS), [Kind.STRING] * ROWS, [None] * ROWS, ["c"] * ROWS)
    assert lines.wasteful
    assert lines.that_match("^c$").all()
