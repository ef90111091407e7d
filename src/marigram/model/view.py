"""A view: an arrangement of what is shown that was saved under a name, for all who see the project."""

from __future__ import annotations

from enum import Enum

import msgspec


class ViewKind(str, Enum):
    """What a view arranges."""

    TABLE = "table"
    """The runs table: filter, order, columns, groups."""
    DASHBOARD = "dashboard"
    """A page of charts."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view of a project; kind and name tell it from the others.

    Attributes:
        kind: what it arranges.
        name: how people call it.
        content: a JSON object that the web app reads and writes; the server looks at nothing in it.
        saved_at: milliseconds since 1970-01-01 UTC.
    """

    kind: ViewKind
    name: str
    content: str
    saved_at: int
