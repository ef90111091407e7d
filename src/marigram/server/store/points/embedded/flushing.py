"""Memory → blocks: what a flush and a merge of blocks compute, and the short transactions that put it in place.

Encoding is done before a transaction begins, so commits wait for no more than the writing of finished bytes. A flush
removes exactly the `wal` rows of the generation that its blocks hold, in one transaction: a crash leaves the one or
the other.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

import msgspec

from marigram.model import Kind
from marigram.server.store.points.embedded.block import (
    Block,
    BlockStyle,
    DecodedBlock,
    decoded,
    encoded,
    encoded_floats,
)
from marigram.server.store.points.embedded.columns import Columns, overlaid, up_to
from marigram.server.store.points.embedded.floats import FloatsWrite, in_order, shortened_to, together
from marigram.server.store.points.embedded.memtable import Generation, RunBuffers
from marigram.server.store.points.embedded.reading import step_limit
from marigram.server.store.points.embedded.rollup import crc_of

MERGE_GENERATIONS = 8
"""So many flushes in a row are merged: each point is rewritten once per factor of eight in size."""

MERGE_POINTS = 1_000_000
"""Merges stop here: larger groups read well as they are, and this many points are encoded in RAM in one go."""

_PUT_BLOCK = """
INSERT INTO block
    (run, kind, lvl, attribute_first, attribute_last, step_first, step_last, points, position, crc, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_PUT_ROLLUP = """
INSERT INTO rollup (block, attribute, exponent, levels, step_first, step_last, points) VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_PUT_CELLS = """
INSERT INTO rollup_cells (level, block, attribute, crc, shape, time_base, body) VALUES (?, ?, ?, ?, ?, ?, ?)
"""

# A series that has no older blocks needs no mark.
_MARK_DROPPED = """
INSERT OR REPLACE INTO dropped (run, attribute, position)
SELECT :run, :attribute, :position WHERE EXISTS (
    SELECT 1 FROM block WHERE run = :run AND attribute_first <= :attribute AND attribute_last >= :attribute
)
"""

_DELETE_DEAD = """
DELETE FROM block
WHERE run = :run AND attribute_first = :attribute AND attribute_last = :attribute AND position < :position
"""

# Older points in blocks are cut at the step; a mark that a later one includes goes.
_MARK_CUT = """
INSERT OR REPLACE INTO cut (run, attribute, position, after_step)
SELECT :run, :attribute, :position, :after_step WHERE EXISTS (
    SELECT 1 FROM block WHERE run = :run AND attribute_first <= :attribute AND attribute_last >= :attribute
)
"""

_DELETE_INCLUDED = """
DELETE FROM cut WHERE run = :run AND attribute = :attribute AND position < :position AND after_step >= :after_step
"""

_GROUPS = """
SELECT kind, lvl, position, sum(points) FROM block WHERE run = ? GROUP BY kind, position, lvl ORDER BY kind, position
"""

_BODIES = """
SELECT number, position, crc, body FROM block
WHERE run = ? AND kind = ? AND position BETWEEN ? AND ? ORDER BY position, number
"""


_IS_ALIVE = "SELECT 1 FROM run WHERE number = ?"
_IS_THERE = "SELECT 1 FROM block WHERE run = ? AND number = ? AND crc = ?"


class RunBlocks(msgspec.Struct, frozen=True, kw_only=True):
    """What a flush makes of one run: its blocks, and the series whose older points are gone, or gone after a step."""

    run: int
    blocks: Sequence[Block]
    dropped: Sequence[int]
    cut: Sequence[tuple[int, float]]


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive flushes of one run and kind that are worth merging, by their positions."""

    run: int
    kind: Kind
    lvl: int
    first: int
    last: int


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """The blocks of a window, by number and checksum, and what replaces them."""

    window: Window
    sources: Sequence[tuple[int, int]]
    blocks: Sequence[Block]


def run_blocks(buffers: RunBuffers, style: BlockStyle) -> RunBlocks:
    """Encode what a frozen generation has of one run."""
    blocks: list[Block] = []
    if buffers.floats:
        blocks.extend(encoded_floats(in_order(together(buffers.floats)), style))
    for kind in (Kind.STRING_SERIES, Kind.FILE_SERIES, Kind.HISTOGRAM_SERIES):
        blocks.extend(encoded(kind, _ordered(buffers, kind), style))
    dropped = [attribute for attribute, buffer in buffers.series.items() if buffer.dropped]
    cut = [
        (attribute, buffer.kept_to)
        for attribute, buffer in buffers.series.items()
        if buffer.kept_to < math.inf and not buffer.dropped
    ]
    return RunBlocks(run=buffers.number, blocks=blocks, dropped=dropped, cut=cut)


def _ordered(buffers: RunBuffers, kind: Kind) -> Iterator[tuple[int, Columns]]:
    for attribute, buffer in sorted(buffers.series.items()):
        if buffer.kind is kind and buffer.parts:
            yield attribute, overlaid(buffer.parts)


def put_flushed(connection: sqlite3.Connection, generation: Generation, flushed: Sequence[RunBlocks]) -> None:
    """Put the blocks of a generation in the place of its `wal` rows, inside the caller's transaction.

    Runs that were deleted while their blocks were encoded are left out.
    """
    for run in flushed:
        if connection.execute(_IS_ALIVE, (run.run,)).fetchone() is None:
            continue
        for attribute in run.dropped:
            values = {"run": run.run, "attribute": attribute, "position": generation.first}
            connection.execute(_DELETE_DEAD, values)
            connection.execute(_MARK_DROPPED, values)
            connection.execute("DELETE FROM cut WHERE run = :run AND attribute = :attribute", values)
        for attribute, after_step in run.cut:
            values = {
                "run": run.run,
                "attribute": attribute,
                "position": generation.first,
                "after_step": after_step,
            }
            connection.execute(_DELETE_INCLUDED, values)
            connection.execute(_MARK_CUT, values)
        put_blocks(connection, run.run, 0, generation.last, run.blocks)
    connection.execute("DELETE FROM wal WHERE position BETWEEN ? AND ?", (generation.first, generation.last))
    connection.execute("UPDATE progress SET flushed = ?", (generation.last,))


def put_blocks(connection: sqlite3.Connection, run: int, lvl: int, position: int, blocks: Sequence[Block]) -> None:
    """Write the rows of blocks and of their rollups, inside the caller's transaction."""
    for block in blocks:
        values = (
            run,
            block.kind.value,
            lvl,
            block.attribute_first,
            block.attribute_last,
            block.step_first,
            block.step_last,
            block.points,
            position,
            block.crc,
            block.body,
        )
        number = connection.execute(_PUT_BLOCK, values).lastrowid
        connection.executemany(
            _PUT_ROLLUP,
            [
                (number, each.attribute, each.exponent, len(each.levels), each.step_first, each.step_last, each.points)
                for each in block.rollups
            ],
        )
        connection.executemany(
            _PUT_CELLS,
            [
                (level, number, each.attribute, crc_of(cells), cells.shape, cells.time_base, cells.body)
                for each in block.rollups
                for level, cells in enumerate(each.levels)
            ],
        )


_Limited = tuple[dict[int, float], DecodedBlock]
"""A block, and the steps up to which those of its series count that do not count as a whole."""


class _Flush(msgspec.Struct, frozen=True):
    kind: str
    lvl: int
    position: int
    points: int


def windows(connection: sqlite3.Connection, run: int) -> list[Window]:
    """Return which of a run's blocks are worth merging: neighbours in age, of one level, and small."""
    flushes = [_Flush(*row) for row in connection.execute(_GROUPS, (run,))]
    found: list[Window] = []
    for (kind, lvl), neighbours in groupby(flushes, key=attrgetter("kind", "lvl")):
        waiting: list[_Flush] = []
        for flush in neighbours:
            if sum(each.points for each in waiting) + flush.points > MERGE_POINTS:
                waiting = []
            waiting.append(flush)
            if len(waiting) == MERGE_GENERATIONS:
                ends = waiting[0].position, waiting[-1].position
                found.append(Window(run=run, kind=Kind(kind), lvl=lvl + 1, first=ends[0], last=ends[1]))
                waiting = []
    return found


def merged(connection: sqlite3.Connection, window: Window, style: BlockStyle) -> Merged:
    """Read and merge the blocks of a window.

    Raises:
        CorruptRowError: one of them is damaged.
    """
    dropped: dict[int, int] = dict(
        connection.execute("SELECT attribute, position FROM dropped WHERE run = ?", (window.run,))
    )
    cuts: dict[int, list[tuple[int, float]]] = {}
    for attribute, at, after_step in connection.execute(
        "SELECT attribute, position, after_step FROM cut WHERE run = ?", (window.run,)
    ):
        cuts.setdefault(attribute, []).append((at, after_step))
    rows = connection.execute(_BODIES, (window.run, window.kind.value, window.first, window.last)).fetchall()
    limits: dict[int, dict[int, float]] = {}
    for position in {row[1] for row in rows}:
        own = {each: step_limit(position, some, math.inf) for each, some in cuts.items()}
        own |= dict.fromkeys((each for each, at in dropped.items() if position < at), -math.inf)
        limits[position] = {attribute: step for attribute, step in own.items() if step < math.inf}
    found = ((limits[position], decoded(number, crc, body)) for number, position, crc, body in rows)
    blocks = (
        _merged_floats(found, style) if window.kind is Kind.FLOAT_SERIES else _merged_others(window.kind, found, style)
    )
    sources = [(number, crc) for number, _, crc, _ in rows]
    return Merged(window=window, sources=sources, blocks=list(blocks))


def _merged_floats(found: Iterable[_Limited], style: BlockStyle) -> Iterator[Block]:
    writes: list[FloatsWrite] = []
    for limits, block in found:
        writes.extend(shortened_to([block.floats()], limits) if limits else [block.floats()])
    if writes:
        yield from encoded_floats(in_order(together(writes)), style)


def _merged_others(kind: Kind, found: Iterable[_Limited], style: BlockStyle) -> Iterator[Block]:
    pieces: dict[int, list[Columns]] = {}
    for limits, block in found:
        for attribute, columns in block.every():
            kept = up_to(columns, limits[attribute]) if attribute in limits else columns
            if len(kept):
                pieces.setdefault(attribute, []).append(kept)
    yield from encoded(kind, ((attribute, overlaid(pieces[attribute])) for attribute in sorted(pieces)), style)


def put_merged(connection: sqlite3.Connection, merge: Merged) -> None:
    """Put merged blocks in the place of their sources, inside the caller's transaction.

    If the run was deleted in the meantime, or one of the sources was merged or thinned, nothing is done.
    """
    if connection.execute(_IS_ALIVE, (merge.window.run,)).fetchone() is None:
        return
    if any(connection.execute(_IS_THERE, (merge.window.run, *source)).fetchone() is None for source in merge.sources):
        return
    connection.executemany("DELETE FROM block WHERE number = ?", [(number,) for number, _ in merge.sources])
    put_blocks(connection, merge.window.run, merge.window.lvl, merge.window.last, merge.blocks)
