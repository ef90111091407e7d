"""What is in memory, as those see it who write, read and flush at the same time."""

from __future__ import annotations

import numpy as np

from marigram.server.store.points.embedded.columns import Columns
from marigram.server.store.points.embedded.floats import FloatsWrite
from marigram.server.store.points.embedded.memtable import Entry, Memtable

RUN = "a" * 32
ATTRIBUTES = np.array([1, 2, 3])
WRITES = 50


def write(at: int) -> FloatsWrite:
    steps = np.tile(np.array([2.0 * at, 2.0 * at + 1.0]), len(ATTRIBUTES))
    values = np.repeat(ATTRIBUTES.astype(np.float64), 2)
    return FloatsWrite(ATTRIBUTES, np.array([0, 2, 4, 6]), Columns(steps, steps.astype(np.int64), values))


def test_what_a_flush_goes_through_stays_as_it_is_while_others_read() -> None:
    memtable = Memtable(flush_points=10**9, flush_bytes=10**9)
    memtable.apply([Entry(position=at + 1, run_id=RUN, run_number=1, writes=[write(at)]) for at in range(WRITES)])
    memtable.freeze()
    generation = memtable.oldest_frozen()
    assert generation is not None
    [(_, buffers)] = memtable.runs_of(generation)
    going_through = buffers.floats
    before = list(map(id, going_through))
    [piece] = memtable.pieces(RUN, 2)
    assert len(buffers.floats) < WRITES  # reading has put the small writes together
    assert list(map(id, going_through)) == before
    assert np.concatenate([part.steps for part in piece.parts]).tolist() == list(map(float, range(2 * WRITES)))
    assert {value for part in piece.parts for value in part.values.tolist()} == {2.0}
