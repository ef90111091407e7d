"""Makes queues and their parts for tests of the client."""

from __future__ import annotations

import os
from pathlib import Path as FilePath
from typing import Any

from marigram.client.backlog import Backlog
from marigram.client.card import Card, Role, process_created_at
from marigram.client.queue import Queue
from marigram.model import Append, Appends, Batch, HistogramPoints, Operation, ProjectName

RUN_ID = "0" * 31 + "1"
CREATED_AT = 1_700_000_000_000


def a_card(**changes: Any) -> Card:
    facts: dict[str, Any] = {
        "run_id": RUN_ID,
        "writer": "writer1",
        "role": Role.MAIN,
        "project": ProjectName("team/test"),
        "url": "http://127.0.0.1:9",
        "created_at": CREATED_AT,
        "pid": os.getpid(),
        "process_created_at": process_created_at(),
        "host": os.uname().nodename,
        "monitoring": "monitoring/test",
    }
    return Card(**{**facts, **changes})


def a_queue(home: FilePath, *, segment_bytes: int = 1 << 16, mapped: bool = True, **changes: Any) -> Queue:
    return Queue(home=home, card=a_card(**changes), segment_bytes=segment_bytes, mapped=mapped)


def a_backlog(queue: Queue, *, after: int = 0) -> Backlog:
    backlog = Backlog(directory=queue.directory, run_id=queue.card.run_id, writer=queue.card.writer)
    backlog.seek(after)
    return backlog


def operations_of(batch: Batch) -> list[Operation]:
    """Return the operations one by one."""
    pairs = (each.apart() if isinstance(each, Appends) else (each,) for each in batch.operations)
    return [operation for some in pairs for operation in some]


def everything(backlog: Backlog, *, max_bytes: int = 1 << 20) -> list[Operation]:
    found: list[Operation] = []
    while (batch := backlog.next_batch(max_bytes=max_bytes)) is not None:
        found += operations_of(batch)
    return found


def points_at(operations: list[Operation], path: str) -> list[tuple[float, int, Any]]:
    found: list[tuple[float, int, Any]] = []
    for operation in operations:
        if isinstance(operation, Append) and operation.path == path:
            points = operation.points
            assert not isinstance(points, HistogramPoints)
            found += zip(points.steps, points.times, points.values, strict=True)
    return found
