"""What a queue remembers of the paths that float points are written to: their next steps, and their short names."""

from __future__ import annotations

from struct import Struct

from marigram.client.record import FLOAT_ROW_FORMAT, RecordKind, encode_paths
from marigram.client.segment import COMMIT_BYTES, KIND_SHIFT
from marigram.model import Path

MAX_ROW_POINTS = 1000
"""A longer row would make a segment's change, and the loss of a record, a larger matter than it need be."""


class Track:
    """One path: the next step, and the path's number within one segment."""

    __slots__ = ("next_step", "number", "path", "serial")

    def __init__(self, path: Path) -> None:
        """Begin at step 0, without a number."""
        self.path = path
        self.next_step = 0.0
        self.number = 0
        self.serial = -1


class Tracks:
    """Several paths that get a point each in one call, and their number as one within one segment."""

    __slots__ = ("commit", "count", "names", "number", "pack", "record_bytes", "serial", "tracks")

    def __init__(self, tracks: tuple[Track, ...]) -> None:
        """Take different tracks, at most `MAX_ROW_POINTS`."""
        row = Struct(FLOAT_ROW_FORMAT + f"{len(tracks)}d")
        self.tracks = tracks
        self.count = len(tracks)
        self.names = encode_paths(track.path for track in tracks)
        self.pack = row.pack
        self.record_bytes = COMMIT_BYTES + row.size
        self.commit = row.size | RecordKind.FLOAT_ROW << KIND_SHIFT
        self.number = 0
        self.serial = -1

    def next_step(self) -> float | None:
        """Return the next step if it is the same for all."""
        step = self.tracks[0].next_step
        for track in self.tracks:
            if track.next_step != step:
                return None
        return step
