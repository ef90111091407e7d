"""Blocks whose points are decoded a slab at a time: what a look needs, what damage costs, and that all comes back."""

from __future__ import annotations

import numpy as np
import pytest

from marigram.model import Kind
from marigram.server.store.points.embedded import CorruptRowError
from marigram.server.store.points.embedded.block import Block, BlockStyle, decoded, encoded, opened
from marigram.server.store.points.embedded.codec import Codec
from marigram.server.store.points.embedded.columns import Columns
from marigram.testing.point_builders import bits

STYLE = BlockStyle(slab_points=50)


def points(count: int, seed: int) -> Columns:
    random = np.random.default_rng(seed)
    return Columns(np.cumsum(random.uniform(0.5, 1.5, count)), random.integers(0, 99, count), random.normal(size=count))


def block_of(*series: Columns, style: BlockStyle = STYLE) -> Block:
    (block,) = encoded(Kind.FLOAT_SERIES, enumerate(series, start=1), style)
    return block


def damaged(block: Block, at: int) -> bytes:
    return block.body[:at] + bytes((block.body[at] ^ 1,)) + block.body[at + 1 :]


def read(block: Block, body: bytes, attribute: int, *stretches: tuple[float, float]) -> Columns:
    first, last = np.array(stretches).T
    found = opened(7, block.crc, body).series(attribute, first, last)
    assert found is not None
    return found


def assert_same(found: Columns, expected: Columns) -> None:
    assert bits(found.steps) == bits(expected.steps)
    assert bits(found.values) == bits(expected.values)
    assert found.times.tolist() == expected.times.tolist()


@pytest.mark.parametrize("codec", [Codec.PCODEC, Codec.SHUFFLE_ZSTD])
@pytest.mark.parametrize("slab_points", [1, 7, 50, 119, 120, 500])
def test_all_series_come_back_wherever_slabs_begin(codec: Codec, slab_points: int) -> None:
    series = [points(count, count) for count in (1, 49, 1, 60, 9)]
    block = block_of(*series, style=BlockStyle(codec=codec, slab_points=slab_points))
    assert block.body[0] == (0 if slab_points < 120 else 5)
    for (attribute, found), (number, expected) in zip(
        decoded(7, block.crc, block.body).every(), enumerate(series, start=1), strict=True
    ):
        assert attribute == number
        assert_same(found, expected)
        assert_same(read(block, block.body, number, (-np.inf, np.inf)), expected)
    assert opened(7, block.crc, block.body).series(9, np.array([0.0]), np.array([1.0])) is None


@pytest.mark.parametrize("seed", range(30))
def test_stretches_of_a_series_are_given_and_little_else(seed: int) -> None:
    random = np.random.default_rng(seed)
    series = [points(int(random.integers(1, 400)), seed + number) for number in range(3)]
    block = block_of(*series)
    for attribute, own in enumerate(series, start=1):
        places = np.sort(random.choice(len(own), size=2 * min(3, len(own) // 2), replace=False)).reshape(-1, 2)
        if not len(places):
            continue
        found = read(block, block.body, attribute, *[(own.steps[start], own.steps[stop]) for start, stop in places])
        wanted = np.concatenate([own.steps[start : stop + 1] for start, stop in places])
        assert set(wanted.tolist()) <= set(found.steps.tolist()) <= set(own.steps.tolist())
        assert (np.diff(found.steps) > 0).all()
        assert len(found) <= len(wanted) + 2 * 50 * len(places)


def test_a_damaged_slab_harms_only_those_who_need_it() -> None:
    own = points(500, 1)
    block = block_of(own)
    body = damaged(block, len(block.body) - 100)
    assert_same(read(block, body, 1, (own.steps[3], own.steps[20])), own.cut(0, 50))
    for ask in (lambda: read(block, body, 1, (0.0, 1e9)), lambda: decoded(7, block.crc, body)):
        with pytest.raises(CorruptRowError, match=r"Row 7 of the table 'block'.*its part 9 is wrong"):
            ask()


def test_damage_of_whatever_byte_is_noticed() -> None:
    block = block_of(points(120, 1), style=BlockStyle(codec=Codec.SHUFFLE_ZSTD, slab_points=50))
    for at in range(len(block.body)):
        with pytest.raises(CorruptRowError):
            decoded(7, block.crc, damaged(block, at))
        with pytest.raises(CorruptRowError):
            decoded(7, block.crc, block.body[:at])
