"""What values were before they were set to others: which are kept, and how many. Pure."""

from __future__ import annotations

import msgspec

from marigram.model import Kind, Path, Value
from marigram.model.value import SERIES_KINDS

EARLIER_KEPT = 50
"""Of each path; whoever wants all of them logs a series."""

LONGEST_EARLIER_TEXT = 10_000
"""Characters. Fifty versions of a longer text are better kept as files."""

_SAID_BY_ITSELF = ("monitoring/", "source_code/", "sys/")
_EDITED = frozenset({"sys/name", "sys/description", "sys/tags", "sys/group", "sys/group_tags"})


class EarlierValue(msgspec.Struct, frozen=True, kw_only=True):
    """What stood at a path until it was set to something else.

    Attributes:
        value: of this kind.
        replaced_at: milliseconds since 1970-01-01 UTC.
        writer: who set the path to something else.
    """

    kind: Kind
    value: Value
    replaced_at: int
    writer: str


def is_kept(path: Path, kind: Kind) -> bool:
    """Return whether earlier values of such an attribute are kept: not of what the run says of itself all the time."""
    if kind in SERIES_KINDS or kind is Kind.FILE:
        return False
    return path in _EDITED or not path.startswith(_SAID_BY_ITSELF)
