"""The reading side of one writer's queue: its records as batches, in order.

Works beside a writer that goes on, and long after it died. Reading stops at the first record that is not committed.
Records that a loss of power destroyed are noticed when later segments exist or the writer is gone, and are counted.
"""

from __future__ import annotations

import contextlib
import itertools
from array import array
from pathlib import Path as FilePath

from typing_extensions import assert_never

from marigram.client.record import (
    FLOAT_POINT,
    FLOAT_ROW,
    PATH_NUMBER,
    CorruptRecordError,
    RecordKind,
    decode_operation,
    decode_paths,
)
from marigram.client.segment import SegmentReader, list_segments
from marigram.model import (
    Append,
    AttachFile,
    Batch,
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
    Points,
    Rewind,
    SetStatus,
    SetValue,
    StringPoints,
)
from marigram.system.disk import sync_file, sync_folder
from marigram.system.files import remove

MAX_BATCH_BYTES = 1 << 20
"""Record bytes of one batch: about 26,000 float points, some 30 ms of a server's time, so that live stays live."""


class Backlog:
    """Reads one queue. Not for several threads."""

    def __init__(self, *, directory: FilePath, run_id: str, writer: str) -> None:
        """Take the queue's folder and whose it is; `seek` says where to begin."""
        self._directory = directory
        self._run_id = run_id
        self._writer = writer
        self._seq = 0
        self._segment: SegmentReader | None = None
        self._segment_first_seq = 0
        self._seen = 0
        self._synced_from = -1
        self._paths: dict[int, Path] = {}
        self._rows: dict[int, list[Path]] = {}
        self.lost = 0
        self.is_behind = False

    @property
    def seq(self) -> int:
        """Number of the last operation read."""
        return self._seq

    def seek(self, seq: int) -> None:
        """Make the next batch begin after `seq`."""
        if seq == self._seq and self._segment is not None:
            return
        self._close()
        self._seq = seq

    def oldest_seq(self) -> int | None:
        """Return the number of the first operation still in the queue; None if no segment is there."""
        segments = list_segments(self._directory)
        return segments[0][0] if segments else None

    def next_batch(self, *, max_bytes: int = MAX_BATCH_BYTES) -> Batch | None:
        """Return what follows, as one batch of at most about `max_bytes`; None if nothing does (yet)."""
        first = self._seq + 1
        builder = BatchBuilder()
        while builder.bytes < max_bytes:
            if self._segment is None and not self._open():
                break
            self._read(builder, max_bytes)
            if builder.bytes < max_bytes and not self._advance():
                break
        self.is_behind = builder.bytes >= max_bytes
        if self._seq < first:
            return None
        return Batch(
            run_id=self._run_id,
            writer=self._writer,
            first_seq=first,
            last_seq=self._seq,
            operations=builder.operations(),
        )

    def sync(self) -> None:
        """Bring what is queued to the disk itself, against a loss of power."""
        for first, path in list_segments(self._directory):
            if first >= self._synced_from:
                with contextlib.suppress(FileNotFoundError):
                    sync_file(path)
                    if first > self._synced_from:
                        sync_folder(self._directory)  # the name of a new segment is in its folder
                self._synced_from = first

    def forget(self, seq: int) -> None:
        """Delete the segments that hold nothing after `seq`; the newest stays, for its writer writes there."""
        segments = list_segments(self._directory)
        for (_, path), (next_first, _) in itertools.pairwise(segments):
            if next_first <= seq + 1 and (self._segment is None or path != self._segment.path):
                remove(path)

    def close(self) -> None:
        """Let go of the files."""
        self._close()

    def _read(self, builder: BatchBuilder, max_bytes: int) -> None:
        segment = self._segment
        if segment is None:
            return
        paths, rows = self._paths, self._rows
        unpack = FLOAT_POINT.unpack
        seq, seen = self._seq, self._seen
        for kind, payload in segment.records():
            if kind == RecordKind.FLOAT_POINT:
                seen += 1
                if seen > seq:
                    number, _, step, time, value = unpack(payload)
                    builder.add_float(paths[number], step, time, value)
            elif kind == RecordKind.PATH:
                (number,) = PATH_NUMBER.unpack_from(payload)
                paths[number] = Path(payload[PATH_NUMBER.size :].decode())
            elif kind == RecordKind.FLOAT_ROW:
                number, _, step, time = FLOAT_ROW.unpack_from(payload)
                values = memoryview(payload)[FLOAT_ROW.size :].cast("d")
                seen += len(values)
                if seen > seq:
                    for path, value in zip(rows[number], values, strict=True):
                        builder.add_float(path, step, time, value)
            elif kind == RecordKind.PATHS:
                (number,) = PATH_NUMBER.unpack_from(payload)
                rows[number] = decode_paths(payload[PATH_NUMBER.size :])
            else:
                seen += 1
                if seen > seq:
                    self._add(builder, kind, payload)
            if builder.bytes >= max_bytes:
                break
        self._seen = seen
        self._seq = max(seq, seen)

    def _add(self, builder: BatchBuilder, kind: int, payload: bytes) -> None:
        try:
            builder.add(decode_operation(kind, payload), len(payload))
        except CorruptRecordError:
            # Its checksum is right, so a newer version wrote it; its number must not stop what follows.
            self.lost += 1

    def _open(self) -> bool:
        """Open the segment that holds the operation after `seq`; segments that began before it are candidates."""
        segments = list_segments(self._directory)
        candidates = [entry for entry in segments if entry[0] <= self._seq + 1]
        if not candidates:
            if not segments:
                return False
            # What stood before the oldest segment is gone for good; go on with what there is.
            self.lost += segments[0][0] - self._seq - 1
            self._seq = segments[0][0] - 1
            candidates = segments[:1]
        return self._use(candidates[-1])

    def _advance(self) -> bool:
        """Go to the next segment if the writer has done so; return whether."""
        later = [entry for entry in list_segments(self._directory) if entry[0] > self._segment_first_seq]
        if not later or self._segment is None:
            return False
        # The writer may have committed records between our last look and its rotation: look again before concluding.
        if self._segment.has_more():
            return True
        first, _ = later[0]
        if first > self._seq + 1:
            self.lost += first - self._seq - 1
            self._seq = first - 1
        return self._use(later[0])

    def _use(self, entry: tuple[int, FilePath]) -> bool:
        self._close()
        first, path = entry
        try:
            self._segment = SegmentReader(path)
        except FileNotFoundError:
            return False
        self._segment_first_seq = first
        self._seen = first - 1
        return True

    def _close(self) -> None:
        if self._segment is not None:
            self._segment.close()
        self._segment = None
        self._paths, self._rows = {}, {}
        self._seen = 0


