from __future__ import annotations

import enum
import io
import math
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from marigram.client.casting import leaf_of, milliseconds_of, number_of, point_of, step_of
from marigram.client.errors import UnsupportedTypeError
from marigram.client.file import File
from marigram.client.typed import Boolean, Datetime, Float, Integer, String, StringSet, stringify_unsupported


class Optimizer(enum.Enum):
    ADAM = "adam"
    SGD = (1, 2)


class Layers(enum.IntEnum):
    DEEP = 50


class Word(str, enum.Enum):
    HELLO = "hello"


class Scalar:
    """What a tensor of one element is to us: something with `item()`."""

    def __init__(self, value: object) -> None:
        self._value = value

    def item(self) -> object:
        return self._value


class EagerScalar:
    """A TensorFlow tensor has no `item()`, only `numpy()`."""

    def numpy(self) -> Any:
        return np.float32(0.5)


MOMENT = datetime(2026, 1, 2, 3, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (True, True),
        (None, "None"),
        ([1, "a"], "[1, 'a']"),
        ((1, 2), "(1, 2)"),
        (Optimizer.ADAM, "adam"),
        (Optimizer.SGD, "SGD"),
        (Layers.DEEP, 50),
        (Word.HELLO, "hello"),
        (Decimal("0.5"), 0.5),
        (Fraction(1, 4), 0.25),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (np.datetime64("2026-01-02T03:00:00.000000000"), MOMENT),
        (Scalar(0.25), 0.25),
        (Scalar(2**80), float(2**80)),
        (EagerScalar(), 0.5),
        (Float(1), 1.0),
        (Integer(2.0), 2),
        (Boolean(1), True),
        (String(3), "3"),
        (Datetime(MOMENT), MOMENT),
        (StringSet(["a", "b"]), frozenset({"a", "b"})),
        (stringify_unsupported(0.5), 0.5),
        (stringify_unsupported([1, 2]), "[1, 2]"),
        (stringify_unsupported(int), "<class 'int'>"),
        (3, 3),
        (2**70, float(2**70)),
        (0.5, 0.5),
        (np.float64(0.5), 0.5),
        ("text", "text"),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.bool_(False), False),
        (np.str_("numpy text"), "numpy text"),
        (np.array(2.5), 2.5),
        (np.array([2.5]), 2.5),
        ({"a", "b"}, frozenset({"a", "b"})),
        (FilePath("folder/name"), "folder/name"),
        (date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=timezone.utc)),
        ("half a pair \ud800", "half a pair ?"),
    ],
)
def test_a_value_becomes_the_typed_value_that_it_stands_for(given: object, stored: object) -> None:
    value = leaf_of(given)
    assert value == stored
    assert type(value) is type(stored)


def test_a_moment_without_time_zone_is_local() -> None:
    naive = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 the point
    value = leaf_of(naive)
    assert isinstance(value, datetime)
    assert value.tzinfo is not None
    assert value.timestamp() == naive.timestamp()


@pytest.mark.parametrize("given", [object(), b"bytes", np.zeros(3), print, np.timedelta64(1, "s"), 1j])
def test_a_type_that_cannot_be_stored_is_refused_with_the_way_to_convert_it(given: object) -> None:
    with pytest.raises(UnsupportedTypeError, match=r"str\(|from_content"):
        leaf_of(given)


def test_stringify_unsupported_reaches_into_collections() -> None:
    given = {"tuple": ("hi", 1), "deep": {"kind": int, "rate": 0.5}, 3: None}

    def plain(value: Any) -> Any:
        return {key: plain(below) for key, below in value.items()} if isinstance(value, dict) else leaf_of(value)

    assert plain(stringify_unsupported(given)) == {
        "tuple": "('hi', 1)",
        "deep": {"kind": "<class 'int'>", "rate": 0.5},
        "3": "None",
    }
    assert plain(stringify_unsupported(given, expand=True))["tuple"] == {"0": "hi", "1": 1}


@pytest.mark.parametrize("given", [None, [1.0], (1.0,), {1.0}, object()])
def test_what_is_no_point_is_refused_with_the_way_out(given: object) -> None:
    with pytest.raises(UnsupportedTypeError, match=r"extend|nan|str\("):
        point_of(given)


def test_a_point_is_a_number_a_text_or_a_picture() -> None:
    assert point_of(np.float32(0.5)) == 0.5
    assert point_of(np.bool_(True)) == 1.0
    assert point_of(Layers.DEEP) == 50.0
    assert point_of(Word.HELLO) == "hello"
    picture = point_of(np.zeros((4, 4, 3)))
    assert isinstance(picture, File)
    assert picture.media_type == "image/png"


def test_text_too_long_for_a_value_is_refused_not_cut() -> None:
    with pytest.raises(UnsupportedTypeError, match=r"File\.from_content"):
        leaf_of("x" * 2_000_000)


@pytest.mark.parametrize(
    ("given", "number"), [(1, 1.0), (True, 1.0), (np.float32(0.25), 0.25), (10**400, math.inf), (-(10**400), -math.inf)]
)
def test_a_point_is_made_of_any_number(given: object, number: float) -> None:
    assert number_of(given) == number


@pytest.mark.parametrize("step", [math.nan, math.inf, "three", None])
def test_a_step_that_is_no_finite_number_is_refused(step: object) -> None:
    with pytest.raises(UnsupportedTypeError):
        step_of(step)


def test_a_time_is_seconds_or_a_moment() -> None:
    moment = datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=250)
    assert milliseconds_of(moment) == milliseconds_of(moment.timestamp()) == 1_767_225_600_250
    with pytest.raises(UnsupportedTypeError, match=r"time\.time"):
        milliseconds_of(math.nan)


def test_an_image_of_an_array_has_its_pixels() -> None:
    def pixels(array: object) -> Any:
        content = File.as_image(array).content
        assert content is not None
        return np.asarray(Image.open(io.BytesIO(content)))

    unit = np.array([[0.0, 0.5], [1.0, 0.25]])
    assert pixels(unit).tolist() == [[0, 128], [255, 64]]
    whole = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert pixels(whole).tolist() == whole.tolist()
    assert pixels(np.array([[0.0, 200.0]])).tolist() == [[0, 200]]
    assert pixels(np.array([[True, False]])).tolist() == [[255, 0]]
    with pytest.raises(UnsupportedTypeError, match="transpose"):
        File.as_image(np.zeros((3, 8, 8)))


def test_a_file_knows_its_name_and_media_type() -> None:
    assert File("some/model.pt").filename("model") == "model.pt"
    assert File.from_content("hello").filename("notes/today") == "today.txt"
    assert File.from_content(b"", extension=".diff").media_type == "text/x-diff"
    assert File.from_content(b"x").media_type == "application/octet-stream"
    with pytest.raises(TypeError, match="from_content"):
        File()


def test_moments_of_pandas_are_moments_and_what_is_none_of_them_is_text() -> None:
    assert leaf_of(pd.Timestamp("2026-01-02T03:00:00.000000001Z")) == MOMENT
    assert leaf_of(pd.Timestamp("2026-01-02T03:00:00")) == datetime(2026, 1, 2, 3).astimezone()
    assert leaf_of(pd.NaT) == "NaT"
