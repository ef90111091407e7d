from __future__ import annotations

import argparse
import collections
import dataclasses
from typing import Any, NamedTuple

import msgspec
import omegaconf
import pydantic
import pytest

from marigram.client.nesting import entries_of


@dataclasses.dataclass
class DataclassModel:
    layers: int
    name: str = "resnet"


class PydanticModel(pydantic.BaseModel):
    layers: int
    name: str = "resnet"


class NamedModel(NamedTuple):
    layers: int
    name: str = "resnet"


class StructModel(msgspec.Struct):
    layers: int
    name: str = "resnet"


class OldPydanticModel:
    """What a model of pydantic 1 looks like from outside."""

    __fields__: Any = {"layers": None, "name": None}  # noqa: RUF012 as it is there

    def __init__(self, layers: int) -> None:
        self.layers, self.name = layers, "resnet"

    def dict(self) -> dict[str, object]:
        raise AssertionError


@pytest.mark.parametrize(
    "given",
    [
        {"layers": 3, "name": "resnet"},
        collections.OrderedDict(layers=3, name="resnet"),
        argparse.Namespace(layers=3, name="resnet"),
        DataclassModel(3),
        PydanticModel(layers=3),
        NamedModel(3),
        StructModel(3),
        OldPydanticModel(3),
    ],
)
def test_a_namespace_gives_its_entries(given: object) -> None:
    assert entries_of(given) == {"layers": 3, "name": "resnet"}


@pytest.mark.parametrize("given", [DataclassModel, PydanticModel, (1, 2), [1], "text", 3, None, object()])
def test_a_class_or_a_value_is_no_namespace(given: object) -> None:
    assert entries_of(given) is None


def test_an_object_of_an_attrs_class_is_a_namespace() -> None:
    attrs = pytest.importorskip("attrs")
    kind = attrs.make_class("Config", {"layers": attrs.field(), "name": attrs.field(default="resnet")})
    assert entries_of(kind(3)) == {"layers": 3, "name": "resnet"}
    assert entries_of(kind) is None


def test_a_setting_called_like_what_arrays_have_makes_no_array_of_a_namespace() -> None:
    given = argparse.Namespace(dtype="float16", shape=(1, 2), ndim=2, item="x")
    assert entries_of(given) == {"dtype": "float16", "shape": (1, 2), "ndim": 2, "item": "x"}


def test_what_is_inside_stays_as_it_is_to_be_looked_at_in_its_turn() -> None:
    inner = PydanticModel(layers=1)
    assert entries_of(DataclassModel(layers=inner)) == {"layers": inner, "name": "resnet"}  # pyright: ignore[reportArgumentType] the point


def test_a_configuration_of_omegaconf_comes_resolved() -> None:
    given = omegaconf.OmegaConf.create({"lr": 0.1, "twice": "${lr}", "layers": [1, 2], "must": "???"})
    assert entries_of(given) == {"lr": 0.1, "twice": 0.1, "layers": [1, 2], "must": "???"}
    assert entries_of(given.layers) is None
