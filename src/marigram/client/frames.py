"""Points as a pandas DataFrame. The only place that needs pandas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from marigram.client.errors import MarigramError
from marigram.client.histogram import Histogram
from marigram.client.reader import PointRow

try:
    import pandas as pd
except ImportError as error:
    message = f"Values come back as a pandas DataFrame, and pandas is missing ({error}). Run: pip install pandas"
    raise MarigramError(message) from error


def frame_of(points: Iterable[PointRow], *, include_timestamp: bool) -> pd.DataFrame:
    """Return the columns `step`, `value` and, if asked for, `timestamp` (without time zone, UTC)."""
    rows = list(points)
    columns: dict[str, object] = {
        "step": [row.step for row in rows],
        "value": [_value_of(row) for row in rows],
    }
    if include_timestamp:
        columns["timestamp"] = pd.to_datetime([row.time for row in rows], unit="ms")
    return pd.DataFrame(columns)


def _value_of(row: PointRow) -> float | str | Histogram | None:
    if row.histogram is not None:
        return Histogram(edges=row.histogram.edges, counts=row.histogram.counts)
    return row.value if row.file is None else row.file.filename


def table_frame(columns: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """Return a frame of the columns, one row per run."""
    return pd.DataFrame(dict(columns))
