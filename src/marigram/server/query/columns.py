"""Which columns a runs table begins with. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from marigram.model import Kind
from marigram.server.store.meta.port import ColumnRow

CHOSEN_SERIES = 5
CHOSEN_VALUES = 5

_HIDDEN_NAMESPACES = ("monitoring/", "source_code/", "sys/")
_PARAMETER_KINDS = frozenset({Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.STRING})


def choose_columns(columns: Sequence[ColumnRow]) -> list[ColumnRow]:
    """Return the columns to show first: metrics, then the parameters that differ between runs, then the others.

    What the system writes by itself is left out. Within each group, what most runs have comes first.
    """
    own = [column for column in columns if not column.path.startswith(_HIDDEN_NAMESPACES)]
    series = [column for column in own if column.kind is Kind.FLOAT_SERIES]
    values = [column for column in own if column.kind in _PARAMETER_KINDS]
    values.sort(key=lambda column: (column.distinct < 2, -column.run_count))  # noqa: PLR2004 - two or more differ
    return _without_repeats(series)[:CHOSEN_SERIES] + _without_repeats(values)[:CHOSEN_VALUES]


def _without_repeats(columns: Sequence[ColumnRow]) -> list[ColumnRow]:
    """Keep one column per path: a path may have other kinds in other runs."""
    found: dict[str, ColumnRow] = {}
    for column in columns:
        found.setdefault(column.path, column)
    return list(found.values())
