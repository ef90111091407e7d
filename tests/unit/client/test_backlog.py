from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path as FilePath

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marigram.client.record import decode_operation, encode_operation
from marigram.client.track import Track, Tracks
from marigram.model import (
    Append,
    AttachFile,
    CreateRun,
    Delete,
    EditSet,
    File,
    FilePoints,
    FloatPoints,
    Histogram,
    HistogramPoints,
    Operation,
    Path,
    ProjectName,
    Rewind,
    RunStatus,
    SetStatus,
    SetValue,
    StringPoints,
)
from unit.client.making import RUN_ID, a_backlog, a_queue, everything, operations_of, points_at

TIMES = st.integers(0, 2**45)
NUMBERS = st.floats(allow_nan=False)
PATHS = st.sampled_from(["a", "a/b", "c", "d/e/f", "ä/ö"]).map(Path)
FILES = st.builds(
    File,
    sha256=st.just("0" * 64),
    filename=st.text(),
    media_type=st.just("image/png"),
    size=st.integers(0, 2**40),
    caption=st.none() | st.text(),
)
MOMENTS = st.integers(-(2**40), 2**40).map(lambda ms: datetime.fromtimestamp(ms / 1000 // 1, tz=timezone.utc))
VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    NUMBERS,
    st.text(),
    MOMENTS,
    st.frozensets(st.text()),
)
STEPS = st.floats(allow_nan=False, allow_infinity=False)
OPERATIONS = st.one_of(
    st.builds(SetValue, path=PATHS, value=VALUES),
    st.builds(EditSet, path=PATHS, add=st.lists(st.text()).map(tuple), remove=st.lists(st.text()).map(tuple)),
    st.builds(AttachFile, path=PATHS, file=FILES),
    st.builds(Delete, path=PATHS),
    st.builds(Rewind, after_step=st.just(3.0), path=st.none() | PATHS),
    st.builds(
        SetStatus,
        status=st.sampled_from(RunStatus),
        at=TIMES,
        exit_code=st.none() | st.integers(0, 255),
        failure=st.none() | st.text(),
    ),
    st.builds(CreateRun, project=st.just(ProjectName("a/b")), created_at=TIMES),
    st.builds(
        lambda path, step, time, value: Append(
            path=path, points=StringPoints(steps=[step], times=[time], values=[value])
        ),
        PATHS,
        STEPS,
        TIMES,
        st.text(),
    ),
    st.builds(
        lambda path, step, time, value: Append(
            path=path, points=FilePoints(steps=[step], times=[time], values=[value])
        ),
        PATHS,
        STEPS,
        TIMES,
        FILES,
    ),
    st.builds(
        lambda path, step, time, counts: Append(
            path=path,
            points=HistogramPoints(
                steps=[step], times=[time], values=[Histogram(edges=tuple(counts), counts=tuple(counts))]
            ),
        ),
        PATHS,
        STEPS,
        TIMES,
        st.lists(NUMBERS, max_size=3),
    ),
    st.builds(
        lambda path, step, time, value: Append(
            path=path, points=FloatPoints(steps=[step], times=[time], values=[value])
        ),
        PATHS,
        STEPS,
        TIMES,
        NUMBERS,
    ),
)
ROWS = st.builds(
    lambda step, time, row: tuple(
        Append(path=path, points=FloatPoints(steps=[step], times=[time], values=[value])) for path, value in row.items()
    ),
    STEPS,
    TIMES,
    st.dictionaries(PATHS, NUMBERS, min_size=1),
)


@given(OPERATIONS)
def test_every_operation_comes_back_from_its_record(operation: Operation) -> None:
    assert decode_operation(*encode_operation(operation)) == operation


def fold(operations: list[Operation]) -> dict[object, object]:
    """What a run holds after the operations: a small model of the server."""
    state: dict[object, object] = {}
    for operation in operations:
        match operation:
            case CreateRun():
                state.setdefault("created", operation)
            case SetValue(path=path, value=value):
                state[path] = value
            case EditSet(path=path, add=add, remove=remove):
                before = state.get(path)
                state[path] = (before if isinstance(before, frozenset) else frozenset()) - set(remove) | set(add)
            case AttachFile(path=path, file=file):
                state[path] = file
            case Delete(path=path):
                state = {at: what for at, what in state.items() if at != path and not str(at).startswith(f"{path}/")}
            case Rewind(after_step=after, path=above):
                for at, what in state.items():
                    reached = above is None or at == above or str(at).startswith(f"{above}/")
                    if reached and isinstance(what, dict):
                        state[at] = {step: p for step, p in what.items() if step == "kind" or step <= after}
            case SetStatus():
                state["status"] = operation
            case Append(path=path, points=points):
                before = state.get(path)
                series = dict(before) if isinstance(before, dict) and type(points) is before["kind"] else {}
                series["kind"] = type(points)
                series.update(zip(points.steps, zip(points.times, points.values, strict=True), strict=True))
                state[path] = series
    return state


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(said=st.lists(OPERATIONS | ROWS, max_size=30), max_bytes=st.integers(1, 600), starts_anew=st.booleans())
def test_batches_of_any_size_leave_the_run_as_the_operations_one_by_one(
    tmp_path_factory: object, said: list[Operation | tuple[Append, ...]], max_bytes: int, starts_anew: bool
) -> None:
    home = tmp_path_factory.mktemp("queue")  # pyright: ignore[reportAttributeAccessIssue] pytest's own
    queue = a_queue(home, segment_bytes=4096)
    tracks = {path: Track(Path(path)) for path in ("a", "a/b", "c", "d/e/f", "ä/ö")}
    rows: dict[tuple[Path, ...], Tracks] = {}
    for operation in said:
        if isinstance(operation, tuple):
            paths = tuple(append.path for append in operation)
            row = rows.setdefault(paths, Tracks(tuple(tracks[path] for path in paths)))
            (step,), (time,) = operation[0].points.steps, operation[0].points.times
            assert queue.append_row(row, [append.points.values[0] for append in operation], step, time)
        elif isinstance(operation, Append) and isinstance(operation.points, FloatPoints):
            points = operation.points
            queue.append_float(tracks[operation.path], points.values[0], points.steps[0], points.times[0])
        else:
            queue.append(operation)
    backlog = a_backlog(queue)
    batched: list[Operation] = []
    last = 0
    while (batch := backlog.next_batch(max_bytes=max_bytes)) is not None:
        assert batch.first_seq == last + 1
        last = batch.last_seq
        batched += operations_of(batch)
        if starts_anew:
            backlog.close()
            backlog = a_backlog(queue, after=last)
    operations = [one for each in said for one in (each if isinstance(each, tuple) else (each,))]
    assert last == queue.last_seq == len(operations) + bool(operations)
    assert queue.points == sum(isinstance(operation, Append) for operation in operations)
    if operations:
        assert isinstance(batched[0], CreateRun)
        assert fold(batched[1:]) == fold(operations)


def test_points_of_one_path_become_one_append_across_points_of_others(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    loss, accuracy = Track(Path("loss")), Track(Path("accuracy"))
    for number in range(100):
        queue.append_float(loss, float(number), None, 0)
        queue.append_float(accuracy, -float(number), None, 0)
        points = StringPoints(steps=[number], times=[0], values=["line"])
        queue.append(Append(path=Path("console"), points=points))
    operations = everything(a_backlog(queue))
    assert len(operations) == 1 + 3
    assert len(points_at(operations, "console")) == 100


def test_points_are_not_merged_across_a_delete(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    loss = Track(Path("train/loss"))
    queue.append_float(loss, 1.0, None, 0)
    queue.append(Delete(path=Path("train")))
    queue.append_float(loss, 2.0, None, 0)
    kinds = [type(operation) for operation in everything(a_backlog(queue))]
    assert kinds == [CreateRun, Append, Delete, Append]


def test_reading_continues_after_any_number(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path, segment_bytes=4096)
    loss = Track(Path("loss"))
    for number in range(500):
        queue.append_float(loss, float(number), None, 0)
    backlog = a_backlog(queue)
    for after in (0, 400, 3, 499, 250, 501):
        backlog.seek(after)
        values = [value for _, _, value in points_at(everything(backlog), "loss")]
        assert values == [float(number) for number in range(max(0, after - 1), 500)]


def test_a_row_is_in_one_batch_and_reading_continues_after_it(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    row = Tracks((Track(Path("loss")), Track(Path("accuracy")), Track(Path("lr"))))
    for number in range(4):
        queue.append_row(row, [float(number)] * 3, None, 0)
    backlog = a_backlog(queue, after=1)
    lasts = []
    while (batch := backlog.next_batch(max_bytes=1)) is not None:
        assert [len(points_at(list(batch.operations), path)) for path in ("loss", "accuracy", "lr")] == [1, 1, 1]
        lasts.append(batch.last_seq)
    assert lasts == [4, 7, 10, 13]
    rest = everything(a_backlog(queue, after=7))
    assert [value for _, _, value in points_at(rest, "lr")] == [2.0, 3.0]


def test_a_batch_knows_its_run_its_writer_and_its_numbers(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    queue.append(SetValue(path=Path("a"), value=1))
    batch = a_backlog(queue).next_batch()
    assert batch is not None
    assert (batch.run_id, batch.writer, batch.first_seq, batch.last_seq) == (RUN_ID, "writer1", 1, 2)
    assert a_backlog(queue, after=2).next_batch() is None
