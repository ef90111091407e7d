from __future__ import annotations

import argparse
import io
import math
from datetime import date, datetime, timedelta, timezone
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pytest
from PIL import Image

from marigram.client.casting import leaf_of, leaves_of, milliseconds_of, number_of, step_of
from marigram.client.errors import UnsupportedTypeError
from marigram.client.file import File


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (True, True),
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


@pytest.mark.parametrize("given", [None, [1, 2], object(), b"bytes", np.zeros(3), print])
def test_a_type_that_cannot_be_stored_is_refused_with_the_way_to_convert_it(given: object) -> None:
    with pytest.raises(UnsupportedTypeError, match=r"str\(|'None'|extend"):
        leaf_of(given)


def test_a_dict_is_stored_leaf_by_leaf_and_a_bad_leaf_does_not_take_the_others_along() -> None:
    given = {"lr": 0.1, "model": {"layers": 3, "bad": [1]}, 5: "number key", "args": argparse.Namespace(seed=1)}
    leaves: dict[str, Any] = dict(leaves_of(given))
    assert isinstance(leaves.pop("model/bad"), UnsupportedTypeError)
    assert leaves == {"lr": 0.1, "model/layers": 3, "5": "number key", "args/seed": 1}


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
