"""String series by time, and several as one text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doors import Doors
from marigram.model import Append, StringPoints, parse_path
from marigram.server.query import BadQuestion, NotThere
from marigram.server.query.searching import plain
from marigram.server.query.texts import MOST_SERIES, step_at
from operations import RUN, create, strings


def timed(path: str, lines: list[tuple[float, int, str]]) -> Append:
    steps, times, values = (list(column) for column in zip(*lines, strict=True))
    return Append(path=parse_path(path), points=StringPoints(steps=steps, times=times, values=values))  # pyright: ignore[reportArgumentType] columns of the right types


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(0, 50)), max_size=60, unique_by=lambda one: one[0]),
    st.integers(-2, 52),
)
def test_the_step_at_a_time_is_the_first_that_is_not_older(lines: list[tuple[float, int]], time: int) -> None:
    steps = sorted(step for step, _ in lines)
    times = sorted(when for _, when in lines)

    def read(*, first_step: float, last_step: float, limit: int, from_end: bool) -> StringPoints:
        rows = [(s, t) for s, t in zip(steps, times, strict=True) if first_step <= s <= last_step]
        rows = rows[-limit:] if from_end else rows[:limit]
        return StringPoints(steps=[s for s, _ in rows], times=[t for _, t in rows], values=[""] * len(rows))

    expected = next((s for s, t in zip(steps, times, strict=True) if t >= time), None)
    assert step_at(read, time) == expected


def test_several_series_are_one_text_by_time_without_colours(doors: Doors) -> None:
    out = [(1.0, 10, "\x1b[32mone\x1b[0m"), (2.0, 90, "bar\r100%"), (3.0, 30, "three")]
    doors.write(create(), timed("m/stdout", out), timed("m/stderr", [(1.0, 20, "oops"), (2.0, 40, "end")]))
    text = "".join(doors.query.texts.whole(RUN, ["m/stdout", "m/stderr"]))
    # The bar was written anew at 90, and still stands above what was printed below it.
    assert text.splitlines() == ["one", "oops", "100%", "three", "end"]
    assert "".join(doors.query.texts.whole(RUN, ["m/stderr"])) == "oops\nend\n"
    assert doors.query.texts.step_at(RUN, "m/stderr", 21) == 2.0


def test_a_text_of_more_than_one_slice_and_piece_is_whole(doors: Doors) -> None:
    count = 12_001
    doors.write(create(), strings("m/stdout", list(range(count)), [f"line {at} {'x' * 40}" for at in range(count)]))
    pieces = list(doors.query.texts.whole(RUN, ["m/stdout"]))
    assert len(pieces) > 1
    lines = "".join(pieces).splitlines()
    assert (len(lines), lines[0][:7], lines[-1][:11]) == (count, "line 0 ", "line 12000 ")


def test_what_is_no_series_of_texts_is_refused(doors: Doors) -> None:
    doors.write(create())
    with pytest.raises(NotThere, match="no series of texts"):
        doors.query.texts.whole(RUN, ["m/stdout"])
    with pytest.raises(BadQuestion, match="as one text"):
        doors.query.texts.whole(RUN, [])
    with pytest.raises(BadQuestion, match="as one text"):
        doors.query.texts.whole(RUN, [f"m/{at}" for at in range(MOST_SERIES + 1)])


def test_a_line_is_plain_as_a_terminal_shows_it() -> None:
    assert plain("\x1b[1;31mError\x1b[0m: \x1b]0;title\x07no\r\n") == "Error: no"
    assert plain("10%\r20%") == "20%"
    assert math.isnan(float(plain("nan")))
