"""The door in and the door out over stores that a test chooses, with a clock that stands still."""

from __future__ import annotations

import asyncio

from marigram.model import Batch, Operation, Receipt
from marigram.server.ingest import Ingest
from marigram.server.live import Hub
from marigram.server.query import Query
from marigram.server.store.blobs.memory import MemoryBlobStore
from marigram.server.store.blobs.port import BlobStore
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.port import PointStore
from operations import CREATED_AT, RUN, batch_of, file_of


class Clock:
    """Milliseconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = CREATED_AT

    def __call__(self) -> int:
        return self.now


class Doors:
    """Both doors over one set of stores."""

    def __init__(self, meta: MetaStore, points: PointStore, blobs: BlobStore | None = None) -> None:
        self.meta = meta
        self.points = points
        self.blobs = MemoryBlobStore() if blobs is None else blobs
        self.clock = Clock()
        self.hub = Hub()
        self.ingest = Ingest(meta=meta, points=points, blobs=self.blobs, hub=self.hub, clock_ms=self.clock)
        self.query = Query(meta=meta, points=points, blobs=self.blobs, clock_ms=self.clock)

    def accept(self, batch: Batch) -> Receipt:
        """Hand in one batch and wait for its receipt."""
        return asyncio.run(self.ingest.accept(batch))

    def write(self, *operations: Operation, run: str = RUN, writer: str = "w") -> Receipt:
        """Hand in the operations as the writer's next batch."""
        first = self.ingest.durable_seq(run, writer) + 1
        return self.accept(batch_of(*operations, first=first, run=run, writer=writer))

    def keep(self, content: bytes) -> None:
        """Upload a blob."""
        upload = self.ingest.begin_blob(file_of(content).sha256)
        upload.write(content)
        upload.commit()

    def values(self, run: str = RUN) -> dict[str, object]:
        """Return what the run has, by path: the value, the file, or the points of a series as rows."""
        found: dict[str, object] = {}
        for answer in self.query.attributes(run, prefix="", search="", cursor=None, limit=1000)[0]:
            attribute = answer.attribute
            if attribute.value is None and attribute.file is None:
                points = self.query.points(
                    run,
                    attribute.path,
                    first_step=-float("inf"),
                    last_step=float("inf"),
                    limit=10_000,
                    from_end=False,
                    cursor=None,
                ).points
                rows = zip(points.steps, points.times, points.values, strict=True)
                found[attribute.path] = [(float(step), int(time), value) for step, time, value in rows]
            else:
                found[attribute.path] = attribute.file if attribute.value is None else attribute.value
        return {path: value for path, value in found.items() if not path.startswith("sys/")}


def without_messages(receipt: Receipt) -> list[tuple[object, str, int]]:
    """Return the rejections as path, code and count, and see that each message has two sentences."""
    assert all(rejection.message.rstrip().endswith(".") for rejection in receipt.rejections)
    return [(rejection.path, rejection.code.value, rejection.count) for rejection in receipt.rejections]
