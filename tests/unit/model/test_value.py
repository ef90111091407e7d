"""Every value and every column of points has exactly one kind."""

from __future__ import annotations

from datetime import datetime, timezone

import msgspec
import pytest

from marigram.model import FilePoints, FloatPoints, Kind, Points, StringPoints, Value, kind_of_points, kind_of_value
from operations import create, floats


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, Kind.BOOL),
        (1, Kind.INT),
        (1.0, Kind.FLOAT),
        ("1", Kind.STRING),
        (datetime(2024, 1, 1, tzinfo=timezone.utc), Kind.DATETIME),
        (frozenset({"a"}), Kind.STRING_SET),
    ],
)
def test_a_value_has_the_kind_of_its_type_and_a_bool_is_no_int(value: Value, kind: Kind) -> None:
    assert kind_of_value(value) is kind


@pytest.mark.parametrize(
    ("points", "kind"),
    [
        (FloatPoints(steps=[], times=[], values=[]), Kind.FLOAT_SERIES),
        (StringPoints(steps=[], times=[], values=[]), Kind.STRING_SERIES),
        (FilePoints(steps=[], times=[], values=[]), Kind.FILE_SERIES),
    ],
)
def test_points_have_the_kind_of_their_series_even_if_there_are_none(points: Points, kind: Kind) -> None:
    assert kind_of_points(points) is kind


@pytest.mark.parametrize("noun", [create(), floats("x", [1.0])])
def test_nouns_are_frozen(noun: msgspec.Struct) -> None:
    with pytest.raises(AttributeError):
        setattr(noun, noun.__struct_fields__[0], None)
