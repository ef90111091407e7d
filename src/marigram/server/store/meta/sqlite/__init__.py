"""The embedded engine of metadata: one SQLite file."""

from marigram.server.store.meta.sqlite.engine import SqliteMetaStore

__all__ = ["SqliteMetaStore"]
