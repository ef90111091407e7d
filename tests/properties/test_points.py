"""Laws of the point stores: the embedded engine answers as the reference does, buckets and codecs never lie."""

from __future__ import annotations

import math
import tempfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from marigram.model import Ancestor, FilePoints, FloatPoints, HistogramPoints, Kind, StringPoints
from marigram.server.store.points.answers import BucketColumns, SeriesSummary
from marigram.server.store.points.batch import CutSeries, DropSeries, PointBatch, PointWrite, WritePoints
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.embedded.block import BlockStyle, decoded, encoded
from marigram.server.store.points.embedded.cells import buckets
from marigram.server.store.points.embedded.codec import Codec, decode_floats, decode_ints, encode_numbers
from marigram.server.store.points.embedded.columns import Columns, SeriesWrite, objects
from marigram.server.store.points.embedded.floats import FloatsWrite, grouped
from marigram.server.store.points.embedded.rollup import RollupStyle
from marigram.server.store.points.embedded.wal import decode_writes, encode_writes
from marigram.server.store.points.embedded.writes import copied
from marigram.server.store.points.memory import MemoryPointStore
from marigram.testing.point_builders import EVERYWHERE, bits, file, histograms

RUNS = ["a" * 32, "b" * 32]
FLOAT_SERIES, STRING_SERIES, FILE_SERIES, HISTOGRAM_SERIES = (1, 2), (3,), (4,), (5,)
STYLES = [
    BlockStyle(),
    BlockStyle(slab_points=1, rollups=RollupStyle(points_per_cell=1, least_points=1, least_cells=2)),
    BlockStyle(points=3, slab_points=2, rollups=RollupStyle(points_per_cell=2, least_points=2, least_cells=1)),
]
"""As they are written at home, and with rollups of series as short as those of a test."""

MODEST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SMALL = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Planned(NamedTuple):
    """A batch whose sequence number is `ahead` of its writer's newest; it is known already if that is not positive."""

    run_id: str
    writer: str
    ahead: int
    writes: tuple[PointWrite, ...]


class Commit(NamedTuple):
    batches: list[Planned]


class Reopen(NamedTuple):
    pass


class Flush(NamedTuple):
    pass


class Look(NamedTuple):
    pass


class DeleteRun(NamedTuple):
    run_id: str


any_float = st.floats(allow_nan=True, allow_infinity=True)
# Few different steps, so that points meet; and some that are hard to put into buckets.
steps = st.integers(-3, 12).map(float) | st.sampled_from([0.5, -0.0, -2.25, 1e300, -1e300, 5e-324, -5e-324, 0.1])
times = st.integers(-(2**63), 2**63 - 1)
strings = st.text(max_size=8)


@st.composite
def writes(draw: st.DrawFn) -> PointWrite:
    attribute = draw(st.sampled_from([*FLOAT_SERIES, *STRING_SERIES, *FILE_SERIES, *HISTOGRAM_SERIES]))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return DropSeries(attribute=attribute)
    if kind <= 2:
        return CutSeries(attribute=attribute, after_step=draw(steps))
    if draw(st.booleans()):
        first = draw(st.integers(-3, 12))
        rows = [float(first + at) for at in range(draw(st.integers(0, 6)))]
    else:
        rows = draw(st.lists(steps, max_size=6))
    at = draw(st.lists(times, min_size=len(rows), max_size=len(rows)))
    if attribute in FLOAT_SERIES:
        values = draw(st.lists(any_float, min_size=len(rows), max_size=len(rows)))
        points = FloatPoints(steps=rows, times=at, values=values)
    elif attribute in STRING_SERIES:
        lines = draw(st.lists(strings, min_size=len(rows), max_size=len(rows)))
        points = StringPoints(steps=rows, times=at, values=lines)
    elif attribute in HISTOGRAM_SERIES:
        counts = draw(
            st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), min_size=len(rows), max_size=len(rows))
        )
        points = HistogramPoints(steps=rows, times=at, values=histograms(rows, counts).values)
    else:
        names = draw(st.lists(st.sampled_from("abcdef"), min_size=len(rows), max_size=len(rows)))
        points = FilePoints(steps=rows, times=at, values=[file(name) for name in names])
    return WritePoints(attribute=attribute, points=points)


batches = st.builds(
    Planned,
    run_id=st.sampled_from(RUNS),
    writer=st.sampled_from(["w", "v"]),
    ahead=st.sampled_from([1, 1, 1, 1, 2, 5, 0, -1]),
    writes=st.lists(writes(), max_size=4).map(tuple),
)
commits = st.lists(batches, max_size=3).map(Commit)
actions = st.one_of(
    commits, commits, commits, commits, commits,
    st.just(Flush()), st.just(Look()), st.just(Reopen()), st.sampled_from(RUNS).map(DeleteRun),
)  # fmt: skip


