"""The durable queue of one writer: what was said and is not receipted yet.

Guarantees: when `append`, `append_float` or `append_row` returns, what it kept survives `kill -9` of this process.
Operations are numbered from 1 without gaps, in the order of their records; a row is as many as it has points. Any
thread may write. A signal handler may write while the code below it is writing. A forked child never touches its
parent's segment: `after_fork` makes it a writer of its own, which opens with the child's first operation.

    $MARIGRAM_HOME/queue/<run id>/<writer>/   writer.json   <first seq>.seg …   receipt   blobs/…   ended
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from zlib import crc32

import msgspec

from marigram.client.card import Card, Role, process_created_at, save_card
from marigram.client.errors import QueueFullError
from marigram.client.exit_code import note_exit_code
from marigram.client.position import Position, load_position
from marigram.client.receipt import Logged, save_logged
from marigram.client.record import FLOAT_POINT, PATH_NUMBER, RecordKind, encode_operation
from marigram.client.room import MAX_BYTES, Room, bytes_of
from marigram.client.run_folder import UNNAMED, queue_directory
from marigram.client.segment import (
    COMMIT_BYTES,
    CRC_SHIFT,
    HEADER_BYTES,
    KIND_SHIFT,
    MAX_PAYLOAD_BYTES,
    Segment,
    create_segment,
    full_disk_sentence,
)
from marigram.client.staging import BLOBS_NAME, LENT_FROM_BYTES, keep_bytes, keep_stream, lend
from marigram.client.track import Track, Tracks
from marigram.model import Append, CreateRun, Operation
from marigram.system.files import replace

ENDED_NAME = "ended"
EXIT_CODE_COMES = "the exit code comes when the process is gone"
FIRST_SEGMENT_BYTES = 1 << 18
"""A short run, or a forked worker that logs one line, shall not reserve much disk."""

SEGMENT_BYTES = 1 << 20
"""26,000 float points. Opening one takes about a millisecond, once, so a larger one would be a longer hiccup."""

RESERVE_SEGMENT_BYTES = 1 << 16
"""When points find no room any more, values go into segments of this size, which points may not use."""

_FIRST_RECORDS_BYTES = 1 << 10
"""Room for the CreateRun that a queue begins with, beside the record that the segment is opened for."""

_TRIES = 5
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_LOOK_AGAIN_AFTER_S = 0.01
_pack_float = FLOAT_POINT.pack
_FLOAT_BYTES = FLOAT_POINT.size
_FLOAT_RECORD_BYTES = COMMIT_BYTES + _FLOAT_BYTES
_FLOAT_COMMIT = _FLOAT_BYTES | RecordKind.FLOAT_POINT << KIND_SHIFT


class Queue:
    """The writing side of one writer's queue."""

    def __init__(
        self,
        *,
        home: FilePath,
        card: Card,
        segment_bytes: int = SEGMENT_BYTES,
        mapped: bool = True,
        max_bytes: int = MAX_BYTES,
        room: Room | None = None,
        offline: bool = False,
    ) -> None:
        """Take where queues live and who writes; nothing is opened before the first operation.

        Args:
            home: the folder that holds `queue`.
            card: who writes.
            segment_bytes: size of a segment.
            mapped: write by a mapping where the file system can.
            max_bytes: what all queues of the run may take on the disk.
            room: says whether the queue may grow; default: one of `max_bytes`.
            offline: nobody reads large files soon, so they are copied where they cannot be linked.
        """
        self.card = card
        self._home = home
        self._segment_bytes = segment_bytes
        self._mapped = mapped
        self._room = room or Room(queue_directory(home, card.run_id), max_bytes=max_bytes)
        self._offline = offline
        self._lock = threading.RLock()
        self._segment: Segment | None = None
        self._serial = 0
        self._position: int = 0
        self._limit = -1
        self._numbers = 0
        self._last_seq = 0
        self._points_beyond = 0
        self._ended = False

    @property
    def directory(self) -> FilePath:
        """Where this writer's files are."""
        return queue_directory(self._home, self.card.run_id) / self.card.writer

    @property
    def last_seq(self) -> int:
        """Number of the newest operation; 0 if there is none."""
        return self._last_seq

    @property
    def points(self) -> int:
        """How many points are in the operations so far.

        Most operations are one float point each, so those are counted by `last_seq`, and only the others by hand:
        counting costs `append_float` nothing.
        """
        return self._last_seq + self._points_beyond

    def held_bytes(self) -> int:
        """Return what the queue's files hold, which takes some system calls."""
        with self._lock:
            unused = 0 if self._segment is None else self._segment.size - self._position
        return max(0, bytes_of(self.directory) - unused)

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        """Keep one float point; without a step it is the one after the largest so far.

        Raises:
            QueueFullError: the queue may not grow, or the disk is full.
        """
        with self._lock:
            if step is None:
                step = track.next_step if track.rows else track.own_next_step
            while True:
                serial = track.serial
                payload = _pack_float(track.number, 0, step, milliseconds, value)
                commit = _FLOAT_COMMIT | crc32(payload) << CRC_SHIFT
                position = self._position
                segment = self._segment
                if serial != self._serial or position > self._limit or segment is None:
                    self._declare(track, RecordKind.PATH, track.path.encode(), _FLOAT_RECORD_BYTES)
                    continue
                # Signal handlers run at calls and at jumps that are taken (before Python 3.11, forward ones too). From
                # here to `break` there are none when the segment is mapped, so one that ran has moved the position.
                if self._position == position and self._segment is segment:
                    segment.data[position + COMMIT_BYTES : position + _FLOAT_RECORD_BYTES] = payload
                    if self._position == position:  # else a handler ran after all, and wrote to where we did
                        segment.words[position >> 3] = commit
                        self._last_seq += 1
                        self._position = position + _FLOAT_RECORD_BYTES
                        break
            if step >= track.own_next_step and (not track.rows or step >= track.next_step):
                track.own_next_step = step + 1.0

    def append_row(self, tracks: Tracks, values: Iterable[float], step: float | None, milliseconds: int) -> bool:
        """Keep one float point for each track, all at one step, as one record: all of them come, or none.

        Returns:
            False, with nothing kept, if no step is given and the tracks do not go on at the same one.

        Raises:
            OverflowError, struct.error: the values are not as many numbers as there are tracks; nothing is kept.
            QueueFullError: the queue may not grow, or the disk is full.
        """
        size = tracks.record_bytes
        with self._lock:
            if step is None:
                step = tracks.shared_next_step()
                if step is None:
                    return False
            while True:
                serial = tracks.serial
                payload = tracks.pack(tracks.number, 0, step, milliseconds, *values)
                commit = tracks.commit | crc32(payload) << CRC_SHIFT
                position = self._position
                segment = self._segment
                if serial != self._serial or segment is None or self._limit < 0 or position + size > segment.size:
                    self._declare(tracks, RecordKind.PATHS, tracks.names, size)
                    continue
                if self._position == position and self._segment is segment:  # as in `append_float`
                    segment.data[position + COMMIT_BYTES : position + size] = payload
                    if self._position == position:
                        segment.words[position >> 3] = commit
                        self._last_seq += tracks.count
                        self._position = position + size
                        break
            if step >= tracks.next_step:
                tracks.next_step = step + 1.0
            return True

    def append(self, operation: Operation) -> int:
        """Keep any operation and return its number.

        Raises:
            QueueFullError: the queue may not grow, or the disk is full.
            ValueError: the operation is larger than a record may be (16 MiB).
        """
        kind, payload = encode_operation(operation)
        if len(payload) > MAX_PAYLOAD_BYTES:
            message = f"An operation of {len(payload)} bytes does not fit the queue. Log large text or data as a File."
            raise ValueError(message)
        with self._lock:
            seq = self._write(kind, payload, points=isinstance(operation, Append))
            self._points_beyond += (len(operation.points.steps) if isinstance(operation, Append) else 0) - 1
            return seq

    def take_step(self, track: Track, step: float | None) -> float:
        """Return the step of a point that is not a float, and move the track on."""
        with self._lock:
            if step is None:
                step = track.next_step
            track.own_next_step = max(track.own_next_step, step + 1.0)
            return step

    def stage_bytes(self, content: bytes) -> tuple[str, int]:
        """Keep a blob until the server has it; return (SHA-256, bytes).

        Raises:
            QueueFullError: the queue may not grow.
            OSError: the disk is full.
        """
        return keep_bytes(self._blobs(), content, self._take_room)

    def stage_file(self, source: FilePath) -> tuple[str, int]:
        """Keep a file until the server has it; return (SHA-256, bytes). It is copied, and read once, in pieces.

        More than 16 MiB are not read here: a token stands for the hash, and the syncer reads the file.

        Raises:
            QueueFullError: the queue may not grow.
            OSError: it cannot be read, or the disk is full.
        """
        blobs = self._blobs()
        with source.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size > LENT_FROM_BYTES:
                lent = lend(blobs, source, by_path=not self._offline)
                if lent is not None:
                    return lent
            return keep_stream(blobs, stream, self._take_room)

    def open(self) -> None:
        """Make the queue on the disk now, and not with the first operation.

        Raises:
            QueueFullError: the disk is full.
            OSError: the folder cannot be written.
        """
        with self._lock:
            if self._segment is None:
                self._open_segment(0, points=False)

    def end(self, *, exit_said: str | None = None, drops: Mapping[str, int] | None = None) -> None:
        """Say that this writer says no more. Doing it again changes nothing.

        Args:
            drops: calls that never came so far, by reason, for the run's receipt.
            exit_said: the program ends, and nobody can tell how before its exit code is seen: let the syncer see it. A
                text is what `sys.exit` was told, in case the program does end by that.
        """
        with self._lock:
            if self._ended:
                return
            self._ended = True
            if self._segment is not None:
                save_logged(self.directory, Logged(points=self.points, drops=dict(drops or {})))
                code_comes = exit_said is not None and note_exit_code(self.directory)
                (self.directory / ENDED_NAME).write_text(
                    f"{EXIT_CODE_COMES}\n{exit_said}" if code_comes else "", encoding="utf-8", errors="replace"
                )

    def position(self) -> Position:
        """Return how far the server has everything. A queue that the syncer has removed was receipted whole."""
        position = load_position(self.directory)
        if position.durable_seq < self._last_seq and self._segment is not None and not self.directory.exists():
            return Position(durable_seq=self._last_seq)
        return position

    def wait(self, *, seq: int, timeout_s: float) -> bool:
        """Wait until the server has everything up to `seq`; return whether it has."""
        deadline = time.monotonic() + timeout_s
        while self.position().durable_seq < seq:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOOK_AGAIN_AFTER_S)
        return True

    def after_fork(self) -> None:
        """In a forked child: forget the parent's segment and become a writer of its own."""
        self._lock = threading.RLock()
        self.card = msgspec.structs.replace(
            self.card,
            writer=new_writer_name(),
            role=Role.FORK,
            pid=os.getpid(),
            process_created_at=process_created_at(),
            hardware=False,
        )
        self._segment = None
        self._serial += 1
        self._position = self._last_seq = self._points_beyond = 0
        self._limit = -1
        self._ended = False

    def _write(self, kind: int, payload: bytes, *, points: bool) -> int:
        """Write and commit an operation's record; return its number."""
        size = COMMIT_BYTES + len(payload)
        padded = size + (-size & 7)
        commit = len(payload) | kind << KIND_SHIFT | crc32(payload) << CRC_SHIFT
        while True:
            position = self._position
            segment = self._segment
            if segment is None or position + padded > segment.size or (points and self._limit < 0):
                self._open_segment(padded, points=points)
                continue
            if self._position == position and self._segment is segment:  # as in `append_float`
                segment.data[position + COMMIT_BYTES : position + size] = payload
                if self._position == position:
                    segment.words[position >> 3] = commit
                    seq = self._last_seq = self._last_seq + 1
                    self._position = position + padded
                    return seq

    def _declare(self, named: Track | Tracks, kind: int, names: bytes, record_bytes: int) -> None:
        """Give what is named a number in the open segment, and see to it that a record of it has room there."""
        length = PATH_NUMBER.size + len(names)
        padded = COMMIT_BYTES + length + (-length & 7)
        serial = self._serial
        number = self._numbers
        self._numbers = number + 1
        payload = PATH_NUMBER.pack(number) + names
        commit = length | kind << KIND_SHIFT | crc32(payload) << CRC_SHIFT
        position = self._position
        segment = self._segment
        if segment is None or self._limit < 0 or position + padded + record_bytes > segment.size:
            self._open_segment(padded + record_bytes, points=True)
            return
        # As in `append_float`. If a signal handler wrote meanwhile, the caller looks and calls again.
        if self._position == position and self._serial == serial:
            segment.data[position + COMMIT_BYTES : position + COMMIT_BYTES + length] = payload
            if self._position == position:
                segment.words[position >> 3] = commit
                self._position = position + padded
                named.number, named.serial = number, serial

    def _open_segment(self, room: int, *, points: bool) -> None:
        previous = self._segment
        if previous is None:
            self._open_directory()
        usual = self._segment_bytes if previous else min(FIRST_SEGMENT_BYTES, self._segment_bytes)
        for_points = True
        size = _segment_size(usual, room)
        try:
            self._room.take(size)
        except QueueFullError:
            if points:
                raise
            for_points = False
            size = _segment_size(min(usual, RESERVE_SEGMENT_BYTES), room)
            self._room.take(size, reserve=True)
        segment = create_segment(self.directory, size=size, mapped=self._mapped)
        if self._segment is not previous:
            segment.discard()  # a signal handler has opened one meanwhile
            return
        first_seq = self._last_seq + 1
        self._serial += 1
        self._position = HEADER_BYTES
        self._limit = size - _FLOAT_RECORD_BYTES if for_points else -1
        self._numbers = 0
        self._segment = segment
        segment.publish(first_seq)
        if previous is None:
            # Any writer may reach the server first, so each begins by making the run.
            self.append(CreateRun(project=self.card.project, created_at=self.card.created_at, fork=self.card.fork))

    def _open_directory(self) -> None:
        """Make the writer's folder; a syncer that has just finished may remove the run's folder under our hands.

        It gets its name when the card is in it, so that a folder without one, left by a process that was killed here,
        is known to hold nothing.
        """
        unnamed = self.directory.with_name(UNNAMED + self.card.writer)
        for attempt in range(_TRIES):
            if self.directory.exists():  # a signal handler has made it meanwhile
                shutil.rmtree(unnamed, ignore_errors=True)
                return
            try:
                self.directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                unnamed.mkdir(mode=0o700, exist_ok=True)
                save_card(unnamed, self.card)
                replace(unnamed, self.directory)
            except FileNotFoundError:
                if attempt + 1 == _TRIES:
                    raise
            except OSError as error:
                if self.directory.exists():
                    continue
                if error.errno in _NO_SPACE:
                    raise QueueFullError(full_disk_sentence(self._home)) from error
                raise
            else:
                return

    def _take_room(self, size: int) -> None:
        with self._lock:
            self._room.take(size)

    def _blobs(self) -> FilePath:
        self.open()
        blobs = self.directory / BLOBS_NAME
        blobs.mkdir(mode=0o700, exist_ok=True)
        return blobs


def _segment_size(usual: int, room: int) -> int:
    size = max(usual, HEADER_BYTES + room + _FIRST_RECORDS_BYTES)
    return size + (-size & 7)


def new_writer_name() -> str:
    """Return a name that no other writer has."""
    return os.urandom(8).hex()
