"""Values and files ↔ the two columns `number` and `text` of a row. Pure."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

import msgspec

from marigram.model import File, Kind, Value

Number = int | float | None
Text = str | None

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NAN = "NaN"
_INT64 = range(-(2**63), 2**63)
_file_decoder = msgspec.json.Decoder(File)
_set_decoder = msgspec.json.Decoder(list[str])


def columns_of_value(value: Value) -> tuple[Number, Text]:
    """Return the columns that hold `value`. SQLite turns NaN into NULL, so NaN goes into the text."""
    match value:
        case bool():
            return int(value), None
        case int():
            return (value, None) if value in _INT64 else (float(value), str(value))
        case float():
            return (None, _NAN) if math.isnan(value) else (value, None)
        case str():
            return None, value
        case datetime():
            moment = value if value.tzinfo is not None else value.astimezone()
            return (moment - _EPOCH) // timedelta(milliseconds=1), None
        case _:
            return None, msgspec.json.encode(sorted(value)).decode()


def columns_of_file(file: File) -> tuple[Number, Text]:
    """Return the columns that hold `file`."""
    return None, msgspec.json.encode(file).decode()


def value_of_columns(kind: Kind, number: Number, text: Text) -> Value | None:
    """Return the value that the columns hold, None for a series or a file."""
    match kind:
        case Kind.BOOL:
            return bool(number)
        case Kind.INT:
            return int(text) if text is not None else int(number or 0)
        case Kind.FLOAT:
            return math.nan if number is None else float(number)
        case Kind.STRING:
            return text or ""
        case Kind.DATETIME:
            return _EPOCH + timedelta(milliseconds=int(number or 0))
        case Kind.STRING_SET:
            return frozenset(_set_decoder.decode(text or "[]"))
        case _:
            return None


def file_of_columns(kind: Kind, text: Text) -> File | None:
    """Return the file that the columns hold, None for any other kind."""
    return _file_decoder.decode(text) if kind is Kind.FILE and text is not None else None
