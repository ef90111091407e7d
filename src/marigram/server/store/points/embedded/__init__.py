"""Points in one SQLite file: committed to a log, read from memory, kept as compressed columns."""

from marigram.server.store.points.embedded.engine import EmbeddedPointStore
from marigram.server.store.points.embedded.errors import CorruptRowError, UnknownFormatError

__all__ = ["CorruptRowError", "EmbeddedPointStore", "UnknownFormatError"]
