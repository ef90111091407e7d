"""Types to log, importable by the path that users of similar clients know: `from marigram.types import File`."""

from marigram.client.file import File

__all__ = ["File"]
