"""Counts what a batch brought against what is stored of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from marigram.model import Append, Appends, Batch, Rejection
from marigram.server.store.points.batch import PointBatch, points_of_batch


def counted(sent: Batch, stored: PointBatch, rejections: Sequence[Rejection]) -> PointBatch:
    """Return what is stored of a batch, with the count of what is not: every point is in one of the two."""
    points = sum(
        len(operation.points.steps) for operation in sent.operations if isinstance(operation, (Append, Appends))
    )
    codes: Counter[str] = Counter()
    for rejection in rejections:
        codes[rejection.code.value] += rejection.count
    return msgspec.structs.replace(
        stored, points_refused=max(0, points - points_of_batch(stored)), rejections=dict(codes)
    )