def numbered(planned: list[Planned], reference: MemoryPointStore) -> list[PointBatch]:
    seqs: dict[tuple[str, str], int] = {}
    told: list[PointBatch] = []
    for run_id, writer, ahead, own in planned:
        newest = seqs.get((run_id, writer), reference.writer_seq(run_id, writer))
        seqs[run_id, writer] = max(newest, newest + ahead)
        told.append(PointBatch(run_id=run_id, writer=writer, last_seq=max(newest + ahead, 0), writes=own))
    return told


@contextmanager
def points_file() -> Generator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "points.db"


def opened(path: Path, flush_points: int, style: BlockStyle) -> EmbeddedPointStore:
    store = EmbeddedPointStore(path, flush_points=flush_points, style=style)
    store.start()
    return store


def assert_close(found: float | None, expected: float | None, scale: float) -> None:
    if found is None or expected is None or math.isnan(expected) or math.isnan(found):
        assert (found is None) == (expected is None)
        assert found is None or expected is None or math.isnan(found) == math.isnan(expected)
    elif math.isfinite(scale):
        assert abs(found - expected) <= scale * 1e-9


def assert_same_summary(found: SeriesSummary, expected: SeriesSummary) -> None:
    exact = ["count", "first_step", "last_step", "last_time", "min", "max", "min_step", "max_step"]
    exact += ["nan_count", "inf_count"]
    assert [getattr(found, name) for name in exact] == [getattr(expected, name) for name in exact]
    if isinstance(expected.last, float):
        assert bits(found.last) == bits(expected.last)
    else:
        assert found.last == expected.last
    largest = max(abs(expected.min or 0.0), abs(expected.max or 0.0))
    assert_close(found.mean, expected.mean, largest + 1e-300)
    # Beyond this the square of a value, or a sum of such, is infinite.
    assert_close(found.variance, expected.variance, largest**2 + 1e-300 if largest < 1e150 else math.inf)


