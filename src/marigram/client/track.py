"""What a queue remembers of the paths that float points are written to: their next steps, and their short names."""

from __future__ import annotations

from math import inf
from struct import Struct

from marigram.client.record import FLOAT_ROW_FORMAT, RecordKind, encode_paths
from marigram.client.segment import COMMIT_BYTES, KIND_SHIFT
from marigram.model import Path

MAX_ROW_POINTS = 1000
"""A longer row would make a segment's change, and the loss of a record, a larger matter than it need be."""


class Track:
    """One path: the next step, and the path's number within one segment.

    A row moves all its paths on by one store, in `Tracks`, and not by one in each `Track`: objects that were not
    touched since the last step of a training are out of the processor's caches, and fifty of them cost more than the
    row itself.
    """

    __slots__ = ("number", "own_next_step", "path", "rows", "serial")

    def __init__(self, path: Path) -> None:
        """Begin at step 0, without a number."""
        self.path = path
        self.own_next_step = 0.0
        """The next step as far as points tell that were not written in rows."""
        self.rows: list[Tracks] = []
        self.number = 0
        self.serial = -1

    @property
    def next_step(self) -> float:
        """The step of a point that is given none: beyond all so far, or where the path was set to."""
        return max(self.own_next_step, *(row.next_step for row in self.rows)) if self.rows else self.own_next_step

    @next_step.setter
    def next_step(self, step: float) -> None:
        for row in self.rows:
            row.settle()
        self.own_next_step = step


class Tracks:
    """Several paths that get a point each in one call, and their number as one within one segment."""

    __slots__ = ("commit", "count", "names", "next_step", "number", "pack", "record_bytes", "serial", "tracks")

    def __init__(self, tracks: tuple[Track, ...]) -> None:
        """Take different tracks, at most `MAX_ROW_POINTS`."""
        row = Struct(FLOAT_ROW_FORMAT + f"{len(tracks)}d")
        self.tracks = tracks
        self.count = len(tracks)
        self.names = encode_paths(track.path for track in tracks)
        self.pack = row.pack
        self.record_bytes = COMMIT_BYTES + row.size
        self.commit = row.size | RecordKind.FLOAT_ROW << KIND_SHIFT
        self.next_step = -inf
        """The same as far as rows tell, since `settle`."""
        self.number = 0
        self.serial = -1
        for track in tracks:
            track.rows.append(self)  # one step, so that another thread may do the same

    def shared_next_step(self) -> float | None:
        """Return the next step if it is the same for all."""
        step = self.tracks[0].next_step
        for track in self.tracks:
            if track.own_next_step > step or len(track.rows) > 1 or self.next_step < step:
                return step if all(each.next_step == step for each in self.tracks) else None
        return step

    def settle(self) -> None:
        """Let each track know itself how far it is."""
        step, self.next_step = self.next_step, -inf
        for track in self.tracks:
            track.own_next_step = max(track.own_next_step, step)
