"""What changed between two runs: where curves part, what differs, and in which order it is told."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from doors import Doors
from marigram.model import Append, FloatPoints, Operation, Path
from marigram.server.query import Area, BadQuestion, DifferencesAnswer, RunDifference
from marigram.server.query.comparing import RunComparer
from marigram.server.query.differences import line_changes, package_changes
from marigram.server.query.parting import Parting, parting_of
from marigram.server.query.series import WholeSeries
from marigram.server.store.points.answers import BucketColumns
from marigram.server.store.points.batch import PointBatch, WritePoints
from marigram.server.store.points.memory import MemoryPointStore
from operations import CREATED_AT, attach, create, edit, file_of, floats, put

BEFORE, AFTER = f"{1:032x}", f"{2:032x}"


def buckets_of(steps: Sequence[float], values: Sequence[float], max_buckets: int = 400) -> BucketColumns:
    store = MemoryPointStore()
    points = FloatPoints(steps=list(steps), times=[CREATED_AT] * len(steps), values=list(values))
    writes = (WritePoints(attribute=1, points=points),)
    store.commit([PointBatch(run_id=BEFORE, writer="w", last_seq=1, writes=writes)])
    return store.downsample(BEFORE, 1, first_step=-math.inf, last_step=math.inf, max_buckets=max_buckets)


def parted(before: Sequence[float], after: Sequence[float]) -> Parting:
    found = parting_of(buckets_of(range(len(before)), before), buckets_of(range(len(after)), after), 400)
    assert found is not None
    return found


def test_curves_without_noise_part_at_the_first_step_at_which_they_differ() -> None:
    before = [1 - step / 300 for step in range(300)]
    after = [value if step < 120 else value + 0.1 for step, value in enumerate(before)]
    found = parted(before, after)
    assert (found.step, found.differs_at, found.last_step) == (120, 120, 299)
    assert found.after - found.before == pytest.approx(0.1)


def test_curves_that_differ_by_their_own_noise_do_not_part() -> None:
    chance = np.random.default_rng(7)
    curve = np.exp(-np.arange(2000) / 500)
    one, other = (curve + chance.normal(scale=0.05, size=2000) for _ in range(2))
    found = parted(one.tolist(), other.tolist())
    assert found.step is None
    assert found.differs_at is not None
    assert found.differs_at < 10


def test_curves_with_noise_part_where_their_difference_begins_to_stay_beyond_it() -> None:
    chance = np.random.default_rng(7)
    steps = np.arange(4000)
    one = np.exp(-steps / 800) + chance.normal(scale=0.02, size=4000)
    other = one + chance.normal(scale=0.02, size=4000) + np.where(steps > 1500, 0.2, 0.0)
    found = parted(one.tolist(), other.tolist())
    assert found.step is not None
    assert 1300 <= found.step <= 1600
    assert found.after > found.before + found.limit


def test_curves_that_come_together_at_the_end_have_not_parted() -> None:
    before = [0.0] * 100
    after = [1.0 if 20 <= step < 60 else 0.0 for step in range(100)]
    found = parted(before, after)
    assert (found.step, found.differs_at) == (None, 20)


def test_curves_are_compared_over_the_steps_that_both_have_however_often_each_logs() -> None:
    often = buckets_of(range(1000), [float(step) for step in range(1000)])
    seldom = buckets_of(range(500, 1500, 7), [float(step) for step in range(500, 1500, 7)])
    found = parting_of(often, seldom, 400)
    assert found is not None
    assert found.step is None
    assert 950 <= found.last_step <= 999
    assert parting_of(buckets_of([0, 1], [1, 1]), buckets_of([5, 6], [1, 1]), 400) is None


def test_a_curve_that_is_no_number_any_more_parts_where_it_was_one_for_the_last_time() -> None:
    whole = [1.0] * 300
    lost = [*whole[:120], *[math.nan] * 180]
    for one, other in ((whole, lost), (lost, whole)):
        found = parted(one, other)
        assert (found.step, found.differs_at) == (120, 120)
        assert [math.isnan(found.before), math.isnan(found.after)] == [one is lost, other is lost]
    assert parted(whole, [math.inf] * 300).step == 0
    # One that was another curve before has parted there.
    assert parted(whole, [*whole[:50], *[2.0] * 100, *[math.nan] * 150]).step == 50
    # Single points are no end, and two that end so do not differ in it.
    assert parted(whole, [*whole[:50], math.nan, *whole[51:]]).step is None
    assert parted(lost, lost).step is None
    assert parting_of(buckets_of([0], [math.nan]), buckets_of([5], [1.0]), 400) is None


def test_the_largest_numbers_are_compared_like_others() -> None:
    found = parted([1.7e308] * 40, [-1.7e308] * 40)
    assert found.step == 0
    assert found.limit < math.inf


def answered(doors: Doors, before: list[Operation], after: list[Operation]) -> DifferencesAnswer:
    doors.write(create(), *before, run=BEFORE)
    doors.write(create(at=CREATED_AT + 60_000), *after, run=AFTER)
    return doors.query.comparer.differences(AFTER, BEFORE)


def by_path(answer: DifferencesAnswer) -> dict[str, RunDifference]:
    return {each.path: each for each in answer.differences}


def test_each_difference_is_told_with_its_area_and_both_sides(doors: Doors) -> None:
    answer = answered(
        doors,
        [
            put("parameters/lr", 0.1),
            put("parameters/optimizer", "adam"),
            put("parameters/gone", True),
            put("parameters/same", math.nan),
            put("result/f1", 0.5),
            put("source_code/git/commit", "aaa"),
            put("source_code/git/message", "one"),
            put("sys/python_version", "3.10.1"),
            put("sys/environment/OMP_NUM_THREADS", "1"),
            put("sys/name", "first"),
            put("monitoring/11aa/gpu_0_name", "A100"),
            put("monitoring/11aa/pid", 4),
        ],
        [
            put("parameters/lr", 0.01),
            put("parameters/optimizer", "adam"),
            put("parameters/new", frozenset({"a"})),
            put("parameters/same", math.nan),
            put("result/f1", 0.75),
            put("source_code/git/commit", "bbb"),
            put("source_code/git/message", "two"),
            put("sys/python_version", "3.12.0"),
            put("sys/environment/OMP_NUM_THREADS", "8"),
            put("sys/name", "second"),
            edit("sys/tags", add=["x"]),
            put("monitoring/22bb/gpu_0_name", "H100"),
            put("monitoring/22bb/pid", 5),
        ],
    )
    assert {path: (each.area, each.before, each.after) for path, each in by_path(answer).items()} == {
        "parameters/lr": (Area.CONFIG, 0.1, 0.01),
        "parameters/gone": (Area.CONFIG, True, None),
        "parameters/new": (Area.CONFIG, None, frozenset({"a"})),
        "result/f1": (Area.RESULT, 0.5, 0.75),
        "source_code/git/commit": (Area.CODE, "aaa", "bbb"),
        "sys/python_version": (Area.ENVIRONMENT, "3.10.1", "3.12.0"),
        "sys/environment/OMP_NUM_THREADS": (Area.ENVIRONMENT, "1", "8"),
        "gpu_0_name": (Area.HARDWARE, "A100", "H100"),
    }


def test_differences_are_ranked_by_area_and_by_how_large_they_are(doors: Doors) -> None:
    answer = answered(
        doors,
        [put("p/lr", 1.0), put("p/width", 100), put("p/net", "a"), put("sys/hostname", "x"), put("score", 1.0)],
        [put("p/lr", 10.0), put("p/width", 101), put("p/net", "b"), put("sys/hostname", "y"), put("score", 3.0)],
    )
    assert [each.path for each in answer.differences] == ["p/net", "p/lr", "p/width", "sys/hostname", "score"]
    assert all(0 < each.weight <= 1 for each in answer.differences)


def test_files_differ_by_their_hash_and_say_what_is_in_them(doors: Doors) -> None:
    media_type = "application/vnd.marigram.artifact+json"
    texts = {
        "source_code/requirements": (b"numpy==1.26\nscipy==1\ntorch==2\n", b"numpy==2.0\ntorch==2\nPillow==11\n"),
        "source_code/diff": (b"diff --git a/x.py b/x.py\n", b"diff --git a/y.py b/y.py\n"),
        "source_code/files/train.py": (b"a = 1\nb = 2\n", b"a = 1\nb = 3\nc = 4\n"),
        "model": (b"\xff\x00", b"\xff\x01"),
    }
    sides: tuple[list[Operation], list[Operation]] = ([], [])
    for path, contents in texts.items():
        for side, content in zip(sides, contents, strict=True):
            doors.keep(content)
            side.append(attach(path, file_of(content)))
    for side, content in zip(sides, (b"{}", b"{ }"), strict=True):
        doors.keep(content)
        side.append(attach("dataset", msgspec.structs.replace(file_of(content), media_type=media_type)))
    found = by_path(answered(doors, *sides))
    assert found["source_code/requirements"].area is Area.ENVIRONMENT
    assert found["source_code/requirements"].details == ("numpy 1.26 → 2.0", "pillow 11 added", "scipy 1 gone")
    assert found["source_code/diff"].details == ("x.py", "y.py")
    assert found["source_code/files/train.py"].details == ("lines: 2 added, 1 gone",)
    assert (found["dataset"].area, found["dataset"].before) == (Area.DATA, file_of(b"{}").sha256)
    assert (found["model"].area, found["model"].details) == (Area.OUTPUT, ())


def test_shared_metrics_say_where_they_part_and_how_fast_each_run_went(doors: Doors) -> None:
    def logged(pause_ms: int, last: float) -> list[Operation]:
        times = [CREATED_AT + pause_ms * step for step in range(100)]
        values = [1.0 if step < 40 else last for step in range(100)]
        points = FloatPoints(steps=[float(step) for step in range(100)], times=times, values=values)
        return [Append(path=Path("train/loss"), points=points), floats("monitoring/aa/cpu", [1, 2], [last, last])]

    answer = answered(
        doors, [*logged(100, 1.0), floats("same", range(50))], [*logged(50, 2.0), floats("same", range(50))]
    )
    metric, rate = answer.differences
    assert (metric.path, metric.area) == ("train/loss", Area.METRICS)
    assert metric.parting is not None
    assert (metric.parting.step, metric.before, metric.after) == (40, 1.0, 2.0)
    assert (rate.area, rate.path) == (Area.THROUGHPUT, "train/loss")
    assert (rate.before, rate.after) == (pytest.approx(10), pytest.approx(20))
    assert (answer.series_alike, answer.series_left_out, answer.left_out) == (1, 0, 0)


def test_the_step_at_which_long_curves_part_is_one_that_both_have(doors: Doors) -> None:
    steps = range(3000)
    curve = [math.exp(-step / 500) for step in steps]
    raised = [value + (0.2 if step >= 1234 else 0.0) for step, value in zip(steps, curve, strict=True)]
    lost = [value if step < 1235 else math.nan for step, value in zip(steps, curve, strict=True)]
    answer = answered(
        doors,
        [floats(path, steps, curve) for path in ("raised", "seldom", "lost", "early")],
        [
            floats("raised", steps, raised),
            floats("seldom", steps[::2], raised[::2]),
            floats("lost", steps, lost),
            floats("early", steps, [*curve[:7], 5.0, *raised[8:]]),
        ],
    )
    partings = {each.path: each.parting for each in answer.differences if each.parting is not None}
    assert {path: (each.step, each.differs_at) for path, each in partings.items()} == {
        "raised": (1234, 1234),
        "seldom": (1234, 1234),
        "lost": (1235, 1235),
        "early": (1234, 7),
    }
    assert by_path(answer)["lost"].before == curve[-1]


def test_of_more_attributes_than_are_compared_it_says_so(doors: Doors) -> None:
    values = [put(f"parameters/{name}", 1) for name in "abc"]
    assert answered(doors, values, [*values[:2], put("parameters/c", 2)]).is_whole
    points = WholeSeries(meta=doors.meta, points=doors.points)
    comparer = RunComparer(meta=doors.meta, points=points, blobs=doors.blobs, most_attributes=2)
    answer = comparer.differences(AFTER, BEFORE)
    assert (answer.is_whole, answer.differences) == (False, [])


def test_a_run_is_not_compared_with_itself(doors: Doors) -> None:
    doors.write(create(), run=BEFORE)
    with pytest.raises(BadQuestion, match="Choose another"):
        doors.query.comparer.differences(BEFORE, BEFORE)


def test_what_requirements_and_sources_hold_is_compared_line_by_line() -> None:
    assert package_changes("a_b==1\n# note\n-e .\nc @ git+https://x@1", "a-b==1\nc @ git+https://x@2") == [
        "c @ git+https://x@1 → @ git+https://x@2"
    ]
    assert line_changes("a\nb", "b\na") == ["the same lines in another order"]
