"""What a run was about, on one page."""

from __future__ import annotations

from doors import Doors
from marigram.server.query.overview import MOST_SHOWN
from operations import RUN, create, floats, put, strings


def test_what_a_script_logged_is_there_and_what_tools_say_is_not(doors: Doors) -> None:
    told = [put(f"{tool}/x", 1) for tool in ("sys", "monitoring/aa", "source_code")]
    doors.write(create(), put("layer10", 1), put("layer2", "wide"), *told, put("annotations/7", "here"))
    doors.write(floats("loss", [1, 2], [4.0, 3.0]), floats("monitoring/cpu", [1], [1.0]), strings("log", [1], ["a"]))
    found = doors.query.overviews.of(RUN)
    assert [(each.attribute.path, each.attribute.value) for each in found.values] == [
        ("layer2", "wide"),
        ("layer10", 1),
    ]
    [loss] = found.series
    assert loss.summary is not None
    assert (loss.attribute.path, loss.summary.last, loss.summary.min) == ("loss", 3.0, 3.0)
    assert (found.value_count, found.series_count) == (2, 1)


def test_of_very_many_the_first_are_shown_and_all_are_counted(doors: Doors) -> None:
    doors.write(create(), *(put(f"p{number}", number) for number in range(MOST_SHOWN + 5)))
    found = doors.query.overviews.of(RUN)
    assert [each.attribute.value for each in found.values] == [*range(MOST_SHOWN)]
    assert (found.value_count, found.series) == (MOST_SHOWN + 5, [])
    assert doors.query.overviews.of("9" * 32).value_count == 0
