"""What an attribute can be: one typed value, a series, or a file."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from typing_extensions import assert_never

from marigram.model.point import FilePoints, FloatPoints, HistogramPoints, Points, StringPoints

Value = bool | int | float | str | datetime | frozenset[str]


class Kind(str, Enum):
    """What an attribute is; exactly one per run and path."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STRING = "string"
    DATETIME = "datetime"
    STRING_SET = "string_set"
    FILE = "file"
    FLOAT_SERIES = "float_series"
    STRING_SERIES = "string_series"
    FILE_SERIES = "file_series"
    HISTOGRAM_SERIES = "histogram_series"


VALUE_KINDS = frozenset({Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.STRING, Kind.DATETIME, Kind.STRING_SET})
SERIES_KINDS = frozenset({Kind.FLOAT_SERIES, Kind.STRING_SERIES, Kind.FILE_SERIES, Kind.HISTOGRAM_SERIES})


def kind_of_value(value: Value) -> Kind:
    """Return the kind of attribute that holds `value`."""
    match value:
        case bool():
            return Kind.BOOL
        case int():
            return Kind.INT
        case float():
            return Kind.FLOAT
        case str():
            return Kind.STRING
        case datetime():
            return Kind.DATETIME
        case frozenset():
            return Kind.STRING_SET
        case _:
            assert_never(value)


def kind_of_points(points: Points) -> Kind:
    """Return the kind of series that holds `points`."""
    match points:
        case FloatPoints():
            return Kind.FLOAT_SERIES
        case StringPoints():
            return Kind.STRING_SERIES
        case FilePoints():
            return Kind.FILE_SERIES
        case HistogramPoints():
            return Kind.HISTOGRAM_SERIES
        case _:
            assert_never(points)