class _Floats:
    __slots__ = ("steps", "times", "values")

    def __init__(self) -> None:
        self.steps = array("d")
        self.times = array("q")
        self.values = array("d")

    def points(self) -> Points:
        return FloatPoints(steps=self.steps, times=self.times, values=self.values)


class _Strings:
    __slots__ = ("steps", "times", "values")

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.times: list[int] = []
        self.values: list[str] = []

    def points(self) -> Points:
        return StringPoints(steps=self.steps, times=self.times, values=self.values)


class _Files:
    __slots__ = ("steps", "times", "values")

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.times: list[int] = []
        self.values: list[File] = []

    def points(self) -> Points:
        return FilePoints(steps=self.steps, times=self.times, values=self.values)


class _Histograms:
    __slots__ = ("steps", "times", "values")

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.times: list[int] = []
        self.values: list[Histogram] = []

    def points(self) -> Points:
        return HistogramPoints(steps=self.steps, times=self.times, values=self.values)


_Columns = _Floats | _Strings | _Files | _Histograms


class BatchBuilder:
    """Merges the points of one path into one `Append`, as far as that cannot change what the operations mean.

    Points of different paths do not see each other, so they may be gathered across each other. Whatever else happens
    at a path ends its gathering, and a `Delete`, `Rewind` or status ends all, because it reaches below its path.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.bytes = 0
        self._done: list[Operation | tuple[Path, _Columns]] = []
        self._open: dict[Path, _Columns] = {}

    def add_float(self, path: Path, step: float, time: int, value: float) -> None:
        """Add one float point."""
        columns = self._open.get(path)
        if type(columns) is not _Floats:
            columns = _Floats()
            self._begin(path, columns)
        columns.steps.append(step)
        columns.times.append(time)
        columns.values.append(value)
        self.bytes += FLOAT_POINT.size + 8

    def add(self, operation: Operation, size: int) -> None:
        """Add any operation, whose record has `size` bytes."""
        self.bytes += size + 8
        match operation:
            case Append(points=FloatPoints() as points):
                for step, time, value in zip(points.steps, points.times, points.values, strict=True):
                    self.add_float(operation.path, step, time, value)
            case Append(points=StringPoints() as points):
                strings = self._open.get(operation.path)
                if not isinstance(strings, _Strings):
                    strings = _Strings()
                    self._begin(operation.path, strings)
                strings.steps.extend(points.steps)
                strings.times.extend(points.times)
                strings.values.extend(points.values)
            case Append(points=FilePoints() as points):
                files = self._open.get(operation.path)
                if not isinstance(files, _Files):
                    files = _Files()
                    self._begin(operation.path, files)
                files.steps.extend(points.steps)
                files.times.extend(points.times)
                files.values.extend(points.values)
            case Append(points=HistogramPoints() as points):
                histograms = self._open.get(operation.path)
                if not isinstance(histograms, _Histograms):
                    histograms = _Histograms()
                    self._begin(operation.path, histograms)
                histograms.steps.extend(points.steps)
                histograms.times.extend(points.times)
                histograms.values.extend(points.values)
            case SetValue() | EditSet() | AttachFile():
                self._open.pop(operation.path, None)
                self._done.append(operation)
            case Delete() | Rewind() | CreateRun() | SetStatus():
                self._open.clear()
                self._done.append(operation)
            case Append():
                message = "points of an unknown kind"
                raise AssertionError(message)
            case _:
                assert_never(operation)

    def operations(self) -> tuple[Operation, ...]:
        """Return what was added."""
        return tuple(
            Append(path=entry[0], points=entry[1].points()) if isinstance(entry, tuple) else entry
            for entry in self._done
        )

    def _begin(self, path: Path, columns: _Columns) -> None:
        self._open[path] = columns
        self._done.append((path, columns))
