"""Points that come gathered in columns mean what they mean one by one: for the wire, the door in, and every store."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doors import Doors, without_messages
from marigram.model import Append, Appends, Batch, FloatPoints, Path, SetValue
from marigram.server.store.meta.memory import MemoryMetaStore
from marigram.server.store.points.memory import MemoryPointStore
from marigram.wire import decode_batch, encode_batch
from operations import RUN, batch_of, create, put, strings

PATHS = st.sampled_from(["a", "a/b", "c", "text", "value", "sys/id", "ä"])
STEPS = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([float("nan"), float("inf"), -0.0]))
TIMES = st.sampled_from([0, 5, 2**60])
ROWS = st.lists(st.tuples(STEPS, TIMES, st.floats(width=16)), max_size=4)
APPENDS = st.lists(st.tuples(PATHS, ROWS), min_size=2, max_size=8)


def one_by_one(appends: list[tuple[str, list[tuple[float, int, float]]]]) -> tuple[Append, ...]:
    """Return an `Append` each."""
    return tuple(
        Append(
            path=Path(path),
            points=FloatPoints(
                steps=[row[0] for row in rows], times=[row[1] for row in rows], values=[row[2] for row in rows]
            ),
        )
        for path, rows in appends
    )


def gathered(operations: tuple[Append, ...]) -> Appends:
    """Return the same in one set of columns."""
    points = [operation.points for operation in operations]
    steps, times = [step for each in points for step in each.steps], [at for each in points for at in each.times]
    values: list[Any] = [value for each in points for value in each.values]
    return Appends(
        paths=[operation.path for operation in operations],
        counts=[len(each.steps) for each in points],
        points=FloatPoints(steps=steps, times=times, values=values),
    )


def outcome(operations: tuple[Any, ...]) -> tuple[str, object, object]:
    """Return what a server has after a batch, and what it said."""
    doors = Doors(MemoryMetaStore(), MemoryPointStore())
    doors.ingest.start()
    try:
        doors.write(create(), put("value", 1), strings("text", [1.0], ["x"]))
        batch = msgspec.structs.replace(batch_of(first=4, last=99), operations=operations)
        receipt = doors.accept(batch)
        return repr(doors.values()), without_messages(receipt), receipt.tally
    finally:
        doors.ingest.close()


@given(APPENDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_gathered_points_are_accepted_and_refused_like_single_ones(
    appends: list[tuple[str, list[tuple[float, int, float]]]],
) -> None:
    operations = one_by_one(appends)
    assert outcome((gathered(operations),)) == outcome(operations)


@given(st.lists(APPENDS, min_size=1, max_size=3))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_batch_is_read_gathered_or_one_by_one_with_the_same_meaning(
    stretches: list[list[tuple[str, list[tuple[float, int, float]]]]],
) -> None:
    between = SetValue(path=Path("between"), value=1)
    operations = tuple(each for stretch in stretches for each in (*one_by_one(stretch), between))
    body = encode_batch(Batch(run_id=RUN, writer="w", first_seq=1, last_seq=9, operations=operations))
    found = decode_batch(body, gathered=True)
    assert [type(each) for each in found.operations] == [Appends, SetValue] * len(stretches)
    apart = [one for each in found.operations for one in (each.apart() if isinstance(each, Appends) else [each])]
    expected = decode_batch(body).operations
    assert list(map(listed, apart)) == list(map(listed, expected)) == list(map(listed, operations))
    assert encode_batch(found) == body


def listed(operation: object) -> str:
    """Return an operation in a form in which NaN equals itself and any columns equal others."""
    if not isinstance(operation, Append):
        return repr(operation)
    points = operation.points
    return repr((operation.path, list(points.steps), list(points.times), list(points.values)))
