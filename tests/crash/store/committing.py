"""The process that the crash test kills: commits numbered batches and says each number when its commit has returned.

What batch `seq` writes is a function of `seq` alone, so that the test can tell what has to be there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from marigram.server.store.points.batch import PointBatch, PointWrite
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.testing.point_builders import RUN, batch, drop, floats, strings, write

POINTS_PER_BATCH = 20
FLUSH_POINTS = 110
COUNTED, REPLACED, LINES, DROPPED = 1, 2, 3, 4
DROP_EVERY = 7


def numbered(seq: int) -> PointBatch:
    """Return batch `seq`: its own points, one that replaces, a line, and a series that is dropped now and then."""
    steps = [float(POINTS_PER_BATCH * seq + at) for at in range(POINTS_PER_BATCH)]
    writes: list[PointWrite] = [
        write(COUNTED, floats(steps, [step * 0.5 for step in steps])),
        write(REPLACED, floats([0.0], [float(seq)])),
        write(LINES, strings([float(seq)], [f"line {seq}"])),
        write(DROPPED, floats([float(seq)], [float(seq)])),
    ]
    if seq % DROP_EVERY == 0:
        writes.insert(0, drop(DROPPED))
    return batch(seq, *writes)


def main(path: Path) -> None:
    """Commit until killed, from where the last process was stopped."""
    store = EmbeddedPointStore(path, flush_points=FLUSH_POINTS)
    store.start()
    seq = store.writer_seq(RUN, "w")
    while True:
        seq += 1
        store.commit([numbered(seq)])
        sys.stdout.write(f"{seq}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