def assert_same_buckets(found: BucketColumns, expected: BucketColumns) -> None:
    for name in ("step_first", "step_last", "time_first", "time_last", "count", "nan_count", "inf_count"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
    assert bits(found.first) == bits(expected.first)
    assert bits(found.last) == bits(expected.last)
    for name in ("min", "max"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    for row, mean in enumerate(found.mean.tolist()):
        largest = max(abs(expected.min[row]), abs(expected.max[row]))
        assert_close(mean, expected.mean[row].item(), largest + 1e-300)


def assert_same(found: EmbeddedPointStore, expected: MemoryPointStore) -> None:
    for run_id in RUNS:
        assert [found.writer_seq(run_id, w) for w in "wv"] == [expected.writer_seq(run_id, w) for w in "wv"]
        for attribute in FLOAT_SERIES:
            one, two = (store.floats(run_id, attribute, **EVERYWHERE) for store in (found, expected))
            assert bits(one.steps) == bits(two.steps)
            assert list(one.times) == list(two.times)
            assert bits(one.values) == bits(two.values)
        for attribute in STRING_SERIES:
            assert found.strings(run_id, attribute, **EVERYWHERE) == expected.strings(run_id, attribute, **EVERYWHERE)
            for from_end in (False, True):
                some_lines = {"first_step": -2.0, "last_step": 9.0, "limit": 2, "from_end": from_end}
                assert found.strings(run_id, attribute, **some_lines) == expected.strings(  # pyright: ignore[reportArgumentType]
                    run_id,
                    attribute,
                    **some_lines,  # pyright: ignore[reportArgumentType]
                )
        for attribute in FILE_SERIES:
            assert found.files(run_id, attribute, **EVERYWHERE) == expected.files(run_id, attribute, **EVERYWHERE)
        for attribute in HISTOGRAM_SERIES:
            assert found.histograms(run_id, attribute, **EVERYWHERE) == expected.histograms(
                run_id, attribute, **EVERYWHERE
            )
    line = [Ancestor(run_id=RUNS[1], last_step=4.0), Ancestor(run_id="f" * 32, last_step=2.0)]
    for max_buckets in (2, 3, 5, 9):
        for first_step, last_step in ((-math.inf, math.inf), (-2.5, math.inf), (0.25, 7.0)):
            asked: list[tuple[str, int]] = [(run_id, attribute) for run_id in RUNS for attribute in (1, 2, 3)]
            one, two = (
                store.downsample_many(
                    asked,
                    first_step=first_step,
                    last_step=last_step,
                    max_buckets=max_buckets,
                    ancestors={(RUNS[0], 1): line},
                )
                for store in (found, expected)
            )
            for here, there in zip(one, two, strict=True):
                assert_same_buckets(here, there)
    for attribute in FLOAT_SERIES:
        one, two = (
            store.floats(RUNS[0], attribute, **EVERYWHERE, limit=4, ancestors=line) for store in (found, expected)
        )
        assert (bits(one.steps), bits(one.values)) == (bits(two.steps), bits(two.values))
    inherited = {(RUNS[0], attribute): line for attribute in (1, 3, 5)}
    one, two = (store.summaries(RUNS, [1, 2, 3, 4, 5, 6], ancestors=inherited) for store in (found, expected))
    assert one.keys() == two.keys()
    for key, summary in two.items():
        assert_same_summary(one[key], summary)


@MODEST
@given(st.lists(actions, max_size=25), st.sampled_from([1, 7, 1_000_000]), st.sampled_from(STYLES))
def test_the_embedded_store_is_the_reference_store_whatever_happens(
    done: list[NamedTuple], flush_points: int, style: BlockStyle
) -> None:
    with points_file() as path:
        reference, store = MemoryPointStore(), opened(path, flush_points, style)
        try:
            for action in done:
                if isinstance(action, Commit):
                    told = numbered(action.batches, reference)
                    before = store.position()
                    assert (store.commit(told) > before) == (reference.position() < reference.commit(told))
                elif isinstance(action, Flush):
                    store.flush()
                elif isinstance(action, Look):
                    assert_same(store, reference)
                elif isinstance(action, DeleteRun):
                    store.delete_run(action.run_id)
                    reference.delete_run(action.run_id)
                else:
                    store.close()
                    store = opened(path, flush_points, style)
            assert_same(store, reference)
            store.flush()
            assert_same(store, reference)
        finally:
            store.close()


ordered_steps = st.lists(st.floats(allow_nan=False, allow_infinity=False) | steps, max_size=60, unique=True).map(sorted)


@MODEST
@given(ordered_steps, st.data(), st.integers(2, 20))
def test_buckets_hide_no_extreme_and_count_every_point(rows: list[float], data: st.DataObject, most: int) -> None:
    values = np.array(data.draw(st.lists(any_float, min_size=len(rows), max_size=len(rows))), dtype=np.float64)
    columns = Columns(np.array(rows, dtype=np.float64) + 0.0, np.arange(len(rows)), values)
    found = buckets(columns, most)
    finite = values[np.isfinite(values)]
    assert len(found.count) <= most
    assert found.count.sum() == len(rows)
    assert found.nan_count.sum() == np.isnan(values).sum()
    assert found.inf_count.sum() == np.isinf(values).sum()
    assert (found.count > 0).all()
    assert (found.step_first[1:] > found.step_last[:-1]).all()
    if len(finite):
        assert (np.nanmin(found.min), np.nanmax(found.max)) == (finite.min(), finite.max())
    assert ((found.min <= found.mean) & (found.mean <= found.max) | np.isnan(found.mean)).all()


@MODEST
@given(
    st.lists(any_float, max_size=40), st.integers(1, 5), st.sampled_from([Codec.RAW, Codec.PCODEC, Codec.SHUFFLE_ZSTD])
)
def test_a_column_of_floats_comes_back_bit_for_bit(values: list[float], repeated: int, codec: Codec) -> None:
    column = np.tile(np.array(values, dtype=np.float64), repeated)
    assert bits(decode_floats(encode_numbers(column, codec))) == bits(column)


@MODEST
@given(
    st.floats() | st.integers(-50, 50).map(float),
    st.floats() | st.integers(-50, 50).map(float),
    st.integers(32, 100),
    st.none() | st.tuples(st.integers(0, 31), st.floats()),
)
def test_an_even_column_is_short_and_one_that_is_nearly_even_comes_back_bit_for_bit(
    first: float, distance: float, count: int, other: tuple[int, float] | None
) -> None:
    with np.errstate(all="ignore"):
        column = first + distance * np.arange(count, dtype=np.float64)
    if other is not None:
        column[other[0]] = other[1]
    found = encode_numbers(column, Codec.SHUFFLE_ZSTD)
    assert bits(decode_floats(found)) == bits(column)
    if (
        other is None
        and float(first).is_integer()
        and float(distance).is_integer()
        and abs(distance) < 2**20 > abs(first)
    ):
        assert len(found) < 32


@MODEST
@given(
    st.lists(any_float, min_size=1, max_size=9),
    st.integers(1, 70),
    st.integers(0, 8),
    st.none() | st.tuples(st.integers(0, 31), st.floats()),
    st.sampled_from([Codec.RAW, Codec.PCODEC, Codec.SHUFFLE_ZSTD]),
)
def test_a_column_that_comes_again_comes_back_bit_for_bit_wherever_it_was_cut(
    rise: list[float], times: int, start: int, other: tuple[int, float] | None, codec: Codec
) -> None:
    column = np.tile(np.array(sorted(rise), dtype=np.float64), times)[start:]
    if other is not None and other[0] < len(column):
        column[other[0]] = other[1]
    assert bits(decode_floats(encode_numbers(column, codec))) == bits(column)
    whole = column.view(np.int64)
    assert decode_ints(encode_numbers(whole, codec)).tolist() == whole.tolist()


def test_steps_that_come_again_take_a_few_bytes() -> None:
    steps = np.tile(np.arange(667.0), 12)[300:]
    assert len(encode_numbers(steps, Codec.RAW)) < 64


@MODEST
@given(st.binary(max_size=400), st.sampled_from([Codec.RAW, Codec.PCODEC, Codec.SHUFFLE_ZSTD]))
def test_any_64_bits_come_back_as_they_were(data: bytes, codec: Codec) -> None:
    column = np.frombuffer(data[: len(data) // 8 * 8], dtype="<f8").astype(np.float64)
    assert bits(decode_floats(encode_numbers(column, codec))) == bits(column)


@MODEST
@given(st.lists(times, max_size=80), st.sampled_from([Codec.RAW, Codec.PCODEC, Codec.SHUFFLE_ZSTD]))
def test_a_column_of_whole_numbers_comes_back(values: list[int], codec: Codec) -> None:
    assert decode_ints(encode_numbers(np.array(values, dtype=np.int64), codec)).tolist() == values


@SMALL
@given(st.lists(st.lists(st.text(max_size=30), min_size=1), max_size=6))
def test_blocks_of_text_hold_what_was_put_into_them(lines: list[list[str]]) -> None:
    series = [
        (attribute, Columns(np.arange(float(len(own))), np.arange(len(own)), objects(own)))
        for attribute, own in enumerate(lines)
    ]
    found: dict[int, list[str]] = {}
    for block in encoded(Kind.STRING_SERIES, series, BlockStyle(codec=Codec.PCODEC)):
        for attribute, columns in decoded(1, block.crc, block.body).every():
            found.setdefault(attribute, []).extend(columns.values.tolist())
    assert found == dict(enumerate(lines))


@SMALL
@given(st.integers(0, 2**32), st.lists(st.integers(0, 40), min_size=20, max_size=60), st.sampled_from(["alike", "any"]))
def test_a_large_row_of_the_log_holds_what_was_put_into_it(seed: int, counts: list[int], kind: str) -> None:
    alike = kind == "alike"
    random = np.random.default_rng(seed)
    counts = [20] * len(counts) if alike else counts
    attributes = random.choice(10_000, len(counts))
    steps = np.concatenate([np.arange(count, dtype=np.float64) for count in counts])
    values = random.normal(size=len(steps)).astype(np.float32 if alike else np.float64).astype(np.float64)
    found = grouped(attributes, np.array(counts), Columns(steps, steps.astype(np.int64) * 7, values))
    assume(found is not None)
    assert found is not None
    body = encode_writes([found])
    (again,) = decode_writes(1, zlib.crc32(body), body)
    assert isinstance(again, FloatsWrite)
    assert (again.attributes.tolist(), again.bounds.tolist()) == (found.attributes.tolist(), found.bounds.tolist())
    for name in ("steps", "times", "values"):
        assert bits(getattr(again.columns, name)) == bits(getattr(found.columns, name))


@SMALL
@given(st.lists(writes(), max_size=6))
def test_a_row_of_the_log_holds_what_was_put_into_it(told: list[PointWrite]) -> None:
    before = copied(told)
    body = encode_writes(before)
    after = decode_writes(1, zlib.crc32(body), body)
    assert len(after) == len(before)
    for one, two in zip(before, after, strict=True):
        if isinstance(one, FloatsWrite) and isinstance(two, FloatsWrite):
            assert one.attributes.tolist() == two.attributes.tolist()
            assert one.bounds.tolist() == two.bounds.tolist()
            assert bits(one.columns.values) == bits(two.columns.values)
        elif isinstance(one, SeriesWrite) and isinstance(two, SeriesWrite):
            assert (one.attribute, one.kind) == (two.attribute, two.kind)
            assert one.columns.values.tolist() == two.columns.values.tolist()
        else:
            assert one == two
            continue
        assert bits(one.columns.steps) == bits(two.columns.steps)
        assert one.columns.times.tolist() == two.columns.times.tolist()
