"""Tables as polars DataFrames. The only place that needs polars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marigram.client.errors import MarigramError

try:
    import polars as pl
except ImportError as error:
    message = f"This table comes as a polars DataFrame, and polars is missing ({error}). Run: pip install polars"
    raise MarigramError(message) from error


def polars_frame(columns: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
    """Return a frame of the columns; one whose values are of several types is of Python objects."""
    return pl.DataFrame([_series(path, list(values)) for path, values in columns.items()])


def _series(path: str, values: list[Any]) -> pl.Series:
    try:
        return pl.Series(path, values)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return pl.Series(path, values, dtype=pl.Object)
