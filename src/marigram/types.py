"""Types to log, importable by the path that users of similar clients know: `from marigram.types import File`."""

from marigram.client.file import File
from marigram.client.git import GitRef
from marigram.client.tracking import Manifest as Artifact
from marigram.client.typed import (
    Boolean,
    Datetime,
    FileSeries,
    FileSet,
    Float,
    FloatSeries,
    Integer,
    String,
    StringSeries,
    StringSet,
)

__all__ = [
    "Artifact",
    "Boolean",
    "Datetime",
    "File",
    "FileSeries",
    "FileSet",
    "Float",
    "FloatSeries",
    "GitRef",
    "Integer",
    "String",
    "StringSeries",
    "StringSet",
]
