"""From what the metadata made of a batch to what its points become and what watchers are told. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from marigram.model import Append, Appends, Batch, Rewind
from marigram.server.live import Change
from marigram.server.store.meta.port import Outcome
from marigram.server.store.points.batch import CutSeries, DropSeries, PointBatch, PointWrite, WriteFloats, WritePoints

Writer = tuple[str, str]
"""A run's id and a writer's name."""


def writer_of(batch: Batch) -> Writer:
    """Return whose stream a batch continues."""
    return batch.run_id, batch.writer


def stuck_writers(results: Sequence[tuple[Batch, Outcome]]) -> dict[Writer, int]:
    """Return where the writers stay whose run was unknown.

    A later batch of such a writer may be in the same group and even create the run. It comes again after the first:
    counting it as durable would leave a gap.
    """
    found: dict[Writer, int] = {}
    for batch, outcome in results:
        if outcome.project is None:
            found.setdefault(writer_of(batch), batch.first_seq - 1)
    return found


def point_batch(batch: Batch, outcome: Outcome) -> PointBatch:
    """Return what a batch does to the points of its run."""
    writes: list[PointWrite] = []
    for operation, placement in zip(batch.operations, outcome.placements, strict=True):
        if placement.attribute is not None and isinstance(operation, Append):
            writes.append(WritePoints(attribute=placement.attribute, points=operation.points))
        if isinstance(operation, Appends):
            writes.extend(_placed(operation, placement.attributes))
        writes.extend(DropSeries(attribute=attribute) for attribute in placement.dropped)
        if isinstance(operation, Rewind):
            after = operation.after_step
            writes.extend(CutSeries(attribute=attribute, after_step=after) for attribute in placement.cut)
    return PointBatch(run_id=batch.run_id, writer=batch.writer, last_seq=batch.last_seq, writes=tuple(writes))


def _placed(appends: Appends, attributes: Sequence[int | None]) -> Iterator[PointWrite]:
    if None not in attributes:
        yield WriteFloats(attributes=cast("Sequence[int]", attributes), counts=appends.counts, points=appends.points)
        return
    for append, attribute in zip(appends.apart(), attributes, strict=True):
        if attribute is not None:
            yield WritePoints(attribute=attribute, points=append.points)


def change_of(batch: Batch, outcome: Outcome) -> Change | None:
    """Return what watchers are told of a batch, None if its run is unknown."""
    if outcome.project is None:
        return None
    points = any(
        placement.attribute is not None or placement.attributes or placement.dropped or placement.cut
        for placement in outcome.placements
    )
    return Change(
        run_id=batch.run_id,
        project=outcome.project,
        points=points,
        run_changed=outcome.run_changed,
        paths=outcome.changed_paths,
    )
